"""The crop of paper 2: the window that holds the vertex and the most charged pixels.

The interaction vertex may lie anywhere in the window; of all windows inside
the image that hold it, the one with the most pixels of non-zero charge is
taken. Where several have as many, the one whose middle is nearest to the
vertex wins, then the one with the smaller first column, then row.

References
----------
MicroBooNE, Phys. Rev. D 99, 092001 (2019), arXiv:1808.07269, section on training samples; the paper leaves ties open.
"""

from __future__ import annotations

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events.image import Image
from argoscope.events.transforms import crop

__all__ = ["crop_around_vertex", "vertex_window"]

PAPER2_SHAPE = (512, 512)
"""Pixels of paper 2's window."""


def crop_around_vertex(image: Image, vertex: tuple[int, ...], shape: tuple[int, ...] = PAPER2_SHAPE) -> Image:
    """The window of `vertex_window`, cut out of the image.

    Parameters
    ----------
    image : Image
    vertex : tuple of int
        Pixel of the interaction vertex.
    shape : tuple of int
        Pixels of the window along each axis.

    Returns
    -------
    Image

    Raises
    ------
    InvalidArgument
        If the vertex lies outside the image, or the window is larger than the image.
    """
    return crop(image, vertex_window(image, vertex, shape), shape)


def vertex_window(
    image: Image, vertex: tuple[int, ...], shape: tuple[int, ...] = PAPER2_SHAPE
) -> tuple[int, ...]:
    """First pixel of the window that holds the vertex and the most pixels of non-zero charge.

    Parameters
    ----------
    image : Image
    vertex : tuple of int
        Pixel of the interaction vertex.
    shape : tuple of int
        Pixels of the window along each axis.

    Returns
    -------
    tuple of int

    Raises
    ------
    InvalidArgument
        If the vertex lies outside the image, or the window is larger than the image.

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> image = Image.from_points(Grid((9, 9)), np.array([[2, 2], [5, 5], [6, 6]]), np.ones(3))
    >>> vertex_window(image, (5, 5), (4, 4))
    (3, 3)
    """
    _require_window(image, vertex, shape)
    first = [max(0, v - n + 1) for v, n in zip(vertex, shape, strict=True)]
    last = [min(v, side - n) for v, n, side in zip(vertex, shape, image.grid.shape, strict=True)]
    counts = _window_counts(image, first, last, shape)
    best = np.argwhere(counts == counts.max()) + first
    offset = 2 * best + np.asarray(shape) - 1 - 2 * np.asarray(vertex)
    keys = (*best.T[::-1], (offset.astype(np.int64) ** 2).sum(axis=1))
    return tuple(int(k) for k in best[np.lexsort(keys)[0]])


def _window_counts(image: Image, first: list[int], last: list[int], shape: tuple[int, ...]) -> np.ndarray:
    """Pixels in each window whose first pixel lies from `first` to `last`, by running sums along each axis."""
    sides = [b - a + n for a, b, n in zip(first, last, shape, strict=True)]
    cells = image.coordinates[image.charge != 0] - np.asarray(first)
    cells = cells[((cells >= 0) & (cells < sides)).all(axis=1)]
    counts = np.zeros([n + 1 for n in sides], dtype=np.int32)
    counts[tuple((cells + 1).T)] = 1
    for axis, n in enumerate(shape):
        sums = np.moveaxis(np.cumsum(counts, axis=axis, dtype=np.int32), axis, 0)
        counts = np.moveaxis(sums[n:] - sums[:-n], 0, axis)
    return counts


def _require_window(image: Image, vertex: tuple[int, ...], shape: tuple[int, ...]) -> None:
    sides = image.grid.shape
    if len(vertex) != len(sides) or len(shape) != len(sides):
        raise InvalidArgument(
            f"vertex (={vertex}) and shape (={shape}) must have one number for each of the {len(sides)} axes"
        )
    if any(not 0 <= v < side for v, side in zip(vertex, sides, strict=True)):
        raise InvalidArgument(
            f"vertex (={vertex}) lies outside the {sides} image; leave out events whose vertex the plane does not see"
        )
    if any(not 1 <= n <= side for n, side in zip(shape, sides, strict=True)):
        raise InvalidArgument(
            f"shape (={shape}) must have sides from 1 to those of the image {sides}; crop() can enlarge the image first"
        )
