"""The charge scale of an image: how high the signal peaks along the drift are.

A network trained at one gain is off at another. Paper 2 compares data with
simulation by the simplest peak finder there is: a pixel that is higher than
the pixels before and after it along the time axis. The distribution of these
peaks has its maximum at the charge of a minimum-ionizing track. The scale is
their median: it follows the gain, but also what the events hold. Of paper 2's
samples it is 0.88 (muon neutrinos) to 1.37 (slow muons with slow protons) times
that of its training sample; the maximum itself differs as much, and ten crops
leave it up to twice as uncertain.

References
----------
Paper 2, arXiv:1808.07269, section V A and figure 9.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from argoscope.events.event import Event
from argoscope.events.image import Image

__all__ = ["SignalScale", "are_enough", "peak_values", "scale_of", "signal_scale"]

MOST_EVENTS = 200
"""Events that a scale is measured on: of paper 2's crops, the smallest images, enough for 2 to 3 %."""
MOST_PEAKS = 100_000
"""Peaks after which no further event is read: large images need fewer events, and cost more."""
ALONE = 0.5
"""Error of the scale of one event, as a share of it: ten of paper 2's crops scatter by 8 to 15 %."""
DRAWS = 100
"""Resamplings of the events: the error is known to 7 %."""
SEED = 0
"""Of the resampling."""


def peak_values(image: Image) -> np.ndarray:
    """Charge of the pixels that are higher than both neighbours along the last axis.

    A neighbour without charge counts as zero.

    Parameters
    ----------
    image : Image
        A plane (the last axis is the drift time) or a volume.

    Returns
    -------
    ndarray, shape (peaks,), float32
        In the image's unit.

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> along = np.array([[1, 1], [1, 2], [1, 3], [1, 9]])
    >>> peak_values(Image.from_points(Grid((4, 10)), along, np.array([5.0, 30.0, 7.0, 4.0]))).tolist()
    [30.0, 4.0]
    """
    charge = image.charge
    # Sites are sorted with the last axis fastest, so a neighbour in time is the next row or absent.
    adjacent = (np.diff(image.ids) == 1) & (np.diff(image.coordinates[:, -1]) == 1)
    before = np.zeros(len(charge), dtype=np.float32)
    after = np.zeros(len(charge), dtype=np.float32)
    before[1:][adjacent] = charge[:-1][adjacent]
    after[:-1][adjacent] = charge[1:][adjacent]
    return charge[(charge > before) & (charge > after)]


class SignalScale(NamedTuple):
    """Median of the peaks of some events, in the unit of their charge.

    Parameters
    ----------
    value : float
    error : float
        Of `value`, from resampling the events: how far other events of the same kind may lie from it.
    """

    value: float
    error: float


def signal_scale(
    events: Iterable[Event], planes: tuple[int, ...] = (), *, least: float = 0.0, gain: float = 1.0
) -> SignalScale | None:
    """Scale of the peaks that a network sees on the last plane it reads; None where it sees none.

    The last plane collects the charge: on planes of induction the peaks of noise outnumber those of tracks, and stay
    at the threshold whatever the gain is. No more events are read than the scale needs (`are_enough`).

    Parameters
    ----------
    events : iterable of Event
    planes : tuple of int
        Projections that are read; all if empty.
    least : float
        Smallest charge that is read, after the gain.
    gain : float
        Multiplied to every charge.

    Returns
    -------
    SignalScale or None
        In the unit of the charges, after the gain.

    Examples
    --------
    >>> from argoscope.drawn import drawn_event
    >>> events = [drawn_event(0)]
    >>> round(signal_scale(events, gain=2.0).value / signal_scale(events, (2,)).value, 6)
    2.0
    """
    found: dict[int, list[np.ndarray]] = defaultdict(list)
    for event in events:
        for image in event.images:
            if not planes or image.grid.projection in planes:
                peaks = gain * peak_values(image)
                found[image.grid.projection].append(peaks[peaks >= least])
        if found and are_enough(found[max(found)]):
            break
    return scale_of(found[max(found)]) if found else None


def are_enough(peaks: Sequence[np.ndarray]) -> bool:
    """Whether more events would tell the scale no better than is needed.

    Parameters
    ----------
    peaks : sequence of ndarray
        Of each event.
    """
    return len(peaks) >= MOST_EVENTS or sum(map(len, peaks)) >= MOST_PEAKS


def scale_of(peaks: Sequence[np.ndarray]) -> SignalScale | None:
    """Median of the peaks of all events together, and its error; None where there is no peak.

    A single event says nothing of how events differ: its error is taken to be `ALONE` of the scale.

    Parameters
    ----------
    peaks : sequence of ndarray, each of shape (peaks,)
        Of each event.

    Examples
    --------
    >>> scale_of([np.array([10.0]), np.array([20.0, 30.0])]).value
    20.0
    >>> scale_of([np.array([20.0]), np.array([20.0])])
    SignalScale(value=20.0, error=0.0)
    """
    filled = [one for one in peaks if len(one)]
    if not filled:
        return None
    value = float(np.median(np.concatenate(filled)))
    if len(filled) == 1:
        return SignalScale(value, ALONE * value)
    # Few events show less than they scatter: the factor of an unbiased variance.
    return SignalScale(value, float(np.std(_resampled(filled))) * (len(filled) / (len(filled) - 1)) ** 0.5)


def _resampled(peaks: Sequence[np.ndarray]) -> np.ndarray:
    """Medians of the peaks of as many events, drawn with replacement, shape (DRAWS,)."""
    owner = np.repeat(np.arange(len(peaks)), [len(one) for one in peaks])
    together = np.concatenate(peaks)
    order = np.argsort(together, kind="stable")
    together, owner = together[order], owner[order]
    drawn = np.random.default_rng(SEED).multinomial(
        len(peaks), np.full(len(peaks), 1 / len(peaks)), size=DRAWS
    )
    medians = np.zeros(DRAWS)
    for row, counts in enumerate(drawn):
        rank = counts[owner].cumsum()
        medians[row] = together[np.searchsorted(rank, rank[-1] / 2)]
    return medians
