"""Writing PILArNet-M files; `pilarnet` explains the format."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import h5py
import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, SHAPE, Event, Image, convert_labels
from argoscope.files.atomic import atomic_output
from argoscope.files.hdf5_output import new_hdf5
from argoscope.files.lineage import rows_of
from argoscope.files.pilarnet_layout import (
    EVENT_ID,
    GRID,
    GRID_COLUMNS,
    NO_PID,
    PDG_OF_PID,
    POINT_COLUMNS,
    UNITS,
)
from argoscope.files.strongest import strongest_rows
from argoscope.typing import PathLike

__all__ = ["write_pilarnet"]

EXACT = 2**24
"""Integers up to this are exact in float32, the format's only type."""
LED_BUCKET = (SHAPE.index("LED"), -1, -1, NO_PID)
"""Shape, group, interaction and particle of the first cluster of every event."""
CHUNK = 100


@dataclass(frozen=True)
class _Rows:
    """What the file stores of one event."""

    point: np.ndarray
    cluster: np.ndarray
    cluster_extra: np.ndarray
    grid: np.ndarray


def write_pilarnet(
    path: PathLike,
    events: Iterable[Event],
    *,
    overwrite: bool = False,
    version: int = 2,
    allow_lossy: bool = False,
) -> int:
    """Write volumes as a PILArNet-M file, one event after another.

    Voxels with the same labels become one cluster; the first is the bucket of
    low-energy deposits, empty where there are none. Unlabelled voxels get the
    shape -1. The truth behind the labels (several particles in one voxel) and
    the charge's unit have no place in the format.

    Parameters
    ----------
    path : path
        The file; it appears when it is whole.
    events : iterable of Event
        Volumes; labels in the scheme `SHAPE`.
    overwrite : bool
        Whether an existing file may be replaced.
    version : {1, 2}
        2 has the particle of each cluster, 1 has not.
    allow_lossy : bool
        Whether labels of other schemes may be converted to `SHAPE` and "origin" labels
        dropped. From five classes the particle is written so that
        ``PilarnetFile(path, scheme="five-class")`` (version 2) gives them back.

    Returns
    -------
    int
        Number of events written.

    Raises
    ------
    InvalidArgument
        If an event is no volume, a label cannot be said in the format, or the file exists.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from argoscope.events import EventId, Grid
    >>> image = Image.from_points(Grid((8, 8, 8), unit="cm"), np.array([[1, 2, 3]]), np.array([0.5]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_pilarnet(pathlib.Path(folder) / "one.h5", [Event(EventId(1, 0, 7), (image,))])
    1
    """
    if version not in {1, 2}:
        raise InvalidArgument(f"version (={version}) must be 1 or 2")
    written = 0
    with (
        atomic_output(path, overwrite=overwrite) as temporary,
        new_hdf5(temporary) as output,
    ):
        file = output.file
        _create(file, version)
        for event in events:
            try:
                rows = _event_rows(event, allow_lossy=allow_lossy)
            except InvalidArgument as error:
                raise InvalidArgument(f"event {written} ({event.id}) cannot be written: {error}") from error
            _append(file, rows, event, version)
            output.check()
            written += 1
    return written


def _create(file: h5py.File, version: int) -> None:
    rows = h5py.vlen_dtype(np.float32)
    for name in ("point", "cluster", "cluster_extra")[: version + 1]:
        file.create_dataset(name, (0,), rows, maxshape=(None,), chunks=(CHUNK,))
    file.create_dataset(
        GRID, (0, GRID_COLUMNS), "<f8", maxshape=(None, GRID_COLUMNS), chunks=(CHUNK, GRID_COLUMNS)
    )
    file.create_dataset(EVENT_ID, (0, 3), "<i8", maxshape=(None, 3), chunks=(CHUNK, 3))


def _append(file: h5py.File, rows: _Rows, event: Event, version: int) -> None:
    at = file["point"].shape[0]
    values = {"point": rows.point.ravel(), GRID: rows.grid, EVENT_ID: np.asarray(event.id)}
    # Version 1 has neither the last column nor the extra table.
    values["cluster"] = rows.cluster[:, : version + 4].ravel()
    if version == 2:
        values["cluster_extra"] = rows.cluster_extra.ravel()
    for name, value in values.items():
        file[name].resize(at + 1, axis=0)
        file[name][at] = value


