"""Pictures that several studies draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from argoscope.analyses.confusion import Rates
from argoscope.analyses.statistics import Estimate
from argoscope.figures import bare_figure, log_axes
from argoscope.papers.study import Context
from argoscope.papers.study import Figure as Shown

if TYPE_CHECKING:
    from argoscope.papers.scan import Check

__all__ = ["COLOURS", "Cell", "cell", "class_cell", "learning_curves", "number_cell"]

Cell = tuple[float | None, float | None, float | None]
"""A number and its interval, as a table takes them."""

COLOURS = ("#0072b2", "#d5480c", "#2a9d78", "#8f1c5f", "#e6b800", "#5b5b5b")
"""Of curves, in this order."""
MARKERS = "osD^vP"
LEAST_EVENTS = 5
"""Events that must have a class for an interval: with fewer, resampling them says nothing."""


def number_cell(number: Mapping[str, float | None]) -> Cell:
    """A number of an evaluation as a table takes it."""
    return number["value"], number["low"], number["high"]


def cell(estimate: Estimate) -> Cell:
    """A number with its interval as a table takes it."""
    return number_cell(estimate.to_json())


def class_cell(found: Rates, number: int) -> Cell:
    """Accuracy of a class as a table takes it; without interval where too few events have the class."""
    value, low, high = cell(found.class_accuracy[number])
    return (value, low, high) if found.class_events[number] >= LEAST_EVENTS else (value, None, None)


def learning_curves(
    context: Context, name: str, title: str, curves: Mapping[str, Sequence[Check]], *, note: str = ""
) -> Shown:
    """Validation accuracy against step and against time.

    Parameters
    ----------
    context : Context
    name : str
        Of the file.
    title : str
    curves : mapping of str to sequence of Check
        By what the curve is.
    note : str
    """
    figure = bare_figure(9.5, 3.6)
    for axes, x in zip(figure.subplots(1, 2, sharey=True), ("step", "seconds"), strict=True):
        for number, (label, checks) in enumerate(curves.items()):
            colour = COLOURS[number % len(COLOURS)]
            at = np.array([getattr(check, x) for check in checks], dtype=float)
            low, high = ([getattr(check, end) for check in checks] for end in ("low", "high"))
            axes.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
            axes.plot(
                at, [check.accuracy for check in checks], color=colour, marker=MARKERS[number % len(MARKERS)],
                markersize=3.5, linewidth=1.4, label=label,
            )  # fmt: skip
        axes.set(xlabel=x if x == "step" else "seconds, validations included")
        if all(getattr(check, x) > 0 for checks in curves.values() for check in checks):
            log_axes(axes, "x")
        axes.grid(alpha=0.25)
    figure.axes[0].set(ylabel="non-zero accuracy, mean over events")
    figure.axes[1].legend(frameon=False, fontsize=8, loc="lower right")
    data: Any = {label: [vars(check) for check in checks] for label, checks in curves.items()}
    return context.figure(name, title, figure, data, note)
