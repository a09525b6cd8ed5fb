"""Batch normalization of the CPU backend, from compiled passes; its twin is in `backends.torch`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from argoscope.sparse.backends import normalization as kernels
from argoscope.sparse.backends.numba import array, matrix
from argoscope.sparse.backends.torch import joined
from argoscope.sparse.backends.workers import run_tasks

__all__ = ["State", "affine_relu", "gradients", "normalize"]

State = tuple[NDArray[Any], NDArray[Any], float]
"""What the backward pass needs: mean, 1 / deviation and scale by channel; scale and shift as applied; rows."""


def affine_relu(features: Tensor, scale: NDArray[Any], shift: NDArray[Any], relu: bool) -> Tensor:
    """max(0, features * scale + shift) by channel; shape (sites, channels)."""
    out = torch.empty_like(features, memory_format=torch.contiguous_format)
    rows = array(features, features)
    run_tasks(kernels.affine, kernels.chunks(rows), rows, scale, shift, relu, out.numpy())
    return out


def normalize(
    features: Tensor, weight: Tensor, bias: Tensor, buffers: tuple[Tensor, Tensor], *, epsilon: float,
    momentum: float, relu: bool,
) -> tuple[Tensor, State]:  # fmt: skip
    """Normalize by the moments of the batch; see `argoscope.sparse.backends.torch.normalize`."""
    rows = array(features, features)
    averages = (buffers[0].numpy(), buffers[1].numpy())
    # The running mean, the same on all ranks, is near enough to the mean to save a second pass.
    sums, count = _joined(kernels.chunk_sums(kernels.moments, rows, averages[0]), len(rows))
    numbers, affine = np.empty((3, rows.shape[1])), np.empty((2, rows.shape[1]), rows.dtype)
    rest = (epsilon, momentum, *averages, numbers, affine)
    kernels.batch_affine(sums, count, array(weight, features), array(bias, features), *rest)
    torch.autograd.graph.increment_version(buffers)
    return affine_relu(features, affine[0], affine[1], relu), (numbers, affine, count)


def gradients(
    features: Tensor, gradient: Tensor, beside: Tensor | None, weight: Tensor, state: State, *, relu: bool,
    for_features: bool = True,
) -> tuple[Tensor | None, Tensor, Tensor]:  # fmt: skip
    """Gradients of features (plus `beside`; None if not `for_features`), weight and bias."""
    numbers, affine, count = state
    rows, upstream = array(features, features), array(gradient, features)
    sums = kernels.chunk_sums(kernels.gradient_sums, rows, upstream, numbers[0], *affine, relu)
    joint, _ = _joined(sums, 0)
    for_weight, for_bias = torch.empty_like(weight), torch.empty_like(weight)
    line = np.empty_like(affine)
    kernels.batch_gradients(sums, joint, count, numbers, for_weight.numpy(), for_bias.numpy(), line)
    if not for_features:
        return None, for_weight, for_bias
    out = torch.empty_like(features, memory_format=torch.contiguous_format)
    rest = (*affine, relu, *line, matrix(beside, features), out.numpy())
    run_tasks(kernels.input_gradient, kernels.chunks(rows), rows, upstream, *rest)
    return out, for_weight, for_bias


def _joined(sums: NDArray[Any], count: int) -> tuple[NDArray[Any], float]:
    """Sums and number of rows over the ranks of `torch.distributed`, where it runs."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return sums, float(count)
    total, rows = joined(torch.from_numpy(sums.sum(axis=0)), count)
    return total.numpy()[None], rows
