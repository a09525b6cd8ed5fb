"""Geant4 through calzone: tables by hand to our records, refusals, the geometry; Geant4 itself without radiation.

No data sets of Geant4 were there when these tests were written: showers and hadrons by Geant4 are not tested.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.simulation.calzone_made import LINE, POINT, TRACK, VERTEX, WithoutData, stand_in, zero_tables

from argoscope.errors import InvalidArgument, Stopped, UnreadableFile
from argoscope.files.catalogue import open_events
from argoscope.simulation import geant4
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.geant4_records import Run, masses_of, process_of, records_of
from argoscope.simulation.records import PRIMARY_DTYPE, Process
from argoscope.simulation.run import Order, simulate
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.transport import transport
from argoscope.simulation.world import World

SETTINGS = TransportSettings()
TWO_BOXES = World(
    low=np.array([[-200.0, -100.0, 0.0], [0.0, -100.0, 0.0]]),
    high=np.array([[0.0, 100.0, 500.0], [200.0, 100.0, 500.0]]),
)


@pytest.fixture(autouse=True)
def no_simulation_kept():
    geant4._simulation.cache_clear()
    yield
    geant4._simulation.cache_clear()


# tid: parent, pid, creator, kinetic energy, then its vertices as (x, time in s)
MUON = {
    1: (0, 13, "Primary", 50.0, [(0.0, 0.0), (0.4, 1e-8), (1.0, 2e-8), (1.0, 3e-6)]),
    2: (1, 11, "Ionisation", 0.3, [(0.4, 1e-8), (0.45, 1.1e-8)]),
    3: (1, 11, "Ionisation", 5.0, [(0.4, 1e-8), (2.4, 1.2e-8)]),
    4: (3, 22, "Bremsstrahlung", 2.0, [(1.4, 1.1e-8), (9.4, 1.4e-8)]),
    5: (4, 11, "Conversion", 0.9, [(9.4, 1.4e-8), (9.5, 1.5e-8)]),
    6: (1, 11, "Capture", 30.0, [(1.0, 3e-6), (4.0, 3.1e-6)]),
    7: (1, 2112, "Capture", 5.0, [(1.0, 3e-6), (30.0, 3.2e-6)]),
    8: (7, 2212, "Inelastic", 4.0, [(30.0, 3.2e-6), (30.01, 3.3e-6)]),
    9: (7, 1000180400, "Elastic", 0.2, [(20.0, 3.1e-6), (20.0, 3.1e-6)]),
}
VALUES = {1: [0.8, 1.2, 0.5], 2: [0.3], 3: [3.0], 5: [0.9], 6: [6.0], 8: [4.0], 9: [0.2]}


def tables(particles: dict[int, tuple] = MUON, event: int = 0) -> Run:
    """Tables of one primary; in the order in which Geant4 follows the particles, the last made first."""
    tracks, vertices, lines = [], [], []
    for tid in sorted(particles, key=lambda tid: (tid > 1, -tid)):
        parent, pid, creator, energy, places = particles[tid]
        tracks.append((event, tid, parent, pid, creator))
        for x, time in places:
            vertices.append((event, tid, energy, (x, 1, 2), (1, 0, 0), time, "Active0", ""))
        for step, value in enumerate(VALUES.get(tid, [])):
            (a, begin), (b, end) = places[step : step + 2]
            lines.append((event, tid, pid, energy, value, (a, 1, 2), (b, 1, 2), (begin, end), 1, (0, 0)))
    points = np.array([(event, 4, 22, 2.0, 0.01, (9.4, 1, 2), 1.4e-8, 1, (0, 0))], POINT)
    return Run(np.array(tracks, TRACK), np.array(vertices, VERTEX), np.array(lines, LINE), points)


def primary(**values: float) -> np.ndarray:
    out = np.zeros(1, PRIMARY_DTYPE)
    out["pdg"], out["px"], out["origin"] = 13, 114.5, 1
    for name, value in values.items():
        out[name] = value
    return out


def test_tracks_keep_parents_processes_and_groups() -> None:
    tracks = records_of(tables(), primary(interaction=7), SETTINGS).tracks
    # Rows: muon, long delta, its photon, Michel electron, neutron, proton; 2, 5 and 9 are too faint for one.
    assert tracks["pdg"].tolist() == [13, 11, 22, 11, 2112, 2212]
    assert tracks["parent"].tolist() == [-1, 0, 1, 0, 0, 4]
    assert tracks["ancestor"].tolist() == [0] * 6
    assert tracks["group"].tolist() == [0, 1, 1, 3, 4, 5]
    assert set(tracks["interaction"].tolist()) == {7}
    assert [Process(p).name for p in tracks["process"]] == [
        "primary", "muIoni", "eBrem", "muMinusCaptureAtRest", "muMinusCaptureAtRest", "neutronInelastic",
    ]  # fmt: skip
    assert tracks["kinetic"].tolist() == [50.0, 5.0, 2.0, 30.0, 5.0, 4.0]
    # p² = T² + 2 T m, of the neutron
    np.testing.assert_allclose(tracks["px"][4], np.sqrt(25 + 10 * 939.565), rtol=1e-5)


def test_energy_is_kept_and_counts_for_the_maker_of_faint_particles() -> None:
    out = records_of(tables(), primary(), SETTINGS)
    total = sum(map(sum, VALUES.values())) + 0.01
    np.testing.assert_allclose(out.deposits["energy"].sum(), total, rtol=1e-12)
    # muon + faint delta; delta; photon + point + its faint electron; Michel; neutron's recoil; proton
    np.testing.assert_allclose(out.tracks["deposited"], [2.5 + 0.3, 3.0, 0.91, 6.0, 0.2, 4.0], rtol=1e-12)
    np.testing.assert_allclose(
        np.bincount(out.deposits["track"], out.deposits["energy"]), out.tracks["deposited"]
    )


def test_long_steps_become_deposits_of_a_segment_with_their_times() -> None:
    out = records_of(tables(), primary(t=100.0), SETTINGS)
    delta = out.deposits[out.deposits["track"] == 1]
    assert len(delta) == np.ceil(2.0 / SETTINGS.segment)
    assert (delta["length"] <= SETTINGS.segment).all()
    np.testing.assert_allclose(delta["length"].sum(), 2.0)
    np.testing.assert_allclose(delta["drift_cosine"], 1.0)
    np.testing.assert_allclose(delta["y"], 1.0)
    middle = (np.arange(14) + 0.5) / 14
    np.testing.assert_allclose(delta["x"], 0.4 + 2.0 * middle)
    np.testing.assert_allclose(delta["t"], 100.0 + 0.01 + 0.002 * middle, rtol=1e-12)
    rest = out.deposits[(out.deposits["track"] == 0) & (out.deposits["length"] == 0)]
    # What the muon left at rest comes when it is captured.
    np.testing.assert_allclose(rest["t"], [103.0])
    point = out.deposits[out.deposits["energy"] == 0.01]
    np.testing.assert_allclose(point["t"], 100.014)


def test_primaries_stay_what_the_generator_made_and_events_apart() -> None:
    one, other = tables(), tables(event=1)
    both = Run(*(np.concatenate(pair) for pair in zip(one, other, strict=True)))
    given = np.concatenate([primary(x=-3.0, t=5.0), primary(interaction=1, origin=2, t=9.0)])
    out = records_of(both, given, SETTINGS)
    assert out.tracks["ancestor"].tolist() == [0] * 6 + [6] * 6
    assert out.tracks["origin"].tolist() == [1] * 6 + [2] * 6
    assert out.tracks["x"][0] == -3.0
    assert out.tracks["px"][0] == 114.5
    np.testing.assert_allclose(out.tracks["t"][[0, 6]], [5.0, 9.0])
    np.testing.assert_allclose(out.tracks["end_t"][[0, 6]], [8.0, 12.0])


def test_no_primaries_give_empty_tables() -> None:
    nothing = Run(*(np.zeros(0, kind) for kind in (TRACK, VERTEX, LINE, POINT)))
    out = records_of(nothing, np.zeros(0, PRIMARY_DTYPE), SETTINGS)
    assert len(out.tracks) == len(out.deposits) == 0


@pytest.mark.parametrize(
    ("creator", "parent", "name"),
    [
        ("Primary", 0, "primary"),
        ("Decay", 211, "Decay"),
        ("Ionisation", -13, "muIoni"),
        ("Ionisation", -11, "eIoni"),
        ("Ionisation", 2212, "hIoni"),
        ("Bresstrahlung", 211, "eBrem"),
        ("Annihilation", -11, "annihil"),
        ("Capture", 13, "muMinusCaptureAtRest"),
        ("Capture", 2112, "nCapture"),
        ("muMinusCaptureA", 13, "muMinusCaptureAtRest"),
        ("Inelastic", 2212, "protonInelastic"),
        ("Inelastic", 2112, "neutronInelastic"),
        ("pi+Inelastic", 211, "piPlusInelastic"),
        ("kaon-Inelastic", -321, "piMinusInelastic"),
        ("kaon0LInelastic", 130, "neutronInelastic"),
        ("anti_neutronIne", -2112, "neutronInelastic"),
        ("alphaInelastic", 1000020040, "protonInelastic"),
        ("photonNuclear", 22, "neutronInelastic"),
        ("Photonuclear", 13, "protonInelastic"),
        ("hBertiniCapture", -211, "piMinusInelastic"),
        ("PairProduction", 13, "muPairProd"),
    ],
)
def test_processes_have_our_words(creator: str, parent: int, name: str) -> None:
    assert process_of(creator, parent).name == name


@pytest.mark.parametrize(
    ("creator", "parent"), [("Scintillation", 13), ("Capture", 22), ("", 13), ("In", 13)]
)
def test_unknown_processes_are_refused_by_name(creator: str, parent: int) -> None:
    with pytest.raises(InvalidArgument, match=f"'{creator}' from one of PDG code {parent}"):
        process_of(creator, parent)


def test_a_run_with_an_unknown_process_is_refused_by_its_name() -> None:
    changed = tables(MUON | {3: (1, 11, "Scintillation", *MUON[3][3:])})
    with pytest.raises(InvalidArgument, match="'Scintillation' from one of PDG code 13"):
        records_of(changed, primary(), SETTINGS)


def test_tables_that_contradict_one_another_are_refused() -> None:
    good = tables()
    with pytest.raises(InvalidArgument, match="no track 3 of primary 0 before its child 4"):
        records_of(good._replace(tracks=good.tracks[good.tracks["tid"] != 3]), primary(), SETTINGS)
    for parent in (2, 6, 99):  # not there; made later than its child; beyond the last of all
        strange = good.tracks[good.tracks["tid"] != 2]
        strange["parent"][strange["tid"] == 4] = parent
        with pytest.raises(InvalidArgument, match=f"no track {parent} of primary 0 before its child 4"):
            records_of(good._replace(tracks=strange), primary(), SETTINGS)
    with pytest.raises(InvalidArgument, match="no vertex of track 8 of primary 0"):
        records_of(good._replace(vertices=good.vertices[good.vertices["tid"] != 8]), primary(), SETTINGS)
    astray = good.lines.copy()
    astray["tid"][0] = 77
    with pytest.raises(InvalidArgument, match="deposit of track 77 of primary 0, and no such track"):
        records_of(good._replace(lines=astray), primary(), SETTINGS)


def test_masses() -> None:
    # PDG (2022); a nucleus is its nucleons; a charmed meson is unknown.
    np.testing.assert_allclose(
        masses_of(np.array([11, -211, -2212, 310, 1000020040, 421])),
        [0.511, 139.57, 938.272, 497.61, 3725.98, 0.0],
        atol=0.01,
    )


def test_primaries_from_outside_enter_the_margin_or_miss() -> None:
    given = np.concatenate(
        [primary(x=-1000.0), primary(x=-1000.0, y=131.0), primary(x=1000.0), primary(x=5.0)]
    )
    direction = np.tile([1.0, 0.0, 0.0], (4, 1))
    starts, meets = geant4._entries(given, direction, TWO_BOXES)
    assert meets.tolist() == [True, False, False, True]
    assert starts[:, 0].tolist() == [-230.0, -1000.0, 1000.0, 5.0]


def test_an_event_is_the_same_alone_and_its_primaries_are_independent(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "calzone", stand_in())
    first, second = (simulation_named("cube-192", seed=5, transport_name="geant4") for _ in range(2))
    second.event(3)
    assert first.event(4).event == second.event(4).event
    given = np.concatenate([primary(x=5.0), primary(x=-1000.0, y=131.0), primary(x=9.0)])
    all_three = geant4.geant4_transport(given, TWO_BOXES, np.random.default_rng(1))
    alone = geant4.geant4_transport(given[:1], TWO_BOXES, np.random.default_rng(1))
    assert np.array_equal(all_three.tracks[:1], alone.tracks)
    assert all_three.tracks["deposited"][1] == 0.0
    assert all_three.tracks["deposited"][0] != all_three.tracks["deposited"][2]
    np.testing.assert_allclose(all_three.tracks["end_x"], [6.0, -1000.0, 10.0])


def test_provenance_names_the_transport_and_parts_of_another_are_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "calzone", stand_in())
    path, order = tmp_path / "out.h5", Order(preset="cube-192", events=2, seed=5, transport="geant4")
    simulate(order, path)
    with open_events(path) as file:
        by = file.describe().provenance["configuration"]["transport_by"]
    assert by == {
        "name": "geant4", "calzone": "0.0", "geant4": "0.0", "electromagnetic": "standard", "hadronic": "QGSP_BERT",
    }  # fmt: skip
    again = tmp_path / "again.h5"
    with pytest.raises(Stopped):
        simulate(order, again, stop=lambda: True)
    monkeypatch.setattr(sys.modules["calzone"], "VERSION", "0.1")
    for other in (order, Order(preset="cube-192", events=2, seed=5)):
        with pytest.raises(InvalidArgument, match="parts of another order"):
            simulate(other, again, resume=True)


def test_missing_package_and_data_are_named_before_anything_is_written(tmp_path, monkeypatch) -> None:
    order = Order(preset="cube-192", events=2, transport="geant4")
    monkeypatch.setitem(sys.modules, "calzone", None)
    with pytest.raises(InvalidArgument, match=r"pip install 'argoscope\[geant4\]'"):
        simulate(order, tmp_path / "out.h5")
    monkeypatch.setitem(sys.modules, "calzone", stand_in(WithoutData))
    words = (
        r"data set G4NDL is missing: there is no folder /nowhere/data/G4NDL4\.7\.1; .*"
        r"python -m calzone download /nowhere/data, .*GEANT4_DATA_DIR"
    )
    with pytest.raises(UnreadableFile, match=words):
        simulate(order, tmp_path / "out.h5")
    assert list(tmp_path.iterdir()) == []


def test_settings_that_geant4_does_not_follow_are_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"dedx_scale \(=1.1\)"):
        geant4.require_geant4(TWO_BOXES, TransportSettings(dedx_scale=1.1))
    with pytest.raises(InvalidArgument, match=r"there is no transport 'geant'\. Did you mean 'geant4'"):
        simulation_named("cube-192", seed=5, transport_name="geant")


def test_calzone_builds_the_world() -> None:
    calzone = pytest.importorskip("calzone", reason="calzone is not installed")
    built = calzone.Geometry(geant4.geometry_of_world(TWO_BOXES, 300.0))
    built.check()
    root = built.root
    assert root.material == "G4_lAr"
    # Geant4's liquid argon is ours.
    assert calzone.describe(material="G4_lAr").density == pytest.approx(1.396)
    np.testing.assert_allclose(root.aabb(), [[-500, -400, -550], [500, 400, 550]])
    assert root.daughters == ("Argon.Active0", "Argon.Active1")
    for name, low, high in (("Active0", -200, 0), ("Active1", 0, 200)):
        box = built.find(name)
        assert (box.material, box.role) == ("G4_lAr", "record_deposits")
        assert box.volume() == pytest.approx(200 * 200 * 500)
        np.testing.assert_allclose(box.aabb(), [[low, -100, -250], [high, 100, 250]], atol=1e-6)


WITHOUT_RADIATION = """
import re, sys
from pathlib import Path
import numpy as np
from argoscope.errors import UnreadableFile
from argoscope.simulation import geant4
from argoscope.simulation.records import PRIMARY_DTYPE
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.world import World

