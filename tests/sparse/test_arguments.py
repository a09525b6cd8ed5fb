"""Weights, biases, addends and kernels that do not fit are refused before any kernel runs, by every backend alike."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.sparse import (
    BatchNorm,
    GlobalPool,
    InverseConvolution,
    Linear,
    MaxPool,
    MeanPool,
    StridedConvolution,
    SubmanifoldConvolution,
    concatenate,
    inverse_convolution,
    max_pool,
    mean_pool,
    pointwise_convolution,
    strided_convolution,
    submanifold_convolution,
)

BACKENDS = ("reference", "torch", "numba")
WEIGHT = torch.ones(9, 3, 4)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("bias", "message"),
    [
        (torch.ones(3), r"bias has shape \(3,\); a weight of 4 channels out needs \(4,\)"),
        (torch.ones(1), r"bias has shape \(1,\)"),
        (torch.ones(5), r"bias has shape \(5,\)"),
        (torch.ones(1, 4), r"bias has shape \(1, 4\)"),
        (torch.ones(4).double(), r"bias is torch.float64 and features are torch.float32.*\.to\(dtype\)"),
        (torch.ones(4, device="meta"), r"bias is on meta and features are on cpu.*\.to\(device\)"),
    ],
)
def test_bias_that_does_not_fit(make_batch, bias, message, backend):
    x = make_batch(2, (6, 3), dtype=torch.float32)
    coarse = strided_convolution(x, torch.ones(4, 3, 3))
    for call in (
        lambda: submanifold_convolution(x, WEIGHT, bias, backend=backend),
        lambda: pointwise_convolution(x, WEIGHT[0], bias, backend=backend),
        lambda: strided_convolution(x, WEIGHT[:4], bias, backend=backend),
        lambda: inverse_convolution(coarse, WEIGHT[:4], bias, onto=x.index, backend=backend),
    ):
        with pytest.raises(InvalidArgument, match=message):
            call()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("addend", "message"),
    [
        (torch.ones(9, 3), r"addend has shape \(9, 3\); the result needs \(9, 4\)"),
        (torch.ones(9, 1), r"addend has shape \(9, 1\)"),
        (torch.ones(9, 4).double(), r"addend is torch.float64 and features are torch.float32"),
    ],
)
def test_addend_that_does_not_fit(make_batch, addend, message, backend):
    x = make_batch(2, (6, 3), dtype=torch.float32)
    with pytest.raises(InvalidArgument, match=message):
        submanifold_convolution(x, WEIGHT, addend=x.with_features(addend), backend=backend)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("kernel", [3.0, "3", True])
def test_kernel_that_is_no_integer(make_batch, kernel, backend):
    x = make_batch(2, (6, 3), dtype=torch.float32)
    for call in (
        lambda: submanifold_convolution(x, WEIGHT, kernel=kernel, backend=backend),
        lambda: strided_convolution(x, WEIGHT, kernel=kernel, backend=backend),
        lambda: inverse_convolution(x, WEIGHT, onto=x.index, kernel=kernel, backend=backend),
        lambda: max_pool(x, kernel=kernel),
        lambda: mean_pool(x, kernel=kernel),
    ):
        with pytest.raises(InvalidArgument, match=rf"kernel \(={kernel!r}\) must be an integer"):
            call()


def test_weight_without_channels_out(make_batch):
    x = make_batch(2, (6, 3), dtype=torch.float32)
    with pytest.raises(InvalidArgument, match=r"weight has shape \(9, 3, 0\).*at least 1 channel"):
        submanifold_convolution(x, torch.ones(9, 3, 0))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SubmanifoldConvolution(0, 4, dimensions=2, kernel=3), r"channels_in \(=0\) must be at least 1"),
        (lambda: SubmanifoldConvolution(4, 0, dimensions=2, kernel=3), r"channels_out \(=0\) must be at least 1"),
        (lambda: SubmanifoldConvolution(4, 2.5, dimensions=2, kernel=3), r"channels_out \(=2.5\) must be an integer"),
        (lambda: SubmanifoldConvolution(4, 4, dimensions=4, kernel=3), r"dimensions \(=4\) must be 2 or 3"),
        (lambda: SubmanifoldConvolution(4, 4, dimensions=2, kernel=2), r"kernel \(=2\) .* must be 1, 3, 5 or 7.*strided"),
        (lambda: SubmanifoldConvolution(4, 4, dimensions=2, kernel=3.0), r"kernel \(=3.0\) must be an integer"),
        (lambda: SubmanifoldConvolution(4, 4, dimensions=2, kernel=3, backend="nubma"), r"backend \(='nubma'\) must be .*Did you mean 'numba'"),
        (lambda: StridedConvolution(4, 4, dimensions=2, kernel=1), r"kernel \(=1\) .* must be 2, 3, 5 or 7"),
        (lambda: InverseConvolution(4, 4, dimensions=3, kernel=4), r"kernel \(=4\) .* must be 2, 3, 5 or 7"),
        (lambda: BatchNorm(0), r"channels \(=0\) must be at least 1"),
        (lambda: BatchNorm(2.0), r"channels \(=2.0\) must be an integer"),
        (lambda: Linear(0, 4), r"channels_in \(=0\)"),
        (lambda: Linear(4, -1), r"channels_out \(=-1\)"),
        (lambda: Linear(4, 4, backend="tocrh"), r"backend \(='tocrh'\).*Did you mean 'torch'"),
        (lambda: MaxPool(kernel=4), r"kernel \(=4\)"),
        (lambda: MeanPool(kernel=1), r"kernel \(=1\)"),
        (lambda: GlobalPool(kind="maen"), r"kind \(='maen'\).*Did you mean 'mean'"),
    ],
)  # fmt: skip
def test_modules_refuse_at_construction(build, message):
    with pytest.raises(InvalidArgument, match=message):
        build()


def test_second_derivatives_of_compiled_kernels_are_refused_not_wrong(make_batch):
    x = make_batch(2, (5, 4), channels=2)
    features = x.features.clone().requires_grad_()
    weight = torch.randn(9, 2, 2, dtype=torch.float64, requires_grad=True)
    result = submanifold_convolution(x.with_features(features), weight, backend="numba").features
    (first,) = torch.autograd.grad(result.pow(2).sum(), features, create_graph=True)
    # The other term reaches the features too: torch's `once_differentiable` would give its derivative alone.
    penalty = first.pow(2).sum() + features.pow(3).sum()
    with pytest.raises(InvalidArgument, match=r"create_graph .*backend='torch'"):
        torch.autograd.grad(penalty, features, retain_graph=True)
    with pytest.raises(InvalidArgument, match="create_graph"):
        penalty.backward()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_second_derivatives_of_batch_statistics_are_refused_not_wrong(make_batch, dtype):
    x = make_batch(2, (5, 4), channels=2, dtype=dtype)
    features = x.features.clone().requires_grad_()
    result = BatchNorm(2).to(dtype)(x.with_features(features)).features
    (first,) = torch.autograd.grad(result.pow(3).sum(), features, create_graph=True)
    with pytest.raises(InvalidArgument, match=r"create_graph .*evaluation mode"):
        torch.autograd.grad(first.pow(2).sum() + features.pow(3).sum(), features)


def test_second_derivatives_of_joined_channels(make_batch):
    x = make_batch(2, (5, 4), channels=2)

    def joined(left, right):
        return concatenate([x.with_features(left), x.with_features(right**3)]).features ** 2

    inputs = [x.features.clone().requires_grad_(), (2 * x.features).requires_grad_()]
    assert torch.autograd.gradgradcheck(joined, tuple(inputs))


def test_second_derivatives_of_the_torch_backend(make_batch):
    x = make_batch(2, (5, 4), channels=2)
    weights = [torch.randn(n, 2, 2, dtype=torch.float64, requires_grad=True) for n in (9, 4, 4)]

    def network(features, submanifold, down, up):
        y = submanifold_convolution(x.with_features(features), submanifold, backend="torch")
        z = strided_convolution(y.with_features(y.features**2), down, backend="torch")
        return inverse_convolution(z, up, onto=x.index, backend="torch").features

    assert torch.autograd.gradgradcheck(network, (x.features.clone().requires_grad_(), *weights))


@pytest.mark.parametrize("backend", ["auto", "torch", "reference"])
def test_autocast_of_features_in_low_precision(make_batch, backend):
    """Gradients have the dtype of what they are gradients of."""
    x = make_batch(2, (20, 9), dtype=torch.float32)
    features = x.features.bfloat16().requires_grad_()
    weight = torch.randn(9, 3, 4, generator=torch.Generator().manual_seed(1)).requires_grad_()
    bias = torch.zeros(4, requires_grad=True)
    addend = torch.ones(29, 4, requires_grad=True)

    def convolve(kind, dtype):
        y = x.with_features(features.to(dtype))
        return submanifold_convolution(y, weight, bias, addend=x.with_features(addend), backend=kind).features

    operands = (features, weight, bias, addend)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        low = convolve(backend, torch.bfloat16)
    assert low.dtype == torch.bfloat16
    found = torch.autograd.grad(low.float().pow(2).sum(), operands)
    exact = convolve("torch", torch.float32)
    want = torch.autograd.grad(exact.pow(2).sum(), operands)
    # Up to 27 products, each rounded to the 8 bits of bfloat16; gradients sum 29 rows of such.
    assert_close(low.float(), exact, rtol=0.0, atol=0.03 * float(exact.detach().abs().max()))
    for mine, theirs, operand in zip(found, want, operands, strict=True):
        assert mine.dtype == operand.dtype
        assert_close(mine.float(), theirs.float(), rtol=0.0, atol=0.05 * float(theirs.abs().max()))


def test_autocast_of_a_network_in_another_precision_than_the_features(make_batch):
    x = make_batch(2, (20,), dtype=torch.float32)
    weight = torch.randn(9, 3, 4).double().requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = submanifold_convolution(x, weight, backend="numba").features
    assert_close(got, submanifold_convolution(x, weight.float(), backend="numba").features)
    (gradient,) = torch.autograd.grad(got.sum(), weight)
    assert gradient.dtype == torch.float64


def test_numba_refuses_low_precision_under_autocast(make_batch):
    x = make_batch(2, (20,), dtype=torch.bfloat16)
    with (
        torch.autocast("cpu", dtype=torch.bfloat16),
        pytest.raises(InvalidArgument, match=r"float32 and float64; features are torch.bfloat16"),
    ):
        submanifold_convolution(x, WEIGHT, backend="numba")
