"""Figures 12 and 13: mistakes by the distance to the border, and the worst events."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.five_class import Tally, report
from argoscope.analyses.mistakes import LEAST_PIXELS, particles_of, with_if_bad
from argoscope.display.five_class_figures import draw_border
from argoscope.display.mistake_figures import draw_gallery
from argoscope.events import FIVE_CLASS
from argoscope.figures import bare_figure
from argoscope.models.preparation import with_truth
from argoscope.models.weights import Model
from argoscope.papers.evaluation import answers
from argoscope.papers.paper4_studies.headline import models_of
from argoscope.papers.paper4_studies.sizes import Sizes, recipe_of, sample_of
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.scan import trained
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find"]

WORST = 4
"""Events shown."""


def find(context: Context, sizes: Sizes) -> Section:
    """Look at the mistakes of the finished model, or of the scan's network where there is none."""
    model, sample, how = _model(context, sizes)
    truth = model.card.preparation.truth
    tally = Tally()
    worst: list[dict[str, Any]] = []
    for answer in answers(model, events_of(sample_file(context, sample))):
        image = with_truth(answer.event, truth).images[0]
        tally.add(image, answer.labels)
        # Real files may not say whose pixels are whose.
        owned = "instance" in image.labels
        found = particles_of(image, answer.labels, answer.event.particles) if owned else None
        where = answer.event.id._asdict()
        worst = with_if_bad(worst, image, answer.labels, found, most=WORST, where=where)
    bins = report(tally)["by_border"]
    note = f"{how}; {sample.said()}, {truth} truth. Intervals hold 68 %, over events."
    return Section(
        "Figures 12, 13: mistakes",
        "The paper finds more mistakes near the border of the image, but for Michel electrons and delta rays, and shows "
        "showers taken for Michel electrons and the reverse, HIP for MIP, and short showers for tracks.",
        (_table(bins, note),),
        (
            _figure12(context, bins, note),
            _figure13(context, worst, f"{how}; {truth} truth; at least {LEAST_PIXELS} voxels."),
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


def _figure13(context: Context, worst: list[dict[str, Any]], note: str) -> Figure:
    figure = bare_figure(10.5, 3.8 * max(1, len(worst)) + 0.4)
    draw_gallery(figure, worst)
    title = "Figure 13: the worst events; in predictions right voxels are pale"
    return context.figure("figure13", title, figure, worst, note)
