"""Blocks of particles: kinds, how many, how energetic, how often.

A recipe for a vertex is a list of blocks. A block stands for one draw: one of
its kinds, each as likely, with an energy or momentum even in its range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.species import species_of

__all__ = ["EnergyRange", "ParticleBlock"]


@dataclass(frozen=True)
class EnergyRange:
    """A range of kinetic energy or of momentum.

    Parameters
    ----------
    low, high : float
        Ends, in MeV or MeV/c.
    quantity : {"kinetic", "momentum"}
        What the ends are.

    Raises
    ------
    InvalidArgument
        If an end is negative or not finite, or the range is reversed.

    Examples
    --------
    >>> EnergyRange(50.0, 500.0).momenta(np.zeros(1), np.random.default_rng(1)).round(1)
    array([280.3])
    """

    low: float
    high: float
    quantity: Literal["kinetic", "momentum"] = "kinetic"

    def __post_init__(self) -> None:
        unit = "MeV" if self.quantity == "kinetic" else "MeV/c"
        if self.quantity not in {"kinetic", "momentum"}:
            raise InvalidArgument(f"quantity (={self.quantity!r}) must be 'kinetic' or 'momentum'")
        if not (math.isfinite(self.low) and math.isfinite(self.high)) or self.low < 0:
            raise InvalidArgument(
                f"the range {self.low} to {self.high} {unit} must have finite ends from 0: energies cannot be negative"
            )
        if self.low > self.high:
            raise InvalidArgument(
                f"the range {self.low} to {self.high} {unit} is reversed: give the lower end first"
            )

    def momenta(self, masses: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Momenta, the quantity even in the range.

        Parameters
        ----------
        masses : ndarray, shape (n,), float
            In MeV.
        rng : numpy.random.Generator

        Returns
        -------
        ndarray, shape (n,), float64
            In MeV/c.
        """
        drawn = self.low + rng.random(len(masses)) * (self.high - self.low)
        return np.sqrt(drawn * (drawn + 2 * masses)) if self.quantity == "kinetic" else drawn


@dataclass(frozen=True, kw_only=True)
class ParticleBlock:
    """Particles of a vertex that are drawn alike.

    Parameters
    ----------
    pdgs : tuple of int
        Kinds; each as likely.
    energy : EnergyRange
    count : tuple of int
        Least and greatest number in one vertex.
    weight : float
        How often the block is drawn, relative to the others.

    Raises
    ------
    InvalidArgument
        If there is no kind or an unknown one, the count is reversed, or the weight not positive.

    Examples
    --------
    >>> ParticleBlock(pdgs=(2212,), energy=EnergyRange(50.0, 400.0), count=(0, 3)).weight
    1.0
    """

    pdgs: tuple[int, ...]
    energy: EnergyRange
    count: tuple[int, int]
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.pdgs:
            raise InvalidArgument("pdgs is empty: a block needs at least one kind of particle")
        for pdg in self.pdgs:
            species_of(pdg)
        if not 0 <= self.count[0] <= self.count[1] or self.count[1] < 1:
            raise InvalidArgument(
                f"count (={self.count}) must be two numbers from 0 in rising order, the greater at least 1"
            )
        if not math.isfinite(self.weight) or self.weight <= 0:
            raise InvalidArgument(f"weight (={self.weight}) must be positive; leave the block out instead")
