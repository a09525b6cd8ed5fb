"""Neutrons below 20 MeV in argon: how often they collide, and what a captured one sets free.

Elastic      all of the total cross section that is neither of the others; scattering counts as isotropic, at a
             rate lowered to 1 - <cos> of the true one, so that a neutron turns round after the right length
Inelastic    (n,n'), (n,2n): from 1.50 MeV, the first level of argon-40
Capture      1/v from 0.66 b at 2200 m/s, hence after 330 µs of life at any speed

Between 50 and 60 keV waves cancel and a neutron flies 30 m between two collisions: most of those that
get there leave the detector. Energies in MeV, cross sections in barn, rates per cm.

Left out: single resonances (the table goes through their average), thermal motion of the atoms (a neutron
stops slowing down at their mean energy), argon-36 and 38, reactions that leave protons and alphas (1 % of
the inelastic ones).

References
----------
ENDF/B-VIII.0, argon-40 (Kawano 2012; resonances from Winters et al., Phys. Rev. C 43 (1991) 492): total cross section,
capture. ARTIE, arXiv:2212.05448: the minimum near 57 keV. ACED, arXiv:1902.00596: capture, 0.673 ± 0.065 b.
MacMullin et al., Phys. Rev. C 85 (2012) 064614 and 87 (2013) 054613: inelastic and elastic scattering.
Nuclear Data Sheets 133 (2016) 1 (A = 41), after Hardell and Beer, Phys. Scr. 1 (1970) 85: levels and photons of
argon-41 after capture.
"""

from __future__ import annotations

import math

import numpy as np

from argoscope.simulation.argon import ATOMIC_MASS, ATOMS_PER_BARN_CM
from argoscope.simulation.compile import compiled
from argoscope.simulation.random_numbers import exponential, uniform

__all__ = [
    "CAPTURE_ENERGY",
    "FIRST_LEVEL",
    "LEVELS",
    "REACTS_ABOVE",
    "SECOND_LEVEL",
    "THERMAL",
    "TRANSITIONS",
    "boiled_off",
    "capture",
    "elastic",
    "inelastic",
    "inelastic_energy",
    "inelastic_excitation",
    "neutron_rates",
    "next_level",
    "slowed",
]

REACTS_ABOVE = 20.0  # MeV; from here reactions knock nucleons out, see `hadronic`
FIRST_LEVEL, SECOND_LEVEL = 1.4609, 2.1208  # MeV, argon-40, 2+ and 0+ (ENDF/B-VIII.0)
THERMAL = 1.13e-8  # MeV: 3/2 kT at 87.3 K
LEVEL_DENSITY = 5.0  # 1/MeV: a = A/8, of the temperature sqrt(E/a) of what boils off
_CAPTURE_2200 = 0.66  # barn at 2200 m/s (ENDF/B-VIII.0; ACED 0.673)
_ENERGY_2200 = 2.53e-8  # MeV of a neutron of 2200 m/s
_TO_LAB = ATOMIC_MASS / (ATOMIC_MASS + 1.0)  # energy of the collision's frame over the neutron's

_ELASTIC = np.array(
    [
        # MeV, barn. Up to 10 keV ENDF's total less capture; average over resonances to 1.5 MeV [E]; above that total
        # (ENDF) less inelastic, times 1 - <cos> (0.8 at 1, 0.55 at 3, 0.4 at 6, 0.3 at 14 MeV [E]).
        (1e-9, 0.648), (1e-5, 0.645), (1e-4, 0.63), (1e-3, 0.558), (0.01, 0.44), (0.025, 0.33), (0.045, 0.10), (0.057, 0.016), (0.065, 0.10),
        (0.08, 1.5), (0.15, 2.0), (0.5, 2.5), (1.0, 2.6), (1.5, 2.5), (3.0, 1.9), (4.0, 1.7), (6.0, 1.25),
        (10.0, 0.85), (14.0, 0.48), (20.0, 0.45),
    ]
)  # fmt: skip
_INELASTIC = np.array(
    [
        # MeV, barn [E], ± 20 %: optical models and GEANIE, 0.9 b to argon-40's first level; Letaw's value at 20 MeV.
        (1.4974, 1e-6), (1.55, 0.1), (2.0, 0.4), (3.0, 0.8), (4.0, 1.1), (6.0, 1.3), (10.0, 1.35), (14.0, 1.25), (20.0, 0.942),
    ]
)  # fmt: skip

LEVELS = np.array(
    [0.0, 0.1673, 0.5161, 1.0347, 1.3539, 2.3981, 2.7334, 2.9487, 3.0096, 3.3268, 3.9682, 4.2700, 6.0989]
)
"""Levels of argon-41, MeV; the last is where a capture starts."""
CAPTURE_ENERGY = float(LEVELS[-1])
"""Energy of the photons of a capture, MeV."""
TRANSITIONS = np.array(
    [  # from, to, photons in 100 captures
        (12, 2, 10.79), (12, 3, 0.242), (12, 4, 51.2), (12, 5, 9.11), (12, 6, 3.91), (12, 7, 3.72),
        (12, 8, 1.02), (12, 9, 8.00), (12, 10, 4.09), (12, 11, 0.93),
        (11, 1, 0.93), (10, 2, 1.86), (10, 4, 2.70), (9, 2, 5.49), (9, 3, 0.186), (9, 4, 0.502),
        (8, 1, 0.818), (7, 1, 1.58), (7, 2, 0.781), (6, 1, 2.60), (5, 1, 0.27), (5, 2, 1.30), (5, 4, 5.58),
        (4, 0, 2.14), (4, 1, 48.5), (4, 2, 8.93), (3, 1, 1.02), (2, 0, 23.5), (2, 1, 6.14), (1, 0, 74.0),
    ]
)  # fmt: skip
"""Photons of argon-41 after capture: starting and final level, intensity."""


