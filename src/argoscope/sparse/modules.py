"""The operators as `torch.nn.Module`s.

State dicts: a convolution holds `weight` of shape (kernel ** dimensions,
channels in, channels out), a `Linear` one of (channels in, channels out), both
optionally `bias` of shape (channels out,). `BatchNorm` is in `normalization`.
Weights start normally distributed with variance 2 / (offsets * channels in),
SparseConvNet's choice; biases at 0.
"""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from argoscope.sparse.checks import check_backend, check_choice, check_count
from argoscope.sparse.convolution import (
    Backend,
    inverse_convolution,
    pointwise_convolution,
    strided_convolution,
    submanifold_convolution,
)
from argoscope.sparse.index import SiteIndex
from argoscope.sparse.pooling import check_pooling, global_pool, max_pool, mean_pool
from argoscope.sparse.tensor import SparseTensor, check_tensor

__all__ = [
    "GlobalPool",
    "InverseConvolution",
    "Linear",
    "MaxPool",
    "MeanPool",
    "ReLU",
    "StridedConvolution",
    "SubmanifoldConvolution",
]


SUBMANIFOLD_KERNELS, STRIDED_KERNELS = (1, 3, 5, 7), (2, 3, 5, 7)


class _Convolution(nn.Module):
    """What the convolutions share: the parameters."""

    kernels: ClassVar[tuple[int, ...]] = STRIDED_KERNELS
    bias: nn.Parameter | None

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        *,
        dimensions: int,
        kernel: int,
        bias: bool = False,
        backend: Backend = "auto",
    ) -> None:
        super().__init__()
        check_count("channels_in", channels_in)
        check_count("channels_out", channels_out)
        check_choice("dimensions", dimensions, (2, 3))
        hint = ": only an odd kernel has a centre; for kernel 2 use a strided convolution"
        submanifold = self.kernels == SUBMANIFOLD_KERNELS
        check_choice(
            "kernel", kernel, self.kernels, f" of {type(self).__name__}", hint if submanifold else ""
        )
        check_backend(backend)
        self.kernel, self.backend = kernel, backend
        offsets = kernel**dimensions
        spread = math.sqrt(2 / (offsets * channels_in))
        self.weight = nn.Parameter(torch.randn(offsets, channels_in, channels_out) * spread)
        self.bias = nn.Parameter(torch.zeros(channels_out)) if bias else None

    def extra_repr(self) -> str:
        """Shape of the weight, for `print(module)`."""
        return f"{tuple(self.weight.shape)}, kernel={self.kernel}, bias={self.bias is not None}"


class SubmanifoldConvolution(_Convolution):
    """Convolution that keeps the sites; see `submanifold_convolution`.

    Parameters
    ----------
    channels_in, channels_out : int
    dimensions : int
        2 or 3.
    kernel : int
        1, 3, 5 or 7.
    bias : bool
    backend : {"auto", "numba", "torch", "reference"}

    Raises
    ------
    InvalidArgument
        If a number or the backend is none of these.

    Examples
    --------
    >>> SubmanifoldConvolution(4, 8, dimensions=2, kernel=3)
    SubmanifoldConvolution((9, 4, 8), kernel=3, bias=False)
    """

    kernels = SUBMANIFOLD_KERNELS

    def forward(self, x: SparseTensor, addend: SparseTensor | None = None) -> SparseTensor:
        """Convolve, and add `addend`; the sites stay."""
        return submanifold_convolution(
            x, self.weight, self.bias, kernel=self.kernel, addend=addend, backend=self.backend
        )


class StridedConvolution(_Convolution):
    """Convolution onto half the resolution; see `strided_convolution`.

    Parameters are those of `SubmanifoldConvolution`; kernel 2, 3, 5 or 7.

    Examples
    --------
    >>> StridedConvolution(4, 8, dimensions=3, kernel=2)
    StridedConvolution((8, 4, 8), kernel=2, bias=False)
    """

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Convolve onto `x.index.coarser(kernel)`."""
        return strided_convolution(x, self.weight, self.bias, kernel=self.kernel, backend=self.backend)


class InverseConvolution(_Convolution):
    """Transposed convolution back onto the finer sites; see `inverse_convolution`.

    Parameters are those of `SubmanifoldConvolution`; kernel that of the strided
    convolution it undoes.
    """

    def forward(self, x: SparseTensor, onto: SiteIndex) -> SparseTensor:
        """Convolve onto the sites `onto`."""
        return inverse_convolution(
            x, self.weight, self.bias, onto=onto, kernel=self.kernel, backend=self.backend
        )


class Linear(nn.Module):
    """One matrix for the features of every site; `weight` has shape (channels in, channels out).

    Examples
    --------
    >>> tuple(Linear(4, 8).weight.shape)
    (4, 8)
    """

    bias: nn.Parameter | None

    def __init__(
        self, channels_in: int, channels_out: int, *, bias: bool = True, backend: Backend = "auto"
    ) -> None:
        super().__init__()
        check_count("channels_in", channels_in)
        check_count("channels_out", channels_out)
        check_backend(backend)
        self.backend = backend
        self.weight = nn.Parameter(torch.randn(channels_in, channels_out) * math.sqrt(2 / channels_in))
        self.bias = nn.Parameter(torch.zeros(channels_out)) if bias else None

    def extra_repr(self) -> str:
        """Shape of the weight, for `print(module)`."""
        return f"{tuple(self.weight.shape)}, bias={self.bias is not None}"

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Multiply; the sites stay."""
        return pointwise_convolution(x, self.weight, self.bias, backend=self.backend)


class ReLU(nn.Module):
    """Negative features cut to 0."""

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Cut; the sites stay."""
        check_tensor("x", x)
        return x.with_features(x.features.relu())


class MaxPool(nn.Module):
    """Largest feature in each window; see `max_pool`."""

    def __init__(self, *, kernel: int = 2) -> None:
        super().__init__()
        check_choice("kernel", kernel, STRIDED_KERNELS, f" of {type(self).__name__}")
        self.kernel = kernel

    def extra_repr(self) -> str:
        """Edge of the window, for `print(module)`."""
        return f"kernel={self.kernel}"

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Pool onto `x.index.coarser(kernel)`."""
        return max_pool(x, kernel=self.kernel)


class MeanPool(nn.Module):
    """Mean feature in each window; see `mean_pool`."""

    def __init__(self, *, kernel: int = 2) -> None:
        super().__init__()
        check_choice("kernel", kernel, STRIDED_KERNELS, f" of {type(self).__name__}")
        self.kernel = kernel

    def extra_repr(self) -> str:
        """Edge of the window, for `print(module)`."""
        return f"kernel={self.kernel}"

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Pool onto `x.index.coarser(kernel)`."""
        return mean_pool(x, kernel=self.kernel)


class GlobalPool(nn.Module):
    """One row of features for each event; see `global_pool`."""

    def __init__(self, *, kind: Literal["mean", "max", "sum"] = "mean") -> None:
        super().__init__()
        check_pooling(kind)
        self.kind: Literal["mean", "max", "sum"] = kind

    def extra_repr(self) -> str:
        """Kind of pooling, for `print(module)`."""
        return f"kind={self.kind!r}"

    def forward(self, x: SparseTensor) -> Tensor:
        """Pool to shape (events, channels)."""
        return global_pool(x, kind=self.kind)
