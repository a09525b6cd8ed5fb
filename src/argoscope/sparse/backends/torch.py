"""Backend of plain torch operations: any device, any dtype.

One kernel offset at a time: gather the rows, multiply, add to the output. Under
autocast the product is taken in the lower precision and added in the output's.

Batch normalization does its arithmetic by channel in double precision; it is
the definition of what `backends.batch_norm` computes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from argoscope.sparse.index import KernelMap

__all__ = [
    "affine_relu",
    "at_least_single",
    "convolve",
    "gradients",
    "joined",
    "normalize",
    "weight_gradient",
]

State = tuple[Any, ...]
"""What the backward pass of a normalization needs: mean, 1 / deviation, scale, shift by channel; rows."""


def convolve(features: Tensor, weight: Tensor, kernel_map: KernelMap) -> Tensor:
    """Convolve; see `argoscope.sparse.backends.numba.convolve` for the shapes."""
    out = features.new_zeros(kernel_map.outputs, weight.shape[2])
    for block, sites in zip(weight, kernel_map.table_on(features.device), strict=True):
        rows = (sites >= 0).nonzero().squeeze(1)
        products = features.index_select(0, sites[rows]) @ block
        out.index_add_(0, rows, products.to(out.dtype))
    return out


def weight_gradient(features: Tensor, gradient: Tensor, kernel_map: KernelMap) -> Tensor:
    """Gradient of a convolution's weight, shape (offsets, channels in, channels out)."""
    blocks = []
    for sites in kernel_map.table_on(features.device):
        rows = (sites >= 0).nonzero().squeeze(1)
        blocks.append(features.index_select(0, sites[rows]).T @ gradient.index_select(0, rows))
    return torch.stack(blocks)


def affine_relu(features: Tensor, scale: Tensor, shift: Tensor, relu: bool) -> Tensor:
    """max(0, features * scale + shift) by channel, rounded to the features' precision once; shape (sites, channels)."""
    wide = at_least_single(features.dtype)
    out = (features.to(wide) * scale.to(wide) + shift.to(wide)).to(features.dtype)
    return out.relu_() if relu else out


def at_least_single(dtype: torch.dtype) -> torch.dtype:
    """The dtype to compute in: lower precisions are for keeping numbers."""
    return torch.promote_types(dtype, torch.float32)


def _move(average: Tensor, number: Tensor, momentum: float) -> None:
    """Move a running average, up to the largest number it can hold: beyond, it would stay infinite for ever."""
    moved = torch.lerp(average.double(), number, momentum)
    average.copy_(moved.clamp(max=torch.finfo(average.dtype).max))


def joined(sums: Tensor, count: float) -> tuple[Tensor, float]:
    """Sums, and the number of rows behind them, over the ranks of `torch.distributed`, where it runs."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        both = torch.cat([sums.flatten(), sums.new_tensor([count])])
        torch.distributed.all_reduce(both)
        return both[:-1].view_as(sums), float(both[-1])
    return sums, float(count)


def normalize(
    features: Tensor, weight: Tensor, bias: Tensor, buffers: tuple[Tensor, Tensor], *, epsilon: float,
    momentum: float, relu: bool,
) -> tuple[Tensor, State]:  # fmt: skip
    """Normalize by the moments of the batch, and cut at 0 if `relu`; moves the running averages.

    Parameters
    ----------
    features : Tensor, shape (sites, channels)
    weight, bias : Tensor, shape (channels,)
    buffers : pair of Tensor, shape (channels,)
        Running mean and running variance.
    epsilon, momentum : float
    relu : bool

    Returns
    -------
    out : Tensor, shape (sites, channels)
    state : tuple
        What `gradients` needs; its last entry is the number of sites over all ranks.
    """
    running_mean, running_var = buffers
    values = features.double()
    total, count = joined(values.sum(0), len(values))
    mean = total / max(count, 1.0)
    # A second pass, around the mean: the fast twin saves it.
    squares, _ = joined((values - mean).square().sum(0), 0)
    variance = squares / max(count, 1.0)
    if count > 1:
        _move(running_mean, mean, momentum)
        _move(running_var, variance * (count / (count - 1)), momentum)
    inverse = torch.rsqrt(variance + epsilon)
    scale = weight.double() * inverse
    shift = bias.double() - mean * scale
    return affine_relu(features, scale, shift, relu), (mean, inverse, scale, shift, count)


def gradients(
    features: Tensor, gradient: Tensor, beside: Tensor | None, weight: Tensor, state: State, *, relu: bool,
    for_features: bool = True,
) -> tuple[Tensor | None, Tensor, Tensor]:  # fmt: skip
    """Gradients of features (plus `beside`; None if not `for_features`), weight and bias."""
    mean, inverse, scale, shift, count = state
    if relu:
        gradient = gradient * (affine_relu(features, scale, shift, relu=False) > 0)
    upstream, deviation = gradient.double(), features.double() - mean
    sums = torch.stack([upstream.sum(0), (upstream * deviation).sum(0)])
    # The parameters get this rank's share; the features need the sums over all ranks.
    joint = joined(sums, 0)[0] / max(count, 1.0)
    out = None
    if for_features:
        through = scale * (upstream - joint[0] - deviation * inverse * inverse * joint[1])
        out = through.to(features.dtype)
        out = out if beside is None else out + beside
    return out, (sums[1] * inverse).to(weight.dtype), sums[0].to(weight.dtype)
