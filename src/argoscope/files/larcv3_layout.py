"""The byte layout of larcv3's HDF5 files: types, table names, chunk lengths.

As read from an SBND file that larcv3 wrote. `/Events/event_id` has one row an
event; `/Data/{product}_{producer}_group` holds a chain of tables, in which
every `first` is a row of the next table and `N` the number of rows:

===================  ===================================================================
sparse2d, sparse3d   `extents` -> `voxel_extents` and `image_meta` -> `voxels`
cluster2d, cluster3d `extents` -> `projection_extents` and `image_meta` -> `cluster_extents` -> `voxels`
image2d, tensorNd    `extents` -> `image_extents` and `image_meta` -> `images`
bbox2d, bbox3d       `extents` -> `bbox_extents` and `image_meta` -> `bboxes`
particle             `extents` -> `particles`
===================  ===================================================================

The types have gaps, as C lays out its structures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from argoscope.events.particles import PARTICLE_DTYPE

__all__ = [
    "EVENT_ID",
    "EXTENTS",
    "ID_EXTENTS",
    "KINDS",
    "VOXEL",
    "Kind",
    "box_dtype",
    "chunk_rows",
    "image_meta_dtype",
    "split_product",
    "table_dtypes",
]

EVENT_ID = np.dtype([("run", "<i8"), ("subrun", "<i8"), ("event", "<i8")])
EXTENTS = np.dtype({"names": ["first", "N"], "formats": ["<u8", "<u4"], "offsets": [0, 8], "itemsize": 16})
ID_EXTENTS = np.dtype([("first", "<u8"), ("N", "<u4"), ("ID", "<u4")])
VOXEL = np.dtype({"names": ["id", "value"], "formats": ["<u8", "<f4"], "offsets": [0, 8], "itemsize": 16})


@cache
def image_meta_dtype(dimensions: int) -> np.dtype:
    """Type of `image_meta`; its last 8 bytes are a unit that larcv3 does not save."""
    d = dimensions
    return np.dtype(
        {
            "names": ["valid", "projection_id", "image_sizes", "number_of_voxels", "origin"],
            "formats": ["u1", "<u8", ("<f8", (d,)), ("<u8", (d,)), ("<f8", (d,))],
            "offsets": [0, 8, 16, 16 + 8 * d, 16 + 16 * d],
            "itemsize": 24 + 24 * d,
        }
    )


@cache
def box_dtype(dimensions: int) -> np.dtype:
    """Type of `bboxes`."""
    d = dimensions
    return np.dtype([("centroid", "<f8", (d,)), ("half_length", "<f8", (d,)), ("rotation", "<f8", (d * d,))])


@dataclass(frozen=True)
class Kind:
    """One kind of product.

    Parameters
    ----------
    name : str
        As in the group's name.
    dimensions : int
        Axes of its image; 0 for particles.
    extents : str
        Table of one row a projection; "" for particles.
    content : str
        Innermost table.
    """

    name: str
    dimensions: int
    extents: str
    content: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("sparse2d", 2, "voxel_extents", "voxels"),
        Kind("sparse3d", 3, "voxel_extents", "voxels"),
        Kind("cluster2d", 2, "projection_extents", "voxels"),
        Kind("cluster3d", 3, "projection_extents", "voxels"),
        Kind("image2d", 2, "image_extents", "images"),
        Kind("tensor1d", 1, "image_extents", "images"),
        Kind("tensor3d", 3, "image_extents", "images"),
        Kind("tensor4d", 4, "image_extents", "images"),
        Kind("bbox2d", 2, "bbox_extents", "bboxes"),
        Kind("bbox3d", 3, "bbox_extents", "bboxes"),
        Kind("particle", 0, "", "particles"),
    )
}
"""Every kind of product by name."""


def table_dtypes(kind: Kind) -> dict[str, np.dtype]:
    """Tables of a product and their types, outermost first."""
    if kind.name == "particle":
        return {"extents": EXTENTS, "particles": PARTICLE_DTYPE}
    tables = {
        "extents": EXTENTS,
        kind.extents: ID_EXTENTS,
        "image_meta": image_meta_dtype(kind.dimensions),
    }
    if kind.name.startswith("cluster"):
        tables["cluster_extents"] = ID_EXTENTS
    content = {"voxels": VOXEL, "images": np.dtype("<f4"), "bboxes": box_dtype(kind.dimensions or 1)}
    tables[kind.content] = content[kind.content]
    return tables


def chunk_rows(kind: str, table: str) -> int:
    """Chunk length of a table, as larcv3 chooses it (read from an SBND file; images [unverified])."""
    if kind == "particle" and table == "particles":
        return 500
    rows = {"event_id": 100, "extents": 10, "voxels": 1000, "images": 1000, "bboxes": 1000}
    return rows.get(table, 100)


def split_product(group: str) -> tuple[str, str] | None:
    """Kind and producer of a group name, or None if it is no product.

    The producer may itself hold underscores.

    Examples
    --------
    >>> split_product("sparse2d_sbnd_cosmicseg_group")
    ('sparse2d', 'sbnd_cosmicseg')
    """
    kind, _, producer = group.removesuffix("_group").partition("_")
    if not group.endswith("_group") or kind not in KINDS or not producer:
        return None
    return kind, producer
