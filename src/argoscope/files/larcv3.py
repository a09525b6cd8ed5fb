"""Reading larcv3's HDF5 files, which are argoscope's own too.

`Larcv3File.record` gives every product of an event exactly as stored;
`Larcv3File.event` gives charge with labels on the same pixels, by the roles
that the file states in `/argoscope` or, where larcv3 wrote it, that its
producers' names tell (layouts.py).

Every number that says where something lies is checked before it is followed:
extents inside their tables, ids inside the image, values finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import h5py
import numpy as np

from argoscope.errors import InvalidArgument, UnknownCharge, UnreadableFile, nearest_hint, require_known
from argoscope.events import Boxes, Clusters, DenseImage, Event, EventId, Grid, Product, Record, Voxels
from argoscope.events.particles import INVALID_U4
from argoscope.files.header import Header, read_header
from argoscope.files.larcv3_layout import (
    EVENT_ID,
    KINDS,
    Kind,
    split_product,
    table_dtypes,
)
from argoscope.files.layouts import event_from_record, header_for
from argoscope.files.safety import open_hdf5, read_rows, reading_structure, require_dataset
from argoscope.files.source import Description, RecordFile
from argoscope.typing import PathLike

__all__ = ["Larcv3File", "is_larcv3"]


def is_larcv3(file: h5py.File) -> bool:
    """Whether an open HDF5 file has larcv3's two groups."""
    return isinstance(file.get("Events/event_id"), h5py.Dataset) and isinstance(file.get("Data"), h5py.Group)


@dataclass(frozen=True)
class _Tables:
    """The open tables of one product."""

    kind: Kind
    tables: dict[str, h5py.Dataset]


@dataclass
class _Handle:
    """An open file: its tables by product, and what they mean."""

    file: h5py.File
    events: h5py.Dataset
    products: dict[str, _Tables]
    header: Header
    grids: dict[tuple[bytes, str], Grid] = field(default_factory=dict)

    def close(self) -> None:
        self.file.close()


