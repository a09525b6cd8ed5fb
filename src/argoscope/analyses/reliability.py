"""Whether scores mean what they say: that of pixels with a score of 0.8, 80 % are right.

The reliability diagram has the share of pixels that are of the class against
their score, in bins of the score; the expected calibration error (ECE) is the
mean distance of the two, weighted with the pixels. Temperature scaling divides
what a network gives before its softmax by one number T, which leaves every
label as it is: scores p become p^(1/T) / sum p^(1/T). The T with the least
negative log-likelihood is taken.

References
----------
Guo, Pleiss, Sun & Weinberger, ICML 2017, arXiv:1706.04599: sections 2 and 4.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from argoscope.analyses.statistics import LEVEL, bootstrap
from argoscope.errors import InvalidArgument

__all__ = ["BINS", "ReliabilityTally", "best_temperature", "reliability_report", "tempered"]

BINS = 15
"""Bins of the score, of equal width (arXiv:1706.04599, table 1)."""
LEAST_SCORE = 1e-37
"""Smallest float32 score that is told from 0; smaller ones count as this."""
TEMPERATURES = (1e-3, 1e3)
"""Range in which a temperature is looked for [E]."""


def tempered(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Scores at another temperature.

    Parameters
    ----------
    scores : ndarray, shape (n, classes)
        After softmax at temperature 1.
    temperature : float

    Raises
    ------
    InvalidArgument
        If the temperature is not finite and positive.

    Examples
    --------
    >>> tempered(np.array([[0.9, 0.1]]), 2.0).round(2).tolist()
    [[0.75, 0.25]]
    """
    if not (np.isfinite(temperature) and temperature > 0):
        raise InvalidArgument(f"temperature (={temperature}) must be finite and positive")
    logs = np.log(np.maximum(scores.astype(np.float64), LEAST_SCORE)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def best_temperature(scores: np.ndarray, truth: np.ndarray) -> float:
    """The temperature at which the true classes are likeliest.

    Parameters
    ----------
    scores : ndarray, shape (n, classes)
        After softmax at temperature 1.
    truth : ndarray, shape (n,), integer
        True classes.

    Raises
    ------
    InvalidArgument
        If there is no pixel.

    Examples
    --------
    Nine of ten right at a score of 0.99 is too sure:

    >>> best_temperature(np.tile([0.99, 0.01], (10, 1)), np.array([0] * 9 + [1])) > 1.5
    True
    """
    if not len(truth):
        raise InvalidArgument("there is no labelled pixel: a temperature needs some")
    logs = np.log(np.maximum(scores.astype(np.float64), LEAST_SCORE))
    right = logs[np.arange(len(truth)), truth]

    def surprise(log_temperature: float) -> float:
        scaled = logs / np.exp(log_temperature)
        top = scaled.max(axis=1)
        total = np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top
        return float((total - right / np.exp(log_temperature)).mean())

    found = minimize_scalar(surprise, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return float(np.exp(found.x))


@dataclass
class ReliabilityTally:
    """Scores and truth of the events so far, in bins.

    Parameters
    ----------
    classes : tuple of str
    counts, sums, right : list of ndarray, shape (1 + classes, BINS)
        Of each event: pixels, their scores, and those that are of the class; the first row is of the class of highest
        score, whichever it is.
    surprise : list of float
        Negative log-likelihood of each event, summed over its pixels.
    """

    classes: tuple[str, ...]
    counts: list[np.ndarray] = field(default_factory=list)
    sums: list[np.ndarray] = field(default_factory=list)
    right: list[np.ndarray] = field(default_factory=list)
    surprise: list[float] = field(default_factory=list)

    def add(self, scores: np.ndarray, truth: np.ndarray) -> None:
        """Count the pixels of an event.

        Parameters
        ----------
        scores : ndarray, shape (n, classes)
        truth : ndarray, shape (n,), integer
            True classes.
        """
        best = scores.argmax(axis=1)
        rows = np.arange(len(truth))
        told = np.column_stack([scores[rows, best], scores])
        held = np.column_stack([best == truth, truth[:, None] == np.arange(len(self.classes))])
        bins = np.minimum((told * BINS).astype(np.int64), BINS - 1)
        cells = bins + BINS * np.arange(told.shape[1])
        shape = (told.shape[1], BINS)
        size = shape[0] * BINS
        self.counts.append(np.bincount(cells.ravel(), minlength=size).reshape(shape).astype(float))
        self.sums.append(np.bincount(cells.ravel(), told.ravel(), size).reshape(shape))
        self.right.append(np.bincount(cells.ravel(), held.ravel(), size).reshape(shape))
        self.surprise.append(float(-np.log(np.maximum(scores[rows, truth], LEAST_SCORE)).sum()))


def reliability_report(tally: ReliabilityTally) -> dict[str, Any]:
    """Numbers with intervals over events.

    Parameters
    ----------
    tally : ReliabilityTally
        Of at least one event.

    Returns
    -------
    dict
        ``ece`` and ``likelihood`` (negative, mean over pixels) of the class of highest score; ``bins`` of it, and
        ``classes`` with ``ece`` and ``bins`` of each, one against the rest: ``low``, ``high``, ``pixels``, ``score`` (mean) and
        ``share`` (of pixels that are of the class); ``pixels``, ``events``, ``interval``.
    """
    counts, sums, right = (np.stack(parts) for parts in (tally.counts, tally.sums, tally.right))
    flat = counts.shape[1] * BINS

    def of(times: np.ndarray) -> np.ndarray:
        n, s, r = (
            (times @ part.reshape(len(part), flat)).reshape(-1, *counts.shape[1:])
            for part in (counts, sums, right)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            ece = np.abs(s - r).sum(axis=2) / n.sum(axis=2)
            likelihood = times @ np.array(tally.surprise) / n[:, 0].sum(axis=1)
            shares = (r / n).reshape(-1, flat)
        return np.column_stack([ece, likelihood, shares])

    found = bootstrap(of, len(counts))
    rows = counts.shape[1]
    eces, likelihood, shares = found[:rows], found[rows], found[rows + 1 :]
    totals, scores = counts.sum(axis=0), sums.sum(axis=0)
    bins = [
        [
            {
                "low": number / BINS,
                "high": (number + 1) / BINS,
                "pixels": int(totals[row, number]),
                "score": float(scores[row, number] / totals[row, number]),
                "share": shares[row * BINS + number].to_json(),
            }
            for number in range(BINS)
            if totals[row, number]
        ]
        for row in range(rows)
    ]
    return {
        "ece": eces[0].to_json(),
        "likelihood": likelihood.to_json(),
        "bins": bins[0],
        "classes": {
            name: {"ece": eces[row].to_json(), "bins": bins[row]}
            for row, name in enumerate(tally.classes, start=1)
        },
        "pixels": int(totals[0].sum()),
        "events": len(counts),
        "interval": f"central {LEVEL:.1%}, bootstrap over events",
    }
