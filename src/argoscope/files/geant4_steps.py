"""Geant4 steps as HDF5, the layout that JAXTPC reads.

Each dataset has one variable-length row of records an event:

    /pstep/lar_vol      steps in the argon: midpoint, direction, energy, length
    /particle/geant4    every particle: ends, momentum, parent, process codes
    /event/geant4       run and event number and counts (one plain record an event)

The file has mm, ns and MeV; events have cm. A step is given by its midpoint,
its direction (theta from z, phi around it) and its length `dx`; consecutive
steps then join to within 10 µm in a Geant4 muon file.
"""

from __future__ import annotations

import h5py
import numpy as np

from argoscope.errors import UnreadableFile, nearest_hint
from argoscope.events import FIVE_CLASS, IDENTIFIER, Event, EventId, Grid, empty_particles
from argoscope.files.geant4_classes import five_classes
from argoscope.files.lineage import fill_lineage, parent_rows, rows_of
from argoscope.files.lists import read_list
from argoscope.files.safety import open_hdf5, reading, reading_structure
from argoscope.files.segments import Owners, Segments, grid_around, require_options
from argoscope.files.source import Description, EventFile
from argoscope.files.voxelise import deposit_image
from argoscope.typing import PathLike
from argoscope.units import MM

__all__ = ["Geant4StepFile", "is_geant4_steps"]

STEPS, PARTICLES, EVENTS = "pstep/lar_vol", "particle/geant4", "event/geant4"
NO_TRACK = 2**31 - 1
"""Track number of steps whose particle was not kept."""
STEP_COLUMNS = ("x", "y", "z", "theta", "phi", "track_id", "ancestor_track_id", "de", "dx")
PARTICLE_COLUMNS = (
    "x", "y", "z", "t", "end_x", "end_y", "end_z", "end_t", "px", "py", "pz", "ke", "mass",
    "track_id", "parent_track_id", "pdg", "proc_start", "subproc_start",
)  # fmt: skip


class Geant4StepFile(EventFile):
    """A file of Geant4 steps, each event a volume.

    Parameters
    ----------
    path : path
        The file.
    voxel_size_cm : float
        Side of a voxel.
    region : Grid, optional
        Volume to fill, in cm; what lies outside is left out. By default the
        box around the event's steps.
    overlap : {"highest", "lowest"}
        Class of a voxel that several particles share; see `voxelise.deposit_image`.

    Notes
    -----
    Labels: "instance" is track_id, "ancestor" ancestor_track_id (-1 for steps
    whose particle was not kept), "semantic" the five classes from Geant4's
    process codes.

    Examples
    --------
    >>> Geant4StepFile("muons.h5")
    Geant4StepFile('muons.h5')
    """

    format = "geant4-steps"

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

    def _open(self) -> h5py.File:
        file = open_hdf5(self.path, objects=True)
        with reading_structure(file, self.path):
            self._check(file)
        return file

    def _check(self, file: h5py.File) -> None:
        for name, columns in ((STEPS, STEP_COLUMNS), (PARTICLES, PARTICLE_COLUMNS)):
            self._require(file, name, columns)
        if file[STEPS].shape != file[PARTICLES].shape:
            raise UnreadableFile(
                f"{self.path}: {STEPS} has {file[STEPS].shape[0]} events, {PARTICLES} {file[PARTICLES].shape[0]}: "
                "the file is damaged or incomplete"
            )

    def _require(self, file: h5py.File, name: str, columns: tuple[str, ...]) -> None:
        item = file.get(name)
        if not isinstance(item, h5py.Dataset) or item.ndim != 1:
            raise UnreadableFile(
                f"{self.path}: the dataset {name!r} is missing. {nearest_hint(name, list(file))}"
            )
        inner = h5py.check_vlen_dtype(item.dtype)
        if not isinstance(inner, np.dtype) or inner.names is None:
            raise UnreadableFile(f"{self.path}: {name} does not hold one variable-length table an event")
        for column in columns:
            if column not in inner.names:
                hint = nearest_hint(column, inner.names)
                raise UnreadableFile(f"{self.path}: {name} lacks the column {column!r}. {hint}")

    def __len__(self) -> int:
        return int(self.handle[STEPS].shape[0])

    def describe(self) -> Description:
        """Say what the file holds."""
        products = {
            f"{group}/{name}": {"kind": "table"}
            for group, item in self.handle.items()
            if isinstance(item, h5py.Group)
            for name in item
        }
        schemes = {"semantic": FIVE_CLASS.name, "instance": IDENTIFIER.name, "ancestor": IDENTIFIER.name}
        return Description(self.format, len(self), 1, products, schemes, {"charge": "MeV", "energy": "MeV"})

    def steps(self, index: int) -> np.ndarray:
        """The steps of one event as stored.

        Returns
        -------
        ndarray, shape (s,), structured
            The file's columns; mm, ns, MeV.
        """
        return self._table(STEPS, self.require_index(index))

    def particles(self, index: int) -> np.ndarray:
        """The particles of one event as stored, shape (p,), structured; mm, ns, MeV."""
        return self._table(PARTICLES, self.require_index(index))

    def _table(self, name: str, index: int) -> np.ndarray:
        return read_list(self.handle[name], index, self.path, f"event {index} of {name}")

    def _event(self, index: int) -> Event:
        with reading(self.path, f"event {index}"):
            steps, tracks = self._table(STEPS, index), self._table(PARTICLES, index)
            segments = _segments(steps)
            grid = self.region or grid_around(segments, self.voxel_size_cm)
            image = deposit_image(segments, _owners(steps, tracks), grid, overlap=self.overlap)
            return Event(self._number(index), (image,), _particles(tracks), charge_unit="MeV")

    def _number(self, index: int) -> EventId:
        item = self.handle.get(EVENTS)
        if not isinstance(item, h5py.Dataset) or index >= len(item):
            return EventId()
        record = np.atleast_1d(np.asarray(item[index]))
        if not len(record) or not {"run_id", "event_id"} <= set(record.dtype.names or ()):
            return EventId()
        return EventId(run=int(record["run_id"][0]), event=int(record["event_id"][0]))


