"""Four-vectors and phase space: boosts, sums, three bodies against Dalitz's law."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from argoscope.simulation.generators.kinematics import FourVector, decay, two_body_momentum
from argoscope.simulation.generators.scattering import dipole_scatter

component = st.floats(-3000, 3000)


def vector(mass: float, x: float, y: float, z: float) -> FourVector:
    return FourVector(math.sqrt(mass * mass + x * x + y * y + z * z), x, y, z)


@given(component, component, component, component, component, component)
def test_boosts_keep_masses_and_undo_one_another(a, b, c, d, e, f) -> None:
    frame, body = vector(900.0, a, b, c), vector(140.0, d, e, f)
    seen = body.to_rest_of(frame)
    assert seen.mass == pytest.approx(140.0, rel=1e-4)  # differences of squares of GeV
    assert seen.energy * 900.0 == pytest.approx(
        body.energy * frame.energy - body.x * a - body.y * b - body.z * c, rel=1e-9
    )
    assert seen.from_rest_of(frame) == pytest.approx(body, rel=1e-6, abs=1e-5)
    at_rest = frame.to_rest_of(frame)
    assert at_rest == pytest.approx((900.0, 0.0, 0.0, 0.0), abs=1e-5)


@given(
    seed=st.integers(0, 2**32 - 1),
    masses=st.lists(st.floats(0, 900), min_size=2, max_size=5),
    spare=st.floats(1, 3000),
)
def test_products_add_up_to_the_parent(seed, masses, spare) -> None:
    parent = vector(sum(masses) + spare, 300.0, -200.0, 700.0)
    products = decay(parent, masses, np.random.default_rng(seed))
    assert products is not None
    assert len(products) == len(masses)
    for k in range(4):
        assert sum(p[k] for p in products) == pytest.approx(parent[k], abs=1e-6)
    for product, mass in zip(products, masses, strict=True):
        assert product.mass_squared == pytest.approx(mass**2, abs=1e-3)


def test_too_light_a_parent_does_not_decay(rng) -> None:
    assert decay(vector(1000.0, 0, 0, 0), (938.3, 139.6), rng) is None
    assert two_body_momentum(1000.0, 938.3, 139.6) == 0.0


def test_two_bodies_are_isotropic(rng) -> None:
    products = [decay(FourVector(1232.0, 0, 0, 0), (938.3, 139.6), rng) for _ in range(4000)]
    units = np.array([p[0][1:] for p in products]) / two_body_momentum(1232.0, 938.3, 139.6)
    for axis in range(3):
        assert kstest((units[:, axis] + 1) / 2, "uniform").pvalue > 1e-4


def test_three_massless_bodies_fill_the_dalitz_plot(rng) -> None:
    """Even in the energies of any two: the share x of a body, of half the mass, has the density 2x."""
    drawn = [decay(FourVector(2.0, 0, 0, 0), (0.0, 0.0, 0.0), rng) for _ in range(4000)]
    for body in range(3):
        assert kstest([p[body].energy for p in drawn], lambda x: x**2).pvalue > 1e-4


def test_scattering_follows_the_dipole_between_its_limits(rng) -> None:
    neutrino, nucleon = FourVector(1000.0, 0, 0, 1000.0), FourVector(939.0, 0, 0, 0)
    transfers = []
    for _ in range(4000):
        lepton, recoil = dipole_scatter(neutrino, nucleon, 105.7, 939.0, rng)
        assert lepton.mass == pytest.approx(105.7, abs=1e-6)
        assert recoil.mass == pytest.approx(939.0, abs=1e-6)
        # On a nucleon at rest: nu = Q² / 2M, whatever the angle.
        q_squared = -neutrino.minus(lepton).mass_squared
        assert 1000 - lepton.energy == pytest.approx(q_squared / (2 * 939.0), abs=1e-6)
        transfers.append(q_squared / 1e6)
    low, high = min(transfers), max(transfers)
    ends = (1 + low) ** -3, (1 + high) ** -3
    cdf = lambda q: (ends[0] - (1 + np.clip(q, low, high)) ** -3) / (ends[0] - ends[1])  # noqa: E731
    assert kstest(transfers, cdf).pvalue > 1e-4
    assert dipole_scatter(FourVector(50.0, 0, 0, 50.0), nucleon, 105.7, 939.0, rng) is None
