"""What particles do at rest, and the pi0: decay, capture, annihilation.

mu+            decays after 2.197 µs, Michel spectrum
mu-            bound to argon: captured (75.6 %) or decays, lifetime 537 ns
pi+            to mu+ (4.12 MeV) and a neutrino
pi-            captured: a star of nucleons
K              to mu and a neutrino (152.5 MeV); other modes are left out
pi0            to two photons at once; Dalitz pairs (1.2 %) are left out
e+             annihilates, two photons of 511 keV

Energies in MeV, times in µs. Muon polarization and the capture's nuclear
physics are left out; its products are [E].

References
----------
PDG (2022): lifetimes, Michel spectrum. Suzuki, Measday, Roalsvig, Phys. Rev. C
35 (1987) 2212, and measurements in argon: capture rate, lifetime 537 ± 32 ns.
"""

from __future__ import annotations

import math

import numpy as np

from argoscope.simulation.argon import (
    ELECTRON_MASS,
    KAON_MASS,
    MUON_MASS,
    NEUTRAL_PION_MASS,
    PION_MASS,
)
from argoscope.simulation.bookkeeping import (
    finish,
    isotropic,
    push,
    release_anywhere,
)
from argoscope.simulation.compile import compiled, inner
from argoscope.simulation.deexcitation import remnant
from argoscope.simulation.hadronic import BINDING, tail_energy
from argoscope.simulation.machine import (
    ELECTRON,
    FREED_OF_KIND,
    INVISIBLE,
    K_MINUS,
    KIND,
    KINETIC,
    MU_MINUS,
    MU_PLUS,
    NEUTRON,
    PHOTON,
    PI_MINUS,
    PI_PLUS,
    POSITRON,
    PROTON,
    TIME,
    Machine,
    U,
    V,
    W,
)
from argoscope.simulation.random_numbers import exponential, normal, poisson, uniform
from argoscope.simulation.records import Process

__all__ = [
    "BOUND_LIFETIME",
    "CAPTURE_SHARE",
    "MICHEL_ENDPOINT",
    "MUON_LIFETIME",
    "annihilate_at_rest",
    "come_to_rest",
    "michel_density",
    "michel_energy",
    "muon_ends",
    "neutral_pion",
    "two_body_kinetic",
]

MUON_LIFETIME = 2.1969811  # µs, PDG
BOUND_LIFETIME = 0.537  # µs in argon, ± 0.032
CAPTURE_SHARE = 0.756  # 1 - 537/2197 x 0.988 (Huff factor), ± 0.015
MICHEL_ENDPOINT = (MUON_MASS**2 + ELECTRON_MASS**2) / (2.0 * MUON_MASS)  # MeV, 52.83, total energy
PION_LIFETIME = 0.026033  # µs, PDG
BOUND_SMEARING = 0.5  # MeV, width of the bound muon's motion [E]
_DECAY = int(Process.Decay)
_CAPTURE = int(Process.muMinusCaptureAtRest)
_STAR = int(Process.piMinusInelastic)
_ANNIHILATION = int(Process.annihil)


def michel_density(energy: np.ndarray) -> np.ndarray:
    """Density of the total energy of a free muon's decay electron, 1/MeV.

    2 x² (3 - 2x) with x = E / 52.83 MeV.

    Parameters
    ----------
    energy : ndarray, shape (n,)
        Total energies in MeV.

    References
    ----------
    PDG (2022), muon decay parameters, rho = 3/4, electron mass neglected.

    Examples
    --------
    >>> michel_density(np.array([52.8, 60.0])).round(3).tolist()
    [0.038, 0.0]
    """
    x = np.asarray(energy, dtype=np.float64) / MICHEL_ENDPOINT
    return np.where((x >= 0) & (x <= 1), 2.0 * x**2 * (3.0 - 2.0 * x), 0.0) / MICHEL_ENDPOINT


def two_body_kinetic(parent: float, child: float) -> float:
    """Kinetic energy of the massive child of a decay at rest with a neutrino, MeV.

    Examples
    --------
    >>> round(two_body_kinetic(139.57039, 105.6583755), 2)
    4.12
    """
    return (parent - child) ** 2 / (2.0 * parent)


_PION_MUON = two_body_kinetic(PION_MASS, MUON_MASS)
_KAON_MUON = two_body_kinetic(KAON_MASS, MUON_MASS)


@compiled
def michel_energy(state: np.ndarray, bound: bool) -> float:
    """Kinetic energy of a decay electron, MeV; of a bound muon smeared by its motion."""
    while True:
        x = uniform(state)
        if uniform(state) < x * x * (3.0 - 2.0 * x):
            energy = x * MICHEL_ENDPOINT
            if bound:
                energy += BOUND_SMEARING * normal(state)
            if energy > ELECTRON_MASS:
                return energy - ELECTRON_MASS


