"""Particles of one kind from one point: the beam of a test, or a picture of one track."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.directions import isotropic
from argoscope.simulation.generators.records import (
    Ancestor,
    Generated,
    InteractionKind,
    interactions_of,
    primaries_of,
)
from argoscope.simulation.generators.species import momentum_from_kinetic, species_named
from argoscope.simulation.records import Origin
from argoscope.simulation.world import FARTHEST, HIGHEST_ENERGY

__all__ = ["ParticleGun", "particle_gun"]

_NOT_TRANSPORTED = ("nu_e", "nu_mu")
LATEST_US = 1e9
"""Greatest time, in µs, before or after the trigger."""
MOST_PARTICLES = 10_000
"""Particles of one event."""


@dataclass(frozen=True, kw_only=True)
class ParticleGun:
    """What is shot, from where and how fast.

    Raises
    ------
    InvalidArgument
        If the particle is unknown, not exactly one of energy and momentum is
        given, a number is negative or not finite, or the direction has no length.
    """

    particle: str
    """Name ("mu-", "e-", "gamma", "pi+", "p"...) or PDG number as text."""
    position_cm: tuple[float, float, float]
    """Where it starts, in cm."""
    kinetic_mev: float | None = None
    """Kinetic energy, in MeV; this or the momentum."""
    momentum_mev_c: float | None = None
    """Momentum, in MeV/c; this or the kinetic energy."""
    direction: tuple[float, float, float] | None = None
    """Direction, of any length; None: isotropic, another for each particle."""
    time_us: float = 0.0
    """Time, in µs after the trigger."""
    count: int = 1
    """Number of particles in one event."""

    def __post_init__(self) -> None:
        species = species_named(self.particle)
        if species.name in _NOT_TRANSPORTED:
            raise InvalidArgument(
                f"particle (={self.particle!r}) leaves no charge; simulate neutrino interactions instead"
            )
        given = {"kinetic_mev": self.kinetic_mev, "momentum_mev_c": self.momentum_mev_c}
        if (self.kinetic_mev is None) == (self.momentum_mev_c is None):
            raise InvalidArgument(f"give exactly one of kinetic_mev and momentum_mev_c, not {given}")
        for name, value in given.items():
            if value is not None and not 0 <= value <= HIGHEST_ENERGY:
                raise InvalidArgument(f"{name} (={value}) must lie between 0 and {HIGHEST_ENERGY:g} (10 TeV)")
        if species.mass == 0 and (self.kinetic_mev or self.momentum_mev_c or 0.0) == 0:
            raise InvalidArgument(
                f"a {species.name} needs a positive energy: one without energy does not exist"
            )
        if not (all(abs(x) <= FARTHEST for x in self.position_cm) and abs(self.time_us) <= LATEST_US):
            raise InvalidArgument(
                f"position_cm (={self.position_cm}) and time_us (={self.time_us}) must be finite numbers of at most "
                f"{FARTHEST:g} cm and {LATEST_US:g} us"
            )
        if self.direction is not None and not 0 < math.hypot(*self.direction) < math.inf:
            raise InvalidArgument(f"direction (={self.direction}) must have a finite length above 0")
        if not 1 <= self.count <= MOST_PARTICLES:
            raise InvalidArgument(f"count (={self.count}) must lie between 1 and {MOST_PARTICLES}")


def particle_gun(gun: ParticleGun, rng: np.random.Generator) -> Generated:
    """Shoot once: `gun.count` particles of one interaction.

    Parameters
    ----------
    gun : ParticleGun
    rng : numpy.random.Generator
        Used for isotropic directions only.

    Returns
    -------
    Generated

    Examples
    --------
    >>> gun = ParticleGun(particle="mu-", kinetic_mev=500.0, position_cm=(0.0, 0.0, 0.0), direction=(0.0, 0.0, 2.0))
    >>> particle_gun(gun, np.random.default_rng(1)).primaries["pz"].round(1)
    array([596.4])
    """
    species = species_named(gun.particle)
    if gun.kinetic_mev is not None:
        momentum = momentum_from_kinetic(gun.kinetic_mev, species.mass)
    else:
        momentum = float(gun.momentum_mev_c or 0.0)
    if gun.direction is None:
        unit = isotropic(gun.count, rng)
    else:
        unit = np.tile(np.array(gun.direction) / math.hypot(*gun.direction), (gun.count, 1))
    position = np.tile(np.array(gun.position_cm, np.float64), (gun.count, 1))
    energy = math.hypot(momentum, species.mass)
    pdg = np.full(gun.count, species.pdg)
    return Generated(
        primaries_of(
            pdg,
            np.zeros(gun.count, np.int64),
            Origin.NEUTRINO,
            position=position,
            time=gun.time_us,
            momentum=momentum * unit,
        ),
        interactions_of(
            InteractionKind.GUN,
            Origin.NEUTRINO,
            species.pdg,
            ancestor=Ancestor.NEUTRINO,
            energy=energy,
            position=position[:1],
            time=gun.time_us,
        ),
    )
