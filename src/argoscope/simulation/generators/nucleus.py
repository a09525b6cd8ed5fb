"""Nucleons bound in argon: how they move, what it costs to take one out, what boils off.

A Fermi gas with a fixed removal energy. A bound nucleon has the energy
M - 30 MeV whatever its momentum p, so it is off its mass shell, and energy
holds exactly in each collision: the nucleus keeps 30 MeV for each nucleon
taken, and recoils. The kinetic energy of its recoil (1 MeV) is left out, and
so are gamma rays of the excited remnant.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from argoscope.simulation.generators.kinematics import FourVector
from argoscope.simulation.generators.species import NEUTRON, PROTON, SPECIES

__all__ = [
    "ARGON_A",
    "ARGON_Z",
    "FERMI_MOMENTUM",
    "REMOVAL_ENERGY",
    "Hadron",
    "bound_nucleon",
    "evaporated",
    "nucleon_in_argon",
]

ARGON_Z, ARGON_A = 18, 40
"""Protons and nucleons of argon-40."""
FERMI_MOMENTUM = 225.0
"""Greatest momentum of a bound nucleon, in MeV/c; engineering value (electron scattering on A = 40: 251)."""
REMOVAL_ENERGY = 30.0
"""Energy that it takes to free a nucleon, in MeV; engineering value (electron scattering on A = 40: 28)."""

_SEPARATION = 8.0  # MeV; binding of the least bound nucleon of A near 40
_BARRIER = 8.0  # MeV; engineering value: least kinetic energy of a proton that boils off
_PROTON_TEMPERATURE = 12.0  # MeV; engineering value: mean energy above the barrier
_NEUTRON_TEMPERATURE = 5.0  # MeV; engineering value
_PROTONS_OFFERED = 0.6  # mean number, no unit; engineering value
_NEUTRONS_OFFERED = 1.0  # mean number, no unit; engineering value


class Hadron(NamedTuple):
    """A particle inside the calculation.

    Parameters
    ----------
    pdg : int
    vector : FourVector
    """

    pdg: int
    vector: FourVector


def nucleon_in_argon(rng: np.random.Generator) -> int:
    """Proton or neutron, as often as argon has them."""
    return PROTON if rng.random() * ARGON_A < ARGON_Z else NEUTRON


def bound_nucleon(pdg: int, rng: np.random.Generator) -> Hadron:
    """A nucleon of the Fermi gas: momentum even in a sphere, energy M - 30 MeV.

    Parameters
    ----------
    pdg : {2212, 2112}
    rng : numpy.random.Generator

    Returns
    -------
    Hadron
        Off its mass shell.

    Examples
    --------
    >>> round(bound_nucleon(2112, np.random.default_rng(1)).vector.energy, 1)
    909.6
    """
    momentum = FERMI_MOMENTUM * rng.random() ** (1 / 3)
    cosine, azimuth = 2 * rng.random() - 1, 2 * math.pi * rng.random()
    sine = math.sqrt(1 - cosine * cosine)
    return Hadron(
        pdg,
        FourVector(
            SPECIES[pdg].mass - REMOVAL_ENERGY,
            momentum * sine * math.cos(azimuth),
            momentum * sine * math.sin(azimuth),
            momentum * cosine,
        ),
    )


def evaporated(struck: int, rng: np.random.Generator) -> list[Hadron]:
    """Slow nucleons that the excited remnant sends out, isotropic.

    Each nucleon taken out leaves the removal energy less the separation
    energy as excitation. Nucleons are offered, Poisson(0.6) protons with
    8 MeV + Exp(12 MeV) and Poisson(1) neutrons with Exp(5 MeV), and leave if
    the excitation pays for their kinetic and separation energy: the nucleus
    never gives more than it got.

    Parameters
    ----------
    struck : int
        Nucleons taken out before.
    rng : numpy.random.Generator

    Returns
    -------
    list of Hadron

    Examples
    --------
    >>> evaporated(0, np.random.default_rng(1))
    []
    """
    excitation = struck * (REMOVAL_ENERGY - _SEPARATION)
    offered = [
        (PROTON, _BARRIER + rng.exponential(_PROTON_TEMPERATURE))
        for _ in range(rng.poisson(_PROTONS_OFFERED))
    ]
    offered += [
        (NEUTRON, rng.exponential(_NEUTRON_TEMPERATURE)) for _ in range(rng.poisson(_NEUTRONS_OFFERED))
    ]
    leaving = []
    for pdg, kinetic in offered:
        if kinetic + _SEPARATION > excitation:
            continue
        excitation -= kinetic + _SEPARATION
        mass = SPECIES[pdg].mass
        momentum = math.sqrt(kinetic * (kinetic + 2 * mass))
        cosine, azimuth = 2 * rng.random() - 1, 2 * math.pi * rng.random()
        sine = math.sqrt(1 - cosine * cosine)
        vector = FourVector(
            kinetic + mass,
            momentum * sine * math.cos(azimuth),
            momentum * sine * math.sin(azimuth),
            momentum * cosine,
        )
        leaving.append(Hadron(pdg, vector))
    return leaving
