"""Trainings end with the same weights, bit for bit, whatever interrupts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from safetensors import SafetensorError
from tests.training.runs import after, same_run, steps_kept

from argoscope.errors import IntegrityError, InvalidArgument, Stopped, StorageError
from argoscope.models import tensor_files
from argoscope.training import checkpoints, run
from argoscope.training.config import config_to_yaml
from argoscope.training.log import read_log
from argoscope.training.run import train


def test_a_stopped_run_resumes_to_the_same_bytes(whole, long_config, tmp_path):
    for asked in (3, 7):
        with pytest.raises(Stopped, match="go on with --resume"):
            train(long_config, tmp_path / "run", resume=True, stop=after(asked))
    train(long_config, tmp_path / "run", resume=True)
    assert same_run(tmp_path / "run", whole)


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_bytes(whole, long_config, tmp_path):
    """Two workers feed it; SIGKILL leaves it no time to write anything."""
    folder, text = tmp_path / "run", tmp_path / "tiny.yaml"
    text.write_text(config_to_yaml(replace(long_config, data=replace(long_config.data, workers=2))))
    code = (
        "import sys, torch; from pathlib import Path; from argoscope.training.config import load_config;"
        "from argoscope.training.run import train; torch.set_num_threads(1);"
        "__name__ == '__main__' and train(load_config(sys.argv[1]), Path(sys.argv[2]), "
        "report=lambda _, done, all: done == 8 and __import__('time').sleep(60))"
    )
    (tmp_path / "child.py").write_text(code)
    child = subprocess.Popen([sys.executable, tmp_path / "child.py", text, folder])
    until = time.monotonic() + 120
    while steps_kept(folder) != [5] and child.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert steps_kept(folder) == [5]
    train(long_config, folder, resume=True)
    assert same_run(folder, whole)


def test_a_run_killed_before_its_last_weights_writes_them(whole, long_config, tmp_path, monkeypatch):
    def end(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "_finish", end)
    with pytest.raises(KeyboardInterrupt):
        train(long_config, tmp_path / "run")
    monkeypatch.undo()
    train(long_config, tmp_path / "run", resume=True)
    assert same_run(tmp_path / "run", whole)
    cards = [json.loads((folder / "tiny.json").read_text()) for folder in (whole, tmp_path / "run")]
    assert cards[0]["metrics"] == cards[1]["metrics"]


def test_resuming_a_finished_run_changes_nothing(whole, long_config):
    before = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    answer = train(long_config, whole, resume=True)
    assert before == {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    assert answer["validation"]["accuracy"] == pytest.approx(
        float(read_log(whole / "validation.csv")[-1]["accuracy"]), rel=1e-6
    )


def test_the_damaged_last_checkpoint_costs_only_its_steps(whole, long_config, tmp_path):
    folder = tmp_path / "run"
    with pytest.raises(Stopped):
        train(long_config, folder, stop=after(12))
    assert steps_kept(folder) == [10, 12]
    path = checkpoints.checkpoints_in(folder / "checkpoints")[-1]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="is damaged"):
        train(long_config, folder, resume=True)
    assert same_run(folder, whole)


def test_all_checkpoints_damaged_is_an_error(long_config, tmp_path):
    with pytest.raises(Stopped):
        train(long_config, tmp_path, stop=after(6))
    for path in checkpoints.checkpoints_in(tmp_path / "checkpoints"):
        path.write_bytes(b"")
    with (
        pytest.warns(UserWarning, match="damaged"),
        pytest.raises(IntegrityError, match="none of them is whole"),
    ):
        train(long_config, tmp_path, resume=True)


def test_a_full_disk_costs_no_step_before(whole, long_config, tmp_path, monkeypatch):
    folder, save = tmp_path / "run", tensor_files.save_file
    monkeypatch.setattr(
        tensor_files,
        "save_file",
        lambda *given, **more: full() if steps_kept(folder) else save(*given, **more),
    )

    def full():
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    with pytest.raises(StorageError, match="the disk is full: free some space"):
        train(long_config, folder)
    assert steps_kept(folder) == [5]
    monkeypatch.undo()
    train(long_config, folder, resume=True)
    assert same_run(folder, whole)


def test_a_resumed_run_does_not_need_its_first_model(whole, long_config, tmp_path):
    config = replace(long_config, init=str(whole))
    with pytest.raises(Stopped):
        train(config, tmp_path / "run", stop=after(3))
    (whole / "tiny.safetensors").unlink()
    train(config, tmp_path / "run", resume=True)
    with pytest.raises(InvalidArgument, match="holds 0 models"):
        train(config, tmp_path / "new")
