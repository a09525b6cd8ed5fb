"""Small events whose classes can be told from where their pixels are, and trainings on them."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from argoscope.events import FIVE_CLASS, IDENTIFIER, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.larcv3_write import write_events
from argoscope.training import run
from argoscope.training.config import config_from
from argoscope.training.run import train

SIDE = 16


@pytest.fixture(autouse=True)
def one_thread():
    """On a busy machine torch's operations wait long for a second thread; none of these tests is about threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@contextmanager
def _without_curves():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "draw_curves", lambda _: None)
        yield


@pytest.fixture(scope="module", autouse=True)
def no_curves():
    """Drawing takes longer than all that is under test here; one test draws."""
    with _without_curves():
        yield


@pytest.fixture(scope="session")
def make_event():
    """Function that makes an event of random pixels: class by the first axis, unlabelled on its last plane."""

    def make(number=0, pixels=40, shape=(SIDE, SIDE, SIDE), scheme=FIVE_CLASS, images=1):
        rng = np.random.default_rng(number)
        made = []
        for plane in range(images):
            rows = np.stack([rng.integers(0, side, pixels) for side in shape], axis=1)
            grid = Grid(shape, projection=plane)
            image = Image.from_points(grid, rows, rng.uniform(0.5, 2.0, pixels).astype(np.float32))
            classes = image.coordinates[:, 0] * 5 // (shape[0] - 1)
            labels = {
                "semantic": LabelColumn(classes.astype(np.int32), scheme),
                "instance": LabelColumn((image.coordinates[:, 1] // 4).astype(np.int32), IDENTIFIER),
            }
            made.append(replace(image, labels=labels))
        return Event(EventId(1, 0, number), tuple(made), detector="cube-192", charge_unit="MeV")

    return make


@pytest.fixture(scope="session")
def samples_folder(tmp_path_factory, make_event):
    """Folder with train.h5, whose events are of many sizes, and check.h5."""
    folder = tmp_path_factory.mktemp("samples")
    sizes = [40, 0, 90, 1, 60, 12, 150, 30]
    training = [make_event(number, pixels) for number, pixels in enumerate(sizes)]
    write_events(folder / "train.h5", training, provenance={"seeds": {"simulation": 7}})
    checking = [make_event(100 + number, 50) for number in range(3)]
    write_events(folder / "check.h5", checking, provenance={"seeds": {"simulation": 900_007}})
    return folder


@pytest.fixture(scope="session")
def make_config(samples_folder):
    """Function that makes the configuration of a tiny training; `data` and others can be changed."""

    def make(data=None, **changes):
        values = {
            "name": "tiny",
            "network": {"extends": "paper4", "filters": 4, "depth": 2},
            "data": {
                "train": {"files": [str(samples_folder / "train.h5")]},
                "validation": {"files": [str(samples_folder / "check.h5")]},
                "augmentation": {"mirror": True, "turn": True, "pixel_gain": 0.1, "overlay": 0.2},
                "least_pixels": 2,
                "keep": True,
                **(data or {}),
            },
            "loss": {"weighting": "inverse"},
            "steps": 8,
            "batch": 4,
            "accelerator": "cpu",
            "validate_every": 4,
            "checkpoint_every": 4,
            **changes,
        }
        return config_from(values, "tiny.yaml")

    return make


@pytest.fixture(scope="session")
def long_config(make_config):
    """Twenty steps, logged and saved often."""
    return make_config(steps=20, validate_every=10, checkpoint_every=5)


@pytest.fixture(scope="session")
def undisturbed(long_config, tmp_path_factory):
    """Folder of the undisturbed run."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    torch.set_num_threads(1)
    with _without_curves():
        train(long_config, folder)
    return folder


@pytest.fixture
def whole(undisturbed, tmp_path):
    """A copy of it, to be changed."""
    return Path(shutil.copytree(undisturbed, tmp_path / "whole"))
