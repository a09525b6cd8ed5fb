"""First derivatives only: what a compiled backward pass says when it is differentiated again.

torch's own `once_differentiable` is not enough: `torch.autograd.grad` goes
round its error where another path leads to the same inputs, and gives a
derivative that lacks a term.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor

from argoscope.errors import InvalidArgument

__all__ = ["first_derivative_only"]

Backward = Callable[..., tuple[Tensor | None, ...]]


class _Refusal(torch.autograd.Function):
    """A gradient that depends on the sources in a way torch cannot see."""

    @staticmethod
    def forward(ctx: Any, gradient: Tensor, *sources: Tensor) -> Tensor:  # noqa: ARG004  # torch passes them
        return gradient.view_as(gradient)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:  # noqa: ARG004  # torch passes them
        raise InvalidArgument(
            "create_graph (=True) asks for second derivatives, and compiled kernels have first derivatives only. "
            "Convolve with backend='torch', and keep normalizations in evaluation mode."
        )


def first_derivative_only(backward: Backward) -> Backward:
    """Make the backward pass of an autograd function refuse to be differentiated; under `staticmethod`."""

    @wraps(backward)
    def guarded(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor | None, ...]:
        with torch.no_grad():
            results = backward(ctx, *gradients)
        if not torch.is_grad_enabled():
            return results
        sources = [t for t in (*gradients, *ctx.saved_tensors) if t is not None and t.requires_grad]
        return tuple(None if r is None else _Refusal.apply(r, *sources) for r in results)  # type: ignore[no-untyped-call]

    return guarded
