"""Table III: accuracy by depth and number of filters."""

from __future__ import annotations

from argoscope.analyses.confusion import rates
from argoscope.figures import bare_figure
from argoscope.papers import paper4_published as published
from argoscope.papers.charts import cell, learning_curves
from argoscope.papers.evaluation import tallied
from argoscope.papers.paper4_studies.sizes import Sizes, recipe_of, sample_of
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import trained
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.papers.tables import stacked

__all__ = ["find"]


def find(context: Context, sizes: Sizes) -> Section:
    """Train every depth with every number of filters, and test all on the same events."""
    test = sample_of(sizes, sizes.scan, "test")
    rows, curves, numbers = [], {}, {}
    for depth in sizes.depths:
        for filters, theirs in zip(sizes.filters, (8, 16, 32), strict=True):
            network = {"extends": "paper4", "depth": depth, "filters": filters}
            run = trained(context, recipe_of(sizes, sizes.scan, network))
            tally = tallied(run.model(), sample_file(context, test))["regular"]
            found = rates(stacked(tally), pooled=False).accuracy
            rows.append(
                (
                    f"{depth}-{filters}",
                    cell(found),
                    f"{depth}-{theirs}",
                    published.FILTERS_DEPTH[depth][theirs],
                )
            )
            numbers[depth, filters] = (found.value, found.low, found.high)
            curves[f"{depth}-{filters}"] = run.checks
    width = "" if sizes.filters[0] == 8 else ", networks of a quarter of the width"
    note = (
        f"{test.said()}{width}; {sizes.steps} steps of {sizes.batch} events. Intervals hold 68 %, over events; all networks "
        "see the same events, so that their differences are better known than each number."
    )
    middle = [name for name in curves if name.startswith(f"{sizes.depths[1]}-")]
    return Section(
        "Table III: depth and filters",
        "Non-zero accuracy, mean over events, of sparse networks with regular labels. A network is named by its depth and "
        "the filters of its first layer.",
        (Table("Non-zero accuracy", ("ours", "accuracy", "paper", "accuracy"), tuple(rows), note),),
        (
            _picture(context, sizes, numbers),
            learning_curves(
                context, "table3-curves", f"Learning curves at depth {sizes.depths[1]}",
                {name: curves[name] for name in middle},
            ),
        ),
    )  # fmt: skip


def _picture(
    context: Context, sizes: Sizes, numbers: dict[tuple[int, int], tuple[float, float, float]]
) -> Figure:
    figure = bare_figure(8.5, 3.6)
    ours, paper = figure.subplots(1, 2)
    for shift, depth in enumerate(sizes.depths):
        values = [numbers[depth, filters] for filters in sizes.filters]
        errors = [[v - low for v, low, _ in values], [high - v for v, _, high in values]]
        places = [filters * 1.04 ** (shift - 1) for filters in sizes.filters]
        ours.errorbar(
            places, [v for v, *_ in values], yerr=errors, marker="o", capsize=2, label=f"depth {depth}"
        )
        theirs = published.FILTERS_DEPTH[depth]
        paper.plot(list(theirs), list(theirs.values()), marker="o", label=f"depth {depth}")
    for axes, title, ticks in ((ours, "ours", sizes.filters), (paper, "paper 4", (8, 16, 32))):
        axes.set_xscale("log", base=2)
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.set(title=title, xlabel="filters of the first layer")
        axes.grid(alpha=0.25)
    ours.set(ylabel="non-zero accuracy")
    ours.legend(frameon=False, fontsize=8)
    data = [{"depth": d, "filters": f, "accuracy": list(v)} for (d, f), v in numbers.items()]
    return context.figure("table3", "Table III as a picture; the two have scales of their own", figure, data)
