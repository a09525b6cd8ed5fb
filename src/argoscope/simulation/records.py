"""What the stages of the simulation hand to one another.

generator -> `PRIMARY_DTYPE` -> transport -> `TRACK_DTYPE` and `DEPOSIT_DTYPE` -> drift, response, truth

Structured arrays, one row a particle or a deposit, so that any stage can be
replaced (Geant4 fills the same records). Positions in cm, times in µs after
the trigger, energies and momenta in MeV.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

__all__ = ["DEPOSIT_DTYPE", "PRIMARY_DTYPE", "TRACK_DTYPE", "Origin", "Process", "Transported"]


class Origin(IntEnum):
    """Where an interaction comes from; the numbers of the `cosmic` label scheme."""

    NONE = 0
    COSMIC = 1
    NEUTRINO = 2
    """A neutrino, or a particle gun that stands for one."""


class Process(IntEnum):
    """How a particle was made; `Process.larcv_name` is Geant4's and larcv's word for it."""

    primary = 0
    Decay = 1
    muMinusCaptureAtRest = 2
    muIoni = 3
    hIoni = 4
    eIoni = 5
    eBrem = 6
    conv = 7
    compt = 8
    phot = 9
    annihil = 10
    nCapture = 11
    hadElastic = 12
    piPlusInelastic = 13
    piMinusInelastic = 14
    protonInelastic = 15
    neutronInelastic = 16
    muPairProd = 17

    @property
    def larcv_name(self) -> str:
        """Geant4's name, as larcv files store it."""
        return {"piPlusInelastic": "pi+Inelastic", "piMinusInelastic": "pi-Inelastic"}.get(
            self.name, self.name
        )


PRIMARY_DTYPE = np.dtype(
    [
        ("pdg", "<i4"),
        ("interaction", "<i4"),  # number of the vertex or of the cosmic shower, from 0
        ("origin", "u1"),  # Origin
        ("x", "<f8"), ("y", "<f8"), ("z", "<f8"), ("t", "<f8"),  # cm, µs
        ("px", "<f8"), ("py", "<f8"), ("pz", "<f8"),  # MeV/c
    ]
)  # fmt: skip
"""A particle that the generator hands to the transport."""

TRACK_DTYPE = np.dtype(
    [
        ("pdg", "<i4"),
        ("parent", "<i4"),  # row of the parent in this table, -1 for primaries
        ("ancestor", "<i4"),  # row of the primary it descends from
        ("group", "<i4"),  # row of the particle whose instance it belongs to: the top of its electromagnetic shower, or itself
        ("interaction", "<i4"),
        ("origin", "u1"),
        ("process", "u1"),  # Process that made it
        ("x", "<f8"), ("y", "<f8"), ("z", "<f8"), ("t", "<f8"),  # where it began
        ("px", "<f8"), ("py", "<f8"), ("pz", "<f8"),  # its first momentum
        ("end_x", "<f8"), ("end_y", "<f8"), ("end_z", "<f8"), ("end_t", "<f8"),
        ("kinetic", "<f8"),  # first kinetic energy
        ("deposited", "<f8"),  # energy that it left inside the volume itself, descendants not counted
    ]
)  # fmt: skip
"""A particle that was transported; the row number is its track number. Parents stand before their children."""

DEPOSIT_DTYPE = np.dtype(
    [
        ("track", "<i4"),  # row in the table of tracks
        ("x", "<f8"), ("y", "<f8"), ("z", "<f8"), ("t", "<f8"),  # middle of the segment
        ("energy", "<f8"),  # MeV
        ("length", "<f8"),  # cm of the segment: dE/dx = energy / length
        ("drift_cosine", "<f4"),  # cosine between the segment and the drift axis x
    ]
)  # fmt: skip
"""Energy left along a segment of at most 1.5 mm."""


class Transported(NamedTuple):
    """What transport gives: every particle, and every deposit inside the world.

    Parameters
    ----------
    tracks : ndarray, shape (tracks,), `TRACK_DTYPE`
    deposits : ndarray, shape (deposits,), `DEPOSIT_DTYPE`
    """

    tracks: np.ndarray
    deposits: np.ndarray
