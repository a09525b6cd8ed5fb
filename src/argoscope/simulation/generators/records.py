"""What a generator gives: the particles that leave, and the interaction each belongs to.

An interaction is a vertex or a cosmic shower: the virtual parent of its
particles. `PRIMARY_DTYPE["interaction"]` is the row number in the table of
interactions, so that grouping by interaction needs no other key.

For a neutrino the row also keeps what no detector sees, so that energy,
momentum, charge and baryon number can be added up:

    E_nu + sum of the masses of the nucleons taken from the nucleus
        = E_lepton + sum of E of the particles + missing_energy

Positions in cm, times in µs after the trigger, energies and momenta in MeV.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from argoscope.simulation.records import PRIMARY_DTYPE

__all__ = [
    "INTERACTION_DTYPE",
    "Ancestor",
    "Current",
    "Generated",
    "InteractionKind",
    "Mode",
    "interactions_of",
    "merged",
    "nothing",
    "primaries_of",
]


class InteractionKind(IntEnum):
    """Which generator made an interaction."""

    VERTEX = 0
    """Particles put at a point by hand."""
    COSMIC = 1
    NEUTRINO = 2
    DIRT = 3
    """A neutrino outside the detector of which nothing is seen."""
    GUN = 4


class Current(IntEnum):
    """Exchanged boson of a neutrino interaction."""

    NONE = 0
    CC = 1
    NC = 2


class Mode(IntEnum):
    """Reaction of a neutrino with the nucleus."""

    NONE = 0
    QE = 1
    """Quasi-elastic; elastic for the neutral current."""
    MEC = 2
    """Two nucleons share the transfer (meson exchange current)."""
    RES = 3
    """A Delta resonance and its decay."""
    DIS = 4
    """Several pions above the resonances."""
    COH = 5
    """One pion, the nucleus left whole."""


class Ancestor(IntEnum):
    """Interaction classes of paper 1, table 2 (MicroBooNE sMask R-CNN)."""

    COSMIC = 0
    NEUTRINO = 1
    NEUTRON = 2
    PROTON = 3
    ELECTRON = 4
    OTHER = 5


INTERACTION_DTYPE = np.dtype(
    [
        ("kind", "u1"),  # InteractionKind
        ("origin", "u1"),  # records.Origin
        ("pdg", "<i4"),  # the neutrino, the cosmic particle or the gun's particle; 0 for vertices made by hand
        ("current", "u1"),  # Current
        ("mode", "u1"),  # Mode
        ("ancestor", "u1"),  # Ancestor
        ("energy", "<f8"),  # MeV; total energy of that particle, 0 for vertices made by hand
        ("x", "<f8"), ("y", "<f8"), ("z", "<f8"), ("t", "<f8"),  # cm, µs
        ("lepton_pdg", "<i4"),  # outgoing lepton, the neutrino of a neutral current included; else 0
        ("lepton_px", "<f8"), ("lepton_py", "<f8"), ("lepton_pz", "<f8"),  # MeV/c
        ("missing_energy", "<f8"),  # MeV that stay in the nucleus
        ("remnant_z", "<i4"), ("remnant_a", "<i4"),  # protons and nucleons left in the nucleus; 0 without one
    ]
)  # fmt: skip
"""A vertex or a cosmic shower."""


class Generated(NamedTuple):
    """An event as a generator leaves it.

    Parameters
    ----------
    primaries : ndarray, shape (particles,), `PRIMARY_DTYPE`
        Particles for the transport.
    interactions : ndarray, shape (interactions,), `INTERACTION_DTYPE`
        Row `i` is the parent of the particles with ``interaction == i``.
    """

    primaries: np.ndarray
    interactions: np.ndarray


def nothing() -> Generated:
    """An event without particles.

    Examples
    --------
    >>> len(nothing().primaries), len(nothing().interactions)
    (0, 0)
    """
    return Generated(np.zeros(0, PRIMARY_DTYPE), np.zeros(0, INTERACTION_DTYPE))


def primaries_of(
    pdg: np.ndarray,
    interaction: np.ndarray,
    origin: int,
    *,
    position: np.ndarray,
    time: np.ndarray | float,
    momentum: np.ndarray,
) -> np.ndarray:
    """Table of primaries from its columns.

    Parameters
    ----------
    pdg, interaction : ndarray, shape (n,), int
    origin : int
        One origin for all.
    position, momentum : ndarray, shape (n, 3), float
        In cm and MeV/c.
    time : ndarray, shape (n,), or float
        In µs.

    Returns
    -------
    ndarray, shape (n,), `PRIMARY_DTYPE`
    """
    table = np.zeros(len(pdg), PRIMARY_DTYPE)
    table["pdg"], table["interaction"], table["origin"], table["t"] = pdg, interaction, origin, time
    for axis, name in enumerate("xyz"):
        table[name] = position[:, axis]
        table[f"p{name}"] = momentum[:, axis]
    return table


def interactions_of(
    kind: InteractionKind,
    origin: int,
    pdg: np.ndarray | int,
    *,
    ancestor: np.ndarray | int,
    energy: np.ndarray | float,
    position: np.ndarray,
    time: np.ndarray | float,
) -> np.ndarray:
    """Table of interactions from its columns, without the fields of a neutrino.

    Parameters
    ----------
    kind : InteractionKind
    origin : int
    pdg, ancestor, energy, time : ndarray, shape (n,), or one value for all
    position : ndarray, shape (n, 3), float
        In cm.

    Returns
    -------
    ndarray, shape (n,), `INTERACTION_DTYPE`
    """
    table = np.zeros(len(position), INTERACTION_DTYPE)
    table["kind"], table["origin"], table["pdg"], table["ancestor"] = kind, origin, pdg, ancestor
    table["energy"], table["t"] = energy, time
    for axis, name in enumerate("xyz"):
        table[name] = position[:, axis]
    return table


def merged(parts: Sequence[Generated]) -> Generated:
    """One event from several, interactions numbered on in the order given.

    Parameters
    ----------
    parts : sequence of Generated

    Returns
    -------
    Generated

    Examples
    --------
    >>> len(merged([nothing(), nothing()]).primaries)
    0
    """
    if not parts:
        return nothing()
    primaries = np.concatenate([part.primaries for part in parts])
    starts = np.cumsum([0, *(len(part.interactions) for part in parts[:-1])])
    primaries["interaction"] += np.repeat(starts, [len(part.primaries) for part in parts]).astype(np.int32)
    return Generated(primaries, np.concatenate([part.interactions for part in parts]))
