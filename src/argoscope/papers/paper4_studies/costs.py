"""Table II, figures 3, 4, 10 and 11: memory and time of dense and sparse networks on this machine.

Each measurement has a process of its own; memory is also said less what Python
and torch take. Events are simulated ones, repeated where a batch is larger
than the sample.
"""

from __future__ import annotations

import os
import platform
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import torch

from argoscope.figures import bare_figure, log_axes
from argoscope.papers import paper4_published as published
from argoscope.papers.measuring import apart, cost_of
from argoscope.papers.paper4_studies.sizes import Place, Sizes, sample_of
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.training.data import collate, tensors_of

__all__ = ["find", "measured"]

LEAST_GB = 0.002
"""Smallest memory that is told from the system's own pages."""
EVENTS = 100
"""Simulated events that batches are made of."""


def measured(network: dict[str, Any], path: str, batch: int, phase: str, threads: int) -> dict[str, float]:
    """Seconds and memory of a batch, and its voxels; to be called in a process of its own.

    Parameters
    ----------
    network : dict
        Description, as `build_network` takes it.
    path : str
        File of events.
    batch : int
    phase : {"test", "train"}
    threads : int
    """

    def load() -> dict[str, Any]:
        events = [event for event in events_of(Path(path), EVENTS) if len(event.images[0])]
        items = [tensors_of(event, ("semantic",)) for event in events]
        whole = collate(list(islice(cycle(items), batch)))
        return {**whole, "weight": torch.ones(len(whole["semantic"]))}

    return cost_of(network, load, phase, threads)


Costs = dict[str, Any]
"""``network``, ``side``, ``batch``, ``phase``, ``filters``, ``voxels``, ``seconds``, ``gb`` (of the process), ``data_gb``
(less what the smallest batch takes)."""


def find(context: Context, sizes: Sizes) -> Section:
    """Measure every case of the sizes."""
    cubes = [
        _cost(context, sizes, Place(preset), name=name, filters=sizes.cost_filters, batch=batch, phase=phase)
        for name, preset, batch, phases in sizes.cube_costs
        for phase in phases
    ]
    planes = [
        _cost(
            context,
            sizes,
            Place("square-512"),
            name=name,
            filters=sizes.cost_filters,
            batch=batch,
            phase="test",
        )
        for name, batch in sizes.plane_costs
    ]
    filters = [
        _cost(
            context, sizes, Place("cube-512"), name="sparse", filters=width, batch=batch, phase=phase, depth=6
        )
        for width, batch in sizes.filter_costs
        for phase in ("test", "train")
    ]
    machine = (
        f"{platform.machine()}, threads: {torch.get_num_threads()} of {os.cpu_count()} cores, torch {torch.__version__}. Memory: "
        "largest resident memory of the process less that after loading torch, and of the batch alone, less what the "
        "smallest batch takes. Time: best of three (dense: one) for a batch."
    )
    return Section(
        "Table II, figures 3, 4, 10, 11: memory and time",
        "The paper's times are from a V100 and a Xeon Silver 4110 with SparseConvNet, its memory on the GPU is what the card "
        "held; ours are from this machine. The factors of dense over sparse compare most directly.",
        (_table2(cubes, machine), _factors(cubes, planes), _filters_table(filters, machine)),
        (_figure34(context, planes), _figure1011(context, filters)),
    )


def _cost(
    context: Context,
    sizes: Sizes,
    place: Place,
    *,
    name: str,
    filters: int,
    batch: int,
    phase: str,
    depth: int = 5,
) -> Costs:
    """One measurement."""
    path = sample_file(context, sample_of(sizes, place, "test", min(EVENTS, sizes.voxel_events)))
    network = {
        "kind": {"dense": "paper4-dense", "sparse": "uresnet"}[name],
        "dimensions": 2 if place.preset.startswith("square") else 3,
        "filters": filters,
        "depth": depth,
    }
    said = f"{name} {place.preset}, batch {batch}, {phase}"
    cost = apart(context, said, measured, network, str(path), batch, phase)
    return {
        "network": name, "side": place.side, "batch": batch, "phase": phase, "filters": filters, **cost,
    }  # fmt: skip


def _table2(cubes: list[Costs], machine: str) -> Table:
    rows = []
    for cost in cubes:
        theirs = next(
            (
                column for column in published.SCALABILITY
                if (column.network, column.side, column.batch) == (cost["network"], cost["side"], cost["batch"])
            ),
            None,
        )  # fmt: skip
        paper: tuple[float | None, ...] = (None,) * 4
        if theirs is not None:
            test = cost["phase"] == "test"
            paper = (
                (theirs.cpu_test_gb, theirs.cpu_test_s, theirs.gpu_test_gb, theirs.gpu_test_s)
                if test
                else (theirs.cpu_train_gb, theirs.cpu_train_s, theirs.gpu_train_gb, theirs.gpu_train_s)
            )
        case = f"{cost['network']} {cost['side']} px, batch {cost['batch']}, {cost['phase']}"
        rows.append(
            (case, int(cost["voxels"]), cost["gb"], cost["data_gb"], cost["seconds"], *map(_float, paper))
        )
    columns = ("", "voxels", "process, GB", "batch, GB", "s", "paper CPU, GB", "s", "paper GPU, GB", "s")
    return Table("Table II: a batch in 3D, 5-16", columns, tuple(rows), machine)


