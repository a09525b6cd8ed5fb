"""Microscopic reproductions: every study in seconds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from argoscope.papers import measuring
from argoscope.papers.paper0_studies.sizes import SMALL as SMALL_SBND
from argoscope.papers.paper1_studies.sizes import SMALL as SMALL_INTERACTIONS
from argoscope.papers.paper3_studies.sizes import SMALL as SMALL_PLANES
from argoscope.papers.paper4_studies.sizes import SMALL, Place
from argoscope.papers.study import Context


@pytest.fixture(autouse=True)
def one_thread():
    """On a busy machine torch's operations wait long for a second thread; none of these tests is about threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def measured_here(monkeypatch):
    """Measurements within this process: quick, but of its memory they say nothing."""

    def here(statement):
        names = {}
        exec(statement, names)  # noqa: S102  # our own code
        result = json.loads(json.dumps(names["result"]))
        data = {"data_gb": 1.0} if "data_gb" in result else {}
        return {"result": {**result, **data}, "peak_mb": 1.0, "process_mb": 2.0}

    monkeypatch.setattr(measuring, "peak_of", here)


@pytest.fixture
def context(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    return Context(folder, "small")


@pytest.fixture(scope="session")
def tiny_sizes():
    """Sizes with which a study takes a second or two."""
    window = Place("cube-192", 16)
    return replace(
        SMALL, scale="tiny", train_events=6, validation_events=3, test_events=6, steps=2, batch=2,
        scan=window, filters=(1, 2, 3), depths=(6, 5, 4), labels=window, label_start="", label_filters=4,
        images=(window, Place("cube-192", 24), Place("cube-192", 32)), image_filters=2,
        dense=Place("cube-192", 64), dense_batch=2, dense_steps=1, dense_events=4,
        plane=Place("square-512", 64), plane_batch=2, plane_steps=2, snapshots=(1, 2), shares=(1, 3),
        headline=((Place("cube-512", 32), 4), (Place("cube-192"), 3)), voxel_events=4,
        cube_costs=(("dense", "cube-192", 1, ("test",)), ("sparse", "cube-192", 1, ("test", "train"))),
        plane_costs=(("dense", 1), ("sparse", 1), ("sparse", 3)), filter_costs=((1, 2),), cost_filters=1,
    )  # fmt: skip


@pytest.fixture(scope="session")
def cubes_context(tmp_path_factory):
    """One folder for all tests of paper 4: samples and networks are made once."""
    return Context(tmp_path_factory.mktemp("paper4"), "small")


@pytest.fixture(scope="session")
def tiny_planes():
    """Sizes of paper 3 with which a study takes a few seconds."""
    return replace(
        SMALL_PLANES, scale="tiny", test_events=3, neutrino_events=3, variation_events=2, train_events=3,
        validation_events=2, window=48, start="", filters=2, steps=2, batch=2, cost_filters=2, cost_pixels=(1, 1_000_000),
        dense_window=64,
    )  # fmt: skip


@pytest.fixture(scope="session")
def planes_context(tmp_path_factory):
    """One folder for all tests of paper 3: samples and networks are made once."""
    return Context(tmp_path_factory.mktemp("paper3"), "small")


@pytest.fixture(scope="session")
def tiny_sbnd():
    """Sizes of paper 0 with which a study takes a few seconds."""
    return replace(
        SMALL_SBND, scale="tiny", test_events=4, cosmic_events=2, dirt_events=1, train_events=3, validation_events=2,
        reduced=16, filters=2, depth=2, steps=2, batch=1, warmup=0, sparse_filters=2, sparse_depth=2, sparse_steps=2,
        sparse_batch=1, cost_filters=1, cost_events=2,
    )  # fmt: skip


@pytest.fixture(scope="session")
def sbnd_context(tmp_path_factory):
    """One folder for all tests of paper 0: samples and networks are made once."""
    return Context(tmp_path_factory.mktemp("paper0"), "small")


@pytest.fixture(scope="session")
def tiny_interactions():
    """Sizes of paper 1 with which a study takes a few seconds."""
    return replace(
        SMALL_INTERACTIONS, scale="tiny", test_events=3, low_events=2, offbeam_events=2, train_events=3,
        validation_events=2, window=96, filters=4, steps=2, batch=2, contest_events=2, box_width=32, cost_width=32,
    )  # fmt: skip


@pytest.fixture(scope="session")
def interactions_context(tmp_path_factory):
    """One folder for all tests of paper 1: samples and networks are made once."""
    return Context(tmp_path_factory.mktemp("paper1"), "small")


@pytest.fixture
def no_shipped_models(monkeypatch):
    """As in an installation that has no weights: what is trained here alone can be found."""
    monkeypatch.setattr("argoscope.models.cards.shipped_models", dict)
    monkeypatch.setattr("argoscope.papers.finished.shipped_models", dict)
