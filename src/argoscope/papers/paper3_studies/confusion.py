"""Confusion matrices side by side, as figures 6, 10 and 11 draw them, and accuracies by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from argoscope.analyses.confusion import Rates
from argoscope.display.five_class_figures import draw_confusion
from argoscope.events import FIVE_CLASS
from argoscope.figures import bare_figure
from argoscope.papers.charts import cell, class_cell
from argoscope.papers.study import Context, Figure

__all__ = ["class_rows", "confusion_figure"]


def class_rows(columns: Mapping[str, Rates]) -> list[tuple[Any, ...]]:
    """A row for all pixels and one for each class, a cell for each column."""
    rows: list[tuple[Any, ...]] = [("all", *(cell(found.accuracy) for found in columns.values()))]
    for number, name in enumerate(FIVE_CLASS.classes):
        rows.append((name, *(class_cell(found, number) for found in columns.values())))
    return rows


def confusion_figure(
    context: Context, name: str, title: str, matrices: Mapping[str, np.ndarray], note: str
) -> Figure:
    """Matrices with the truth along x, each column adding up to 100 %.

    Parameters
    ----------
    context : Context
    name : str
        Of the file.
    title : str
    matrices : mapping of str to ndarray, shape (5, 5)
        By what is drawn above each; rows truth, columns prediction, in pixels.
    note : str
    """
    figure = bare_figure(3.6 * len(matrices), 3.9)
    panels: Any = figure.subplots(1, len(matrices), squeeze=False)[0]
    for axes, (label, matrix) in zip(panels, matrices.items(), strict=True):
        draw_confusion(axes, matrix.tolist(), FIVE_CLASS.classes, truth_across=True)
        axes.set_title(label, fontsize=10)
        axes.tick_params(labelsize=7)
    data = {"rows": "truth", **{label: matrix.tolist() for label, matrix in matrices.items()}}
    return context.figure(name, title, figure, data, f"Below each class its pixels. {note}")