class Larcv3File(RecordFile):
    """A larcv3 HDF5 file, read event by event.

    Parameters
    ----------
    path : path
        The file.
    roles : mapping of str to str, optional
        Product for each role ("charge", "semantic", ...), in place of what the file says.

    Examples
    --------
    >>> import tempfile
    >>> from argoscope.events import PARTICLE_DTYPE
    >>> from argoscope.files.larcv3_write import write_records
    >>> record = Record(EventId(1, 2, 3), {"particle_mcst": np.zeros(0, PARTICLE_DTYPE)})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_records(f"{folder}/one.h5", [record])
    ...     with Larcv3File(f"{folder}/one.h5") as file:
    ...         len(file), file.record(0).id
    (1, EventId(run=1, subrun=2, event=3))
    """

    format = "larcv3"

    def __init__(self, path: PathLike, roles: Mapping[str, str] | None = None) -> None:
        super().__init__(path)
        self.roles = dict(roles or {})

    def _open(self) -> _Handle:
        file = open_hdf5(self.path)
        with reading_structure(file, self.path):
            return self._checked(file)

    def _checked(self, file: h5py.File) -> _Handle:
        if not is_larcv3(file):
            raise UnreadableFile(
                f"{self.path} is HDF5 but not larcv3: it lacks /Events/event_id or /Data. "
                f"It has {', '.join(sorted(file)[:8]) or 'nothing'}."
            )
        events = require_dataset(file["Events"], "event_id", self.path, EVENT_ID.names or ())
        products = {}
        for group in sorted(file["Data"]):
            names = split_product(group)
            if names is not None:
                kind, producer = names
                tables = self._tables(file["Data"][group], KINDS[kind], events.shape[0])
                products[f"{kind}_{producer}"] = _Tables(KINDS[kind], tables)
        header = read_header(file, self.path)
        return _Handle(file, events, products, self._with_roles(header, products))

    def _with_roles(self, header: Header | None, products: dict[str, _Tables]) -> Header:
        header = self._guessed_header(products) if header is None else header
        header = replace(header, roles={**header.roles, **self.roles})
        absent = header.absent_role(products)
        if absent is not None:
            role, product = absent
            raise UnreadableFile(
                f"{self.path}: the role {role!r} is given to the product {product!r}, which the file has not. "
                f"{nearest_hint(product, products)}"
            )
        return header

    def _guessed_header(self, products: dict[str, _Tables]) -> Header:
        header = header_for(products)
        charge = products.get(header.roles.get("charge", ""))
        if charge is None or not charge.tables["image_meta"].shape[0]:
            return header
        meta = read_rows(charge.tables["image_meta"], 0, 1, self.path, "image_meta")[0]
        return header_for(products, tuple(int(n) for n in meta["number_of_voxels"]))

    def _tables(self, group: h5py.Group, kind: Kind, events: int) -> dict[str, h5py.Dataset]:
        tables = {}
        for name, dtype in table_dtypes(kind).items():
            data = require_dataset(group, name, self.path, dtype.names or ())
            _require_types(data, dtype, self.path)
            tables[name] = data
        if tables["extents"].shape[0] != events:
            raise UnreadableFile(
                f"{self.path}: {group.name}/extents has {tables['extents'].shape[0]} rows for {events} events: "
                "the file is incomplete; write it again"
            )
        return tables

    def __len__(self) -> int:
        return int(self.handle.events.shape[0])

    @property
    def header(self) -> Header:
        """What the products mean: from `/argoscope`, or from the producers' names."""
        header: Header = self.handle.header
        return header

    @property
    def products(self) -> list[str]:
        """Names of the products, ``"{kind}_{producer}"``."""
        return list(self.handle.products)

    def describe(self) -> Description:
        """Say what the file holds."""
        handle: _Handle = self.handle
        charge = handle.header.roles.get("charge")
        planes = 0
        if charge and len(self):
            planes = int(self._rows(charge, "extents", 0, 1, f"{charge}, event 0")["N"][0])
        return Description(
            format=self.format,
            events=len(self),
            planes=planes,
            products={name: _facts(tables) for name, tables in handle.products.items()},
            schemes={product: scheme.name for product, scheme in handle.header.schemes.items()},
            units={"charge": handle.header.charge_unit, "energy": handle.header.energy_unit},
            detector=handle.header.detector,
            provenance=handle.header.provenance,
        )

    def record(self, index: int, products: Iterable[str] | None = None) -> Record:
        """Read products of one event as stored.

        Parameters
        ----------
        index : int
            Position in the file.
        products : iterable of str, optional
            Names of the products; all by default.

        Returns
        -------
        Record

        Raises
        ------
        InvalidArgument
            If the file has no such event or product.
        UnreadableFile
            If the event is damaged; the message names product and event.
        """
        index = self.require_index(index)
        names = self.products if products is None else list(products)
        content = {name: self._product(name, index) for name in names}
        row = read_rows(self.handle.events, index, 1, self.path, f"event {index}")[0]
        return Record(EventId(int(row["run"]), int(row["subrun"]), int(row["event"])), content)

    def _event(self, index: int) -> Event:
        self._require_charge()
        wanted = sorted(set(self.header.roles.values()) & set(self.products))
        return event_from_record(self.record(index, wanted), self.header)

    def charge_event(self, index: int) -> Event:
        """Read the charge of one event; see `EventFile.charge_event`."""
        return self.charge_of(self.record(index, [self._require_charge()]))

    def charge_of(self, record: Record) -> Event:
        """Event of the charge of a record; see `RecordFile.charge_of`."""
        charge = self._require_charge()
        try:
            return event_from_record(Record(record.id, {charge: record[charge]}), self.header)
        except InvalidArgument as error:
            raise UnreadableFile(f"{self.path}: {record.id}: {error}") from error

    def _require_charge(self) -> str:
        """Name of the product that is the charge."""
        if "charge" not in self.header.roles:
            raise UnknownCharge(
                f"{self.path}: none of its products ({', '.join(self.products) or 'it has none'}) is known to be the charge; "
                "open it with roles={'charge': PRODUCT}"
            )
        return self.header.roles["charge"]

    def _product(self, name: str, index: int) -> tuple[Product, ...] | np.ndarray:
        require_known(name, self.handle.products, f"{self.path} has no product")
        what = f"{name}, event {index}"
        kind = self.handle.products[name].kind
        extent = self._rows(name, "extents", index, 1, what)[0]
        first, count = int(extent["first"]), int(extent["N"])
        try:
            if kind.name == "particle":
                return np.asarray(self._rows(name, "particles", first, count, what))
            if not count:
                raise InvalidArgument("it has no plane, and not even an empty one")
            extents = self._rows(name, kind.extents, first, count, what)
            metas = self._rows(name, "image_meta", first, count, what)
            grids = [self._grid(meta, name) for meta in metas]
            if kind.name.startswith("cluster"):
                return self._clusters(name, grids, extents, what)
            content = _READERS[kind.content]
            rows, cuts = self._spans(name, kind.content, extents, what)
            return tuple(content(grid, part) for grid, part in zip(grids, np.split(rows, cuts), strict=True))
        except InvalidArgument as error:
            raise UnreadableFile(f"{self.path}: {what}: {error}") from error

    def _grid(self, meta: np.void, product: str) -> Grid:
        unit = self.header.grid_units.get(product, "unknown")
        key = (meta.tobytes(), unit)
        grids: dict[tuple[bytes, str], Grid] = self.handle.grids
        if key not in grids:
            if not meta["valid"]:
                raise InvalidArgument("its image_meta is marked invalid, so its pixels lie nowhere")
            grids[key] = Grid(
                shape=tuple(int(n) for n in meta["number_of_voxels"]),
                size=tuple(map(float, meta["image_sizes"])),
                origin=tuple(map(float, meta["origin"])),
                projection=int(meta["projection_id"]),
                unit=unit,
            )
        return grids[key]

    def _rows(self, product: str, table: str, first: int, count: int, what: str) -> Any:
        return read_rows(self.handle.products[product].tables[table], first, count, self.path, what)

    def _spans(self, product: str, table: str, extents: np.ndarray, what: str) -> tuple[Any, np.ndarray]:
        """Read the rows of several extents at once; return them and where one ends and the next begins."""
        sizes = extents["N"].astype(np.int64)
        ends = np.cumsum(sizes)
        filled = np.flatnonzero(sizes)
        first = int(extents["first"][filled[0]]) if filled.size else 0
        astray = extents["first"][filled].astype(np.int64) != first + (ends - sizes)[filled]
        if astray.any():
            raise InvalidArgument(
                f"the rows of {table} for its part {int(filled[astray.argmax()])} do not follow the part before"
            )
        rows = self._rows(product, table, first, int(ends[-1]) if len(ends) else 0, what)
        return rows, ends[:-1]

    def _clusters(
        self, product: str, grids: list[Grid], extents: np.ndarray, what: str
    ) -> tuple[Clusters, ...]:
        slots, slot_cuts = self._spans(product, "cluster_extents", extents, what)
        rows, cuts = self._spans(product, "voxels", slots, what)
        ends = np.concatenate([[0], cuts, [len(rows)]]) if len(slots) else np.zeros(1, dtype=np.int64)
        starts = np.concatenate([[0], slot_cuts, [len(slots)]]).astype(np.int64)
        ids, values = rows["id"].view(np.int64), _finite(rows["value"])
        planes = []
        for grid, low, high in zip(grids, starts[:-1], starts[1:], strict=True):
            pixels = slice(ends[low], ends[high])
            stored = slots["ID"][low:high].astype(np.int64)
            numbers = np.where(stored == INVALID_U4, -1, stored)
            planes.append(
                Clusters(grid, ids[pixels], values[pixels], ends[low : high + 1] - ends[low], numbers)
            )
        return tuple(planes)


