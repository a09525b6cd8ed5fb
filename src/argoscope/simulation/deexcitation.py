"""How an excited nucleus gets rid of its energy: neutrons and protons boil off, photons take the rest.

Evaporation    kinetic energies E exp(-E / T) with T = sqrt(U / a), U what is left, a = A / 8 per MeV; 8 MeV a nucleon
Protons        one in five, above a Coulomb barrier of 4 MeV [E]
Photons        the rest, in two or three steps, the last of them from the first level of argon-40 [E]

What a reaction leaves is shared so: some neutrons of the cascade, Poisson(1) with Exp(30 MeV), as protons but without
a barrier [E]; then an excitation of Exp(40 MeV) (cascades of 100 to 500 MeV nucleons in nuclei of this size leave 30
to 60) [E]. More than that is invisible: heavier fragments.
"""

from __future__ import annotations

from argoscope.simulation.bookkeeping import release_anywhere
from argoscope.simulation.compile import inner
from argoscope.simulation.hadronic import BINDING, tail_energy
from argoscope.simulation.machine import C_GAMMAS, NEUTRON, PHOTON, PROTON, Machine
from argoscope.simulation.neutrons import FIRST_LEVEL, boiled_off
from argoscope.simulation.random_numbers import exponential, poisson, uniform

__all__ = ["cool", "glow", "remnant"]

CASCADE_NEUTRONS, CASCADE_ENERGY = 1.0, 30.0  # of a reaction, mean number and mean MeV [E]
EXCITATION = 40.0  # MeV, mean [E]
PROTONS_OFFERED, BARRIER = 0.2, 4.0  # share of the nucleons that boil off; MeV [E]
ONE_STEP = 2.0  # MeV above the first level that one photon takes [E]


@inner
def glow(m: Machine, excitation: float, process: int) -> float:
    """Photons of a nucleus that no nucleon can leave any more, MeV in all."""
    if m.cuts[C_GAMMAS] == 0.0 or excitation <= 0.0:
        return 0.0
    left = excitation - FIRST_LEVEL
    while left > ONE_STEP:
        photon = left * (0.3 + 0.6 * uniform(m.state))
        release_anywhere(m, PHOTON, photon, process)
        left -= photon
    if left > 0.0:
        release_anywhere(m, PHOTON, left, process)
    release_anywhere(m, PHOTON, min(excitation, FIRST_LEVEL), process)
    return excitation


@inner
def cool(m: Machine, excitation: float, process: int) -> float:
    """Nucleons and photons of an excited nucleus; their content."""
    given = 0.0
    while excitation > BINDING:
        proton = uniform(m.state) < PROTONS_OFFERED
        barrier = BARRIER if proton else 0.0
        if excitation <= BINDING + barrier:
            break
        energy = barrier + boiled_off(m.state, excitation - BINDING - barrier)
        given += release_anywhere(m, PROTON if proton else NEUTRON, energy, process)
        excitation -= energy + BINDING
    return given + glow(m, excitation, process)


@inner
def remnant(m: Machine, left: float, process: int) -> float:
    """Neutrons, protons and photons that follow a reaction, out of the energy it left; their content."""
    given = 0.0
    for _ in range(poisson(m.state, CASCADE_NEUTRONS)):
        energy = tail_energy(m.state, 0.0, CASCADE_ENERGY, left)
        if energy > 0.0:
            given += release_anywhere(m, NEUTRON, energy, process)
            left -= energy + BINDING
    return given + cool(m, min(left, EXCITATION * exponential(m.state)), process)
