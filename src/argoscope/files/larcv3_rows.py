"""Events as rows of larcv3's tables, in memory: what they become before they are written.

Every `first` counts rows of the next table from the first event of these rows
on; `EventRows.extend` moves the numbers when rows are put behind others. So
rows that several processes made can be joined table by table, without making
records of them again. `EventRows.save` keeps rows on disk for that: every
table byte by byte of its row, bytes that are zero in all rows left out, under
one checksum.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import Boxes, Clusters, DenseImage, Grid, Product, Record, Voxels
from argoscope.events.grid import Unit
from argoscope.events.particles import INVALID_U4, PARTICLE_DTYPE
from argoscope.files.larcv3_layout import (
    EVENT_ID,
    EXTENTS,
    ID_EXTENTS,
    KINDS,
    VOXEL,
    Kind,
    box_dtype,
    image_meta_dtype,
    split_product,
    table_dtypes,
)

__all__ = ["Column", "EventRows", "kind_of"]


class Column:
    """Rows of one table, as plain bytes.

    Parameters
    ----------
    dtype : dtype
        Of a row.
    """

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = dtype
        self.rows = 0
        self._kept: list[np.ndarray] = []

    def append(self, rows: np.ndarray) -> None:
        """Add rows at the end: of the column's type, or their bytes, shape (n, itemsize)."""
        if len(rows):
            # As plain bytes: NumPy's structured copies leave the gaps between columns undefined.
            self._kept.append(np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1))
            self.rows += len(rows)

    def content(self) -> np.ndarray:
        """Bytes of the rows that are kept, shape (n, itemsize), uint8."""
        if len(self._kept) != 1:
            empty = np.zeros((0, self.dtype.itemsize), dtype=np.uint8)
            self._kept = [np.concatenate([empty, *self._kept])]
        return self._kept[0]


def kind_of(name: str) -> Kind:
    """Kind of a product, by its name.

    Raises
    ------
    InvalidArgument
        If the name is not KIND_PRODUCER.
    """
    names = split_product(f"{name}_group")
    if names is None:
        raise InvalidArgument(
            f"the product {name!r} must be named KIND_PRODUCER with one of larcv3's kinds: {', '.join(KINDS)}"
        )
    return KINDS[names[0]]


class EventRows:
    """Rows of the tables of consecutive events.

    Parameters
    ----------
    new_column : callable, optional
        Makes the column for a product ("" for the events' numbers), a table and
        its type; by default one in memory.

    Examples
    --------
    >>> from argoscope.events import EventId
    >>> voxels = Voxels(Grid((4, 5)), np.array([7]), np.array([1.5], dtype=np.float32))
    >>> one, both = EventRows(), EventRows()
    >>> one.append(Record(EventId(1, 0, 1), {"sparse2d_wire": (voxels,)}))
    >>> both.extend(one)
    >>> both.extend(one)
    >>> both.products["sparse2d_wire"]["extents"].content().view(EXTENTS)["first"].ravel().tolist()
    [0, 1]
    """

    def __init__(self, new_column: Callable[[str, str, np.dtype], Column] | None = None) -> None:
        self._new_column = new_column or (lambda _product, _table, dtype: Column(dtype))
        self.events = self._new_column("", "event_id", EVENT_ID)
        self.products: dict[str, dict[str, Column]] = {}
        self.units: dict[str, Unit] = {}

    def columns(self) -> Iterator[tuple[str, str, Column]]:
        """Product ("" for the events' numbers), table and column, of all tables."""
        for product, tables in self.products.items():
            for table, column in tables.items():
                yield product, table, column
        yield "", "event_id", self.events

    @property
    def size(self) -> int:
        """Bytes of all rows."""
        return sum(column.rows * column.dtype.itemsize for *_, column in self.columns())

    def append(self, record: Record) -> None:
        """Add one event.

        Parameters
        ----------
        record : Record
            It must have the same products as the first.

        Raises
        ------
        InvalidArgument
            If it has others, or larcv3 cannot hold it.
        """
        what = f"event {self.events.rows} ({record.id})"
        self._require_products(record.products, what)
        for name, product in record.products.items():
            try:
                for plane in () if isinstance(product, np.ndarray) else product:
                    self._require_unit(name, plane.grid.unit)
                _append(self.products[name], name, product)
            except InvalidArgument as error:
                raise InvalidArgument(f"{what}, {name}: {error}") from error
        try:
            self.events.append(np.array([tuple(record.id)], dtype=EVENT_ID))
        except OverflowError as error:
            raise InvalidArgument(f"{record.id} does not fit larcv3's 64-bit numbers") from error

    def extend(self, rows: EventRows) -> None:
        """Add the events of other rows.

        Parameters
        ----------
        rows : EventRows
            They must have the same products.

        Raises
        ------
        InvalidArgument
            If they have others, or other units.
        """
        if not rows.events.rows:
            return
        self._require_products(rows.products, f"event {self.events.rows}")
        for name, unit in rows.units.items():
            self._require_unit(name, unit)
        for name, tables in rows.products.items():
            mine, into = self.products[name], _targets(kind_of(name))
            before = {table: column.rows for table, column in mine.items()}
            for table, column in tables.items():
                content = column.content()
                if table in into:
                    content = content.copy()
                    content.view(column.dtype)["first"] += np.uint64(before[into[table]])
                mine[table].append(content)
        self.events.append(rows.events.content())

    def _require_products(self, names: Any, what: str) -> None:
        if not self.events.rows and not self.products:
            for name in sorted(names):
                kind = kind_of(name)
                self.products[name] = {
                    table: self._new_column(name, table, dtype) for table, dtype in table_dtypes(kind).items()
                }
        if set(names) != set(self.products):
            odd = sorted(set(names).symmetric_difference(self.products))[0]
            raise InvalidArgument(f"{what}: the product {odd!r} must be in every event or in none")

    def _require_unit(self, name: str, given: Unit) -> None:
        unit = self.units.setdefault(name, given)
        if given != unit:
            raise InvalidArgument(
                f"its grid is in {given!r}, those before in {unit!r}: one file has one unit"
            )

    def save(self, stream: BinaryIO) -> None:
        """Write the rows at the end of a stream of bytes, from which `load` reads them."""
        entries, body = [], []
        for product, table, column in self.columns():
            rows = column.content()
            used = _used_bytes(rows)
            entries.append([product, table, len(rows), used.tolist()])
            body.append(np.ascontiguousarray(rows.T[used]).data)
        head = json.dumps({"tables": entries, "units": self.units}).encode()
        crc = zlib.crc32(head)
        for part in body:
            crc = zlib.crc32(part, crc)
        stream.write(len(head).to_bytes(8, "little") + crc.to_bytes(8, "little") + head)
        for part in body:
            stream.write(part)

    @classmethod
    def load(cls, stream: BinaryIO, path: Path) -> EventRows | None:
        """Read the next rows that `save` wrote.

        Parameters
        ----------
        stream : binary stream
        path : Path
            Its name, for messages.

        Returns
        -------
        EventRows or None
            None at the end of the stream.

        Raises
        ------
        UnreadableFile
            If they are not what was written.
        """
        start = stream.read(16)
        if not start:
            return None
        rows = cls()
        try:
            head = stream.read(int.from_bytes(start[:8], "little"))
            crc = zlib.crc32(head)
            facts = json.loads(head)
            rows.units = facts["units"]
            for product, table, count, used in facts["tables"]:
                packed = stream.read(count * len(used))
                crc = zlib.crc32(packed, crc)
                if product and product not in rows.products:
                    rows.products[product] = {t: Column(d) for t, d in table_dtypes(kind_of(product)).items()}
                column = rows.products[product][table] if product else rows.events
                content = np.zeros((count, column.dtype.itemsize), dtype=np.uint8)
                content.T[used] = np.frombuffer(packed, dtype=np.uint8).reshape(len(used), count)
                column.append(content)
        except (ValueError, LookupError, TypeError, OverflowError, MemoryError) as error:
            raise _damaged(path) from error
        if crc != int.from_bytes(start[8:], "little"):
            raise _damaged(path)
        return rows


