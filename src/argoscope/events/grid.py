"""The grid of an image: how many pixels, how large, where, and how they are numbered.

A pixel has integer indices ``(i0, i1[, i2])`` and one number, its id. The ids
of larcv3, which argoscope uses throughout, run with the last axis fastest:

    2D    id = i0 * n1 + i1
    3D    id = (i0 * n1 + i1) * n2 + i2

Wire images have axis 0 = wire and axis 1 = drift time; volumes have x, y, z.
Older larcv2 files count the other way round (first axis fastest); see
`ids_first_axis_fastest`.

References
----------
larcv3, `ImageMeta`: layout and numbering as found in its HDF5 files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.typing import Coordinates, PixelIndices, PixelNumbers, Rows

__all__ = ["Grid", "Unit", "ids_first_axis_fastest", "require_inside", "rows_in"]

Unit = Literal["unknown", "cm", "wire-time"]
"""What `Grid.size` and `Grid.origin` measure; the three units of larcv."""

MAX_AXES = 4
"""larcv's tensors have one to four axes; planes have two and volumes three."""

MAX_PIXELS = 2**62
"""Ids are int64; a grid of more pixels than this could not be numbered with a margin."""


@dataclass(frozen=True)
class Grid:
    """Numbering and extent of the pixels of one plane or one volume.

    Parameters
    ----------
    shape : tuple of int
        Pixels along each axis; two axes for a plane, three for a volume (larcv's tensors have up to four).
    size : tuple of float, optional
        Length of the whole image along each axis, in `unit`. By default one unit a pixel.
    origin : tuple of float, optional
        Position of the low corner of pixel 0, in `unit`. By default zero.
    projection : int
        Number of the plane (0, 1 induction, 2 collection); 0 for volumes.
    unit : {"unknown", "cm", "wire-time"}
        Unit of `size` and `origin`.

    Raises
    ------
    InvalidArgument
        If the shape has not one to four positive sides, or the lengths disagree.

    Examples
    --------
    >>> plane = Grid((2048, 1280), projection=2)
    >>> plane.ids(np.array([[3, 5]]))
    array([3845])
    >>> plane.coordinates(np.array([3845]))
    array([[3, 5]], dtype=int32)
    """

    shape: tuple[int, ...]
    size: tuple[float, ...] = ()
    origin: tuple[float, ...] = ()
    projection: int = 0
    unit: Unit = "unknown"

    def __post_init__(self) -> None:
        if any(n != int(n) for n in self.shape):
            raise InvalidArgument(f"shape (={self.shape}) must have whole numbers of pixels")
        shape = tuple(int(n) for n in self.shape)
        if not 1 <= len(shape) <= MAX_AXES or any(n < 1 for n in shape):
            raise InvalidArgument(f"shape (={self.shape}) must have one to four sides of at least one pixel")
        if math.prod(shape) > MAX_PIXELS:
            raise InvalidArgument(
                f"shape (={self.shape}) has more pixels than can be numbered (at most 2**62)"
            )
        size = tuple(float(v) for v in self.size) or tuple(map(float, shape))
        origin = tuple(float(v) for v in self.origin) or (0.0,) * len(shape)
        for name, values in (("size", size), ("origin", origin)):
            if len(values) != len(shape) or not all(map(math.isfinite, values)):
                raise InvalidArgument(
                    f"{name} (={values}) must have one finite number for each axis of the {shape} image"
                )
        if any(v <= 0 for v in size):
            raise InvalidArgument(f"size (={size}) must be positive along every axis")
        if self.unit not in get_args(Unit):
            raise InvalidArgument(f"unit (={self.unit!r}) must be one of {get_args(Unit)}")
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "size", size)
        object.__setattr__(self, "origin", origin)

    @property
    def dimensions(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def pixels(self) -> int:
        """Number of pixels, charged or not."""
        return math.prod(self.shape)

    @property
    def pitch(self) -> tuple[float, ...]:
        """Length of a pixel along each axis, in `unit`."""
        return tuple(length / n for length, n in zip(self.size, self.shape, strict=True))

    def ids(self, coordinates: PixelIndices) -> Rows:
        """Number of each pixel, last axis fastest.

        Parameters
        ----------
        coordinates : ndarray, shape (n, d), integer
            Pixel indices; they must lie inside the grid.

        Returns
        -------
        ndarray, shape (n,), int64

        Raises
        ------
        InvalidArgument
            If a row lies outside the grid.
        """
        coordinates = require_inside(coordinates, self.shape)
        ids = coordinates[:, 0].astype(np.int64)
        for axis in range(1, self.dimensions):
            ids = ids * self.shape[axis] + coordinates[:, axis]
        return ids

    def coordinates(self, ids: PixelNumbers) -> Coordinates:
        """Indices of the pixels with these ids: the inverse of `ids`.

        Parameters
        ----------
        ids : ndarray, shape (n,), integer

        Returns
        -------
        ndarray, shape (n, d), int32

        Raises
        ------
        InvalidArgument
            If an id is negative or not below the number of pixels.
        """
        ids = np.asarray(ids)
        if ids.size and (int(ids.min()) < 0 or int(ids.max()) >= self.pixels):
            bad = int(((ids < 0) | (ids >= self.pixels)).argmax())
            raise InvalidArgument(
                f"pixel id {int(ids[bad])} (row {bad}) lies outside the {self.shape} image of {self.pixels} pixels"
            )
        out = np.empty((len(ids), self.dimensions), dtype=np.int32)
        rest = ids
        for axis in range(self.dimensions - 1, 0, -1):
            above = rest // self.shape[axis]
            out[:, axis] = rest - above * self.shape[axis]
            rest = above
        out[:, 0] = rest
        return out

    def centres(self, coordinates: PixelIndices) -> np.ndarray:
        """Position of pixel centres, origin + (i + 0.5) pitch.

        Returns
        -------
        ndarray, shape (n, d), float64
            In `unit`.
        """
        steps: np.ndarray = (np.asarray(coordinates) + 0.5) * np.asarray(self.pitch)
        return steps + np.asarray(self.origin)

    def indices_of(self, positions: np.ndarray) -> Coordinates:
        """Pixel that holds each position, floor((position - origin) / pitch).

        Positions outside the image give indices outside the grid: the caller
        decides what becomes of them.

        Parameters
        ----------
        positions : ndarray, shape (n, d)
            In `unit`.

        Returns
        -------
        ndarray, shape (n, d), int32
        """
        scaled = (np.asarray(positions, dtype=np.float64) - self.origin) / self.pitch
        return np.floor(scaled).astype(np.int32)

    def crop(self, low: tuple[int, ...], shape: tuple[int, ...]) -> Grid:
        """Grid of a window of this one, its pixels at the same positions as before.

        Parameters
        ----------
        low : tuple of int
            First pixel of the window along each axis; it may lie outside.
        shape : tuple of int
            Pixels of the window.
        """
        if len(low) != self.dimensions or len(shape) != self.dimensions:
            raise InvalidArgument(
                f"low (={low}) and shape (={shape}) must have one number for each of the {self.dimensions} axes"
            )
        return Grid(
            shape=tuple(shape),
            size=tuple(n * p for n, p in zip(shape, self.pitch, strict=True)),
            origin=tuple(o + k * p for o, k, p in zip(self.origin, low, self.pitch, strict=True)),
            projection=self.projection,
            unit=self.unit,
        )


def require_inside(coordinates: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return `coordinates` as an array, refusing rows that index no pixel of `shape`.

    Raises
    ------
    InvalidArgument
        If the array is not (n, d) of integers, or a row lies outside; the
        message names the first.

    Examples
    --------
    >>> require_inside(np.array([[800, 1, 1]]), (768, 768, 768))
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: 1 of 1 pixels lie outside the (768, 768, 768) image; the first is row 0, [800, 1, 1]. Coordinates are pixel indices: turn positions into them with Grid.indices_of().
    """
    coordinates = np.asarray(coordinates)
    if coordinates.ndim != 2 or coordinates.shape[1] != len(shape):
        raise InvalidArgument(
            f"coordinates (shape {coordinates.shape}) must have shape (n, {len(shape)}), one row of indices a pixel"
        )
    if coordinates.dtype.kind not in "iu":
        raise InvalidArgument(f"coordinates (dtype {coordinates.dtype}) must be integers")
    # Column by column: NumPy reduces along the long axis of a narrow table slowly.
    columns = zip(coordinates.T, shape, strict=True)
    if len(coordinates) and any(column.min() < 0 or column.max() >= side for column, side in columns):
        outside = ((coordinates < 0) | (coordinates >= np.asarray(shape))).any(axis=1)
        row = int(outside.argmax())
        raise InvalidArgument(
            f"{int(outside.sum())} of {len(coordinates)} pixels lie outside the {tuple(shape)} image; the first is "
            f"row {row}, {coordinates[row].tolist()}. Coordinates are pixel indices: turn positions into them with "
            "Grid.indices_of()."
        )
    return coordinates


def ids_first_axis_fastest(coordinates: PixelIndices, shape: tuple[int, ...]) -> Rows:
    """Pixel numbers as larcv1 and larcv2 count them, first axis fastest.

    In 3D ``id = (i2 * n1 + i1) * n0 + i0``. In 2D larcv2 numbers by
    ``col * rows + row``, which is larcv3's order with axis 0 = column.

    Examples
    --------
    >>> ids_first_axis_fastest(np.array([[1, 2, 3]]), (10, 20, 30))
    array([621])
    """
    coordinates = require_inside(coordinates, shape)
    ids = coordinates[:, -1].astype(np.int64)
    for axis in range(len(shape) - 2, -1, -1):
        ids = ids * shape[axis] + coordinates[:, axis]
    return ids


def rows_in(ids: np.ndarray, wanted: np.ndarray) -> Rows:
    """Row of each wanted number in a rising list of pixel numbers, -1 where the list has it not.

    Parameters
    ----------
    ids : ndarray, shape (n,), integer
        Rising; of repeated ones the first row counts.
    wanted : ndarray, shape (m,), integer
        In any order, repeated or not.

    Returns
    -------
    ndarray, shape (m,), int64

    Examples
    --------
    >>> rows_in(np.array([3, 7, 8]), np.array([8, 5, 3, 9]))
    array([ 2, -1,  0, -1])
    """
    if not len(ids):
        return np.full(len(wanted), -1)
    rows = np.searchsorted(ids, wanted)
    return np.where(ids.take(rows, mode="clip") == wanted, rows, -1)
