"""Kernels that carry electrons, positrons and photons: the electromagnetic shower.

Electrons step like heavy particles; the hard events are Møller or Bhabha
knock-ons, bremsstrahlung, annihilation in flight. Photons fly freely to the
next interaction: photoelectric, Compton, pair.
"""

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
    light_range,
    place,
    release,
    turned,
)
from argoscope.simulation.compile import compiled, inner
from argoscope.simulation.decays import annihilate_at_rest
from argoscope.simulation.heavy_steps import advance, mean_loss
from argoscope.simulation.machine import (
    C_AT_END,
    C_BREMS,
    C_ELECTRON,
    C_OF_RANGE,
    C_PHOTON,
    C_SOFT,
    C_STEP,
    ELECTRON,
    KIND,
    KINETIC,
    PHOTON,
    POSITRON,
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
from argoscope.simulation.records import Process
from argoscope.simulation.straggling import knock_on, light_step_loss
from argoscope.simulation.tables import (
    ANNIHILATION,
    BREMS,
    COMPTON_SHARE,
    HARD,
    LIGHT_FIRST,
    LIGHT_STEP,
    LOSS,
    MEDIUM_LOSS,
    MEDIUM_RATE,
    PHOTO_SHARE,
    PHOTON_FIRST,
    PHOTON_STEP,
    RANGE,
    SCATTER,
    SOFT_VARIANCE,
)

__all__ = ["compton_energy", "follow_electron", "follow_photon"]

_K_EDGE = 3.2e-3  # MeV, K-shell binding energy of argon, left where the photon is absorbed
_PAIR_UNIFORM_BELOW = 10.0  # MeV; below, the pair shares its energy evenly
_OPENING = 0.6  # angle of bremsstrahlung and pairs in units of m/E, times a gamma variate of shape 2
_IONIZATION, _BREMS, _ANNIHILATION = int(Process.eIoni), int(Process.eBrem), int(Process.annihil)
_CONVERSION, _COMPTON, _PHOTO = int(Process.conv), int(Process.compt), int(Process.phot)


@inner
def _emit(m: Machine, kind: int, energy: float, cosine: float, process: int) -> tuple[float, float]:
    """Make a particle at an angle to the one that moves; cosine and sine of its azimuth."""
    ca, sa, _ = azimuth(m.state)
    u, v, w = turned(m.now[U], m.now[V], m.now[W], cosine, ca, sa)
    release(m, kind, energy, u, v, w, process)
    return ca, sa


@inner
def _opening_cosine(m: Machine, energy: float) -> float:
    """Cosine of the angle that bremsstrahlung or one of a pair of this total energy opens."""
    angle = _OPENING * ELECTRON_MASS / energy * (exponential(m.state) + exponential(m.state))
    return math.cos(min(angle, math.pi))


@inner
def _light_step(m: Machine, sign: int, free: float) -> tuple[float, float, int, float]:
    """One step: mean free paths left, rate of hard events (0 where none came), place in the grid."""
    now, table, cuts = m.now, m.light[sign], m.cuts
    kinetic = now[KINETIC]
    at, part = place(math.log(kinetic), LIGHT_FIRST, LIGHT_STEP)
    low, high = table[at], table[at + 1]
    loss = low[LOSS] + part * (high[LOSS] - low[LOSS])
    reach = low[RANGE] + part * (high[RANGE] - low[RANGE])
    rate = low[HARD] + part * (high[HARD] - low[HARD]) + low[BREMS] + part * (high[BREMS] - low[BREMS])
    rate += low[ANNIHILATION] + part * (high[ANNIHILATION] - low[ANNIHILATION])
    step = min(cuts[C_STEP], cuts[C_OF_RANGE] * reach + cuts[C_AT_END])
    hard = free < step * rate
    if hard:
        step = free / rate
    slope = (high[LOSS] - low[LOSS]) / LIGHT_STEP
    mean = mean_loss(kinetic, step, loss, slope, reach, m.inverse[4 + sign], m.inverse_grid[4 + sign])
    upper = min(cuts[C_ELECTRON], kinetic if sign else 0.5 * kinetic)
    energy = light_step_loss(
        m.state,
        mean,
        loss,
        low[MEDIUM_RATE] + part * (high[MEDIUM_RATE] - low[MEDIUM_RATE]),
        low[MEDIUM_LOSS] + part * (high[MEDIUM_LOSS] - low[MEDIUM_LOSS]),
        low[SOFT_VARIANCE] + part * (high[SOFT_VARIANCE] - low[SOFT_VARIANCE]),
        min(cuts[C_SOFT], upper),
        upper,
        kinetic,
        sign == 1,
    )
    energy = min(energy, kinetic)
    now[KINETIC] = kinetic - energy
    spread = (low[SCATTER] + part * (high[SCATTER] - low[SCATTER])) * step
    total = kinetic + ELECTRON_MASS
    advance(m, step, energy, spread, math.sqrt(kinetic * (total + ELECTRON_MASS)) / total)
    return free - step * rate, (rate if hard else 0.0), at, part


@inner
def _electron_knock_on(m: Machine, positron: bool) -> None:
    """Møller or Bhabha: the knock-on leaves by kinematics, the electron turns the other way."""
    now, cut = m.now, m.cuts[C_ELECTRON]
    kinetic = now[KINETIC]
    upper = kinetic if positron else 0.5 * kinetic
    if upper <= cut:
        return
    transfer = knock_on(m.state, kinetic, cut, upper, positron)
    twice = 2.0 * ELECTRON_MASS
    cosine = math.sqrt(transfer * (kinetic + twice) / (kinetic * (transfer + twice)))
    now[KINETIC] = kinetic - transfer
    ca, sa = _emit(m, ELECTRON, transfer, min(cosine, 1.0), _IONIZATION)
    rest = kinetic - transfer
    cosine = math.sqrt(rest * (kinetic + twice) / (kinetic * (rest + twice)))
    now[U], now[V], now[W] = turned(now[U], now[V], now[W], min(cosine, 1.0), -ca, -sa)


@inner
def _radiate(m: Machine) -> None:
    """A bremsstrahlung photon; the electron does not turn."""
    now, cut = m.now, m.cuts[C_BREMS]
    kinetic = now[KINETIC]
    if kinetic <= cut:
        return
    while True:
        energy = cut * (kinetic / cut) ** uniform(m.state)
        y = energy / kinetic
        if uniform(m.state) < (1.0 - y) + 0.75 * y * y:
            break
    now[KINETIC] = kinetic - energy
    _emit(m, PHOTON, energy, _opening_cosine(m, kinetic + ELECTRON_MASS), _BREMS)


@inner
def _annihilate_in_flight(m: Machine) -> None:
    """Two photons by Heitler's spectrum, their angles by kinematics."""
    gamma = 1.0 + m.now[KINETIC] / ELECTRON_MASS
    root = math.sqrt((gamma - 1.0) / (gamma + 1.0))
    low, high = 0.5 * (1.0 - root), 0.5 * (1.0 + root)
    square = (gamma + 1.0) ** 2
    while True:
        e = low * (high / low) ** uniform(m.state)
        if uniform(m.state) < 1.0 - e + (2.0 * gamma * e - 1.0) / (e * square):
            break
    total = m.now[KINETIC] + 2.0 * ELECTRON_MASS
    momentum = math.sqrt(gamma * gamma - 1.0)
    first = (e * (gamma + 1.0) - 1.0) / (e * momentum)
    second = ((1.0 - e) * (gamma + 1.0) - 1.0) / ((1.0 - e) * momentum)
    now = m.now
    ca, sa = _emit(m, PHOTON, e * total, max(-1.0, min(1.0, first)), _ANNIHILATION)
    u, v, w = turned(now[U], now[V], now[W], max(-1.0, min(1.0, second)), -ca, -sa)
    release(m, PHOTON, (1.0 - e) * total, u, v, w, _ANNIHILATION)


@inner
def follow_electron(m: Machine) -> None:
    """Carry an electron or positron until it stops, annihilates or leaves."""
    now = m.now
    positron = int(now[KIND]) == POSITRON
    sign = 1 if positron else 0
    table, cut = m.light[sign], m.cuts[C_ELECTRON]
    free = exponential(m.state)
    while now[KINETIC] >= cut:
        free, rate, at, part = _light_step(m, sign, free)
        if beyond(now, m.limits[0]):
            escape(m)
            finish(m)
            return
        if rate > 0.0 and now[KINETIC] > cut:
            free = exponential(m.state)
            chosen = rate * uniform(m.state)
            low, high = table[at], table[at + 1]
            chosen -= low[HARD] + part * (high[HARD] - low[HARD])
            if chosen < 0.0:
                _electron_knock_on(m, positron)
                continue
            chosen -= low[BREMS] + part * (high[BREMS] - low[BREMS])
            if chosen < 0.0 or not positron:
                _radiate(m)
                continue
            _annihilate_in_flight(m)
            now[KINETIC] = 0.0
            finish(m)
            return
    end_segment(m)
    if now[KINETIC] > 0.0:
        deposit_here(m, now[KINETIC], light_range(m, now[KINETIC]))
    now[KINETIC] = 0.0
    if positron:
        annihilate_at_rest(m)
    finish(m)


@compiled
def compton_energy(state: np.ndarray, energy: float) -> float:
    """Energy of a Compton-scattered photon by Klein and Nishina, MeV (composition and rejection)."""
    k = energy / ELECTRON_MASS
    least = 1.0 / (1.0 + 2.0 * k)
    first, second = -math.log(least), 0.5 * (1.0 - least * least)
    while True:
        if uniform(state) * (first + second) < first:
            e = math.exp(-first * uniform(state))
        else:
            e = math.sqrt(least * least + (1.0 - least * least) * uniform(state))
        t = (1.0 - e) / (k * e)
        if uniform(state) < 1.0 - e * t * (2.0 - t) / (1.0 + e * e):
            return energy * e


@inner
def _scatter_photon(m: Machine) -> None:
    """Compton: the photon turns, the electron takes the rest of energy and momentum."""
    now = m.now
    before = now[KINETIC]
    after = compton_energy(m.state, before)
    cosine = max(-1.0, 1.0 - ELECTRON_MASS * (1.0 / after - 1.0 / before))
    ca, sa, _ = azimuth(m.state)
    u, v, w = turned(now[U], now[V], now[W], cosine, ca, sa)
    px, py, pz = before * now[U] - after * u, before * now[V] - after * v, before * now[W] - after * w
    momentum = math.sqrt(px * px + py * py + pz * pz)
    if momentum > 0.0:
        release(m, ELECTRON, before - after, px / momentum, py / momentum, pz / momentum, _COMPTON)
    else:
        release(m, ELECTRON, before - after, u, v, w, _COMPTON)
    now[KINETIC], now[U], now[V], now[W] = after, u, v, w


@inner
def _make_pair(m: Machine) -> None:
    """An electron and a positron share the photon's energy less two electron masses."""
    now = m.now
    available = now[KINETIC] - 2.0 * ELECTRON_MASS
    share = uniform(m.state)
    if now[KINETIC] > _PAIR_UNIFORM_BELOW:
        while uniform(m.state) > 1.0 - 4.0 / 3.0 * share * (1.0 - share):
            share = uniform(m.state)
    first, second = share * available, (1.0 - share) * available
    ca, sa = _emit(m, ELECTRON, first, _opening_cosine(m, first + ELECTRON_MASS), _CONVERSION)
    cosine = _opening_cosine(m, second + ELECTRON_MASS)
    u, v, w = turned(now[U], now[V], now[W], cosine, -ca, -sa)
    release(m, POSITRON, second, u, v, w, _CONVERSION)


@inner
def follow_photon(m: Machine) -> None:
    """Carry a photon from interaction to interaction until it is absorbed or leaves."""
    now = m.now
    while now[KINETIC] >= m.cuts[C_PHOTON]:
        m.counts[STEPS] += 1
        at, part = place(math.log(now[KINETIC]), PHOTON_FIRST, PHOTON_STEP)
        low, high = m.photon[at], m.photon[at + 1]
        flight = exponential(m.state) / (low[0] + part * (high[0] - low[0]))
        now[X] += flight * now[U]
        now[Y] += flight * now[V]
        now[Z] += flight * now[W]
        now[TIME] += flight / SPEED_OF_LIGHT
        if beyond(now, m.limits[1]):
            escape(m)
            finish(m)
            return
        channel = uniform(m.state)
        if channel < low[PHOTO_SHARE] + part * (high[PHOTO_SHARE] - low[PHOTO_SHARE]):
            deposit_here(m, _K_EDGE, light_range(m, _K_EDGE))
            release(m, ELECTRON, now[KINETIC] - _K_EDGE, now[U], now[V], now[W], _PHOTO)
            finish(m)
            return
        pairs = channel > low[COMPTON_SHARE] + part * (high[COMPTON_SHARE] - low[COMPTON_SHARE])
        if pairs and now[KINETIC] > 2.0 * ELECTRON_MASS:
            _make_pair(m)
            finish(m)
            return
        _scatter_photon(m)
    deposit_here(m, now[KINETIC], light_range(m, max(now[KINETIC], 1e-6)))
    finish(m)
