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
from argoscope.sparse.tensor import SparseTensor, check_tensor

__all__ = ["check_pooling", "global_pool", "max_pool", "mean_pool"]


def check_pooling(kind: object) -> None:
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
    check_tensor("x", x)
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
    check_tensor("x", x)
    check_integer("kernel", kernel)
    kernel_map, coarse = x.index.coarser(kernel)
    table = kernel_map.table_on(x.features.device)
    values = x.features.to(torch.promote_types(x.features.dtype, torch.float32))
    total = values.new_zeros(len(coarse), values.shape[1])
    for sites in table:
        rows = (sites >= 0).nonzero().squeeze(1)
        total = total.index_add(0, rows, values.index_select(0, sites[rows]))
    mean = total / (table >= 0).sum(0).unsqueeze(1)
    return SparseTensor(mean.to(x.features.dtype), coarse)


def global_pool(x: SparseTensor, *, kind: Literal["mean", "max", "sum"] = "mean") -> Tensor:
    """Mean, maximum or sum of the features of every event; shape (events, channels).

    Sums are of double precision, rounded once. Of equal features the first gets
    the gradient of the maximum.

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
    check_tensor("x", x)
    check_pooling(kind)
    if kind == "max":
        return _global_max(x)
    features = x.features
    events = torch.from_numpy(x.index.events).to(features.device)
    total = features.new_zeros(x.index.batch_size, features.shape[1], dtype=torch.float64)
    total = total.index_add(0, events, features.double())
    if kind == "mean":
        counts = torch.from_numpy(np.diff(x.index.event_starts)).to(features.device)
        total = total / counts.clamp(min=1).unsqueeze(1)
    return total.to(features.dtype)


def _global_max(x: SparseTensor) -> Tensor:
    """Largest feature of every event, 0 for an event without sites; shape (events, channels)."""
    features = x.features
    starts = x.index.event_starts
    filled = np.flatnonzero(np.diff(starts))
    winners = features.new_zeros(len(filled), features.shape[1], dtype=torch.int64)
    for row, event in enumerate(filled.tolist()):
        first, last = int(starts[event]), int(starts[event + 1])
        winners[row] = first + features.detach()[first:last].argmax(0)
    pooled = features.new_zeros(x.index.batch_size, features.shape[1])
    return pooled.index_copy(0, torch.from_numpy(filled).to(features.device), features.gather(0, winners))
