"""Kernels of nuclear reactions: what pions, protons and neutrons turn into. The numbers are [E], see `hadronic`.

Content that no product takes is invisible: binding, nuclei, slow neutrons.
"""

# Kernels take their arguments by position.
# ruff: noqa: PLR0917

from __future__ import annotations

import math

from argoscope.simulation.argon import SPEED_OF_LIGHT
from argoscope.simulation.bookkeeping import (
    azimuth,
    beyond,
    escape,
    finish,
    release,
    turned,
)
from argoscope.simulation.compile import inner
from argoscope.simulation.hadronic import (
    BINDING,
    NEUTRON_REACTION_ABOVE,
    forward_cosine,
    neutron_reaction_rate,
    pion_channels,
    proton_count,
    tail_energy,
)
from argoscope.simulation.machine import (
    C_GAMMAS,
    C_NEUTRON,
    FREED_OF_KIND,
    INVISIBLE,
    KINETIC,
    MASS_OF_KIND,
    NEUTRON,
    PHOTON,
    PI_PLUS,
    PI_ZERO,
    PROTON,
    TIME,
    Machine,
    U,
    V,
    W,
    X,
    Y,
    Z,
)
from argoscope.simulation.random_numbers import exponential, uniform
from argoscope.simulation.records import Process

__all__ = ["follow_neutron", "pion_reacts", "proton_reacts"]

_PION_PLUS, _PION_MINUS = int(Process.piPlusInelastic), int(Process.piMinusInelastic)
_PROTON, _NEUTRON = int(Process.protonInelastic), int(Process.neutronInelastic)


@inner
def _emit(m: Machine, kind: int, energy: float, cosine: float, process: int) -> float:
    """Make a particle at an angle to the one that moves; its content."""
    ca, sa, _ = azimuth(m.state)
    u, v, w = turned(m.now[U], m.now[V], m.now[W], cosine, ca, sa)
    release(m, kind, energy, u, v, w, process)
    return energy + FREED_OF_KIND[kind]


@inner
def _protons(m: Machine, count: int, least: float, mean: float, available: float, process: int) -> float:
    """Knock out protons while the energy lasts; their kinetic energy."""
    given = 0.0
    for _ in range(count):
        energy = tail_energy(m.state, least, mean, available)
        if energy > 0.0:
            given += _emit(m, PROTON, energy, forward_cosine(m.state), process)
            available -= energy + BINDING
    return given


@inner
def pion_reacts(m: Machine, kind: int) -> None:
    """Absorption, charge exchange or inelastic scattering; the numbers are [E]."""
    state, kinetic = m.state, m.now[KINETIC]
    process = _PION_PLUS if kind == PI_PLUS else _PION_MINUS
    content = kinetic + FREED_OF_KIND[kind]
    absorption, exchange = pion_channels(kinetic)
    channel = uniform(state)
    if channel < absorption:
        given = _protons(m, min(1 + proton_count(state, 0.9), 4), 20.0, 60.0, content, process)
        for _ in range(1 + int(2.0 * uniform(state))):
            energy = 0.5 * uniform(state) * (content - given - 5.0 * BINDING)
            if energy > 0.0:
                given += _emit(m, NEUTRON, energy, forward_cosine(state), process)
    elif channel < absorption + exchange:
        energy = kinetic * (0.4 + 0.5 * uniform(state))
        given = _emit(m, PI_ZERO, energy, max(-1.0, 1.0 - 0.35 * exponential(state)), process)
        given += _protons(m, proton_count(state, 0.7), 10.0, 30.0, content - given, process)
    else:
        energy = kinetic * (0.3 + 0.65 * uniform(state))
        given = _emit(m, kind, energy, max(-1.0, 1.0 - 0.35 * exponential(state)), process)
        given += _protons(m, proton_count(state, 0.8), 10.0, 40.0, content - given, process)
    m.ledger[INVISIBLE] += content - given


@inner
def proton_reacts(m: Machine) -> None:
    """A leading nucleon, knocked-out protons, photons of the nucleus; the numbers are [E]."""
    state, content = m.state, m.now[KINETIC]
    leading = PROTON if uniform(state) < 0.55 else NEUTRON
    energy = content * (0.2 + 0.7 * uniform(state))
    given = _emit(m, leading, energy, max(-1.0, 1.0 - 0.2 * exponential(state)), _PROTON)
    given += _protons(m, proton_count(state, 0.8), 10.0, 25.0, content - given, _PROTON)
    if m.cuts[C_GAMMAS] > 0.0:
        count = 2 + int(3.0 * uniform(state))
        shared = min(1.0 + 4.0 * uniform(state), content - given) / count
        for _ in range(count):
            given += _emit(m, PHOTON, shared, 2.0 * uniform(state) - 1.0, _PROTON)
    m.ledger[INVISIBLE] += content - given


@inner
def follow_neutron(m: Machine) -> None:
    """Carry a neutron to its first inelastic collision; the numbers are [E]."""
    now, state = m.now, m.state
    kinetic = now[KINETIC]
    if kinetic < m.cuts[C_NEUTRON]:
        m.ledger[INVISIBLE] += kinetic
        finish(m)
        return
    flight = exponential(state) / neutron_reaction_rate(kinetic)
    gamma = 1.0 + kinetic / MASS_OF_KIND[NEUTRON]
    now[X] += flight * now[U]
    now[Y] += flight * now[V]
    now[Z] += flight * now[W]
    now[TIME] += flight / (SPEED_OF_LIGHT * math.sqrt(1.0 - 1.0 / (gamma * gamma)))
    if beyond(now, m.limits[1]):
        escape(m)
        finish(m)
        return
    if kinetic > NEUTRON_REACTION_ABOVE:
        proton = uniform(state) * (kinetic - BINDING)
        given = _emit(m, PROTON, proton, uniform(state), _NEUTRON)
        neutron = uniform(state) * (kinetic - BINDING - proton)
        given += _emit(m, NEUTRON, neutron, uniform(state), _NEUTRON)
    else:
        given = _emit(
            m, PHOTON, min(1.0 + 2.0 * uniform(state), kinetic), 2.0 * uniform(state) - 1.0, _NEUTRON
        )
    m.ledger[INVISIBLE] += kinetic - given
    finish(m)
