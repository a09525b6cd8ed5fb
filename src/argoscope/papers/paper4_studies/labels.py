"""Table V: regular and relabelled truth, with weights and without."""

from __future__ import annotations

from argoscope.analyses.confusion import rates
from argoscope.models.preparation import Preparation, Truth
from argoscope.papers import paper4_published as published
from argoscope.papers.charts import learning_curves
from argoscope.papers.evaluation import tallied
from argoscope.papers.paper4_studies.sizes import Sizes, recipe_of, sample_of
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import trained
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
    network = {"extends": "paper4", "filters": sizes.label_filters}
    test = sample_of(sizes, sizes.scan, "test")
    columns, curves = {}, {}
    for label, (truth, weighting, truths) in TRAININGS.items():
        run = trained(
            context,
            recipe_of(sizes, sizes.scan, network, preparation=Preparation(truth=truth), weighting=weighting),
        )
        for against, tally in tallied(run.model(), sample_file(context, test), truths=truths).items():
            ours = rates(stacked(tally), pooled=False)
            columns[f"ours, {label} / {against}"] = (
                ours,
                "paper",
                published.LABELS[truth, weighting, against],
            )
        curves[label] = run.checks
    note = (
        f"{test.said()}; 5-{sizes.label_filters}, {sizes.steps} steps of {sizes.batch} events. Columns: trained on / tested "
        "against. Intervals hold 68 %, over events that have the class."
    )
    reduced = (
        "" if sizes.label_filters == 32 else f" Windows of {sizes.scan.side} px and a quarter of the width."
    )
    return Section(
        "Table V: labels and weights",
        "Delta rays and Michel electrons that touch no track become showers in the relabelled truth. The weights are N over "
        f"the number of classes and the pixels of the class, in each event.{reduced}",
        (class_table("Class-wise non-zero accuracy", columns, note),),
        (
            learning_curves(
                context, "table5-curves", "Learning curves by labels, each against its own truth", curves
            ),
        ),
    )
