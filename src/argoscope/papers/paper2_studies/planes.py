"""Paper 3's comparison: the dense network on some 64 crops of a plane, a sparse one on the whole plane at once.

Pixels that several crops show get the mean of their scores.
"""

from __future__ import annotations

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


class Compared(NamedTuple):
    """A row of the comparison."""

    what: str
    model: Model
    cropped: bool


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
    found = {row.what: _counted(context, sizes, sample, row) for row in _compared(context, sizes)}
    number = int(np.prod(sizes.plane_crops))
    return Section(
        "Paper 3's comparison: crops through the dense network, whole planes through a sparse one",
        f"Of each collection plane {number} crops of {published.CROP} x {published.CROP} pixels, evenly from border to border, "
        "so that a pixel is seen several times and gets its mean scores. Time and memory of the dense network are those of "
        f"one crop through the one that ran on data, the time multiplied by {number}; those of the sparse ones are of a whole plane. "
        "Accuracies of networks that this reproduction trains are of fewer filters and steps, and of crops without cosmics.",
        (_accuracy_table(found, f"{sample.said()}, collection plane. Intervals hold 68 %, over events."), _cost_table(context, sizes, sample, number)),
    )  # fmt: skip


def _compared(context: Context, sizes: Sizes) -> Iterator[Compared]:
    for label, recipe in pair_recipes(sizes).items():
        model = trained(context, recipe).model()
        words = "in crops" if label == "dense" else "whole plane"
        yield Compared(
            f"{label}, {model.card.network['filters']} filters, trained here, {words}",
            model,
            label == "dense",
        )
    for model in finished_of(context, DEFAULT, ("five-class",)):
        yield Compared(f"paper 3's kind, whole plane. {described(model.card)}", model, False)


def _counted(context: Context, sizes: Sizes, sample: Sample, row: Compared) -> Rates:
    """Pixels of all planes by true and called class, as paper 3 counts them."""
    tally, scheme = Tally(), scheme_named(row.model.card.scheme)
    for number, whole in enumerate(events_of(sample_file(context, sample))):
        context.obey()
        context.report(f"planes, {row.what}", number, sample.events)
        event = chosen_planes(whole, (COLLECTION,))
        if row.cropped:
            scores = in_crops(row.model, event.images[0], event, sizes.plane_crops)
            known = scores.any(axis=1)
            labels = np.where(known, scores.argmax(axis=1), TRACK_SHOWER.unlabelled).astype(np.int32)
        else:
            (answer,) = segment(row.model, event)
            labels = answer.labels
        count_event(tally, event, [labels], scheme, number=number)
    return rates(np.stack(tally.pixels), pooled=True)


def _accuracy_table(found: dict[str, Rates], note: str) -> Table:
    rows: list[tuple[Any, ...]] = [
        (what, *(class_cell(one, TRACK_SHOWER.index(name)) for name in TWO_CLASSES))
        for what, one in found.items()
    ]
    test = paper3_published.TWO_CLASSES["test"]["Y"]
    rows.append(("paper 3: the dense network before it", *paper3_published.PREVIOUS["test"]))
    rows.append(("paper 3: its sparse network", *test))
    said = f"Share of the true pixels that are called so, all as one; called background is wrong. {note}"
    return Table("The same planes", ("", *TWO_CLASSES), tuple(rows), said)


def _cost_table(context: Context, sizes: Sizes, sample: Sample, number: int) -> Table:
    dense = crop_cost(context, sizes, MEASURED_DENSE)
    path = sample_file(context, sample)
    rows: list[tuple[Any, ...]] = [
        (f"{MEASURED_DENSE}, {number} crops", None, number * dense["seconds"], dense["gb"], dense["data_gb"])
    ]
    for name in ("paper2-sparse", "paper3"):
        cost = apart(context, name, measured, {"extends": name}, str(path), (0, COLLECTION), 0)
        rows.append((f"{name}, whole plane", int(cost["voxels"]), cost["seconds"], cost["gb"], cost["data_gb"]))  # fmt: skip
    rows += [
        (f"paper 3, {name}", None, cost.seconds, cost.gb, None)
        for name, cost in paper3_published.COSTS.items()
    ]
    columns = ("one plane", "pixels", "s", "process, GB", "image, GB")
    return Table(
        "Time and memory of a plane",
        columns,
        tuple(rows),
        f"{measuring_note()} First plane of {sample.said()}.",
    )
