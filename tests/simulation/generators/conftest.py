"""What the tests of the generators share: a lopsided box, and energies of particles."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.simulation.generators.box import Box
from argoscope.simulation.generators.species import SPECIES


@pytest.fixture
def boxes() -> tuple[Box, ...]:
    """A box with unequal sides away from the origin: swapped axes cannot pass unseen."""
    return (Box((-20.0, 5.0, 100.0), (80.0, 305.0, 700.0)),)


def momenta(primaries: np.ndarray) -> np.ndarray:
    """Momentum vectors, shape (n, 3), in MeV/c."""
    return np.stack([primaries[f"p{axis}"] for axis in "xyz"], axis=1)


def positions(table: np.ndarray) -> np.ndarray:
    """Positions, shape (n, 3), in cm."""
    return np.stack([table[axis] for axis in "xyz"], axis=1)


def masses(primaries: np.ndarray) -> np.ndarray:
    """Masses in MeV."""
    return np.array([SPECIES[pdg].mass for pdg in primaries["pdg"].tolist()])


def energies(primaries: np.ndarray) -> np.ndarray:
    """Total energies in MeV."""
    return np.sqrt((momenta(primaries) ** 2).sum(axis=1) + masses(primaries) ** 2)
