"""How much better one set of predictions is than another on the same events.

Both are measured on the same events, so that events are resampled together: what
makes an event hard for one makes it hard for the other, and their difference is
better known than either number.

    difference = mean over events of the second - mean over events of the first

An event that has nothing to average in one of them is left out of that mean alone.

References
----------
Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 8.3 (paired data).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from argoscope.analyses.instance_blocks import METRICS
from argoscope.analyses.statistics import Estimate, bootstrap
from argoscope.errors import InvalidArgument

__all__ = ["paired_changes"]

_PLACE = ("run", "subrun", "event")
"""What tells events apart."""


def paired_changes(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> dict[str, Estimate]:
    """Changes of the metrics averaged over events, from one evaluation to another of the same events.

    Parameters
    ----------
    before, after : sequence of dict
        Rows ``events`` of `argoscope.analyses.instances.report`.

    Returns
    -------
    dict of str to Estimate
        By metric, each of `METRICS`; not a number where no event has it in one of them.

    Raises
    ------
    InvalidArgument
        If the events differ.

    Examples
    --------
    >>> rows = [dict.fromkeys(METRICS, 0.5), dict.fromkeys(METRICS, 0.75)]
    >>> better = [{**row, "efficiency": row["efficiency"] + 0.125} for row in rows]
    >>> found = paired_changes(rows, better)
    >>> found["efficiency"], found["purity"].value
    (Estimate(value=0.125, low=0.125, high=0.125), 0.0)
    """
    _require_same(before, after)
    first, second = (_table(rows) for rows in (before, after))

    def difference(counts: np.ndarray) -> np.ndarray:
        return _means(counts, second) - _means(counts, first)

    return dict(zip(METRICS, bootstrap(difference, len(first)), strict=True))


def _require_same(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> None:
    places = [[tuple(row.get(key) for key in _PLACE) for row in rows] for rows in (before, after)]
    if places[0] != places[1]:
        raise InvalidArgument(
            f"before ({len(before)} events) and after ({len(after)} events) must be of the same events in the same order: "
            "evaluate both on one file"
        )


def _table(rows: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """Metrics of each event, shape (events, metrics); not a number where there is nothing to average."""
    values = [[row[name] for name in METRICS] for row in rows]
    return np.array(values, dtype=np.float64).reshape(-1, len(METRICS))


def _means(counts: np.ndarray, table: np.ndarray) -> np.ndarray:
    there = np.isfinite(table)
    with np.errstate(invalid="ignore"):
        return np.asarray((counts @ np.where(there, table, 0.0)) / (counts @ there))