def _voxels(grid: Grid, rows: np.ndarray) -> Voxels:
    return Voxels(grid, rows["id"].view(np.int64), _finite(rows["value"]))


def _image(grid: Grid, values: np.ndarray) -> DenseImage:
    if len(values) != grid.pixels:
        raise InvalidArgument(f"it stores {len(values)} values for an image of {grid.pixels} pixels")
    return DenseImage(grid, _finite(values).reshape(grid.shape))


def _boxes(grid: Grid, rows: np.ndarray) -> Boxes:
    square = (len(rows), grid.dimensions, grid.dimensions)
    return Boxes(grid, rows["centroid"], rows["half_length"], rows["rotation"].reshape(square))


_READERS: dict[str, Callable[[Grid, np.ndarray], Product]] = {
    "voxels": _voxels,
    "images": _image,
    "bboxes": _boxes,
}


def _finite(values: np.ndarray) -> np.ndarray:
    if not np.isfinite(values).all():
        row = int((~np.isfinite(values)).ravel().argmax())
        raise InvalidArgument(f"value {row} is {values.ravel()[row]}; values must be finite")
    return values


def _require_types(data: h5py.Dataset, expected: np.dtype, path: Any) -> None:
    """Refuse columns of another type; byte offsets may differ, as compilers do."""
    pairs = (
        [(name, data.dtype[name], expected[name]) for name in expected.names]
        if expected.names
        else [("values", data.dtype, expected)]
    )
    for name, found, wanted in pairs:
        if found != wanted and not (found.names and set(found.names) == set(wanted.names or ())):
            raise UnreadableFile(
                f"{path}: {data.name} has the column {name!r} as {found}, larcv3 writes {wanted}"
            )


def _facts(tables: _Tables) -> dict[str, Any]:
    return {"kind": tables.kind.name, "rows": int(tables.tables[tables.kind.content].shape[0])}
