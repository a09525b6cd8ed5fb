"""Writing larcv3's HDF5 files, byte-compatible, with the `/argoscope` group beside.

Types with their gaps, chunk lengths and gzip level 1 are larcv3's own. Rows
are kept back until whole chunks are full, so that each is compressed once; the
file appears under its name only when it is complete. The metadata are HDF5
1.10's, which have checksums; larcv3 reads them.

float32 label images hold whole numbers exactly up to 2**24.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

import h5py
import numpy as np

from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.events import Event, Record
from argoscope.events.grid import Unit
from argoscope.files.atomic import atomic_output
from argoscope.files.hdf5_output import new_hdf5
from argoscope.files.header import Header, sealed_checksums, write_group
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_adopt import LEVEL, copy_table, is_adoptable, tables_of
from argoscope.files.larcv3_layout import chunk_rows
from argoscope.files.larcv3_rows import Column, EventRows, kind_of
from argoscope.files.layouts import header_for, record_from_event
from argoscope.typing import PathLike

__all__ = ["Larcv3Writer", "write_events", "write_records"]

TOGETHER = 8
"""Chunks that a thread compresses at once: a millisecond of work."""

_Compress = Callable[[np.ndarray, int], Iterator[bytes]]


class _WrittenColumn(Column):
    """A growing dataset that is written in whole chunks, with its running checksum."""

    def __init__(
        self, group: h5py.Group, kind: str, table: str, dtype: np.dtype, compress: _Compress
    ) -> None:
        super().__init__(dtype)
        self.chunk = chunk_rows(kind, table)
        self.data = _new_table(group, table, dtype, self.chunk)
        self.crc = 0
        self._written = 0
        self._compress = compress

    def append(self, rows: np.ndarray) -> None:
        """Add rows at the end."""
        super().append(rows)
        kept = self.rows - self._written
        if kept >= self.chunk:
            self._write(kept - kept % self.chunk)

    def finish(self) -> None:
        """Write what is left."""
        self._write(self.rows - self._written)

    def _write(self, count: int) -> None:
        if not count:
            return
        rows, start = self.content(), self._written
        whole = count - count % self.chunk
        self.data.resize((start + count,))
        # Compressed here, not by HDF5: on several threads, and without its cache of chunks.
        for number, packed in enumerate(self._compress(rows[:whole], self.chunk)):
            self.data.id.write_direct_chunk((start + number * self.chunk,), packed)
        if count > whole:
            self.data[start + whole :] = rows[whole:count].view(self.dtype)[:, 0]
        self.crc = zlib.crc32(rows[:count].data, self.crc)
        self._written += count
        self._kept = [rows[count:].copy()]  # a view would keep all rows alive


def _new_table(group: h5py.Group, table: str, dtype: np.dtype, chunk: int) -> h5py.Dataset:
    """An empty dataset as larcv3 makes it."""
    return group.create_dataset(
        table,
        shape=(0,),
        maxshape=(None,),
        dtype=dtype,
        chunks=(chunk,),
        compression="gzip",
        compression_opts=LEVEL,
    )


def _compressor(pool: ThreadPoolExecutor | None) -> _Compress:
    """Compress rows chunk by chunk, on the threads of a pool if there is one."""

    def several(chunks: list[np.ndarray]) -> list[bytes]:
        return [zlib.compress(chunk.data, LEVEL) for chunk in chunks]

    def compress(rows: np.ndarray, length: int) -> Iterator[bytes]:
        chunks = [rows[first : first + length] for first in range(0, len(rows), length)]
        groups = [chunks[first : first + TOGETHER] for first in range(0, len(chunks), TOGETHER)]
        found = map(several, groups) if pool is None or len(groups) < 2 else pool.map(several, groups)
        return chain.from_iterable(found)

    return compress


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
    threads : int
        Threads that compress; the bytes do not depend on them.

    Raises
    ------
    InvalidArgument
        If the output exists, a product's name is none of larcv3's, an event has other products than the first, or the
        header gives a role to a product that is not written.
    StorageError
        If the disk refuses.

    Examples
    --------
    >>> import tempfile
    >>> from argoscope.events import EventId, Grid, Voxels
    >>> voxels = Voxels(Grid((4, 5)), np.array([7]), np.array([1.5], dtype=np.float32))
    >>> with tempfile.TemporaryDirectory() as folder, Larcv3Writer(f"{folder}/a.h5") as writer:
    ...     writer.append(Record(EventId(1, 0, 1), {"sparse2d_wire": (voxels,)}))
    """

    def __init__(
        self, path: PathLike, header: Header | None = None, *, overwrite: bool = False, threads: int = 1
    ) -> None:
        self.path = Path(path)
        self.header = header
        self.overwrite = overwrite
        self.threads = threads
        self._stack = ExitStack()
        self._output: Any = None
        self._file: Any = None
        self._rows: EventRows | None = None
        self._compress = _compressor(None)
        self._adopted: dict[str, int] = {}
        self._adopted_units: dict[str, Unit] = {}

    def __enter__(self) -> Larcv3Writer:
        temporary = self._stack.enter_context(atomic_output(self.path, overwrite=self.overwrite))
        if self.threads > 1:
            self._compress = _compressor(self._stack.enter_context(ThreadPoolExecutor(self.threads)))
        self._output = self._stack.enter_context(new_hdf5(temporary))
        self._file = self._output.file
        self._file.create_group("Events")
        self._file.create_group("Data")
        self._rows = EventRows(self._create)
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
        self._open_rows().append(record)
        self._output.check()

    def extend(self, rows: EventRows) -> None:
        """Write events whose rows are made already.

        Parameters
        ----------
        rows : EventRows
            They must have the same products as the first event.
        """
        self._open_rows().extend(rows)
        self._output.check()

    def adopt(self, source: Larcv3File, products: Iterable[str]) -> None:
        """Take over products of a file as they are compressed there, when all events have been appended.

        Their checksums are taken over too and not verified here: `argoscope info --verify` on the output finds
        what was damaged in the source.

        Parameters
        ----------
        source : Larcv3File
            A file that `is_adoptable`, of the same events in the same order.
        products : iterable of str
            Of the file; none that was appended.

        Raises
        ------
        InvalidArgument
            If the source has another number of events or cannot be copied so, or a product is here already.
        UnreadableFile
            If a chunk of the source cannot be read.
        """
        rows, names = self._open_rows(), list(products)
        if len(source) != rows.events.rows:
            raise InvalidArgument(
                f"{source.path} has {len(source)} events and {self.path} {rows.events.rows}: "
                "products can be taken over from a file of the same events"
            )
        if not is_adoptable(source, names):
            raise InvalidArgument(
                f"{source.path} is not written as argoscope writes, or has no checksums: append its records"
            )
        crcs = sealed_checksums(source.handle.file, source.path)
        for name in names:
            if f"{name}_group" in self._file["Data"]:
                raise InvalidArgument(f"the product {name!r} is in {self.path} already")
            group = self._file["Data"].create_group(f"{name}_group")
            for table, data, dtype, chunk in tables_of(source.handle.file, name):
                target = _new_table(group, table, dtype, chunk)
                copy_table(data, target, source.path)
                self._adopted[target.name] = crcs[data.name]
                self._output.check()
            if name in source.header.grid_units:
                self._adopted_units[name] = source.header.grid_units[name]

    def _open_rows(self) -> EventRows:
        if self._rows is None:
            raise InvalidArgument("the writer is not open: use it in a with statement")
        return self._rows

    def _create(self, product: str, table: str, dtype: np.dtype) -> Column:
        if not product:
            return _WrittenColumn(self._file["Events"], "event_id", table, dtype, self._compress)
        group = self._file["Data"].require_group(f"{product}_group")
        return _WrittenColumn(group, kind_of(product).name, table, dtype, self._compress)

    def _finish(self) -> None:
        rows = self._open_rows()
        crcs = dict(self._adopted)
        for *_, column in rows.columns():
            assert isinstance(column, _WrittenColumn)
            column.finish()
            crcs[column.data.name] = column.crc
        products = [name.removesuffix("_group") for name in self._file["Data"]]
        header = self.header or header_for(products)
        _require_roles(header, products, self.path)
        units: dict[str, Unit] = {**self._adopted_units, **rows.units}
        units = {name: unit for name, unit in units.items() if unit != "unknown"}
        write_group(self._file, replace(header, grid_units=units), crcs)


def _require_roles(header: Header, products: list[str], path: Path) -> None:
    """Refuse a header that `Larcv3File` would refuse: of a role whose product is not written."""
    absent = header.absent_role(products)
    if absent is not None:
        role, product = absent
        raise InvalidArgument(
            f"{path}: the header's role {role!r} is given to the product {product!r}, which no event has: "
            f"add it to the records or leave the role out. {nearest_hint(product, products)}"
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
