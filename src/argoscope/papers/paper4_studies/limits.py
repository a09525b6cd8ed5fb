"""What limits the accuracy: the number of steps, of events, the width, or the labels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from argoscope.analyses.confusion import Rates, rates
from argoscope.events import FIVE_CLASS
from argoscope.figures import bare_figure, log_axes
from argoscope.models.preparation import Preparation
from argoscope.papers.charts import cell, class_cell, learning_curves
from argoscope.papers.evaluation import tallied
from argoscope.papers.paper4_studies.sizes import Sizes, recipe_of, sample_of
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import Trained, trained
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.papers.tables import stacked

__all__ = ["find"]


def find(context: Context, sizes: Sizes) -> Section:
    """Change one thing at a time in the training of table III's widest network, and see what it costs."""
    filters = sizes.filters[-1]
    base = recipe_of(sizes, sizes.scan, {"extends": "paper4", "filters": filters})
    changes: dict[str, dict[str, Any]] = {f"as table III, 5-{filters}": {}}
    for share in sizes.shares[1:]:
        changes[f"1/{share} of the events"] = {"events": max(1, sizes.train_events // share)}
    changes["a quarter of the steps"] = {"steps": max(1, sizes.steps // 4)}
    changes["a quarter of the filters"] = {"network": {"extends": "paper4", "filters": max(1, filters // 4)}}
    changes["relabelled"] = {"preparation": Preparation(truth="relabelled")}
    test = sample_file(context, sample_of(sizes, sizes.scan, "test"))
    found: dict[str, tuple[Trained, Rates]] = {}
    for label, change in changes.items():
        run = trained(context, replace(base, **change))
        truth = run.recipe.preparation.truth
        tally = tallied(run.model(), test, truths=(truth,))[truth]
        found[label] = (run, rates(stacked(tally), pooled=False))
    note = (
        f"{sample_of(sizes, sizes.scan, 'test').said()}; 5-{filters} trained for {sizes.steps} steps of "
        f"{sizes.batch} of {sizes.train_events} events, but for what the row says; each against its own truth. "
        "Intervals hold 68 %, over events."
    )
    return Section(
        "What limits the accuracy",
        f"{_said(found)}\n\nEach row changes one thing. Where less of it costs accuracy, more of it should still gain some.",
        (_table(found, note),),
        (
            _picture(context, sizes, found),
            learning_curves(
                context,
                "limits-curves",
                "Learning curves",
                {label: run.checks for label, (run, _) in found.items()},
            ),
        ),
    )


def _said(found: dict[str, tuple[Trained, Rates]]) -> str:
    """The changes in the order of what they cost."""
    first, *others = found
    base = found[first][1].accuracy.value
    losses = sorted(
        ((base - found[label][1].accuracy.value, label) for label in others if label != "relabelled"),
        reverse=True,
    )
    listed = "; ".join(f"{label} {loss:+.4f}" for loss, label in losses)
    gain = found["relabelled"][1].accuracy.value - base
    return (
        f"Accuracy lost with less: {listed}. Gained with relabelled truth, where what cannot be told apart need not be: "
        f"{gain:+.4f}."
    )


def _table(found: dict[str, tuple[Trained, Rates]], note: str) -> Table:
    michel, delta = (FIVE_CLASS.index(name) for name in ("Michel", "delta"))
    rows = tuple(
        (
            label,
            cell(r.accuracy),
            class_cell(r, delta),
            class_cell(r, michel),
            f"{run.seconds:.0f}",
        )
        for label, (run, r) in found.items()
    )
    return Table("One change at a time", ("", "all", "delta", "Michel", "seconds"), rows, note)


def _picture(context: Context, sizes: Sizes, found: dict[str, tuple[Trained, Rates]]) -> Figure:
    """Accuracy against the number of training events."""
    figure = bare_figure(5.2, 3.4)
    axes = figure.subplots()
    labels = [next(iter(found)), *(f"1/{share} of the events" for share in sizes.shares[1:])]
    events = [max(1, sizes.train_events // share) for share in sizes.shares]
    values = [found[label][1].accuracy for label in labels]
    errors = [[v.value - v.low for v in values], [v.high - v.value for v in values]]
    axes.errorbar(events, [v.value for v in values], yerr=errors, marker="o", capsize=2, color="#0072b2")
    axes.set(xlabel="training events", ylabel="non-zero accuracy")
    log_axes(axes, "x")
    axes.grid(alpha=0.25)
    data = [{"events": e, "accuracy": v.to_json()} for e, v in zip(events, values, strict=True)]
    return context.figure("limits-data", "Accuracy against the number of training events", figure, data)
