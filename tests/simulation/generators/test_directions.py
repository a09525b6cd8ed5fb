"""Directions: unit length, the law each is drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.directions import directions, downward, isotropic, perpendicular

LEAST_P = 1e-4
"""Chance that a right law is called wrong."""


def test_isotropic_is_even_on_every_axis(rng: np.random.Generator) -> None:
    """Archimedes: each coordinate of an even point of the sphere is even in [-1, 1]."""
    unit = isotropic(20_000, rng)
    assert np.linalg.norm(unit, axis=1) == pytest.approx(1, abs=1e-12)
    for axis in range(3):
        assert kstest((unit[:, axis] + 1) / 2, "uniform").pvalue > LEAST_P


def test_flat_theta_crowds_the_poles(rng: np.random.Generator) -> None:
    unit = directions("flat_theta", 20_000, rng)
    assert kstest(np.arccos(unit[:, 2]) / np.pi, "uniform").pvalue > LEAST_P
    assert kstest((unit[:, 2] + 1) / 2, "uniform").pvalue < 1e-9  # so it is not isotropic


def test_downward_falls_with_cosine_squared(rng: np.random.Generator) -> None:
    unit = downward(20_000, rng)
    assert (unit[:, 1] <= 0).all()
    assert kstest(-unit[:, 1], lambda c: c**3).pvalue > LEAST_P  # the integral of 3c²


def test_basis_is_orthonormal_even_along_the_axes() -> None:
    axes = np.vstack([np.eye(3), -np.eye(3), isotropic(50, np.random.default_rng(3))])
    one, other = perpendicular(axes)
    for basis in zip(axes, one, other, strict=True):
        assert np.array(basis) @ np.array(basis).T == pytest.approx(np.eye(3), abs=1e-12)


def test_unknown_law_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(InvalidArgument, match="Did you mean 'isotropic'"):
        directions("isotropical", 1, rng)  # type: ignore[arg-type]
