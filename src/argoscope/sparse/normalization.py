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


Affine = tuple[Any, Any]
"""A factor and an addend by channel, each of shape (channels,): see `vector`."""


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


def vector(tensor: Tensor, like: Tensor) -> Any:
    """Numbers by channel in double precision, for arithmetic: of numpy for the CPU kernels, else of torch.

    A network has hundreds of such vectors; numpy's operations on them take a third of the time of torch's.
    """
    if supports(like):
        return tensor.detach().numpy().astype(np.float64)
    return tensor.detach().double()


def tensor_of(numbers: Any) -> Tensor:
    """The tensor with the memory of a `vector`."""
    return numbers if isinstance(numbers, Tensor) else torch.from_numpy(numbers)


def by_channel(numbers: Any, like: Tensor) -> NDArray[Any]:
    """Numbers by channel in the precision of the features, for a CPU kernel."""
    values = numbers.detach().numpy() if isinstance(numbers, Tensor) else numbers
    result: NDArray[Any] = values.astype(
        np.float32 if like.dtype == torch.float32 else np.float64, copy=False
    )
    return result


def affine_relu(features: Tensor, scale: Any, shift: Any, relu: bool = True) -> Tensor:
    """max(0, features * scale + shift) by channel, without gradient; shape (sites, channels)."""
    if not supports(features):
        kind = features.dtype
        out = features * scale.to(kind) + shift.to(kind)
        return out.relu_() if relu else out
    out = torch.empty_like(features, memory_format=torch.contiguous_format)
    rows = array(features, features)
    arrays = (rows, by_channel(scale, features), by_channel(shift, features))
    run_tasks(kernels.affine, kernels.chunks(rows), *arrays, relu, out.numpy())
    return out


def joined(sums: Any) -> Any:
    """Sum over the ranks of `torch.distributed`, where it runs; in place."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.all_reduce(tensor_of(sums))
    return sums


def moments(features: Tensor, origin: Any) -> Any:
    """Sum of x - origin, of its square, and of 1, by channel; shape (3, channels)."""
    if supports(features):
        total = kernels.total_of(kernels.moments, array(features, features), origin)
        return np.concatenate([total, np.full((1, total.shape[1]), float(len(features)))])
    deviation = features.double() - origin
    ones = torch.full_like(deviation[:1].sum(0), float(len(features)))
    return torch.stack([deviation.sum(0), deviation.square().sum(0), ones])


class _Normalize(torch.autograd.Function):
    """Normalization by the moments of the batch, and ReLU."""

    @staticmethod
    def forward(  # noqa: PLR0917  # torch calls it by position
        ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, mean: Any, variance: Any, count: float,
        epsilon: float, relu: bool,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        inverse = (variance + epsilon) ** -0.5
        scale = vector(weight, features) * inverse
        shift = vector(bias, features) - mean * scale
        ctx.save_for_backward(features)
        ctx.vectors = mean, inverse, (scale, shift)
        ctx.count, ctx.relu, ctx.kind = count, relu, weight.dtype
        ctx.set_materialize_grads(False)
        return affine_relu(features, scale, shift, relu), features.view_as(features)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor | None, beside: Tensor | None) -> tuple[Tensor | None, ...]:
        (features,) = ctx.saved_tensors
        mean, inverse, affine = ctx.vectors
        if gradient is None:
            gradient = torch.zeros_like(features)
        sums = gradient_sums(features, gradient, mean, affine, ctx.relu)
        for_bias, for_weight = tensor_of(sums[0]).to(ctx.kind), tensor_of(sums[1] * inverse).to(ctx.kind)
        # The parameters get this rank's share; the features need the sums over all ranks.
        total = joined(tensor_of(sums).clone().numpy() if supports(features) else sums.clone())
        total = total / max(ctx.count, 1.0)
        slope = -affine[0] * inverse * inverse * total[1]
        intercept = -affine[0] * total[0] - slope * mean
        for_features = input_gradient(features, gradient, affine, ctx.relu, (slope, intercept), beside=beside)
        return for_features, for_weight, for_bias, None, None, None, None, None


def gradient_sums(features: Tensor, gradient: Tensor, mean: Any, affine: Affine, relu: bool) -> Any:
    """Sum of g and of g (x - mean) by channel, where the output was not cut; shape (2, channels)."""
    if not supports(features):
        kept = passed(features, gradient, affine, relu).double()
        return torch.stack([kept.sum(0), (kept * (features.double() - mean)).sum(0)])
    rows = (array(t, features) for t in (features, gradient))
    return kernels.total_of(
        kernels.gradient_sums, *rows, mean, *(by_channel(numbers, features) for numbers in affine), relu
    )


def input_gradient(
    features: Tensor, gradient: Tensor, affine: Affine, relu: bool, line: Affine, *, beside: Tensor | None
) -> Tensor:
    """Compute scale g + slope x + intercept (the `line`) by channel, + beside; shape (sites, channels)."""
    kind = features.dtype
    if not supports(features):
        out = (affine[0] * passed(features, gradient, affine, relu) + line[0] * features + line[1]).to(kind)
        return out if beside is None else out + beside
    out = torch.empty_like(features, memory_format=torch.contiguous_format)
    rows = [array(t, features) for t in (features, gradient)]
    numbers = [by_channel(t, features) for t in (*affine, *line)]
    rest = (*numbers[:2], relu, *numbers[2:], matrix(beside, features), out.numpy())
    run_tasks(kernels.input_gradient, kernels.chunks(rows[0]), *rows, *rest)
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
    def _batch_moments(self, features: Tensor) -> tuple[Any, Any, float]:
        """Mean, biased variance and number of sites over all ranks; updates the running averages."""
        # The running mean, the same on all ranks, is near enough to the mean to save a second pass.
        origin = vector(self.running_mean, features)
        sums = joined(moments(features, origin))
        sites = float(sums[2, 0])
        first = sums[0] / max(sites, 1.0)
        mean, variance = origin + first, (sums[1] / max(sites, 1.0) - first * first).clip(0.0)
        if sites > 1:
            kind = self.running_mean.dtype
            self.running_mean.lerp_(tensor_of(mean).to(kind), self.momentum)
            self.running_var.lerp_(tensor_of(variance * (sites / (sites - 1))).to(kind), self.momentum)
            self.num_batches_tracked += 1
        return mean, variance, sites