def _branches() -> np.ndarray:
    """Cumulative share of the final levels of each level, shape (levels, levels)."""
    share = np.zeros((len(LEVELS), len(LEVELS)))
    for start, end, intensity in TRANSITIONS:
        share[int(start), int(end)] = intensity
    total = np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
    return np.cumsum(share / total, axis=1)


_BRANCHES = _branches()

_GRID, _FIRST, _STEP = 1200, math.log(1e-9), (math.log(20.0) - math.log(1e-9)) / 1199


def _on_grid(points: np.ndarray) -> np.ndarray:
    """Cross section of a table of points on the kernels' grid, log-log, 0 below the first; per cm."""
    at = _FIRST + _STEP * np.arange(_GRID)
    found = np.exp(np.interp(at, np.log(points[:, 0]), np.log(points[:, 1])))
    return ATOMS_PER_BARN_CM * np.where(at < np.log(points[0, 0]) - 1e-9, 0.0, found)


_ELASTIC_RATE, _INELASTIC_RATE = _on_grid(_ELASTIC), _on_grid(_INELASTIC)


def elastic(kinetic: np.ndarray) -> np.ndarray:
    """Cross section of elastic scattering as isotropic scattering, barn.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV, up to 20.

    Examples
    --------
    A thermal neutron, and one that flies 30 m:

    >>> elastic(np.array([2.5e-8, 0.057])).round(3).tolist()
    [0.647, 0.016]
    """
    return np.exp(np.interp(np.log(kinetic), np.log(_ELASTIC[:, 0]), np.log(_ELASTIC[:, 1])))


def inelastic(kinetic: np.ndarray) -> np.ndarray:
    """Cross section of inelastic scattering, barn; 0 below 1.50 MeV.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV, up to 20.

    Examples
    --------
    >>> inelastic(np.array([1.0, 6.0])).round(2).tolist()
    [0.0, 1.3]
    """
    found = np.exp(np.interp(np.log(kinetic), np.log(_INELASTIC[:, 0]), np.log(_INELASTIC[:, 1])))
    return np.where(np.asarray(kinetic) < _INELASTIC[0, 0], 0.0, found)


def capture(kinetic: np.ndarray) -> np.ndarray:
    """Cross section of capture, barn: 1/v.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.

    Examples
    --------
    >>> capture(np.array([2.53e-8])).tolist()
    [0.66]
    """
    return np.asarray(_CAPTURE_2200 * np.sqrt(_ENERGY_2200 / np.asarray(kinetic)))


@compiled
def neutron_rates(kinetic: float) -> tuple[float, float, float]:
    """Elastic and inelastic collisions and captures of a neutron below 20 MeV, per cm."""
    position = (math.log(kinetic) - _FIRST) / _STEP
    at = min(max(int(position), 0), _GRID - 2)
    part = min(max(position - at, 0.0), 1.0)
    scatters = _ELASTIC_RATE[at] + part * (_ELASTIC_RATE[at + 1] - _ELASTIC_RATE[at])
    excites = _INELASTIC_RATE[at] + part * (_INELASTIC_RATE[at + 1] - _INELASTIC_RATE[at])
    if kinetic * _TO_LAB <= FIRST_LEVEL:
        excites = 0.0
    return scatters, excites, ATOMS_PER_BARN_CM * _CAPTURE_2200 * math.sqrt(_ENERGY_2200 / kinetic)


@compiled
def slowed(kinetic: float, cosine: float) -> tuple[float, float]:
    """Energy and cosine of a neutron after elastic scattering by an angle in the frame of the collision.

    Two-body kinematics: E'/E = (A² + 2 A c + 1) / (A + 1)².
    """
    square = ATOMIC_MASS**2 + 2.0 * ATOMIC_MASS * cosine + 1.0
    energy = kinetic * square / (ATOMIC_MASS + 1.0) ** 2
    return max(energy, min(kinetic, THERMAL)), (1.0 + ATOMIC_MASS * cosine) / math.sqrt(square)


@compiled
def boiled_off(state: np.ndarray, available: float) -> float:
    """Kinetic energy of an evaporated neutron, MeV: E exp(-E/T) with T = sqrt(available / a), up to `available`."""
    temperature = math.sqrt(available / LEVEL_DENSITY)
    if available < temperature:  # the density is E alone there
        return available * math.sqrt(uniform(state))
    while True:
        energy = temperature * (exponential(state) + exponential(state))
        if energy < available:
            return energy


@compiled
def inelastic_energy(state: np.ndarray, kinetic: float) -> float:
    """Energy of a neutron after inelastic scattering, MeV: evaporated, at least the first level left behind.

    Below argon's second level (2.12 MeV) nothing but the first is left.
    """
    most = kinetic * _TO_LAB - FIRST_LEVEL
    energy = boiled_off(state, most)
    return energy if most - energy > SECOND_LEVEL - FIRST_LEVEL else most


@compiled
def inelastic_excitation(before: float, after: float) -> float:
    """Energy that inelastic scattering leaves in the nucleus, MeV; its recoil takes a fortieth."""
    return before * _TO_LAB - after


@compiled
def next_level(state: np.ndarray, level: int) -> int:
    """Level that argon-41 falls to after a capture, by the shares of `TRANSITIONS`."""
    drawn = uniform(state)
    end = 0
    while end < level - 1 and drawn >= _BRANCHES[level, end]:
        end += 1
    return end
