"""Channels of two tensors side by side, on the same sites.

On the CPU this is done by the package's own threads: torch's keep a core busy
for milliseconds after each operation, which the next convolution would miss.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from argoscope.sparse.backends import normalization as kernels
from argoscope.sparse.backends.numba import array, supports
from argoscope.sparse.backends.workers import run_tasks

__all__ = ["join", "join_affine_relu"]


def join(left: Tensor, right: Tensor) -> Tensor:
    """Channels of `left`, then those of `right`; shape (sites, sum of channels).

    Examples
    --------
    >>> join(torch.ones(1, 1), torch.zeros(1, 2))
    tensor([[1., 0., 0.]])
    """
    if not supports(left) or left.dtype != right.dtype:
        return torch.cat([left, right], dim=1)
    joined: Tensor = _Join.apply(left, right)  # type: ignore[no-untyped-call]
    return joined


def join_affine_relu(left: Tensor, right: Tensor, scale: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Joined channels, and max(0, joined * scale + shift); on the CPU, without gradient."""
    out = left.new_empty(len(left), left.shape[1] + right.shape[1])
    activated = torch.empty_like(out)
    arrays = [array(t, left) for t in (left, right, scale, shift)]
    run_tasks(kernels.join, kernels.chunks(arrays[0]), *arrays, out.numpy(), activated.numpy())
    return out, activated


class _Join(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, left: Tensor, right: Tensor) -> Tensor:
        ctx.width = left.shape[1]
        out = left.new_empty(len(left), left.shape[1] + right.shape[1])
        arrays = [array(t, left) for t in (left, right, None, None)]
        run_tasks(kernels.join, kernels.chunks(arrays[0]), *arrays, out.numpy(), out.numpy())
        return out

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        if torch.is_grad_enabled():  # a second derivative is asked for
            return gradient[:, : ctx.width], gradient[:, ctx.width :]
        left = gradient.new_empty(len(gradient), ctx.width)
        right = gradient.new_empty(len(gradient), gradient.shape[1] - ctx.width)
        joined = array(gradient, gradient)
        run_tasks(kernels.part, kernels.chunks(joined), joined, left.numpy(), right.numpy())
        return left, right
