"""larcv's products as they lie in ROOT trees, turned into argoscope's.

Image planes. Pixels are stored column after column, so that an image is
``reshape(columns, rows)``; the column is the wire (axis 0), the row the time
(axis 1). Two generations differ in the direction of the rows:

- corners `_p1` (low) and `_p2` (high): row 0 is the earliest time. Checked on
  MicroBooNE's sample: the true positions of five protons fall on their charge
  this way, and far from it the other way. Its `_p2` is the last wire and the
  last tick rather than the edge behind them, see `_size`.
- one corner `_origin` (top left), `_width` and `_height`, larcv1 of 2016:
  row 0 is the latest time; such images are turned over.

Sparse pixels and clusters of planes are numbered ``column * rows + row``. In
MicroBooNE's sample those of `cluster2d_mcst` lie exactly 400 rows (2400 ticks,
the trigger's offset) below the charge they belong to; they are given as stored.

Volumes. Voxels are numbered with x fastest, checked on the same sample; here
the last axis is fastest, and the voxels are sorted anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast, get_args

import numpy as np

from argoscope.events import Clusters, DenseImage, Grid, Product, Voxels
from argoscope.events.grid import Unit
from argoscope.files._root_tables import Table

__all__ = ["KINDS", "READERS", "plane_grids", "volume_grid"]

KINDS = {
    "larcv::EventImage2D": "image2d",
    "larcv::EventSparseTensor2D": "sparse2d",
    "larcv::EventSparseTensor3D": "sparse3d",
    "larcv::EventClusterPixel2D": "cluster2d",
    "larcv::EventClusterVoxel3D": "cluster3d",
    "larcv::EventParticle": "particle",
    "larcv::EventChStatus": "chstatus",
}
"""Kind of product of each class of larcv."""

NO_PROJECTION = 65535
"""larcv's "no such projection"."""


def plane_grids(table: Table, index: int) -> list[Grid]:
    """The grid of each plane of an image2d, sparse2d or cluster2d product."""
    prefixes = [name.split("._meta.")[0] for name in table.branches if "_v._meta." in name]
    if not prefixes:
        raise ValueError("its planes have no description of their extent")
    meta = f"{prefixes[0]}._meta."

    def column(name: str) -> list[float]:
        return [value.item() for value in table.numbers(meta + name, index)]

    columns, rows = column("_col_count"), column("_row_count")
    if f"{meta}_p1.x" in table:
        low = zip(column("_p1.x"), column("_p1.y"), strict=True)
        high = zip(column("_p2.x"), column("_p2.y"), strict=True)
        boxes = [(p1, (p2[0] - p1[0], p2[1] - p1[1])) for p1, p2 in zip(low, high, strict=True)]
        numbers, units = column("_id"), [_unit(value) for value in column("_unit")]
    else:
        size = zip(column("_width"), column("_height"), strict=True)
        corner = zip(column("_origin.x"), column("_origin.y"), strict=True)
        boxes = [((x, y - h), (w, h)) for (x, y), (w, h) in zip(corner, size, strict=True)]
        numbers, units = column("_plane"), ["wire-time"] * len(columns)
    if len(set(numbers)) != len(numbers) or NO_PROJECTION in numbers:
        numbers = list(range(len(numbers)))
    return [
        Grid((int(c), int(r)), _size(extent, (c, r), unit), origin, int(number), cast("Unit", unit))
        for c, r, (origin, extent), unit, number in zip(columns, rows, boxes, units, numbers, strict=True)
    ]


def _size(extent: tuple[float, ...], shape: tuple[float, ...], unit: str) -> tuple[float, ...]:
    """Size of a plane between its corners.

    Where only a whole number of wires or ticks a pixel makes sense of the
    second corner as the last one inside (511 apart for 512 wires), it is taken so.
    """
    outer = tuple(length + 1 for length in extent)
    if unit == "wire-time" and not _whole(extent, shape) and _whole(outer, shape):
        return outer
    return extent


def _whole(extent: tuple[float, ...], shape: tuple[float, ...]) -> bool:
    return all(n > 0 and length % n == 0 for length, n in zip(extent, shape, strict=True))


def _unit(value: float) -> str:
    names = get_args(Unit)
    if not 0 <= value < len(names):
        raise ValueError(f"the unit {value} is none of larcv's ({', '.join(names)})")
    return str(names[int(value)])


