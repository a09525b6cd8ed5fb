"""edep-sim energy deposits in larnd-sim's HDF5 layout: segments, trajectories, vertices.

    /segments       one row a straight deposit: event, trajectory, two ends, energy
    /trajectories   one row a particle: parent, momentum, ends, Geant4 process codes
    /vertices       one row an interaction (not in older files)

Lengths are in cm, times in µs, energies in MeV. The rows of an event are
contiguous. Older files call the columns eventID, trackID, pdgId and so on.
larnd-sim's outputs add `packets` and light, which are listed but not read.

References
----------
edep-sim, github.com/ClarkMcGrew/edep-sim; larnd-sim, arXiv:2212.09807, `cli/dumpTree.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from argoscope.errors import UnreadableFile, nearest_hint
from argoscope.events import FIVE_CLASS, IDENTIFIER, Event, EventId, Grid, empty_particles
from argoscope.files.event_rows import EventRows, rows_by_event
from argoscope.files.geant4_classes import five_classes
from argoscope.files.lineage import fill_lineage, parent_rows, rows_of
from argoscope.files.safety import open_hdf5, read_rows, reading, reading_structure
from argoscope.files.segments import Owners, Segments, grid_around, require_options
from argoscope.files.source import Description, EventFile
from argoscope.files.voxelise import deposit_image
from argoscope.typing import PathLike
from argoscope.units import NS

__all__ = ["EdepsimFile", "is_edepsim"]

ALIASES = {
    "event_id": ("event_id", "eventID"),
    "traj_id": ("traj_id", "trackID"),
    "vertex_id": ("vertex_id", "vertexID"),
    "pdg_id": ("pdg_id", "pdgId"),
    "parent_id": ("parent_id", "parentID"),
}
"""Columns that have had two names: larnd-sim's present one and the older one."""

SEGMENT_COLUMNS = (
    "event_id", "traj_id", "dE", "x_start", "y_start", "z_start", "x_end", "y_end", "z_end",
)  # fmt: skip
TRAJECTORY_COLUMNS = ("event_id", "traj_id", "parent_id", "pdg_id", "xyz_start", "xyz_end", "pxyz_start")
PROCESS_COLUMNS = ("start_process", "start_subprocess")
MAX_LABEL = 2**31 - 1


@dataclass
class _Tables:
    """The open file and where its events are."""

    file: h5py.File
    numbers: np.ndarray
    rows: dict[str, EventRows]

    def close(self) -> None:
        self.file.close()


class EdepsimFile(EventFile):
    """A file of edep-sim deposits, each event a volume.

    Parameters
    ----------
    path : path
        The file.
    voxel_size_cm : float
        Side of a voxel.
    region : Grid, optional
        Volume to fill, in cm; what lies outside is left out. By default the
        box around the event's segments.
    overlap : {"highest", "lowest"}
        Class of a voxel that several particles share; see `voxelise.deposit_image`.

    Notes
    -----
    Labels: "instance" is traj_id, "ancestor" vertex_id (both numbered anew
    within the event where they exceed 32 bits, in the order of their size),
    "semantic" the five classes from Geant4's process codes. Files without the
    codes have no "semantic".

    Examples
    --------
    >>> EdepsimFile("events.h5", voxel_size_cm=0.4)
    EdepsimFile('events.h5')
    """

    format = "edep-sim"

    def __init__(
        self,
        path: PathLike,
        voxel_size_cm: float = 0.3,
        region: Grid | None = None,
        overlap: str = "highest",
    ) -> None:
        super().__init__(path)
        require_options(voxel_size_cm, region, overlap)
        self.voxel_size_cm = voxel_size_cm
        self.region = region
        self.overlap = overlap

    def _open(self) -> _Tables:
        file = open_hdf5(self.path)
        with reading_structure(file, self.path):
            return self._tables(file)

    def _tables(self, file: h5py.File) -> _Tables:
        """Check the tables and find the rows of each event."""
        _require(file, "segments", SEGMENT_COLUMNS, self.path)
        _require(file, "trajectories", TRAJECTORY_COLUMNS, self.path)
        names = ["segments", "trajectories"]
        if "vertices" in file:
            _require(file, "vertices", ("event_id",), self.path)
            names.append("vertices")
        rows = {n: rows_by_event(file[n], _column(file[n], "event_id", self.path), self.path) for n in names}
        return _Tables(file, np.unique(np.concatenate([r.numbers for r in rows.values()])), rows)

    def __len__(self) -> int:
        return len(self.handle.numbers)

    def describe(self) -> Description:
        """Say what the file holds."""
        file = self.handle.file
        products = {
            name: {"rows": int(file[name].shape[0])} for name in file if isinstance(file[name], h5py.Dataset)
        }
        schemes = {"instance": IDENTIFIER.name, "ancestor": IDENTIFIER.name}
        if self._has_processes:
            schemes["semantic"] = FIVE_CLASS.name
        return Description(
            self.format, len(self), 1, products, schemes, {"charge": "MeV", "energy": "MeV"}, detector=""
        )

    @property
    def _has_processes(self) -> bool:
        return set(PROCESS_COLUMNS) <= set(self.handle.file["trajectories"].dtype.names)

    def segments(self, index: int) -> np.ndarray:
        """The segments of one event as stored.

        Parameters
        ----------
        index : int
            Position of the event in the file.

        Returns
        -------
        ndarray, shape (s,), structured
            larnd-sim's columns; cm, µs, MeV.
        """
        return self._table("segments", self.require_index(index))

    def trajectories(self, index: int) -> np.ndarray:
        """The trajectories of one event as stored, shape (p,), structured; cm, µs, MeV."""
        return self._table("trajectories", self.require_index(index))

    def _table(self, name: str, index: int) -> np.ndarray:
        tables = self.handle
        number = int(tables.numbers[index])
        first, count = tables.rows[name].range_of(number)
        rows: np.ndarray = read_rows(tables.file[name], first, count, self.path, f"event {index}")
        return rows

    def _event(self, index: int) -> Event:
        with reading(self.path, f"event {index}"):
            rows, tracks = self._table("segments", index), self._table("trajectories", index)
            segments = _segments(rows, self.path)
            grid = self.region or grid_around(segments, self.voxel_size_cm)
            image = deposit_image(segments, _owners(rows, tracks, self.path), grid, overlap=self.overlap)
            number = int(self.handle.numbers[index])
            return Event(EventId(event=number), (image,), _particles(tracks, self.path), charge_unit="MeV")


