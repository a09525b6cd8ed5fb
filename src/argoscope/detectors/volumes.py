"""Where the electrons drift: boxes of liquid argon with an anode on one side, and voxel cubes.

A drift volume (a TPC) is a box with uniform field along x. Charge at distance
d from the anode arrives d / v later; its time does not depend on y and z.
Points outside every volume leave no charge: they are dropped, never moved in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from argoscope.detectors.planes import require_finite
from argoscope.errors import InvalidArgument
from argoscope.events.grid import Grid
from argoscope.typing import Points

__all__ = ["DriftVolume", "VoxelVolume"]


@dataclass(frozen=True, kw_only=True)
class DriftVolume:
    """One active box and the planes that read it.

    Parameters
    ----------
    name : str
        As the experiment calls it: "TPC0", "East".
    low_cm, high_cm : tuple of float
        Opposite corners (x, y, z) of the active volume, in cm.
    drift : {-1, 1}
        Whether electrons drift towards smaller (-1) or larger x.
    anode_cm : float
        x from which drift distances are counted, in cm.
    plane_x_cm : tuple of float
        x of each wire plane, in cm, in the order of the detector's planes.
    delays_us : tuple of float, optional
        Time by which charge is recorded later (negative: earlier) on each
        plane than the drift distance says, in µs; by default none.

    Raises
    ------
    InvalidArgument
        If the box has no volume, a number is not finite, the lengths differ,
        or the anode lies on the wrong side.

    Examples
    --------
    >>> tpc = DriftVolume(name="TPC", low_cm=(0.0, -10.0, 0.0), high_cm=(50.0, 10.0, 90.0), drift=-1,
    ...                   anode_cm=0.0, plane_x_cm=(0.0, -0.3, -0.6))
    >>> tpc.inside(np.array([[50.0, 0.0, 1.0], [50.1, 0.0, 1.0]])), tpc.cathode_cm, tpc.drift_length_cm
    (array([ True, False]), 50.0, 50.6)
    """

    name: str
    low_cm: tuple[float, float, float]
    high_cm: tuple[float, float, float]
    drift: Literal[-1, 1]
    anode_cm: float
    plane_x_cm: tuple[float, ...]
    delays_us: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.delays_us:
            object.__setattr__(self, "delays_us", (0.0,) * len(self.plane_x_cm))
        for name in ("low_cm", "high_cm", "plane_x_cm", "delays_us"):
            for value in getattr(self, name):
                require_finite(**{name: value})
        require_finite(anode_cm=self.anode_cm)
        if any(a >= b for a, b in zip(self.low_cm, self.high_cm, strict=True)):
            raise InvalidArgument(
                f"low_cm (={self.low_cm}) must lie below high_cm (={self.high_cm}) along x, y and z"
            )
        if self.drift not in {-1, 1}:
            raise InvalidArgument(
                f"drift (={self.drift}) must be -1 (towards smaller x) or 1 (towards larger x)"
            )
        if len(self.delays_us) != len(self.plane_x_cm):
            raise InvalidArgument(
                f"delays_us (={self.delays_us}) must have one number for each of the {len(self.plane_x_cm)} planes"
            )
        middle = (self.low_cm[0] + self.high_cm[0]) / 2
        if self.drift_distance(np.array(middle)) <= 0:
            raise InvalidArgument(
                f"anode_cm (={self.anode_cm}) lies on the cathode's side of the middle, x = {middle}; "
                f"with drift (={self.drift}) it must lie on the other"
            )

    @property
    def cathode_cm(self) -> float:
        """Position x of the side from which electrons drift away, in cm."""
        return self.high_cm[0] if self.drift < 0 else self.low_cm[0]

    @property
    def drift_length_cm(self) -> float:
        """Distance from the cathode to the farthest plane, in cm."""
        return max(abs(self.cathode_cm - x) for x in self.plane_x_cm)

    @property
    def plane_order(self) -> tuple[int, ...]:
        """Planes in the order in which drifting electrons meet them; the last one collects."""
        return tuple(sorted(range(len(self.plane_x_cm)), key=lambda p: self.drift * self.plane_x_cm[p]))

    def inside(self, points: Points) -> np.ndarray:
        """Which points lie in the active box, its surface included.

        Parameters
        ----------
        points : ndarray, shape (..., 3), float
            Positions in cm.

        Returns
        -------
        ndarray, shape (...), bool
        """
        points = np.asarray(points)
        within = (points >= self.low_cm) & (points <= self.high_cm)
        # Not `all`: reducing an axis of three takes longer than all the rest.
        return np.asarray(within[..., 0] & within[..., 1] & within[..., 2])

    def drift_distance(self, x: np.ndarray) -> np.ndarray:
        """Distance from the anode, in cm, of positions x in cm; negative behind it."""
        return np.asarray((self.anode_cm - np.asarray(x, dtype=np.float64)) * self.drift)

    def x_of(self, distance: np.ndarray) -> np.ndarray:
        """Position x, in cm, at a distance from the anode: the inverse of `drift_distance`."""
        return np.asarray(self.anode_cm - np.asarray(distance, dtype=np.float64) * self.drift)


@dataclass(frozen=True, kw_only=True)
class VoxelVolume:
    """A cube cut into voxels, without wires or drift.

    Parameters
    ----------
    name : str
    voxels : int
        Voxels along each side.
    voxel_cm : float
        Side of a voxel, in cm.

    Raises
    ------
    InvalidArgument
        If there is no voxel or its side is not positive.

    Examples
    --------
    >>> VoxelVolume(name="cube-192", voxels=192, voxel_cm=0.3).side_cm
    57.6
    """

    name: str
    voxels: int
    voxel_cm: float

    def __post_init__(self) -> None:
        require_finite(voxel_cm=self.voxel_cm)
        if self.voxels < 1:
            raise InvalidArgument(f"voxels (={self.voxels}) must be at least 1")
        if self.voxel_cm <= 0:
            raise InvalidArgument(f"voxel_cm (={self.voxel_cm}) must be positive")

    @property
    def side_cm(self) -> float:
        """Length of a side, in cm."""
        return round(self.voxels * self.voxel_cm, 9)

    @property
    def grid(self) -> Grid:
        """The grid of its images; the corner of voxel (0, 0, 0) is the origin."""
        return Grid((self.voxels,) * 3, size=(self.side_cm,) * 3, unit="cm")
