"""Electrons and photons: formulas against ESTAR and XCOM, samplers against their densities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chisquare

from argoscope.simulation import electrons_photons as ep
from argoscope.simulation import photon_tables
from argoscope.simulation.argon import ATOMS_PER_BARN_CM, DENSITY, ELECTRON_MASS
from argoscope.simulation.photon_tables import attenuation
from argoscope.simulation.random_numbers import new_state
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.shower_steps import compton_energy
from argoscope.simulation.straggling import knock_on, scattering_cosine
from argoscope.simulation.tables import COMPTON_SHARE, GRID, PHOTO_SHARE, PHOTON_FIRST, PHOTON_STEP, tables

SMALLEST_P_VALUE = 1e-4
"""A right sampler fails one test of ten thousand; seeds are fixed."""


def assert_follows(sample: np.ndarray, edges: np.ndarray, expected: np.ndarray) -> None:
    """Chi-square of a sample's histogram with the integrals of a density over the bins."""
    counts, _ = np.histogram(sample, edges)
    assert counts.sum() == len(sample)
    assert chisquare(counts, expected / expected.sum() * len(sample)).pvalue > SMALLEST_P_VALUE


def bin_integrals(density, edges: np.ndarray) -> np.ndarray:
    """Integral of a density over each bin, Simpson with 20 intervals."""
    fine = edges[:-1, None] + np.diff(edges)[:, None] * np.linspace(0, 1, 21)
    weights = np.array([1, *[4, 2] * 9, 4, 1]) / 60
    return (density(fine.ravel()).reshape(fine.shape) * weights).sum(axis=1) * np.diff(edges)


def test_collision_stopping_equals_estar_where_density_does_not_matter(real_data: Path) -> None:
    path = real_data / "tables" / "nist_estar_electron_argon.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 1))
    slow = table[table[:, 0] <= 0.3]  # the liquid's density effect begins at beta gamma = 10**0.2
    assert np.abs(ep.collision_stopping(slow[:, 0]) / DENSITY / slow[:, 1] - 1).max() < 1e-3


@pytest.mark.parametrize(
    ("kinetic", "expected"), [(1.0, 1.369), (10.0, 1.555), (100.0, 1.775), (1000.0, 1.94)]
)
def test_collision_stopping_of_the_liquid(kinetic: float, expected: float) -> None:
    # Physics notes 2.4, four digits.
    assert ep.collision_stopping(np.array([kinetic]))[0] / DENSITY == pytest.approx(expected, rel=1e-3)


def test_radiative_stopping_is_estars(real_data: Path) -> None:
    path = real_data / "tables" / "nist_estar_electron_argon.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 2))
    np.testing.assert_allclose(ep.radiative_stopping(table[:, 0]) / DENSITY, table[:, 1], rtol=1e-6)


def test_photon_tables_are_xcoms(real_data: Path) -> None:
    table = np.loadtxt(real_data / "tables" / "nist_xcom_argon.txt")
    at = np.searchsorted(table[:, 0], photon_tables.PHOTON_ENERGY * (1 - 1e-6))
    for column, typed in (
        (2, photon_tables.COMPTON),
        (3, photon_tables.PHOTOELECTRIC),
        (4, photon_tables.PAIR_NUCLEAR),
        (5, photon_tables.PAIR_TRIPLET),
    ):
        np.testing.assert_allclose(typed, table[at, column], rtol=1e-4)


@pytest.mark.parametrize(
    ("moments", "spectrum", "share"),
    [(ep.moller_moments, ep.moller_spectrum, 0.5), (ep.bhabha_moments, ep.bhabha_spectrum, 1.0)],
)
@pytest.mark.parametrize("kinetic", [0.5, 10.0, 500.0])
def test_moments_equal_integrals(moments, spectrum, share: float, kinetic: float) -> None:
    transfer = np.geomspace(0.05, share * kinetic, 20_001)
    density = spectrum(kinetic, transfer)
    number, energy = moments(np.array(kinetic), np.array(0.05), np.array(share * kinetic))
    assert float(number) == pytest.approx(np.trapezoid(density * transfer, np.log(transfer)), rel=1e-5)
    assert float(energy) == pytest.approx(np.trapezoid(density * transfer**2, np.log(transfer)), rel=1e-5)


@pytest.mark.parametrize("kinetic", [2.0, 1000.0])
def test_bremsstrahlung_moments_make_up_the_radiative_stopping(kinetic: float) -> None:
    cut = 0.02
    k = np.geomspace(cut, kinetic, 20_001)
    number, soft = ep.brems_moments(np.array(kinetic), cut)
    stopping = float(ep.radiative_stopping(np.array(kinetic)))
    shape = ep.brems_shape(k / kinetic) * stopping / kinetic  # k dN/dk; its integral over y is 1
    assert float(number) == pytest.approx(np.trapezoid(shape, np.log(k)), rel=1e-5)
    assert float(soft) + np.trapezoid(shape, k) == pytest.approx(stopping, rel=1e-4)


