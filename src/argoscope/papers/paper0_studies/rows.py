"""Rows that several studies have: paper 0's metrics, ours and its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.papers.charts import Cell, number_cell
from argoscope.papers.study import Table

__all__ = ["INTERACTIONS", "METRICS", "PAPERS", "Theirs", "metric_cells", "metric_table"]

METRICS = {
    "non_background_accuracy": "Acc. non 0",
    "iou_cosmic": "cosmic IoU",
    "iou_neutrino": "neutrino IoU",
    "mean_iou": "mean IoU",
}
"""Columns of table 2."""

INTERACTIONS = {"nue": "nu_e CC", "numu": "nu_mu CC", "nc": "NC"}
"""Kinds of neutrinos, as the paper's tables name them."""
PAPERS = ("paper 0, Acc.", "cosmic", "neutrino", "mean")
"""The same of the paper, in few letters, for a page is narrow."""

Theirs = tuple[float | None, ...]


def metric_cells(block: Mapping[str, Any]) -> tuple[Cell, ...]:
    """Table 2's metrics of one convention of an evaluation."""
    return tuple(number_cell(block[name]) for name in METRICS)


def metric_table(title: str, rows: Mapping[str, tuple[tuple[Any, ...], Theirs | None]], note: str) -> Table:
    """Ours, then the paper's, where it has the row.

    Parameters
    ----------
    title : str
    rows : mapping of str to (cells, numbers or None)
        Ours and the paper's, one a metric.
    note : str
    """
    none = (None,) * len(METRICS)
    lines = tuple((name, *ours, *(theirs or none)) for name, (ours, theirs) in rows.items())
    return Table(title, ("", *METRICS.values(), *PAPERS), lines, note)
