"""`argoscope train` through its arguments: signals, several processes, one-line errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.testing import assert_close

from argoscope.cli.main import main
from argoscope.events import FIVE_CLASS, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.larcv3_write import write_events

ARGOSCOPE = Path(sys.executable).with_name("argoscope")
CONFIG = """
name: tiny
network: {extends: paper4, filters: 4, depth: 2}
data:
  train: {files: [train.h5]}
  validation: {files: [check.h5]}
  augmentation: {mirror: true, pixel_gain: 0.1}
  least_pixels: 2
loss: {weighting: inverse, reduction: pixel-mean}
steps: 20
batch: 4
accelerator: cpu
validate_every: 20
checkpoint_every: 5
"""


@pytest.fixture(autouse=True)
def one_thread():
    """As many as the processes under test have."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def cube(number: int, pixels: int) -> Event:
    rng = np.random.default_rng(number)
    rows, charge = rng.integers(0, 16, (pixels, 3)), rng.uniform(0.5, 2.0, pixels)
    image = Image.from_points(Grid((16, 16, 16)), rows, charge.astype(np.float32))
    labels = LabelColumn((image.coordinates[:, 0] * 5 // 16).astype(np.int32), FIVE_CLASS)
    return Event(EventId(1, 0, number), (replace(image, labels={"semantic": labels}),))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with two samples, an empty event and one of a single pixel among them, and a configuration."""
    write_events(tmp_path / "train.h5", [cube(n, size) for n, size in enumerate([30, 0, 60, 1, 40])])
    write_events(tmp_path / "check.h5", [cube(9, 50)])
    (tmp_path / "tiny.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_training_answers_in_one_line_and_resumes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "tiny.yaml", "-o", "run", "--set", "steps=2", "--threads", "1"]
    assert main(arguments) == 0
    assert "2 steps in" in capsys.readouterr().out
    assert main(arguments) == 2
    assert "holds a run: go on with --resume, or start anew with --overwrite" in capsys.readouterr().err
    assert main([*arguments, "--resume", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["model"], answer["steps"]) == ("run/tiny.safetensors", 2)
    assert 0 <= answer["validation"]["accuracy"] <= 1
    assert main([*arguments, "--init", "run", "--overwrite"]) == 2
    assert "init (=run) lies in the run's own folder run" in capsys.readouterr().err
    assert (folder / "run/tiny.safetensors").exists()


@pytest.mark.slow
def test_a_terminated_group_saves_and_resumes_to_the_same_bytes(folder: Path) -> None:
    """A scheduler signals every process of a job: the worker, too, which must not take the training with it."""
    command = [ARGOSCOPE, "train", "tiny.yaml", "--threads", "1", "--set", "steps=60", "-o", "run"]
    running = subprocess.Popen(
        [*command, "--set", "data.workers=1"], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    while not list(folder.glob("run/checkpoints/step-*.safetensors")):
        assert running.poll() is None, "the run ended before it could be stopped"
        time.sleep(0.01)
    os.killpg(running.pid, signal.SIGTERM)
    error = running.communicate(timeout=120)[1]
    assert running.returncode == 75, error
    # On a slow machine a line of progress stands before it.
    assert error.splitlines()[-1].endswith("go on with --resume")
    assert error.count("argoscope: ") == 1
    for output, more in (("run", ["--resume"]), ("whole", [])):
        assert main(["train", "tiny.yaml", "--set", "steps=60", "-o", output, *more]) == 0
    for name in ("tiny.safetensors", "best/tiny.safetensors", "validation.csv"):
        assert (folder / "run" / name).read_bytes() == (folder / "whole" / name).read_bytes()


@pytest.mark.slow
def test_two_processes_one_of_them_killed_are_one_with_the_joined_batch(folder: Path) -> None:
    """Normalization, divisor and gradients are of the joint batch; some of the parts have no pixel."""
    psutil = pytest.importorskip("psutil")
    changes = ["precision=64-true", "optimizer.clip=1.0", "steps=30", "validate_every=30", "loss.gamma=1.0"]
    options = [word for change in changes for word in ("--set", change)]
    command = [ARGOSCOPE, "train", "tiny.yaml", "-o", "two", "--json", "--threads", "1", *options]
    command += ["--set", "devices=2", "--set", "checkpoint_every=1"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(folder.glob("two/checkpoints/step-*.safetensors")):
        assert running.poll() is None, "the run ended before it could be stopped"
        time.sleep(0.005)
    (other,) = psutil.Process(running.pid).children()
    other.kill()
    error = running.communicate(timeout=120)[1]
    assert running.returncode == 75, error
    assert "another process of the training ended" in error
    two = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=True)
    assert main(["train", "tiny.yaml", "-o", "one", *options]) == 0
    one, joined = (load_file(folder / name / "tiny.safetensors") for name in ("one", "two"))
    for name, tensor in one.items():
        assert_close(joined[name], tensor, rtol=0.0, atol=1e-10)
    assert json.loads(two.stdout)["model"] == "two/tiny.safetensors"
    logs = [
        [row.split(",")[:2] for row in (folder / n / "steps.csv").read_text().split()] for n in ("one", "two")
    ]
    assert logs[0] == logs[1]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["none.yaml"], 3, "none.yaml"),
        (["tiny.yaml", "--set", "stesp=3"], 2, "Did you mean 'steps'?"),
        (["tiny.yaml", "--set", "optimizer.rate=1e-4"], 2, "YAML reads this as text: write 0.0001)"),
        (["tiny.yaml", "--set", "data.train.files=[gone.h5]"], 3, "gone.h5"),
        (["tiny.yaml", "--set", "devices=3"], 2, "batch (=4) must be divisible"),
        (["tiny.yaml", "--set", "optimizer.rate=1.0e+30", "--set", "steps=3"], 2, "set optimizer.clip"),
        (["tiny.yaml", "--init", "paper-4"], 2, "there is no model 'paper-4'"),
    ],
)
def test_impossible_trainings_are_refused_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, words: str
) -> None:
    assert main(["train", *arguments, "-o", "run"]) == code
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_an_unwritable_place_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "file").write_text("")
    assert main(["train", "tiny.yaml", "-o", "file"]) == 2
    assert "the output file is a file: name a folder" in capsys.readouterr().err
    assert main(["train", "tiny.yaml", "-o", "file/run"]) == 6
    assert "file/run could not be written" in capsys.readouterr().err
