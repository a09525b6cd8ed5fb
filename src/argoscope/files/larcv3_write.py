"""Writing larcv3's HDF5 files, byte-compatible, with the `/argoscope` group beside.

Types with their gaps, chunk lengths and gzip level 1 are larcv3's own. Rows
are kept back until whole chunks are full, so that each is compressed once; the
file appears under its name only when it is complete. The metadata are HDF5
1.10's, which have checksums; larcv3 reads them.

float32 label images hold whole numbers exactly up to 2**24.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import Boxes, Clusters, DenseImage, Event, Grid, Product, Record, Voxels
from argoscope.events.grid import Unit
from argoscope.events.particles import INVALID_U4, PARTICLE_DTYPE
from argoscope.files.atomic import atomic_output
from argoscope.files.hdf5_output import new_hdf5
from argoscope.files.header import Header, write_group
from argoscope.files.larcv3_layout import (
    EVENT_ID,
    EXTENTS,
    ID_EXTENTS,
    KINDS,
    VOXEL,
    Kind,
    box_dtype,
    chunk_rows,
    image_meta_dtype,
    split_product,
    table_dtypes,
)
from argoscope.files.layouts import header_for, record_from_event
from argoscope.typing import PathLike

__all__ = ["Larcv3Writer", "write_events", "write_records"]


class _Column:
    """A growing dataset that is written in whole chunks, with its running checksum."""

    def __init__(self, group: h5py.Group, kind: str, table: str, dtype: np.dtype) -> None:
        self.chunk = chunk_rows(kind, table)
        self.data = group.create_dataset(
            table,
            shape=(0,),
            maxshape=(None,),
            dtype=dtype,
            chunks=(self.chunk,),
            compression="gzip",
            compression_opts=1,
        )
        self.dtype = dtype
        self.rows = 0
        self.crc = 0
        self._kept: list[np.ndarray] = []
        self._kept_rows = 0

    def append(self, rows: np.ndarray) -> None:
        """Add rows at the end."""
        if len(rows):
            # As plain bytes: NumPy's structured copies leave the gaps between columns undefined.
            self._kept.append(np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1))
            self._kept_rows += len(rows)
            self.rows += len(rows)
        if self._kept_rows >= self.chunk:
            self._write(self._kept_rows - self._kept_rows % self.chunk)

    def finish(self) -> None:
        """Write what is left."""
        self._write(self._kept_rows)

    def _write(self, count: int) -> None:
        if not count:
            return
        rows = self._kept[0] if len(self._kept) == 1 else np.concatenate(self._kept)
        start = self.data.shape[0]
        self.data.resize((start + count,))
        self.data[start:] = rows[:count].view(self.dtype)[:, 0]
        self.crc = zlib.crc32(rows[:count].data, self.crc)
        self._kept = [rows[count:]]
        self._kept_rows = len(rows) - count


class Larcv3Writer:
    """Writes records one by one into a file that appears when the block ends well.

    Parameters
    ----------
    path : path
        The output.
    header : Header, optional
        What the products mean; by default what their names tell.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    InvalidArgument
        If the output exists, a product's name is none of larcv3's, or an event has other products than the first.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> from argoscope.events import EventId
    >>> voxels = Voxels(Grid((4, 5)), np.array([7]), np.array([1.5], dtype=np.float32))
    >>> with tempfile.TemporaryDirectory() as folder, Larcv3Writer(f"{folder}/a.h5") as writer:
    ...     writer.append(Record(EventId(1, 0, 1), {"sparse2d_wire": (voxels,)}))
    """

    def __init__(self, path: PathLike, header: Header | None = None, *, overwrite: bool = False) -> None:
        self.path = Path(path)
        self.header = header
        self.overwrite = overwrite
        self._stack = ExitStack()
        self._output: Any = None
        self._file: Any = None
        self._events: _Column | None = None
        self._products: dict[str, dict[str, _Column]] = {}
        self._units: dict[str, Unit] = {}

    def __enter__(self) -> Larcv3Writer:
        temporary = self._stack.enter_context(atomic_output(self.path, overwrite=self.overwrite))
        self._output = self._stack.enter_context(new_hdf5(temporary))
        self._file = self._output.file
        self._events = _Column(self._file.create_group("Events"), "event_id", "event_id", EVENT_ID)
        self._file.create_group("Data")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if kind is None:
            try:
                self._finish()
            except BaseException as failure:
                if not self._stack.__exit__(type(failure), failure, failure.__traceback__):
                    raise
        return self._stack.__exit__(kind, error, trace)

    def append(self, record: Record) -> None:
        """Write one event.

        Parameters
        ----------
        record : Record
            It must have the same products as the first.
        """
        if self._events is None:
            raise InvalidArgument("the writer is not open: use it in a with statement")
        if not self._events.rows:
            for name in sorted(record.products):
                self._products[name] = self._create(name)
        if set(record.products) != set(self._products):
            odd = sorted(set(record.products).symmetric_difference(self._products))[0]
            raise InvalidArgument(
                f"event {self._events.rows} ({record.id}): the product {odd!r} must be in every event or in none"
            )
        for name, product in record.products.items():
            try:
                self._require_unit(name, product)
                _append(self._products[name], name, product)
            except InvalidArgument as error:
                raise InvalidArgument(f"event {self._events.rows} ({record.id}), {name}: {error}") from error
        try:
            self._events.append(np.array([tuple(record.id)], dtype=EVENT_ID))
        except OverflowError as error:
            raise InvalidArgument(f"{record.id} does not fit larcv3's 64-bit numbers") from error
        self._output.check()

    def _require_unit(self, name: str, product: tuple[Product, ...] | np.ndarray) -> None:
        for plane in () if isinstance(product, np.ndarray) else product:
            unit = self._units.setdefault(name, plane.grid.unit)
            if plane.grid.unit != unit:
                raise InvalidArgument(
                    f"its grid is in {plane.grid.unit!r}, those before in {unit!r}: one file has one unit"
                )

    def _create(self, name: str) -> dict[str, _Column]:
        names = split_product(f"{name}_group")
        if names is None:
            raise InvalidArgument(
                f"the product {name!r} must be named KIND_PRODUCER with one of larcv3's kinds: {', '.join(KINDS)}"
            )
        group = self._file["Data"].create_group(f"{name}_group")
        return {
            table: _Column(group, names[0], table, dtype)
            for table, dtype in table_dtypes(KINDS[names[0]]).items()
        }

    def _finish(self) -> None:
        columns = [c for tables in self._products.values() for c in tables.values()]
        if self._events is not None:
            columns.append(self._events)
        for column in columns:
            column.finish()
        header = self.header or header_for(list(self._products))
        units: dict[str, Unit] = {name: unit for name, unit in self._units.items() if unit != "unknown"}
        write_group(
            self._file,
            replace(header, grid_units=units),
            {column.data.name: column.crc for column in columns},
        )


def write_records(
    path: PathLike, records: Iterable[Record], header: Header | None = None, *, overwrite: bool = False
) -> None:
    """Write records to a larcv3 file; see `Larcv3Writer`."""
    with Larcv3Writer(path, header, overwrite=overwrite) as writer:
        for record in records:
            writer.append(record)


def write_events(
    path: PathLike,
    events: Iterable[Event],
    *,
    provenance: dict[str, Any] | None = None,
    overwrite: bool = False,
) -> None:
    """Write events to a larcv3 file, with their label schemes and units.

    Parameters
    ----------
    path : path
        The output.
    events : iterable of Event
        All with the same labels, units and detector; read one at a time.
    provenance : dict, optional
        How they came to be.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    InvalidArgument
        If an event differs from the first in labels, units or detector.
    """
    with Larcv3Writer(path, overwrite=overwrite) as writer:
        for number, event in enumerate(events):
            record, header = record_from_event(event)
            header = replace(header, provenance=provenance or {})
            if writer.header is None:
                writer.header = header
            elif writer.header != header:
                raise InvalidArgument(
                    f"event {number} ({event.id}) has other labels, units or detector than the first: one file has one kind"
                )
            writer.append(record)


def _append(tables: dict[str, _Column], name: str, product: tuple[Product, ...] | np.ndarray) -> None:
    """Write one product of one event: its extents, then what they point at."""
    kind = KINDS[name.partition("_")[0]]
    if isinstance(product, np.ndarray):
        if kind.name != "particle":
            raise InvalidArgument("a particle table can only be a particle product")
        tables["extents"].append(_extents(tables["particles"].rows, len(product)))
        rows = np.zeros(len(product), dtype=PARTICLE_DTYPE)
        for column in PARTICLE_DTYPE.names or ():
            rows[column] = product[column]
        tables["particles"].append(rows)
        return
    if not product:
        raise InvalidArgument("it has no plane: an event without charge has planes without pixels")
    tables["extents"].append(_extents(tables[kind.extents].rows, len(product)))
    for plane in product:
        _require_kind(kind, plane)
        tables["image_meta"].append(_image_meta(plane.grid))
        _APPEND[type(plane)](tables, plane)


def _require_kind(kind: Kind, plane: Product) -> None:
    wanted = {"voxels": Voxels, "images": DenseImage, "bboxes": Boxes, "particles": type(None)}[kind.content]
    wanted = Clusters if kind.name.startswith("cluster") else wanted
    if not isinstance(plane, wanted) or plane.grid.dimensions != kind.dimensions:
        raise InvalidArgument(
            f"a {kind.name} product must hold {wanted.__name__} with {kind.dimensions} axes, not "
            f"{type(plane).__name__} with {plane.grid.dimensions}"
        )


def _extents(first: int, count: int) -> np.ndarray:
    row = np.zeros(1, dtype=EXTENTS)
    row["first"], row["N"] = first, count
    return row


def _id_extents(first: int, count: int, number: int) -> np.ndarray:
    return np.array([(first, count, number)], dtype=ID_EXTENTS)


def _image_meta(grid: Grid) -> np.ndarray:
    row = np.zeros(1, dtype=image_meta_dtype(grid.dimensions))
    row["valid"] = 1
    row["projection_id"] = grid.projection
    row["image_sizes"], row["number_of_voxels"], row["origin"] = grid.size, grid.shape, grid.origin
    return row


def _voxel_rows(ids: np.ndarray, values: np.ndarray) -> np.ndarray:
    _require_finite(values)
    rows = np.zeros(len(ids), dtype=VOXEL)
    rows["id"], rows["value"] = ids, values
    return rows


def _require_finite(values: np.ndarray) -> None:
    """Refuse what the reader would refuse."""
    if not np.isfinite(values).all():
        at = int((~np.isfinite(values)).ravel().argmax())
        raise InvalidArgument(f"value {at} is {values.ravel()[at]}; values must be finite to be written")


def _append_voxels(tables: dict[str, _Column], plane: Voxels) -> None:
    tables["voxel_extents"].append(_id_extents(tables["voxels"].rows, len(plane), plane.grid.projection))
    tables["voxels"].append(_voxel_rows(plane.ids, plane.values))


def _append_clusters(tables: dict[str, _Column], plane: Clusters) -> None:
    first = tables["cluster_extents"].rows
    tables["projection_extents"].append(_id_extents(first, len(plane), plane.grid.projection))
    rows = np.zeros(len(plane), dtype=ID_EXTENTS)
    if len(plane) and (plane.numbers.min() < -1 or plane.numbers.max() >= INVALID_U4):
        raise InvalidArgument(
            f"cluster numbers run from {plane.numbers.min()} to {plane.numbers.max()}; larcv3 has 0 to 2**32 - 2, "
            "and -1 for a cluster without number"
        )
    rows["first"] = tables["voxels"].rows + plane.offsets[:-1]
    rows["N"] = np.diff(plane.offsets)
    rows["ID"] = np.where(plane.numbers < 0, INVALID_U4, plane.numbers)
    tables["cluster_extents"].append(rows)
    tables["voxels"].append(_voxel_rows(plane.ids, plane.values))


def _append_image(tables: dict[str, _Column], plane: DenseImage) -> None:
    tables["image_extents"].append(
        _id_extents(tables["images"].rows, plane.grid.pixels, plane.grid.projection)
    )
    _require_finite(plane.pixels)
    tables["images"].append(plane.pixels.ravel())


def _append_boxes(tables: dict[str, _Column], plane: Boxes) -> None:
    tables["bbox_extents"].append(_id_extents(tables["bboxes"].rows, len(plane), plane.grid.projection))
    rows = np.zeros(len(plane), dtype=box_dtype(plane.grid.dimensions))
    rows["centroid"], rows["half_length"] = plane.centroid, plane.half_length
    rows["rotation"] = plane.rotation.reshape(len(plane), -1)
    tables["bboxes"].append(rows)


_APPEND: dict[type, Any] = {
    Voxels: _append_voxels,
    Clusters: _append_clusters,
    DenseImage: _append_image,
    Boxes: _append_boxes,
}
