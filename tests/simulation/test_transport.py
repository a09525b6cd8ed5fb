"""Transport as a whole: energy, ancestry, determinism, room, borders, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.files.lineage import ancestors
from argoscope.simulation import transport as module
from argoscope.simulation.check_inputs import argon_cube, beam
from argoscope.simulation.records import DEPOSIT_DTYPE, PRIMARY_DTYPE, TRACK_DTYPE, Origin, Process
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.transport import World, transport, transport_with_ledger

PDG_CODES = (11, -11, 22, 13, -13, 211, -211, 321, -321, 2212, 2112, 111, 12)


def small_event(seed: int = 0) -> np.ndarray:
    """One particle of every kind, 300 MeV/c, in all directions."""
    rng = np.random.default_rng(seed)
    out = np.zeros(len(PDG_CODES), PRIMARY_DTYPE)
    out["pdg"], out["interaction"] = PDG_CODES, np.arange(len(PDG_CODES)) % 3
    out["origin"] = np.where(np.arange(len(PDG_CODES)) % 2, Origin.COSMIC, Origin.NEUTRINO)
    direction = rng.normal(size=(len(PDG_CODES), 3))
    direction *= 300 / np.linalg.norm(direction, axis=1, keepdims=True)
    for column, name in enumerate(("px", "py", "pz")):
        out[name] = direction[:, column]
    return out


@pytest.mark.parametrize("pdg", PDG_CODES)
@pytest.mark.parametrize("half", [20.0, 3000.0])
def test_every_mev_is_accounted_for(pdg: int, half: float) -> None:
    world = World(low=np.full(3, -half), high=np.array([half, half, 0.7 * half]), margin=5.0)
    out, ledger = transport_with_ledger(beam(pdg, 400.0, 5), world, np.random.default_rng(pdg + 1000))
    total = ledger.inside + ledger.outside + ledger.escaped + ledger.invisible
    assert total == pytest.approx(ledger.content, abs=1e-6)
    assert out.deposits["energy"].sum() == pytest.approx(ledger.inside, abs=1e-9)
    assert min(ledger.inside, ledger.outside, ledger.escaped) >= 0
    if half == 3000.0 and pdg in {11, -11, 22, 111}:
        assert ledger.inside == pytest.approx(ledger.content, abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    pdg=st.sampled_from(PDG_CODES),
    momentum=st.floats(1e-3, 3000.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_energy_is_conserved_for_any_particle(pdg: int, momentum: float, seed: int) -> None:
    primary = np.zeros(1, PRIMARY_DTYPE)
    primary["pdg"], primary["pz"] = pdg, momentum
    out, ledger = transport_with_ledger(primary, argon_cube(100.0), np.random.default_rng(seed))
    total = ledger.inside + ledger.outside + ledger.escaped + ledger.invisible
    assert total == pytest.approx(ledger.content, abs=1e-6)
    assert (out.deposits["energy"] > 0).all()
    assert (out.deposits["length"] > 0).all()


def test_tables_are_consistent() -> None:
    out = transport(small_event(), argon_cube(200.0), np.random.default_rng(2))
    tracks, deposits = out
    assert tracks.dtype == TRACK_DTYPE
    assert deposits.dtype == DEPOSIT_DTYPE
    rows = np.arange(len(tracks))
    assert (tracks["parent"] < rows).all()
    np.testing.assert_array_equal(tracks["ancestor"], ancestors(tracks["parent"].astype(np.int64)))
    shower = np.isin(tracks["pdg"], (11, -11, 22))
    np.testing.assert_array_equal(tracks["group"], ancestors(tracks["parent"].astype(np.int64), shower))
    for name in ("interaction", "origin"):
        np.testing.assert_array_equal(tracks[name], tracks[name][tracks["ancestor"]])
    np.testing.assert_array_equal(tracks["pdg"][tracks["parent"] == -1], PDG_CODES)
    own = np.bincount(deposits["track"], deposits["energy"], len(tracks))
    np.testing.assert_allclose(tracks["deposited"], own, rtol=1e-12, atol=1e-12)
    assert np.isfinite(tracks["end_x"]).all()
    assert (tracks["end_t"] >= tracks["t"]).all()


def test_momenta_and_kinetic_energies_agree() -> None:
    tracks = transport(small_event(), argon_cube(200.0), np.random.default_rng(3)).tracks
    mass = {
        11: 0.51099895,
        22: 0.0,
        13: 105.6583755,
        211: 139.57039,
        321: 493.677,
        2212: 938.27209,
        2112: 939.56542,
        111: 134.9768,
        12: 0.0,
    }
    m = np.array([mass[abs(int(pdg))] for pdg in tracks["pdg"]])
    momentum2 = sum(tracks[name] ** 2 for name in ("px", "py", "pz"))
    np.testing.assert_allclose(np.sqrt(momentum2 + m**2) - m, tracks["kinetic"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        momentum2[: len(PDG_CODES)][tracks["parent"][: len(PDG_CODES)] == -1], 300.0**2
    )


def test_processes_fit_the_parents() -> None:
    tracks = transport(
        small_event(), argon_cube(300.0), np.random.default_rng(4), TransportSettings(row_energy=0.1)
    ).tracks
    child = tracks[tracks["parent"] >= 0]
    parent = np.abs(tracks["pdg"][child["parent"]])
    for process, allowed in {
        Process.muIoni: {13}, Process.hIoni: {211, 321, 2212}, Process.eIoni: {11}, Process.eBrem: {11},
        Process.annihil: {11}, Process.conv: {22}, Process.compt: {22}, Process.phot: {22},
        Process.protonInelastic: {2212}, Process.neutronInelastic: {2112}, Process.muMinusCaptureAtRest: {13},
    }.items():  # fmt: skip
        assert set(parent[child["process"] == process]) <= allowed, process
    assert set(tracks["process"][tracks["parent"] == -1]) == {Process.primary}


def test_faint_particles_have_no_row_but_their_energy_counts() -> None:
    primaries, world = beam(13, 500.0, 3), argon_cube(400.0)
    few = transport(primaries, world, np.random.default_rng(5), TransportSettings(row_energy=5.0))
    many = transport(primaries, world, np.random.default_rng(5), TransportSettings(row_energy=0.05))
    assert len(few.tracks) < 30 < len(many.tracks)
    for name in ("x", "y", "z", "t", "energy", "length"):
        np.testing.assert_array_equal(few.deposits[name], many.deposits[name])
    faint = np.isin(few.tracks["pdg"], (11, -11, 22)) & (few.tracks["kinetic"] < 5.0)
    assert not (faint & np.isin(few.tracks["process"], (Process.muIoni, Process.eBrem, Process.eIoni))).any()


def test_segments_are_short_and_whole() -> None:
    chosen = TransportSettings(row_energy=0.1)
    out = transport(beam(13, 1000.0, 1), argon_cube(1000.0), np.random.default_rng(6), chosen)
    own = out.deposits[out.deposits["track"] == 0]
    assert own["length"].max() <= chosen.segment * (1 + 1e-6)
    # Only scattering between middles shortens the way: below 1 % at this energy.
    middles = np.stack([own[name] for name in "xyz"], axis=1)
    chord = np.linalg.norm(np.diff(middles, axis=0), axis=1)
    between = 0.5 * (own["length"][1:] + own["length"][:-1])
    assert (chord <= between * (1 + 1e-9) + 1e-12).all()
    assert np.median(chord / between) > 0.99
    assert (np.abs(own["drift_cosine"]) <= 1 + 1e-6).all()


def test_same_arguments_same_bytes() -> None:
    first = transport(small_event(), argon_cube(100.0), np.random.default_rng(7))
    again = transport(small_event(), argon_cube(100.0), np.random.default_rng(7))
    other = transport(small_event(), argon_cube(100.0), np.random.default_rng(8))
    assert first.tracks.tobytes() == again.tracks.tobytes()
    assert first.deposits.tobytes() == again.deposits.tobytes()
    assert first.deposits.tobytes() != other.deposits.tobytes()


def test_a_primary_does_not_depend_on_those_after_it() -> None:
    event = small_event()
    alone = transport(event[:1], argon_cube(100.0), np.random.default_rng(9))
    together = transport(event, argon_cube(100.0), np.random.default_rng(9))
    of_first = together.tracks["ancestor"][together.deposits["track"]] == 0
    np.testing.assert_array_equal(alone.deposits, together.deposits[of_first])


def test_small_room_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    roomy = transport(small_event(), argon_cube(100.0), np.random.default_rng(10))
    whole = module.machine

    def cramped(*arguments: object) -> object:
        m = whole(*arguments)
        return m._replace(
            stack=m.stack[:3].copy(), deposits=m.deposits[:11].copy(),
            tracks=m.tracks[:2].copy(), track_numbers=m.track_numbers[:2].copy(),
        )  # fmt: skip

    monkeypatch.setattr(module, "machine", cramped)
    tight = transport(small_event(), argon_cube(100.0), np.random.default_rng(10))
    assert tight.tracks.tobytes() == roomy.tracks.tobytes()
    assert tight.deposits.tobytes() == roomy.deposits.tobytes()


def test_arguments_stay_as_they_were() -> None:
    event = small_event()
    before = event.tobytes()
    transport(event, argon_cube(50.0), np.random.default_rng(1))
    assert event.tobytes() == before


def test_deposits_lie_in_the_active_boxes_only() -> None:
    world = World(low=[[-50, -50, 0], [-50, -50, 40]], high=[[50, 50, 30], [50, 50, 80]], margin=20.0)
    out, ledger = transport_with_ledger(beam(13, 1000.0, 5), world, np.random.default_rng(11))
    z = out.deposits["z"]
    assert (((z >= 0) & (z <= 30)) | ((z >= 40) & (z <= 80))).all()
    assert (z > 40).any()
    assert ledger.outside > 5 * 10 * 1.5  # five muons leave at least 1.5 MeV/cm in the gap
    assert ledger.escaped > 0


def test_primaries_outside_fly_in_or_miss() -> None:
    primaries = beam(13, 500.0, 2)
    primaries["z"] = -500.0
    primaries["x"] = 0.0, 300.0
    out = transport(
        primaries, World(low=np.full(3, -50.0), high=np.full(3, 50.0), margin=10.0), np.random.default_rng(12)
    )
    own = out.tracks[out.tracks["parent"] == -1]
    assert own["deposited"][0] > 100
    assert own["deposited"][1] == 0
    assert own["z"][0] == -500.0


@pytest.mark.parametrize("particle", PDG_CODES)
def test_particles_at_rest_or_almost(particle: int) -> None:
    primary = beam(particle, 1e-6, 1)
    _, ledger = transport_with_ledger(primary, argon_cube(2000.0), np.random.default_rng(13))
    assert ledger.inside + ledger.outside + ledger.escaped + ledger.invisible == pytest.approx(
        ledger.content, abs=1e-9
    )


def test_no_primaries_give_empty_tables() -> None:
    out = transport(np.zeros(0, PRIMARY_DTYPE), argon_cube(10.0), np.random.default_rng(1))
    assert out.tracks.shape == out.deposits.shape == (0,)
    assert (out.tracks.dtype, out.deposits.dtype) == (TRACK_DTYPE, DEPOSIT_DTYPE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pdg": 3122}, r"primary 1 has the PDG code 3122; known are"),
        ({"px": np.nan}, r"primary 1 has a momentum that is not finite"),
        ({"x": np.inf}, r"primary 1 has a position or time that is not finite"),
        ({"t": np.nan}, r"primary 1 has a position or time that is not finite"),
        ({"pz": 1e9}, r"primary 1 has more than 10 TeV"),
        ({"y": 1e6}, r"primary 1 has a position more than 1 km from the world"),
        ({"pdg": 22, "pz": 0.0}, r"primary 1 has no momentum, and no mass either"),
    ],
)
def test_senseless_primaries_are_refused(changes: dict[str, float], message: str) -> None:
    primaries = beam(13, 100.0, 2)
    for name, value in changes.items():
        primaries[name][1] = value
    with pytest.raises(InvalidArgument, match=message):
        transport(primaries, argon_cube(10.0), np.random.default_rng(1))


def test_other_tables_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="PRIMARY_DTYPE"):
        transport(np.zeros(3), argon_cube(10.0), np.random.default_rng(1))


@pytest.mark.parametrize(
    ("low", "high", "margin", "message"),
    [
        ([0, 0, 0], [1, 0, 1], 1.0, r"box 0 from .* has no volume"),
        ([0, 0, 0], [1, np.inf, 1], 1.0, "has no volume"),
        ([0, 0], [1, 1], 1.0, r"both must be \(boxes, 3\)"),
        (np.zeros((0, 3)), np.zeros((0, 3)), 1.0, r"both must be \(boxes, 3\)"),
        ([0, 0, 0], [1, 1, 1], -1.0, r"margin \(=-1.0 cm\)"),
    ],
)
def test_worlds_without_volume_are_refused(low: object, high: object, margin: float, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        World(low=low, high=high, margin=margin)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"step": 0.0}, r"step \(=0.0\) must be positive"),
        ({"step": 0.2}, r"step \(=0.2 cm\) must not exceed segment"),
        ({"soft_cut": 0.2}, r"soft_cut \(=0.2 MeV\) must be below electron_cut"),
        ({"electron_cut": 3.0}, r"electron_cut \(=3.0 MeV\) must be at most 1 MeV"),
    ],
)
def test_contradictory_settings_are_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        TransportSettings(**changes)


def test_fast_settings_leave_the_physics() -> None:
    world = argon_cube(3000.0)
    shower = beam(11, 300.0, 60)
    slow, slow_ledger = transport_with_ledger(shower, world, np.random.default_rng(14))
    fast, fast_ledger = transport_with_ledger(
        shower, world, np.random.default_rng(14), TransportSettings.fast()
    )
    assert fast_ledger.steps < 0.75 * slow_ledger.steps
    depths = [np.average(out.deposits["z"], weights=out.deposits["energy"]) for out in (slow, fast)]
    # A shower's mean depth varies by 10 cm, 60 showers leave 1.3 cm each.
    assert abs(depths[0] - depths[1]) < 6.0
