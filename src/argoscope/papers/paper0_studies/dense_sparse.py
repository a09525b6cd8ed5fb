"""Sections 5 and 9: the dense network beside the sparse one the paper hopes for, in accuracy, time and memory.

Accuracies are of networks that the scans train on the same events. Time and
memory are of the paper's network at half the resolution and of ours at the
full one, each with its first weights and in a process of its own.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from argoscope.analyses.cosmic_tagging import report
from argoscope.models.builders import build_network, parameter_count
from argoscope.papers.measuring import apart, cost_of
from argoscope.papers.paper0_studies.rows import METRICS, metric_cells
from argoscope.papers.paper0_studies.sizes import Sizes, reduced, sparse_recipe, whole
from argoscope.papers.paper0_studies.tagging import counted
from argoscope.papers.paper0_studies.variants import REFERENCE, recipes
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.scan import Recipe, trained
from argoscope.papers.study import Context, Section, Table
from argoscope.training.data import tensors_of

__all__ = ["find", "measured"]

GOAL = (0.5, 1.0)
"""Ours, in s and GB: three planes at full resolution on two cores."""

Costs = dict[str, Any]
"""``case``, ``pixels``, ``seconds``, ``gb`` (of the process less Python and torch), ``data_gb`` (of the event alone)."""


def measured(network: dict[str, Any], path: str, entry: int, threads: int) -> dict[str, float]:
    """Seconds and memory of the planes of one event; to be called in a process of its own.

    Parameters
    ----------
    network : dict
        Description, as `build_network` takes it.
    path : str
        File of events.
    entry : int
        Position of the event.
    threads : int
    """

    def load() -> dict[str, Any]:
        return tensors_of(list(events_of(Path(path), entry + 1))[-1])

    return cost_of(network, load, "test", threads)


def find(context: Context, sizes: Sizes) -> Section:
    """Compare the trained networks, and measure the large ones."""
    trainings = {"dense": recipes(sizes)[REFERENCE], "sparse": sparse_recipe(sizes, seed=sizes.seeds[0])}
    rows = tuple(_row(context, sizes, name, recipe) for name, recipe in trainings.items())
    note = f"{reduced(sizes, 'test').said()}, in the paper's convention. Intervals hold 68 %, over events."
    columns = ("", "image", "parameters", "steps", "seconds", *METRICS.values())
    return Section(
        "Sections 5 and 9: dense and sparse",
        "The dense network sees images halved once more, all of their pixels; the sparse one those with charge at the file's "
        "resolution, and never calls a pixel without charge cosmic or neutrino. The paper halves its images because the full "
        "ones need four times the memory and time, and hopes for a sparse network. Other work on the machine lengthens the "
        f"times. Our goal is {GOAL[0]} s and {GOAL[1]:g} GB for three planes at full resolution on two cores.",
        (Table("Trained on the same events", columns, rows, note), _costs(context, sizes)),
    )


def _row(context: Context, sizes: Sizes, name: str, recipe: Recipe) -> tuple[Any, ...]:
    run = trained(context, recipe)
    model = run.model()
    path = sample_file(context, reduced(sizes, "test"))
    found = report([event.counts for event in counted(context, model, path)])["paper"]
    wires, drifts = next(events_of(path)).images[0].grid.shape
    pooling = model.card.network.get("pooling", 1)
    image = f"{wires // pooling} x {drifts // pooling}"
    return (
        f"{name}, {model.card.network['filters']} filters", image, parameter_count(model.network),
        f"{recipe.steps} of {recipe.batch}", f"{run.seconds:.0f}", *metric_cells(found),
    )  # fmt: skip


def _costs(context: Context, sizes: Sizes) -> Table:
    """An average and the fullest event through the sparse network, the average one through the dense one."""
    path = sample_file(context, whole(sizes))
    pixels = np.array([event.pixels for event in events_of(path, sizes.cost_events)])
    average, fullest = int(np.abs(pixels - pixels.mean()).argmin()), int(pixels.argmax())
    sparse, dense = {"extends": "paper0-sparse"}, {"extends": "paper0", "filters": sizes.cost_filters}
    costs = [
        _cost(context, "sparse, 2048 x 1280, an average event", sparse, path, average),
        _cost(context, "sparse, 2048 x 1280, the fullest event", sparse, path, fullest),
        _cost(context, f"dense, 1024 x 640, {sizes.cost_filters} filters", dense, path, average),
    ]
    rows = [(c["case"], c["parameters"], c["pixels"], c["seconds"], c["gb"], c["data_gb"]) for c in costs]
    goal = ("our goal", None, None, *map(float, GOAL), None)
    columns = ("three planes", "parameters", "pixels with charge", "s", "process, GB", "event, GB")
    note = (
        f"{platform.machine()}, threads: {torch.get_num_threads()} of {os.cpu_count()} cores, torch {torch.__version__}; of the first "
        f"{len(pixels)} events of {whole(sizes).preset}. Time: best of three (dense: one). Memory: largest resident memory of the "
        "process less that after loading torch, and of the event alone, less what a tiny one takes."
    )
    return Table("Inference of one event", columns, (*rows, goal), note)


def _cost(context: Context, case: str, network: dict[str, Any], path: Path, entry: int) -> Costs:
    cost = apart(context, case, measured, network, str(path), entry)
    with torch.device("meta"):
        parameters = parameter_count(build_network(network))
    return {"case": case, "parameters": parameters, "pixels": int(cost.pop("voxels")), **cost}
