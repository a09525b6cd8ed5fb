"""SIGKILL at random moments: the next run completes, its output that of an undisturbed one, no final name broken.

Runs are forked from a process that has imported everything, so that moments
fall into the work; `argoscope benchmark jobs` kills whole commands, more often.
"""

from __future__ import annotations

import importlib
import os
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from argoscope.benchmarks._kills import datasets, killed_runs
from argoscope.drawn import drawn_event
from argoscope.files.larcv3_write import write_events
from tests.cli.test_train import CONFIG, cube

KILLS = 5


def simulated(again: bool) -> None:
    from argoscope.simulation.run import Order, simulate

    simulate(Order(preset="cube-192", events=30, seed=5), Path("out.h5"), resume=again)


def converted(again: bool) -> None:
    from argoscope.files.convert import convert

    convert("../in.h5", "out.h5", resume=again)


def predicted(again: bool) -> None:
    from argoscope.inference.predict import predict_file

    predict_file("../in.h5", "out.h5", model=next(Path("..").glob("model-*/*.safetensors")), resume=again)


def trained(again: bool) -> None:
    from argoscope.training.config import load_config
    from argoscope.training.run import train

    train(load_config("../tiny.yaml", ["steps=30"]), Path("run"), resume=again)


WORK = {"simulate": simulated, "convert": converted, "predict": predicted, "train": trained}


def work_in(folder: str, name: str, again: bool) -> None:
    """What a forked process does."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    os.chdir(folder)
    WORK[name](again)


class Forked:
    """A run forked from a process that has imported everything."""

    def __init__(self, context, folder: Path, name: str, again: bool) -> None:
        self.process = context.Process(target=work_in, args=(str(folder), name, again))
        self.process.start()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def ended(self, seconds=None):
        self.process.join(seconds)
        return self.process.exitcode


@pytest.fixture(scope="module")
def context():
    found = get_context("forkserver")
    found.set_forkserver_preload(
        ["argoscope.simulation.run", "argoscope.inference.predict", "argoscope.training.run", "lightning_fabric",
         "argoscope.files.convert", "tests.jobs.test_kills"]
    )  # fmt: skip
    return found


def output_of(name: str, folder: Path):
    path = folder / ("run/tiny.safetensors" if name == "train" else "out.h5")
    if not path.exists():
        return None
    return path.read_bytes() if name == "train" else datasets(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", WORK)
def test_a_run_killed_at_any_moment_goes_on_to_the_same_output(name, tmp_path, context, make_model) -> None:
    if name in {"convert", "predict"}:
        write_events(tmp_path / "in.h5", [drawn_event(number) for number in range(30)])
        make_model()
    if name == "train":
        write_events(tmp_path / "train.h5", [cube(n, size) for n, size in enumerate([30, 0, 60, 1, 40])])
        write_events(tmp_path / "check.h5", [cube(9, 50)])
        text = CONFIG.replace("train.h5", str(tmp_path / "train.h5")).replace(
            "check.h5", str(tmp_path / "check.h5")
        )
        (tmp_path / "tiny.yaml").write_text(text)
    answer = killed_runs(
        lambda folder, again: Forked(context, folder, name, again),
        lambda folder: output_of(name, folder),
        tmp_path,
        kills=KILLS,
        rng=np.random.default_rng(len(name)),
    )
    assert answer["kills"] == KILLS, answer
    assert (answer["broken"], answer["unfinished"], answer["different"]) == (0, 0, 0), answer
