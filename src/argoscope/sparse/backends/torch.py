"""Backend of plain torch operations: any device, any dtype.

One kernel offset at a time: gather the rows, multiply, add to the output. Under
autocast the product is taken in the lower precision and added in the output's.
"""

from __future__ import annotations

import torch
from torch import Tensor

from argoscope.sparse.index import KernelMap

__all__ = ["convolve", "weight_gradient"]


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
