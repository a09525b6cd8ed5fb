"""The charge scale of an image: how high the signal peaks along the drift are.

A network trained at one gain is off at another. Paper 2 compares data with
simulation by the simplest peak finder there is: a pixel that is higher than
the pixels before and after it along the time axis. The distribution of these
peaks has its maximum at the charge of a minimum-ionizing track.

References
----------
Paper 2, arXiv:1808.07269, section V A and figure 9.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from argoscope.events.event import Event
from argoscope.events.image import Image

__all__ = ["charge_scale", "peak_values", "signal_scale"]


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


def charge_scale(image: Image) -> float | None:
    """Median of the peaks of an image, in its unit; None where it has none.

    Parameters
    ----------
    image : Image

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [2, 2]]), np.array([10.0, 30.0]))
    >>> charge_scale(image)
    20.0
    """
    peaks = peak_values(image)
    return float(np.median(peaks)) if len(peaks) else None


def signal_scale(
    events: Iterable[Event], planes: tuple[int, ...] = (), *, least: float = 0.0, gain: float = 1.0
) -> float | None:
    """Median of the peaks that a network sees on the last plane it reads; None where it sees none.

    The last plane collects the charge: on planes of induction the peaks of noise outnumber those of tracks, and stay
    at the threshold whatever the gain is.

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
    float or None
        In the unit of the charges, after the gain.

    Examples
    --------
    >>> from argoscope.drawn import drawn_event
    >>> events = [drawn_event(0)]
    >>> round(signal_scale(events, gain=2.0) / signal_scale(events, (2,)), 6)
    2.0
    """
    images = [image for e in events for image in e.images if not planes or image.grid.projection in planes]
    last = max((image.grid.projection for image in images), default=0)
    peaks = [gain * peak_values(image) for image in images if image.grid.projection == last]
    seen = np.concatenate([found[found >= least] for found in peaks]) if peaks else np.zeros(0)
    return float(np.median(seen)) if len(seen) else None
