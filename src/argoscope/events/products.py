"""What a file holds of an event: sparse images, clusters, dense images, boxes.

These are the products of larcv, one value for each plane (or one for a
volume), kept exactly as stored, so that reading and writing is the identity.
`Event` (event.py) is the same content seen as a physicist does, charge with
labels on the same pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events._frozen import equal_fields, read_only, refreeze
from argoscope.events.grid import Grid

__all__ = ["Boxes", "Clusters", "DenseImage", "Product", "Voxels"]


@dataclass(frozen=True, eq=False)
class Voxels:
    """Numbers on some pixels of a grid, in the order in which they were stored.

    Parameters
    ----------
    grid : Grid
        The image they lie in.
    ids : ndarray, shape (n,), int64
        Pixel numbers, last axis fastest.
    values : ndarray, shape (n,), float32
        Charge, energy or a label, as the file stores it.

    Raises
    ------
    InvalidArgument
        If the lengths differ or an id lies outside the grid.

    Examples
    --------
    >>> voxels = Voxels(Grid((4, 5)), np.array([7, 12]), np.array([1.5, 2.0], dtype=np.float32))
    >>> voxels.coordinates
    array([[1, 2], [2, 2]], dtype=int32)
    """

    grid: Grid
    ids: np.ndarray
    values: np.ndarray

    def __post_init__(self) -> None:
        _freeze_pixels(self)

    def __len__(self) -> int:
        return len(self.ids)

    __eq__ = equal_fields
    __setstate__ = refreeze
    __hash__ = None  # type: ignore[assignment]

    @property
    def coordinates(self) -> np.ndarray:
        """Pixel indices, shape (n, d), int32."""
        return self.grid.coordinates(self.ids)


@dataclass(frozen=True, eq=False)
class Clusters:
    """Several sets of pixels on one grid, for instance one for each particle.

    A pixel may be in several clusters. Empty clusters are kept: cluster `k` is
    the same particle on every plane.

    Parameters
    ----------
    grid : Grid
        The image they lie in.
    ids : ndarray, shape (m,), int64
        Pixel numbers, cluster after cluster.
    values : ndarray, shape (m,), float32
        The share of the cluster in each pixel.
    offsets : ndarray, shape (k + 1,), int64
        Cluster `j` owns rows ``offsets[j]:offsets[j + 1]``.
    numbers : ndarray, shape (k,), int64
        The stored number of each cluster (larcv's "ID").

    Raises
    ------
    InvalidArgument
        If lengths disagree, offsets do not rise from 0 to m, or an id lies outside.
    """

    grid: Grid
    ids: np.ndarray
    values: np.ndarray
    offsets: np.ndarray
    numbers: np.ndarray

    def __post_init__(self) -> None:
        _freeze_pixels(self)
        offsets = read_only(self.offsets, np.int64)
        numbers = read_only(self.numbers, np.int64)
        if len(offsets) != len(numbers) + 1 or offsets[0] != 0 or offsets[-1] != len(self.ids):
            raise InvalidArgument(
                f"offsets ({len(offsets)} of them, last {offsets[-1] if len(offsets) else None}) must be one more than "
                f"the {len(numbers)} clusters and run from 0 to the {len(self.ids)} pixels"
            )
        if (np.diff(offsets) < 0).any():
            raise InvalidArgument(
                f"offsets must not fall; they do after cluster {int((np.diff(offsets) < 0).argmax())}"
            )
        object.__setattr__(self, "offsets", offsets)
        object.__setattr__(self, "numbers", numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    __eq__ = equal_fields
    __setstate__ = refreeze
    __hash__ = None  # type: ignore[assignment]

    @property
    def coordinates(self) -> np.ndarray:
        """Pixel indices of all clusters, shape (m, d), int32."""
        return self.grid.coordinates(self.ids)

    @property
    def cluster_of_row(self) -> np.ndarray:
        """Position (0..k-1) of the cluster that owns each row, shape (m,), int64."""
        return np.repeat(np.arange(len(self)), np.diff(self.offsets))

    def cluster(self, position: int) -> Voxels:
        """The pixels of one cluster."""
        rows = slice(self.offsets[position], self.offsets[position + 1])
        return Voxels(self.grid, self.ids[rows], self.values[rows])


@dataclass(frozen=True, eq=False)
class DenseImage:
    """A full image, a number on every pixel.

    Parameters
    ----------
    grid : Grid
        Numbering and extent.
    pixels : ndarray, shape `grid.shape`, float32
        The numbers; axis 0 is the wire, axis 1 the drift time.
    """

    grid: Grid
    pixels: np.ndarray

    def __post_init__(self) -> None:
        pixels = read_only(self.pixels, np.float32)
        if pixels.shape != self.grid.shape:
            raise InvalidArgument(
                f"pixels (shape {pixels.shape}) must have the grid's shape {self.grid.shape}"
            )
        object.__setattr__(self, "pixels", pixels)

    __eq__ = equal_fields
    __setstate__ = refreeze
    __hash__ = None  # type: ignore[assignment]

    def above(self, threshold: float) -> Voxels:
        """The pixels whose value is at least `threshold`, as a sparse image."""
        flat = self.pixels.ravel()
        ids = np.flatnonzero(flat >= threshold)
        return Voxels(self.grid, ids, flat[ids])


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes in an image: centre, half lengths and rotation.

    Parameters
    ----------
    grid : Grid
        The image they lie in.
    centroid, half_length : ndarray, shape (n, d), float64
        In the grid's unit.
    rotation : ndarray, shape (n, d, d), float64
        Rotation matrices.
    """

    grid: Grid
    centroid: np.ndarray
    half_length: np.ndarray
    rotation: np.ndarray

    def __post_init__(self) -> None:
        d = self.grid.dimensions
        n = len(self.centroid)
        for name, shape in (("centroid", (n, d)), ("half_length", (n, d)), ("rotation", (n, d, d))):
            array = read_only(getattr(self, name), np.float64)
            if array.shape != shape:
                raise InvalidArgument(f"{name} (shape {array.shape}) must have shape {shape}")
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.centroid)

    __eq__ = equal_fields
    __setstate__ = refreeze
    __hash__ = None  # type: ignore[assignment]


Product = Voxels | Clusters | DenseImage | Boxes
"""One plane (or the volume) of one product of one event."""


def _freeze_pixels(product: Voxels | Clusters) -> None:
    """Check and freeze the two columns that sparse images and clusters share."""
    ids = read_only(product.ids, np.int64)
    values = read_only(product.values, np.float32)
    if ids.ndim != 1 or ids.shape != values.shape:
        raise InvalidArgument(
            f"ids (shape {ids.shape}) and values (shape {values.shape}) must be columns of the same length"
        )
    if ids.size and (ids.min() < 0 or ids.max() >= product.grid.pixels):
        outside = (ids < 0) | (ids >= product.grid.pixels)
        row = int(outside.argmax())
        raise InvalidArgument(
            f"{int(outside.sum())} of {len(ids)} pixel ids lie outside the {product.grid.shape} image; "
            f"the first is {int(ids[row])} in row {row}"
        )
    object.__setattr__(product, "ids", ids)
    object.__setattr__(product, "values", values)
