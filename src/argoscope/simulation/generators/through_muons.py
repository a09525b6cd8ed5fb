"""High-energy muons that fall through a vertex sample: the "cosmic muons" of paper 3.

Paper 3 (arXiv:2012.08513, table I) adds 5 to 10 muons of 5 to 20 GeV to each
event. Their directions are not published: here the intensity is as cos² of the
zenith angle, through an even point of the volume.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.blocks import EnergyRange
from argoscope.simulation.generators.box import WORLD_MARGIN_CM, Box, hull, uniform_points
from argoscope.simulation.generators.directions import downward
from argoscope.simulation.generators.records import (
    Ancestor,
    Generated,
    InteractionKind,
    interactions_of,
    primaries_of,
)
from argoscope.simulation.generators.species import MUON, SPECIES
from argoscope.simulation.records import Origin

__all__ = ["PAPER3_COSMICS", "ThroughMuons", "through_muons"]


@dataclass(frozen=True, kw_only=True)
class ThroughMuons:
    """Number, energies and times of the muons.

    Raises
    ------
    InvalidArgument
        If a range is reversed or not finite, or the number negative.
    """

    count: tuple[int, int]
    """Least and greatest number of muons; each number as likely."""
    energy: EnergyRange
    """Energies; even in the range."""
    time_us: tuple[float, float] = (0.0, 0.0)
    """Times, in µs; even in the range."""

    def __post_init__(self) -> None:
        if not 0 <= self.count[0] <= self.count[1]:
            raise InvalidArgument(f"count (={self.count}) must be two numbers from 0 in rising order")
        if not -math.inf < self.time_us[0] <= self.time_us[1] < math.inf:
            raise InvalidArgument(f"time_us (={self.time_us}) must be two finite times in rising order")


PAPER3_COSMICS = ThroughMuons(
    count=(5, 10),  # muons; paper 3, table I
    energy=EnergyRange(5000.0, 20000.0),  # MeV, kinetic; paper 3, table I
    time_us=(0.0, 0.0),  # µs; not published: in time, so that each is seen
)
"""The muons of paper 3's training sample."""


def through_muons(
    recipe: ThroughMuons, boxes: tuple[Box, ...], rng: np.random.Generator, *, world: Box | None = None
) -> Generated:
    """Downward muons through even points of the boxes, each an interaction of its own.

    Parameters
    ----------
    recipe : ThroughMuons
    boxes : tuple of Box
        Where the points lie.
    rng : numpy.random.Generator
    world : Box, optional
        Box on whose surface the muons start; by default the hull with 30 cm around it.

    Returns
    -------
    Generated

    Examples
    --------
    >>> cube = (Box((0.0, 0.0, 0.0), (100.0, 100.0, 100.0)),)
    >>> 5 <= len(through_muons(PAPER3_COSMICS, cube, np.random.default_rng(1)).primaries) <= 10
    True
    """
    world = hull(boxes).expanded(WORLD_MARGIN_CM) if world is None else world
    count = int(rng.integers(recipe.count[0], recipe.count[1] + 1))
    point, direction = uniform_points(boxes, count, rng), downward(count, rng)
    enter, _ = world.crossing(point, direction)
    start = point + enter[:, None] * direction
    pdg = np.where(rng.random(count) < 0.5, MUON, -MUON)
    mass = SPECIES[MUON].mass
    momentum = recipe.energy.momenta(np.full(count, mass), rng)
    time = recipe.time_us[0] + rng.random(count) * (recipe.time_us[1] - recipe.time_us[0])
    energy = np.sqrt(momentum**2 + mass**2)
    return Generated(
        primaries_of(
            pdg,
            np.arange(count),
            Origin.COSMIC,
            position=start,
            time=time,
            momentum=momentum[:, None] * direction,
        ),
        interactions_of(
            InteractionKind.COSMIC,
            Origin.COSMIC,
            pdg,
            ancestor=Ancestor.COSMIC,
            energy=energy,
            position=start,
            time=time,
        ),
    )