def is_geant4_steps(file: h5py.File) -> bool:
    """Whether an open file has Geant4 steps in argon."""
    item = file.get(STEPS)
    inner = h5py.check_vlen_dtype(item.dtype) if isinstance(item, h5py.Dataset) else None
    return isinstance(inner, np.dtype) and {"de", "dx", "theta", "phi"} <= set(inner.names or ())


def _kept(numbers: np.ndarray) -> np.ndarray:
    """Track numbers as int64, -1 for particles that were not kept."""
    return np.where(numbers == NO_TRACK, -1, numbers.astype(np.int64))


def _segments(steps: np.ndarray) -> Segments:
    """Both ends of each step, in cm."""
    theta, phi = steps["theta"].astype(np.float64), steps["phi"].astype(np.float64)
    direction = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], axis=1)
    middle = np.stack([steps[axis] for axis in "xyz"], axis=1).astype(np.float64)
    half = direction * (steps["dx"].astype(np.float64) / 2)[:, np.newaxis]
    return Segments((middle - half) * MM, (middle + half) * MM, steps["de"], _kept(steps["track_id"]))


def _owners(steps: np.ndarray, tracks: np.ndarray) -> Owners:
    numbers, first = np.unique(_kept(steps["track_id"]), return_index=True)
    parent = parent_rows(tracks["track_id"], tracks["parent_track_id"])
    known = five_classes(tracks["pdg"], parent, tracks["proc_start"], tracks["subproc_start"])
    classes = np.append(known, np.int32(FIVE_CLASS.unlabelled))[rows_of(tracks["track_id"], numbers)]
    return Owners(numbers, _kept(steps["ancestor_track_id"])[first], classes)


def _particles(tracks: np.ndarray) -> np.ndarray:
    """The particle table: cm, ns, MeV."""
    table = empty_particles(len(tracks))
    for name in "xyzt":
        scale = 1.0 if name == "t" else MM
        table["vtx"][name], table["end_pt"][name] = tracks[name] * scale, tracks[f"end_{name}"] * scale
    table["first_step"], table["last_step"] = table["vtx"], table["end_pt"]
    table["pdg"] = tracks["pdg"]
    for name in ("px", "py", "pz"):
        table[name] = tracks[name]
    table["energy_init"] = tracks["ke"].astype(np.float64) + tracks["mass"]
    if "proc_name_start" in (tracks.dtype.names or ()):
        table["process"] = [bytes(name)[:64] for name in tracks["proc_name_start"]]
    fill_lineage(table, tracks["track_id"], tracks["parent_track_id"])
    return table
