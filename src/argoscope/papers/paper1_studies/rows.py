"""Rows that several studies have: the metrics of instances, ours and the paper's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.analyses.statistics import Estimate
from argoscope.papers.charts import cell, number_cell
from argoscope.papers.study import Table

__all__ = ["METRICS", "changes_table", "metric_table"]

METRICS = {
    "efficiency": "efficiency",
    "purity": "purity",
    "charge_efficiency": "charge efficiency",
    "covered": "covered",
    "zero_efficiency": "nothing found",
    "panoptic_quality": "panoptic quality",
    "ap50": "AP50",
    "ari": "Rand index",
    "duplicates": "duplicates",
}
"""Metrics of `argoscope.analyses.instance_blocks`, as rows name them; the paper has the first five."""


def metric_table(
    title: str, ours: Mapping[str, Mapping[str, Any]], theirs: Mapping[str, Mapping[str, float]], note: str
) -> Table:
    """A row a metric: a column for each of our blocks, then for each of the paper's.

    Parameters
    ----------
    title : str
    ours : mapping of str to block
        By heading; a block is ``overall``, ``pooled`` or a class of an evaluation.
    theirs : mapping of str to mapping
        By heading: the paper's numbers by metric, where it has them.
    note : str
    """
    rows = tuple(
        (
            words,
            *(number_cell(block[name]) for block in ours.values()),
            *(block.get(name) for block in theirs.values()),
        )
        for name, words in METRICS.items()
    )
    return Table(title, ("", *ours, *theirs), rows, note)


def changes_table(title: str, changes: Mapping[str, Mapping[str, Estimate]], note: str) -> Table:
    """A row a metric, a column for each comparison of two evaluations of the same events."""
    rows = tuple(
        (words, *(cell(change[name]) for change in changes.values())) for name, words in METRICS.items()
    )
    return Table(title, ("", *changes), rows, note)
