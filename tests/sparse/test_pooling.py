"""Pooling over active sites is dense pooling that leaves out the others."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from argoscope.sparse import SparseTensor, global_pool, max_pool, mean_pool

SITES = [(0,), (1,), (0, 25, 0, 9, 0), (126,)]


def windows(x, fill, kernel):
    """Dense windows of the batch, shape (events, channels, *coarse sides, pixels), `fill` where no site is."""
    active = x.with_features(torch.ones_like(x.features)).to_dense()
    image = torch.where(active > 0, x.to_dense(), torch.tensor(fill, dtype=x.features.dtype))
    before = kernel // 2 if kernel % 2 else 0
    padding = []
    for side in reversed(x.index.shape):
        padding += [before, max(2 * ((side + 1) // 2 - 1) - before + kernel - side, 0)]
    image = F.pad(image, padding, value=fill)
    for axis in range(x.index.dimensions):
        image = image.unfold(2 + axis, kernel, 2)
    return image.flatten(2 + x.index.dimensions)


@pytest.mark.parametrize("kernel", [2, 3])
@pytest.mark.parametrize("sites", SITES)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_max_pool(make_batch, at_sites, dimensions, sites, kernel):
    x = make_batch(dimensions, sites)
    x = x.with_features(x.features.requires_grad_())
    y = max_pool(x, kernel=kernel)
    want = at_sites(windows(x, -torch.inf, kernel).amax(-1), y.index)
    assert_close(y.features, want, rtol=0, atol=0)
    upstream = torch.randn(want.shape, dtype=want.dtype)
    got = torch.autograd.grad(y.features, x.features, upstream)
    assert_close(got, torch.autograd.grad(want, x.features, upstream), rtol=0, atol=1e-14)


@pytest.mark.parametrize("kernel", [2, 3])
@pytest.mark.parametrize("sites", SITES)
@pytest.mark.parametrize("dimensions", [2, 3])
def test_mean_pool(make_batch, at_sites, dimensions, sites, kernel):
    x = make_batch(dimensions, sites)
    x = x.with_features(x.features.requires_grad_())
    y = mean_pool(x, kernel=kernel)
    number = windows(x.with_features(torch.ones_like(x.features)), 0.0, kernel).sum(-1)
    want = at_sites(windows(x, 0.0, kernel).sum(-1) / number.clamp_min(1), y.index)
    assert_close(y.features, want, rtol=0, atol=1e-14)
    upstream = torch.randn(want.shape, dtype=want.dtype)
    got = torch.autograd.grad(y.features, x.features, upstream)
    assert_close(got, torch.autograd.grad(want, x.features, upstream), rtol=0, atol=1e-14)


@pytest.mark.parametrize("kind", ["mean", "max", "sum"])
@pytest.mark.parametrize("sites", SITES)
def test_global_pool(make_batch, sites, kind):
    x = make_batch(2, sites)
    x = x.with_features(x.features.requires_grad_())
    got = global_pool(x, kind=kind)
    zero = torch.zeros(x.features.shape[1], dtype=torch.float64)
    function = {"mean": lambda f: f.mean(0), "max": lambda f: f.amax(0), "sum": lambda f: f.sum(0)}[kind]
    want = torch.stack([function(part) if len(part) else zero for part in x.split()])
    assert_close(got, want, rtol=0, atol=1e-13)
    if sum(sites):
        upstream = torch.randn(want.shape, dtype=want.dtype)
        mine = torch.autograd.grad(got, x.features, upstream)
        assert_close(mine, torch.autograd.grad(want, x.features, upstream), rtol=0, atol=1e-13)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("kind", ["mean", "max", "sum"])
def test_global_pool_of_many_sites_is_rounded_once(kind, dtype):
    rows = torch.cartesian_prod(torch.zeros(1, dtype=torch.long), torch.arange(100), torch.arange(100))
    features = torch.ones(10_000, 1, dtype=dtype) * 0.1
    x = SparseTensor.from_coordinates(rows, features, shape=(100, 100))
    want = 10_000 * features[0].double() if kind == "sum" else features[0].double()
    assert global_pool(x, kind=kind).tolist() == [want.to(dtype).tolist()]


@pytest.mark.parametrize("kind", ["mean", "max", "sum"])
def test_global_pool_has_second_derivatives(make_batch, kind):
    x = make_batch(2, (7, 0, 4), channels=2)

    def pooled(features):
        return global_pool(x.with_features(features**3), kind=kind) ** 2

    assert torch.autograd.gradgradcheck(pooled, x.features.clone().requires_grad_())


@pytest.mark.parametrize("kind", ["mean", "max", "sum"])
def test_global_pool_of_an_empty_batch_has_a_gradient(make_batch, kind):
    x = make_batch(2, (0, 0))
    features = x.features.requires_grad_()
    pooled = global_pool(x.with_features(features), kind=kind)
    pooled.sum().backward()
    assert pooled.tolist() == [[0.0] * 3] * 2
    assert features.grad.shape == (0, 3)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_mean_pool_sums_in_single_precision(dtype):
    rows = torch.cartesian_prod(torch.zeros(1, dtype=torch.long), torch.arange(2), torch.arange(2))
    # The sum of four such is beyond float16; one and three parts in 2**8 are lost in sums of bfloat16.
    features = torch.tensor([[60000.0], [60032.0], [60064.0], [60096.0]]).to(dtype)
    x = SparseTensor.from_coordinates(rows, features, shape=(2, 2))
    y = mean_pool(x).features
    assert y.dtype == dtype
    assert torch.equal(y, features.double().mean(0, keepdim=True).to(dtype))


def test_max_pool_gives_the_gradient_of_equal_features_to_the_first():
    rows = [[0, 0, 1], [0, 1, 0], [0, 1, 1]]
    features = torch.tensor([[2.0], [2.0], [2.0]], requires_grad=True)
    max_pool(SparseTensor.from_coordinates(rows, features, shape=(2, 2))).features.sum().backward()
    assert features.grad.flatten().tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_max_pool_of_what_is_no_number_is_none(place):
    features = torch.tensor([[1.0], [5.0], [3.0]])
    features[place] = torch.nan
    x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0], [0, 1, 1]], features, shape=(2, 2))
    assert max_pool(x).features.isnan().all()
    assert global_pool(x, kind="max").isnan().all()
