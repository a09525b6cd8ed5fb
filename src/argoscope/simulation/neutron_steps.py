"""Kernel that follows a neutron: collision after collision, until it is captured, leaves or is dropped."""

from __future__ import annotations

import math

from argoscope.simulation.argon import SPEED_OF_LIGHT
from argoscope.simulation.bookkeeping import (
    azimuth,
    beyond,
    escape,
    finish,
    isotropic,
    release_anywhere,
    turned,
)
from argoscope.simulation.compile import inner
from argoscope.simulation.deexcitation import cool
from argoscope.simulation.hadronic import neutron_reaction_rate
from argoscope.simulation.machine import (
    C_GAMMAS,
    C_NEUTRON,
    C_NEUTRON_TIME,
    FREED_OF_KIND,
    INVISIBLE,
    KINETIC,
    MASS_OF_KIND,
    NEUTRON,
    PHOTON,
    TIME,
    Machine,
    U,
    V,
    W,
    X,
    Y,
    Z,
)
from argoscope.simulation.neutrons import (
    LEVELS,
    REACTS_ABOVE,
    inelastic_energy,
    inelastic_excitation,
    neutron_rates,
    next_level,
    slowed,
)
from argoscope.simulation.random_numbers import exponential, uniform
from argoscope.simulation.reactions import neutron_reacts
from argoscope.simulation.records import Process

__all__ = ["follow_neutron"]

_INELASTIC, _CAPTURE = int(Process.neutronInelastic), int(Process.nCapture)
_MASS, _FREED = float(MASS_OF_KIND[NEUTRON]), float(FREED_OF_KIND[NEUTRON])
_CAPTURED = len(LEVELS) - 1


@inner
def _fly(m: Machine, rate: float) -> None:
    """Go straight on to the next collision."""
    now = m.now
    flight = exponential(m.state) / rate
    kinetic = now[KINETIC]
    gamma = 1.0 + kinetic / _MASS
    now[X] += flight * now[U]
    now[Y] += flight * now[V]
    now[Z] += flight * now[W]
    # beta = p / E, with p² = T (T + 2 m): exact for slow ones, too.
    now[TIME] += flight * gamma * _MASS / (SPEED_OF_LIGHT * math.sqrt(kinetic * (kinetic + 2.0 * _MASS)))


@inner
def _scatter(m: Machine) -> None:
    """Turn and slow down in an elastic collision; what the nucleus takes is invisible."""
    now = m.now
    before = now[KINETIC]
    now[KINETIC], cosine = slowed(before, 2.0 * uniform(m.state) - 1.0)
    m.ledger[INVISIBLE] += before - now[KINETIC]
    ca, sa, _ = azimuth(m.state)
    now[U], now[V], now[W] = turned(now[U], now[V], now[W], cosine, ca, sa)


@inner
def _excite(m: Machine) -> None:
    """Leave a nucleus excited and go on in any direction; from 8 MeV above that it may send out a neutron."""
    now = m.now
    before = now[KINETIC]
    now[KINETIC] = inelastic_energy(m.state, before)
    given = cool(m, inelastic_excitation(before, now[KINETIC]), _INELASTIC)
    now[U], now[V], now[W] = isotropic(m.state)
    m.ledger[INVISIBLE] += before - now[KINETIC] - given


@inner
def _be_captured(m: Machine) -> None:
    """Send out the photons of argon-41."""
    level, given = _CAPTURED, 0.0
    while level > 0:
        lower = next_level(m.state, level)
        if m.cuts[C_GAMMAS] > 0.0:
            given += release_anywhere(m, PHOTON, LEVELS[level] - LEVELS[lower], _CAPTURE)
        level = lower
    m.ledger[INVISIBLE] += m.now[KINETIC] + _FREED - given


@inner
def follow_neutron(m: Machine) -> None:
    """Carry a neutron until it reacts, is captured, leaves the world, or is too slow or too old to be followed."""
    now = m.now
    last = now[TIME] + m.cuts[C_NEUTRON_TIME]
    while True:
        kinetic = now[KINETIC]
        if kinetic < m.cuts[C_NEUTRON]:
            m.ledger[INVISIBLE] += kinetic + _FREED
            break
        if kinetic > REACTS_ABOVE:
            _fly(m, neutron_reaction_rate(kinetic))
        else:
            scatters, excites, captured = neutron_rates(kinetic)
            total = scatters + excites + captured
            _fly(m, total)
            drawn = uniform(m.state) * total
        if beyond(now, m.limits[1]):
            escape(m)
            break
        if now[TIME] > last:
            m.ledger[INVISIBLE] += kinetic + _FREED
            break
        if kinetic > REACTS_ABOVE:
            neutron_reacts(m)
            break
        if drawn < captured:
            _be_captured(m)
            break
        if drawn < captured + excites:
            _excite(m)
        else:
            _scatter(m)
    finish(m)
