"""Batch normalization over active sites, with the ReLU that usually follows it.

    y = (x - mean) / sqrt(variance + epsilon) * weight + bias

In training, mean and variance are those of all active sites of the batch; under
`torch.distributed` of the batches of all ranks together, so that two processes
equal one with the joined batch. In evaluation they are the running averages,
and the whole is one multiplication and one addition by channel, `folded`.

Defaults are SparseConvNet's (`BatchNormalization`: eps 1e-4, momentum 0.99 in
its convention, which weighs the old average; 0.01 in torch's). The running
variance is the unbiased one, so that a batch of no or one site leaves the
averages alone.
Sums are of double precision around the running mean: a variance is good to four
digits where the features' mean moved less than a million deviations since.

References
----------
Ioffe & Szegedy, arXiv:1502.03167, algorithm 1.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.sparse.backends import batch_norm
from argoscope.sparse.backends import torch as torch_backend
from argoscope.sparse.backends.numba import array, supports
from argoscope.sparse.checks import check_count, check_flag, check_kind, check_number
from argoscope.sparse.derivatives import first_derivative_only
from argoscope.sparse.summing import repeated
from argoscope.sparse.tensor import SparseTensor, check_tensor

__all__ = ["BatchNorm", "affine_relu", "folded"]


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
    if not supports(variance):
        wide = torch_backend.at_least_single(variance.dtype)
        weight, bias, mean, variance = (t.to(wide) for t in (weight, bias, mean, variance))
    scale = weight * torch.rsqrt(variance + epsilon)
    return scale, bias - mean * scale


def affine_relu(features: Tensor, scale: Tensor, shift: Tensor, relu: bool = True) -> Tensor:
    """max(0, features * scale + shift) by channel, without gradient; shape (sites, channels)."""
    if not supports(features):
        return torch_backend.affine_relu(features, scale, shift, relu)
    by_channel = [array(numbers.to(features.dtype), features) for numbers in (scale, shift)]
    return batch_norm.affine_relu(features, by_channel[0], by_channel[1], relu)


class _Normalize(torch.autograd.Function):
    """Normalization by the moments of the batch, and ReLU; also gives the features back."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, weight: Tensor, bias: Tensor, norm: BatchNorm) -> Any:
        buffers = (norm.running_mean, norm.running_var)
        backend: Any = batch_norm if all(map(supports, (features, weight, bias, *buffers))) else torch_backend
        options = {"epsilon": norm.epsilon, "momentum": norm.momentum, "relu": norm.relu}
        out, ctx.state = backend.normalize(features, weight, bias, buffers, **options)
        ctx.backend, ctx.relu = backend, norm.relu
        if ctx.state[-1] > 1:
            norm.num_batches_tracked += 1
        ctx.save_for_backward(features, weight)
        ctx.set_materialize_grads(False)
        return out, features.view_as(features)

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, gradient: Tensor | None, beside: Tensor | None) -> tuple[Tensor | None, ...]:
        features, weight = ctx.saved_tensors
        if gradient is None:
            gradient = torch.zeros_like(features)
        needed = ctx.needs_input_grad
        options = {"relu": ctx.relu, "for_features": needed[0]}
        found = ctx.backend.gradients(features, gradient, beside, weight, ctx.state, **options)
        return (*(number if wanted else None for number, wanted in zip(found, needed, strict=False)), None)


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
        If a number is out of its range; in `forward`, if the features have another number of channels, another
        device, or, without autocast, another dtype.

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
        check_count("channels", channels)
        check_flag("relu", relu)
        check_number("epsilon", epsilon)
        check_number("momentum", momentum, most=1)
        self.relu, self.epsilon, self.momentum = relu, epsilon, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def extra_repr(self) -> str:
        """Channels and settings, for `print(module)`."""
        return f"{len(self.weight)}, relu={self.relu}, epsilon={self.epsilon:g}, momentum={self.momentum:g}"

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
        check_tensor("x", x)
        features = x.features
        if features.shape[1] != len(self.weight):
            raise InvalidArgument(
                f"features have {features.shape[1]} channels and the normalization {len(self.weight)}; build it with "
                f"BatchNorm({features.shape[1]})."
            )
        check_kind("the normalization's weight", self.weight, features)
        if self.training:
            out, same = _Normalize.apply(features, self.weight, self.bias, self)  # type: ignore[no-untyped-call]
            return x.with_features(out), x.with_features(same)
        scale, shift = self.folded()
        if torch.is_grad_enabled() and (features.requires_grad or scale.requires_grad):
            rows = len(features)
            out = (features * repeated(scale, rows) + repeated(shift, rows)).to(features.dtype)
            return x.with_features(out.relu() if self.relu else out), x
        return x.with_features(affine_relu(features, scale, shift, self.relu)), x
