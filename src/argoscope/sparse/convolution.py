"""Convolutions on active sites.

    out[j] = bias + sum over offsets o with a site i = j at o: features[i] @ weight[o]

`submanifold_convolution` keeps the sites, `strided_convolution` goes to half the
resolution, `inverse_convolution` takes the strided map backwards onto the sites
it came from, `pointwise_convolution` is a linear layer.

Weights have shape (offsets, channels in, channels out), offsets in row-major
order: SparseConvNet's layout. In terms of torch's dense convolutions,
`weight.reshape(*[kernel] * dimensions, channels_in, channels_out)` is their
weight with the two channel axes moved to the front, output first.

Backends: "numba" (CPU, float32 and float64), "torch" (any device and dtype),
"reference" (the definition, slow; see `argoscope.sparse.reference`); "auto"
takes the first where it can. Second derivatives: "torch" and "reference" have
them, "numba" refuses.

Under autocast weight, bias and addend are converted to the dtype of the
features, which is that of the result; gradients keep the dtype of what they
belong to.

References
----------
Graham, Engelcke, van der Maaten, CVPR 2018, arXiv:1711.10275, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor

from argoscope.errors import InvalidArgument
from argoscope.sparse import reference
from argoscope.sparse.backends import numba as numba_backend
from argoscope.sparse.backends import torch as torch_backend
from argoscope.sparse.checks import (
    check_array,
    check_backend,
    check_integer,
    check_operands,
    check_same_sites,
)
from argoscope.sparse.derivatives import first_derivative_only
from argoscope.sparse.index import KernelMap, SiteIndex, check_index
from argoscope.sparse.summing import column_sums
from argoscope.sparse.tensor import SparseTensor, check_tensor

__all__ = [
    "Backend",
    "choose_backend",
    "inverse_convolution",
    "pointwise_convolution",
    "strided_convolution",
    "submanifold_convolution",
]

Backend = Literal["auto", "numba", "torch", "reference"]


def choose_backend(backend: Backend, features: Tensor) -> Backend:
    """Backend that computes on these features.

    Raises
    ------
    InvalidArgument
        If the backend is unknown or cannot compute on this device and dtype.

    Examples
    --------
    >>> choose_backend("auto", torch.zeros(3, 2)), choose_backend("auto", torch.zeros(3, 2).half())
    ('numba', 'torch')
    """
    check_backend(backend)
    if backend == "auto":
        return "numba" if numba_backend.supports(features) else "torch"
    if backend == "numba" and not numba_backend.supports(features):
        raise InvalidArgument(
            f"backend 'numba' computes on the CPU in float32 and float64; features are {features.dtype} on "
            f"{features.device}. Use backend='torch' or move the features."
        )
    return backend


class _Convolution(torch.autograd.Function):
    """A convolution and its gradients, along a kernel map or its reverse."""

    @staticmethod
    def forward(  # noqa: PLR0917  # torch calls it by position
        ctx: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        addend: Tensor | None,
        kernel_map: KernelMap,
        reverse: bool,
        backend: Backend,
    ) -> Tensor:
        ctx.save_for_backward(features, weight)
        ctx.kernel_map, ctx.reverse, ctx.backend = kernel_map, reverse, backend
        along = kernel_map.reverse if reverse else kernel_map
        if backend == "numba":
            return numba_backend.convolve(features, weight, along, bias=bias, addend=addend)[0]
        out = torch_backend.convolve(features, weight, along)
        for term in (bias, addend):
            out = out if term is None else out + term
        return out

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        features, weight = ctx.saved_tensors
        along = ctx.kernel_map.reverse if ctx.reverse else ctx.kernel_map
        for_features = for_weight = for_bias = None
        if ctx.needs_input_grad[0]:
            mirrored = ctx.kernel_map.mirrored
            back = ctx.kernel_map if mirrored or ctx.reverse else ctx.kernel_map.reverse
            if ctx.backend == "numba":
                turned = numba_backend.transposed(weight, mirrored=mirrored)
                for_features = numba_backend.convolve(gradient, turned, back)[0]
            else:
                turned = (weight.flip(0) if mirrored else weight).transpose(1, 2)
                for_features = torch_backend.convolve(gradient, turned, back)
        if ctx.needs_input_grad[1]:
            module = numba_backend if ctx.backend == "numba" else torch_backend
            for_weight = module.weight_gradient(features, gradient, along)
        if ctx.needs_input_grad[2]:
            for_bias = column_sums(gradient)
        for_addend = gradient if ctx.needs_input_grad[3] else None
        return for_features, for_weight, for_bias, for_addend, None, None, None


class _CompiledConvolution(_Convolution):
    """The same where torch cannot see through the kernels to differentiate the gradients again."""

    @staticmethod
    @first_derivative_only
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        return _Convolution.backward(ctx, gradient)


def _convolve(
    features: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    kernel_map: KernelMap,
    backend: Backend,
    *,
    addend: Tensor | None = None,
    reverse: bool = False,
    defined: Callable[[Tensor, Tensor | None], Tensor],
) -> Tensor:
    """Check the operands and convolve, with gradients; `defined` does it from weight and bias by definition."""
    outputs = kernel_map.inputs if reverse else kernel_map.outputs
    check_operands(features, weight, bias, addend, offsets=kernel_map.offsets, outputs=outputs)
    # Autocast lets dtypes differ; converted here, every gradient gets the dtype of what it belongs to.
    weight = weight.to(features.dtype)
    bias = None if bias is None else bias.to(features.dtype)
    addend = None if addend is None else addend.to(features.dtype)
    if backend == "reference":
        defined_as = defined(weight, bias).to(features.dtype)
        return defined_as if addend is None else defined_as + addend
    function = _CompiledConvolution if backend == "numba" else _Convolution
    out: Tensor = function.apply(features, weight, bias, addend, kernel_map, reverse, backend)  # type: ignore[no-untyped-call]
    return out


def _defined(
    x: SparseTensor, target: SiteIndex, weight: Tensor, bias: Tensor | None, *, kernel: int, stride: int
) -> Tensor:
    """A convolution onto the sites `target`, by definition."""
    return reference.convolve(x.features, weight, bias, x.index, target, kernel=kernel, stride=stride)


def submanifold_convolution(
    x: SparseTensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    kernel: int = 3,
    addend: SparseTensor | None = None,
    backend: Backend = "auto",
) -> SparseTensor:
    """Convolve without spreading: the output has the sites of the input.

    Parameters
    ----------
    x : SparseTensor
    weight : Tensor, shape (kernel ** dimensions, channels in, channels out)
    bias : Tensor, shape (channels out,), optional
    kernel : int
        Edge of the kernel, in pixels: 1, 3, 5 or 7.
    addend : SparseTensor, optional
        Added to the result, on the same sites: the shortcut of a residual block.
    backend : {"auto", "numba", "torch", "reference"}

    Returns
    -------
    SparseTensor
        On the sites of `x`.

    Raises
    ------
    InvalidArgument
        If the kernel is even, or the weight does not fit kernel, features, dtype or device.

    References
    ----------
    Graham & van der Maaten, arXiv:1706.01307, section 3.

    Examples
    --------
    Two neighbours and one site alone; a kernel of ones sums what it sees:

    >>> x = SparseTensor.from_coordinates([[0, 1, 1], [0, 1, 2], [0, 3, 4]], torch.ones(3, 1), shape=(4, 5))
    >>> submanifold_convolution(x, torch.ones(9, 1, 1)).features.flatten().tolist()
    [2.0, 2.0, 1.0]
    """
    check_tensor("x", x)
    chosen = choose_backend(backend, x.features)
    check_integer("kernel", kernel)
    if addend is not None:
        check_tensor("addend", addend)
        check_same_sites(x.index, addend.index, "x and the addend")
    defined = partial(_defined, x, x.index, kernel=kernel, stride=1)
    around = None if addend is None else addend.features
    kernel_map = x.index.neighbours(kernel)
    return x.with_features(
        _convolve(x.features, weight, bias, kernel_map, chosen, addend=around, defined=defined)
    )


def pointwise_convolution(
    x: SparseTensor, weight: Tensor, bias: Tensor | None = None, *, backend: Backend = "auto"
) -> SparseTensor:
    """Multiply the features of every site by one matrix: a linear layer.

    Parameters
    ----------
    x : SparseTensor
    weight : Tensor, shape (channels in, channels out)
    bias : Tensor, shape (channels out,), optional
    backend : {"auto", "numba", "torch", "reference"}

    Raises
    ------
    InvalidArgument
        If the weight does not fit the features, their dtype or device.
    """
    check_tensor("x", x)
    check_array("weight", weight)
    if weight.ndim != 2:
        raise InvalidArgument(
            f"weight has shape {tuple(weight.shape)}; features of {x.features.shape[1]} channels need "
            f"({x.features.shape[1]}, channels out)."
        )
    return submanifold_convolution(x, weight.unsqueeze(0), bias, kernel=1, backend=backend)


def strided_convolution(
    x: SparseTensor, weight: Tensor, bias: Tensor | None = None, *, kernel: int = 2, backend: Backend = "auto"
) -> SparseTensor:
    """Convolve onto half the resolution.

    Parameters
    ----------
    x : SparseTensor
    weight : Tensor, shape (kernel ** dimensions, channels in, channels out)
    bias : Tensor, shape (channels out,), optional
    kernel : int
        Edge of the kernel, in pixels: 2, or 3, 5 or 7 (whose windows overlap,
        so that the active sites spread).
    backend : {"auto", "numba", "torch", "reference"}

    Returns
    -------
    SparseTensor
        On the sites of `x.index.coarser(kernel)`.

    Raises
    ------
    InvalidArgument
        If the kernel is not one of these, or the weight does not fit.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0], [0, 3, 4]], torch.ones(3, 1), shape=(4, 5))
    >>> y = strided_convolution(x, torch.ones(4, 1, 1))
    >>> y.index.coordinates.tolist(), y.features.flatten().tolist()
    ([[0, 0], [1, 2]], [2.0, 1.0])
    """
    check_tensor("x", x)
    chosen = choose_backend(backend, x.features)
    check_integer("kernel", kernel)
    kernel_map, coarse = x.index.coarser(kernel)
    defined = partial(_defined, x, coarse, kernel=kernel, stride=2)
    return SparseTensor(_convolve(x.features, weight, bias, kernel_map, chosen, defined=defined), coarse)


def inverse_convolution(
    x: SparseTensor,
    weight: Tensor,
    bias: Tensor | None = None,
    *,
    onto: SiteIndex,
    kernel: int = 2,
    backend: Backend = "auto",
) -> SparseTensor:
    """Transposed strided convolution, back onto the sites it came from.

    Parameters
    ----------
    x : SparseTensor
        On the sites of `onto.coarser(kernel)`.
    weight : Tensor, shape (kernel ** dimensions, channels in, channels out)
    bias : Tensor, shape (channels out,), optional
    onto : SiteIndex
        The fine sites.
    kernel : int
        Edge of the kernel of the strided convolution.
    backend : {"auto", "numba", "torch", "reference"}

    Returns
    -------
    SparseTensor
        On the sites `onto`.

    Raises
    ------
    InvalidArgument
        If `x` is not on the coarser sites of `onto`, or the weight does not fit.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0], [0, 3, 4]], torch.ones(3, 1), shape=(4, 5))
    >>> y = strided_convolution(x, torch.ones(4, 1, 1))
    >>> inverse_convolution(y, torch.ones(4, 1, 1), onto=x.index).features.flatten().tolist()
    [2.0, 2.0, 1.0]
    """
    check_tensor("x", x)
    check_index("onto", onto)
    chosen = choose_backend(backend, x.features)
    check_integer("kernel", kernel)
    kernel_map, coarse = onto.coarser(kernel)
    check_same_sites(coarse, x.index, "x and the coarser sites of `onto`")

    def defined(weight: Tensor, bias: Tensor | None) -> Tensor:
        return reference.convolve_transposed(x.features, weight, bias, coarse, onto, kernel=kernel)

    out = _convolve(x.features, weight, bias, kernel_map, chosen, reverse=True, defined=defined)
    return SparseTensor(out, onto)
