"""Decays and captures, through the transport: who comes from whom, when, with what energy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from argoscope.simulation import decays
from argoscope.simulation.check_inputs import argon_cube, beam
from argoscope.simulation.random_numbers import new_state
from argoscope.simulation.records import Process
from argoscope.simulation.transport import transport, transport_with_ledger

WORLD = argon_cube(500.0)


def children(pdg: int, kinetic: float, count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """All tracks, and those whose parent is a primary."""
    tracks = transport(beam(pdg, kinetic, count), WORLD, np.random.default_rng(seed)).tracks
    return tracks, tracks[(tracks["parent"] >= 0) & (tracks["parent"][tracks["parent"]] == -1)]


def test_michel_energies_follow_the_spectrum() -> None:
    state = new_state(np.random.default_rng(1), 1)[0]
    energy = np.array([decays.michel_energy(state, False) for _ in range(20_000)]) + 0.51099895
    x = energy / decays.MICHEL_ENDPOINT
    assert stats.kstest(x, lambda v: v**3 * (2 - v)).pvalue > 1e-4  # the integral of 2 x² (3 - 2x)
    assert energy.max() < decays.MICHEL_ENDPOINT


def test_michel_density_is_normalised_with_its_known_mean() -> None:
    energy = np.linspace(0, decays.MICHEL_ENDPOINT, 10_001)
    density = decays.michel_density(energy)
    assert np.trapezoid(density, energy) == pytest.approx(1, abs=1e-6)
    assert np.trapezoid(density * energy, energy) == pytest.approx(36.98, abs=0.01)  # physics notes 2.7


def test_bound_muons_reach_beyond_the_endpoint() -> None:
    state = new_state(np.random.default_rng(2), 1)[0]
    energy = np.array([decays.michel_energy(state, True) for _ in range(20_000)])
    assert 52.4 < energy.max() < 56


def test_positive_muons_decay_late() -> None:
    _, born = children(-13, 0.0, 2000)
    assert len(born) == 2000
    assert set(born["pdg"]) == {-11}
    assert set(born["process"]) == {Process.Decay}
    assert stats.kstest(born["t"], stats.expon(scale=2.197).cdf).pvalue > 1e-4


def test_negative_muons_are_captured_or_decay() -> None:
    _, born = children(13, 0.0, 4000)
    electrons = born[born["pdg"] == 11]
    # 24.4 % of 4,000, binomial error 27.
    assert abs(len(electrons) - 0.244 * 4000) < 4 * 27
    assert set(born["process"]) == {Process.muMinusCaptureAtRest}
    assert set(born["pdg"]) == {11, 22, 2112, 2212}
    assert stats.kstest(electrons["t"], stats.expon(scale=0.537).cdf).pvalue > 1e-4


def test_positive_pions_make_a_muon_and_that_a_positron() -> None:
    tracks, born = children(211, 0.0, 200)
    assert set(born["pdg"]) == {-13}
    np.testing.assert_allclose(born["kinetic"], 4.12, atol=0.005)  # PDG
    grandchildren = tracks[(tracks["parent"] >= 0) & (tracks["pdg"][tracks["parent"]] == -13)]
    assert (grandchildren["pdg"] == -11).sum() == 200


def test_negative_pions_make_a_star_without_michel() -> None:
    tracks, born = children(-211, 0.0, 200)
    assert set(born["pdg"]) == {2212, 2112, 22}  # photons of the nucleus that is left
    assert (born["pdg"] == 2212).sum() >= 200
    assert not (np.abs(tracks["pdg"]) == 13).any()


def test_kaons_make_a_muon() -> None:
    _, born = children(321, 0.0, 50)
    assert set(born["pdg"]) == {-13}
    np.testing.assert_allclose(born["kinetic"], 152.5, atol=0.2)  # PDG: 235.5 MeV/c


@pytest.mark.parametrize("kinetic", [0.0, 50.0, 2000.0])
def test_neutral_pions_conserve_energy_and_momentum(kinetic: float) -> None:
    given = beam(111, kinetic, 50)
    given["px"], given["py"] = 0.3 * given["pz"], -0.5 * given["pz"]
    tracks = transport(given, WORLD, np.random.default_rng(3)).tracks
    photons = tracks[tracks["process"] == Process.Decay]
    assert len(photons) == 100
    total = [np.bincount(photons["interaction"], photons[name]) for name in ("kinetic", "px", "py", "pz")]
    momentum2 = sum(given[name] ** 2 for name in ("px", "py", "pz"))
    np.testing.assert_allclose(total[0], np.sqrt(momentum2 + 134.9768**2), rtol=1e-12)
    for got, name in zip(total[1:], ("px", "py", "pz"), strict=True):
        np.testing.assert_allclose(got, given[name], atol=1e-9)


def test_positrons_at_rest_give_two_photons() -> None:
    out, ledger = transport_with_ledger(beam(-11, 0.0, 1), argon_cube(5000.0), np.random.default_rng(4))
    assert ledger.inside == pytest.approx(2 * 0.51099895, abs=1e-9)
    assert out.deposits["energy"].sum() == pytest.approx(ledger.inside, abs=1e-9)
