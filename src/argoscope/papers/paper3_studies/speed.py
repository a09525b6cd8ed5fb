"""Time and memory of one image: the paper's network on whole planes, and its dense twin on a crop.

Each measurement has a process of its own; the network has its first weights.
"""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path
from typing import Any

import torch

from argoscope.events import Event, Image
from argoscope.events.transforms import window
from argoscope.events.vertex_crop import crop_around_vertex
from argoscope.figures import bare_figure
from argoscope.models.preparation import chosen_planes
from argoscope.papers import paper3_published as published
from argoscope.papers.charts import COLOURS
from argoscope.papers.measuring import apart, cost_of
from argoscope.papers.paper3_studies.sizes import PLANES, Sizes, whole
from argoscope.papers.samples import events_of, image_shape, sample_file
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.simulation.presets import preset_named
from argoscope.training.data import tensors_of

__all__ = ["find", "measured"]

GOAL = published.Cost(0.1, 0.5)
"""Ours, for about 17,000 active pixels on two cores."""
EVENTS = 50
"""Simulated events of which planes are picked."""

Costs = dict[str, Any]
"""``case``, ``pixels``, ``seconds``, ``gb`` (of the process less Python and torch), ``data_gb`` (of the image alone)."""


def measured(
    network: dict[str, Any], path: str, place: tuple[int, int], side: int, threads: int
) -> dict[str, float]:
    """Seconds and memory of one image; to be called in a process of its own.

    Parameters
    ----------
    network : dict
        Description, as `build_network` takes it.
    path : str
        File of events.
    place : tuple of int
        Position of the event in the file, projection number of the plane.
    side : int
        Of the crop, in pixels, around a pixel in its midst; 0: the whole plane.
    threads : int
    """

    def load() -> dict[str, Any]:
        event = chosen_planes(list(events_of(Path(path), place[0] + 1))[-1], (place[1],))
        image = _seen(event.images[0])
        cut = _crop(image, side) if side else image
        return tensors_of(Event(event.id, (cut,), charge_unit=event.charge_unit))

    return cost_of(network, load, "test", threads)


def _seen(image: Image) -> Image:
    """The pixels that the network sees."""
    return window(image, *published.CHARGES)


def _crop(image: Image, side: int) -> Image:
    row = image.coordinates[len(image) // 2]
    return crop_around_vertex(image, (int(row[0]), int(row[1])), (side, side))


def find(context: Context, sizes: Sizes) -> Section:
    """Measure planes with few to many active pixels, and the dense network."""
    sample = whole(sizes, "paper3-nue")
    path = sample_file(context, sample)
    sparse = {"extends": "paper3", "filters": sizes.cost_filters}
    counts = _active(context, path)
    planes = [
        _cost(context, f"sparse, whole plane {PLANES[place[1]]}", sparse, (path, place, 0))
        for place in (_nearest(counts, pixels) for pixels in sizes.cost_pixels)
    ]
    side = sizes.dense_window
    dense = _cost(
        context, f"dense, crop of {side} px" if side else "dense, whole plane",
        {**sparse, "kind": "dense-uresnet"}, (path, _nearest(counts, sizes.cost_pixels[-1]), side),
    )  # fmt: skip
    note = (
        f"{platform.machine()}, threads: {torch.get_num_threads()} of {os.cpu_count()} cores, torch {torch.__version__}; "
        f"5-{sizes.cost_filters}; planes of {sample.said()}. Time: best of three (dense: one). Memory: largest resident memory of "
        "the process less that after loading torch, and of the image alone, less what a tiny image takes."
    )
    return Section(
        "Time and memory of an image",
        f"The paper's times are of a Core i7-8750H with SparseConvNet, for an image with about {_typical():.0f} active pixels "
        f"({published.ACTIVE_SHARE:.1%}); its dense network ran on about {published.DENSE_CROPS} crops of an image. Our goal is "
        f"{GOAL.seconds} s and {GOAL.gb} GB for such an image on two cores. Other work on the machine lengthens the times.",
        (_table([*planes, dense], note),),
        (_figure(context, planes, note),),
    )


def _typical() -> float:
    """Active pixels of an image as the paper counts them."""
    return published.ACTIVE_SHARE * math.prod(image_shape(preset_named("paper3")))


def _active(context: Context, path: Path) -> dict[tuple[int, int], int]:
    """Pixels that the network sees, by event of the file and projection number."""
    counts = {}
    for number, event in enumerate(events_of(path, EVENTS)):
        context.obey()
        for image in event.images:
            counts[number, image.grid.projection] = len(_seen(image))
    return counts


def _nearest(counts: dict[tuple[int, int], int], pixels: int) -> tuple[int, int]:
    """The plane with about so many pixels."""
    return min(counts, key=lambda place: abs(counts[place] - pixels))


def _cost(
    context: Context, case: str, network: dict[str, Any], image: tuple[Path, tuple[int, int], int]
) -> Costs:
    """One measurement; the image is given by file, place and side of the crop."""
    path, place, side = image
    cost = apart(context, case, measured, network, str(path), place, side)
    return {"case": case, "pixels": int(cost.pop("voxels")), **cost}


def _table(costs: list[Costs], note: str) -> Table:
    rows: list[tuple[Any, ...]] = [
        (cost["case"], cost["pixels"], cost["seconds"], cost["gb"], cost["data_gb"]) for cost in costs
    ]
    rows += [
        (f"paper 3, {name}", f"about {_typical():.0f}", cost.seconds, cost.gb, None)
        for name, cost in published.COSTS.items()
    ]
    rows.append(("our goal", f"about {_typical():.0f}", GOAL.seconds, GOAL.gb, None))
    columns = ("one image", "active pixels", "s", "process, GB", "image, GB")
    return Table("Inference of one image", columns, tuple(rows), note)


def _figure(context: Context, planes: list[Costs], note: str) -> Figure:
    figure = bare_figure(9, 3.4)
    for axes, key, unit, paper in zip(
        figure.subplots(1, 2), ("seconds", "gb"), ("time (s)", "memory of the process (GB)"),
        published.COSTS["sparse"], strict=True,
    ):  # fmt: skip
        pixels, values = zip(*sorted((cost["pixels"], cost[key]) for cost in planes), strict=True)
        axes.plot(pixels, values, "o-", color=COLOURS[0], label="ours")
        axes.plot(_typical(), paper, "x", color=COLOURS[1], label="paper 3")
        axes.set(xlabel="active pixels", ylabel=unit, xlim=(0, None), ylim=(0, None))
        axes.grid(alpha=0.25)
    figure.axes[0].legend(frameon=False, fontsize=8)
    return context.figure("speed", "Time and memory against the active pixels", figure, planes, note)
