"""RoIAlign: the features inside a box, read at a fixed number of bins.

A box is cut into `bins` x `bins` parts. In each part the features are read at a
grid of points, between the four cells around a point by bilinear interpolation,
and averaged. Cell r of the feature map stands at r / scale pixels of the image.

The average over a regular grid separates into the two axes, so a bin is

    sum over cells (i, j) of w[i] v[j] features[i, j],     w[i] = mean over points y of max(0, 1 - |i - y|)

with few cells along each axis: one `embedding_bag` gathers and sums them. It is
linear in the features, and torch knows its gradient. Boxes get no gradient, as
in the published operator.

Its conventions (legacy `aligned=False`): a point is at pixel * scale, without
the half pixel that newer versions subtract; a box is at least one cell large;
`points=0` takes ceil(size of a bin in cells) points along an axis; a point more
than one cell outside the map reads 0, others beyond the border read the border.

References
----------
He et al., arXiv:1703.06870, section 3.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from argoscope.errors import InvalidArgument
from argoscope.sparse import SiteIndex, SparseTensor

__all__ = ["BINS", "roi_align", "roi_align_dense", "rows_of_cells"]

BINS = 14
"""Bins along each axis (paper 1's configuration, RESOLUTION 14)."""
CHUNK = 64
"""Boxes for which weights are made at once; it bounds the memory and changes no result."""


def roi_align(
    x: SparseTensor,
    boxes: Tensor,
    images: Tensor,
    *,
    scale: float,
    bins: int = BINS,
    points: int = 0,
    aligned: bool = False,
) -> Tensor:
    """Features of boxes, from the cells that have some; the other cells count as 0.

    Parameters
    ----------
    x : SparseTensor
        Features of cells of 2-dimensional maps.
    boxes : Tensor, shape (boxes, 4)
        In pixels of the image.
    images : Tensor of int64, shape (boxes,)
        Number of the map each box lies on.
    scale : float
        Cells per pixel.
    bins : int
        Bins along each axis.
    points : int
        Points along each axis of a bin; 0 takes as many as the bin spans cells.
    aligned : bool
        Whether half a cell is subtracted from the positions.

    Returns
    -------
    Tensor, shape (boxes, channels, bins, bins)

    Raises
    ------
    InvalidArgument
        If a box lies on no map of the batch, or is not finite.

    Examples
    --------
    One cell of four has a feature; the box covers all four:

    >>> x = SparseTensor.from_coordinates([[0, 0, 0]], torch.ones(1, 1), shape=(2, 2))
    >>> roi_align(x, torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([0]), scale=1.0, bins=2)
    tensor([[[[0.2500, 0.0000],
              [0.0000, 0.0000]]]])
    """
    _check(boxes, images, x.index.batch_size)
    if not len(boxes):
        return x.features.new_zeros(0, x.features.shape[1], bins, bins)
    boxes, rows = boxes.detach(), rows_of_cells(x.index, boxes.device)
    chunks = [slice(first, first + CHUNK) for first in range(0, len(boxes), CHUNK)]
    parts = [
        _pooled(x.features, rows, boxes[chunk], images[chunk], (scale, bins, points, aligned))
        for chunk in chunks
    ]
    return torch.cat(parts).reshape(len(boxes), bins, bins, -1).permute(0, 3, 1, 2)


def roi_align_dense(features: Tensor, boxes: Tensor, images: Tensor, **options: float) -> Tensor:
    """Features of boxes on dense maps.

    Parameters
    ----------
    features : Tensor, shape (images, channels, wires, times)
    boxes, images, **options
        As for `roi_align`.

    Examples
    --------
    >>> box, map_number = torch.tensor([[0.0, 0.0, 2.0, 2.0]]), torch.tensor([0])
    >>> roi_align_dense(torch.ones(1, 3, 4, 5), box, map_number, scale=1.0, bins=2).shape
    torch.Size([1, 3, 2, 2])
    """
    everywhere = torch.ones_like(features[:, 0], dtype=torch.bool)
    return roi_align(SparseTensor.from_dense(features, everywhere), boxes, images, **options)  # type: ignore[arg-type]


def rows_of_cells(index: SiteIndex, device: torch.device | None = None) -> Tensor:
    """Row of every cell of the maps, -1 for cells without features; shape (images, wires, times), int64.

    Examples
    --------
    >>> rows_of_cells(SiteIndex.from_coordinates([[0, 1, 0]], shape=(2, 2))).tolist()
    [[[-1, -1], [0, -1]]]
    """
    rows = np.full((index.batch_size, *index.shape), -1)
    rows[(index.events, *index.coordinates.T)] = np.arange(len(index))
    return torch.from_numpy(rows).to(device)


def _check(boxes: Tensor, images: Tensor, maps: int) -> None:
    if boxes.ndim != 2 or boxes.shape[1] != 4 or images.shape != boxes.shape[:1]:
        raise InvalidArgument(
            f"boxes have shape {tuple(boxes.shape)} and images {tuple(images.shape)}; they must be (boxes, 4) and (boxes,)"
        )
    wrong = ~torch.isfinite(boxes).all(dim=1) | (images < 0) | (images >= maps)
    if wrong.any():
        row = int(wrong.nonzero()[0])
        raise InvalidArgument(
            f"box {row}, {boxes[row].tolist()} on map {int(images[row])}, must be finite and on one of the {maps} maps "
            "of the batch"
        )


def _pooled(
    features: Tensor, rows: Tensor, boxes: Tensor, images: Tensor, how: tuple[float, int, int, bool]
) -> Tensor:
    """Bins of some boxes, shape (boxes * bins * bins, channels)."""
    scale, bins, points, aligned = how
    (wires, across), (times, along) = (
        _taps(
            boxes[:, [axis, axis + 2]] * scale - 0.5 * aligned,
            side,
            bins,
            points,
            least=0.0 if aligned else 1.0,
        )
        for axis, side in enumerate(rows.shape[1:])
    )
    # Letters: n boxes, i and j bins, a and b cells of a bin along wire and time.
    weight = torch.einsum("nia,njb->nijab", across, along).flatten(3)
    at = rows[
        images[:, None, None, None, None], wires[:, :, None, :, None], times[:, None, :, None, :]
    ].flatten(3)
    read = (weight != 0) & (at >= 0)
    ends_of_bins = read.sum(dim=3).flatten().cumsum(0)
    starts = F.pad(ends_of_bins, (1, 0))[:-1]
    if not read.any():
        return features.new_zeros(len(starts), features.shape[1])
    return F.embedding_bag(
        at[read], features, starts, mode="sum", per_sample_weights=weight[read].to(features.dtype)
    )


def _taps(ends: Tensor, side: int, bins: int, points: int, *, least: float) -> tuple[Tensor, Tensor]:
    """Cells that each bin reads along one axis, and their weights; both of shape (boxes, bins, cells of a bin).

    Parameters
    ----------
    ends : Tensor, shape (boxes, 2)
        In cells.
    side : int
        Cells along the axis.
    bins, points
        As for `roi_align`.
    least : float
        Smallest size of a box, in cells.
    """
    size = (ends[:, 1] - ends[:, 0]).clamp(min=least) / bins
    count = torch.full_like(size, points) if points else size.ceil()
    most = max(1, int(count.max()))
    number = torch.arange(most, device=ends.device)
    step = (
        torch.arange(bins, device=ends.device)[:, None] + (number + 0.5) / count.clamp(min=1)[:, None, None]
    )
    position = ends[:, :1, None] + size[:, None, None] * step
    counted = (number < count[:, None, None]) & (position >= -1) & (position <= side)
    position = position.clamp(0, side - 1)
    width = int((size * (count - 1) / count.clamp(min=1)).max().ceil()) + 2
    cells = position.amin(dim=2).floor().long()[:, :, None] + torch.arange(width, device=ends.device)
    hats = (1 - (cells[:, :, None, :] - position[:, :, :, None]).abs()).clamp(min=0)
    weight = (hats * counted[:, :, :, None]).sum(dim=2) / count.clamp(min=1)[:, None, None]
    return cells.clamp(max=side - 1), weight
