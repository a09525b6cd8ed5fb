"""The particles that generators make: names, PDG numbers, masses, charges.

Masses are those of the transport, `argoscope.simulation.argon`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.simulation.argon import (
    ELECTRON_MASS,
    KAON_MASS,
    MUON_MASS,
    NEUTRAL_PION_MASS,
    NEUTRON_MASS,
    PION_MASS,
    PROTON_MASS,
)

__all__ = [
    "ELECTRON",
    "MUON",
    "NEUTRON",
    "NU_E",
    "NU_MU",
    "PHOTON",
    "PION_MINUS",
    "PION_PLUS",
    "PION_ZERO",
    "PROTON",
    "SPECIES",
    "Species",
    "momentum_from_kinetic",
    "species_named",
    "species_of",
]


class Species(NamedTuple):
    """A kind of particle.

    Parameters
    ----------
    name : str
    pdg : int
        Number of the Particle Data Group's scheme.
    mass : float
        In MeV.
    charge : int
        In units of the proton's.
    baryons : int
        Baryon number.
    """

    name: str
    pdg: int
    mass: float
    charge: int
    baryons: int = 0


ELECTRON, MUON, PHOTON, PROTON, NEUTRON = 11, 13, 22, 2212, 2112
PION_PLUS, PION_MINUS, PION_ZERO = 211, -211, 111
NU_E, NU_MU = 12, 14

SPECIES: dict[int, Species] = {
    species.pdg: species
    for species in (
        Species("e-", 11, ELECTRON_MASS, -1),
        Species("e+", -11, ELECTRON_MASS, 1),
        Species("mu-", 13, MUON_MASS, -1),
        Species("mu+", -13, MUON_MASS, 1),
        Species("gamma", 22, 0.0, 0),  # MeV; massless
        Species("pi+", 211, PION_MASS, 1),
        Species("pi-", -211, PION_MASS, -1),
        Species("pi0", 111, NEUTRAL_PION_MASS, 0),
        Species("K+", 321, KAON_MASS, 1),
        Species("K-", -321, KAON_MASS, -1),
        Species("proton", 2212, PROTON_MASS, 1, 1),
        Species("neutron", 2112, NEUTRON_MASS, 0, 1),
        Species("nu_e", 12, 0.0, 0),  # MeV; below any other scale here
        Species("nu_mu", 14, 0.0, 0),  # MeV; below any other scale here
    )
}
"""Every particle we know, by PDG number. Neutrinos leave no charge and are never handed to the transport."""

_NAMES = {species.name: species for species in SPECIES.values()}
_SHORT = {"p": 2212, "n": 2112, "photon": 22, "electron": 11, "positron": -11, "muon": 13, "K": 321}
"""Other usual words."""


def species_of(pdg: int) -> Species:
    """Species with a PDG number.

    Raises
    ------
    InvalidArgument
        If we do not know it.

    Examples
    --------
    >>> species_of(13).name, species_of(-211).charge
    ('mu-', -1)
    """
    if pdg not in SPECIES:
        known = ", ".join(f"{s.pdg} ({s.name})" for s in SPECIES.values())
        raise InvalidArgument(f"there is no particle with the PDG number {pdg}. Known: {known}.")
    return SPECIES[pdg]


def species_named(name: str) -> Species:
    """Species with a name, or with a PDG number written as text.

    Raises
    ------
    InvalidArgument
        If we do not know it; the message names the nearest.

    Examples
    --------
    >>> species_named("pi+").pdg, species_named("p").name, species_named("-13").name
    (211, 'proton', 'mu+')
    """
    name = name.strip()
    if name in _NAMES:
        return _NAMES[name]
    if name in _SHORT:
        return SPECIES[_SHORT[name]]
    if name.lstrip("+-").isdecimal():
        return species_of(int(name))
    raise InvalidArgument(f"there is no particle {name!r}. {nearest_hint(name, [*_NAMES, *_SHORT])}")


def momentum_from_kinetic(kinetic: float, mass: float) -> float:
    """Momentum in MeV/c of a particle with a kinetic energy and mass in MeV.

    Examples
    --------
    >>> round(momentum_from_kinetic(100.0, 938.2721), 1)
    444.6
    """
    return math.sqrt(kinetic * (kinetic + 2 * mass))
