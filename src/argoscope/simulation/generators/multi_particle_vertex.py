"""Particles from one point, with no physics behind their choice: the multi-particle vertex.

The sampler of the public generators: a number of particles even in its range;
each from a block drawn by weight among those that are not full. A block's
least number is met first (the public code ignores it). Networks are trained on
such events so that they do not learn a neutrino model.

`published.py` and `cubes.py` have the samples of the papers as values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from argoscope.errors import InvalidArgument, require_known
from argoscope.simulation.generators.blocks import ParticleBlock
from argoscope.simulation.generators.box import Box, uniform_points
from argoscope.simulation.generators.directions import DirectionLaw, directions, isotropic
from argoscope.simulation.generators.records import (
    Ancestor,
    Generated,
    InteractionKind,
    interactions_of,
    primaries_of,
)
from argoscope.simulation.generators.species import SPECIES
from argoscope.simulation.records import Origin

__all__ = ["VertexMixture", "VertexRecipe", "multi_particle_vertex"]

_PLACEMENTS = ("vertex", "isolated", "surface")


@dataclass(frozen=True, kw_only=True)
class VertexRecipe:
    """How the particles of a vertex are drawn.

    Raises
    ------
    InvalidArgument
        If the blocks cannot hold the particles asked for, a range is reversed or not finite, or a word is unknown.
    """

    name: str
    """Name of the sample."""
    blocks: tuple[ParticleBlock, ...]
    """What the particles may be."""
    count: tuple[int, int]
    """Least and greatest number of particles; each number as likely."""
    direction: DirectionLaw = "isotropic"
    """Law of the directions."""
    placement: Literal["vertex", "isolated", "surface"] = "vertex"
    """All from one point; each from its own; each from its own point of the surface, inward: those count as cosmic."""
    inset_cm: float = 0.0
    """Least distance of the points from the walls, in cm; negative: they may lie so far outside."""
    time_us: tuple[float, float] = (0.0, 0.0)
    """Times, even in the range, in µs; one for a vertex, one for each isolated particle."""

    def __post_init__(self) -> None:
        if not self.blocks:
            raise InvalidArgument(f"the recipe {self.name!r} has no blocks: give at least one")
        least, room = (sum(block.count[end] for block in self.blocks) for end in (0, 1))
        if not 1 <= self.count[0] <= self.count[1]:
            raise InvalidArgument(f"count (={self.count}) must be two numbers from 1 in rising order")
        if least > self.count[0] or room < self.count[1]:
            raise InvalidArgument(
                f"count (={self.count}) of {self.name!r} does not fit its blocks, which take {least} to {room} particles"
            )
        require_known(self.placement, _PLACEMENTS, "there is no placement")
        directions(self.direction, 0, np.random.default_rng(0))  # refuses an unknown law
        if not math.isfinite(self.inset_cm):
            raise InvalidArgument(f"inset_cm (={self.inset_cm}) must be a finite number")
        if not -math.inf < self.time_us[0] <= self.time_us[1] < math.inf:
            raise InvalidArgument(f"time_us (={self.time_us}) must be two finite times in rising order")


@dataclass(frozen=True, kw_only=True)
class VertexMixture:
    """Recipes and how often each is used.

    Parameters
    ----------
    name : str
    parts : tuple of (float, VertexRecipe)
        Weight and recipe; weights need not sum to 1.

    Raises
    ------
    InvalidArgument
        If there is no part or a weight is not positive.
    """

    name: str
    parts: tuple[tuple[float, VertexRecipe], ...]

    def __post_init__(self) -> None:
        if not self.parts:
            raise InvalidArgument(f"the mixture {self.name!r} has no parts: give at least one")
        for weight, recipe in self.parts:
            if not math.isfinite(weight) or weight <= 0:
                raise InvalidArgument(f"the weight (={weight}) of {recipe.name!r} must be positive")


def multi_particle_vertex(
    recipe: VertexRecipe | VertexMixture, boxes: tuple[Box, ...], rng: np.random.Generator
) -> Generated:
    """One vertex, or one set of isolated particles, in the boxes.

    Parameters
    ----------
    recipe : VertexRecipe or VertexMixture
    boxes : tuple of Box
        Where it may lie, before the recipe's inset.
    rng : numpy.random.Generator

    Returns
    -------
    Generated
        One interaction for a vertex; one for each isolated particle.

    Raises
    ------
    InvalidArgument
        If the inset leaves no volume.

    Examples
    --------
    >>> from argoscope.simulation.generators.published import PAPER2_1E1P
    >>> cube = (Box((0.0, 0.0, 0.0), (100.0, 100.0, 100.0)),)
    >>> sorted(multi_particle_vertex(PAPER2_1E1P, cube, np.random.default_rng(1)).primaries["pdg"].tolist())
    [11, 2212]
    """
    if isinstance(recipe, VertexMixture):
        recipe = _chosen(recipe, rng)
    drawn = _draw_blocks(recipe, rng)
    count = len(drawn)
    pdg = np.array([block.pdgs[int(rng.integers(len(block.pdgs)))] for block in drawn])
    momentum = np.array(
        [
            block.energy.momenta(np.array([SPECIES[int(n)].mass]), rng)[0]
            for block, n in zip(drawn, pdg, strict=True)
        ]
    )
    boxes = tuple(box.expanded(-recipe.inset_cm) for box in boxes)
    unit = directions(recipe.direction, count, rng)
    shared = recipe.placement == "vertex"
    if recipe.placement == "surface":
        position, unit = _inward(boxes, count, rng)
    else:
        position = uniform_points(boxes, 1 if shared else count, rng)
    time = recipe.time_us[0] + rng.random(len(position)) * (recipe.time_us[1] - recipe.time_us[0])
    owner = np.zeros(count, np.int64) if shared else np.arange(count)
    energy = np.hypot(momentum, [SPECIES[int(number)].mass for number in pdg])
    momenta = momentum[:, None] * unit
    rain = recipe.placement == "surface"
    origin = Origin.COSMIC if rain else Origin.NEUTRINO
    return Generated(
        primaries_of(pdg, owner, origin, position=position[owner], time=time[owner], momentum=momenta),
        interactions_of(
            InteractionKind.VERTEX,
            origin,
            0 if shared else pdg,
            ancestor=Ancestor.OTHER if rain else Ancestor.NEUTRINO,
            energy=0.0 if shared else energy,
            position=position,
            time=time,
        ),
    )


def _chosen(mixture: VertexMixture, rng: np.random.Generator) -> VertexRecipe:
    """A recipe of the mixture, by weight."""
    ends = np.cumsum([weight for weight, _ in mixture.parts])
    return mixture.parts[int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))][1]


def _draw_blocks(recipe: VertexRecipe, rng: np.random.Generator) -> list[ParticleBlock]:
    """A block for each particle: the least numbers first, then by weight among those not full."""
    drawn = [block for block in recipe.blocks for _ in range(block.count[0])]
    room = [block.count[1] - block.count[0] for block in recipe.blocks]
    for _ in range(int(rng.integers(recipe.count[0], recipe.count[1] + 1)) - len(drawn)):
        ends = np.cumsum(
            [block.weight if left else 0.0 for block, left in zip(recipe.blocks, room, strict=True)]
        )
        which = int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))
        room[which] -= 1
        drawn.append(recipe.blocks[which])
    return drawn


def _inward(boxes: tuple[Box, ...], count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Even points of the surface of the boxes, and isotropic directions into them."""
    position, unit = uniform_points(boxes, count, rng), isotropic(count, rng)
    for row in range(count):
        box = next(box for box in boxes if box.inside(position[row]))
        x, y, z = box.sides
        areas = np.cumsum(np.repeat([y * z, x * z, x * y], 2))
        face = int(np.searchsorted(areas, rng.random() * areas[-1], side="right"))
        axis, upper = divmod(face, 2)
        position[row, axis] = (box.high if upper else box.low)[axis]
        unit[row, axis] = abs(unit[row, axis]) * (-1 if upper else 1)
    return position, unit
