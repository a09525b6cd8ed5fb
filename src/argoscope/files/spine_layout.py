"""Datasets of SPINE's HDF5 format, version 2; `spine` explains them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FORMAT", "PRODUCTS", "VERSION", "Column"]

FORMAT, VERSION = "spine_hdf5", 2


@dataclass(frozen=True)
class Column:
    """One product: a flat dataset of the rows of all events.

    Parameters
    ----------
    dtype : str
        Type of the values.
    width : int
        Numbers in a row; 1 makes the dataset one-dimensional.
    scalar : bool
        Whether an event has exactly one row, which readers unwrap.
    """

    dtype: str
    width: int = 1
    scalar: bool = False


PRODUCTS = {
    "index": Column("<i8", scalar=True),
    "event_id": Column("<i8", width=3),
    "volume": Column("<f8", width=10),
    "points": Column("<f4", width=3),
    "voxels": Column("<i4", width=3),
    "depositions": Column("<f4"),
    "segmentation": Column("<i8"),
    "instance": Column("<i8"),
    "interaction": Column("<i8"),
}
"""What we write: `points` are voxel centres in cm, `volume` one row of shape, size, origin and unit."""
