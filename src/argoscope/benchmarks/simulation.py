"""Speed of the simulation per core, its parts, and its memory.

Events go through the chain in one process after two that compile and fill
tables, without writing a file; best and median are over events grouped by ten,
in processor time, so that what else the machine does counts little. Workers
are timed through `simulate`, writing included, by the clock on the wall: a
short and a long run tell events per second from the seconds that starting
takes. Memory is the growth of a fresh process's maximum from the first to the
last event.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from argoscope.detectors import Detector
from argoscope.simulation.chain import Simulation, simulation_named
from argoscope.simulation.response import respond, response_streams
from argoscope.simulation.response_settings import ResponseSettings
from argoscope.simulation.run import Order, simulate
from argoscope.simulation.streams import Stage, stream
from argoscope.simulation.transport import transport
from argoscope.simulation.voxel_response import VoxelSettings, respond_in_voxels

__all__ = ["measure", "table"]

GOALS = {"cube-192": 100.0, "sbnd": 5.0, "microboone": 8.0}
"""Events per second and core that are wanted."""
EVENTS = {"cube-192": (50, 300), "sbnd": (10, 40), "microboone": (10, 40)}
"""Events, quick and full."""
WRITTEN = {True: (100, 400), False: (1000, 4000)}
"""Cubes of the short and the long run that are written, quick (true) and full."""
SEED = 900_500
"""Of all events here: a seed for tuning."""

_MEMORY = """
import resource, sys
from argoscope.simulation.chain import simulation_named
simulation = simulation_named("cube-192", seed=900500)
for number in range(int(sys.argv[1])):
    simulation.event(number)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure(
    *,
    quick: bool = False,
    data: Path | None = None,  # noqa: ARG001  # every benchmark takes it; this one makes its events
    report: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure speed and memory.

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
        ``name``; of speeds ``events``, ``best_per_second``, ``median_per_second``, ``goal`` and the shares of
        time ``generator``, ``transport``, ``response``, ``labels``; of workers ``events``, ``seconds`` of the long run, ``per_second``
        (from the difference of both runs) and ``start_seconds``; of memory ``events`` and ``peak_mb``.
    """
    say = report or (lambda _: None)
    rows = []
    for preset in GOALS:
        say(f"simulating {preset}")
        rows.append(_speed(preset, EVENTS[preset][not quick]))
    for workers in (1, 2):
        say(f"simulating with {workers} workers")
        rows.append(_with_workers(workers, *WRITTEN[quick]))
    for events in (50, 200):
        say(f"memory of {events} cubes")
        done = subprocess.run(  # noqa: S603  # our own code
            [sys.executable, "-c", _MEMORY, str(events)], capture_output=True, text=True, check=True
        )
        rows.append({"name": "memory", "events": events, "peak_mb": int(done.stdout) / 1024})
    return rows


def _speed(preset: str, events: int) -> dict[str, Any]:
    simulation = simulation_named(preset, seed=SEED)
    for number in range(2):
        simulation.event(events + number)
    times = [_seconds(simulation.event, number) for number in range(events)]
    groups = [statistics.fmean(times[at : at + 10]) for at in range(0, events, 10)]
    parts = [_parts(simulation, number) for number in range(events)]
    total = sum(times)
    shares = {part: sum(p[part] for p in parts) / total for part in parts[0]}
    return {
        "name": preset,
        "events": events,
        "best_per_second": 1.0 / min(groups),
        "median_per_second": 1.0 / statistics.median(groups),
        "mean_per_second": events / total,
        "goal": GOALS[preset],
        **shares,
        "labels": max(0.0, 1.0 - sum(shares.values())),
    }


def _seconds(call: Callable[[int], Any], number: int) -> float:
    start = time.process_time()
    call(number)
    return time.process_time() - start


def _parts(simulation: Simulation, number: int) -> dict[str, float]:
    """Seconds of the parts of the chain before the labels, which are the rest."""
    clock = [time.process_time()]
    made = simulation.generator(stream(simulation.seed, number, Stage.GENERATOR))
    clock.append(time.process_time())
    rng = stream(simulation.seed, number, Stage.TRANSPORT)
    moved = transport(made.primaries, simulation.world, rng, simulation.transport_settings)
    clock.append(time.process_time())
    settings, geometry = simulation.settings, simulation.geometry
    if isinstance(geometry, Detector):
        assert isinstance(settings, ResponseSettings)
        respond(moved, geometry, settings, response_streams(simulation.seed, number))
    else:
        assert isinstance(settings, VoxelSettings)
        respond_in_voxels(moved, geometry, settings)
    clock.append(time.process_time())
    names = ("generator", "transport", "response")
    return {name: after - before for name, before, after in zip(names, clock, clock[1:], strict=False)}


def _with_workers(workers: int, few: int, many: int) -> dict[str, Any]:
    """Events per second of long runs, and the seconds that a run takes besides."""
    short, long = (_written(workers, events) for events in (few, many))
    each = (long - short) / (many - few)
    return {
        "name": "cube-192, written",
        "workers": workers,
        "events": many,
        "seconds": long,
        "per_second": 1.0 / each,
        "start_seconds": short - few * each,
    }


def _written(workers: int, events: int) -> float:
    """Seconds of a run."""
    with tempfile.TemporaryDirectory() as scratch:
        order = Order(preset="cube-192", events=events, seed=SEED)
        start = time.perf_counter()
        simulate(order, Path(scratch) / "cubes.h5", workers=workers)
        return time.perf_counter() - start


def table(rows: list[dict[str, Any]]) -> str:
    """Say the measurements as a table.

    Examples
    --------
    >>> print(table([{"name": "memory", "events": 50, "peak_mb": 250.0}]))
    memory of 50 cubes: 250 MB
    """
    lines = []
    speeds = [row for row in rows if "goal" in row]
    if speeds:
        heads = ("best", "median", "goal", "generator", "transport", "response", "labels")
        lines.append(f"{'events/s and core':<20}" + "".join(f"{head:>11}" for head in heads))
    for row in speeds:
        rates = (row["best_per_second"], row["median_per_second"], row["goal"])
        shares = (row[part] for part in ("generator", "transport", "response", "labels"))
        text = "".join(f"{rate:>11.1f}" for rate in rates) + "".join(f"{share:>10.0%} " for share in shares)
        lines.append(f"{row['name']:<20}{text}".rstrip())
    lines += [
        f"{row['name']}, {row['workers']} worker(s): {row['per_second']:.0f} events/s, {row['start_seconds']:.1f} s to "
        f"start; {row['events']} events in {row['seconds']:.1f} s"
        for row in rows
        if "workers" in row
    ]
    lines += [f"memory of {row['events']} cubes: {row['peak_mb']:.0f} MB" for row in rows if "peak_mb" in row]
    return "\n".join(lines)