@compiled
def muon_ends(state: np.ndarray, negative: bool) -> tuple[bool, float, float]:
    """Whether a muon at rest is captured, its life in µs, and its electron's energy in MeV."""
    life = (BOUND_LIFETIME if negative else MUON_LIFETIME) * exponential(state)
    if negative and uniform(state) < CAPTURE_SHARE:
        return True, life, 0.0
    return False, life, michel_energy(state, negative)


@inner
def _capture(m: Machine) -> float:
    """Products of muon capture [E]: 1 or 2 neutrons of 5 MeV, often a photon, rarely a proton."""
    given = 0.0
    for _ in range(1 + int(2.0 * uniform(m.state))):
        given += release_anywhere(m, NEUTRON, 5.0 * exponential(m.state), _CAPTURE)
    if uniform(m.state) < 0.5:
        given += release_anywhere(m, PHOTON, 1.0 + 4.0 * uniform(m.state), _CAPTURE)
    if uniform(m.state) < 0.03:
        given += release_anywhere(m, PROTON, 10.0 + 5.0 * exponential(m.state), _CAPTURE)
    return given


@inner
def _muon(m: Machine) -> float:
    """A muon at rest; the content of what it leaves."""
    negative = int(m.now[KIND]) == MU_MINUS
    captured, life, energy = muon_ends(m.state, negative)
    m.now[TIME] += life
    if captured:
        return _capture(m)
    return release_anywhere(m, ELECTRON if negative else POSITRON, energy, _CAPTURE if negative else _DECAY)


@inner
def _star(m: Machine) -> float:
    """Products of pi- capture [E]: protons of 10 MeV and more, one neutron, and what the nucleus sends out then."""
    given, left = 0.0, FREED_OF_KIND[PI_MINUS]
    for nucleon in range(2 + poisson(m.state, 0.5)):
        kind, least, mean = (NEUTRON, 5.0, 25.0) if nucleon == 0 else (PROTON, 10.0, 15.0)
        energy = tail_energy(m.state, least, mean, left)
        if energy > 0.0:
            given += release_anywhere(m, kind, energy, _STAR)
            left -= energy + BINDING
    return given + remnant(m, left, _STAR)


@inner
def come_to_rest(m: Machine) -> None:
    """What the particle that moves does at rest, its kinetic energy already deposited."""
    kind = int(m.now[KIND])
    content, given = FREED_OF_KIND[kind], 0.0
    if kind in (MU_MINUS, MU_PLUS):
        given = _muon(m)
    elif kind == PI_PLUS:
        m.now[TIME] += PION_LIFETIME * exponential(m.state)
        given = release_anywhere(m, MU_PLUS, _PION_MUON, _DECAY)
    elif kind == PI_MINUS:
        given = _star(m)
    elif kind < PROTON:
        given = release_anywhere(m, MU_MINUS if kind == K_MINUS else MU_PLUS, _KAON_MUON, _DECAY)
    m.ledger[INVISIBLE] += content - given
    finish(m)


@inner
def annihilate_at_rest(m: Machine) -> None:
    """Two photons back to back; the positron's kinetic energy is already deposited."""
    u, v, w = isotropic(m.state)
    push(m, PHOTON, ELECTRON_MASS, u, v, w, _ANNIHILATION, m.now[TIME])
    push(m, PHOTON, ELECTRON_MASS, -u, -v, -w, _ANNIHILATION, m.now[TIME])


@inner
def neutral_pion(m: Machine) -> None:
    """Two photons, isotropic in the pion's rest frame, boosted."""
    now = m.now
    mass, energy = NEUTRAL_PION_MASS, now[KINETIC] + NEUTRAL_PION_MASS
    momentum = math.sqrt(now[KINETIC] * (now[KINETIC] + 2.0 * mass))
    gamma, boost = energy / mass, momentum / mass
    u, v, w = isotropic(m.state)
    for sign in (1.0, -1.0):
        qx, qy, qz = sign * 0.5 * mass * u, sign * 0.5 * mass * v, sign * 0.5 * mass * w
        along = qx * now[U] + qy * now[V] + qz * now[W]
        shift = (gamma - 1.0) * along + boost * 0.5 * mass
        photon = gamma * 0.5 * mass + boost * along
        px, py, pz = qx + shift * now[U], qy + shift * now[V], qz + shift * now[W]
        push(m, PHOTON, photon, px / photon, py / photon, pz / photon, _DECAY, now[TIME])
