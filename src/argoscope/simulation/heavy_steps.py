"""Kernels that carry muons, pions, kaons and protons through the argon.

Each step ends at the first of: the step limit, a knock-on, a reaction. The mean
loss comes from the table of restricted ranges, T - R⁻¹(R - s), or to second
order in s where s is short against R; its fluctuation from `straggling`; the
direction turns by Highland's angle.
"""

# Kernels take their arguments by position.
# ruff: noqa: PLR0917

from __future__ import annotations

import math

import numpy as np

from argoscope.simulation.argon import ELECTRON_MASS, SPEED_OF_LIGHT
from argoscope.simulation.bookkeeping import (
    azimuth,
    beyond,
    deposit_here,
    end_segment,
    escape,
    finish,
    heavy_range,
    place,
    release,
    turned,
)
from argoscope.simulation.compile import compiled, inner
from argoscope.simulation.decays import come_to_rest
from argoscope.simulation.machine import (
    C_AT_END,
    C_ELECTRON,
    C_MUON,
    C_OF_RANGE,
    C_PROTON,
    C_SEGMENT,
    C_SOFT,
    C_STEP,
    ELECTRON,
    INVISIBLE,
    KIND,
    KINETIC,
    MASS_OF_KIND,
    MU_PLUS,
    PI_MINUS,
    PROTON,
    SEGMENT_ENERGY,
    SEGMENT_LENGTH,
    STEPS,
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
from argoscope.simulation.reactions import pion_reacts, proton_reacts
from argoscope.simulation.records import Process
from argoscope.simulation.straggling import heavy_step_loss, scattering_cosine
from argoscope.simulation.tables import (
    ELASTIC,
    HARD,
    HEAVY_FIRST,
    HEAVY_STEP,
    INELASTIC,
    LOSS,
    MEDIUM_LOSS,
    MEDIUM_RATE,
    RADIATED,
    RANGE,
    SCATTER,
    SOFT_VARIANCE,
)

__all__ = ["advance", "follow_heavy", "hard_event", "heavy_step", "mean_loss"]

_SHORT = 0.05
"""Steps below this fraction of the range take the loss to second order, error below 0.1 %."""
_KINK = 51.0  # MeV/c, width of the elastic kink times momentum: 7 degrees at 300 MeV [E]
_MUON_IONIZATION, _HADRON_IONIZATION = int(Process.muIoni), int(Process.hIoni)


@compiled
def mean_loss(
    kinetic: float,
    step: float,
    loss: float,
    slope: float,
    reach: float,
    inverse: np.ndarray,
    grid: np.ndarray,
) -> float:
    """Mean continuous loss of a step, MeV.

    Parameters
    ----------
    kinetic : float
        Kinetic energy, MeV.
    step : float
        Length in cm.
    loss, slope : float
        Loss in MeV/cm and its derivative by ln T.
    reach : float
        Range under that loss, cm.
    inverse : ndarray, shape (GRID,)
        Energy by range.
    grid : ndarray, shape (2,)
        First ln R of `inverse`, and its step.
    """
    if step < _SHORT * reach:
        return step * (loss - 0.5 * slope * loss * step / kinetic)
    rest = reach - step
    if rest <= 0.0:
        return kinetic
    at, part = place(math.log(rest), grid[0], grid[1])
    if at == 0 and part == 0.0:
        return kinetic
    return kinetic - (inverse[at] + part * (inverse[at + 1] - inverse[at]))


@inner
def heavy_step(m: Machine, index: int, mass: float, free: float) -> tuple[float, float, int, float]:
    """One step: mean free paths left, rate of hard events (0 where none came), place in the grid."""
    now, table, cuts = m.now, m.heavy[index], m.cuts
    kinetic = now[KINETIC]
    at, part = place(math.log(kinetic / mass), HEAVY_FIRST, HEAVY_STEP)
    low, high = table[at], table[at + 1]
    loss = low[LOSS] + part * (high[LOSS] - low[LOSS])
    radiated = low[RADIATED] + part * (high[RADIATED] - low[RADIATED])
    reach = low[RANGE] + part * (high[RANGE] - low[RANGE])
    rate = low[HARD] + part * (high[HARD] - low[HARD])
    rate += low[INELASTIC] + part * (high[INELASTIC] - low[INELASTIC])
    rate += low[ELASTIC] + part * (high[ELASTIC] - low[ELASTIC])
    step = min(cuts[C_STEP], cuts[C_OF_RANGE] * reach + cuts[C_AT_END])
    hard = free < step * rate
    if hard:
        step = free / rate
    both = loss + radiated
    slope = (high[LOSS] + high[RADIATED] - low[LOSS] - low[RADIATED]) / HEAVY_STEP
    mean = mean_loss(kinetic, step, both, slope, reach, m.inverse[index], m.inverse_grid[index])
    gamma = 1.0 + kinetic / mass
    square = gamma * gamma
    beta2 = 1.0 - 1.0 / square
    ratio = ELECTRON_MASS / mass
    largest = 2.0 * ELECTRON_MASS * (square - 1.0) / (1.0 + 2.0 * gamma * ratio + ratio * ratio)
    upper = min(cuts[C_ELECTRON], largest)
    energy = heavy_step_loss(
        m.state,
        mean * loss / both,
        loss,
        low[MEDIUM_RATE] + part * (high[MEDIUM_RATE] - low[MEDIUM_RATE]),
        low[MEDIUM_LOSS] + part * (high[MEDIUM_LOSS] - low[MEDIUM_LOSS]),
        low[SOFT_VARIANCE] + part * (high[SOFT_VARIANCE] - low[SOFT_VARIANCE]),
        min(cuts[C_SOFT], upper),
        upper,
        beta2 / largest,
    )
    lost = min(mean * radiated / both, kinetic)
    energy = min(energy, kinetic - lost)
    now[KINETIC] = kinetic - energy - lost
    m.ledger[INVISIBLE] += lost
    spread = (low[SCATTER] + part * (high[SCATTER] - low[SCATTER])) * step
    advance(m, step, energy, spread, math.sqrt(beta2))
    return free - step * rate, (rate if hard else 0.0), at, part


@inner
def advance(m: Machine, step: float, energy: float, spread: float, beta: float) -> None:
    """Move by a step, add its energy to the segment, turn by the scattering angle."""
    now = m.now
    if now[SEGMENT_LENGTH] + step > m.cuts[C_SEGMENT]:
        end_segment(m)
    m.counts[STEPS] += 1
    now[X] += step * now[U]
    now[Y] += step * now[V]
    now[Z] += step * now[W]
    now[TIME] += step / (beta * SPEED_OF_LIGHT)
    now[SEGMENT_ENERGY] += energy
    now[SEGMENT_LENGTH] += step
    cos_azimuth, sin_azimuth, disc = azimuth(m.state)
    cosine = scattering_cosine(spread, disc)
    now[U], now[V], now[W] = turned(now[U], now[V], now[W], cosine, cos_azimuth, sin_azimuth)


@inner
def _knock_on(m: Machine, kind: int, mass: float) -> None:
    """A delta ray: its energy from the spectrum, its angle from kinematics."""
    now, low = m.now, m.cuts[C_ELECTRON]
    energy, ratio = now[KINETIC] + mass, ELECTRON_MASS / mass
    gamma = energy / mass
    largest = 2.0 * ELECTRON_MASS * (gamma * gamma - 1.0) / (1.0 + 2.0 * gamma * ratio + ratio * ratio)
    if largest <= low:
        return
    beta2 = 1.0 - 1.0 / (gamma * gamma)
    spin_half = kind <= MU_PLUS or kind == PROTON
    while True:
        transfer = low * largest / (largest - uniform(m.state) * (largest - low))
        bracket = 1.0 - beta2 * transfer / largest
        if spin_half:
            bracket += 0.5 * (transfer / energy) ** 2
        if uniform(m.state) < bracket:
            break
    momentum = math.sqrt(energy * energy - mass * mass)
    cosine = transfer * (energy + ELECTRON_MASS)
    cosine /= momentum * math.sqrt(transfer * (transfer + 2.0 * ELECTRON_MASS))
    ca, sa, _ = azimuth(m.state)
    u, v, w = turned(now[U], now[V], now[W], min(cosine, 1.0), ca, sa)
    now[KINETIC] -= transfer
    process = _MUON_IONIZATION if kind <= MU_PLUS else _HADRON_IONIZATION
    release(m, ELECTRON, transfer, u, v, w, process)


@inner
def hard_event(m: Machine, kind: int, mass: float, index: int, chosen: float, at: int, part: float) -> bool:
    """A knock-on, a kink or a reaction, as `chosen` (a rate) falls; True where the particle ends."""
    low, high = m.heavy[index, at], m.heavy[index, at + 1]
    chosen -= low[HARD] + part * (high[HARD] - low[HARD])
    if chosen < 0.0 or kind < PI_MINUS:
        _knock_on(m, kind, mass)
        return False
    chosen -= low[ELASTIC] + part * (high[ELASTIC] - low[ELASTIC])
    now = m.now
    if chosen < 0.0:
        momentum = math.sqrt(now[KINETIC] * (now[KINETIC] + 2.0 * mass))
        angle = min(_KINK / momentum * math.sqrt(2.0 * exponential(m.state)), math.pi)
        ca, sa, _ = azimuth(m.state)
        now[U], now[V], now[W] = turned(now[U], now[V], now[W], math.cos(angle), ca, sa)
        return False
    if kind == PROTON:
        proton_reacts(m)
    else:
        pion_reacts(m, kind)
    return True


@inner
def follow_heavy(m: Machine) -> None:
    """Carry a muon, pion, kaon or proton until it stops, reacts or leaves."""
    now = m.now
    kind = int(now[KIND])
    index, mass = (kind - 3) // 2, MASS_OF_KIND[kind]
    cut = m.cuts[C_PROTON] if kind == PROTON else m.cuts[C_MUON]
    free = exponential(m.state)
    while now[KINETIC] >= cut:
        free, rate, at, part = heavy_step(m, index, mass, free)
        if beyond(now, m.limits[0]):
            escape(m)
            finish(m)
            return
        if rate > 0.0:
            free = exponential(m.state)
            if hard_event(m, kind, mass, index, rate * uniform(m.state), at, part):
                finish(m)
                return
    end_segment(m)
    deposit_here(m, now[KINETIC], heavy_range(m, index, now[KINETIC], mass))
    now[KINETIC] = 0.0
    if kind == PROTON:
        finish(m)
    else:
        come_to_rest(m)
