"""Paper 3's comparison: the dense network on some 64 crops of a plane, a sparse one on the whole plane at once.

Pixels that several crops show get the mean of their scores.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.confusion import Rates, rates
from argoscope.analyses.five_class import TWO_CLASSES
from argoscope.analyses.track_shower import Tally
from argoscope.events import TRACK_SHOWER, Event, Image
from argoscope.events.labels import scheme_named
from argoscope.events.transforms import crop
from argoscope.inference.evaluate_track_shower import count_event
from argoscope.inference.segmentation import segment
from argoscope.models.preparation import chosen_planes
from argoscope.models.weights import Model
from argoscope.papers import paper2_published as published
from argoscope.papers import paper3_published
from argoscope.papers.charts import class_cell
from argoscope.papers.finished import described
from argoscope.papers.measuring import apart
from argoscope.papers.paper2_studies.dense_sparse import crop_cost, measuring_note
from argoscope.papers.paper2_studies.sizes import Sizes, pair_recipes
from argoscope.papers.paper2_studies.subjects import DEFAULT as CROPS
from argoscope.papers.paper2_studies.subjects import finished_of
from argoscope.papers.paper3_studies.predictions import DEFAULT
from argoscope.papers.paper3_studies.sizes import COLLECTION
from argoscope.papers.paper3_studies.speed import measured
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.scan import trained
from argoscope.papers.study import Context, Section, Table

__all__ = ["corners", "find", "in_crops"]

MEASURED_DENSE = "paper2-deployed"
"""The dense network whose time and memory are measured: paper 3 compares with the one that ran on data."""
DENSE = "ubssnet"
"""Kind of the networks that read crops: the sides of a plane do not suit them."""
FINISHED = {DEFAULT: "five-class", CROPS: "track-shower"}
"""Finished models that are compared: the default and the task of each."""


class Compared(NamedTuple):
    """A row of the comparison; without a model, time and memory alone. Finished models are described in the note."""

    what: str
    network: dict[str, Any]
    cropped: bool
    model: Model | None = None
    finished: bool = False


def corners(shape: tuple[int, ...], side: int, crops: tuple[int, ...]) -> list[tuple[int, ...]]:
    """First pixels of crops that lie evenly over an image, from border to border.

    Examples
    --------
    >>> corners((10, 4), 4, (3, 1))
    [(0, 0), (3, 0), (6, 0)]
    """
    along = [np.linspace(0, n - side, count).astype(int).tolist() for n, count in zip(shape, crops, strict=True)]  # fmt: skip
    return list(product(*along))


def in_crops(model: Model, image: Image, event: Event, crops: tuple[int, int]) -> np.ndarray:
    """Mean scores of the pixels of an image over the crops that show them, shape (n, 3); 0 for pixels that none does.

    Parameters
    ----------
    model : Model
        Of tracks and showers.
    image : Image
    event : Event
        To which it belongs.
    crops : tuple of int
        How many along each axis.
    """
    total, seen = np.zeros((len(image), len(TRACK_SHOWER.classes))), np.zeros(len(image))
    for low in corners(image.grid.shape, published.CROP, crops):
        cut = crop(image, low, (published.CROP, published.CROP))
        if not len(cut):
            continue
        (answer,) = segment(model, replace(event, images=(cut,)))
        rows = np.flatnonzero(((image.coordinates >= low) & (image.coordinates < np.add(low, published.CROP))).all(axis=1))  # fmt: skip
        known = answer.labels != TRACK_SHOWER.unlabelled
        total[rows[known]] += answer.scores[known]
        seen[rows[known]] += 1
    return total / np.maximum(seen, 1)[:, None]


def find(context: Context, sizes: Sizes) -> Section:
    """Test the networks on the same planes, and measure time and memory of one."""
    sample = Sample(preset="paper3", use="test", events=sizes.plane_events)
    compared = list(_compared(context, sizes))
    rows = [_row(context, sizes, sample, one) for one in compared]
    number = math.prod(sizes.plane_crops)
    models = " ".join(described(one.model.card) for one in compared if one.model and one.finished)
    note = (
        f"{sample.said()}, collection plane; track and shower: share of the true pixels that are called so, all as one. Intervals "
        f"hold 68 %, over events. Trained here: {sizes.pair_steps} steps of {sizes.pair_batch} windows. {models} {measuring_note()}"
    )
    return Section(
        "Paper 3's comparison: crops through the dense network, whole planes through a sparse one",
        f"Of each collection plane {number} crops of {published.CROP} x {published.CROP} pixels, evenly from border to border; "
        "scores of a pixel that several show are averaged. Time and memory of a dense network are those of one crop, the time "
        f"multiplied by {number}; those of the sparse ones are of the first plane, whole. What a network calls background "
        "counts as wrong. The networks that are trained here, and finished ones of tracks and showers, have seen crops without "
        "cosmics, paper 3's kind planes with them.",
        (
            Table(
                "The same planes",
                ("", "track", "shower", "s a plane", "process, GB"),
                (*rows, *_papers_rows()),
                note,
            ),
        ),
    )


def _compared(context: Context, sizes: Sizes) -> Iterator[Compared]:
    for label, recipe in pair_recipes(sizes).items():
        model = trained(context, recipe).model()
        where = "in crops" if label == "dense" else "whole plane"
        what = f"{label}, {model.card.network['filters']} filters, trained here, {where}"
        yield Compared(what, model.card.network, label == "dense", model)
    yield Compared(f"dense, {MEASURED_DENSE}, first weights, in crops", {"extends": MEASURED_DENSE}, True)
    for default, task in FINISHED.items():
        for model in finished_of(context, default, (task,)):
            cropped = model.card.network["kind"] == DENSE
            what = f"{model.card.name}, {'in crops' if cropped else 'whole plane'}"
            yield Compared(what, model.card.network, cropped, model, finished=True)


def _row(context: Context, sizes: Sizes, sample: Sample, one: Compared) -> tuple[Any, ...]:
    """Accuracies, seconds and memory."""
    found = None if one.model is None else _counted(context, sizes, sample, one, one.model)
    accuracies = [class_cell(found, TRACK_SHOWER.index(name)) if found else None for name in TWO_CLASSES]
    if one.cropped:
        cost = crop_cost(context, sizes, one.what, one.network)
        return one.what, *accuracies, math.prod(sizes.plane_crops) * cost["seconds"], cost["gb"]
    path = str(sample_file(context, sample))
    cost = apart(context, one.what, measured, one.network, path, (0, COLLECTION), 0)
    return one.what, *accuracies, cost["seconds"], cost["gb"]


def _counted(context: Context, sizes: Sizes, sample: Sample, one: Compared, model: Model) -> Rates:
    """Pixels of all planes by true and called class, as paper 3 counts them."""
    tally, scheme = Tally(), scheme_named(model.card.scheme)
    for number, whole in enumerate(events_of(sample_file(context, sample))):
        context.obey()
        context.report(f"planes, {one.what}", number, sample.events)
        event = chosen_planes(whole, (COLLECTION,))
        if one.cropped:
            scores = in_crops(model, event.images[0], event, sizes.plane_crops)
            known = scores.any(axis=1)
            labels = np.where(known, scores.argmax(axis=1), TRACK_SHOWER.unlabelled).astype(np.int32)
        else:
            (answer,) = segment(model, event)
            labels = answer.labels
        count_event(tally, event, [labels], scheme, number=number)
    return rates(np.stack(tally.pixels), pooled=True)


def _papers_rows() -> list[tuple[Any, ...]]:
    """Paper 3's accuracies on its test sample, and its costs."""
    accuracies = {
        "dense": paper3_published.PREVIOUS["test"],
        "sparse": paper3_published.TWO_CLASSES["test"]["Y"],
    }
    return [(f"paper 3, {name}", *pair, *paper3_published.COSTS[name]) for name, pair in accuracies.items()]
