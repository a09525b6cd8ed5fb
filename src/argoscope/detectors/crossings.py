"""Pixels back to positions, and where wires run.

The wires of two planes cross at one (y, z), their rows give x:
`positions_of` undoes `argoscope.detectors.geometry.project`. Crossings
outside the active volumes are dropped and reported. Units: cm, µs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from argoscope.detectors.detector import Detector
from argoscope.detectors.geometry import drift_of, volume_of
from argoscope.errors import InvalidArgument

__all__ = ["Crossings", "positions_of", "wire_end_points"]


class Crossings(NamedTuple):
    """Positions found from two planes."""

    points: np.ndarray
    """Positions (x, y, z) of the kept pairs in cm, shape (m, 3), float64."""
    kept: np.ndarray
    """Which pairs cross inside one drift volume, shape (n,), bool; m of them."""


def positions_of(
    detector: Detector,
    projections: tuple[int, int],
    first: np.ndarray,
    second: np.ndarray,
    t0: float | np.ndarray = 0.0,
) -> Crossings:
    """Positions that two planes see at these columns and rows: the inverse of `project`.

    Parameters
    ----------
    detector : Detector
    projections : tuple of int
        The two planes; their wires must not be parallel.
    first, second : ndarray, shape (n, 2)
        Continuous (column, row) on each; add 0.5 to the row of a pixel to mean its middle.
    t0 : float or ndarray, shape (n,)
        Time of the deposit after the trigger, in µs.

    Returns
    -------
    Crossings
        x is the mean of what the two rows say. Pairs from two different
        volumes and crossings outside the active volume are left out.

    Raises
    ------
    InvalidArgument
        If the wires of the two planes are parallel.

    Examples
    --------
    >>> from argoscope.detectors import detector_named, project
    >>> sbnd, point = detector_named("sbnd-2018"), np.array([[50.0, -20.0, 300.0]])
    >>> seen = [project(sbnd, point, p).coordinates for p in (0, 2)]
    >>> positions_of(sbnd, (0, 2), *seen).points.round(6)
    array([[ 50., -20., 300.]])
    """
    planes = [detector.plane(p) for p in projections]
    across = np.stack([p.across for p in planes])
    if abs(np.linalg.det(across)) < 1e-6:
        raise InvalidArgument(
            f"projections (={projections}) have parallel wires, which never cross; take two that differ in angle"
        )
    seen = [np.asarray(pixels, dtype=np.float64) for pixels in (first, second)]
    volume, other = (np.floor_divide(pixels[:, 1], detector.image.rows).astype(np.int64) for pixels in seen)
    exists = (volume >= 0) & (volume < len(detector.volumes))
    number = np.where(exists, volume, 0)
    wires = [s[:, 0] - detector.image.first_columns[p] for s, p in zip(seen, projections, strict=True)]
    u = np.stack([p.coordinate_of(w) for p, w in zip(planes, wires, strict=True)], axis=1)
    x = [_x_of_rows(detector, s[:, 1], p, number, t0) for s, p in zip(seen, projections, strict=True)]
    points = np.column_stack([(x[0] + x[1]) / 2, u @ np.linalg.inv(across).T])
    kept = exists & (other == volume) & (volume_of(detector, points) == number)
    for plane, wire in zip(planes, wires, strict=True):
        if plane.split_z_cm is not None:
            kept &= (points[:, 2] > plane.split_z_cm) == (wire >= plane.half - 0.5)
    return Crossings(points[kept], kept)


def wire_end_points(detector: Detector, projection: int, wires: np.ndarray, volume: int = 0) -> np.ndarray:
    """Both ends of wires inside the active box of one volume.

    Parameters
    ----------
    detector : Detector
    projection : int
        Number of the plane.
    wires : ndarray, shape (n,), integer
        Wire numbers, from 0.
    volume : int
        Number of the drift volume.

    Returns
    -------
    ndarray, shape (n, 2, 3), float64
        (x, y, z) in cm, the lower end first; y and z are NaN for a wire that misses the box.

    Raises
    ------
    InvalidArgument
        If a wire does not exist.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> wire_end_points(detector_named("microboone"), 2, np.array([0]))
    array([[[  -0.6 , -115.53,    0.25], [  -0.6 ,  117.47,    0.25]]])
    """
    plane, box, wires = detector.plane(projection), detector.volumes[volume], np.asarray(wires)
    missing = (wires < 0) | (wires >= plane.wires)
    if missing.any():
        raise InvalidArgument(
            f"wire {wires[missing][0]} does not exist: plane {projection} has wires 0 to {plane.wires - 1}"
        )
    ends = np.full((len(wires), 2, 3), box.plane_x_cm[projection])
    ends[:, :, 1:] = plane.end_points(wires, np.array(box.low_cm[1:]), np.array(box.high_cm[1:]))
    return ends


def _x_of_rows(
    detector: Detector, rows: np.ndarray, projection: int, volume: np.ndarray, t0: float | np.ndarray
) -> np.ndarray:
    """Positions x in cm from continuous rows of the image."""
    anode, drift, delay = drift_of(detector, projection, volume)
    local = drift * (np.where(drift < 0, volume, volume + 1) * detector.image.rows - rows)
    ticks = local * detector.image.ticks_per_row + detector.image.first_tick - detector.readout.trigger_tick
    distance = (ticks * detector.readout.tick_us - delay - t0) * detector.drift.velocity_cm_us
    return np.asarray(anode - drift * distance)
