"""Sums over sites, and the numbers by channel whose gradients they are.

torch sums a single column in pieces, one for each thread, so that the last bits
of a gradient would depend on the number of threads. These sums do not: they are
taken in double precision, in order, over chunks that threads deal out.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from argoscope.sparse.backends import normalization as kernels
from argoscope.sparse.backends.numba import array, supports

__all__ = ["column_sums", "repeated"]


def column_sums(values: Tensor) -> Tensor:
    """Sum by channel, rounded once; shape (channels,).

    Examples
    --------
    >>> column_sums(torch.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [4.0, 6.0]
    """
    sums: Tensor = _Sum.apply(values)  # type: ignore[no-untyped-call]
    return sums


def repeated(numbers: Tensor, rows: int) -> Tensor:
    """Numbers by channel in every row, shape (rows, channels); their gradient is a `column_sums`.

    Examples
    --------
    >>> repeated(torch.tensor([1.0, 2.0]), 2).tolist()
    [[1.0, 2.0], [1.0, 2.0]]
    """
    matrix: Tensor = _Repeat.apply(numbers, rows)  # type: ignore[no-untyped-call]
    return matrix


class _Sum(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        ctx.rows = len(values)
        if not supports(values):
            return values.double().sum(0).to(values.dtype)
        return torch.from_numpy(kernels.totals(array(values, values))).to(values.dtype)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return repeated(gradient, ctx.rows)


class _Repeat(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, numbers: Tensor, rows: int) -> Tensor:  # noqa: ARG004  # torch passes it
        return numbers.expand(rows, -1)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # noqa: ARG004  # torch passes it
        return column_sums(gradient), None
