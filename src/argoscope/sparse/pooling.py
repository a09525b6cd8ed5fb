"""Pooling over active sites.

Only active sites count: the maximum and the mean of a window are those of the
sites in it, and an event without sites pools to 0. (SparseConvNet divides the
mean by the volume of the window instead.)
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor

from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.sparse.checks import check_integer
from argoscope.sparse.tensor import SparseTensor

__all__ = ["check_kind", "global_pool", "max_pool", "mean_pool"]


def check_kind(kind: object) -> None:
    """Refuse a kind of pooling that `global_pool` does not have."""
    if kind not in ("mean", "max", "sum"):
        raise InvalidArgument(
            f"kind (={kind!r}) must be 'mean', 'max' or 'sum'. {nearest_hint(str(kind), ('mean', 'max', 'sum'))}"
        )


def max_pool(x: SparseTensor, *, kernel: int = 2) -> SparseTensor:
    """Largest feature of the active sites in each window, onto half the resolution.

    Of equal features the first in row-major order gets the gradient.

    Parameters
    ----------
    x : SparseTensor
    kernel : int
        Edge of the window: 2, 3, 5 or 7; see `argoscope.sparse.index`.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0]], torch.tensor([[-1.0], [-3.0]]), shape=(4, 5))
    >>> max_pool(x).features.tolist()
    [[-1.0]]
    """
    check_integer("kernel", kernel)
    kernel_map, coarse = x.index.coarser(kernel)
    features = x.features
    table = kernel_map.table_on(features.device)
    first = table.gather(0, (table >= 0).to(torch.uint8).argmax(0, keepdim=True)).squeeze(0)
    winner = first.unsqueeze(1).expand(-1, features.shape[1]).contiguous()
    best = features.detach()[first]
    for sites in table:
        rows = (sites >= 0).nonzero().squeeze(1)
        candidate = features.detach()[sites[rows]]
        better = (candidate > best[rows]) | candidate.isnan()
        best[rows] = torch.where(better, candidate, best[rows])
        winner[rows] = torch.where(better, sites[rows].unsqueeze(1), winner[rows])
    return SparseTensor(features.gather(0, winner), coarse)


def mean_pool(x: SparseTensor, *, kernel: int = 2) -> SparseTensor:
    """Mean feature of the active sites in each window, onto half the resolution.

    Parameters
    ----------
    x : SparseTensor
    kernel : int
        Edge of the window: 2, 3, 5 or 7; see `argoscope.sparse.index`.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0]], torch.tensor([[-1.0], [-3.0]]), shape=(4, 5))
    >>> mean_pool(x).features.tolist()
    [[-2.0]]
    """
    check_integer("kernel", kernel)
    kernel_map, coarse = x.index.coarser(kernel)
    table = kernel_map.table_on(x.features.device)
    total = x.features.new_zeros(len(coarse), x.features.shape[1])
    for sites in table:
        rows = (sites >= 0).nonzero().squeeze(1)
        total = total.index_add(0, rows, x.features.index_select(0, sites[rows]))
    return SparseTensor(total / (table >= 0).sum(0).unsqueeze(1), coarse)


def global_pool(x: SparseTensor, *, kind: Literal["mean", "max", "sum"] = "mean") -> Tensor:
    """Mean, maximum or sum of the features of every event; shape (events, channels).

    Raises
    ------
    InvalidArgument
        If `kind` is none of these.

    Examples
    --------
    The second event is empty:

    >>> x = SparseTensor.from_coordinates(
    ...     [[0, 0, 1], [0, 1, 0]], torch.tensor([[1.0], [3.0]]), shape=(4, 5), batch_size=2
    ... )
    >>> global_pool(x).tolist(), global_pool(x, kind="max").tolist()
    ([[2.0], [0.0]], [[3.0], [0.0]])
    """
    check_kind(kind)
    lengths = torch.from_numpy(np.diff(x.index.event_starts)).to(x.features.device)
    pooled = torch.segment_reduce(x.features, kind, lengths=lengths, unsafe=True)
    return torch.where((lengths > 0).unsqueeze(1), pooled, torch.zeros_like(pooled))
