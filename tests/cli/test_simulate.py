"""`simulate` through its arguments: bytes, resumption, one-line errors."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.cli.main import main
from argoscope.detectors import detector_named
from argoscope.files.catalogue import open_events
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.generators.box import active_boxes
from argoscope.simulation.variations import varied

GUN = ("--particle", "mu-", "--energy", "50")
ARGOSCOPE = Path(sys.executable).with_name("argoscope")


def datasets(path: Path) -> dict[str, bytes]:
    """Bytes of every dataset under /Events and /Data: what the promise of equal bytes covers."""
    found: dict[str, bytes] = {}

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("argoscope"):
            found[name] = item[:].tobytes()

    with h5py.File(path) as file:
        file.visititems(note)
    return found


def test_the_same_seed_gives_the_same_bytes_and_says_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.h5", "b.h5"):
        arguments = [
            "simulate",
            "cube-192",
            "-n",
            "4",
            "--seed",
            "990007",
            "-o",
            str(tmp_path / name),
            "--json",
        ]
        assert main(arguments) == 0
        answer = json.loads(capsys.readouterr().out)
        assert (answer["events"], answer["seed"], answer["preset"]) == (4, 990007, "cube-192")
    assert datasets(tmp_path / "a.h5") == datasets(tmp_path / "b.h5")
    with open_events(tmp_path / "a.h5") as file:
        facts = file.describe()
        assert facts.provenance["seeds"] == {"simulation": 990007}
        assert facts.provenance["configuration"]["preset"]["name"] == "cube-192"
        assert {int(event.id.event) for event in file} == {0, 1, 2, 3}


def test_stopped_run_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    command = [ARGOSCOPE, "simulate", "cube-192", "-n", "400", "--seed", "7", "-o"]
    subprocess.run([*command, "whole.h5"], cwd=tmp_path, check=True, capture_output=True)
    running = subprocess.Popen([*command, "stopped.h5"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while len(list(tmp_path.glob("stopped.h5.parts/part-*.rows"))) < 2:
        assert running.poll() is None, "the run ended before it could be stopped"
        time.sleep(0.01)
    running.send_signal(signal.SIGTERM)
    error = running.communicate(timeout=60)[1]
    assert running.returncode == 75
    assert "go on with --resume" in error
    assert not (tmp_path / "stopped.h5").exists()
    again = subprocess.run(
        [*command, "stopped.h5"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert again.returncode == 2
    assert "holds parts of an interrupted run" in again.stderr
    subprocess.run([*command, "stopped.h5", "--resume"], cwd=tmp_path, check=True, capture_output=True)
    assert datasets(tmp_path / "stopped.h5") == datasets(tmp_path / "whole.h5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stopped.h5", "whole.h5"]


def test_gun_shoots_what_was_asked_for(tmp_path: Path) -> None:
    arguments = [
        "simulate",
        "gun",
        "--particle",
        "mu-",
        "--energy",
        "200",
        "-n",
        "2",
        "-o",
        str(tmp_path / "g.h5"),
    ]
    assert main(arguments) == 0
    with open_events(tmp_path / "g.h5") as file:
        particles = file.event(0).particles
    muon = particles[particles["pdg"] == 13]
    assert len(muon) == 1
    # Kinetic energy and mass (PDG), in MeV.
    np.testing.assert_allclose(muon["energy_init"], 200.0 + 105.6584, rtol=1e-6)


def test_gun_shoots_from_where_and_how_often_it_was_asked_to(tmp_path: Path) -> None:
    arguments = ["simulate", "gun", *GUN, "-n", "1", "-o", str(tmp_path / "g.h5")]
    more = ["--position", "100", "-20", "300.5", "--direction", "0", "0", "-2", "--count", "3"]
    assert main([*arguments, *more]) == 0
    with open_events(tmp_path / "g.h5") as file:
        particles = file.event(0).particles
    muons = particles[particles["pdg"] == 13]
    assert len(muons) == 3
    for axis, value in zip("xyz", (100.0, -20.0, 300.5), strict=True):
        np.testing.assert_allclose(muons["vtx"][axis], value)
    assert (muons["pz"] < 0).all()
    np.testing.assert_allclose(np.hypot(muons["px"], muons["py"]), 0.0, atol=1e-9)


@pytest.mark.parametrize("preset", ["sbnd", "gun", "cube-192", "microboone"])
def test_what_can_be_varied_is_listed_and_taken_back(preset: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", preset, "--vary", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    nominal = simulation_named(preset, seed=0).settings
    assert list(listed) == [field.name for field in fields(nominal)]
    for name, choice in listed.items():
        assert varied(nominal, [f"{name}={choice['value']}"]) == nominal
        assert choice["what"]
        assert choice["values"]
    assert main(["simulate", preset, "--vary", "list"]) == 0
    text = capsys.readouterr().out
    assert "[E]: an engineering choice" in text.splitlines()[-1]
    assert f"lifetime_us={listed['lifetime_us']['value']}\n" in text
    assert "Electron lifetime, in µs" in text


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sbdn", "-o", "x.h5"], 2, "Did you mean 'sbnd'?"),
        (["sbnd"], 2, "an output is needed"),
        (["sbnd", "-o", "x.h5", "--vary", "lifetim_us=3"], 2, "Did you mean 'lifetime_us'?"),
        (["sbnd", "-o", "x.h5", "--vary", "lifetime_us=-3"], 2, "lifetime_us (=-3.0) must be positive"),
        (["cube-192", "-o", "x.h5", "--interaction", "nue"], 2, "goes with presets of neutrinos"),
        (["gun", "-o", "x.h5"], 2, "go with the preset 'gun', and it needs both"),
        (["gun", "-o", "x.h5", "--particle", "mu-", "--energy", "-5"], 2, "--energy (=-5.0)"),
        (["gun", "-o", "x.h5", "--particle", "mu-", "--energy", "nan"], 2, "--energy (=nan)"),
        (
            ["gun", "-o", "x.h5", "--particle", "mu-", "--energy", "1e12"],
            2,
            "--energy (=1000000000000.0) must lie",
        ),
        (["gun", "-o", "x.h5", "--position", "1", "2", "3"], 2, "--position goes with a particle"),
        (["gun", "-o", "x.h5", *GUN, "--particle", "e-"], 2, "--particle is given 2 times (mu-, e-)"),
        (["gun", "-o", "x.h5", *GUN, "--count", "0"], 2, "count (=0) must lie between 1 and"),
        (["gun", "-o", "x.h5", *GUN, "--direction", "0", "0", "0"], 2, "direction (=(0.0, 0.0, 0.0))"),
        (
            ["gun", "-o", "x.h5", *GUN, "--position", "1e9", "0", "0"],
            2,
            "position_cm (=(1000000000.0, 0.0, 0.0))",
        ),
        (
            ["gun", "-o", "x.h5", *GUN, "--cosmic-rate", "2"],
            2,
            "cosmic_rate (=2.0) goes with presets that have",
        ),
        (
            ["gun", "-o", "x.h5", *GUN, "--vary", "field_kv_cm=0.7"],
            2,
            "field_kv_cm (=0.7) must lie between 0.09",
        ),
        (["gun", "-o", "x.h5", *GUN, "--vary", "shift_rows=nan"], 2, "shift_rows (=(nan, nan, nan))"),
        (
            ["cube-192", "-o", "x.h5", "--cosmic-rate", "3"],
            2,
            "cosmic_rate (=3.0) goes with presets that have",
        ),
        (["cube-192", "-o", "x.h5", "--first-event", "1" + "0" * 23], 2, "first_event (=1000"),
        (["cube-192", "-o", "x.h5", "-n", "1" + "0" * 23], 2, "events (=1000"),
        (
            ["sbnd", "-o", "x.h5", "--cosmic-rate", "-1"],
            2,
            "cosmic_rate (=-1.0) must be a factor from 0 to 100",
        ),
        (["sbnd", "-o", "x.h5", "--cosmic-rate", "1e9"], 2, "cosmic_rate (=1000000000.0) must be a factor"),
        (["sbnd", "-o", "x.h5", "--cosmic-rate", "nan"], 2, "cosmic_rate (=nan) must be a factor"),
        (["gun", "-o", "x.h5", "--particle", "muno", "--energy", "5"], 2, "there is no particle 'muno'"),
        (["sbnd", "-o", "x.h5", "--transport", "geant"], 2, "Did you mean 'geant4'?"),
        (["sbnd", "-o", "x.h5", "--transport", "geant4"], 2, "pip install 'argoscope[geant4]'"),
        (["sbnd", "-o", "none/x.h5"], 6, "make it first"),
        (["sbnd", "-o", "x.h5", "--detector", "none.yaml"], 3, "none.yaml"),
    ],
)
def test_impossible_orders_are_refused_in_one_line(
    arguments: list[str],
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "calzone", None)
    got = main(["simulate", *arguments])
    error = capsys.readouterr().err
    assert words in error
    assert got == code
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_missing_data_of_geant4_are_named_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("calzone", reason="calzone is not installed")
    monkeypatch.setenv("GEANT4_DATA_DIR", str(tmp_path / "data"))
    output = tmp_path / "x.h5"
    assert main(["simulate", "cube-192", "-o", str(output), "--transport", "geant4"]) == 3
    error = capsys.readouterr().err
    assert f"there is no folder {tmp_path}/data/" in error
    assert f"python -m calzone download {tmp_path}/data" in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_presets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"sbnd", "cube-768", "paper3-bnb", "microboone-offbeam", "gun"} <= set(listed)
    assert len(set(listed.values())) == len(listed)


@pytest.mark.parametrize("preset", ["microboone", "paper2", "paper3", "sbnd", "gun"])
def test_list_says_which_presets_make_the_collection_plane_only(
    preset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "list", "--json"]) == 0
    words = json.loads(capsys.readouterr().out)[preset]
    assert words.endswith("; collection plane only") == (preset in {"microboone", "paper2"})


@pytest.mark.parametrize(
    ("preset", "lines", "said"),
    [
        (
            "paper2",
            "2 700-739\n0 12\n0 14-15\n1 3\n",
            "argoscope: dead wires of dead.txt that are not used: 3 of plane 0, 1 of plane 1; the images of paper2 show "
            "plane 2 alone\n",
        ),
        ("paper2", "2 700-739\n", ""),
        ("paper3", "2 700-739\n0 12\n", ""),
    ],
)
def test_dead_wires_of_planes_that_are_not_made_are_named_once(
    preset: str,
    lines: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dead.txt").write_text(lines)
    assert main(["simulate", preset, "--dead-wires", "dead.txt", "-n", "2", "-o", "x.h5"]) == 0
    assert capsys.readouterr().err == said


def test_gun_stands_in_the_middle_of_the_detector_that_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("{extends: icarus, name: mine}\n")
    arguments = ["simulate", "gun", "--particle", "mu-", "--energy", "50", "-n", "1", "-o"]
    assert main([*arguments, str(tmp_path / "g.h5"), "--detector", str(tmp_path / "mine.yaml")]) == 0
    with open_events(tmp_path / "g.h5") as file:
        event = file.event(0)
    box = active_boxes(detector_named("icarus"))[0]
    for axis, low, high in zip("xyz", box.low, box.high, strict=True):
        np.testing.assert_allclose(event.particles["vtx"][0][axis], (low + high) / 2)
    assert event.detector == "mine"
    assert len(event.images) == 3
