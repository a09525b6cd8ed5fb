"""A plane of parallel wires: which wire a point projects on, and where a wire runs.

A plane measures one coordinate, the distance across its wires. With `a` the
angle of the wires to the vertical, turned from y towards z,

    u(y, z) = -y sin a + z cos a        wire = (u - u_0) / pitch

where u_0 is the coordinate of wire 0. The wire is a continuous number here;
the one that collects the charge is the nearest. A plane whose wires are cut
in two (the first induction plane of ICARUS) numbers the wires of the far
half after those of the near one.

References
----------
Public wire maps of MicroBooNE (OpenSamples) and the geometry files of SBND and ICARUS.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.typing import Points

__all__ = ["WirePlane", "require_finite"]


@dataclass(frozen=True, kw_only=True)
class WirePlane:
    """The wires of one orientation.

    Parameters
    ----------
    name : str
        As the experiment calls it: "U", "V", "Y".
    wires : int
        Number of wires.
    angle_deg : float
        Angle of the wires to the vertical, in degrees; 0 for a collection plane with vertical wires.
    pitch_cm : float
        Distance between neighbouring wires, in cm.
    first_wire_cm : float
        Coordinate u of wire 0, in cm.
    split_z_cm : float, optional
        Where the wires are cut in two, in cm; the half with larger z has the larger numbers.

    Raises
    ------
    InvalidArgument
        If a number is not finite, the pitch not positive, or there is no wire.

    Examples
    --------
    >>> y_plane = WirePlane(name="Y", wires=3456, angle_deg=0.0, pitch_cm=0.3, first_wire_cm=0.25)
    >>> y_plane.wire_of(np.array([[100.0, 0.0, 0.55]]))
    array([1.])
    """

    name: str
    wires: int
    angle_deg: float
    pitch_cm: float
    first_wire_cm: float
    split_z_cm: float | None = None

    def __post_init__(self) -> None:
        require_finite(angle_deg=self.angle_deg, pitch_cm=self.pitch_cm, first_wire_cm=self.first_wire_cm)
        if self.wires < 1:
            raise InvalidArgument(f"wires (={self.wires}) must be at least 1")
        if self.pitch_cm <= 0:
            raise InvalidArgument(f"pitch_cm (={self.pitch_cm}) must be positive")
        if self.split_z_cm is not None:
            require_finite(split_z_cm=self.split_z_cm)
            if self.wires % 2:
                raise InvalidArgument(
                    f"wires (={self.wires}) must be even where split_z_cm cuts each in two halves"
                )

    @property
    def across(self) -> np.ndarray:
        """Unit vector (y, z) across the wires, the direction in which their numbers rise; shape (2,)."""
        angle = math.radians(self.angle_deg)
        return np.array([-math.sin(angle), math.cos(angle)])

    @property
    def half(self) -> int:
        """Wires between the two halves of one cut wire; 0 where wires are whole."""
        return 0 if self.split_z_cm is None else self.wires // 2

    def wire_of(self, points: Points) -> np.ndarray:
        """Continuous wire number of each point; the nearest whole number is the wire.

        Parameters
        ----------
        points : ndarray, shape (..., 3), float
            Positions (x, y, z) in cm.

        Returns
        -------
        ndarray, shape (...), float64
            Not limited to the wires there are; NaN where it would fall on the
            other half of a cut plane.
        """
        points = np.asarray(points, dtype=np.float64)
        wire = (points[..., 1:] @ self.across - self.first_wire_cm) / self.pitch_cm
        if self.split_z_cm is None:
            return np.asarray(wire)
        valid = (wire >= -0.5) & (wire < self.half - 0.5)
        return np.where(valid, wire + self.half * (points[..., 2] > self.split_z_cm), np.nan)

    def coordinate_of(self, wires: np.ndarray) -> np.ndarray:
        """Coordinate u of (continuous) wire numbers, in cm: the inverse of `wire_of`."""
        wires = np.asarray(wires, dtype=np.float64)
        if self.half:
            wires = np.where(wires >= self.half - 0.5, wires - self.half, wires)
        return np.asarray(self.first_wire_cm + wires * self.pitch_cm)

    def end_points(self, wires: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Where wires enter and leave a rectangle in y and z.

        Parameters
        ----------
        wires : ndarray, shape (n,)
            Wire numbers.
        low, high : ndarray, shape (2,)
            Corners (y, z) of the rectangle, in cm.

        Returns
        -------
        ndarray, shape (n, 2, 2), float64
            Both ends of each wire as (y, z) in cm, the lower end first (of
            horizontal wires the one with smaller z); NaN for a wire that
            misses the rectangle.
        """
        wires = np.asarray(wires)
        across = self.across
        along = np.array([across[1], -across[0]])
        base = self.coordinate_of(wires)[:, None] * across
        lows = np.broadcast_to(low, base.shape).copy()
        highs = np.broadcast_to(high, base.shape).copy()
        if self.split_z_cm is not None:
            far = wires >= self.half - 0.5
            lows[far, 1] = np.maximum(lows[far, 1], self.split_z_cm)
            highs[~far, 1] = np.minimum(highs[~far, 1], self.split_z_cm)
        enter, leave = _clip_lines(base, along, lows, highs)
        touches = enter <= leave + 1e-9  # cm: a wire through a corner may miss it by rounding
        steps = np.where(touches[:, None], np.stack([enter, leave], axis=1), np.nan)
        ends: np.ndarray = base[:, None, :] + steps[:, :, None] * along
        return ends


def _clip_lines(
    base: np.ndarray, along: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lengths along each line at which it enters and leaves its box (enter > leave: never)."""
    enter = np.full(len(base), -np.inf)
    leave = np.full(len(base), np.inf)
    for axis in range(2):
        if abs(along[axis]) < 1e-12:  # parallel to this side: cos 90 degrees is 6e-17 in floats
            outside = (base[:, axis] < low[:, axis]) | (base[:, axis] > high[:, axis])
            enter[outside], leave[outside] = np.inf, -np.inf
            continue
        bounds = np.stack([low[:, axis] - base[:, axis], high[:, axis] - base[:, axis]]) / along[axis]
        enter = np.maximum(enter, bounds.min(axis=0))
        leave = np.minimum(leave, bounds.max(axis=0))
    return enter, leave


def require_finite(**numbers: float) -> None:
    """Refuse infinite numbers and NaN.

    Raises
    ------
    InvalidArgument
        Naming the first such argument.

    Examples
    --------
    >>> require_finite(pitch_cm=float("nan"))
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: pitch_cm (=nan) must be a finite number
    """
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise InvalidArgument(f"{name} (={value}) must be a finite number")
