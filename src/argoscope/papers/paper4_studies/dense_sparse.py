"""Table II's accuracies and figure 5: dense and sparse networks trained on the same images."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.confusion import rates
from argoscope.papers import paper4_published as published
from argoscope.papers.charts import cell, learning_curves
from argoscope.papers.evaluation import tallied
from argoscope.papers.paper4_studies.sizes import Sizes, recipe_of, sample_of
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import Recipe, trained
from argoscope.papers.study import Context, Section, Table
from argoscope.papers.tables import stacked

__all__ = ["find"]


def find(context: Context, sizes: Sizes) -> Section:
    """Train both at the dense network's batch, the sparse one at its own too."""
    test = sample_of(sizes, sizes.dense, "test", sizes.dense_events)
    rows, curves = [], {}
    for label, theirs, recipe in _cases(sizes):
        run = trained(context, recipe)
        tally = tallied(run.model(), sample_file(context, test), batch=recipe.batch)["regular"]
        found = rates(stacked(tally), pooled=False)
        rows.append(
            (
                f"{label}, batch {recipe.batch}", recipe.steps, f"{run.seconds:.0f}", cell(found.accuracy), found.spread,
                f"{theirs.network}, batch {theirs.batch}", theirs.accuracy, theirs.spread,
            )
        )  # fmt: skip
        curves[f"{label}, batch {recipe.batch}"] = run.checks
    columns = ("ours", "steps", "seconds", "accuracy", "deviation", "paper", "accuracy", "deviation")
    note = f"{test.said()}; 5-{sizes.image_filters}, regular labels. Intervals hold 68 %, deviations are over events."
    reduced = "" if sizes.dense.window == 0 else (
        f" Images of {sizes.dense.side} px in place of 192, a quarter of the width, {sizes.dense_steps} steps of the dense "
        "network in place of 30,000."
    )  # fmt: skip
    return Section(
        "Table II, figure 5: dense and sparse",
        "The dense network has five downsamplings and doubles its filters at each, the sparse one four and adds as many as the "
        f"first; its norms take the statistics of the batch in the test too, as in the paper.{reduced}",
        (Table("Non-zero accuracy", columns, tuple(rows), note),),
        (
            learning_curves(
                context, "figure5", "Figure 5: accuracy against steps and time", curves,
                note=f"Validation: {sizes.validation_events} events. The paper: 10 h sparse, 212 h dense, on a V100.",
            ),
        ),
    )  # fmt: skip


def _cases(sizes: Sizes) -> list[tuple[str, published.Column, Recipe]]:
    filters = sizes.image_filters
    sparse, dense = ({"extends": name, "filters": filters} for name in ("paper4", "paper4-dense"))
    same: dict[str, Any] = {"steps": sizes.dense_steps, "batch": sizes.dense_batch, "checks": 4}
    return [
        ("dense", published.SCALABILITY[0], recipe_of(sizes, sizes.dense, dense, **same)),
        ("sparse", published.SCALABILITY[1], recipe_of(sizes, sizes.dense, sparse, **same)),
        ("sparse", published.SCALABILITY[2], recipe_of(sizes, sizes.dense, sparse)),
    ]
