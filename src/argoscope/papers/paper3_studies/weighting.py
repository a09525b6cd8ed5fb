"""Figure 5: the same network with paper 3's weights of pixels, and without."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.confusion import rates
from argoscope.figures import bare_figure
from argoscope.papers import paper3_published as published
from argoscope.papers.charts import COLOURS
from argoscope.papers.finished import network_said
from argoscope.papers.paper3_studies.confusion import class_rows
from argoscope.papers.paper3_studies.predictions import plane_tallies
from argoscope.papers.paper3_studies.sizes import COLLECTION, Sizes, recipe_of, windows
from argoscope.papers.scan import Trained, trained
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.papers.tables import stacked
from argoscope.training.log import read_log

__all__ = ["find"]

WEIGHTINGS = {"with the paper's weights": "paper3", "without": "none"}
"""Weighting of each training."""


def find(context: Context, sizes: Sizes) -> Section:
    """Train both networks of the collection plane, and test them on the same events."""
    runs = {
        label: trained(context, recipe_of(sizes, (COLLECTION,), weighting=weighting))
        for label, weighting in WEIGHTINGS.items()
    }
    found = {}
    for label, run in runs.items():
        tallies = plane_tallies(context, run.model(sizes.chosen or None), windows(sizes, "test"))
        found[label] = rates(stacked(tallies[COLLECTION]), pooled=True)
    note = (
        f"Collection plane, {windows(sizes, 'test').said()}; {network_said(run.recipe)}, {sizes.steps} steps of {sizes.batch} events. "
        "Intervals hold 68 %, over events; both networks see the same events."
    )
    rows: list[tuple[Any, ...]] = []
    for row in class_rows(found):
        rows.append(
            (*row, *(published.ACCURACY[w] if row[0] == "all" else None for w in WEIGHTINGS.values()))
        )
    columns = ("", *(f"ours, {label}" for label in found), *(f"paper 3, {label}" for label in found))
    return Section(
        "Figure 5: weights of pixels",
        "A pixel's weight is 1 over the size of its particle, from 0.0002 to 0.02, plus 0.02 within three pixels of another "
        "class. Without, each pixel has weight 1. Accuracies are of all pixels as one.",
        (Table("Accuracy by class, pooled", columns, tuple(rows), note),),
        (_figure5(context, runs, note),),
    )


def _figure5(context: Context, runs: dict[str, Trained], note: str) -> Figure:
    """Accuracy of the validation, and loss relative to that of the first logged step."""
    figure = bare_figure(9.5, 3.6)
    accuracy, loss = figure.subplots(1, 2)
    data: dict[str, Any] = {}
    for colour, (label, run) in zip(COLOURS, runs.items(), strict=False):
        checks, steps = _columns(run, "validation", ("pooled", "loss")), _columns(run, "steps", ("loss",))
        accuracy.plot(
            checks["step"], checks["pooled"], "o-", color=colour, markersize=3.5, linewidth=1.4, label=label
        )
        loss.plot(
            steps["step"],
            _relative(steps["loss"]),
            color=colour,
            linewidth=0.8,
            alpha=0.6,
            label=f"training, {label}",
        )
        loss.plot(
            checks["step"], checks["loss"], "o--", color=colour, markersize=3.5, label=f"validation, {label}"
        )
        data[label] = {"validation": checks, "training": steps}
    accuracy.set(xlabel="step", ylabel="validation accuracy, pooled")
    loss.set(xlabel="step", ylabel="loss", ylim=(0, None))
    for axes in (accuracy, loss):
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, fontsize=8)
    words = (
        "Training losses are divided by their first value; those of the validation are means over pixels of weight 1, so that "
        f"the two compare. {note}"
    )
    return context.figure("figure5", "Figure 5: accuracy and loss along the training", figure, data, words)


def _columns(run: Trained, log: str, names: tuple[str, ...]) -> dict[str, list[float]]:
    rows = read_log(run.folder / f"{log}.csv")
    return {name: [float(row[name]) for row in rows] for name in ("step", *names)}


def _relative(values: list[float]) -> list[float]:
    return [value / values[0] for value in values]