def _float(value: float | None) -> float | None:
    return None if value is None else float(value)


def _factors(cubes: list[Costs], planes: list[Costs]) -> Table:
    """Dense over sparse at the largest batch that both have."""
    rows = []
    for label, costs, paper in (
        ("3D, 192 px (paper: batch 4)", cubes, published.FACTORS_3D),
        ("2D, 512 px (paper: batch 88)", planes, published.FACTORS_2D),
    ):
        tests = [cost for cost in costs if cost["phase"] == "test"]
        side = next((cost["side"] for cost in tests if cost["network"] == "dense"), None)
        dense, sparse = (
            {cost["batch"]: cost for cost in tests if (cost["network"], cost["side"]) == (name, side)}
            for name in ("dense", "sparse")
        )
        both = sorted(set(dense) & set(sparse))
        if both:
            d, s = dense[both[-1]], sparse[both[-1]]
            rows.append(
                (
                    label,
                    both[-1],
                    _ratio(d, s),
                    paper["memory"],
                    d["seconds"] / s["seconds"],
                    paper["time"],
                )
            )
    columns = ("inference", "batch", "memory", "paper", "time", "paper")
    note = (
        f"Memory of the batch alone; a factor is left out where the sparse network's is below {LEAST_GB} GB."
    )
    return Table("Dense over sparse", columns, tuple(rows), note)


def _ratio(dense: Costs, sparse: Costs) -> float | None:
    """Memory of dense over sparse; None where the latter is too little to be measured."""
    return float(dense["data_gb"] / sparse["data_gb"]) if sparse["data_gb"] >= LEAST_GB else None


def _filters_table(filters: list[Costs], machine: str) -> Table:
    rows = []
    for cost in filters:
        theirs, phase = published.FILTER_COSTS.get(cost["filters"], {}), cost["phase"]
        paper = (theirs.get(f"{phase}_gb"), theirs.get(f"{phase}_s"))
        case = f"{cost['filters']} filters, {phase}"
        rows.append((case, cost["batch"], cost["gb"], cost["data_gb"], cost["seconds"], *paper))
    columns = ("3D 512 px, depth 6", "batch", "process, GB", "batch, GB", "s", "paper GPU, GB", "s")
    return Table("Figures 10 and 11: number of filters", columns, tuple(rows), machine)


def _figure34(context: Context, planes: list[Costs]) -> Figure:
    figure = bare_figure(9, 3.4)
    for axes, key, label in zip(
        figure.subplots(1, 2),
        ("data_gb", "seconds"),
        ("memory of the batch (GB)", "forward time (s)"),
        strict=True,
    ):
        for name, colour in (("sparse", "#0072b2"), ("dense", "#d5480c")):
            here = sorted((c["batch"], c[key]) for c in planes if c["network"] == name)
            axes.plot(*zip(*here, strict=True), "o-", color=colour, label=name)
        axes.set(xlabel="batch size", ylabel=label)
        log_axes(axes, "xy")
        axes.grid(alpha=0.25)
    figure.axes[0].legend(frameon=False)
    return context.figure(
        "figure3-4", "Figures 3 and 4: inference against batch size, 2D 512 px", figure, planes
    )


def _figure1011(context: Context, filters: list[Costs]) -> Figure:
    figure = bare_figure(9, 3.4)
    for axes, key, label in zip(
        figure.subplots(1, 2), ("data_gb", "seconds"), ("memory of the batch (GB)", "time (s)"), strict=True
    ):
        for phase, colour in (("test", "#0072b2"), ("train", "#d5480c")):
            here = [(c["filters"], c[key]) for c in filters if c["phase"] == phase]
            axes.plot(*zip(*here, strict=True), "o-", color=colour, label=f"{phase}, ours")
            suffix = "gb" if key == "data_gb" else "s"
            theirs = [(width, costs[f"{phase}_{suffix}"]) for width, costs in published.FILTER_COSTS.items()]
            axes.plot(*zip(*theirs, strict=True), "x:", color=colour, label=f"{phase}, paper (V100)")
        axes.set(xlabel="filters of the first layer", ylabel=label, ylim=(0, None))
        axes.grid(alpha=0.25)
    figure.axes[0].legend(frameon=False, fontsize=8)
    return context.figure(
        "figure10-11", "Figures 10 and 11: against filters, 3D 512 px, depth 6", figure, filters
    )
