"""A neutrino strikes a nucleon or the whole nucleus: the lepton and what recoils.

Two-body scattering k + P -> l + X with a chosen mass of X, in the frame of
the centre of mass; Q² after the dipole (1 + Q² / M_A²)^-4 between its
kinematic limits. The struck nucleon is bound and moves, see `nucleus`. Energy
holds exactly: what the lepton and hadrons do not carry is the removal energy.
Charges are those of neutrinos, not antineutrinos.

Left out: spin, the flux factor of the moving nucleon, polarization of the
lepton, second-class corrections, strange particles, eta mesons.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from argoscope.simulation.generators.kinematics import FourVector, decay
from argoscope.simulation.generators.nucleus import (
    ARGON_A,
    ARGON_Z,
    FERMI_MOMENTUM,
    Hadron,
    bound_nucleon,
    nucleon_in_argon,
)
from argoscope.simulation.generators.species import (
    NEUTRON,
    PION_MINUS,
    PION_PLUS,
    PION_ZERO,
    PROTON,
    SPECIES,
)

__all__ = ["Struck", "coherent", "dipole_scatter", "inelastic", "quasi_elastic", "resonant", "two_nucleon"]

_AXIAL_MASS = 1000.0  # MeV; engineering value, world average 1,014 to 1,026
_DELTA_MASS, _DELTA_WIDTH = 1232.0, 117.0  # MeV; PDG
_DELTA_RANGE = (1080.0, 1800.0)  # MeV; engineering value: from one pion to where DIS takes over
_DIS_RANGE = (1800.0, 3000.0)  # MeV; engineering value
_PAIR_EXTRA = (50.0, 250.0)  # MeV; engineering value: transfer of two nucleons above that of one
_MIXED_PAIRS = 0.8  # share of proton-neutron pairs, no unit; engineering value
_CC_ON_PROTON = 2 / 3  # share of p -> p pi+ among single pions, no unit; engineering value
_CC_NEUTRON_TO_PI_PLUS = 1 / 3  # share of n pi+ on neutrons, no unit; isospin of a Delta+
_NC_PI_ZERO, _NC_CHARGED = (
    0.5,
    0.25,
)  # shares of NC resonances, no unit; the rest lose their pion in the nucleus
_COHERENT_SLOPE = 100e-6  # 1 / MeV²; radius of argon squared over three, R = 3.4 fm


class Struck(NamedTuple):
    """A neutrino interaction before the hadrons leave the nucleus.

    Parameters
    ----------
    lepton : FourVector
    hadrons : list of Hadron
    taken : list of int
        PDG numbers of the nucleons taken from the nucleus.
    absorbed : bool
        Whether the pion must not leave the nucleus.
    """

    lepton: FourVector
    hadrons: list[Hadron]
    taken: list[int]
    absorbed: bool = False


def dipole_scatter(
    neutrino: FourVector, target: FourVector, lepton_mass: float, recoil_mass: float, rng: np.random.Generator
) -> tuple[FourVector, FourVector] | None:
    """Lepton and recoil of k + P -> l + X, Q² drawn from the dipole.

    The dipole's integral has a closed form: (1 + Q² / M_A²)^-3 is even between
    its values at the limits.

    Parameters
    ----------
    neutrino, target : FourVector
    lepton_mass, recoil_mass : float
        In MeV.
    rng : numpy.random.Generator

    Returns
    -------
    (lepton, recoil) or None
        None below threshold.

    Examples
    --------
    >>> neutrino, nucleon = FourVector(1000.0, 0.0, 0.0, 1000.0), FourVector(939.6, 0.0, 0.0, 0.0)
    >>> lepton, recoil = dipole_scatter(neutrino, nucleon, 105.7, 938.3, np.random.default_rng(1))
    >>> round(lepton.energy + recoil.energy, 6), round(recoil.mass, 6)
    (1939.6, 938.3)
    """
    total = neutrino.plus(target)
    mass = total.mass
    if mass <= lepton_mass + recoil_mass:
        return None
    incoming = neutrino.to_rest_of(total)
    energy = (mass * mass + lepton_mass**2 - recoil_mass**2) / (2 * mass)
    momentum = math.sqrt(max(energy * energy - lepton_mass**2, 0.0))
    # Q² = 2 k (E - p cos) - m² at the two ends of the cosine.
    centre, reach = 2 * incoming.energy * energy - lepton_mass**2, 2 * incoming.energy * momentum
    scale = _AXIAL_MASS**2
    low, high = (1 + (centre - reach) / scale) ** -3, (1 + (centre + reach) / scale) ** -3
    q_squared = scale * ((high + rng.random() * (low - high)) ** (-1 / 3) - 1)
    cosine = min(max((centre - q_squared) / reach, -1.0), 1.0)  # rounding at the limits only
    lepton = _turned(incoming, energy, momentum, cosine, rng).from_rest_of(total)
    return lepton, total.minus(lepton)


def _turned(
    axis: FourVector, energy: float, momentum: float, cosine: float, rng: np.random.Generator
) -> FourVector:
    """Vector at an angle to the momentum of `axis`, azimuth even."""
    length = axis.momentum
    ux, uy, uz = axis.x / length, axis.y / length, axis.z / length
    across = math.hypot(ux, uy)
    azimuth = 2 * math.pi * rng.random()
    sine = math.sqrt(1 - cosine * cosine)
    a, b = sine * math.cos(azimuth), sine * math.sin(azimuth)
    if across > 1e-12:
        x = a * ux * uz / across - b * uy / across + cosine * ux
        y = a * uy * uz / across + b * ux / across + cosine * uy
        z = -a * across + cosine * uz
    else:
        x, y, z = a, b, cosine * math.copysign(1.0, uz)
    return FourVector(energy, momentum * x, momentum * y, momentum * z)


def quasi_elastic(
    neutrino: FourVector, lepton_mass: float, charged: bool, rng: np.random.Generator
) -> Struck | None:
    """One nucleon: the lepton as from a free nucleon at rest, the recoil through Pauli's principle.

    A recoil q + p_F below the Fermi momentum is forbidden (the result is then
    None). The nucleon leaves along q + p_F with the energy transfer less the
    removal energy, so energy holds exactly; the nucleus takes the rest of the
    momentum.
    """
    before = NEUTRON if charged else nucleon_in_argon(rng)
    after = PROTON if charged else before
    free = FourVector(SPECIES[before].mass, 0.0, 0.0, 0.0)
    pair = dipole_scatter(neutrino, free, lepton_mass, SPECIES[after].mass, rng)
    if pair is None:
        return None
    inside = neutrino.minus(pair[0]).plus(bound_nucleon(before, rng).vector)
    kinetic = inside.energy - SPECIES[after].mass
    if inside.momentum < FERMI_MOMENTUM or kinetic <= 0:
        return None
    scale = math.sqrt(kinetic * (kinetic + 2 * SPECIES[after].mass)) / inside.momentum
    outside = FourVector(inside.energy, scale * inside.x, scale * inside.y, scale * inside.z)
    return Struck(pair[0], [Hadron(after, outside)], [before])


def two_nucleon(neutrino: FourVector, lepton_mass: float, rng: np.random.Generator) -> Struck | None:
    """Charged current on a pair: the lepton of a quasi-elastic event less 50 to 250 MeV, the pair shares the rest.

    The pair decays evenly over its phase space; 80 % are proton-neutron pairs, which leave as two protons.
    """
    # The lepton's kinematics as on a free nucleon at rest; Q² is kept.
    free = FourVector(SPECIES[NEUTRON].mass, 0.0, 0.0, 0.0)
    pair = dipole_scatter(neutrino, free, lepton_mass, SPECIES[PROTON].mass, rng)
    if pair is None:
        return None
    q_squared = -pair[0].minus(neutrino).mass_squared
    energy = pair[0].energy - (_PAIR_EXTRA[0] + rng.random() * (_PAIR_EXTRA[1] - _PAIR_EXTRA[0]))
    if energy <= lepton_mass:
        return None
    momentum = math.sqrt(energy * energy - lepton_mass**2)
    cosine = (2 * neutrino.energy * energy - lepton_mass**2 - q_squared) / (2 * neutrino.energy * momentum)
    if not -1 <= cosine <= 1:
        return None
    lepton = _turned(neutrino, energy, momentum, cosine, rng)
    other = PROTON if rng.random() < _MIXED_PAIRS else NEUTRON
    one, two = bound_nucleon(NEUTRON, rng), bound_nucleon(other, rng)
    total = neutrino.minus(lepton).plus(one.vector).plus(two.vector)
    bodies = decay(total, (SPECIES[PROTON].mass, SPECIES[other].mass), rng)
    if bodies is None:
        return None
    return Struck(lepton, [Hadron(PROTON, bodies[0]), Hadron(other, bodies[1])], [NEUTRON, other])


def resonant(
    neutrino: FourVector, lepton_mass: float, charged: bool, rng: np.random.Generator
) -> Struck | None:
    """A Delta, Breit-Wigner in mass, that decays to a nucleon and a pion, isotropic in its rest frame."""
    on_proton = _CC_ON_PROTON if charged else ARGON_Z / ARGON_A
    before = PROTON if rng.random() < on_proton else NEUTRON
    target = bound_nucleon(before, rng)
    greatest = neutrino.plus(target.vector).mass - lepton_mass
    mass = _breit_wigner(min(greatest, _DELTA_RANGE[1]), rng)
    pair = dipole_scatter(neutrino, target.vector, lepton_mass, mass, rng) if mass is not None else None
    if pair is None:
        return None
    nucleon, pion, absorbed = _delta_channel(before, charged, rng)
    bodies = decay(pair[1], (SPECIES[nucleon].mass, SPECIES[pion].mass), rng)
    if bodies is None:
        return None
    hadrons = [Hadron(nucleon, bodies[0]), Hadron(pion, bodies[1])]
    return Struck(pair[0], hadrons, [before], absorbed)


def _breit_wigner(greatest: float, rng: np.random.Generator) -> float | None:
    """Mass of the Delta below `greatest`: the cut Breit-Wigner through its inverse integral."""
    half = _DELTA_WIDTH / 2
    if greatest <= _DELTA_RANGE[0]:
        return None
    low = math.atan((_DELTA_RANGE[0] - _DELTA_MASS) / half)
    high = math.atan((greatest - _DELTA_MASS) / half)
    return _DELTA_MASS + half * math.tan(low + rng.random() * (high - low))


def _delta_channel(before: int, charged: bool, rng: np.random.Generator) -> tuple[int, int, bool]:
    """Nucleon and pion of the decay, and whether the pion stays in the nucleus."""
    u = rng.random()
    if charged:
        if before == PROTON:
            return PROTON, PION_PLUS, False
        return (NEUTRON, PION_PLUS, False) if u < _CC_NEUTRON_TO_PI_PLUS else (PROTON, PION_ZERO, False)
    swapped = (NEUTRON, PION_PLUS) if before == PROTON else (PROTON, PION_MINUS)
    if u < _NC_PI_ZERO:
        return before, PION_ZERO, False
    if u < _NC_PI_ZERO + _NC_CHARGED:
        return *swapped, False
    # Without a pion outside; a Delta of this charge makes a pi0 twice as often as a charged one.
    return (before, PION_ZERO, True) if rng.random() < 2 / 3 else (*swapped, True)


def inelastic(
    neutrino: FourVector, lepton_mass: float, charged: bool, rng: np.random.Generator
) -> Struck | None:
    """A nucleon and two or three pions by phase space, charges even among those that add up."""
    before = nucleon_in_argon(rng)
    target = bound_nucleon(before, rng)
    greatest = min(neutrino.plus(target.vector).mass - lepton_mass, _DIS_RANGE[1])
    if greatest <= _DIS_RANGE[0]:
        return None
    mass = _DIS_RANGE[0] + rng.random() * (greatest - _DIS_RANGE[0])
    pair = dipole_scatter(neutrino, target.vector, lepton_mass, mass, rng)
    if pair is None:
        return None
    charge = SPECIES[before].charge + charged
    pions = 2 + int(rng.integers(2))
    while True:
        kinds = [(PION_MINUS, PION_ZERO, PION_PLUS)[k] for k in rng.integers(3, size=pions)]
        nucleon = (NEUTRON, PROTON)[int(rng.integers(2))]
        if sum(SPECIES[kind].charge for kind in (nucleon, *kinds)) == charge:
            break
    bodies = decay(pair[1], [SPECIES[kind].mass for kind in (nucleon, *kinds)], rng)
    if bodies is None:
        return None
    return Struck(pair[0], [Hadron(k, v) for k, v in zip((nucleon, *kinds), bodies, strict=True)], [before])


def coherent(
    neutrino: FourVector, lepton_mass: float, charged: bool, rng: np.random.Generator
) -> Struck | None:
    """One forward pion; the nucleus stays whole and takes momentum but, being heavy, no energy.

    The pion's energy falls linearly to the neutrino's, Q² follows a dipole of
    second order and the momentum given to the nucleus exp(-R² t / 3), as in
    Rein and Sehgal's model (Nucl. Phys. B 223, 29 (1983)) without its pion
    cross section.
    """
    kind = PION_PLUS if charged else PION_ZERO
    mass = SPECIES[kind].mass
    span = neutrino.energy - lepton_mass - mass
    if span <= 0:
        return None
    transfer = mass + span * (1 - math.sqrt(rng.random()))
    energy = neutrino.energy - transfer
    momentum = math.sqrt(energy * energy - lepton_mass**2)
    q_squared = _AXIAL_MASS**2 * (1 / (1 - rng.random()) - 1)
    cosine = (2 * neutrino.energy * energy - lepton_mass**2 - q_squared) / (2 * neutrino.energy * momentum)
    if not -1 <= cosine <= 1:
        return None
    lepton = _turned(neutrino, energy, momentum, cosine, rng)
    boson = neutrino.minus(lepton)
    pion, given = math.sqrt(transfer**2 - mass**2), rng.exponential(1 / _COHERENT_SLOPE)
    # t = (q - p)²: from its least value at zero angle on.
    across = (boson.momentum**2 + pion**2 - given) / (2 * boson.momentum * pion) if pion > 0 else 2.0
    if not -1 <= across <= 1:
        return None
    return Struck(lepton, [Hadron(kind, _turned(boson, transfer, pion, across, rng))], [])
