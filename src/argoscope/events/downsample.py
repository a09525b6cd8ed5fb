"""Coarser images: blocks of pixels made into one, as larcv3 does it.

    average     sum of the charges / factor**d: pixels without charge count as zero
    sum         sum of the charges
    maximum     largest charge of the pixels that have one

Sums run in float32 in the order of pixel ids, as in larcv3's C++. Labels are
made by a rule of their own that the caller names; truth energies are added.

References
----------
larcv3, `Tensor::compress` and `PoolType_t`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events.grid import Grid
from argoscope.events.image import Image, LabelColumn
from argoscope.events.products import Clusters

__all__ = ["LabelPooling", "Pooling", "downsample"]

Pooling = Literal["average", "sum", "maximum"]
"""What becomes of the charges of a block."""
LabelPooling = Literal["maximum", "largest-charge", "drop"]
"""What becomes of its labels: the largest class number (larcv3), that of the pixel with most charge, or none."""


def downsample(
    image: Image, factor: int, pooling: Pooling = "average", labels: LabelPooling = "maximum"
) -> Image:
    """The image with blocks of ``factor`` pixels along each axis made into one.

    Parameters
    ----------
    image : Image
    factor : int
        Side of a block; every side of the image must be a multiple of it.
    pooling : {"average", "sum", "maximum"}
        What becomes of the charges.
    labels : {"maximum", "largest-charge", "drop"}
        What becomes of each kind of label. "maximum" is what larcv3's maximum
        pooling of a label image gives, apart from pixels without a label: a
        block is unlabelled only where all its pixels are. Of identifiers
        "maximum" keeps one that is there, but not always the same one for
        instance and ancestor; "largest-charge" does (the first pixel wins ties).

    Returns
    -------
    Image
        On a grid with the same extent.

    Raises
    ------
    InvalidArgument
        If the factor does not divide the sides, or a rule is unknown.

    Examples
    --------
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [1, 1], [3, 3]]), np.array([4.0, 2.0, 8.0]))
    >>> downsample(image, 2).charge.tolist(), downsample(image, 2, "maximum").charge.tolist()
    ([1.5, 2.0], [4.0, 8.0])
    """
    grid = _coarser(image.grid, factor)
    for name, value, kinds in (("pooling", pooling, Pooling), ("labels", labels, LabelPooling)):
        if value not in get_args(kinds):
            raise InvalidArgument(f"{name} (={value!r}) must be one of {get_args(kinds)}")
    ids, block = np.unique(grid.ids(image.coordinates // factor), return_inverse=True)
    columns = {}
    if labels != "drop":
        rule = _highest_labels if labels == "maximum" else _largest_charge_labels
        columns = {
            kind: replace(column, values=rule(column, image.charge, block, len(ids)))
            for kind, column in image.labels.items()
        }
    return Image(
        grid,
        grid.coordinates(ids),
        _pool(image.charge, block, len(ids), pooling, factor**grid.dimensions),
        columns,
        None if image.truth is None else _coarser_clusters(image.truth, grid, factor),
    )


def _coarser(grid: Grid, factor: int) -> Grid:
    if factor < 1:
        raise InvalidArgument(f"factor (={factor}) must be at least 1")
    if any(side % factor for side in grid.shape):
        need = tuple(-(-side // factor) * factor for side in grid.shape)
        raise InvalidArgument(
            f"factor (={factor}) must divide the sides of the {grid.shape} image; "
            f"crop it to {need} first: crop(image, {(0,) * grid.dimensions}, {need}) pads with empty pixels"
        )
    return replace(grid, shape=tuple(side // factor for side in grid.shape))


def _pool(charge: np.ndarray, block: np.ndarray, blocks: int, pooling: Pooling, size: int) -> np.ndarray:
    if pooling == "maximum":
        out = np.full(blocks, -np.inf, dtype=np.float32)
        np.maximum.at(out, block, charge)
        return out
    out = np.zeros(blocks, dtype=np.float32)
    np.add.at(out, block, charge)
    return out / np.float32(size) if pooling == "average" else out


def _highest_labels(column: LabelColumn, charge: np.ndarray, block: np.ndarray, blocks: int) -> np.ndarray:  # noqa: ARG001
    """Largest label of each block among the pixels that have one."""
    least = np.iinfo(np.int32).min
    out = np.full(blocks, least, dtype=np.int32)
    np.maximum.at(out, block[column.labelled], column.values[column.labelled])
    out[out == least] = column.scheme.unlabelled
    return out


def _largest_charge_labels(
    column: LabelColumn, charge: np.ndarray, block: np.ndarray, blocks: int
) -> np.ndarray:
    """Label of the pixel with the largest charge of each block, of the first one where several have it."""
    order = np.lexsort((-np.arange(len(charge)), charge, block))
    out = np.empty(blocks, dtype=np.int32)
    out[block[order]] = column.values[order]
    return out


def _coarser_clusters(truth: Clusters, grid: Grid, factor: int) -> Clusters:
    """Clusters on the coarse grid, the rows of one cluster that fall into one block added."""
    ids = grid.ids(truth.coordinates // factor)
    cluster = truth.cluster_of_row
    order = np.lexsort((ids, cluster))
    ids, cluster = ids[order], cluster[order]
    first = np.ones(len(ids), dtype=bool)
    first[1:] = (np.diff(ids) != 0) | (np.diff(cluster) != 0)
    values = np.zeros(int(first.sum()), dtype=np.float32)
    np.add.at(values, np.cumsum(first) - 1, truth.values[order])
    offsets = np.searchsorted(cluster[first], np.arange(len(truth) + 1))
    return Clusters(grid, ids[first], values, offsets, truth.numbers)
