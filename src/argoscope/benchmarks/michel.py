"""Michel electrons of a file, and a curve of robustness: what the analyses cost beside the network.

Simulated cubes of 192 px. Reconstruction: `reconstruct_michel` and
`evaluate_michel`, from file to answer, on classes that need no network: the
true ones. Curve: `robustness` of the shipped network against seven gains, which
is the network's own time for the most part. Seconds are wall-clock time on the
threads that the program has.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from argoscope.events import FIVE_CLASS
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from argoscope.inference.evaluate_michel import evaluate_michel
from argoscope.inference.products import predicted_header, segmentation_record, with_predictions
from argoscope.inference.reconstruct_michel import reconstruct_michel
from argoscope.inference.robustness import GAINS, robustness
from argoscope.inference.segmentation import Segmentation
from argoscope.models.preparation import with_truth
from argoscope.simulation.run import Order, simulate

__all__ = ["measure", "table"]

EVENTS = {True: 20, False: 1000}
"""Events, quick (true) and full."""
CURVE_EVENTS = {True: 2, False: 200}
"""Of them on the curve."""
GOAL_SECONDS = {"reconstruct": 60.0, "evaluate": 60.0, "curve": 600.0}
"""Of as many events as a full run has, on two cores."""
SEED = 900_503
"""Of the events: a seed for tuning."""
MODEL = "five-class-3d"


def measure(
    *,
    quick: bool = False,
    data: Path | None = None,  # noqa: ARG001  # every benchmark takes it; this one makes its events
    report: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure times.

    Parameters
    ----------
    quick : bool
        Fewer events.
    data : Path, optional
        Not used; every benchmark takes it.
    report : callable, optional
        Called with a line of progress.

    Returns
    -------
    list of dict
        ``name``, ``events``, ``points`` (of the curve; else 1), ``seconds``, ``goal_seconds`` (for as many events).
    """
    say = report or (lambda _: None)
    with tempfile.TemporaryDirectory() as scratch:
        source, called = Path(scratch) / "cubes.h5", Path(scratch) / "called.h5"
        say(f"simulating {EVENTS[quick]} events of cube-192")
        simulate(Order(preset="cube-192", events=EVENTS[quick], seed=SEED), source)
        _call_by_truth(source, called)
        things: dict[str, Callable[[], Any]] = {
            "reconstruct": lambda: reconstruct_michel(called, Path(scratch) / "table.h5"),
            "evaluate": lambda: evaluate_michel([called]),
            "curve": lambda: robustness(str(source), model=MODEL, events=CURVE_EVENTS[quick]),
        }
        return [_row(name, thing, say, quick=quick) for name, thing in things.items()]


def _call_by_truth(source: Path, target: Path) -> None:
    """Write the events of a file with their relabelled classes as predictions."""
    with Larcv3File(source) as file:
        records = []
        for index in range(len(file)):
            event = with_truth(file.event(index), "relabelled")
            labels = event.images[0].label("semantic").values
            scores = (labels[:, None] == range(len(FIVE_CLASS.classes))).astype("f4")
            said = segmentation_record(event, (Segmentation(labels, scores),), FIVE_CLASS)
            records.append(with_predictions(file.record(index), said))
        write_records(target, records, predicted_header(file.header, 3, FIVE_CLASS))


def _row(name: str, thing: Callable[[], Any], say: Callable[[str], None], *, quick: bool) -> dict[str, Any]:
    """Time one thing once."""
    events = CURVE_EVENTS if name == "curve" else EVENTS
    say(f"{name}: {events[quick]} events")
    begun = time.perf_counter()
    thing()
    return {
        "name": name,
        "events": events[quick],
        "points": GAINS.count(",") + 1 if name == "curve" else 1,
        "seconds": time.perf_counter() - begun,
        "goal_seconds": GOAL_SECONDS[name] * events[quick] / events[False],
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Say the measurements as a table."""
    lines = [f"{'':<14}{'events':>8}{'points':>8}{'seconds':>10}{'goal':>8}"]
    lines += [
        f"{row['name']:<14}{row['events']:>8}{row['points']:>8}{row['seconds']:>10.2f}{row['goal_seconds']:>8.1f}"
        for row in rows
    ]
    return "\n".join(lines)
