"""Nuclear reactions of pions, protons and neutrons on argon: how often, and what comes out.

A simple form: measured-like cross sections, and final states with the right
number and energy of protons. Every number of the final states is [E], an
engineering value. What nuclei and soft neutrons take is booked as invisible,
never as negative energy: products are drawn until the energy is used up.

Left out: elastic scattering of nucleons, pion production, fragments.

References
----------
Letaw, Silberberg, Tsao, ApJ Suppl. 51 (1983) 271: proton reaction cross section.
Pion cross sections interpolated between nuclei, ±15 % [E].
"""

from __future__ import annotations

import math

import numpy as np

from argoscope.simulation.argon import ATOMIC_MASS, ATOMS_PER_BARN_CM
from argoscope.simulation.compile import compiled
from argoscope.simulation.random_numbers import exponential, poisson, uniform

__all__ = [
    "BINDING",
    "PION_ELASTIC_SHARE",
    "forward_cosine",
    "neutron_reaction_rate",
    "pion_channels",
    "pion_reaction",
    "pion_reaction_rate",
    "proton_count",
    "proton_reaction",
    "proton_reaction_rate",
    "tail_energy",
]

_PION_ENERGY = np.array(
    [10.0, 30, 50, 75, 100, 140, 180, 220, 260, 300, 400, 500, 700, 900, 1200, 2000]
)  # MeV [E]
_PION_REACTION = np.array(
    [150.0, 220, 330, 520, 700, 850, 880, 830, 760, 700, 620, 600, 620, 640, 620, 560]
)  # mb [E], ±15 %
PION_ELASTIC_SHARE = 0.6  # elastic over reaction cross section [E]
BINDING = 8.0  # MeV to free a nucleon, the binding energy per nucleon of argon
_MOST_PROTONS = 4  # of one reaction [E]


def pion_reaction(kinetic: np.ndarray) -> np.ndarray:
    """Reaction cross section of charged pions on argon, barn.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV; outside 10 to 2000 MeV the end values hold.

    Examples
    --------
    >>> pion_reaction(np.array([180.0])).tolist()
    [0.88]
    """
    return 1e-3 * np.interp(kinetic, _PION_ENERGY, _PION_REACTION)


def proton_reaction(kinetic: np.ndarray) -> np.ndarray:
    """Reaction cross section of nucleons on argon, barn (Letaw's formula).

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV; below 20 MeV the value there falls to 0 at 10 MeV, the Coulomb barrier [E].

    Examples
    --------
    >>> proton_reaction(np.array([100.0, 1000.0])).round(2).tolist()
    [0.57, 0.6]
    """
    at = np.maximum(kinetic, 20.0)
    high = 45.0 * ATOMIC_MASS**0.7 * (1.0 + 0.016 * np.sin(5.3 - 2.63 * np.log(ATOMIC_MASS)))
    low = 1.0 - 0.62 * np.exp(-at / 200.0) * np.sin(10.9 * at**-0.28)
    return 1e-3 * high * low * np.clip((np.asarray(kinetic) - 10.0) / 10.0, 0.0, 1.0)


def pion_reaction_rate(kinetic: np.ndarray) -> np.ndarray:
    """Reactions of charged pions per cm.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.

    Examples
    --------
    >>> (1 / pion_reaction_rate(np.array([180.0]))).round(0).tolist()
    [54.0]
    """
    return ATOMS_PER_BARN_CM * pion_reaction(kinetic)


def proton_reaction_rate(kinetic: np.ndarray) -> np.ndarray:
    """Reactions of protons per cm.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.

    Examples
    --------
    >>> (1 / proton_reaction_rate(np.array([1000.0]))).round(0).tolist()
    [79.0]
    """
    return ATOMS_PER_BARN_CM * proton_reaction(kinetic)


@compiled
def pion_channels(kinetic: float) -> tuple[float, float]:
    """Shares of absorption and charge exchange in a pion's reactions [E]."""
    if kinetic < 100.0:
        return 0.50, 0.10
    if kinetic < 300.0:
        return 0.40, 0.10
    if kinetic < 600.0:
        return 0.27, 0.13
    return 0.18, 0.13


@compiled
def proton_count(state: np.ndarray, mean: float) -> int:
    """Number of protons knocked out, at most 4."""
    return min(poisson(state, mean), _MOST_PROTONS)


@compiled
def tail_energy(state: np.ndarray, least: float, mean: float, available: float) -> float:
    """Energy `least` + Exp(`mean`), or 0 where that and the binding exceed what is available."""
    energy = least + mean * exponential(state)
    return energy if energy + BINDING <= available else 0.0


@compiled
def forward_cosine(state: np.ndarray) -> float:
    """Cosine with the density (1 + cos/2) / 2: isotropic with forward weight."""
    while True:
        cosine = 2.0 * uniform(state) - 1.0
        if 1.5 * uniform(state) < 1.0 + 0.5 * cosine:
            return cosine


@compiled
def neutron_reaction_rate(kinetic: float) -> float:
    """Reactions of neutrons above 20 MeV per cm: Letaw's formula for protons."""
    high = 45.0 * ATOMIC_MASS**0.7 * (1.0 + 0.016 * math.sin(5.3 - 2.63 * math.log(ATOMIC_MASS)))
    low = 1.0 - 0.62 * math.exp(-kinetic / 200.0) * math.sin(10.9 * kinetic**-0.28)
    return 1e-3 * ATOMS_PER_BARN_CM * high * low
