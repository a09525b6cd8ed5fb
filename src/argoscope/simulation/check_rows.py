"""What every table of checks shares: its rows, and straight toy tracks.

A row is {"quantity", "value", "reference", "tolerance", "ok", "source"}; `ok`
says that value and reference differ by at most the tolerance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.detectors import Detector
from argoscope.simulation.records import DEPOSIT_DTYPE, TRACK_DTYPE, Transported

__all__ = ["row", "straight_tracks"]


def row(quantity: str, value: float, reference: float, tolerance: float, source: str) -> dict[str, Any]:
    """One row of the table; the tolerance is in the unit of the value.

    Examples
    --------
    >>> row("share", 0.71, 0.705, 0.01, "formula")["ok"]
    True
    """
    return {
        "quantity": quantity,
        "value": float(value),
        "reference": float(reference),
        "tolerance": float(tolerance),
        "ok": bool(abs(value - reference) <= tolerance),
        "source": source,
    }


def straight_tracks(
    detector: Detector,
    volume: int,
    directions: np.ndarray,
    length: float,
    rng: np.random.Generator,
) -> Transported:
    """Straight minimum-ionizing tracks through the middle of one drift volume, each a group of its own.

    Deposits of 1.5 mm whose energy follows a gamma law with a spread of a third,
    about that of muons.

    Parameters
    ----------
    detector : Detector
    volume : int
    directions : ndarray, shape (n, 3)
        Need not have length one.
    length : float
        In cm.
    rng : numpy.random.Generator
        Draws the energies, and middles within 30 cm along y and z and 10 cm along x.

    Returns
    -------
    Transported

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> tracks = straight_tracks(detector_named("sbnd"), 0, np.eye(3), 30.0, np.random.default_rng(1))
    >>> len(tracks.tracks), len(tracks.deposits)
    (3, 600)
    """
    box = detector.volumes[volume]
    unit = directions / np.linalg.norm(directions, axis=1, keepdims=True)
    middle = (np.asarray(box.low_cm) + np.asarray(box.high_cm)) / 2
    middle = middle + rng.uniform(-1.0, 1.0, (len(unit), 3)) * np.array([10.0, 30.0, 30.0])
    steps = round(length / 0.15)
    along = (np.arange(steps) + 0.5) * 0.15 - length / 2
    track = np.repeat(np.arange(len(unit)), steps)
    place = middle[track] + unit[track] * np.tile(along, len(unit))[:, None]
    deposits, tracks = np.zeros(len(track), DEPOSIT_DTYPE), np.zeros(len(unit), TRACK_DTYPE)
    deposits["track"], deposits["length"] = track, 0.15
    deposits["x"], deposits["y"], deposits["z"] = place.T
    deposits["drift_cosine"] = unit[track, 0]
    deposits["energy"] = rng.gamma(9.0, 2.1 * 0.15 / 9.0, len(track))  # MeV; 2.1 MeV/cm on average
    tracks["group"] = np.arange(len(unit))
    return Transported(tracks, deposits)
