"""PILArNet-M: volumes of 768³ voxels with fragments, groups and interactions.

Every event is one variable-length row of float32 in each dataset:

    /point           (n, 8): x, y, z (voxel indices), energy, a near copy of it, time, electrons, step length
    /cluster         (k, 5) in version 1: points, fragment, group, interaction, shape
                     (k, 6) in version 2: the same and the particle (pid)
    /cluster_extra   (k, 5) in version 2: unused, momentum, vertex x, y, z

Points are ordered by cluster; the first cluster is the bucket of low-energy
deposits (LED). Voxels are 3 mm; energies are like MeV (0.01 to 18.5). A voxel
may stand in several clusters.

Two datasets of our own, which other readers ignore, keep what the format has
no place for: `argoscope_grid` (shape, size, origin and unit of the volume) and
`argoscope_event_id`.

References
----------
PILArNet-M, huggingface.co/datasets/DeepLearnPhysics/PILArNet-M; the readers of
PoLAr-MAE (arXiv:2502.02558).
"""

from __future__ import annotations

from typing import Literal, get_args

import h5py
import numpy as np

from argoscope.errors import InvalidArgument, UnreadableFile, nearest_hint
from argoscope.events import (
    FIVE_CLASS,
    IDENTIFIER,
    SHAPE,
    Clusters,
    Event,
    EventId,
    Grid,
    Image,
    LabelColumn,
    empty_particles,
)
from argoscope.events.labels import five_class_from_shape
from argoscope.files.lists import read_list
from argoscope.files.pilarnet_layout import (
    EVENT_ID,
    GRID,
    NO_PID,
    PDG_OF_PID,
    PILARNET_GRID,
    POINT_COLUMNS,
    UNITS,
    holds_rows,
    is_pilarnet,
)
from argoscope.files.pilarnet_writer import write_pilarnet
from argoscope.files.safety import open_hdf5, reading, reading_structure
from argoscope.files.source import Description, EventFile
from argoscope.files.strongest import strongest_rows
from argoscope.typing import PathLike

__all__ = ["PilarnetFile", "is_pilarnet", "write_pilarnet"]

Scheme = Literal["shape", "five-class"]


