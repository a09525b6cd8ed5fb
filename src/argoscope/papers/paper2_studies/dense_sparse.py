"""Dense and sparse networks that learned the same windows: accuracy, time, memory.

Time and memory are those of one crop of 512 pixels, through networks of full
width with their first weights, each in a process of its own.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from argoscope.analyses.track_shower import Tally, changes, report
from argoscope.models.builders import build_network, parameter_count
from argoscope.models.windows import windowed
from argoscope.papers.charts import cell
from argoscope.papers.measuring import apart, cost_of
from argoscope.papers.paper2_studies.rows import WORDS, cells
from argoscope.papers.paper2_studies.sizes import PREPARATION, Sizes, crops, pair_recipes
from argoscope.papers.paper2_studies.subjects import tallied
from argoscope.papers.paper2_studies.training import curves
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.scan import Trained, trained
from argoscope.papers.study import Context, Section, Table
from argoscope.training.data import tensors_of

__all__ = ["crop_cost", "find", "measured", "measuring_note"]

GOAL_SECONDS = 0.03
"""Ours, for a crop through the sparse network on two cores."""
EVENTS = 50
"""Crops among which an average one is picked."""


def measured(network: dict[str, Any], path: str, entry: int, threads: int) -> dict[str, float]:
    """Seconds and memory of one crop; to be called in a process of its own.

    Parameters
    ----------
    network : dict
        Description, as `build_network` takes it.
    path : str
        File of crops.
    entry : int
        Position of the crop.
    threads : int
    """

    def load() -> dict[str, Any]:
        return windowed(tensors_of(list(events_of(Path(path), entry + 1))[-1]), PREPARATION)

    return cost_of(network, load, "test", threads)


def find(context: Context, sizes: Sizes) -> Section:
    """Train both, test both on the same windows, and measure the full ones."""
    runs = {label: trained(context, recipe) for label, recipe in pair_recipes(sizes).items()}
    sample = Sample(preset="paper2", use="test", events=sizes.pair_test, window=sizes.pair_window)
    tallies = {label: tallied(context, run.model(), sample) for label, run in runs.items()}
    note = (
        f"{sizes.pair_steps} steps of {sizes.pair_batch}, the paper's weights; {sample.said()}. Intervals hold 68 %, over events; "
        "the change is of the same windows. Chance in the training is not in them."
    )
    return Section(
        "Dense and sparse",
        "Both networks see the same windows in as many steps. The dense one answers all pixels and learns the background too; "
        "what it calls background where there is charge counts as wrong. The sparse one sees pixels with charge alone. "
        f"Our goal for a crop through the sparse network is {GOAL_SECONDS} s on two cores.",
        (_trained_table(runs, tallies, note), _costs(context, sizes)),
        (curves(context, "pair", "Dense and sparse along the training", runs, note),),
    )


def _trained_table(runs: dict[str, Trained], tallies: dict[str, Tally], note: str) -> Table:
    rows: list[tuple[Any, ...]] = []
    for label, run in runs.items():
        model, found = run.model(), report(tallies[label])
        name = f"{label}, {model.card.network['filters']} filters"
        numbers = (parameter_count(model.network), f"{run.seconds:.0f}", found["called_background"])
        rows.append((name, *numbers, *cells(found)))
    change = tuple(cell(one) for one in changes(tallies["dense"], tallies["sparse"]).values())
    rows.append(("sparse less dense", None, None, None, *change))
    columns = ("", "parameters", "seconds of training", "called background", *WORDS.values())
    return Table("Trained on the same windows", columns, tuple(rows), note)


def _costs(context: Context, sizes: Sizes) -> Table:
    """An average crop through the sparse network and through the dense ones."""
    names = ("paper2-sparse", *sizes.dense_costs)
    found = {name: crop_cost(context, sizes, name, {"extends": name}) for name in names}
    rows = tuple((name, *cost.values()) for name, cost in found.items())
    columns = ("one crop", "parameters", "pixels with charge", "s", "process, GB", "crop, GB")
    return Table(
        "Inference of one crop of 512 x 512 pixels",
        columns,
        rows,
        f"{measuring_note()} {crops(sizes, 'test').said()}.",
    )


def measuring_note() -> str:
    """What the times and memories are."""
    return (
        f"{platform.machine()}, threads: {torch.get_num_threads()} of {os.cpu_count()} cores, torch {torch.__version__}. Time: "
        "best of three (dense: one); other work on the machine lengthens it. Memory: largest resident memory of the process less "
        "that after loading torch, and of the image alone, less what a tiny one takes."
    )


def crop_cost(context: Context, sizes: Sizes, name: str, network: dict[str, Any]) -> dict[str, float]:
    """Parameters, pixels, seconds and memories of an average crop through a network, which has a name and a description."""
    path = sample_file(context, crops(sizes, "test"))
    pixels = np.array([event.pixels for event in events_of(path, EVENTS)])
    entry = int(np.abs(pixels - pixels.mean()).argmin())
    cost = apart(context, name, measured, network, str(path), entry)
    with torch.device("meta"):
        parameters = parameter_count(build_network(network))
    return {
        "parameters": parameters, "pixels": int(cost["voxels"]), "seconds": cost["seconds"], "gb": cost["gb"],
        "data_gb": cost["data_gb"],
    }  # fmt: skip
