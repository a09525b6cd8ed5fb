"""Batch normalization over active sites, with the ReLU that usually follows it.

    y = (x - mean) / sqrt(variance + epsilon) * weight + bias

In training, mean and variance are those of all active sites of the batch; under
`torch.distributed` of the batches of all ranks together, so that two processes
equal one with the joined batch. In evaluation they are the running averages,
and the whole is one multiplication and one addition by channel, `folded`.

Defaults are SparseConvNet's (`BatchNormalization`: eps 1e-4, momentum 0.99 in
its convention, which weighs the old average; 0.01 in torch's). The running
variance is the unbiased one. A batch without sites leaves the averages alone.

References
----------
Ioffe & Szegedy, arXiv:1502.03167, algorithm 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.sparse.backends import normalization as kernels
from argoscope.sparse.backends.numba import array, matrix, supports
from argoscope.sparse.backends.workers import run_tasks
from argoscope.sparse.tensor import SparseTensor

__all__ = ["BatchNorm", "affine_relu", "folded"]


Affine = tuple[Tensor, Tensor]
"""A factor and an addend by channel, each of shape (channels,)."""


def folded(
    weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: float
) -> tuple[Tensor, Tensor]:
    """Scale and shift by channel that normalize: y = x * scale + shift.

    Examples
    --------
    >>> one = torch.ones(1)
    >>> scale, shift = folded(2 * one, one, 3 * one, 4 * one, 0.0)
    >>> scale.item(), shift.item()
    (1.0, -2.0)
    """
    scale = weight * torch.rsqrt(variance + epsilon)
    return scale, bias - mean * scale


def affine_relu(features: Tensor, scale: Tensor, shift: Tensor, relu: bool = True) -> Tensor:
    """max(0, features * scale + shift) by channel, without gradient; shape (sites, channels)."""
    if not supports(features):
        out = features * scale + shift
        return out.relu_() if relu else out
    out = torch.empty_like(features, memory_format=torch.contiguous_format)
    arrays = [array(t, features) for t in (features, scale, shift)]
    run_tasks(kernels.affine, kernels.chunks(arrays[0]), *arrays, relu, out.numpy())
    return out


def joined(sums: Tensor) -> Tensor:
    """Sum over the ranks of `torch.distributed`, where it runs."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.all_reduce(sums)
    return sums


def moments(features: Tensor, origin: Tensor) -> Tensor:
    """Sum of x - origin and of its square by channel, in double precision; shape (2, channels)."""
    if not supports(features):
        deviation = features.double() - origin
        return torch.stack([deviation.sum(0), deviation.square().sum(0)])
    return torch.from_numpy(kernels.total_of(kernels.moments, array(features, features), double(origin)))


def double(tensor: Tensor) -> NDArray[np.float64]:
    """The memory of a tensor in double precision."""
    result: NDArray[np.float64] = tensor.detach().double().numpy()
    return result


class _Normalize(torch.autograd.Function):
    """Normalization by the moments of the batch, and ReLU."""

    @staticmethod
    def forward(  # noqa: PLR0917  # torch calls it by position
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, count: float,
        epsilon: float, relu: bool,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        scale, shift = folded(weight.double(), bias.double(), mean, variance, epsilon)
        ctx.save_for_backward(features, weight, mean, variance, scale, shift)
        ctx.count, ctx.epsilon, ctx.relu = count, epsilon, relu
        ctx.set_materialize_grads(False)
        out = affine_relu(features, scale.to(features.dtype), shift.to(features.dtype), relu)
        return out, features.view_as(features)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None, beside: Tensor | None) -> tuple[Tensor | None, ...]:
        features, weight, mean, variance, scale, shift = ctx.saved_tensors
        if gradient is None:
            gradient = torch.zeros_like(features)
        inverse = torch.rsqrt(variance + ctx.epsilon)
        sums = gradient_sums(features, gradient, mean, (scale, shift), ctx.relu)
        for_bias, for_weight = sums[0], sums[1] * inverse
        total = joined(sums.clone()) / max(ctx.count, 1.0)
        slope = -scale * inverse * inverse * total[1]
        intercept = -scale * total[0] - slope * mean
        for_features = input_gradient(
            features, gradient, (scale, shift), ctx.relu, (slope, intercept), beside=beside
        )
        kind = weight.dtype
        return for_features, for_weight.to(kind), for_bias.to(kind), None, None, None, None, None


def gradient_sums(features: Tensor, gradient: Tensor, mean: Tensor, affine: Affine, relu: bool) -> Tensor:
    """Sum of g and of g (x - mean) by channel, where the output was not cut; shape (2, channels)."""
    if not supports(features):
        kept = passed(features, gradient, affine, relu).double()
        return torch.stack([kept.sum(0), (kept * (features.double() - mean)).sum(0)])
    rows = (array(t, features) for t in (features, gradient))
    by_channel = (array(t.to(features.dtype), features) for t in affine)
    return torch.from_numpy(kernels.total_of(kernels.gradient_sums, *rows, double(mean), *by_channel, relu))