def volume_grid(table: Table, index: int) -> Grid:
    """The grid of a sparse3d or cluster3d product."""

    def values(names: Iterable[str]) -> list[float]:
        return [table.number(f"_meta.{name}", index) for name in names]

    shape = values(("_xnum", "_ynum", "_znum"))
    low, high = values(("_p1.x", "_p1.y", "_p1.z")), values(("_p2.x", "_p2.y", "_p2.z"))
    unit = _unit(table.number("_meta._unit", index))
    size = tuple(b - a for a, b in zip(low, high, strict=True))
    return Grid(tuple(map(int, shape)), size, tuple(low), unit=cast("Unit", unit))


def _read_images(table: Table, index: int) -> tuple[DenseImage, ...]:
    buffer = table.buffer("_image_v._img", index)
    grids = plane_grids(table, index)
    downwards = "_image_v._meta._origin.y" in table
    # A vector with no elements is only a header.
    end, _ = buffer.header()
    images = []
    for grid in grids:
        values = buffer.take(">f4", buffer.number(">u4"))
        if len(values) != grid.pixels:
            raise ValueError(f"an image has {len(values)} pixels where {grid.shape} are announced")
        pixels = _finite(values).reshape(grid.shape)
        images.append(DenseImage(grid, np.ascontiguousarray(pixels[:, ::-1]) if downwards else pixels))
    buffer.require_end(end)
    return tuple(images)


def _read_sparse2d(table: Table, index: int) -> tuple[Voxels, ...]:
    grids = plane_grids(table, index)
    sets = table.buffer("_tensor_v._voxel_v", index).voxels(len(grids))
    return tuple(Voxels(grid, *_pixels(grid, *one)) for grid, one in zip(grids, sets, strict=True))


def _read_sparse3d(table: Table, index: int) -> tuple[Voxels, ...]:
    grid = volume_grid(table, index)
    ids, values = table.numbers("_voxel_v._id", index), table.numbers("_voxel_v._value", index)
    return (Voxels(grid, *_pixels(grid, ids, values)),)


def _read_clusters2d(table: Table, index: int) -> tuple[Clusters, ...]:
    grids = plane_grids(table, index)
    buffer = table.buffer("_cluster_v._voxel_vv", index)
    end = buffer.elements()
    planes = []
    for grid in grids:
        count = buffer.number(">u4")
        numbers = buffer.take(table.set_number, count)
        planes.append(_clusters(grid, numbers, buffer.voxels(count)))
    buffer.require_end(end)
    return tuple(planes)


def _read_clusters3d(table: Table, index: int) -> tuple[Clusters, ...]:
    numbers = table.numbers("_voxel_vv._id", index)
    sets = table.buffer("_voxel_vv._voxel_v", index).voxels(len(numbers))
    return (_clusters(volume_grid(table, index), numbers, sets),)


def _clusters(grid: Grid, numbers: np.ndarray, sets: list[tuple[np.ndarray, np.ndarray]]) -> Clusters:
    pixels = [_pixels(grid, ids, values) for ids, values in sets]
    ids = np.concatenate([np.empty(0, np.int64), *(one[0] for one in pixels)])
    values = np.concatenate([np.empty(0, np.float32), *(one[1] for one in pixels)])
    offsets = np.cumsum([0, *(len(one[0]) for one in pixels)])
    return Clusters(grid, ids, values, offsets, numbers.astype(np.int64))


def _pixels(grid: Grid, ids: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ids with the last axis fastest, and values; those of volumes sorted anew."""
    if len(ids) != len(values):
        raise ValueError(f"{len(ids)} pixel ids and {len(values)} values")
    outside = ids >= grid.pixels
    if outside.any():
        row = int(outside.argmax())
        raise ValueError(
            f"{int(outside.sum())} of {len(ids)} pixel ids lie outside the {grid.shape} image, "
            f"the first is {int(ids[row])} in row {row}"
        )
    ids, values = ids.astype(np.int64), _finite(values)
    if grid.dimensions == 2:
        return ids, values
    nx, ny, nz = grid.shape
    ids = (ids % nx * ny + ids // nx % ny) * nz + ids // (nx * ny)
    order = np.argsort(ids, kind="stable")
    return ids[order], values[order]


def _finite(values: np.ndarray) -> np.ndarray:
    values = values.astype(np.float32)
    bad = ~np.isfinite(values)
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(
            f"{int(bad.sum())} of {len(values)} values are no numbers, the first is {values[row]} in row {row}"
        )
    return values


READERS: dict[str, Callable[[Table, int], tuple[Product, ...]]] = {
    "image2d": _read_images,
    "sparse2d": _read_sparse2d,
    "sparse3d": _read_sparse3d,
    "cluster2d": _read_clusters2d,
    "cluster3d": _read_clusters3d,
}
"""The reader of each kind of image."""
