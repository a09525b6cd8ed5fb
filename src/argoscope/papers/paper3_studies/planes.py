"""A network for each plane, as in the paper, beside one for all three."""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.analyses.confusion import Rates, rates
from argoscope.papers.charts import learning_curves
from argoscope.papers.finished import network_said
from argoscope.papers.paper3_studies.confusion import class_rows, confusion_figure
from argoscope.papers.paper3_studies.predictions import plane_tallies
from argoscope.papers.paper3_studies.sizes import PLANES, Sizes, recipe_of, windows
from argoscope.papers.scan import trained
from argoscope.papers.study import Context, Section, Table
from argoscope.papers.tables import stacked

__all__ = ["find"]


def find(context: Context, sizes: Sizes) -> Section:
    """Train the four networks on the same events, and test each on the planes it reads."""
    runs = {f"{name} alone": trained(context, recipe_of(sizes, (plane,))) for plane, name in PLANES.items()}
    runs["all planes"] = trained(context, recipe_of(sizes, ()))
    found: dict[tuple[str, int], Rates] = {}
    matrices: dict[str, np.ndarray] = {}
    for label, run in runs.items():
        tallies = plane_tallies(context, run.model(sizes.chosen or None), windows(sizes, "test"))
        for plane, tally in tallies.items():
            found[label, plane] = rates(stacked(tally), pooled=True)
            if len(tallies) == 1:
                matrices[f"plane {PLANES[plane]}"] = stacked(tally).sum(axis=0)
    note = (
        f"{windows(sizes, 'test').said()}; {network_said(runs['all planes'].recipe)}, {sizes.steps} steps of {sizes.batch} events, paper 3's weights. "
        "Intervals hold 68 %, over events."
    )
    seconds = tuple((label, f"{run.seconds:.0f}") for label, run in runs.items())
    return Section(
        "One network a plane, or one for all",
        "The paper has a network for each plane, which share nothing, and finds the planes similar. Here the network for all "
        "sees three images of each event where the others see one, in as many steps.",
        (_table(found, note), Table("Training", ("network", "seconds"), seconds)),
        (
            confusion_figure(context, "planes", "Figures 6, 10 and 11: a network for each plane", matrices, note),
            learning_curves(
                context, "planes-curves", "Learning curves, each on its own planes",
                {label: run.checks for label, run in runs.items()},
            ),
        ),
    )  # fmt: skip


def _table(found: dict[tuple[str, int], Rates], note: str) -> Table:
    """By class: each plane's own network and the common one."""
    columns: dict[str, Any] = {}
    for plane, name in PLANES.items():
        columns[f"{name}: its own network"] = found[f"{name} alone", plane]
        columns[f"{name}: one for all"] = found["all planes", plane]
    return Table("Accuracy by class, pooled", ("", *columns), tuple(class_rows(columns)), note)
