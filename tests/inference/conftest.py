"""A small untrained network with its card, and a file of drawn events."""

from __future__ import annotations

import pytest
import torch

from argoscope.drawn import drawn_event
from argoscope.files.larcv3_write import write_events
from argoscope.models.builders import build_network, resolved
from argoscope.models.preparation import Preparation
from argoscope.models.weights import Card, save_model


@pytest.fixture(autouse=True)
def one_thread():
    """On a busy machine torch's operations wait long for a second thread; none of these tests is about threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def make_model(tmp_path):
    """Write a model of two planes of MicroBooNE; keyword arguments change its card."""

    def make(name="small", **changes):
        network = resolved({"kind": "uresnet", "dimensions": 2, "filters": 4, "depth": 2, "blocks": 1})
        card = {
            "task": "five-class",
            "network": network,
            "preparation": Preparation(planes=(2, 0), least=10.0, most=300.0),
            "scheme": "five-class",
            "charge_unit": "PIU",
            **changes,
        }
        torch.manual_seed(5)
        folder = tmp_path / f"model-{name}"
        folder.mkdir()
        return save_model(folder, build_network(card["network"]), Card(name=name, **card))

    return make


@pytest.fixture
def events_file(tmp_path):
    path = tmp_path / "drawn.h5"
    write_events(path, [drawn_event(seed) for seed in range(3)])
    return path
