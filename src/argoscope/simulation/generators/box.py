"""Boxes of argon: where vertices lie, what a cosmic muon must hit, where it enters.

Left out: tilted boxes, and argon between the drift volumes of one cryostat
except for gaps as thin as a cathode.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from argoscope.detectors.detector import Detector
from argoscope.detectors.volumes import VoxelVolume
from argoscope.errors import InvalidArgument

__all__ = ["WORLD_MARGIN_CM", "Box", "active_boxes", "hull", "uniform_points"]

WORLD_MARGIN_CM = 30.0
"""Argon around the active volume, in cm: about two radiation lengths, for showers that leak in."""
_CATHODE_GAP_CM = (
    10.0  # cm; wider than SBND's cathode (5.2), narrower than the 122 between ICARUS's cryostats
)


@dataclass(frozen=True)
class Box:
    """A box along the axes.

    Parameters
    ----------
    low, high : tuple of float
        Opposite corners (x, y, z), in cm.

    Raises
    ------
    InvalidArgument
        If a corner is not finite or the box has no volume.

    Examples
    --------
    >>> Box((0.0, 0.0, 0.0), (1.0, 2.0, 3.0)).volume
    6.0
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (*self.low, *self.high)):
            raise InvalidArgument(f"the corners {self.low} and {self.high} must be finite numbers in cm")
        if any(a >= b for a, b in zip(self.low, self.high, strict=True)):
            raise InvalidArgument(
                f"a box from {self.low} to {self.high} has no volume: the first corner must lie below the second "
                "along x, y and z; give the corners in that order, and an inset smaller than half of each side"
            )

    @property
    def sides(self) -> np.ndarray:
        """Lengths of the sides, shape (3,), in cm."""
        return np.subtract(self.high, self.low)

    @property
    def volume(self) -> float:
        """Volume, in cm³."""
        return float(np.prod(self.sides))

    @property
    def centre(self) -> np.ndarray:
        """Middle, shape (3,), in cm."""
        return np.add(self.high, self.low) / 2

    @property
    def radius(self) -> float:
        """Radius of the sphere through the corners, in cm."""
        return float(np.linalg.norm(self.sides)) / 2

    def expanded(self, margin: float) -> Box:
        """The box with each face moved out by `margin` cm; negative: moved in.

        Raises
        ------
        InvalidArgument
            If nothing is left.
        """
        if not math.isfinite(margin):
            raise InvalidArgument(f"margin (={margin} cm) must be a finite number")
        low, high = np.subtract(self.low, margin).tolist(), np.add(self.high, margin).tolist()
        return Box((low[0], low[1], low[2]), (high[0], high[1], high[2]))

    def inside(self, points: np.ndarray) -> np.ndarray:
        """Which points, shape (..., 3), lie in the box, its surface included."""
        points = np.asarray(points)
        return np.asarray(((points >= self.low) & (points <= self.high)).all(axis=-1))

    def crossing(self, points: np.ndarray, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where straight lines enter and leave the box.

        Parameters
        ----------
        points, directions : ndarray, shape (n, 3), float
            A point of each line in cm and its unit direction.

        Returns
        -------
        enter, leave : ndarray, shape (n,), float64
            Distances from the point along the direction, in cm. A line hits
            the box if ``leave > enter``.

        Examples
        --------
        >>> Box((0.0, 0.0, 0.0), (1.0, 2.0, 3.0)).crossing(np.array([[0.5, 5.0, 1.0]]), np.array([[0.0, -1.0, 0.0]]))
        (array([3.]), array([5.]))
        """
        points, directions = np.asarray(points, np.float64), np.asarray(directions, np.float64)
        # A line along a face divides by zero: the infinities say "always" or
        # "never" between the two planes; only 0 / 0, in the face itself, is a miss.
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (self.low - points) / directions, (self.high - points) / directions
        enter = np.nan_to_num(np.minimum(one, other), nan=np.inf, posinf=np.inf, neginf=-np.inf).max(axis=1)
        leave = np.nan_to_num(np.maximum(one, other), nan=-np.inf, posinf=np.inf, neginf=-np.inf).min(axis=1)
        return enter, leave


def active_boxes(volume: Detector | VoxelVolume) -> tuple[Box, ...]:
    """Where interactions happen: one box for each cryostat, its cathode included.

    Drift volumes that stand side by side along x with no more than a cathode
    between them become one box; a voxel cube is one.

    Parameters
    ----------
    volume : Detector or VoxelVolume

    Returns
    -------
    tuple of Box, in the order of x

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> [box.low[0] for box in active_boxes(detector_named("icarus"))]
    [-359.33, 61.1]
    """
    if isinstance(volume, VoxelVolume):
        side = volume.side_cm
        return (Box((0.0, 0.0, 0.0), (side, side, side)),)
    found: list[Box] = []
    for one in sorted(volume.volumes, key=lambda v: v.low_cm):
        box = Box(one.low_cm, one.high_cm)
        last = found[-1] if found else None
        if (
            last
            and box.low[0] - last.high[0] <= _CATHODE_GAP_CM
            and (box.low[1:], box.high[1:])
            == (
                last.low[1:],
                last.high[1:],
            )
        ):
            found[-1] = hull((last, box))
        else:
            found.append(box)
    return tuple(found)


def hull(boxes: Sequence[Box]) -> Box:
    """Smallest box around all boxes.

    Raises
    ------
    InvalidArgument
        If there is none.
    """
    if not boxes:
        raise InvalidArgument("boxes is empty: give at least one box")
    low = np.min([box.low for box in boxes], axis=0).tolist()
    high = np.max([box.high for box in boxes], axis=0).tolist()
    return Box((low[0], low[1], low[2]), (high[0], high[1], high[2]))


def uniform_points(boxes: Sequence[Box], count: int, rng: np.random.Generator) -> np.ndarray:
    """Points spread evenly over the volume of all boxes.

    Parameters
    ----------
    boxes : sequence of Box
        Must not overlap.
    count : int
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (count, 3), float64
        In cm.
    """
    if not boxes:
        raise InvalidArgument("boxes is empty: give at least one box")
    ends = np.cumsum([box.volume for box in boxes])
    chosen = np.searchsorted(ends, rng.random(count) * ends[-1], side="right")
    lows = np.array([box.low for box in boxes])[chosen]
    highs = np.array([box.high for box in boxes])[chosen]
    return np.asarray(lows + rng.random((count, 3)) * (highs - lows))
