"""Sparse tensors: to dense and back, joined, united."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.sparse import SparseTensor, concatenate, union


@pytest.mark.parametrize("sites", [(0,), (1,), (0, 30, 0, 7, 0), (126,)])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_dense_and_back_is_the_identity(make_batch, dimensions, sites):
    x = make_batch(dimensions, sites)
    back = SparseTensor.from_dense(x.to_dense())
    np.testing.assert_array_equal(back.index.coordinates, x.index.coordinates)
    np.testing.assert_array_equal(back.index.event_starts, x.index.event_starts)
    assert torch.equal(back.features, x.features)


def test_dense_keeps_charge_and_place():
    x = SparseTensor.from_coordinates([[1, 2, 3]], torch.tensor([[7.0, 8.0]]), shape=(4, 5))
    dense = x.to_dense()
    assert dense.shape == (2, 2, 4, 5)
    assert dense[1, :, 2, 3].tolist() == [7.0, 8.0]
    assert dense.sum() == 15


def test_a_mask_may_hold_active_pixels_without_charge():
    image = torch.zeros(1, 1, 3, 4)
    active = torch.zeros(1, 3, 4, dtype=torch.bool)
    active[0, 1, 2] = True
    assert SparseTensor.from_dense(image, active).index.coordinates.tolist() == [[1, 2]]


def test_events_are_joined_in_order_with_empty_ones():
    nothing = (np.zeros((0, 2), int), torch.zeros(0, 1))
    x = SparseTensor.from_events([nothing, ([[1, 2]], torch.ones(1, 1)), nothing], shape=(4, 5))
    assert [len(part) for part in x.split()] == [0, 1, 0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_concatenation_and_its_gradient(make_batch, dtype):
    x = make_batch(2, (9, 0, 4), channels=3).to(dtype)
    left, right = x.features.requires_grad_(), (2 * x.features[:, :2]).detach().requires_grad_()
    joined = concatenate([x.with_features(left), x.with_features(right)]).features
    assert torch.equal(joined, torch.cat([left, right], dim=1))
    upstream = torch.arange(joined.numel(), dtype=dtype).reshape(joined.shape)
    for got, want in zip(
        torch.autograd.grad(joined, (left, right), upstream), (upstream[:, :3], upstream[:, 3:]), strict=True
    ):
        assert torch.equal(got, want)


def test_union_is_the_sum_of_the_images(make_batch):
    a, b = make_batch(2, (20, 0, 5), seed=1), make_batch(2, (11, 3, 0), seed=2)
    together = union([a, b])
    assert torch.equal(together.to_dense(), a.to_dense() + b.to_dense())
    sites = {
        tuple(s) for t in (a, b) for s in np.column_stack([t.index.events, t.index.coordinates]).tolist()
    }
    assert len(together.index) == len(sites)


def test_features_follow_to_another_dtype(make_batch):
    x = make_batch(2, (3,))
    assert x.to(torch.float32).features.dtype == torch.float32
    assert x.to(torch.float32).index is x.index
