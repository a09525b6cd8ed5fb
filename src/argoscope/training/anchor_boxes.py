"""Anchors of Mask R-CNN from the boxes of a sample's true interactions.

The interactions are those that training counts, their boxes in pixels; the
shapes are those of `argoscope.models.anchors.kmeans_shapes`, in whole pixels.
How well some shapes stand for some boxes is said by the overlap of each box
with the best of them, both around one centre: what a proposal can start from.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from argoscope.events import COSMIC
from argoscope.models.anchors import kmeans_shapes
from argoscope.models.boxes import box_sizes
from argoscope.training.box_learning import box_targets
from argoscope.training.data import collate
from argoscope.training.instance_pixels import sorted_columns
from argoscope.training.samples import Samples

__all__ = ["best_overlaps", "sample_anchors", "sample_boxes"]


def sample_boxes(samples: Samples) -> NDArray[np.float64]:
    """Sizes of the boxes of all counted interactions of a sample.

    Parameters
    ----------
    samples : Samples
        Of the task "instances".

    Returns
    -------
    ndarray, shape (boxes, 2)
        Wires and times, in pixels.
    """
    found = [np.zeros((0, 2))]
    for number in range(len(samples)):
        batch = collate([samples[number]])
        rows = batch["coordinates"].numpy()
        columns = sorted_columns(batch, np.arange(len(rows)))
        starts = np.searchsorted(rows[:, 0], np.arange(batch["images"] + 1))
        for first, last in pairwise(starts.tolist()):
            targets = box_targets(columns.part(first, last), rows[first:last, 1:], COSMIC)
            found.append(box_sizes(targets.boxes).double().numpy())
    return np.concatenate(found)


def sample_anchors(samples: Samples, count: int, *, seed: int = 0) -> tuple[tuple[float, float], ...]:
    """Anchors for a network, found among the boxes of a sample.

    Parameters
    ----------
    samples : Samples
        Of the task "instances".
    count : int
        Number of anchors of a cell.
    seed : int
        Of the clustering's starts.

    Returns
    -------
    tuple of (float, float)
        Wires and times in whole pixels, by increasing area: ``network.proposals.shapes``.

    Raises
    ------
    InvalidArgument
        If the sample has fewer different boxes than that.
    """
    shapes = kmeans_shapes(sample_boxes(samples), count, np.random.default_rng(seed)).round().clip(min=1)
    return tuple((wires, times) for wires, times in shapes.tolist())


def best_overlaps(sizes: NDArray[np.float64], shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of each box with the best of some shapes around the same centre.

    Parameters
    ----------
    sizes : ndarray, shape (boxes, 2)
    shapes : ndarray, shape (shapes, 2)

    Returns
    -------
    ndarray, shape (boxes,)

    Examples
    --------
    >>> best_overlaps(np.array([[4.0, 10.0]]), np.array([[8.0, 10.0], [100.0, 10.0]])).tolist()
    [0.5]
    """
    shared = np.minimum(sizes[:, None], shapes[None]).prod(axis=2)
    union = sizes.prod(axis=1)[:, None] + shapes.prod(axis=1)[None] - shared
    best: NDArray[np.float64] = (shared / union).max(axis=1)
    return best