def _event_rows(event: Event, *, allow_lossy: bool) -> _Rows:
    if event.dimensions != 3 or len(event.images) != 1:
        raise InvalidArgument(
            f"PILArNet-M holds one volume an event, this one has {len(event.images)} images of {event.dimensions} axes"
        )
    image = event.images[0]
    if max(image.grid.shape) > EXACT:
        raise InvalidArgument(f"its volume {image.grid.shape} has indices that float32 cannot hold")
    particle = _particle_of_voxel(event)
    keys = _keys(image, event, particle, allow_lossy=allow_lossy)
    names, which = np.unique(np.concatenate([[LED_BUCKET], keys]), axis=0, return_inverse=True)
    bucket = int(which[0])
    rank = np.where(
        np.arange(len(names)) == bucket, 0, np.arange(len(names)) + (np.arange(len(names)) < bucket)
    )
    cluster_of_voxel = rank[which[1:]]
    order = np.argsort(cluster_of_voxel, kind="stable")
    names = names[np.argsort(rank)]
    return _Rows(
        _points(image, order),
        _clusters(names, cluster_of_voxel),
        _extra(event, particle[order], cluster_of_voxel[order], len(names)),
        np.array([*image.grid.shape, *image.grid.size, *image.grid.origin, UNITS.index(image.grid.unit)]),
    )


def _points(image: Image, order: np.ndarray) -> np.ndarray:
    points = np.zeros((len(image), POINT_COLUMNS), dtype=np.float32)
    points[:, :3] = image.coordinates[order]
    # Column 4, the energy deposit, is a near copy of the voxel's value in published files.
    points[:, 3] = points[:, 4] = image.charge[order]
    return points


def _clusters(names: np.ndarray, cluster_of_voxel: np.ndarray) -> np.ndarray:
    """Table of clusters: points, fragment, group, interaction, shape, pid; fragment -1 is the bucket."""
    sizes = np.bincount(cluster_of_voxel, minlength=len(names))
    shape, group, interaction, pid = names.T
    shape = np.where(shape == SHAPE.unlabelled, -1, shape)
    table = np.stack([sizes, np.arange(len(names)) - 1, group, interaction, shape, pid], axis=1)
    if np.abs(table).max(initial=0) > EXACT:
        raise InvalidArgument(
            f"it has a number of {np.abs(table).max()}, and float32, the format's only type, is exact up to {EXACT}: "
            "number instances and interactions from 0 in each event"
        )
    return table.astype(np.float32)


def _keys(image: Image, event: Event, particle: np.ndarray, *, allow_lossy: bool) -> np.ndarray:
    """Shape, group, interaction and particle of each voxel, shape (n, 4), int64."""
    if "origin" in image.labels and not allow_lossy:
        raise InvalidArgument(
            "the format has no place for its 'origin' labels; drop them with allow_lossy=True (--lossy)"
        )
    none = np.full(len(image), -1, dtype=np.int64)
    shape = np.full(len(image), SHAPE.unlabelled)
    pid = _pid(np.append(event.particles["pdg"], 0)[particle])
    if "semantic" in image.labels:
        column = image.labels["semantic"]
        shape = convert_labels(column.values, column.scheme, SHAPE, allow_lossy=allow_lossy)
        if column.scheme == FIVE_CLASS:
            proton, muon = PDG_OF_PID.index(2212), PDG_OF_PID.index(13)
            pid = np.where(column.values == FIVE_CLASS.index("HIP"), proton, pid)
            # A MIP whose particle is unknown must not read as none: a muon is the usual one.
            charged = np.isin(pid, [muon, PDG_OF_PID.index(211)])
            pid = np.where((column.values == FIVE_CLASS.index("MIP")) & ~charged, muon, pid)
    labels = [
        image.labels[kind].values if kind in image.labels else none for kind in ("instance", "ancestor")
    ]
    return np.stack([shape, *labels, pid], axis=1).astype(np.int64)


def _particle_of_voxel(event: Event) -> np.ndarray:
    """Row of the particle table for each voxel, -1 where there is none.

    Where truth has one cluster a particle, the one with the most charge in the
    voxel; else the particle whose track number is the voxel's instance.
    """
    image = event.images[0]
    found = np.full(len(image), -1, dtype=np.int64)
    if image.truth is not None and len(image.truth) == len(event.particles):
        ids, rows = strongest_rows(image.truth.ids, image.truth.values)
        at = rows_of(ids, image.ids)
        found[at >= 0] = image.truth.cluster_of_row[rows[at[at >= 0]]]
    elif "instance" in image.labels:
        found = rows_of(event.particles["trackid"], image.labels["instance"].values)
    return found


def _pid(pdg: np.ndarray) -> np.ndarray:
    """PILArNet's particle number of each PDG code, of either charge."""
    pid = np.full(len(pdg), NO_PID)
    for number, code in enumerate(PDG_OF_PID[:NO_PID]):
        pid[np.abs(pdg) == code] = number
    return pid


def _extra(event: Event, particle: np.ndarray, cluster: np.ndarray, clusters: int) -> np.ndarray:
    """Momentum and vertex of each cluster's particle, zero where it is unknown."""
    extra = np.zeros((clusters, 5), dtype=np.float32)
    known = particle >= 0
    rows = event.particles[particle[known]]
    extra[cluster[known], 1] = np.sqrt(rows["px"] ** 2 + rows["py"] ** 2 + rows["pz"] ** 2)
    for column, axis in enumerate("xyz"):
        extra[cluster[known], 2 + column] = rows["vtx"][axis]
    return extra
