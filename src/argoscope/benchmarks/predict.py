"""Predicting on a file beside the bare network on the same events.

Paper 3's network, untrained, on simulated MicroBooNE events, a collection plane
each, on one thread. Bare: from tensors in memory to scores, the index included. The
command: `predict_file`, from file to finished file, the start included. Times
are processor time, both ways in turn, so that what else the machine does
counts little. Memory is that of a process that predicts on the file, above
that after `import torch`.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from argoscope.benchmarks.timing import peak_of, with_threads
from argoscope.files.catalogue import open_events
from argoscope.inference.predict import predict_file
from argoscope.models.builders import build_network, resolved
from argoscope.models.cards import Card
from argoscope.models.preparation import Preparation
from argoscope.models.weights import Model, load_model, save_model
from argoscope.simulation.run import Order, simulate
from argoscope.sparse import SparseTensor
from argoscope.training.data import Item, tensors_of

__all__ = ["measure", "predict_once", "table", "untrained"]

GOAL_RATIO = 0.8
"""Rate of the command over that of the network alone that is wanted."""
GOAL_MB = 500.0
"""Memory that is allowed, in 10^6 bytes."""
EVENTS = {True: 25, False: 1000}
"""Events, quick (true) and full; each has one plane."""
REPEATS = {True: 2, False: 3}
SEED = 900_501
"""Of the events: a seed for tuning."""
NETWORK = {"extends": "paper3"}


def measure(
    *,
    quick: bool = False,
    data: Path | None = None,  # noqa: ARG001  # every benchmark takes it; this one makes its events
    report: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure rates and memory.

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
        ``name``, ``events``, ``planes``, ``pixels`` (of an event, mean), ``network_seconds`` and ``predict_seconds``
        (of an event, median of ``repeats``), ``network_per_second`` and ``predict_per_second`` (planes), ``ratio``
        (median of those of the repeats), ``ratio_range``, ``goal``, ``peak_mb``, ``goal_mb``.
    """
    say = report or (lambda _: None)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        say(f"simulating {EVENTS[quick]} events of microboone")
        source = folder / "microboone.h5"
        simulate(Order(preset="microboone", events=EVENTS[quick], seed=SEED), source)
        weights = untrained(folder, source, NETWORK)
        say("memory")
        statement = (
            f"from argoscope.benchmarks.predict import predict_once; result = predict_once({str(folder)!r})"
        )
        peak = peak_of(statement)["peak_mb"]
        with with_threads(1):
            return [{**_row(source, weights, REPEATS[quick], say), "peak_mb": peak, "goal_mb": GOAL_MB}]


def predict_once(folder: str) -> int:
    """Predict on the file of a folder on one thread, as a process that does nothing else; the number of events."""
    with with_threads(1):
        [weights] = Path(folder).glob("*.safetensors")
        source, target = Path(folder) / "microboone.h5", Path(folder) / "once.h5"
        return int(predict_file(source, target, model=str(weights))["events"])


def untrained(folder: Path, source: Path, described: dict[str, Any]) -> Path:
    """Weights of a network, untrained, that answers for every pixel of a file's events.

    Parameters
    ----------
    folder : Path
        Where they are written, as ``untrained.safetensors`` with their card.
    source : Path
        The file.
    described : dict
        The network, as a configuration has it.
    """
    with open_events(source) as file:
        unit = file.charge_event(0).charge_unit
    network = resolved(described)
    torch.manual_seed(0)
    card = Card(
        name="untrained",
        task="five-class",
        network=network,
        preparation=Preparation(),
        scheme="five-class",
        charge_unit=unit,
    )
    return save_model(folder, build_network(network), card)


def _row(source: Path, weights: Path, repeats: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Time the network alone and the command in turn."""
    model = load_model(str(weights))
    with open_events(source) as file:
        items = [tensors_of(file.charge_event(index)) for index in range(len(file))]
    _alone(model, items[:2])
    target, bare, whole = source.with_name("predicted.h5"), [], []
    for repeat in range(repeats):
        say(f"{len(items)} events, {repeat + 1} of {repeats}")
        bare.append(_seconds(lambda: _alone(model, items)) / len(items))
        whole.append(
            _seconds(lambda: predict_file(source, target, model=str(weights), overwrite=True)) / len(items)
        )
    planes, network, predict = items[0]["images"], statistics.median(bare), statistics.median(whole)
    ratios = [one / other for one, other in zip(bare, whole, strict=True)]
    return {
        "name": "paper3 on microboone",
        "events": len(items),
        "planes": planes * len(items),
        "pixels": statistics.fmean(len(item["coordinates"]) for item in items),
        "repeats": repeats,
        "network_seconds": network,
        "predict_seconds": predict,
        "network_per_second": planes / network,
        "predict_per_second": planes / predict,
        "ratio": statistics.median(ratios),
        "ratio_range": [min(ratios), max(ratios)],
        "goal": GOAL_RATIO,
    }


def _alone(model: Model, items: list[Item]) -> None:
    """The network on events in memory."""
    for item in items:
        x = SparseTensor.from_coordinates(
            item["coordinates"], item["features"], shape=item["shape"], batch_size=item["images"]
        )
        with torch.no_grad():
            model.network(x)


def _seconds(call: Callable[[], Any]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def table(rows: list[dict[str, Any]]) -> str:
    """Say the measurements as a table."""
    lines = [
        f"{'':<22}{'planes':>7}{'px/event':>10}{'network':>10}{'predict':>10}{'ratio':>7}{'goal':>6}{'MB':>6}{'goal':>6}",
        f"{'':<22}{'':>7}{'':>10}{'planes/s':>10}{'planes/s':>10}",
    ]
    lines += [
        f"{row['name']:<22}{row['planes']:>7}{row['pixels']:>10.0f}{row['network_per_second']:>10.2f}"
        f"{row['predict_per_second']:>10.2f}{row['ratio']:>7.2f}{row['goal']:>6.2f}{row['peak_mb']:>6.0f}{row['goal_mb']:>6.0f}"
        for row in rows
    ]
    return "\n".join(lines)
