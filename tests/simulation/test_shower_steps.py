"""What the kernels make of electrons and photons: spectra against their densities, kinematics exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from argoscope.simulation import electrons_photons as ep
from argoscope.simulation.argon import ELECTRON_MASS, MUON_MASS, RUTHERFORD
from argoscope.simulation.check_inputs import argon_cube, beam
from argoscope.simulation.muons_hadrons import largest_transfer
from argoscope.simulation.records import Process
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.straggling import bhabha_bracket, moller_bracket
from argoscope.simulation.transport import transport

ALL_ROWS = TransportSettings(row_energy=1e-3)


def born(pdg: int, kinetic: float, count: int, half: float, process: Process) -> np.ndarray:
    """Children of primaries by one process, in a cube so small that the primaries hardly slow down."""
    tracks = transport(beam(pdg, kinetic, count), argon_cube(half), np.random.default_rng(1), ALL_ROWS).tracks
    primary = tracks["parent"] == -1
    return tracks[(tracks["process"] == process) & primary[tracks["parent"]] & (tracks["parent"] >= 0)]


def assert_density(sample: np.ndarray, edges: np.ndarray, density) -> None:
    """Chi-square of a histogram with a density, Simpson's rule in each bin."""
    counts, _ = np.histogram(sample, edges)
    middle = 0.5 * (edges[1:] + edges[:-1])
    expected = np.diff(edges) * (density(edges[:-1]) + 4 * density(middle) + density(edges[1:])) / 6
    assert counts.sum() > 1000
    assert chisquare(counts, expected / expected.sum() * counts.sum()).pvalue > 1e-4


@pytest.mark.parametrize("kinetic", [0.3, 5.0, 500.0])
def test_brackets_of_the_kernels_are_the_formulas(kinetic: float) -> None:
    gamma = 1 + kinetic / ELECTRON_MASS
    beta2 = 1 - gamma**-2
    for bracket, spectrum, most in (
        (moller_bracket, ep.moller_spectrum, 0.5),
        (bhabha_bracket, ep.bhabha_spectrum, 1.0),
    ):
        share = np.linspace(0.02, most, 30)
        got = np.array([bracket(e, gamma) for e in share]) * RUTHERFORD / (beta2 * (share * kinetic) ** 2)
        np.testing.assert_allclose(got, spectrum(kinetic, share * kinetic), rtol=1e-9, atol=1e-15)


def test_bremsstrahlung_follows_its_spectrum() -> None:
    photons = born(11, 1000.0, 4000, 0.5, Process.eBrem)
    # Primaries lose a few per cent at most before most photons: bins of 1 in ln k do not see it.
    assert_density(
        np.log(photons["kinetic"]),
        np.log(np.geomspace(0.02, 300, 20)),
        lambda v: ep.brems_shape(np.exp(v) / 1000),
    )


def test_pairs_share_their_energy_by_the_law() -> None:
    electrons = born(22, 200.0, 6000, 30.0, Process.conv)
    share = electrons["kinetic"][electrons["pdg"] == 11] / (200.0 - 2 * ELECTRON_MASS)
    share = share[share < 0.999]  # a photon that Compton-scattered first has less
    assert_density(share, np.linspace(0, 0.999, 11), lambda x: 1 - 4 / 3 * x * (1 - x))


def test_pairs_conserve_energy() -> None:
    both = born(22, 50.0, 500, 30.0, Process.conv)
    total = np.bincount(both["interaction"], both["kinetic"], 500)
    two = np.bincount(both["interaction"], minlength=500) == 2
    whole = total[two] + 2 * ELECTRON_MASS
    assert two.sum() > 100
    assert whole.max() <= 50.0 + 1e-9
    assert np.median(whole) == pytest.approx(50.0, abs=1e-9)


def test_annihilation_in_flight_conserves_energy_and_momentum() -> None:
    photons = born(-11, 5.0, 6000, 0.3, Process.annihil)
    pair = [
        np.bincount(photons["interaction"], photons[name], 6000) for name in ("kinetic", "px", "py", "pz")
    ]
    twice = np.bincount(photons["interaction"], minlength=6000) == 2
    assert twice.sum() > 20
    energy = pair[0][twice]
    momentum2 = sum(pair[axis][twice] ** 2 for axis in (1, 2, 3))
    # (T + 2m)² - p² = 2m (T + 2m) for a positron on an electron at rest.
    np.testing.assert_allclose(energy**2 - momentum2, 2 * ELECTRON_MASS * energy, rtol=1e-9)


def test_delta_rays_follow_their_spectrum_and_kinematics() -> None:
    deltas = born(13, 500.0, 3000, 5.0, Process.muIoni)
    kinetic = 500.0
    gamma = 1 + kinetic / MUON_MASS
    beta2, largest = 1 - gamma**-2, float(largest_transfer(np.array([kinetic]), MUON_MASS)[0])

    def per_log(value: np.ndarray) -> np.ndarray:
        transfer = np.exp(value)
        return (1 - beta2 * transfer / largest + transfer**2 / (2 * (kinetic + MUON_MASS) ** 2)) / transfer

    assert_density(np.log(deltas["kinetic"]), np.log(np.geomspace(0.1, 10, 16)), per_log)
    fresh = deltas[deltas["z"] < 0.2]  # before the muon has turned or slowed
    transfer = fresh["kinetic"]
    momentum = np.sqrt((kinetic + MUON_MASS) ** 2 - MUON_MASS**2)
    size = np.sqrt(transfer * (transfer + 2 * ELECTRON_MASS))
    expected = transfer * (kinetic + MUON_MASS + ELECTRON_MASS) / (momentum * size)
    assert len(fresh) > 20
    np.testing.assert_allclose(fresh["pz"] / size, expected, atol=0.03)


def test_knock_ons_of_electrons_leave_at_their_angle() -> None:
    struck = born(11, 20.0, 3000, 0.05, Process.eIoni)
    transfer = struck["kinetic"]
    cosine = struck["pz"] / np.sqrt(transfer * (transfer + 2 * ELECTRON_MASS))
    expected = np.sqrt(transfer * (20 + 2 * ELECTRON_MASS) / (20 * (transfer + 2 * ELECTRON_MASS)))
    assert len(struck) > 50
    # Half a millimetre of argon turns 20 MeV electrons by up to 0.1 rad.
    assert np.abs(np.arccos(cosine) - np.arccos(expected)).max() < 0.25
