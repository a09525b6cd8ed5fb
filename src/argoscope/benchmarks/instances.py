"""Instances of a wire plane: time of backbone and heads apart, and memory, of every network that finds them.

One simulated collection plane of MicroBooNE, whole, on one and two threads:

=====================  ===========================================================================
row                    network
=====================  ===========================================================================
paper1                 Mask R-CNN on all pixels
paper1-sparse          the same on active pixels: sMask-RCNN
paper1-tuned           that with anchors of long thin tracks and suppression by masks
instances-microboone   masks from seeds: the shipped model
dbscan                 no network: clusters of the active pixels
=====================  ===========================================================================

`backbone_seconds` is from charge in memory to features, the index included;
`heads_seconds` all that follows, down to the pixels of every instance, with its
two parts: `answer_seconds` (proposals, or the heads of pixels and cells) and
`found_seconds` (classes, boxes, masks and their selection). These are medians
of wall-clock time; `cpu_seconds` is processor time of the whole, which another
load of the machine changes little; `process_mb` is the memory of a process that
finds the instances of the plane once, which the goal is for; `peak_mb` is that above `import torch`.

The networks of the paper are untrained: they then answer for all their
proposals, as many as trained, and make as many masks as they may (100). Seeds
are trained, for their time depends on what they find. Only the dense network's
time does not depend on the plane.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from argoscope.analyses.grid_dbscan import EPS, MIN_POINTS, dbscan
from argoscope.benchmarks.timing import peak_of, with_threads
from argoscope.files.catalogue import open_events
from argoscope.models.builders import build_network, parameter_count
from argoscope.models.found import found_instances
from argoscope.models.weights import load_model
from argoscope.simulation.run import Order, simulate
from argoscope.sparse import SparseTensor

__all__ = ["NETWORKS", "find_once", "measure", "table"]

NETWORKS: Mapping[str, Mapping[str, Any]] = {
    "paper1": {"extends": "paper1"},
    "paper1-sparse": {"extends": "paper1-sparse"},
    "paper1-tuned": {"extends": "paper1-tuned"},
}
"""Untrained networks of the table, by name."""
SHIPPED = "instances-microboone"
GOAL_SECONDS = {(SHIPPED, 2): 0.3}
"""Of a plane, by network and threads."""
GOAL_MB = {SHIPPED: 800.0}
REPEATS = {True: 1, False: 5}
SLOW = ("paper1",)
"""Networks that are run once, with nothing before."""
SEED = 900_502
"""Of the plane: a seed for tuning."""
PLANE = 2
"""The collection plane."""
LEAST = 10.0
"""Smallest charge of an active pixel (paper 1)."""

Plane = Mapping[str, np.ndarray]
"""``rows`` (n, 2), ``charge`` (n,), ``shape`` (2,)."""
Found = tuple[tuple[float, float, float], int]
"""Seconds to the features, from there to the answer, from there to the instances; number of these."""


def measure(
    *,
    quick: bool = False,
    data: Path | None = None,  # noqa: ARG001  # every benchmark takes it; this one makes its plane
    threads: Sequence[int] = (1, 2),
    report: Callable[[str], None] | None = None,
) -> list[dict[str, Any]]:
    """Measure times and memory.

    Parameters
    ----------
    quick : bool
        One repetition, and no dense network.
    data : Path, optional
        Not used; every benchmark takes it.
    threads : sequence of int
    report : callable, optional
        Called with a line of progress.

    Returns
    -------
    list of dict
        ``name``, ``threads``, ``pixels``, ``parameters``, ``backbone_seconds``, ``answer_seconds``, ``found_seconds``,
        ``heads_seconds``, ``seconds``, ``cpu_seconds``, ``goal_seconds``, ``found``, ``process_mb``, ``peak_mb``, ``goal_mb``, ``repeats``; goals are
        null where there is none.
    """
    say = report or (lambda _: None)
    names = [name for name in (*NETWORKS, SHIPPED) if not (quick and name in SLOW)]
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "plane.npz"
        say("simulating a plane of microboone")
        _write_plane(path)
        rows = []
        for number in threads:
            for name in (*names, "dbscan"):
                say(f"{name}: {number} threads")
                rows.append(_row(name, path, number, REPEATS[quick]))
    return rows


def find_once(name: str, path: str, threads: int) -> int:
    """Find the instances of the plane of a file once, as a process that does nothing else; their number."""
    with with_threads(threads):
        return _finder(name)[0](_read_plane(Path(path)))[1]


def _write_plane(path: Path) -> None:
    """Simulate an event and keep the active pixels of its collection plane."""
    source = path.with_name("event.h5")
    simulate(Order(preset="microboone", events=1, seed=SEED), source)
    with open_events(source) as file:
        [image] = [i for i in file.charge_event(0).images if i.grid.projection == PLANE]
    active = image.charge >= LEAST
    np.savez(path, rows=image.coordinates[active], charge=image.charge[active], shape=image.grid.shape)


def _read_plane(path: Path) -> Plane:
    with np.load(path) as archive:
        return dict(archive)


def _finder(name: str) -> tuple[Callable[[Plane], Found], int]:
    """What finds the instances of a plane, and how many trained numbers it has."""
    if name == "dbscan":
        return _clustered, 0
    torch.manual_seed(0)
    network = load_model(name).network if name == SHIPPED else build_network(NETWORKS[name]).eval()
    return partial(_found, network), parameter_count(network)


@torch.no_grad()
def _found(network: Any, plane: Plane) -> Found:
    """Find instances with a network."""
    marks = [time.perf_counter()]
    coordinates = np.column_stack([np.zeros(len(plane["rows"]), np.int64), plane["rows"]])
    charge = torch.from_numpy(plane["charge"].astype(np.float32)[:, None])
    x = SparseTensor.from_coordinates(coordinates, charge, shape=tuple(plane["shape"].tolist()))
    features = network.features(x)
    marks.append(time.perf_counter())
    answer = network.answered(x, features)
    marks.append(time.perf_counter())
    [found] = found_instances(answer)
    marks.append(time.perf_counter())
    return (marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[2]), len(found)


def _clustered(plane: Plane) -> Found:
    """Find clusters."""
    start = time.perf_counter()
    labels = dbscan(plane["rows"], eps=EPS, min_points=MIN_POINTS)
    return (0.0, 0.0, time.perf_counter() - start), int(labels.max(initial=-1)) + 1


def _row(name: str, path: Path, threads: int, repeats: int) -> dict[str, Any]:
    """Measure one network on one number of threads."""
    statement = f"from argoscope.benchmarks.instances import find_once; result = find_once({name!r}, {str(path)!r}, {threads})"
    memory, plane = peak_of(statement), _read_plane(path)
    find, parameters = _finder(name)
    repeats = 1 if name in SLOW else repeats
    with with_threads(threads):
        if name not in SLOW:
            find(plane)
        begun = time.process_time()
        runs = [find(plane) for _ in range(repeats)]
        spent = time.process_time() - begun
    backbone, answer, found = (median(times) for times in zip(*(run[0] for run in runs), strict=True))
    return {
        "name": name,
        "threads": threads,
        "pixels": len(plane["rows"]),
        "parameters": parameters,
        "backbone_seconds": backbone,
        "answer_seconds": answer,
        "found_seconds": found,
        "heads_seconds": answer + found,
        "seconds": median([sum(run[0]) for run in runs]),
        "cpu_seconds": spent / repeats,
        "goal_seconds": GOAL_SECONDS.get((name, threads)),
        "found": runs[-1][1],
        "process_mb": memory["process_mb"],
        "peak_mb": memory["peak_mb"],
        "goal_mb": GOAL_MB.get(name),
        "repeats": repeats,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Say the measurements as a table."""
    lines = [
        f"one plane of {rows[0]['pixels']} active pixels; seconds; the paper's networks are untrained",
        f"{'':<21}{'threads':>8}{'weights':>10}{'backbone':>10}{'heads':>8}{'(answer':>9}{'+ found)':>9}{'all':>8}{'goal':>6}{'CPU':>8}"
        f"{'found':>7}{'MB':>7}{'goal':>6}{'(above torch)':>14}",
    ]
    for row in rows:
        goals = ["" if goal is None else f"{goal:g}" for goal in (row["goal_seconds"], row["goal_mb"])]
        lines.append(
            f"{row['name']:<21}{row['threads']:>8}{row['parameters']:>10}{row['backbone_seconds']:>10.3f}"
            f"{row['heads_seconds']:>8.3f}{row['answer_seconds']:>9.3f}{row['found_seconds']:>9.3f}{row['seconds']:>8.3f}"
            f"{goals[0]:>6}{row['cpu_seconds']:>8.3f}{row['found']:>7}{row['process_mb']:>7.0f}{goals[1]:>6}{row['peak_mb']:>14.0f}"
        )
    return "\n".join(lines)