def input_gradient(
    features: Tensor, gradient: Tensor, affine: Affine, relu: bool, line: Affine, *, beside: Tensor | None
) -> Tensor:
    """Compute scale g + slope x + intercept (the `line`) by channel, + beside; shape (sites, channels)."""
    kind = features.dtype
    if not supports(features):
        out = (affine[0] * passed(features, gradient, affine, relu) + line[0] * features + line[1]).to(kind)
        return out if beside is None else out + beside
    out = torch.empty_like(features, memory_format=torch.contiguous_format)
    first = [array(t.to(kind), features) for t in (features, gradient, *affine)]
    second = [array(t.to(kind), features) for t in line]
    rest = (relu, *second, matrix(beside, features), out.numpy())
    run_tasks(kernels.input_gradient, kernels.chunks(first[0]), *first, *rest)
    return out


def passed(features: Tensor, gradient: Tensor, affine: Affine, relu: bool) -> Tensor:
    """The gradient where the output was not cut to 0."""
    scale, shift = (t.to(features.dtype) for t in affine)
    return gradient * (features * scale + shift > 0) if relu else gradient


class BatchNorm(nn.Module):
    """Batch normalization over active sites, optionally with ReLU.

    State: `weight`, `bias`, `running_mean`, `running_var`, each of shape
    (channels,), and `num_batches_tracked`, as `torch.nn.BatchNorm1d`.

    Parameters
    ----------
    channels : int
    relu : bool
        Whether negative results are cut to 0.
    epsilon : float
        Added to the variance.
    momentum : float
        Weight of a new batch in the running averages.

    Raises
    ------
    InvalidArgument
        In `forward`, if the features have another number of channels.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 0, 0], [0, 1, 1]], torch.tensor([[1.0], [3.0]]), shape=(2, 2))
    >>> BatchNorm(1, epsilon=0.0)(x).features.flatten().tolist()
    [-1.0, 1.0]
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(
        self, channels: int, *, relu: bool = False, epsilon: float = 1e-4, momentum: float = 0.01
    ) -> None:
        super().__init__()
        self.relu, self.epsilon, self.momentum = relu, epsilon, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def folded(self) -> tuple[Tensor, Tensor]:
        """Scale and shift of evaluation mode, each of shape (channels,)."""
        return folded(self.weight, self.bias, self.running_mean, self.running_var, self.epsilon)

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Normalize, and cut if `relu`; the sites stay."""
        return self.branch(x)[0]

    def branch(self, x: SparseTensor) -> tuple[SparseTensor, SparseTensor]:
        """Normalize `x`, and give `x` back for what reads it beside the normalization.

        Reading the second in place of `x` lets the backward pass add the two
        gradients while it computes the first.
        """
        features = x.features
        if features.shape[1] != len(self.weight):
            raise InvalidArgument(
                f"features have {features.shape[1]} channels and the normalization {len(self.weight)}; build it with "
                f"BatchNorm({features.shape[1]})."
            )
        if self.training:
            mean, variance, count = self._batch_moments(features)
            arguments = (self.weight, self.bias, mean, variance, count, self.epsilon, self.relu)
            out, same = _Normalize.apply(features, *arguments)  # type: ignore[no-untyped-call]
            return x.with_features(out), x.with_features(same)
        scale, shift = self.folded()
        if torch.is_grad_enabled() and (features.requires_grad or scale.requires_grad):
            out = features * scale + shift
            return x.with_features(out.relu() if self.relu else out), x
        return x.with_features(affine_relu(features, scale, shift, self.relu)), x

    @torch.no_grad()
    def _batch_moments(self, features: Tensor) -> tuple[Tensor, Tensor, float]:
        """Mean, biased variance and number of sites over all ranks; updates the running averages."""
        # The running mean, the same on all ranks, is near enough to the mean to save a second pass.
        origin = self.running_mean.double()
        sums = moments(features, origin)
        count = torch.full((1, sums.shape[1]), float(len(features)), dtype=sums.dtype, device=sums.device)
        sums = joined(torch.cat([sums, count]))
        sites = float(sums[2, 0])
        first = sums[0] / max(sites, 1.0)
        mean, variance = origin + first, (sums[1] / max(sites, 1.0) - first * first).clamp_min(0.0)
        if sites > 1:
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
            unbiased = variance * (sites / (sites - 1))
            self.running_var.lerp_(unbiased.to(self.running_var.dtype), self.momentum)
            self.num_batches_tracked += 1
        return mean, variance, sites
