"""Straight energy deposits, the particles that left them, and the volume around them.

Lengths are in cm, energies in MeV. `voxelise` fills the volume.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import Grid

__all__ = ["Owners", "Segments", "grid_around", "require_options"]


@dataclass(frozen=True)
class Segments:
    """Straight energy deposits.

    Parameters
    ----------
    start, end : ndarray, shape (s, 3), float64
        End points, in cm.
    energy : ndarray, shape (s,), float64
        Deposited energy, in MeV.
    owner : ndarray, shape (s,), int64
        Number of the particle that left it; -1 where there is none.

    Raises
    ------
    InvalidArgument
        If a number is not finite or an energy negative; the message names the row.
    """

    start: np.ndarray
    end: np.ndarray
    energy: np.ndarray
    owner: np.ndarray

    def __post_init__(self) -> None:
        for name in ("start", "end", "energy"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            bad = ~np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
            if bad.any():
                row = int(bad.argmax())
                raise InvalidArgument(
                    f"segment {row} has the {name} {values[row].tolist()}: it must be finite"
                )
            object.__setattr__(self, name, values)
        if (self.energy < 0).any():
            row = int((self.energy < 0).argmax())
            raise InvalidArgument(
                f"segment {row} has the energy {self.energy[row]} MeV: it must not be negative"
            )
        object.__setattr__(self, "owner", np.asarray(self.owner, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.energy)

    def charged(self) -> Segments:
        """The segments that leave energy."""
        keep = self.energy > 0
        return Segments(self.start[keep], self.end[keep], self.energy[keep], self.owner[keep])


@dataclass(frozen=True)
class Owners:
    """What is known of the particles that own segments.

    Parameters
    ----------
    numbers : ndarray, shape (k,), int64
        Their numbers, rising.
    ancestors : ndarray, shape (k,), int64
        Number of the interaction each comes from; -1 for none.
    classes : ndarray, shape (k,), int32, optional
        Class of each in the scheme `FIVE_CLASS`.
    """

    numbers: np.ndarray
    ancestors: np.ndarray
    classes: np.ndarray | None = None


def require_options(voxel_size_cm: float, region: Grid | None, overlap: str) -> None:
    """Refuse options that no volume can be filled with.

    Raises
    ------
    InvalidArgument
        If the voxel size is not positive, the region no volume in cm, or the overlap rule unknown.
    """
    if not (math.isfinite(voxel_size_cm) and voxel_size_cm > 0):
        raise InvalidArgument(f"voxel_size_cm (={voxel_size_cm}) must be a positive number")
    if region is not None and (region.dimensions != 3 or region.unit != "cm"):
        raise InvalidArgument(
            f"region (shape {region.shape}, unit {region.unit!r}) must be a volume in cm: Grid(shape, size, origin, unit='cm')"
        )
    if overlap not in {"highest", "lowest"}:
        raise InvalidArgument(f"overlap (={overlap!r}) must be 'highest' or 'lowest'")


def grid_around(segments: Segments, pitch: float) -> Grid:
    """Smallest grid of cubic voxels that holds all segments, its faces at multiples of the pitch.

    Parameters
    ----------
    segments : Segments
        An event without any gives a grid of one voxel at the origin.
    pitch : float
        Side of a voxel, in cm.

    Examples
    --------
    >>> one = Segments(np.array([[0.5, -0.1, 7.0]]), np.array([[1.5, 0.1, 7.0]]), np.ones(1), np.zeros(1))
    >>> grid_around(one, 1.0).shape, grid_around(one, 1.0).origin
    ((2, 2, 1), (0.0, -1.0, 7.0))
    """
    if not len(segments):
        return Grid((1, 1, 1), (pitch,) * 3, unit="cm")
    ends = np.concatenate([segments.start, segments.end])
    low = [math.floor(v / pitch) for v in ends.min(axis=0)]
    high = [math.floor(v / pitch) for v in ends.max(axis=0)]
    shape = tuple(h - v + 1 for v, h in zip(low, high, strict=True))
    return Grid(shape, tuple(n * pitch for n in shape), tuple(v * pitch for v in low), unit="cm")