def is_edepsim(file: h5py.File) -> bool:
    """Whether an open file has larnd-sim's segments."""
    item = file.get("segments")
    names = set(item.dtype.names or ()) if isinstance(item, h5py.Dataset) else set()
    return {"dE", "x_start", "x_end"} <= names and bool({"event_id", "eventID"} & names)


def _column(table: h5py.Dataset | np.ndarray, name: str, path: Path) -> str:
    """Name under which a table has a column, today's or the older one."""
    for alias in ALIASES.get(name, (name,)):
        if alias in (table.dtype.names or ()):
            return alias
    where = getattr(table, "name", "a table")
    raise UnreadableFile(
        f"{path}: {where} lacks the column {name!r}. {nearest_hint(name, table.dtype.names or ())} "
        "Files must be in larnd-sim's layout: run its dumpTree.py on edep-sim's ROOT file."
    )


def _require(file: h5py.File, name: str, columns: tuple[str, ...], path: Path) -> None:
    item = file.get(name)
    if not isinstance(item, h5py.Dataset) or item.ndim != 1:
        raise UnreadableFile(
            f"{path}: the table {name!r} is missing. {nearest_hint(name, list(file))} "
            "Files must be in larnd-sim's layout: run its dumpTree.py on edep-sim's ROOT file."
        )
    for column in columns:
        _column(item, column, path)


def _segments(rows: np.ndarray, path: Path) -> Segments:
    ends = [np.stack([rows[f"{axis}_{end}"] for axis in "xyz"], axis=1) for end in ("start", "end")]
    return Segments(ends[0], ends[1], rows["dE"], rows[_column(rows, "traj_id", path)])


def _owners(rows: np.ndarray, tracks: np.ndarray, path: Path) -> Owners:
    """The particles that own segments, with class and vertex."""
    numbers, first = np.unique(rows[_column(rows, "traj_id", path)].astype(np.int64), return_index=True)
    vertex = np.full(len(numbers), -1)
    if set(ALIASES["vertex_id"]) & set(_names(rows)):
        vertex = rows[_column(rows, "vertex_id", path)].astype(np.int64)[first]
    classes = None
    if set(PROCESS_COLUMNS) <= set(_names(tracks)):
        ids = tracks[_column(tracks, "traj_id", path)].astype(np.int64)
        parent = parent_rows(ids, tracks[_column(tracks, "parent_id", path)].astype(np.int64))
        pdg = tracks[_column(tracks, "pdg_id", path)]
        known = five_classes(pdg, parent, tracks["start_process"], tracks["start_subprocess"])
        classes = np.append(known, np.int32(FIVE_CLASS.unlabelled))[rows_of(ids, numbers)]
    return Owners(numbers, _labels(vertex), classes)


def _labels(numbers: np.ndarray) -> np.ndarray:
    """Numbers that fit a label; larger ones become their rank within the event."""
    if len(numbers) and numbers.max() > MAX_LABEL:
        return np.unique(numbers, return_inverse=True)[1]
    return numbers


def _particles(tracks: np.ndarray, path: Path) -> np.ndarray:
    """The particle table: cm, ns (larnd-sim has µs), MeV."""
    table = empty_particles(len(tracks))
    names = _names(tracks)
    table["pdg"] = tracks[_column(tracks, "pdg_id", path)]
    for axis, (momentum, position) in enumerate(zip(("px", "py", "pz"), "xyz", strict=True)):
        table[momentum] = tracks["pxyz_start"][:, axis]
        table["vtx"][position] = tracks["xyz_start"][:, axis]
        table["end_pt"][position] = tracks["xyz_end"][:, axis]
    for point, column in (("vtx", "t_start"), ("end_pt", "t_end")):
        if column in names:
            table[point]["t"] = tracks[column] / NS
    table["first_step"], table["last_step"] = table["vtx"], table["end_pt"]
    for name, column in (("energy_init", "E_start"), ("dist_travel", "dist_travel")):
        if column in names:
            table[name] = tracks[column]
    numbers, parents = tracks[_column(tracks, "traj_id", path)], tracks[_column(tracks, "parent_id", path)]
    fill_lineage(table, numbers, parents)
    return table


def _names(table: np.ndarray | h5py.Dataset) -> tuple[str, ...]:
    return tuple(table.dtype.names or ())
