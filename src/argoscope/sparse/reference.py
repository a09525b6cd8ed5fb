"""The definition of every convolution, site by site: slow, obvious, any device and dtype.

It looks every site up by its coordinates in a dictionary and shares nothing
with the kernel maps. Torch differentiates it, so that its gradients are the
reference for the gradients of the other backends too.

A kernel of edge k and stride s reads, for the output pixel p, the input pixels

    s p + o - pad        o = 0 ... k - 1 along each axis, pad = k // 2 if k is odd, else 0.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from argoscope.sparse.index import SiteIndex

__all__ = ["convolve", "convolve_transposed", "strided_sites"]


def rows_of(index: SiteIndex) -> dict[tuple[int, ...], int]:
    """Row of every site (event, pixel)."""
    sites = np.column_stack([index.events, index.coordinates]).tolist()
    return {tuple(site): row for row, site in enumerate(sites)}


def offsets_of(kernel: int, dimensions: int) -> list[tuple[int, ...]]:
    """Position of every kernel element relative to s p, in row-major order."""
    pad = kernel // 2 if kernel % 2 else 0
    return [tuple(o - pad for o in step) for step in itertools.product(range(kernel), repeat=dimensions)]


def stacked(results: list[Tensor], features: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Rows as a matrix; without rows, one whose gradients are 0."""
    if results:
        return torch.stack(results)
    nothing = features.sum() + weight.sum() + (0 if bias is None else bias.sum())
    return nothing * features.new_zeros(0, weight.shape[2])


def convolve(
    features: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    source: SiteIndex,
    target: SiteIndex,
    *,
    kernel: int,
    stride: int,
) -> Tensor:
    """Convolution from the sites `source` to the sites `target`; shape (target sites, channels out)."""
    rows = rows_of(source)
    results = []
    for event, *pixel in rows_of(target):
        total = features.new_zeros(weight.shape[2]) if bias is None else bias
        for block, step in zip(weight, offsets_of(kernel, source.dimensions), strict=True):
            site = (event, *(stride * p + s for p, s in zip(pixel, step, strict=True)))
            if site in rows:
                total = total + features[rows[site]] @ block
        results.append(total)
    return stacked(results, features, weight, bias)


def convolve_transposed(
    features: Tensor, weight: Tensor, bias: Tensor | None, coarse: SiteIndex, fine: SiteIndex, *, kernel: int
) -> Tensor:
    """Transpose of the stride-2 convolution; shape (fine sites, channels out)."""
    rows = rows_of(coarse)
    results = []
    for event, *pixel in rows_of(fine):
        total = features.new_zeros(weight.shape[2]) if bias is None else bias
        for block, step in zip(weight, offsets_of(kernel, fine.dimensions), strict=True):
            corner = [p - s for p, s in zip(pixel, step, strict=True)]
            site = (event, *(c // 2 for c in corner))
            if all(c % 2 == 0 for c in corner) and site in rows:
                total = total + features[rows[site]] @ block
        results.append(total)
    return stacked(results, features, weight, bias)


def strided_sites(index: SiteIndex, kernel: int) -> NDArray[np.int64]:
    """Sites (event, pixel) that a convolution of stride 2 makes active, sorted; shape (sites, 1 + dimensions)."""
    half = tuple((side + 1) // 2 for side in index.shape)
    found = set()
    for event, *pixel in rows_of(index):
        for step in offsets_of(kernel, index.dimensions):
            corner = [p - s for p, s in zip(pixel, step, strict=True)]
            site = tuple(c // 2 for c in corner)
            if all(c % 2 == 0 for c in corner) and all(
                0 <= p < side for p, side in zip(site, half, strict=True)
            ):
                found.add((event, *site))
    return np.array(sorted(found), np.int64).reshape(-1, 1 + index.dimensions)
