"""Sparse convolutions on the active sites of images: computed where there is charge, nowhere else.

>>> import torch
>>> from argoscope.sparse import SparseTensor, SubmanifoldConvolution
>>> x = SparseTensor.from_coordinates([[0, 1, 1], [0, 1, 2]], torch.ones(2, 1), shape=(4, 5))
>>> SubmanifoldConvolution(1, 8, dimensions=2, kernel=3)(x).features.shape
torch.Size([2, 8])

How it works: docs/engine.md.
"""

from __future__ import annotations

from argoscope.sparse.convolution import (
    Backend,
    inverse_convolution,
    pointwise_convolution,
    strided_convolution,
    submanifold_convolution,
)
from argoscope.sparse.index import KernelMap, SiteIndex
from argoscope.sparse.modules import (
    GlobalPool,
    InverseConvolution,
    Linear,
    MaxPool,
    MeanPool,
    ReLU,
    StridedConvolution,
    SubmanifoldConvolution,
)
from argoscope.sparse.normalization import BatchNorm
from argoscope.sparse.pooling import global_pool, max_pool, mean_pool
from argoscope.sparse.tensor import SparseTensor, concatenate, union
from argoscope.sparse.throughput import map_events, warm_up

__all__ = [
    "Backend",
    "BatchNorm",
    "GlobalPool",
    "InverseConvolution",
    "KernelMap",
    "Linear",
    "MaxPool",
    "MeanPool",
    "ReLU",
    "SiteIndex",
    "SparseTensor",
    "StridedConvolution",
    "SubmanifoldConvolution",
    "concatenate",
    "global_pool",
    "inverse_convolution",
    "map_events",
    "max_pool",
    "mean_pool",
    "pointwise_convolution",
    "strided_convolution",
    "submanifold_convolution",
    "union",
    "warm_up",
]
