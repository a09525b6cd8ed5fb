"""The arrays a kernel works on, and what their columns mean.

`Machine` holds all of them; the particle that moves now is the array `now`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from argoscope.simulation.argon import (
    ELECTRON_MASS,
    KAON_MASS,
    MUON_MASS,
    NEUTRAL_PION_MASS,
    NEUTRON_MASS,
    PION_MASS,
    PROTON_MASS,
)
from argoscope.simulation.neutrons import CAPTURE_ENERGY
from argoscope.simulation.records import Process

__all__ = [
    "C_AT_END",
    "C_BREMS",
    "C_ELECTRON",
    "C_GAMMAS",
    "C_MUON",
    "C_NEUTRON",
    "C_NEUTRON_TIME",
    "C_OF_RANGE",
    "C_PHOTON",
    "C_PROTON",
    "C_ROW",
    "C_SEGMENT",
    "C_SOFT",
    "C_STEP",
    "DEPOSITS",
    "D_COSINE",
    "D_ENERGY",
    "D_LENGTH",
    "D_TIME",
    "D_TRACK",
    "D_X",
    "D_Y",
    "D_Z",
    "ELECTRON",
    "ESCAPED",
    "FREED_OF_KIND",
    "FULL",
    "HADRON_IONIZATION",
    "HIDDEN",
    "INSIDE",
    "INVISIBLE",
    "KIND",
    "KINETIC",
    "K_MINUS",
    "K_PLUS",
    "MASS_OF_KIND",
    "MUON_IONIZATION",
    "MU_MINUS",
    "MU_PLUS",
    "NEUTRINO",
    "NEUTRON",
    "NOW_COLUMNS",
    "OUTSIDE",
    "PDG_OF_KIND",
    "PHOTON",
    "PI_MINUS",
    "PI_PLUS",
    "PI_ZERO",
    "POSITRON",
    "PROCESS",
    "PROTON",
    "ROW",
    "SEGMENT_ENERGY",
    "SEGMENT_LENGTH",
    "STACKED",
    "START_TIME",
    "START_X",
    "START_Y",
    "START_Z",
    "STEPS",
    "TIME",
    "TRACKS",
    "T_ANCESTOR",
    "T_DEPOSITED",
    "T_END_TIME",
    "T_END_X",
    "T_END_Y",
    "T_END_Z",
    "T_GROUP",
    "T_KIND",
    "T_KINETIC",
    "T_PARENT",
    "T_PRIMARY",
    "T_PROCESS",
    "T_TIME",
    "T_U",
    "T_V",
    "T_W",
    "T_X",
    "T_Y",
    "T_Z",
    "Machine",
    "U",
    "V",
    "W",
    "X",
    "Y",
    "Z",
]

# Kinds of particles; heavy charged ones from MU_MINUS to PROTON, two signs to a mass.
PHOTON, ELECTRON, POSITRON = 0, 1, 2
MU_MINUS, MU_PLUS, PI_MINUS, PI_PLUS, K_MINUS, K_PLUS, PROTON = 3, 4, 5, 6, 7, 8, 9
NEUTRON, PI_ZERO, NEUTRINO = 10, 11, 12
PDG_OF_KIND = np.array([22, 11, -11, 13, -13, -211, 211, -321, 321, 2212, 2112, 111, 12])
MASS_OF_KIND = np.array(
    [0.0, ELECTRON_MASS, ELECTRON_MASS, MUON_MASS, MUON_MASS, PION_MASS, PION_MASS,
     KAON_MASS, KAON_MASS, PROTON_MASS, NEUTRON_MASS, NEUTRAL_PION_MASS, 0.0]
)  # fmt: skip
FREED_OF_KIND = np.array(
    [0.0, 0.0, 2 * ELECTRON_MASS, MUON_MASS - ELECTRON_MASS, MUON_MASS + ELECTRON_MASS,
     PION_MASS - ELECTRON_MASS, PION_MASS + ELECTRON_MASS, KAON_MASS - ELECTRON_MASS,
     KAON_MASS + ELECTRON_MASS, 0.0, CAPTURE_ENERGY, NEUTRAL_PION_MASS, 0.0]
)  # fmt: skip
"""Rest energy that each kind sets free, MeV: by annihilation or decay, of neutrons by capture; the electrons of argon
give or take one electron mass."""

# Columns of `now` and of the stack; the stack has the first 12.
KIND, X, Y, Z, TIME, U, V, W, KINETIC, ROW, PROCESS, HIDDEN = range(12)
SEGMENT_ENERGY, SEGMENT_LENGTH, START_X, START_Y, START_Z, START_TIME = range(12, 18)
NOW_COLUMNS = 18

# Columns of the tracks, of whole numbers and of others.
T_KIND, T_PARENT, T_ANCESTOR, T_GROUP, T_PRIMARY, T_PROCESS = range(6)
T_X, T_Y, T_Z, T_TIME, T_U, T_V, T_W, T_KINETIC, T_END_X, T_END_Y, T_END_Z, T_END_TIME, T_DEPOSITED = range(
    13
)
# Columns of the deposits.
D_TRACK, D_X, D_Y, D_Z, D_TIME, D_ENERGY, D_LENGTH, D_COSINE = range(8)
# Entries of the counters.
STACKED, TRACKS, DEPOSITS, FULL, STEPS = range(5)
# Entries of the ledger, MeV.
INSIDE, OUTSIDE, ESCAPED, INVISIBLE = range(4)
# Entries of the cuts.
(C_STEP, C_SEGMENT, C_OF_RANGE, C_AT_END, C_ELECTRON, C_SOFT, C_PHOTON, C_BREMS,
 C_MUON, C_PROTON, C_NEUTRON, C_ROW, C_GAMMAS, C_NEUTRON_TIME) = range(14)  # fmt: skip

MUON_IONIZATION, HADRON_IONIZATION = int(Process.muIoni), int(Process.hIoni)


class Machine(NamedTuple):
    """State of a transport, arrays all.

    Parameters
    ----------
    now : ndarray, shape (NOW_COLUMNS,)
        The particle that moves.
    stack : ndarray, shape (room, 12)
    track_numbers, tracks : ndarray, shape (room, 6) int64 and (room, 13)
    deposits : ndarray, shape (room, 8)
    counts : ndarray, shape (5,), int64
    ledger : ndarray, shape (8,)
        Energies by `INSIDE` to `INVISIBLE`, MeV; then the same four before the primary that moves.
    state : ndarray, shape (4,), uint64
        Random numbers.
    active : ndarray, shape (boxes, 6)
        Low and high corners.
    limits : ndarray, shape (2, 6)
        Margin box; box up to which photons and neutrons are followed.
    cuts : ndarray, shape (14,)
    heavy, light, photon, inverse, inverse_grid : ndarray
        See `tables.Tables`.
    """

    now: np.ndarray
    stack: np.ndarray
    track_numbers: np.ndarray
    tracks: np.ndarray
    deposits: np.ndarray
    counts: np.ndarray
    ledger: np.ndarray
    state: np.ndarray
    active: np.ndarray
    limits: np.ndarray
    cuts: np.ndarray
    heavy: np.ndarray
    light: np.ndarray
    photon: np.ndarray
    inverse: np.ndarray
    inverse_grid: np.ndarray
