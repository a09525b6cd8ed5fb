"""Pure functions from image to image; labels and truth follow the pixels.

Each returns a new `Image` and leaves the one it was given as it is. What
becomes of the parts:

==================  =======================================================
charge, labels      one row a pixel: kept, dropped or moved together
truth clusters      moved with the pixels; dropped only where the pixels
                    leave the image, because truth does not depend on what
                    the electronics saw. Empty clusters keep their place.
==================  =======================================================

`map_images` applies one to every plane of an event.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events.event import Event
from argoscope.events.grid import Grid
from argoscope.events.image import Image
from argoscope.events.products import Clusters

__all__ = [
    "clip",
    "crop",
    "flip",
    "map_images",
    "mask_dead_wires",
    "rescale",
    "select_cluster_rows",
    "threshold",
    "window",
]


def map_images(event: Event, transform: Callable[[Image], Image]) -> Event:
    """The event with `transform` applied to each of its images.

    Examples
    --------
    >>> from argoscope.events import EventId
    >>> image = Image.from_points(Grid((4, 4)), np.array([[2, 1], [0, 3]]), np.array([4.0, 20.0]))
    >>> map_images(Event(EventId(), (image, image)), lambda plane: threshold(plane, 10)).pixels
    2
    """
    return replace(event, images=tuple(transform(image) for image in event.images))


def crop(image: Image, low: tuple[int, ...], shape: tuple[int, ...]) -> Image:
    """A window of the image; pixels outside it are dropped, positions stay.

    Parameters
    ----------
    image : Image
    low : tuple of int
        First pixel of the window along each axis. The window may reach over
        the border: there it is empty (larcv3's Embed).
    shape : tuple of int
        Pixels of the window along each axis.

    Returns
    -------
    Image
        Its grid is ``image.grid.crop(low, shape)``: every pixel keeps its position in cm.

    Raises
    ------
    InvalidArgument
        If `low` and `shape` have not one number for each axis, or a side is not positive.

    Examples
    --------
    >>> image = Image.from_points(Grid((8, 8)), np.array([[2, 1], [5, 6]]), np.array([1.0, 2.0]))
    >>> cropped = crop(image, (4, 4), (4, 4))
    >>> cropped.coordinates.tolist(), cropped.grid.centres(cropped.coordinates).tolist()
    ([[1, 2]], [[5.5, 6.5]])
    """
    grid = image.grid.crop(low, shape)
    moved, inside = _into_window(image.coordinates, low, shape)
    kept = image.take(inside)
    truth = image.truth
    if truth is not None:
        cells, held = _into_window(truth.coordinates, low, shape)
        truth = select_cluster_rows(truth, held, grid, grid.ids(cells[held]))
    return replace(kept, grid=grid, coordinates=moved[inside], truth=truth)


def flip(image: Image, axis: int) -> Image:
    """The mirror image along one axis; pixel i becomes n - 1 - i.

    The grid stays: after a flip of the drift axis a row no longer tells the
    true drift time. Rows of truth clusters come out sorted by pixel.

    Parameters
    ----------
    image : Image
    axis : int
        0 wire or x, 1 drift time or y, 2 z.

    Raises
    ------
    InvalidArgument
        If the image has no such axis.

    Examples
    --------
    >>> image = Image.from_points(Grid((4, 8)), np.array([[0, 1], [3, 1]]), np.array([1.0, 2.0]))
    >>> flip(image, 0).charge.tolist(), flip(image, 1).coordinates.tolist()
    ([2.0, 1.0], [[0, 6], [3, 6]])
    """
    if not 0 <= axis < image.grid.dimensions:
        raise InvalidArgument(f"axis (={axis}) must be from 0 to {image.grid.dimensions - 1}")
    coordinates = _mirrored(image.coordinates, image.grid, axis)
    order = np.argsort(image.grid.ids(coordinates))
    truth = image.truth
    if truth is not None:
        ids = truth.grid.ids(_mirrored(truth.coordinates, truth.grid, axis))
        rows = np.lexsort((ids, truth.cluster_of_row))
        truth = replace(truth, ids=ids[rows], values=truth.values[rows])
    labels = {kind: column.take(order) for kind, column in image.labels.items()}
    return Image(image.grid, coordinates[order], image.charge[order], labels, truth)


def threshold(image: Image, least: float) -> Image:
    """Only the pixels with a charge of at least `least`; truth stays.

    Examples
    --------
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [1, 1]]), np.array([9.5, 10.0]))
    >>> threshold(image, 10).charge.tolist()
    [10.0]
    """
    return image.take(image.charge >= _number("least", least))


def window(image: Image, least: float, most: float) -> Image:
    """Only the pixels with a charge from `least` to `most`, both included (paper 3: 10 to 300); truth stays.

    Raises
    ------
    InvalidArgument
        If `least` is above `most`.
    """
    _require_order(least, most)
    return image.take((image.charge >= least) & (image.charge <= most))


def clip(image: Image, least: float, most: float) -> Image:
    """Pixels below `least` dropped, charges above `most` lowered to it (paper 2: 10 and 100); truth stays.

    Raises
    ------
    InvalidArgument
        If `least` is above `most`.

    Examples
    --------
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [1, 1], [2, 2]]), np.array([5.0, 50.0, 500.0]))
    >>> clip(image, 10, 100).charge.tolist()
    [50.0, 100.0]
    """
    _require_order(least, most)
    kept = threshold(image, least)
    return replace(kept, charge=np.minimum(kept.charge, np.float32(most)))


def rescale(image: Image, gain: float | np.ndarray) -> Image:
    """Charge times a gain; truth stays.

    Parameters
    ----------
    image : Image
    gain : float or ndarray, shape (n,)
        One factor, or one for each pixel (for instance that of its wire).

    Raises
    ------
    InvalidArgument
        If a factor is not finite and positive, or their number is not that of the pixels.

    Examples
    --------
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [1, 1]]), np.array([1.0, 2.0]))
    >>> rescale(image, 1.5).charge.tolist()
    [1.5, 3.0]
    """
    factors = np.asarray(gain, dtype=np.float64)
    if factors.ndim and factors.shape != image.charge.shape:
        raise InvalidArgument(
            f"gain (shape {factors.shape}) must be one number or one for each of the {len(image)} pixels"
        )
    good = np.isfinite(factors) & (factors > 0)
    if not good.all():
        bad = factors[()] if not factors.ndim else factors[int((~good).argmax())]
        raise InvalidArgument(f"gain (={bad}) must be finite and positive; mask_dead_wires() takes wires out")
    return replace(image, charge=(image.charge * factors).astype(np.float32))


def mask_dead_wires(image: Image, columns: np.ndarray, rows: tuple[int, int] | None = None) -> Image:
    """Only the pixels that do not lie on dead wires; truth stays.

    Parameters
    ----------
    image : Image
        Of a plane.
    columns : ndarray, shape (k,), integer
        Columns of the dead wires.
    rows : tuple of int, optional
        Rows (first, end) in which they are dead, where volumes share the columns; by default all.

    Raises
    ------
    InvalidArgument
        If the image is a volume or a column lies outside.

    Examples
    --------
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [1, 1]]), np.array([1.0, 2.0]))
    >>> mask_dead_wires(image, np.array([1, 3])).charge.tolist()
    [1.0]
    """
    if image.grid.dimensions != 2:
        raise InvalidArgument("only planes have wires; this image is a volume")
    columns = np.asarray(columns)
    if columns.size and columns.dtype.kind not in "iu":
        raise InvalidArgument(f"columns (dtype {columns.dtype}) must be whole numbers of wires")
    outside = (columns < 0) | (columns >= image.grid.shape[0])
    if outside.any():
        raise InvalidArgument(
            f"columns has {columns[outside][0]}, outside the {image.grid.shape[0]} columns of the image; "
            "add the column of wire 0 to wire numbers"
        )
    first, end = (0, image.grid.shape[1]) if rows is None else rows
    row = image.coordinates[:, 1]
    dead = np.isin(image.coordinates[:, 0], columns) & (row >= first) & (row < end)
    return image.take(~dead)


def select_cluster_rows(truth: Clusters, kept: np.ndarray, grid: Grid, ids: np.ndarray) -> Clusters:
    """Clusters of some rows on a new grid; clusters left without rows keep their place.

    Parameters
    ----------
    truth : Clusters
    kept : ndarray, shape (m,), bool
        Which rows stay.
    grid : Grid
        The new grid.
    ids : ndarray, shape (kept rows,), int64
        Pixel numbers of the kept rows on the new grid.
    """
    ends = np.concatenate([[0], np.cumsum(kept)])[truth.offsets]
    return Clusters(grid, ids, truth.values[kept], ends, truth.numbers)


def _into_window(
    coordinates: np.ndarray, low: tuple[int, ...], shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates counted from the window, and which of them lie inside."""
    moved = coordinates - np.asarray(low, dtype=np.int64)
    inside = np.logical_and(moved >= 0, moved < np.asarray(shape)).all(axis=1)
    return moved, np.asarray(inside)


def _mirrored(coordinates: np.ndarray, grid: Grid, axis: int) -> np.ndarray:
    out = coordinates.copy()
    out[:, axis] = grid.shape[axis] - 1 - coordinates[:, axis]
    return out


def _number(name: str, value: float) -> float:
    if np.isnan(value):
        raise InvalidArgument(f"{name} (={value}) must be a number")
    return value


def _require_order(least: float, most: float) -> None:
    if not least <= most:
        raise InvalidArgument(f"least (={least}) must not be above most (={most})")
