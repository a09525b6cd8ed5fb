"""Numbers with their intervals, as error bars want them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["Number", "error_bars"]

Number = Mapping[str, float | None]
"""A number as evaluations give it: value, low, high; None for what is not a number."""


def error_bars(numbers: Sequence[Number]) -> tuple[np.ndarray, np.ndarray]:
    """Values, and the lengths of their error bars.

    Parameters
    ----------
    numbers : sequence of mapping

    Returns
    -------
    values : ndarray, shape (n,), float64
        Not a number where there is none.
    lengths : ndarray, shape (2, n), float64
        Downwards and upwards.

    Examples
    --------
    >>> error_bars([{"value": 0.5, "low": 0.25, "high": 0.625}])
    (array([0.5]), array([[0.25 ], [0.125]]))
    """
    table = np.array([[n["value"], n["low"], n["high"]] for n in numbers], dtype=np.float64).reshape(-1, 3)
    # An interval of the bootstrap may leave out the value itself where few events are resampled.
    bars = np.maximum([table[:, 0] - table[:, 1], table[:, 2] - table[:, 0]], 0.0)
    return table[:, 0], np.nan_to_num(bars)
