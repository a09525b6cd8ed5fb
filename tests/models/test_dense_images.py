"""Dense networks behind the sparse interface: the order of numbers in memory is theirs to choose."""

from __future__ import annotations

import pytest
import torch

from argoscope.models.builders import build_network
from argoscope.sparse import SparseTensor


@pytest.mark.parametrize("kind", ["paper4-dense", "dense-uresnet"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_dense_networks_are_given_images_with_channels_first(kind, dimensions):
    """With the channels last, torch 2.13 damaged memory in the backward pass of paper 4's network in 2D."""
    network = build_network({"kind": kind, "dimensions": dimensions, "filters": 4, "depth": 2})
    seen = []
    network.network.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0].stride()))
    shape = (16, 12, 8)[:dimensions]
    rows = torch.unique(torch.randint(0, 8, (60, 1 + dimensions)) % 3, dim=0)
    x = SparseTensor.from_coordinates(rows, torch.rand(len(rows), 1), shape=shape, batch_size=3)
    scores = network(x).features
    (scores * torch.rand_like(scores)).sum().backward()
    assert seen[0] == torch.empty(3, 1, *shape).stride()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in network.parameters())