class PilarnetFile(EventFile):
    """A PILArNet-M file, each event a volume.

    Parameters
    ----------
    path : path
        The file.
    scheme : {"shape", "five-class"}
        Scheme of the semantic labels: the file's own, or five classes made of
        it with the particle (a proton's track is HIP; LED is unlabelled).

    Notes
    -----
    Labels: "semantic"; "instance" is the group, "ancestor" the interaction, -1
    for none. A voxel of several clusters has the labels of the one with the
    most charge there. Truth has one cluster a fragment, the particle table one
    row a fragment, in the order of the file: `trackid` is the fragment,
    `parent_trackid` its group, `vtx` as the file has it. Momenta, whose unit is
    published nowhere, are left to `cluster_extra`.

    Examples
    --------
    >>> PilarnetFile("generic_v2_80_v2.h5", scheme="five-class")
    PilarnetFile('generic_v2_80_v2.h5')
    """

    format = "pilarnet-m"

    def __init__(self, path: PathLike, scheme: Scheme = "shape") -> None:
        super().__init__(path)
        if scheme not in get_args(Scheme):
            raise InvalidArgument(f"scheme (={scheme!r}) must be one of {get_args(Scheme)}")
        self.scheme = scheme

    def _open(self) -> h5py.File:
        file = open_hdf5(self.path, objects=True)
        with reading_structure(file, self.path):
            self._check(file)
        return file

    def _check(self, file: h5py.File) -> None:
        needed = ["point", "cluster"] + ["cluster_extra"] * ("cluster_extra" in file)
        for name in needed:
            if not holds_rows(file.get(name)):
                raise UnreadableFile(
                    f"{self.path}: the dataset {name!r} of variable-length float rows is missing. "
                    f"{nearest_hint(name, list(file))}"
                )
        for name in ("cluster", "cluster_extra", GRID, EVENT_ID):
            if name in file and file[name].shape[:1] != file["point"].shape:
                raise UnreadableFile(
                    f"{self.path}: {name} has {file[name].shape[:1]} events, point {file['point'].shape}: "
                    "the file is damaged or incomplete"
                )

    def __len__(self) -> int:
        return int(self.handle["point"].shape[0])

    @property
    def has_particles(self) -> bool:
        """Whether the file is of version 2: clusters have a particle."""
        return "cluster_extra" in self.handle

    def describe(self) -> Description:
        """Say what the file holds."""
        columns = {"point": POINT_COLUMNS, "cluster": 6 if self.has_particles else 5, "cluster_extra": 5}
        products = {name: {"columns": n} for name, n in columns.items() if name in self.handle}
        semantic = SHAPE if self.scheme == "shape" else FIVE_CLASS
        schemes = {"semantic": semantic.name, "instance": IDENTIFIER.name, "ancestor": IDENTIFIER.name}
        return Description(self.format, len(self), 1, products, schemes, {"charge": "MeV", "energy": "MeV"})

    def points(self, index: int) -> np.ndarray:
        """The points of one event as stored, shape (n, 8), float32."""
        return self._rows("point", self.require_index(index), POINT_COLUMNS)

    def clusters(self, index: int) -> np.ndarray:
        """The clusters of one event, shape (k, 6), float32: points, fragment, group, interaction, shape, pid.

        Version 1 has no pid; its column then holds 5, none.
        """
        index = self.require_index(index)
        return self._cluster_rows(index, len(self.points(index)))

    def _cluster_rows(self, index: int, points: int) -> np.ndarray:
        widths = (6, 5) if self.has_particles else (5, 6)
        flat = self._flat("cluster", index)
        for width in widths:
            table = flat.reshape(-1, width) if len(flat) % width == 0 else None
            if table is not None and table[:, 0].sum(dtype=np.float64) == points and (table[:, 0] >= 0).all():
                none = np.full((len(table), 6 - width), NO_PID, dtype=np.float32)
                return np.concatenate([table, none], axis=1)
        raise UnreadableFile(
            f"{self.path}: event {index}: cluster has {len(flat)} numbers, which are no rows of 5 or 6 whose sizes add "
            f"up to the {points} points: the file is damaged, or of an unknown version"
        )

    def cluster_extra(self, index: int) -> np.ndarray:
        """Version 2's further columns, shape (k, 5), float32: unused, momentum, vertex x, y, z; no rows in version 1."""
        index = self.require_index(index)
        return self._rows("cluster_extra", index, 5) if self.has_particles else np.empty((0, 5), np.float32)

    def _flat(self, name: str, index: int) -> np.ndarray:
        stored = read_list(self.handle[name], index, self.path, f"event {index} of {name}")
        flat = stored.astype(np.float32, copy=False)
        if not np.isfinite(flat).all():
            at = int((~np.isfinite(flat)).argmax())
            raise UnreadableFile(
                f"{self.path}: event {index}: number {at} of {name} is {flat[at]}: the file is damaged, leave the event out"
            )
        return flat

    def _rows(self, name: str, index: int, columns: int) -> np.ndarray:
        flat = self._flat(name, index)
        if len(flat) % columns:
            raise UnreadableFile(
                f"{self.path}: event {index}: {name} has {len(flat)} numbers, which are no rows of {columns}: "
                "the file is damaged, or of an unknown version"
            )
        return flat.reshape(-1, columns)

    def _event(self, index: int) -> Event:
        points = self.points(index)
        clusters = self._cluster_rows(index, len(points))
        grid = self._grid(index)
        coordinates = _whole(points[:, :3], "a coordinate of point")
        truth = Clusters(
            grid,
            grid.ids(coordinates),
            points[:, 3],
            np.concatenate([[0], np.cumsum(_whole(clusters[:, 0], "a size of cluster"), dtype=np.int64)]),
            _whole(clusters[:, 1], "a fragment of cluster"),
        )
        image = Image.from_points(grid, coordinates, points[:, 3])
        _, rows = strongest_rows(truth.ids, truth.values)
        labels = self._labels(clusters, truth.cluster_of_row[rows])
        image = Image(grid, image.coordinates, image.charge, labels, truth)
        return Event(self._number(index), (image,), self._particles(index, clusters), charge_unit="MeV")

    def _labels(self, clusters: np.ndarray, winner: np.ndarray) -> dict[str, LabelColumn]:
        """Labels of each voxel from its winning cluster."""
        group, interaction, shape = (_whole(clusters[:, c], "a label of cluster") for c in (2, 3, 4))
        shape = SHAPE.require_valid(np.where(shape == -1, SHAPE.unlabelled, shape))
        semantic = LabelColumn(shape[winner], SHAPE)
        if self.scheme == "five-class":
            semantic = LabelColumn(five_class_from_shape(shape, _pdg(clusters))[winner], FIVE_CLASS)
        return {
            "semantic": semantic,
            "instance": LabelColumn(group[winner], IDENTIFIER),
            "ancestor": LabelColumn(interaction[winner], IDENTIFIER),
        }

    def _particles(self, index: int, clusters: np.ndarray) -> np.ndarray:
        """One row a fragment."""
        table = empty_particles(len(clusters))
        fragments, groups = (_whole(clusters[:, c], "a number of cluster") for c in (1, 2))
        table["trackid"] = np.where(fragments < 0, table["trackid"], fragments)
        table["parent_trackid"] = np.where(groups < 0, table["parent_trackid"], groups)
        table["pdg"] = _pdg(clusters)
        table["shape"] = np.where(clusters[:, 4] == SHAPE.index("track"), 1, 0)
        if self.has_particles:
            extra = self.cluster_extra(index)
            if len(extra) != len(clusters):
                raise UnreadableFile(
                    f"{self.path}: event {index}: cluster_extra has {len(extra)} rows for {len(clusters)} clusters: "
                    "the file is damaged"
                )
            for column, axis in enumerate("xyz"):
                table["vtx"][axis] = extra[:, 2 + column]
        return table

    def _grid(self, index: int) -> Grid:
        if GRID not in self.handle:
            return PILARNET_GRID
        with reading(self.path, f"event {index} of {GRID}"):
            row = np.asarray(self.handle[GRID][index], dtype=np.float64)
            shape = tuple(int(v) for v in row[:3])
            return Grid(shape, tuple(row[3:6]), tuple(row[6:9]), unit=UNITS[int(row[9])])

    def _number(self, index: int) -> EventId:
        if EVENT_ID not in self.handle:
            return EventId()
        with reading(self.path, f"event {index} of {EVENT_ID}"):
            run, subrun, event = (int(v) for v in self.handle[EVENT_ID][index])
        return EventId(run, subrun, event)


def _whole(values: np.ndarray, what: str) -> np.ndarray:
    """Floats that stand for integers, as int64."""
    with np.errstate(invalid="ignore"):
        whole: np.ndarray = values.astype(np.int64)
    if (whole != values).any():
        row = int((whole != values).reshape(len(values), -1).any(axis=1).argmax())
        raise InvalidArgument(f"{what} {row} is {values[row]}, which is no whole number: the file is damaged")
    return whole


def _pdg(clusters: np.ndarray) -> np.ndarray:
    """PDG code of each cluster."""
    pid = _whole(clusters[:, 5], "a particle of cluster")
    pid = np.where(pid == -1, NO_PID, pid)
    if ((pid < 0) | (pid >= len(PDG_OF_PID))).any():
        row = int(((pid < 0) | (pid >= len(PDG_OF_PID))).argmax())
        raise InvalidArgument(
            f"cluster {row} has the particle {pid[row]}; known are -1 to {NO_PID} (files with the older numbers, "
            "5 kaon and 6 none, must be renumbered)"
        )
    return np.asarray(PDG_OF_PID)[pid]
