"""Anchors: the boxes that stand at every cell of the feature map, from which proposals start.

An anchor's shape is (wires, times), its size along both axes in pixels. Every
cell has the same shapes, around the centre of its block of `stride` pixels.
Published shapes come from sizes and ratios: a square of one cell, stretched to
the ratio times / wires at the same area and rounded to whole pixels, then
enlarged to the size. Long thin tracks need other shapes than sizes: `kmeans_shapes`
finds them among true boxes.

References
----------
Ren et al., arXiv:1506.01497, section 3.1.1; the rounding is that of its code.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from argoscope.errors import InvalidArgument

__all__ = ["STRIDE", "TUNED_ANCHORS", "anchor_shapes", "kmeans_shapes", "placed"]

STRIDE = 16
"""Pixels of the image along each axis of a cell (four halvings: stem, pooling, and two of three stages)."""
REPEATS = 10
"""Starts of the clustering, of which the best is taken."""
TUNED_ANCHORS = (
    (6.0, 6.0), (5.0, 21.0), (16.0, 15.0), (13.0, 44.0), (8.0, 111.0), (84.0, 11.0),
    (35.0, 30.0), (28.0, 74.0), (84.0, 32.0), (62.0, 66.0), (21.0, 220.0), (267.0, 26.0),
    (50.0, 148.0), (128.0, 62.0), (96.0, 119.0), (49.0, 377.0), (234.0, 79.0), (88.0, 229.0),
    (174.0, 129.0), (472.0, 59.0), (159.0, 232.0), (379.0, 127.0), (277.0, 199.0), (129.0, 437.0),
    (275.0, 326.0), (843.0, 147.0), (503.0, 253.0), (260.0, 546.0), (512.0, 491.0), (988.0, 393.0),
)  # fmt: skip
"""Shapes (wires, times), in pixels: `argoscope.training.anchor_boxes.sample_anchors` of the 6,042 interactions on the collection
plane of 300 events of `microboone`, seed 41 (30 clusters, seed 0)."""


def anchor_shapes(sizes: Sequence[float], ratios: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Shapes (wires, times), in pixels, of all sizes at all ratios; ratios outermost.

    Parameters
    ----------
    sizes : sequence of float
        Edge of the square, in pixels.
    ratios : sequence of float
        Times over wires.

    Raises
    ------
    InvalidArgument
        If a number is not positive.

    Examples
    --------
    >>> anchor_shapes([32], [0.5, 1, 2])
    ((46.0, 24.0), (32.0, 32.0), (22.0, 44.0))
    """
    for name, numbers in (("sizes", sizes), ("ratios", ratios)):
        if any(not number > 0 for number in numbers):
            raise InvalidArgument(f"{name} (={list(numbers)}) must be positive")
    shapes = []
    for ratio in ratios:
        wires = max(1.0, float(np.round(STRIDE / np.sqrt(ratio))))
        times = max(1.0, float(np.round(wires * ratio)))
        shapes += [(wires * size / STRIDE, times * size / STRIDE) for size in sizes]
    return tuple(shapes)


def placed(shapes: Tensor, cells: Sequence[int]) -> Tensor:
    """Anchors at every cell of a map.

    Parameters
    ----------
    shapes : Tensor, shape (shapes, 2)
        Sizes (wires, times), in pixels.
    cells : sequence of 2 int
        Sides of the map, in cells.

    Returns
    -------
    Tensor, shape (cells, shapes, 4)
        Cells in row-major order.

    Examples
    --------
    >>> placed(torch.tensor([[16.0, 16.0]]), (1, 2)).tolist()
    [[[0.0, 0.0, 15.0, 15.0]], [[0.0, 16.0, 15.0, 31.0]]]
    """
    axes = [torch.arange(side, dtype=shapes.dtype, device=shapes.device) for side in cells]
    centres = torch.cartesian_prod(*axes).reshape(-1, 1, 2) * STRIDE + (STRIDE - 1) / 2
    reach = (shapes - 1) / 2
    return torch.cat([centres - reach, centres + reach], dim=2)


def kmeans_shapes(sizes: NDArray[np.floating], count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Shapes that stand for true boxes: k-means on the logarithms of their sizes.

    Parameters
    ----------
    sizes : ndarray, shape (boxes, 2)
        Wires and times of the boxes, in pixels.
    count : int
        Number of shapes.
    rng : Generator

    Returns
    -------
    ndarray, shape (count, 2)
        By increasing area.

    Raises
    ------
    InvalidArgument
        If a size is not positive, or there are fewer different sizes than shapes.

    Examples
    --------
    >>> thin, square = np.full((9, 2), [400.0, 10.0]), np.full((5, 2), [30.0, 30.0])
    >>> kmeans_shapes(np.concatenate([thin, square]), 2, np.random.default_rng(0)).round().tolist()
    [[30.0, 30.0], [400.0, 10.0]]
    """
    from sklearn.cluster import KMeans

    sizes = np.asarray(sizes, np.float64)
    if not (sizes > 0).all():
        row = int((~(sizes > 0)).any(axis=1).argmax())
        raise InvalidArgument(
            f"sizes: row {row}, {sizes[row].tolist()}, must be positive; drop boxes without pixels"
        )
    different = len(np.unique(sizes, axis=0))
    if different < count:
        raise InvalidArgument(
            f"count (={count}) is more than the {different} different sizes among {len(sizes)} boxes; give more boxes"
        )
    start = int(rng.integers(2**31))
    found = KMeans(count, n_init=REPEATS, random_state=start).fit(np.log(sizes)).cluster_centers_
    return np.exp(found[found.sum(axis=1).argsort(kind="stable")])
