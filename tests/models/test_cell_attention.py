"""Attention between cells is its formula, cell by cell, within each image."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.models.cell_attention import CellAttention, cell_positions
from argoscope.sparse import SparseTensor

SHAPE = (9, 5)
CHANNELS, HEADS = 8, 2


def made(sizes=(12, 0, 1, 20), seed=0):
    """Cells of several images, one of them empty and one of a single cell; double precision."""
    rng = np.random.default_rng(seed)
    rows = [
        (event, *np.unravel_index(place, SHAPE))
        for event, size in enumerate(sizes)
        for place in np.sort(rng.choice(math.prod(SHAPE), size, replace=False))
    ]
    features = torch.from_numpy(rng.normal(size=(len(rows), CHANNELS)))
    return SparseTensor.from_coordinates(np.array(rows), features, shape=SHAPE, batch_size=len(sizes))


def attention(layers=2):
    torch.manual_seed(1)
    module = CellAttention(CHANNELS, stride=16, layers=layers, heads=HEADS).double()
    for weight in module.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return module.eval()


def slow(module, x):
    """The formula, with loops over images, heads and cells."""
    h = (
        x.features
        + torch.from_numpy(cell_positions(x.index, 16)) @ module.position.weight
        + module.position.bias
    )
    images = torch.from_numpy(x.index.events)
    for layer in module.layers:
        read = layer.norm(h) @ layer.queries_keys_values.weight + layer.queries_keys_values.bias
        query, key, value = (part.reshape(len(h), HEADS, -1) for part in read.chunk(3, dim=1))
        answer = torch.zeros_like(query)
        for cell in range(len(h)):
            same = images == images[cell]
            for head in range(HEADS):
                scores = key[same, head] @ query[cell, head] / math.sqrt(query.shape[2])
                answer[cell, head] = scores.softmax(0) @ value[same, head]
        h = h + answer.reshape(len(h), -1) @ layer.out.weight + layer.out.bias
        hidden = (layer.second_norm(h) @ layer.first.weight + layer.first.bias).relu()
        h = h + hidden @ layer.second.weight + layer.second.bias
    return h


def test_it_is_the_formula():
    x, module = made(), attention()
    with torch.no_grad():
        # Double precision leaves rounding alone.
        torch.testing.assert_close(module(x).features, slow(module, x), rtol=0, atol=1e-12)


def test_gradients_are_those_of_the_formula():
    x, module = made(), attention()
    weights = torch.from_numpy(np.random.default_rng(2).normal(size=x.features.shape))
    fast = torch.autograd.grad((module(x).features * weights).sum(), list(module.parameters()))
    defined = torch.autograd.grad((slow(module, x) * weights).sum(), list(module.parameters()))
    for got, wanted in zip(fast, defined, strict=True):
        torch.testing.assert_close(got, wanted, rtol=1e-9, atol=1e-10)


def test_a_new_network_only_adds_positions():
    x = made()
    module = CellAttention(CHANNELS, stride=16, layers=2, heads=HEADS).double()
    places = torch.from_numpy(cell_positions(x.index, 16))
    torch.testing.assert_close(module(x).features, x.features + places @ module.position.weight)


@pytest.mark.parametrize("sizes", [(0,), (0, 0)])
def test_no_cell_at_all(sizes):
    x = made(sizes=(3,))
    empty = SparseTensor.from_coordinates(
        np.zeros((0, 3), np.int64), x.features[:0], shape=SHAPE, batch_size=len(sizes)
    )
    assert attention()(empty).features.shape == (0, CHANNELS)


def test_positions_tell_all_cells_of_a_plane_apart():
    x = SparseTensor.from_coordinates(
        np.array([[0, wire, time] for wire in range(216) for time in range(63)]), torch.zeros(216 * 63, 1), shape=(216, 63)
    )  # fmt: skip
    assert len(np.unique(cell_positions(x.index, 16).round(6), axis=0)) == 216 * 63


def test_channels_that_heads_cannot_share_are_refused():
    with pytest.raises(InvalidArgument, match=r"channels \(=10\) must be divisible by heads \(=4\)"):
        CellAttention(10, stride=16, layers=1)
