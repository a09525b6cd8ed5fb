"""`predict`: files by name, folders with their manifest, bad files set aside, `--resume` in words."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from argoscope.cli.main import main
from argoscope.drawn import drawn_event
from argoscope.errors import Stopped
from argoscope.files.larcv3_write import write_events
from argoscope.jobs import run, worker


@pytest.fixture
def model(make_model):
    return make_model(charge_scale=40.0)


@pytest.fixture
def two(tmp_path):
    """Two files of two events."""
    paths = [tmp_path / "first.h5", tmp_path / "second.h5"]
    for number, path in enumerate(paths):
        write_events(path, [drawn_event(number), drawn_event(number + 4)])
    return [str(path) for path in paths]


def manifest_in(folder):
    return json.loads((folder / "manifest.json").read_text())


def test_a_folder_says_what_it_holds(two, model, tmp_path, capfd):
    folder = tmp_path / "out"
    assert main(["predict", *two, "-m", str(model), "-o", str(folder), "--gain", "1.3", "--json"]) == 0
    out, err = capfd.readouterr()
    manifest = manifest_in(folder)
    assert manifest["files"] == json.loads(out)
    for source, row in zip(two, manifest["files"], strict=True):
        assert row["input"] == source
        assert row["input_sha256"] == hashlib.sha256(Path(source).read_bytes()).hexdigest()
        assert row["model_sha256"] == hashlib.sha256(model.read_bytes()).hexdigest()
        assert (row["events"], row["attempts"]) == (2, 1)
        (warning,) = row["warnings"]
        assert warning in err
        assert row["sha256"] == hashlib.sha256((folder / row["output"]).read_bytes()).hexdigest()
    assert [row["output"] for row in manifest["files"]] == ["first.h5", "second.h5"]
    assert manifest["configuration"]["gain"] == 1.3
    assert "argoscope" in manifest["command"]
    assert sorted(path.name for path in folder.iterdir()) == ["first.h5", "manifest.json", "second.h5"]


def test_a_finished_folder_is_refused_resumed_or_replaced(two, model, tmp_path, capfd):
    folder = tmp_path / "out"
    call = ["predict", *two, "-m", str(model), "-o", str(folder)]
    assert main(call) == 0
    assert main(call) == 2
    (folder / "second.h5").unlink()
    (folder / "first.h5").rename(tmp_path / "kept.h5")
    assert main(call) == 2, "the manifest alone is an output too"
    (tmp_path / "kept.h5").rename(folder / "first.h5")
    capfd.readouterr()
    assert main([*call, "--resume"]) == 0
    first = (folder / "first.h5").read_bytes()
    second, kept = capfd.readouterr().out.splitlines()
    assert second == f"2 events: {folder / 'second.h5'}"
    assert kept == "1 files finished before, left as they are"
    assert [row["unit"] for row in manifest_in(folder)["files"]] == [0, 1]
    assert main([*call, "--resume", "--gain", "1.1"]) == 2
    assert "gain (None in the file, 1.1 asked for)" in capfd.readouterr().err
    assert main([*call, "--overwrite"]) == 0
    assert (folder / "first.h5").read_bytes() != first, "made anew, at another time"


@pytest.mark.parametrize("content", [b"", b"no file of events"])
def test_a_bad_file_is_set_aside_and_the_others_are_predicted(content, two, model, tmp_path, capfd):
    bad, folder = tmp_path / "bad.h5", tmp_path / "out"
    bad.write_bytes(content)
    assert main(["predict", str(bad), *two, "-m", str(model), "-o", str(folder)]) == 4
    out, err = capfd.readouterr()
    assert [line.split(": ")[0] for line in out.splitlines()] == ["2 events", "2 events"]
    assert err.count("bad.h5") == 1
    rows = manifest_in(folder)["files"]
    assert [row["input"] for row in rows if "error" in row] == [str(bad)]
    assert sorted(path.name for path in folder.iterdir()) == ["first.h5", "manifest.json", "second.h5"]
    assert main(["predict", str(bad), "-m", str(model), "-o", str(tmp_path / "none")]) == 3


def test_a_file_that_is_not_there_is_said_before_any_is_predicted(two, model, tmp_path, capfd):
    folder, gone = tmp_path / "out", tmp_path / "gone.h5"
    assert main(["predict", *two, str(gone), "-m", str(model), "-o", str(folder)]) == 3
    assert f"{gone} does not exist" in capfd.readouterr().err
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "words"), [(["-m", "five-clas"], "there is no model"), (["--gain", "0"], r"gain (=0.0)")]
)
def test_what_suits_no_file_is_said_once(two, model, tmp_path, capfd, options, words):
    folder = tmp_path / "out"
    assert main(["predict", *two, "-m", str(model), "-o", str(folder), *options]) == 2
    assert capfd.readouterr().err.count(words) == 1
    assert not folder.exists()


def test_a_run_that_is_stopped_goes_on(two, model, tmp_path, monkeypatch, capfd):
    work = worker.run_unit

    def stopping(child, task):
        if task.unit.source == two[1]:
            raise Stopped("stopped")
        return work(child, task)

    monkeypatch.setattr(run, "run_unit", stopping)
    folder = tmp_path / "out"
    call = ["predict", *two, "-m", str(model), "-o", str(folder)]
    assert main(call) == 75
    assert main(["status", str(folder), "--json"]) == 0
    out, _ = capfd.readouterr()
    assert str(folder / "first.h5") in out.splitlines()[0]
    status = json.loads(out.partition("\n")[2])
    assert (status["units"], status["done"], status["left"], status["running"]) == (2, 1, 1, [".job"])
    monkeypatch.undo()
    assert main(call) == 2
    assert main([*call, "--resume"]) == 0
    assert [row["output"] for row in manifest_in(folder)["files"]] == ["first.h5", "second.h5"]
