"""A sparse convolution is the dense convolution, read at the active sites.

Sites without charge hold zero, so a dense convolution of the same images is an
exact reference [Graham & van der Maaten, arXiv:1706.01307]. Every backend is
held to it, output and all gradients. Double precision leaves only rounding: at
most 7**3 * 3 products of numbers of order 1 are summed, hence TOLERANCE.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from argoscope.sparse import (
    SparseTensor,
    inverse_convolution,
    pointwise_convolution,
    strided_convolution,
    submanifold_convolution,
)
from argoscope.sparse.reference import strided_sites

TOLERANCE = {"rtol": 0.0, "atol": 1e-11}
BATCHES = {
    "nothing": (0,),
    "one site": (1,),
    "several, with empty ones": (0, 30, 0, 17, 0),
    "full": (126, 5),
}
BACKENDS = ("reference", "torch", "numba")
STRIDED = [(2, 2), (2, 3), (2, 5), (2, 7), (3, 2), (3, 3), (3, 5), (3, 7)]


def random_weight(*shape, seed=1, dtype=torch.float64):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(rng.normal(size=shape)).to(dtype).requires_grad_()


def fewer(sites, backend, offsets):
    """The reference is a Python loop over sites and offsets."""
    return tuple(min(count, 12) for count in sites) if backend == "reference" and offsets > 50 else sites


def assert_same_with_gradients(got, want, inputs):
    assert_close(got, want, **TOLERANCE)
    upstream = torch.from_numpy(np.random.default_rng(9).normal(size=tuple(want.shape)))
    computed = torch.autograd.grad(got, inputs, upstream)
    expected = torch.autograd.grad(want, inputs, upstream)
    for mine, theirs in zip(computed, expected, strict=True):
        assert_close(mine, theirs, **TOLERANCE)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("sites", BATCHES.values(), ids=BATCHES.keys())
@pytest.mark.parametrize(
    ("dimensions", "kernel"), [(2, 1), (2, 3), (2, 5), (2, 7), (3, 1), (3, 3), (3, 5), (3, 7)]
)
def test_submanifold_is_dense_at_the_sites(
    make_batch, at_sites, dense_convolution, dimensions, kernel, sites, backend
):
    x = make_batch(dimensions, fewer(sites, backend, kernel**dimensions))
    x = x.with_features(x.features.requires_grad_())
    weight, bias = random_weight(kernel**dimensions, 3, 5), random_weight(5)
    got = submanifold_convolution(x, weight, bias, kernel=kernel, backend=backend).features
    want = at_sites(dense_convolution(x.to_dense(), weight, kernel), x.index) + bias
    assert_same_with_gradients(got, want, (x.features, weight, bias))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("sites", BATCHES.values(), ids=BATCHES.keys())
@pytest.mark.parametrize(("dimensions", "kernel"), STRIDED)
def test_strided_is_dense_at_the_coarser_sites(
    make_batch, at_sites, dense_convolution, dimensions, kernel, sites, backend
):
    x = make_batch(dimensions, fewer(sites, backend, kernel**dimensions))
    x = x.with_features(x.features.requires_grad_())
    weight, bias = random_weight(kernel**dimensions, 3, 4), random_weight(4)
    y = strided_convolution(x, weight, bias, kernel=kernel, backend=backend)
    dense = dense_convolution(x.to_dense(), weight, kernel, stride=2)
    assert tuple(dense.shape[2:]) == y.index.shape
    assert_same_with_gradients(y.features, at_sites(dense, y.index) + bias, (x.features, weight, bias))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("sites", BATCHES.values(), ids=BATCHES.keys())
@pytest.mark.parametrize(("dimensions", "kernel"), STRIDED)
def test_inverse_is_the_dense_transpose_at_the_finer_sites(
    make_batch, at_sites, dense_weight, dimensions, kernel, sites, backend
):
    fine = make_batch(dimensions, fewer(sites, backend, kernel**dimensions)).index
    _, coarse = fine.coarser(kernel)
    rng = np.random.default_rng(3)
    x = SparseTensor(torch.from_numpy(rng.normal(size=(len(coarse), 3))).requires_grad_(), coarse)
    weight, bias = random_weight(kernel**dimensions, 3, 4), random_weight(4)
    got = inverse_convolution(x, weight, bias, onto=fine, kernel=kernel, backend=backend).features

    transpose = F.conv_transpose2d if dimensions == 2 else F.conv_transpose3d
    pad = kernel // 2 if kernel % 2 else 0
    # conv_transpose wants (in, out, ...); one pixel of output padding covers even sides.
    turned = dense_weight(weight, kernel, dimensions).transpose(0, 1)
    dense = transpose(x.to_dense(), turned, stride=2, padding=pad, output_padding=1 if kernel % 2 else 0)
    assert_same_with_gradients(got, at_sites(dense, fine) + bias, (x.features, weight, bias))


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("kernel", [2, 3, 5, 7])
def test_coarser_sites_are_those_whose_window_holds_a_site(make_batch, dimensions, kernel):
    index = make_batch(dimensions, (0, 20, 1, 0)).index
    _, coarse = index.coarser(kernel)
    found = np.column_stack([coarse.events, coarse.coordinates])
    np.testing.assert_array_equal(found, strided_sites(index, kernel))


@pytest.mark.parametrize("backend", BACKENDS)
def test_pointwise_is_a_matrix_product(make_batch, backend):
    x = make_batch(2, (12, 0, 7))
    weight, bias = random_weight(3, 6), random_weight(6)
    got = pointwise_convolution(x, weight, bias, backend=backend).features
    assert_same_with_gradients(got, x.features @ weight + bias, (weight, bias))


@pytest.mark.parametrize("backend", BACKENDS)
def test_addend_is_added_and_gets_the_gradient(make_batch, backend):
    x = make_batch(2, (12, 0, 7))
    addend = x.with_features(random_weight(19, 4, seed=5))
    weight = random_weight(9, 3, 4)
    got = submanifold_convolution(x, weight, addend=addend, backend=backend).features
    want = submanifold_convolution(x, weight, backend="reference").features + addend.features
    assert_same_with_gradients(got, want, (weight, addend.features))


@pytest.mark.parametrize("backend", ["torch", "numba"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_gradcheck(make_batch, dimensions, backend):
    x = make_batch(dimensions, (6, 0, 5), channels=2)
    fine = x.index
    weights = [
        random_weight(3**dimensions, 2, 2),
        random_weight(2**dimensions, 2, 3),
        random_weight(2**dimensions, 3, 2),
    ]

    def network(features, submanifold, down, up):
        y = submanifold_convolution(x.with_features(features), submanifold, backend=backend)
        z = strided_convolution(y, down, backend=backend)
        return inverse_convolution(z, up, onto=fine, backend=backend).features

    assert torch.autograd.gradcheck(network, (x.features.clone().requires_grad_(), *weights))


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("channels", [(1, 32), (16, 16), (17, 33), (32, 64), (48, 5), (160, 96)])
def test_numba_in_single_precision_is_the_reference(make_batch, dimensions, channels):
    """Sums of at most 27 * 160 products of order 1: relative error below sqrt(4320) * 6e-8 of the largest output."""
    x = make_batch(dimensions, (35, 0, 60), channels=channels[0])
    weight = random_weight(3**dimensions, *channels)
    upstream = torch.randn(len(x.index), channels[1], dtype=torch.float64)
    exact = submanifold_convolution(
        x.with_features(x.features.requires_grad_()), weight, backend="torch"
    ).features
    exact_gradients = torch.autograd.grad(exact, (x.features, weight), upstream)
    features, single = x.features.detach().float().requires_grad_(), weight.detach().float().requires_grad_()
    got = submanifold_convolution(x.with_features(features), single, backend="numba").features
    gradients = torch.autograd.grad(got, (features, single), upstream.float())
    for mine, theirs in zip((got, *gradients), (exact, *exact_gradients), strict=True):
        assert_close(mine.double(), theirs, rtol=0.0, atol=4e-6 * float(theirs.detach().abs().max()))


@pytest.mark.parametrize("kernel", [2, 3, 5])
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("channels", [(1, 32), (17, 33), (48, 5)])
def test_numba_in_single_precision_is_the_reference_between_resolutions(
    make_batch, dimensions, kernel, channels
):
    """Sums of at most 125 * 48 products of order 1: relative error below sqrt(6000) * 6e-8 of the largest output."""
    x = make_batch(dimensions, (35, 0, 60), channels=channels[0])
    down = random_weight(kernel**dimensions, *channels)
    up = random_weight(kernel**dimensions, *channels)
    _, coarse = x.index.coarser(kernel)
    rng = np.random.default_rng(5)
    raised = torch.from_numpy(rng.normal(size=(len(coarse), channels[0])))

    def results(dtype, backend):
        operands = [t.detach().to(dtype).requires_grad_() for t in (x.features, raised, down, up)]
        fine, low, first, second = operands
        y = strided_convolution(x.with_features(fine), first, kernel=kernel, backend=backend).features
        z = SparseTensor(low, coarse)
        z = inverse_convolution(z, second, onto=x.index, kernel=kernel, backend=backend).features
        upstream = [torch.cos(torch.arange(t.numel())).view_as(t).to(dtype) for t in (y, z)]
        return [y, z, *torch.autograd.grad((y, z), operands, upstream)]

    for mine, theirs in zip(results(torch.float32, "numba"), results(torch.float64, "torch"), strict=True):
        assert_close(mine.double(), theirs, rtol=0.0, atol=5e-6 * float(theirs.detach().abs().max()))


@pytest.mark.parametrize("dimensions", [2, 3])
def test_rows_may_come_in_any_order(make_batch, dimensions):
    x = make_batch(dimensions, (20, 0, 15))
    rows = np.column_stack([x.index.events, x.index.coordinates])
    order = np.random.default_rng(2).permutation(len(rows))
    shuffled = SparseTensor.from_coordinates(
        rows[order], x.features[torch.from_numpy(order)], shape=x.index.shape, batch_size=3
    )
    weight = random_weight(3**dimensions, 3, 4)
    got = submanifold_convolution(shuffled, weight).in_given_order()
    assert torch.equal(got, submanifold_convolution(x, weight).features[torch.from_numpy(order)])


@pytest.mark.parametrize("dimensions", [2, 3])
def test_shifting_by_the_stride_shifts_the_result(make_batch, dimensions):
    inner = make_batch(dimensions, (20, 9), shape=(6,) * dimensions)
    weight = random_weight(2**dimensions, 3, 4)

    def convolved(shift):
        rows = np.column_stack([inner.index.events, inner.index.coordinates + shift])
        x = SparseTensor.from_coordinates(rows, inner.features, shape=(14,) * dimensions, batch_size=2)
        return strided_convolution(x, weight)

    still, moved = convolved(0), convolved(4)
    np.testing.assert_array_equal(still.index.coordinates + 2, moved.index.coordinates)
    assert torch.equal(still.features, moved.features)


@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_nothing_crosses_a_border_or_an_event(dimensions, kernel):
    """The corners of every image are occupied: next to each other in memory, apart in space."""
    shape = (9, 10, 11)[:dimensions]
    corners = (
        np.array(np.meshgrid(*[(0, side - 1) for side in shape], indexing="ij")).reshape(dimensions, -1).T
    )
    rows = np.concatenate([np.column_stack([np.full(len(corners), event), corners]) for event in range(3)])
    x = SparseTensor.from_coordinates(rows, torch.ones(len(rows), 1, dtype=torch.float64), shape=shape)
    out = submanifold_convolution(x, torch.ones(kernel**dimensions, 1, 1, dtype=torch.float64), kernel=kernel)
    assert torch.equal(out.features, x.features)


def test_a_full_image_sees_every_neighbour():
    shape = (4, 5)
    rows = np.array([(0, *np.unravel_index(cell, shape)) for cell in range(math.prod(shape))])
    x = SparseTensor.from_coordinates(rows, torch.ones(20, 1), shape=shape)
    out = submanifold_convolution(x, torch.ones(9, 1, 1)).features.reshape(shape)
    assert out[0, 0] == 4
    assert out[0, 1] == 6
    assert (out[1:-1, 1:-1] == 9).all()


def test_autocast_lowers_the_products_of_the_torch_backend_only(make_batch):
    x = make_batch(2, (40,), channels=16, dtype=torch.float32)
    weight = random_weight(9, 16, 16, dtype=torch.float32)
    exact = submanifold_convolution(x, weight, backend="torch").features
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low = submanifold_convolution(x, weight, backend="torch").features
        compiled = submanifold_convolution(x, weight, backend="numba").features
    assert low.dtype == torch.float32
    # bfloat16 keeps 8 bits: 2**-8 of each product, added in float32.
    assert_close(low, exact, rtol=0.0, atol=0.02 * float(exact.detach().abs().max()))
    assert not torch.equal(low, exact)
    assert_close(compiled, exact, rtol=0.0, atol=1e-4)
