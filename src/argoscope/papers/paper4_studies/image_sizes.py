"""Table IV: networks trained on small and large images, tested on all sizes."""

from __future__ import annotations

from argoscope.analyses.confusion import Rates, rates
from argoscope.papers import paper4_published as published
from argoscope.papers.charts import learning_curves
from argoscope.papers.evaluation import tallied
from argoscope.papers.guard import guard_table
from argoscope.papers.paper4_studies.sizes import Place, Sizes, recipe_of, sample_of
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import Trained, trained
from argoscope.papers.study import Context, Section, Table
from argoscope.papers.tables import class_table, stacked

__all__ = ["find"]

SIDES = (192, 512, 768)
"""The paper's images."""


def find(context: Context, sizes: Sizes) -> Section:
    """Train on the smallest and the largest images, test on all three."""
    network = {"extends": "paper4", "filters": sizes.image_filters}
    tables, curves = [], {}
    guard: Table | None = None
    for number in (0, 2):
        place = sizes.images[number]
        run = trained(context, recipe_of(sizes, place, network))
        found = {test: _rates(context, sizes, run, test) for test in sizes.images}
        note = (
            f"Trained on {place.preset} at {place.side} px, 5-{sizes.image_filters}, {sizes.steps} steps of {sizes.batch} "
            f"events, regular labels; {sizes.test_events} test events of each size. Intervals hold 68 %, over events."
        )
        columns = {
            f"ours, {test.side} px": (
                found[test],
                f"paper, {side} px",
                published.IMAGE_SIZES[SIDES[number], side],
            )
            for test, side in zip(sizes.images, SIDES, strict=True)
        }
        tables.append(class_table(f"Trained at {place.side} px (paper: {SIDES[number]} px)", columns, note))
        curves[f"{place.side} px"] = run.checks
        if place.side == 192 and number == 0:
            guard = guard_table(found[place], note)
    reduced = "" if sizes.images[0].window == 0 else (
        f" Images of {', '.join(str(place.side) for place in sizes.images)} px, a quarter of the paper's sides, and a "
        "quarter of the width."
    )  # fmt: skip
    return Section(
        "Table IV: image sizes",
        f"Class-wise non-zero accuracy, mean over the events that have the class.{reduced}",
        tuple(tables) + ((guard,) if guard else ()),
        (
            learning_curves(
                context, "table4-curves", "Learning curves by the size of the training images", curves
            ),
        ),
    )


def _rates(context: Context, sizes: Sizes, run: Trained, test: Place) -> Rates:
    tally = tallied(run.model(), sample_file(context, sample_of(sizes, test, "test")))["regular"]
    return rates(stacked(tally), pooled=False)
