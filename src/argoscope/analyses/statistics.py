"""Numbers with their intervals: fractions of counts, and means over events.

All intervals are central and hold 68.3 % (one standard deviation of a normal
distribution) unless another level is asked for.

References
----------
Clopper & Pearson, Biometrika 26 (1934) 404, for counts. Efron & Tibshirani, An
Introduction to the Bootstrap (1993), chapter 13 (percentile interval), for means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from argoscope.errors import InvalidArgument

__all__ = ["LEVEL", "Estimate", "bootstrap", "fraction", "mean"]

LEVEL = 0.6827
"""Probability content of an interval of one standard deviation."""
LEAST_EVENTS = 2
"""Events without which there is no interval: one alone, drawn again and again, is always the same."""
REPLICAS = 400
"""Samples of a bootstrap; the ends of its interval are then good to a tenth of its width."""


@dataclass(frozen=True)
class Estimate:
    """A number and its interval; not a number where nothing was there to average.

    Parameters
    ----------
    value, low, high : float
    """

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float | None]:
        """Value and ends; None in place of what is not a number, which JSON has not.

        Examples
        --------
        >>> Estimate(0.5, 0.4, float("nan")).to_json()
        {'value': 0.5, 'low': 0.4, 'high': None}
        """
        return {
            name: None if np.isnan(number) else float(number)
            for name, number in (("value", self.value), ("low", self.low), ("high", self.high))
        }

    def __format__(self, spec: str) -> str:
        return f"{self.value:{spec}} [{self.low:{spec}}, {self.high:{spec}}]"


def fraction(passed: int, total: int, *, level: float = LEVEL) -> Estimate:
    """Fraction of independent trials, with its Clopper-Pearson interval.

    Parameters
    ----------
    passed, total : int
    level : float
        Probability content.

    Raises
    ------
    InvalidArgument
        If `passed` is not from 0 to `total`.

    Examples
    --------
    >>> format(fraction(0, 10), ".3f")
    '0.000 [0.000, 0.168]'
    """
    if not 0 <= passed <= total:
        raise InvalidArgument(f"passed (={passed}) must be from 0 to total (={total})")
    if not total:
        return Estimate(np.nan, np.nan, np.nan)
    tail = (1 - level) / 2
    low = betaincinv(passed, total - passed + 1, tail) if passed else 0.0
    high = betaincinv(passed + 1, total - passed, 1 - tail) if passed < total else 1.0
    return Estimate(passed / total, float(low), float(high))


def bootstrap(
    statistic: Callable[[np.ndarray], np.ndarray], events: int, *, level: float = LEVEL, seed: int = 0
) -> list[Estimate]:
    """Statistics of a sample of events, with intervals from resampling the events.

    Parameters
    ----------
    statistic : callable
        Takes how often each event counts, shape (samples, events), float64, and
        gives the statistics, shape (samples, k); not a number where undefined.
    events : int
        Number of events.
    level : float
    seed : int
        Seed of the resampling.

    Returns
    -------
    list of Estimate, length k
        Without interval (its ends are no number) if there is but one event.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 4.0])
    >>> [estimate] = bootstrap(lambda counts: (counts @ values / counts.sum(1))[:, None], 4)
    >>> estimate.value, estimate.low < 2.5 < estimate.high
    (2.5, True)
    """
    value = statistic(np.ones((1, events)))[0]
    if events < LEAST_EVENTS:
        return [Estimate(float(v), np.nan, np.nan) for v in value]
    drawn = np.random.default_rng(seed).multinomial(events, np.full(events, 1 / events), size=REPLICAS)
    found = statistic(drawn.astype(np.float64))
    tail = 100 * (1 - level) / 2
    estimates = []
    for column, center in zip(found.T, value, strict=True):
        good = column[np.isfinite(column)]
        low, high = np.percentile(good, [tail, 100 - tail]) if len(good) else (np.nan, np.nan)
        estimates.append(Estimate(float(center), float(low), float(high)))
    return estimates


def mean(values: np.ndarray, *, level: float = LEVEL) -> Estimate:
    """Mean over events, those that are not a number left out, with its bootstrap interval.

    Examples
    --------
    >>> mean(np.array([1.0, 3.0, np.nan])).value
    2.0
    """
    values = values[np.isfinite(values)]

    def of(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return (counts @ values / counts.sum(axis=1))[:, None]

    return bootstrap(of, len(values), level=level)[0]