geant4._physics = lambda calzone, cut: calzone.Physics("standard", default_cut=cut)
world = World(low=np.full(3, -100.0), high=np.full(3, 100.0))
while True:  # Of the other data sets calzone asks for the folder alone.
    try:
        geant4.require_geant4(world, TransportSettings())
        break
    except UnreadableFile as error:
        Path(re.search(r"no folder (\\S+);", str(error)).group(1)).mkdir()
primaries = np.zeros(22, PRIMARY_DTYPE)
primaries["interaction"] = np.arange(22)
primaries["pdg"], primaries["pz"], primaries["z"], primaries["t"] = 13, 286.8, -50.0, 10.0
primaries["pdg"][20:] = 211, 22
primaries["pz"][20:], primaries["px"][20:], primaries["x"][20:] = 0.0, (0.0, 10.0), (0.0, 1000.0)
out = geant4.geant4_transport(primaries, world, np.random.default_rng(3))
alone = geant4.geant4_transport(primaries[:2], world, np.random.default_rng(3))
np.savez(sys.argv[1], tracks=out.tracks, deposits=out.deposits, tracks2=alone.tracks, deposits2=alone.deposits)
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Muons, a pion at rest and a photon that misses, by Geant4's own kernel without radiation and hadrons."""
    calzone = pytest.importorskip("calzone", reason="calzone is not installed")
    if calzone.GEANT4_VERSION != "11.4.0":
        pytest.skip(f"the tables without data are for Geant4 11.4.0, and this is {calzone.GEANT4_VERSION}")
    folder = tmp_path_factory.mktemp("geant4")
    zero_tables(folder)
    where = {"PYTHONPATH": str(Path(calzone.__file__).parent.parent), "GEANT4_DATA_DIR": str(folder)}
    answer = subprocess.run(
        [sys.executable, "-c", WITHOUT_RADIATION, str(folder / "out.npz")],
        env={**os.environ, **where},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == ""
    with np.load(folder / "out.npz") as file:
        return dict(file)


def test_geant4_itself_stops_muons_where_our_transport_does(kernel) -> None:
    tracks, deposits = kernel["tracks"], kernel["deposits"]
    muons = tracks[(tracks["parent"] == -1) & (tracks["pdg"] == 13)]
    assert len(muons) == 20
    primaries = np.zeros(200, PRIMARY_DTYPE)
    primaries["pdg"], primaries["pz"], primaries["z"] = 13, 286.8, -50.0
    own = transport(
        primaries, World(low=np.full(3, -100.0), high=np.full(3, 100.0)), np.random.default_rng(1)
    )
    stops = own.tracks["end_z"][own.tracks["parent"] == -1]
    # Five standard errors of a mean of twenty.
    assert abs(muons["end_z"].mean() - stops.mean()) < 5 * stops.std() / np.sqrt(20)
    assert (deposits["length"] <= SETTINGS.segment).all()
    assert (np.abs(np.stack([deposits[name] for name in "xyz"])) <= 100.0).all()


def test_geant4_itself_keeps_the_energy(kernel) -> None:
    tracks, deposits = kernel["tracks"], kernel["deposits"]
    np.testing.assert_allclose(
        np.bincount(deposits["track"], deposits["energy"], len(tracks)), tracks["deposited"]
    )
    electron = (tracks["process"] == Process.Decay) & (np.abs(tracks["pdg"]) == 11)
    assert (tracks["pdg"][tracks["parent"][electron]] != 11).all()
    for muon in range(20):
        mine = tracks[tracks["interaction"] == muon]
        brought = mine["kinetic"][0] + mine["kinetic"][electron[tracks["interaction"] == muon]].sum()
        # All of the muon and its Michel electron stays in the box, as nothing radiates.
        np.testing.assert_allclose(mine["deposited"].sum(), brought, rtol=1e-6)
    # A pion at rest: p = 29.792 MeV/c (two-body decay), 4.12 MeV of the muon.
    pion = int(np.flatnonzero(tracks["pdg"] == 211)[0])
    made = tracks[tracks["parent"] == pion]
    assert sorted(made["pdg"]) == [-13, 14]
    np.testing.assert_allclose(made["kinetic"][made["pdg"] == -13], 4.12, atol=0.01)


def test_geant4_itself_gives_times_and_primaries_of_their_own(kernel) -> None:
    tracks, deposits = kernel["tracks"], kernel["deposits"]
    muon = tracks[0]
    first = deposits[deposits["track"] == 0]
    assert 10.0 < first["t"].min() < first["t"].max() <= muon["end_t"]
    # Light takes 2.5 ns for 75 cm, the slowing muon some more; its decay µs.
    assert first["t"].max() - 10.0 > 0.0025
    assert np.median(first["t"]) - 10.0 < 0.01
    assert np.array_equal(kernel["tracks2"], tracks[: len(kernel["tracks2"])])
    assert np.array_equal(kernel["deposits2"], deposits[: len(kernel["deposits2"])])
    photon = tracks[-1]
    assert (photon["pdg"], photon["x"], photon["end_x"], photon["deposited"]) == (22, 1000.0, 1000.0, 0.0)
