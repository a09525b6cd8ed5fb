"""Small untrained networks with their cards, as files: a fixture for the tests of every package that asks for it."""

from __future__ import annotations

import pytest
import torch

from argoscope.models.builders import build_network, resolved
from argoscope.models.cards import Card
from argoscope.models.preparation import Preparation
from argoscope.models.weights import save_model

__all__ = ["make_model"]


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
