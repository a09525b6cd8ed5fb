"""One row of the validation table: a value beside its reference, and the verdict.

A row is {"quantity", "value", "reference", "tolerance", "ok", "source"}; `ok`
says that value and reference differ by at most the tolerance, which has the
unit of the value. Where the value is an average over drawn events the row also
has "error", its statistical error: at most a third of the tolerance, or the
verdict is chance (`imprecise`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = [
    "Row",
    "imprecise",
    "median",
    "ratio_of_sums",
    "row",
    "sample_error",
    "sampled_row",
]

Row = dict[str, Any]
"""A quantity of the simulation beside its reference."""


def row(
    quantity: str,
    value: float,
    reference: float,
    tolerance: float,
    source: str,
    *,
    error: float | None = None,
) -> Row:
    """Compare a value with its reference.

    Parameters
    ----------
    quantity : str
        What it is, with its unit.
    value, reference, tolerance : float
        All in the quantity's unit.
    source : str
        Where the reference is from.
    error : float, optional
        Statistical error of the value; None where nothing is drawn or it is not known.

    Examples
    --------
    >>> row("share", 0.71, 0.705, 0.01, "formula")["ok"]
    True
    """
    found: Row = {
        "quantity": quantity,
        "value": float(value),
        "reference": float(reference),
        "tolerance": float(tolerance),
        "ok": bool(abs(value - reference) <= tolerance),
        "source": source,
    }
    if error is not None:
        found["error"] = float(error)
    return found


def sampled_row(
    quantity: str,
    sample: np.ndarray,
    reference: float,
    tolerance: float,
    source: str,
    *,
    statistic: Callable[[np.ndarray], float] | None = None,
) -> Row:
    """Compare what drawn events give with its reference, and say how well they know it.

    Parameters
    ----------
    quantity : str
        What it is, with its unit.
    sample : ndarray, shape (events, ...)
        Events independent of each other.
    reference, tolerance : float
    source : str
        Where the reference is from.
    statistic : callable, optional
        The value, from rows of the sample; by default their mean (of truth values: the share).

    Examples
    --------
    >>> found = sampled_row("heads", np.array([True, False, True, False]), 0.5, 0.1, "fair coin")
    >>> found["value"], found["error"], found["ok"]
    (0.5, 0.25, True)
    """
    if statistic is None:
        error = float(np.std(sample)) / len(sample) ** 0.5
        return row(quantity, float(np.mean(sample)), reference, tolerance, source, error=error)
    error = sample_error(sample, statistic)
    return row(quantity, statistic(sample), reference, tolerance, source, error=error)


def sample_error(sample: np.ndarray, statistic: Callable[[np.ndarray], float], parts: int = 20) -> float:
    """Statistical error of a statistic, by leaving out a twentieth of the events in turn.

    Parameters
    ----------
    sample : ndarray, shape (events, ...)
    statistic : callable
        The value, from rows of the sample.
    parts : int
        The error is itself known to ``1 / sqrt(2 parts)``, one sixth.

    References
    ----------
    The delete-a-group jackknife: B. Efron, The Jackknife, the Bootstrap and Other Resampling Plans (1982), chapter 2.

    Examples
    --------
    The median of a Gaussian is known to ``sqrt(pi / 2 n)``, here 0.0125:

    >>> 0.007 < sample_error(np.random.default_rng(1).normal(5.0, 1.0, 10_000), median) < 0.02
    True
    """
    group = np.arange(len(sample)) % parts
    values = np.array([statistic(sample[group != part]) for part in range(parts)])
    return float(np.std(values)) * (parts - 1) ** 0.5


def ratio_of_sums(sample: np.ndarray) -> float:
    """First column over the second, each summed over the events, shape (events, 2).

    Examples
    --------
    >>> ratio_of_sums(np.array([[1.0, 2.0], [2.0, 4.0]]))
    0.5
    """
    part, whole = sample.sum(axis=0).tolist()
    return part / whole


def median(sample: np.ndarray) -> float:
    """Median of a sample.

    Examples
    --------
    >>> median(np.array([1.0, 5.0, 2.0]))
    2.0
    """
    return float(np.median(sample))


def imprecise(checked: Row) -> bool:
    """Whether the statistical error of a row is known to exceed a third of its tolerance.

    Examples
    --------
    >>> imprecise(row("mean", 1.0, 1.0, 0.1, "law", error=0.05))
    True
    """
    return bool(checked.get("error", 0.0) > checked["tolerance"] / 3.0)
