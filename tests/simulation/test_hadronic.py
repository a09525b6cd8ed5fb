"""Nuclear reactions: cross sections, and what comes out of them."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.simulation import hadronic
from argoscope.simulation.check_inputs import argon_cube, beam
from argoscope.simulation.random_numbers import new_state
from argoscope.simulation.records import Process
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.tables import HEAVY_FIRST, HEAVY_STEP, MASSES, tables
from argoscope.simulation.transport import transport_with_ledger


def test_letaw_formula_gives_the_notes_numbers() -> None:
    # Physics notes 2.9, mb.
    kinetic = np.array([20.0, 50.0, 100.0, 200.0, 300.0, 500.0, 1000.0])
    expected = [942, 744, 572, 518, 537, 575, 601]
    np.testing.assert_allclose(1e3 * hadronic.proton_reaction(kinetic), expected, atol=0.6)


def test_neutrons_share_the_formula_above_20_mev() -> None:
    for kinetic in (20.0, 100.0, 700.0):
        expected = hadronic.proton_reaction_rate(np.array([kinetic]))[0]
        assert hadronic.neutron_reaction_rate(kinetic) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("kinetic", "absorbed", "exchanged"),
    [(50, 0.5, 0.1), (200, 0.4, 0.1), (450, 0.27, 0.13), (900, 0.18, 0.13)],
)
def test_pion_channels(kinetic: float, absorbed: float, exchanged: float) -> None:
    assert hadronic.pion_channels(float(kinetic)) == (absorbed, exchanged)


def test_forward_cosine_has_its_mean() -> None:
    state = new_state(np.random.default_rng(1), 1)[0]
    drawn = np.array([hadronic.forward_cosine(state) for _ in range(40_000)])
    # <c> of (1 + c/2)/2 is 1/6; error 0.57/200.
    assert abs(drawn.mean() - 1 / 6) < 0.012
    assert np.abs(drawn).max() <= 1


@pytest.mark.parametrize(
    ("pdg", "process"),
    [(211, Process.piPlusInelastic), (-211, Process.piMinusInelastic), (2212, Process.protonInelastic)],
)
def test_reactions_never_give_more_than_they_have(pdg: int, process: Process) -> None:
    settings = TransportSettings(row_energy=0.1)
    for seed in range(60):
        out, ledger = transport_with_ledger(
            beam(pdg, 250.0, 1), argon_cube(2000.0), np.random.default_rng(seed), settings
        )
        assert ledger.invisible > -1e-9
        assert ledger.inside <= ledger.content + 1e-9
        born = out.tracks[(out.tracks["parent"] == 0) & (out.tracks["process"] == process)]
        rest = 139.57 if abs(pdg) == 211 else 0.0
        assert born["kinetic"].sum() <= 250.0 + rest


def test_charge_exchange_has_its_share() -> None:
    count = 1500
    out, _ = transport_with_ledger(beam(211, 200.0, count), argon_cube(2000.0), np.random.default_rng(9))
    tracks = out.tracks
    first = (tracks["parent"] >= 0) & (tracks["process"] == Process.piPlusInelastic)
    first &= tracks["parent"][np.maximum(tracks["parent"], 0)] == -1
    reacted = len(np.unique(tracks["parent"][first]))
    exchanged = (tracks["pdg"][first] == 111).sum()
    # 0.10 of about 950 reactions, most of them above 100 MeV: error 0.01.
    assert abs(exchanged / reacted - 0.10) < 0.04


def test_rates_in_the_tables_are_those_of_the_formulas() -> None:
    table = tables(TransportSettings()).heavy
    for index, rate in ((1, hadronic.pion_reaction_rate), (3, hadronic.proton_reaction_rate)):
        kinetic = MASSES[index] * np.exp(HEAVY_FIRST + HEAVY_STEP * np.arange(table.shape[1]))
        np.testing.assert_array_equal(table[index, :, 9], rate(kinetic))
    assert not table[0, :, 9].any()
