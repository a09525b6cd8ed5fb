"""Sparse tensors: to dense and back, joined, united."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
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


HIT = ([[1, 2]], torch.ones(1, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SparseTensor.from_events([HIT, ([[1.7, 2.0]], torch.ones(1, 1))], shape=(4, 5)), r"event 1 have dtype float64"),
        (lambda: SparseTensor.from_events([([[1, 2]], torch.ones(2, 1)), ([[1, 2], [3, 3]], torch.ones(1, 1))], shape=(4, 5)), r"features of event 0 have shape \(2, 1\)"),
        (lambda: SparseTensor.from_events([([[1, 2, 3], [1, 1, 1]], torch.ones(3, 1))], shape=(4, 5)), r"event 0 have shape \(2, 3\); .* \(sites, 2\)"),
        (lambda: SparseTensor.from_events([([1, 2], torch.ones(1, 1))], shape=(4, 5)), r"event 0 have shape \(2,\)"),
        (lambda: SparseTensor.from_events([HIT, ([[1, 2]], torch.ones(1, 2))], shape=(4, 5)), r"number 0 has 1 and number 1 has 2"),
        (lambda: SparseTensor.from_events([HIT], shape=5), r"shape \(=5\)"),
        (lambda: SparseTensor.from_coordinates([[0, 1, 1]], torch.ones(1, 1), shape=(4, 5), duplicates="mean"), r"duplicates \(='mean'\) must be 'refuse' or 'sum'"),
        (lambda: SparseTensor.from_coordinates([[0, 1, 1]], torch.ones(1, 1), shape=(4, 5), duplicates="merge"), r"duplicates \(='merge'\) must be 'refuse' or 'sum'"),
        (lambda: concatenate([]), r"to concatenate \(=\[\]\) must be at least one"),
        (lambda: union([]), r"to unite \(=\[\]\) must be at least one"),
        (lambda: union([SparseTensor.from_events([([[1, 2]], torch.ones(1, n))], shape=(4, 5)) for n in (1, 2)]), r"unite must have the same number of channels; number 0 has 1 and number 1 has 2"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_refused(call, message):
    with pytest.raises(InvalidArgument, match=message):
        call()


def test_events_without_sites_may_be_of_any_shape():
    x = SparseTensor.from_events(
        [([], torch.ones(0, 1)), HIT, (torch.zeros(0, 2), torch.ones(0, 1))], shape=(4, 5)
    )
    assert np.diff(x.index.event_starts).tolist() == [0, 1, 0]


def test_the_gradient_of_a_union_is_that_of_the_sum(make_batch):
    a, b = make_batch(2, (9, 0, 4), seed=1), make_batch(2, (11, 3, 0), seed=2)
    inputs = [t.features.clone().requires_grad_() for t in (a, b)]
    tensors = [t.with_features(f) for t, f in zip((a, b), inputs, strict=True)]
    together, want = union(tensors).to_dense(), tensors[0].to_dense() + tensors[1].to_dense()
    upstream = torch.randn(want.shape, dtype=want.dtype)
    got = torch.autograd.grad(together, inputs, upstream)
    assert all(map(torch.equal, got, torch.autograd.grad(want, inputs, upstream)))


def test_the_gradient_of_the_union_of_nothing(make_batch):
    features = torch.zeros(0, 3, dtype=torch.float64, requires_grad=True)
    nothing = make_batch(2, (0, 0)).with_features(features)
    union([nothing, nothing]).features.sum().backward()
    assert features.grad.shape == (0, 3)


def test_dense_images_are_read_where_the_sites_are(make_batch):
    x = make_batch(3, (9, 0, 4))
    assert torch.equal(x.read_dense(x.to_dense()).features, x.features)
    assert x.read_dense(x.to_dense()).index is x.index
    image = torch.randn(3, 2, *x.index.shape, dtype=torch.float64, requires_grad=True)
    read = x.read_dense(image).features
    for row, (event, pixel) in enumerate(zip(x.index.events, x.index.coordinates, strict=True)):
        assert torch.equal(read[row], image[(event, slice(None), *pixel)])
    read.sum().backward()
    assert image.grad.sum() == 2 * 13
