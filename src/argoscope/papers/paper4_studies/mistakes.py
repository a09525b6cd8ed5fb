"""Figures 12 and 13: mistakes by the distance to the border, and the worst events."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.five_class import Tally, report
from argoscope.display.five_class_figures import draw_border
from argoscope.display.palette import class_colour, colour_ramp
from argoscope.events import FIVE_CLASS
from argoscope.figures import bare_figure
from argoscope.models.preparation import with_truth
from argoscope.models.weights import Model
from argoscope.papers.evaluation import Answer, answers
from argoscope.papers.paper4_studies.headline import models_of
from argoscope.papers.paper4_studies.sizes import Sizes, recipe_of, sample_of
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.scan import trained
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find"]

WORST = 4
"""Events shown."""
LEAST_VOXELS = 100
"""Smallest event among the worst: in a smaller one there is nothing to see."""


class _Seen(NamedTuple):
    accuracy: float
    answer: Answer


def find(context: Context, sizes: Sizes) -> Section:
    """Look at the mistakes of the finished model, or of the scan's network where there is none."""
    model, sample, how = _model(context, sizes)
    truth = model.card.preparation.truth
    tally = Tally()
    worst: list[_Seen] = []
    for answer in answers(model, events_of(sample_file(context, sample))):
        image = with_truth(answer.event, truth).images[0]
        tally.add(image, answer.labels)
        if len(image) >= LEAST_VOXELS:
            accuracy = float((image.label("semantic").values == answer.labels).mean())
            labelled = Answer(with_truth(answer.event, truth), answer.labels, answer.scores)
            worst = sorted([*worst, _Seen(accuracy, labelled)], key=lambda seen: seen.accuracy)[:WORST]
    bins = report(tally)["by_border"]
    note = f"{how}; {sample.said()}, {truth} truth. Intervals hold 68 %, over events."
    return Section(
        "Figures 12, 13: mistakes",
        "The paper finds more mistakes near the border of the image, but for Michel electrons and delta rays, and shows "
        "showers taken for Michel electrons and the reverse, HIP for MIP, and short showers for tracks.",
        (_table(bins, note),),
        (
            _figure12(context, bins, note),
            _figure13(context, worst, f"{how}; {truth} truth; at least {LEAST_VOXELS} voxels."),
        ),
    )


def _model(context: Context, sizes: Sizes) -> tuple[Model, Sample, str]:
    finished = models_of(context)
    if finished:
        place, events = sizes.headline[0]
        return finished[0], sample_of(sizes, place, "test", events), finished[0].card.name
    network = {"extends": "paper4", "filters": sizes.image_filters}
    run = trained(context, recipe_of(sizes, sizes.images[0], network))
    how = f"5-{sizes.image_filters} of table IV, {sizes.steps} steps"
    return run.model(), sample_of(sizes, sizes.images[0], "test"), how


def _cell(wrong: dict[str, Any]) -> tuple[Any, ...]:
    return wrong["value"], wrong["low"], wrong["high"]


def _distance(low: int, high: int | None) -> str:
    """A bin of distances in words; `high` is the first one beyond it."""
    if high is None:
        return f"{low} px and more"
    return f"{low} px" if high == low + 1 else f"{low} to {high - 1} px"


def _table(bins: list[dict[str, Any]], note: str) -> Table:
    rows = tuple(
        (
            _distance(row["low"], row["high"]),
            row["pixels"],
            *(_cell(row["wrong"][name]) for name in FIVE_CLASS.classes),
        )
        for row in bins
        if row["pixels"]
    )
    return Table(
        "Misclassified share by distance to the border",
        ("distance", "voxels", *FIVE_CLASS.classes),
        rows,
        note,
    )


def _figure12(context: Context, bins: list[dict[str, Any]], note: str) -> Figure:
    figure = bare_figure(6.2, 3.8)
    draw_border(figure.subplots(), bins)
    return context.figure(
        "figure12", "Figure 12: misclassified share against distance to the border", figure, bins, note
    )


def _figure13(context: Context, worst: list[_Seen], note: str) -> Figure:
    from matplotlib.colors import ListedColormap

    ramp = ListedColormap(colour_ramp() / 255.0)
    figure = bare_figure(9.6, 3.0 * max(1, len(worst)))
    grid: Any = figure.subplots(max(1, len(worst)), 3, squeeze=False, subplot_kw={"projection": "3d"})
    for row, seen in zip(grid, worst, strict=False):
        image = seen.answer.event.images[0]
        truth = image.label("semantic").values
        low, high = image.coordinates.min(axis=0), image.coordinates.max(axis=0)
        columns: tuple[tuple[str, Any], ...] = (
            ("charge", np.log1p(image.charge)),
            ("labels", [class_colour(FIVE_CLASS, int(value)) for value in truth]),
            (
                f"prediction, {seen.accuracy:.1%} right",
                [class_colour(FIVE_CLASS, int(v)) for v in seen.answer.labels],
            ),
        )
        for axes, (title, colours) in zip(row, columns, strict=True):
            axes.scatter(
                *image.coordinates.T, c=colours, s=3, cmap=ramp if title == "charge" else None, linewidths=0
            )
            axes.set_title(title, fontsize=9)
            axes.set(xlim=(low[0], high[0] + 1), ylim=(low[1], high[1] + 1), zlim=(low[2], high[2] + 1))
            axes.tick_params(labelsize=6, pad=-2)
        row[0].text2D(0, 0.02, f"event {seen.answer.event.id.event}", transform=row[0].transAxes, fontsize=8)
    data = [
        {
            "event": list(seen.answer.event.id),
            "accuracy": seen.accuracy,
            "coordinates": seen.answer.event.images[0].coordinates.tolist(),
            "charge": seen.answer.event.images[0].charge.tolist(),
            "truth": seen.answer.event.images[0].label("semantic").values.tolist(),
            "predicted": seen.answer.labels.tolist(),
        }
        for seen in worst
    ]
    title = "Figure 13: the worst events; red HIP, blue MIP, green shower, yellow delta, wine Michel"
    return context.figure("figure13", title, figure, data, note)
