"""What signal processing does to tracks along the drift: their middle is lost on induction planes.

Induction signals are bipolar, so their slow part is not measured well and is
taken off before regions of interest are sought. On each wire, with s the signal,

    s_LF = s - Gaussian(s, sigma)                 the complement of exp(-(f / f0)²), sigma = 1 / (sqrt(2) pi f0)
    regions: s_LF > threshold, and two rows on either side
    inside:  the straight line that joins the region's ends is taken off
    outside: 0

Short pulses hardly change. A pulse much longer than sigma passes at its two
ends only: such a track has gaps and has lost a part of its charge.

References
----------
MicroBooNE, JINST 13 P07006 (2018), sections 3.3 and 4: low-frequency filters and regions of interest
(f0 = 0.02 MHz gives the 11.25 µs of the settings).
"""

# Numba compiles functions of positional arguments only.
# ruff: noqa: PLR0917

from __future__ import annotations

import math

import numpy as np

from argoscope.simulation.compile import allocating
from argoscope.simulation.noisy_planes import Signal

__all__ = ["PAD_ROWS", "prolonged_track_artefact"]

PAD_ROWS = 2  # rows added on either side of a region
REACH = 3.0  # none: where the Gaussian is cut, in sigma


def prolonged_track_artefact(
    signal: Signal, height: int, rows: int, sigma_rows: float, threshold: float
) -> Signal:
    """Signal of an induction plane after the search for regions of interest.

    Parameters
    ----------
    signal : Signal
        Pixel numbers with time fastest.
    height : int
        Rows of the image.
    rows : int
        Rows of each drift volume; regions stay inside one.
    sigma_rows : float
        Standard deviation of the Gaussian, in rows.
    threshold : float
        In image units.

    Returns
    -------
    Signal
        On the same pixels; 0 outside the regions.

    Examples
    --------
    A pulse of 3 rows keeps most of its charge, one of 60 rows loses most:

    >>> def kept(length):
    ...     pulse = Signal(np.arange(20, 20 + length), np.full(length, 50.0))
    ...     return prolonged_track_artefact(pulse, 100, 100, 3.75, 10.0).charge.sum() / (50.0 * length)
    >>> bool(kept(3) > 0.9), bool(kept(60) < 0.5)
    (True, True)
    """
    reach = math.ceil(REACH * sigma_rows)
    bell = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / sigma_rows))
    return Signal(
        signal.ids, _artefact(signal.ids, signal.charge, height, rows, bell / bell.sum(), threshold)
    )


@allocating
def _artefact(
    ids: np.ndarray, charge: np.ndarray, height: int, rows: int, bell: np.ndarray, threshold: float
) -> np.ndarray:
    """Work wire by wire, on the rows around a volume's first to last signal."""
    reach = len(bell) // 2
    out = np.zeros(len(ids))
    line, slow = np.zeros(rows + 2 * reach), np.zeros(rows + 2 * reach)
    keep = np.zeros(rows, np.bool_)
    k = 0
    while k < len(ids):
        start = ids[k] - ids[k] % height % rows  # id of row 0 of this wire in this volume
        end = k
        while end < len(ids) and ids[end] < start + rows:
            end += 1
        low = max(0, ids[k] - start - PAD_ROWS)
        high = min(rows, ids[end - 1] - start + 1 + PAD_ROWS)
        line[low : high + 2 * reach] = 0.0
        slow[low : high + 2 * reach] = 0.0
        for i in range(k, end):
            at = ids[i] - start
            line[at + reach] = charge[i]
            for j in range(len(bell)):
                slow[at + j] += charge[i] * bell[j]
        keep[low:high] = False
        for r in range(low, high):
            if line[r + reach] - slow[r + reach] > threshold:
                for near in range(max(low, r - PAD_ROWS), min(high, r + PAD_ROWS + 1)):
                    keep[near] = True
        _take_lines_off(line[reach : reach + rows], keep, low, high)
        for i in range(k, end):
            at = ids[i] - start
            out[i] = line[at + reach] if keep[at] else 0.0
        k = end
    return out


@allocating
def _take_lines_off(line: np.ndarray, keep: np.ndarray, low: int, high: int) -> None:
    """In each region, subtract the straight line between its end values."""
    r = low
    while r < high:
        if not keep[r]:
            r += 1
            continue
        end = r
        while end < high and keep[end]:
            end += 1
        first, last = line[r], line[end - 1]
        length = end - 1 - r
        for at in range(r, end):
            along = (at - r) / length if length > 0 else 0.0
            line[at] -= first + along * (last - first)
        r = end
