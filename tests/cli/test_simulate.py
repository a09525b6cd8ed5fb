"""`simulate` through its arguments: bytes, resumption, one-line errors."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from argoscope.cli.main import main
from argoscope.files.catalogue import open_events

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


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["sbdn", "-o", "x.h5"], 2, "Did you mean 'sbnd'?"),
        (["sbnd"], 2, "an output is needed"),
        (["sbnd", "-o", "x.h5", "--vary", "lifetim_us=3"], 2, "Did you mean 'lifetime_us'?"),
        (["sbnd", "-o", "x.h5", "--vary", "lifetime_us=-3"], 2, "lifetime_us (=-3.0) must be positive"),
        (["cube-192", "-o", "x.h5", "--interaction", "nue"], 2, "goes with presets of neutrinos"),
        (["gun", "-o", "x.h5"], 2, "go with the preset 'gun', and it needs both"),
        (["gun", "-o", "x.h5", "--particle", "mu-", "--energy", "-5"], 2, "kinetic_mev (=-5.0)"),
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
    assert {"sbnd", "cube-768", "paper3-bnb", "microboone-offbeam", "gun"} <= set(
        json.loads(capsys.readouterr().out)
    )
