"""Rows that several studies have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from argoscope.analyses.confusion import Rates
from argoscope.analyses.five_class import Tally
from argoscope.events import FIVE_CLASS
from argoscope.papers.charts import cell, class_cell
from argoscope.papers.study import Table

__all__ = ["class_table", "stacked"]


def stacked(tally: Tally) -> np.ndarray:
    """Confusion matrices of a tally, shape (images, classes, classes)."""
    return np.stack(tally.pixels)


def class_table(title: str, columns: Mapping[str, tuple[Rates, str, Sequence[float]]], note: str) -> Table:
    """Accuracy by class: a pair of columns, ours and the paper's, for each case.

    Parameters
    ----------
    title : str
    columns : mapping of str to (Rates, str, sequence of float)
        Heading of ours to: ours, heading of the paper's, the paper's classes and overall number.
    note : str
    """
    rows: list[tuple[Any, ...]] = []
    for number, name in enumerate((*FIVE_CLASS.classes, "all")):
        cells: list[Any] = []
        for ours, _, theirs in columns.values():
            found = cell(ours.accuracy) if name == "all" else class_cell(ours, number)
            cells += [found, float(theirs[number])]
        rows.append((name, *cells))
    heads = [text for label, (_, paper, _) in columns.items() for text in (label, paper)]
    return Table(title, ("", *heads), tuple(rows), note)
