"""Kernels of nuclear reactions: what pions, protons and neutrons turn into. The numbers are [E], see `hadronic`.

Content that no product takes is invisible: binding, recoiling nuclei, fragments.
"""

# Kernels take their arguments by position.
# ruff: noqa: PLR0917

from __future__ import annotations

from argoscope.simulation.bookkeeping import azimuth, release, turned
from argoscope.simulation.compile import inner
from argoscope.simulation.deexcitation import remnant
from argoscope.simulation.hadronic import (
    BINDING,
    forward_cosine,
    pion_channels,
    proton_count,
    tail_energy,
)
from argoscope.simulation.machine import (
    FREED_OF_KIND,
    INVISIBLE,
    KINETIC,
    NEUTRON,
    PI_PLUS,
    PI_ZERO,
    PROTON,
    Machine,
    U,
    V,
    W,
)
from argoscope.simulation.random_numbers import exponential, uniform
from argoscope.simulation.records import Process

__all__ = ["neutron_reacts", "pion_reacts", "proton_reacts"]

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
def _protons(
    m: Machine, count: int, least: float, mean: float, left: float, process: int
) -> tuple[float, float]:
    """Knock out protons while the energy lasts; their content, and the energy left."""
    given = 0.0
    for _ in range(count):
        energy = tail_energy(m.state, least, mean, left)
        if energy > 0.0:
            given += _emit(m, PROTON, energy, forward_cosine(m.state), process)
            left -= energy + BINDING
    return given, left


@inner
def pion_reacts(m: Machine, kind: int) -> None:
    """Absorption, charge exchange or inelastic scattering; the numbers are [E]."""
    state, kinetic = m.state, m.now[KINETIC]
    process = _PION_PLUS if kind == PI_PLUS else _PION_MINUS
    content = kinetic + FREED_OF_KIND[kind]
    absorption, exchange = pion_channels(kinetic)
    channel = uniform(state)
    if channel < absorption:
        given, left = _protons(m, min(1 + proton_count(state, 0.9), 4), 20.0, 60.0, content, process)
        for _ in range(1 + int(2.0 * uniform(state))):
            energy = 0.5 * uniform(state) * (left - BINDING)
            if energy > 0.0:
                given += _emit(m, NEUTRON, energy, forward_cosine(state), process)
                left -= energy + BINDING
    else:
        if channel < absorption + exchange:
            energy, mean, protons = kinetic * (0.4 + 0.5 * uniform(state)), 30.0, 0.7
            made = PI_ZERO
        else:
            energy, mean, protons = kinetic * (0.3 + 0.65 * uniform(state)), 40.0, 0.8
            made = kind
        given = _emit(m, made, energy, max(-1.0, 1.0 - 0.35 * exponential(state)), process)
        more, left = _protons(m, proton_count(state, protons), 10.0, mean, content - given, process)
        given += more
    m.ledger[INVISIBLE] += content - given - remnant(m, left, process)


@inner
def proton_reacts(m: Machine) -> None:
    """A leading nucleon, knocked-out protons, what the nucleus sends out then; the numbers are [E]."""
    state, content = m.state, m.now[KINETIC]
    leading = PROTON if uniform(state) < 0.55 else NEUTRON
    paid = BINDING if leading == NEUTRON else 0.0
    energy = min(content * (0.2 + 0.7 * uniform(state)), content - paid)
    given = _emit(m, leading, energy, max(-1.0, 1.0 - 0.2 * exponential(state)), _PROTON)
    more, left = _protons(m, proton_count(state, 0.8), 10.0, 25.0, content - energy - paid, _PROTON)
    m.ledger[INVISIBLE] += content - given - more - remnant(m, left, _PROTON)


@inner
def neutron_reacts(m: Machine) -> None:
    """A proton, a slower neutron, what the nucleus sends out then; the numbers are [E]. The neutron that came is gone."""
    state, kinetic = m.state, m.now[KINETIC]
    proton = uniform(state) * (kinetic - BINDING)
    given = _emit(m, PROTON, proton, uniform(state), _NEUTRON)
    neutron = uniform(state) * (kinetic - BINDING - proton)
    given += _emit(m, NEUTRON, neutron, uniform(state), _NEUTRON)
    left = kinetic - BINDING - proton - neutron
    m.ledger[INVISIBLE] += kinetic + FREED_OF_KIND[NEUTRON] - given - remnant(m, left, _NEUTRON)
