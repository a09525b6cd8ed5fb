"""Four-vectors and decays into a few bodies, event by event.

Plain numbers instead of arrays: one event has a handful of particles, and an
array of four numbers costs ten times the arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["FourVector", "decay", "two_body_momentum"]


class FourVector(NamedTuple):
    """Energy in MeV and momentum in MeV/c.

    Examples
    --------
    >>> FourVector(5.0, 0.0, 0.0, 3.0).mass
    4.0
    """

    energy: float
    x: float
    y: float
    z: float

    @property
    def momentum(self) -> float:
        """Length of the momentum, in MeV/c."""
        return math.sqrt(self.x * self.x + self.y * self.y + self.z * self.z)

    @property
    def mass_squared(self) -> float:
        """E² - p², in MeV²; negative for a space-like transfer."""
        return self.energy * self.energy - self.x * self.x - self.y * self.y - self.z * self.z

    @property
    def mass(self) -> float:
        """Invariant mass, in MeV; 0 where rounding or a space-like transfer makes its square negative."""
        return math.sqrt(max(self.mass_squared, 0.0))

    def plus(self, other: FourVector) -> FourVector:
        """Sum of the two."""
        return FourVector(self.energy + other.energy, self.x + other.x, self.y + other.y, self.z + other.z)

    def minus(self, other: FourVector) -> FourVector:
        """Difference of the two."""
        return FourVector(self.energy - other.energy, self.x - other.x, self.y - other.y, self.z - other.z)

    def from_rest_of(self, frame: FourVector) -> FourVector:
        """Turn a vector given in the rest frame of `frame` into the frame in which `frame` is given.

        Examples
        --------
        >>> FourVector(4.0, 0.0, 0.0, 0.0).from_rest_of(FourVector(5.0, 0.0, 0.0, 3.0))
        FourVector(energy=5.0, x=0.0, y=0.0, z=3.0)
        """
        mass = frame.mass
        along = self.x * frame.x + self.y * frame.y + self.z * frame.z
        shift = (along / (frame.energy + mass) + self.energy) / mass
        return FourVector(
            (frame.energy * self.energy + along) / mass,
            self.x + shift * frame.x,
            self.y + shift * frame.y,
            self.z + shift * frame.z,
        )

    def to_rest_of(self, frame: FourVector) -> FourVector:
        """Turn the vector into what is seen in the rest frame of `frame`: the inverse of `from_rest_of`."""
        return self.from_rest_of(FourVector(frame.energy, -frame.x, -frame.y, -frame.z))


def two_body_momentum(mass: float, one: float, other: float) -> float:
    """Momentum of either product where `mass` decays into two masses; 0 at or below threshold.

    Examples
    --------
    >>> two_body_momentum(10.0, 5.0, 5.0), two_body_momentum(10.0, 0.0, 0.0)
    (0.0, 5.0)
    """
    total, difference = (one + other) ** 2, (one - other) ** 2
    product = (mass * mass - total) * (mass * mass - difference)
    return math.sqrt(max(product, 0.0)) / (2 * mass) if mass > one + other else 0.0


def _isotropic_pair(
    parent: FourVector, mass: float, one: float, other: float, rng: np.random.Generator
) -> tuple[FourVector, FourVector]:
    """Products of an isotropic decay; their sum is the parent up to rounding."""
    momentum = two_body_momentum(mass, one, other)
    cosine, azimuth = 2 * rng.random() - 1, 2 * math.pi * rng.random()
    sine = math.sqrt(1 - cosine * cosine)
    at_rest = FourVector(
        math.sqrt(momentum * momentum + one * one),
        momentum * sine * math.cos(azimuth),
        momentum * sine * math.sin(azimuth),
        momentum * cosine,
    )
    first = at_rest.from_rest_of(parent)
    return first, parent.minus(first)


def decay(parent: FourVector, masses: Sequence[float], rng: np.random.Generator) -> list[FourVector] | None:
    """Decay into bodies spread evenly over phase space.

    A chain of two-body decays: the masses of the intermediate systems are
    drawn evenly and in order, and kept with the product of the momenta of all
    steps over its upper bound (James, CERN 68-15, the method of GENBOD).

    Parameters
    ----------
    parent : FourVector
    masses : sequence of float
        At least two, in MeV.
    rng : numpy.random.Generator

    Returns
    -------
    list of FourVector, or None
        None if the parent is too light.

    References
    ----------
    F. James, Monte Carlo phase space, CERN 68-15 (1968).

    Examples
    --------
    >>> products = decay(FourVector(1232.0, 0.0, 0.0, 0.0), [938.3, 139.6], np.random.default_rng(1))
    >>> round(products[0].momentum), round(products[1].momentum)
    (227, 227)
    """
    mass = parent.mass
    spare = mass - sum(masses)
    if spare <= 0:
        return None
    systems = _intermediate_masses(mass, spare, masses, rng)
    products, current = [], parent
    for step, last in enumerate(masses[:0:-1]):
        # systems[k] is the mass of the first k + 2 bodies together.
        rest = systems[len(masses) - 3 - step] if step < len(masses) - 2 else masses[0]
        size = systems[len(masses) - 2 - step]
        body, current = _isotropic_pair(current, size, last, rest, rng)
        products.append(body)
    return [current, *products[::-1]]


def _intermediate_masses(
    mass: float, spare: float, masses: Sequence[float], rng: np.random.Generator
) -> list[float]:
    """Masses of the first 2, 3... bodies together, the last being the parent's."""
    if len(masses) == 2:
        return [mass]
    sums = np.cumsum(masses).tolist()
    bound = 1.0
    for k in range(1, len(masses)):
        bound *= two_body_momentum(sums[k] + spare, sums[k - 1], masses[k])
    while True:
        shares = np.sort(rng.random(len(masses) - 2)).tolist()
        systems = [sums[k + 1] + share * spare for k, share in enumerate(shares)] + [mass]
        weight = two_body_momentum(systems[0], masses[0], masses[1])
        for k in range(2, len(masses)):
            weight *= two_body_momentum(systems[k - 1], systems[k - 2], masses[k])
        if rng.random() * bound < weight:
            return systems
