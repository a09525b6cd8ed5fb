"""Table V: regular and relabelled truth, with weights and without."""

from __future__ import annotations

from argoscope.analyses.confusion import Rates, rates
from argoscope.models.preparation import Preparation, Truth
from argoscope.papers import paper4_published as published
from argoscope.papers.charts import learning_curves
from argoscope.papers.evaluation import tallied
from argoscope.papers.finished import network_said, started_from
from argoscope.papers.guard import guard_table
from argoscope.papers.paper4_studies.sizes import Sizes, recipe_of, sample_of
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import Recipe, trained
from argoscope.papers.study import Context, Section
from argoscope.papers.tables import class_table, stacked

__all__ = ["find"]

TRAININGS: dict[str, tuple[Truth, str, tuple[Truth, ...]]] = {
    "regular": ("regular", "none", ("regular", "relabelled")),
    "relabelled": ("relabelled", "none", ("relabelled",)),
    "relabelled + weights": ("relabelled", "inverse", ("relabelled",)),
}
"""Truth and weighting of each training, and the truths it is tested against."""


def find(context: Context, sizes: Sizes) -> Section:
    """Train with each truth and weighting, test against the truths of the paper's table."""
    test = sample_of(sizes, sizes.labels, "test")
    found: dict[tuple[str, Truth], Rates] = {}
    columns, curves, network = {}, {}, ""
    for label, (truth, weighting, truths) in TRAININGS.items():
        run = trained(context, _recipe(sizes, truth, weighting))
        for against, tally in tallied(run.model(), sample_file(context, test), truths=truths).items():
            found[label, against] = rates(stacked(tally), pooled=False)
            columns[f"ours, {label} / {against}"] = (
                found[label, against],
                "paper",
                published.LABELS[truth, weighting, against],
            )
        curves[label], network = run.checks, network_said(run.recipe)
    note = (
        f"{test.said()}; {network}, {sizes.steps} steps of {sizes.batch} events. Columns: trained on / tested against. "
        "Intervals hold 68 %, over events that have the class."
    )
    guards = (guard_table(found["regular", "regular"], note),) if sizes.labels.side == 192 else ()
    return Section(
        "Table V: labels and weights",
        "Delta rays and Michel electrons that touch no track become showers in the relabelled truth. The weights are N over "
        f"the number of classes and the pixels of the class, in each event. Images of {sizes.labels.side} px; the paper's "
        "have 512 px.",
        (class_table("Class-wise non-zero accuracy", columns, note), *guards),
        (
            learning_curves(
                context, "table5-curves", "Learning curves by labels, each against its own truth", curves
            ),
        ),
    )


def _recipe(sizes: Sizes, truth: Truth, weighting: str) -> Recipe:
    network = {"extends": "paper4", "filters": sizes.label_filters}
    preparation = Preparation(truth=truth)
    recipe = recipe_of(
        sizes, sizes.labels, network, preparation=preparation, weighting=weighting, rate=sizes.label_rate
    )
    return started_from(recipe, sizes.label_start)
