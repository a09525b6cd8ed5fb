"""The world of the transport: active boxes in a margin of argon, and the primaries that may enter it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.simulation.machine import (
    KIND,
    KINETIC,
    MASS_OF_KIND,
    NEUTRINO,
    PDG_OF_KIND,
    ROW,
    TIME,
    U,
    W,
    X,
    Z,
)
from argoscope.simulation.records import PRIMARY_DTYPE

__all__ = ["FARTHEST", "HIGHEST_ENERGY", "World", "stack_rows"]

HIGHEST_ENERGY = 1e7
"""MeV: 10 TeV, where the tables end."""
FARTHEST = 1e5
"""cm: a primary 1 km from the world is a slip of units."""
_NEUTRINOS = (12, 14, 16)


@dataclass(frozen=True)
class World:
    """Active boxes, and a margin of argon around all of them.

    Parameters
    ----------
    low, high : ndarray, shape (boxes, 3) or (3,)
        Corners of the active boxes, cm.
    margin : float
        Argon around the box that holds them all, cm.

    Raises
    ------
    InvalidArgument
        If a box has no volume, or the margin is negative.

    Examples
    --------
    >>> World(low=np.zeros(3), high=np.array([10, 20, 30]), margin=5.0).bounds(5.0).tolist()
    [-5.0, -5.0, -5.0, 15.0, 25.0, 35.0]
    """

    low: np.ndarray
    high: np.ndarray
    margin: float = 30.0

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            corners = np.atleast_2d(np.array(getattr(self, name), dtype=np.float64))
            corners.flags.writeable = False
            object.__setattr__(self, name, corners)
        if self.low.shape != self.high.shape or self.low.shape[1:] != (3,) or not len(self.low):
            raise InvalidArgument(
                f"low and high have the shapes {self.low.shape} and {self.high.shape}; both must be (boxes, 3)"
            )
        flat = ~(np.isfinite(self.low) & np.isfinite(self.high) & (self.low < self.high)).all(axis=1)
        if flat.any():
            at = int(flat.argmax())
            raise InvalidArgument(
                f"box {at} from {self.low[at].tolist()} to {self.high[at].tolist()} cm has no volume"
            )
        if not 0 <= self.margin < FARTHEST:
            raise InvalidArgument(f"margin (={self.margin} cm) must be from 0 to 1 km")

    def bounds(self, around: float) -> np.ndarray:
        """Low and high corner of the box that holds all active ones, grown by `around`, shape (6,)."""
        return np.concatenate([self.low.min(axis=0) - around, self.high.max(axis=0) + around])


def stack_rows(primaries: np.ndarray, world: World) -> np.ndarray:
    """Primaries as rows of the stack of the kernels.

    Parameters
    ----------
    primaries : ndarray, shape (n,), `PRIMARY_DTYPE`
    world : World

    Returns
    -------
    ndarray, shape (n, 12)

    Raises
    ------
    InvalidArgument
        If a primary is of an unknown kind, is not finite, has more than 10 TeV
        or starts more than 1 km away.
    """
    if primaries.dtype != PRIMARY_DTYPE or primaries.ndim != 1:
        raise InvalidArgument(
            f"primaries have the type {primaries.dtype} and shape {primaries.shape}; they must be a table of PRIMARY_DTYPE"
        )
    known = {int(pdg): kind for kind, pdg in enumerate(PDG_OF_KIND)}
    known |= {sign * flavour: NEUTRINO for flavour in _NEUTRINOS for sign in (-1, 1)}
    position = np.stack([primaries[name] for name in "xyz"], axis=1)
    momentum = np.stack([primaries[f"p{name}"] for name in "xyz"], axis=1)
    out = np.zeros((len(primaries), 12))
    for row, pdg in enumerate(primaries["pdg"].tolist()):
        if pdg not in known:
            raise InvalidArgument(f"primary {row} has the PDG code {pdg}; known are {sorted(known)}")
        out[row, KIND] = known[pdg]
    out[:, X : Z + 1], out[:, TIME], out[:, ROW] = position, primaries["t"], -1
    size = np.sqrt((momentum**2).sum(axis=1))
    mass = MASS_OF_KIND[out[:, KIND].astype(int)]
    # T = p² / (E + m), exact also where p is small.
    out[:, KINETIC] = size**2 / (np.sqrt(size**2 + mass**2) + mass + (size == 0))
    out[:, U : W + 1] = np.where(
        size[:, None] > 0, momentum / np.where(size > 0, size, 1)[:, None], (0, 0, 1)
    )
    _refuse(
        ~np.isfinite(position).all(axis=1) | ~np.isfinite(primaries["t"]),
        "a position or time that is not finite",
    )
    _refuse(~np.isfinite(size), "a momentum that is not finite")
    _refuse(out[:, KINETIC] > HIGHEST_ENERGY, "more than 10 TeV, where the tables end; momenta are in MeV/c")
    _refuse((size == 0) & (mass == 0), "no momentum, and no mass either")
    box = world.bounds(FARTHEST)
    outside = ((position < box[:3]) | (position > box[3:])).any(axis=1)
    _refuse(outside, "a position more than 1 km from the world; positions are in cm")
    return out


def _refuse(bad: Any, why: str) -> None:
    if bad.any():
        raise InvalidArgument(f"primary {int(bad.argmax())} has {why}")
