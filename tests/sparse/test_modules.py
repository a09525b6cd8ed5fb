"""The modules do what the functions they stand for do, and say what they are."""

from __future__ import annotations

import pytest
import torch

from argoscope.sparse import (
    BatchNorm,
    GlobalPool,
    InverseConvolution,
    Linear,
    MaxPool,
    MeanPool,
    ReLU,
    StridedConvolution,
    SubmanifoldConvolution,
    global_pool,
    inverse_convolution,
    max_pool,
    mean_pool,
    pointwise_convolution,
    strided_convolution,
    submanifold_convolution,
)


@pytest.fixture
def x(make_batch):
    return make_batch(2, (20, 0, 9))


def test_relu_cuts_negative_features(x):
    y = ReLU()(x)
    assert y.index is x.index
    assert torch.equal(y.features, x.features.clamp(min=0))
    assert (x.features < 0).any()


@pytest.mark.parametrize("kernel", [2, 3, 5])
@pytest.mark.parametrize(("layer", "function"), [(MaxPool, max_pool), (MeanPool, mean_pool)])
def test_pools_of_windows(x, layer, function, kernel):
    y, want = layer(kernel=kernel)(x), function(x, kernel=kernel)
    assert y.index is want.index
    assert torch.equal(y.features, want.features)


@pytest.mark.parametrize("kind", ["mean", "max", "sum"])
def test_pool_of_events(x, kind):
    assert torch.equal(GlobalPool(kind=kind)(x), global_pool(x, kind=kind))


def test_convolutions(x):
    """With the kernel that is not the default of the function."""
    torch.manual_seed(1)
    submanifold = SubmanifoldConvolution(3, 4, dimensions=2, kernel=5, bias=True).double()
    strided = StridedConvolution(4, 5, dimensions=2, kernel=3, bias=True).double()
    inverse = InverseConvolution(5, 2, dimensions=2, kernel=3, bias=True).double()
    linear = Linear(2, 6).double()
    for layer in (submanifold, strided, inverse, linear):
        torch.nn.init.normal_(layer.bias)
    addend = x.with_features(x.features[:, :1].expand(-1, 4))
    y = submanifold(x, addend)
    want = submanifold_convolution(x, submanifold.weight, submanifold.bias, kernel=5, addend=addend)
    assert torch.equal(y.features, want.features)
    z, want = strided(y), strided_convolution(y, strided.weight, strided.bias, kernel=3)
    assert torch.equal(z.features, want.features)
    back = inverse(z, x.index)
    want = inverse_convolution(z, inverse.weight, inverse.bias, onto=x.index, kernel=3)
    assert torch.equal(back.features, want.features)
    want = pointwise_convolution(back, linear.weight, linear.bias)
    assert torch.equal(linear(back).features, want.features)


@pytest.mark.parametrize(
    ("layer", "text"),
    [
        (BatchNorm(3, relu=True), "BatchNorm(3, relu=True, epsilon=0.0001, momentum=0.01)"),
        (Linear(4, 8), "Linear((4, 8), bias=True)"),
        (Linear(4, 8, bias=False), "Linear((4, 8), bias=False)"),
        (MaxPool(kernel=3), "MaxPool(kernel=3)"),
        (MeanPool(), "MeanPool(kernel=2)"),
        (GlobalPool(kind="sum"), "GlobalPool(kind='sum')"),
        (
            InverseConvolution(2, 3, dimensions=2, kernel=2, bias=True),
            "InverseConvolution((4, 2, 3), kernel=2, bias=True)",
        ),
    ],
)
def test_a_printed_module_says_its_settings(layer, text):
    assert repr(layer) == text