def test_fixtures_of_the_restricted_loss() -> None:
    # Physics notes 2.2: collisions below 0.1 and 0.01 MeV, MeV cm²/g.
    kinetic = np.array([1.0, 10.0, 100.0])
    for cut, expected in ((0.1, (1.241, 1.259, 1.316)), (0.01, (1.065, 1.099, 1.157))):
        _, loss = ep.moller_moments(kinetic, np.full(3, cut), kinetic / 2)
        np.testing.assert_allclose((ep.collision_stopping(kinetic) - loss) / DENSITY, expected, rtol=1e-3)


@pytest.mark.parametrize("kinetic", [0.3, 5.0, 300.0])
@pytest.mark.parametrize("positron", [False, True])
def test_knock_ons_follow_their_spectrum(kinetic: float, positron: bool) -> None:
    high = kinetic if positron else kinetic / 2
    state = new_state(np.random.default_rng(5), 1)[0]
    sample = np.array([knock_on(state, kinetic, 0.1, high, positron) for _ in range(20_000)])
    edges = np.geomspace(0.1 * (1 - 1e-12), high * (1 + 1e-12), 25)
    spectrum = ep.bhabha_spectrum if positron else ep.moller_spectrum
    expected = bin_integrals(lambda t: spectrum(kinetic, np.clip(t, 0.1, high)), edges)
    merged = expected / expected.sum() * 20_000 > 5
    assert merged.sum() > 5
    edges = np.append(edges[:-1][merged], edges[-1]) if not merged.all() else edges
    expected = bin_integrals(lambda t: spectrum(kinetic, np.clip(t, 0.1, high)), edges)
    assert_follows(sample, edges, expected)


@pytest.mark.parametrize("energy", [0.05, 1.0, 20.0])
def test_compton_photons_follow_klein_and_nishina(energy: float) -> None:
    state = new_state(np.random.default_rng(6), 1)[0]
    sample = np.array([compton_energy(state, energy) for _ in range(20_000)])
    least = energy / (1 + 2 * energy / ELECTRON_MASS)
    edges = np.linspace(least * (1 - 1e-12), energy * (1 + 1e-12), 21)
    expected = bin_integrals(lambda e: ep.klein_nishina(energy, np.clip(e, least, energy)), edges)
    assert_follows(sample, edges, expected)


def test_klein_nishina_integrates_to_the_total_cross_section() -> None:
    k = 1.0 / ELECTRON_MASS
    scattered = np.linspace(1 / (1 + 2 * k), 1.0, 20_001)
    log = np.log(1 + 2 * k)
    # Klein and Nishina's total cross section (Evans, The Atomic Nucleus, equation 2.40).
    total = (
        (1 + k) / k**2 * (2 * (1 + k) / (1 + 2 * k) - log / k)
        + log / (2 * k)
        - (1 + 3 * k) / (1 + 2 * k) ** 2
    )
    total *= 2 * np.pi * 2.8179403262e-13**2
    assert np.trapezoid(ep.klein_nishina(1.0, scattered), scattered) == pytest.approx(total, rel=1e-6)


def test_photon_grid_equals_the_definition_between_its_points() -> None:
    table = tables(TransportSettings()).photon
    middle = np.exp(PHOTON_FIRST + PHOTON_STEP * (np.arange(GRID - 1) + 0.5))
    middle = middle[middle < 1e5]
    half = 0.5 * (table[1:] + table[:-1])[: len(middle)]
    photo, compton, pair = attenuation(middle)
    total = photo + compton + pair
    # Bins of 2 %: mu falls by up to 3 times its share of ln E, and its bend is below 0.1 %.
    np.testing.assert_allclose(half[:, 0], total, rtol=2e-3)
    np.testing.assert_allclose(half[:, PHOTO_SHARE], photo / total, atol=2e-3)
    np.testing.assert_allclose(half[:, COMPTON_SHARE], (photo + compton) / total, atol=2e-3)


def test_attenuation_has_no_pairs_below_threshold() -> None:
    assert attenuation(np.array([1.0]))[2, 0] == 0.0
    assert attenuation(np.array([100.0]))[2, 0] == pytest.approx(
        (1.791 + 0.09573) * ATOMS_PER_BARN_CM, rel=1e-4
    )


def test_annihilation_in_flight_falls_from_dirac_at_rest() -> None:
    slow, fast = ep.annihilation_rate(np.array([1e-3, 100.0]))
    # At rest the cross section is pi r_e² / beta (Dirac): 3.788e23 x 2.495e-25 / 0.0626.
    assert slow == pytest.approx(3.788e23 * 2.495e-25 / 0.0625, rel=0.01)
    assert fast < 0.01 * slow


def test_scattering_cosine_has_the_width_it_is_given(rng: np.random.Generator) -> None:
    drawn = np.array([scattering_cosine(1e-3, u) for u in rng.random(50_000)])
    # 1 - cos is exponential with mean theta0²: error 1/sqrt(50,000) = 0.45 %.
    assert (1 - drawn).mean() == pytest.approx(1e-3, rel=0.02)
    assert scattering_cosine(5.0, 1e-6) == -1.0