def _damaged(path: Path) -> UnreadableFile:
    return UnreadableFile(
        f"{path} is damaged: its rows are not those that were written; remove it and make it again"
    )


def _used_bytes(rows: np.ndarray) -> np.ndarray:
    """Which bytes of a row are not zero everywhere."""
    if rows.shape[1] % 8 == 0:  # eight at once
        words = rows.view(np.uint64)
        every = np.array([np.bitwise_or.reduce(words[:, k]) for k in range(words.shape[1])], dtype=np.uint64)
        return np.flatnonzero(every.view(np.uint8))
    return np.flatnonzero(rows.any(axis=0))


def _targets(kind: Kind) -> dict[str, str]:
    """For each table whose `first` is a row of another: which."""
    if kind.name == "particle":
        return {"extents": "particles"}
    if kind.name.startswith("cluster"):
        return {"extents": kind.extents, kind.extents: "cluster_extents", "cluster_extents": kind.content}
    return {"extents": kind.extents, kind.extents: kind.content}


def _append(tables: dict[str, Column], name: str, product: tuple[Product, ...] | np.ndarray) -> None:
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


def _append_voxels(tables: dict[str, Column], plane: Voxels) -> None:
    tables["voxel_extents"].append(_id_extents(tables["voxels"].rows, len(plane), plane.grid.projection))
    tables["voxels"].append(_voxel_rows(plane.ids, plane.values))


def _append_clusters(tables: dict[str, Column], plane: Clusters) -> None:
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


def _append_image(tables: dict[str, Column], plane: DenseImage) -> None:
    tables["image_extents"].append(
        _id_extents(tables["images"].rows, plane.grid.pixels, plane.grid.projection)
    )
    _require_finite(plane.pixels)
    tables["images"].append(plane.pixels.ravel())


def _append_boxes(tables: dict[str, Column], plane: Boxes) -> None:
    tables["bbox_extents"].append(_id_extents(tables["bboxes"].rows, len(plane), plane.grid.projection))
    rows = np.zeros(len(plane), dtype=box_dtype(plane.grid.dimensions))
    rows["centroid"], rows["half_length"] = plane.centroid, plane.half_length
    rows["rotation"] = plane.rotation.reshape(len(plane), plane.grid.dimensions**2)
    tables["bboxes"].append(rows)


_APPEND: dict[type, Any] = {
    Voxels: _append_voxels,
    Clusters: _append_clusters,
    DenseImage: _append_image,
    Boxes: _append_boxes,
}
