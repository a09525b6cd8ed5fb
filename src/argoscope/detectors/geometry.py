"""Positions to pixels: in which column and row of a plane charge from a point is seen.

With d the distance from the anode, v the
drift velocity and t0 the time of the deposit after the trigger,

    column = first_column + (u(y, z) - u_0) / pitch              nearest whole number
    tick   = trigger_tick + (d / v + delay + t0) / tick_us
    row    = floor((tick - first_tick) / ticks_per_row)          from the anode of each volume

Points outside every volume, wires that do not exist and rows outside the
readout are dropped and reported, never moved to the nearest pixel. Units: cm, µs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from argoscope.detectors.detector import Detector
from argoscope.typing import Points

__all__ = [
    "Pixels",
    "Projected",
    "pixels_of",
    "project",
    "tick_of",
    "volume_of",
]


class Projected(NamedTuple):
    """Points as one plane sees them, before they fall into pixels."""

    coordinates: np.ndarray
    """Continuous (column, row), shape (n, 2), float64; NaN outside every volume.
    A wire lies at whole columns, row r covers [r, r + 1)."""
    volume: np.ndarray
    """Number of the drift volume of each point, shape (n,), int64; -1 outside."""


class Pixels(NamedTuple):
    """Pixels of the points that a plane sees."""

    coordinates: np.ndarray
    """(column, row) of the kept points, shape (m, 2), int32."""
    kept: np.ndarray
    """Which points are seen, shape (n,), bool; m of them."""


def volume_of(detector: Detector, points: Points) -> np.ndarray:
    """Number of the drift volume of each point.

    Parameters
    ----------
    detector : Detector
    points : ndarray, shape (n, 3), float
        Positions in cm.

    Returns
    -------
    ndarray, shape (n,), int64
        -1 outside every volume; on a surface shared by two, the later one.
    """
    volume = np.full(np.shape(points)[:-1], -1, dtype=np.int64)
    for number, box in enumerate(detector.volumes):
        volume[box.inside(points)] = number
    return volume


def tick_of(
    detector: Detector,
    x: np.ndarray,
    projection: int,
    volume: int | np.ndarray = 0,
    t0: float | np.ndarray = 0.0,
) -> np.ndarray:
    """Tick at which charge from x arrives on a plane.

    Parameters
    ----------
    detector : Detector
    x : ndarray, shape (n,)
        Positions along the drift, in cm.
    projection : int
        Number of the plane.
    volume : int or ndarray, shape (n,)
        Number of the drift volume.
    t0 : float or ndarray, shape (n,)
        Time of the deposit after the trigger, in µs.

    Returns
    -------
    ndarray, shape (n,), float64

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> tick_of(detector_named("microboone"), np.array([0.0, 254.8]), 2).round(1)
    array([3200. , 7841.2])
    """
    detector.plane(projection)
    anode, drift, delay = drift_of(detector, projection, volume)
    drift_us = (anode - np.asarray(x, dtype=np.float64)) * drift / detector.drift.velocity_cm_us + delay
    return np.asarray(detector.readout.trigger_tick + (drift_us + t0) / detector.readout.tick_us)


def project(detector: Detector, points: Points, projection: int, t0: float | np.ndarray = 0.0) -> Projected:
    """Continuous column and row at which one plane sees each point.

    Parameters
    ----------
    detector : Detector
    points : ndarray, shape (n, 3), float
        Positions in cm.
    projection : int
        Number of the plane.
    t0 : float or ndarray, shape (n,)
        Time of each deposit after the trigger, in µs.

    Returns
    -------
    Projected
        A row may lie outside its volume's part of the image: `pixels_of` drops such points.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> points = np.array([[-100.0, 0.0, 30.01], [0.0, 0.0, 0.0]])
    >>> project(detector_named("sbnd-2018"), points, projection=2)
    Projected(coordinates=array([[290.  , 318.32], [   nan,    nan]]), volume=array([ 0, -1]))
    """
    points = np.asarray(points, dtype=np.float64)
    volume = volume_of(detector, points)
    column = detector.plane(projection).wire_of(points) + detector.image.first_columns[projection]
    local = _local_rows(detector, points[:, 0], projection, volume, t0)
    out = np.stack([column, _turned(detector, local, volume)], axis=1)
    return Projected(np.where(volume[:, None] >= 0, out, np.nan), volume)


def pixels_of(detector: Detector, points: Points, projection: int, t0: float | np.ndarray = 0.0) -> Pixels:
    """Pixel in which one plane sees each point.

    Parameters
    ----------
    detector : Detector
    points : ndarray, shape (n, 3), float
        Positions in cm.
    projection : int
        Number of the plane.
    t0 : float or ndarray, shape (n,)
        Time of each deposit after the trigger, in µs.

    Returns
    -------
    Pixels
        Points outside the volumes, off the wires or outside the rows of their own volume are left out.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> pixels_of(detector_named("microboone"), np.array([[0.0, 0.0, 500.0], [0.0, 0.0, 2e3]]), 2)
    Pixels(coordinates=array([[1666,  133]], dtype=int32), kept=array([ True, False]))
    """
    points = np.asarray(points, dtype=np.float64)
    plane, image = detector.plane(projection), detector.image
    volume = volume_of(detector, points)
    wire = np.floor(plane.wire_of(points) + 0.5)
    local = np.floor(_local_rows(detector, points[:, 0], projection, volume, t0))
    kept = (volume >= 0) & (wire >= 0) & (wire < plane.wires) & (local >= 0) & (local < image.rows)
    volume, local = volume[kept], local[kept]
    drift = np.array([v.drift for v in detector.volumes])[volume]
    row = volume * image.rows + np.where(drift < 0, local, image.rows - 1 - local)
    column = wire[kept] + image.first_columns[projection]
    return Pixels(np.stack([column, row], axis=1).astype(np.int32), kept)


def drift_of(
    detector: Detector, projection: int, volume: int | np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Anode in cm, drift direction and delay in µs of each given volume."""
    anode = np.array([v.anode_cm for v in detector.volumes])
    drift = np.array([v.drift for v in detector.volumes])
    delay = np.array([v.delays_us[projection] for v in detector.volumes])
    return np.asarray(anode[volume]), np.asarray(drift[volume]), np.asarray(delay[volume])


def _local_rows(
    detector: Detector, x: np.ndarray, projection: int, volume: np.ndarray, t0: float | np.ndarray
) -> np.ndarray:
    """Continuous rows counted from the anode of each point's own volume."""
    ticks = tick_of(detector, x, projection, volume, t0) - detector.image.first_tick
    return np.asarray(ticks / detector.image.ticks_per_row)


def _turned(detector: Detector, local: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Rows of the image from rows counted from the anode."""
    drift = np.array([v.drift for v in detector.volumes])[volume]
    return np.where(drift < 0, volume, volume + 1) * detector.image.rows - drift * local
