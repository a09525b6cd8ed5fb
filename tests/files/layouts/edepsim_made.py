"""larnd-sim input files made with plain h5py from the published layout (larnd-sim `cli/dumpTree.py`).

Event 3 has a muon with a delta ray, its Michel electron and that one's photon,
and a proton; event 7 has a vertex and a particle but no deposit; event 5 has
one deposit in one voxel. Rows are stored in the order 3, 5, 7.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

SEGMENTS = np.dtype(
    {
        "names": [
            "event_id", "vertex_id", "file_vertex_id", "segment_id", "z_end", "traj_id", "file_traj_id",
            "z_start", "x_end", "y_end", "pdg_id", "x_start", "y_start", "t_start", "dx", "dEdx", "dE", "t", "y", "x", "z",
        ],
        "formats": [
            "<u4", "<u8", "<u8", "<u4", "<f4", "<u4", "<u4",
            "<f4", "<f4", "<f4", "<i4", "<f4", "<f4", "<f4", "<f4", "<f4", "<f4", "<f4", "<f4", "<f4", "<f4",
        ],
    },
    align=True,
)  # fmt: skip
TRAJECTORIES = np.dtype(
    [
        ("event_id", "<u4"), ("vertex_id", "<u8"), ("traj_id", "<u4"), ("file_traj_id", "<u4"), ("parent_id", "<i4"),
        ("primary", "?"), ("E_start", "<f4"), ("pxyz_start", "<f4", (3,)), ("xyz_start", "<f4", (3,)),
        ("t_start", "<f8"), ("E_end", "<f4"), ("pxyz_end", "<f4", (3,)), ("xyz_end", "<f4", (3,)), ("t_end", "<f8"),
        ("pdg_id", "<i4"), ("start_process", "<u4"), ("start_subprocess", "<u4"), ("end_process", "<u4"),
        ("end_subprocess", "<u4"), ("dist_travel", "<f4"),
    ],
    align=True,
)  # fmt: skip
VERTICES = np.dtype(
    [
        ("event_id", "<u4"),
        ("vertex_id", "<u8"),
        ("x_vert", "<f4"),
        ("y_vert", "<f4"),
        ("z_vert", "<f4"),
        ("t_vert", "<f4"),
    ],
    align=True,
)

# event, vertex, trajectory, start, end, energy
DEPOSITS = [
    (3, 40, 1, (0.1, 0.1, 0.1), (2.9, 0.1, 0.1), 6.0),
    (3, 40, 2, (1.1, 0.1, 0.1), (1.1, 1.9, 0.1), 1.0),
    (3, 40, 3, (2.9, 0.1, 0.1), (2.9, 0.1, -2.9), 3.0),
    (3, 40, 4, (2.9, 3.5, -2.9), (2.9, 3.5, -2.9), 0.5),  # a point
    (3, 41, 9, (0.5, 0.2, 0.2), (0.5, 0.2, 0.2), 4.0),
    (5, 50, 1, (-0.2, 0.4, 0.4), (-0.1, 0.4, 0.4), 2.0),
]
# event, vertex, trajectory, parent, pdg, process, subprocess
TRACKS = [
    (3, 40, 1, -1, 13, 0, 0),
    (3, 40, 2, 1, 11, 2, 2),
    (3, 40, 3, 1, 11, 6, 201),
    (3, 40, 4, 3, 22, 2, 3),
    (3, 41, 9, -1, 2212, 0, 0),
    (5, 50, 1, -1, -11, 0, 0),
    (7, 70, 1, -1, 2112, 0, 0),
]
OLD_NAMES = {
    "event_id": "eventID",
    "traj_id": "trackID",
    "pdg_id": "pdgId",
    "parent_id": "parentID",
    "vertex_id": "vertexID",
}


def segments() -> np.ndarray:
    rows = np.zeros(len(DEPOSITS), SEGMENTS)
    for row, (event, vertex, track, start, end, energy) in zip(rows, DEPOSITS, strict=True):
        row["event_id"], row["vertex_id"], row["traj_id"], row["dE"] = event, vertex, track, energy
        for axis, low, high in zip("xyz", start, end, strict=True):
            row[f"{axis}_start"], row[f"{axis}_end"] = low, high
    return rows


def trajectories() -> np.ndarray:
    rows = np.zeros(len(TRACKS), TRAJECTORIES)
    names = ("event_id", "vertex_id", "traj_id", "parent_id", "pdg_id", "start_process", "start_subprocess")
    for row, values in zip(rows, TRACKS, strict=True):
        for name, value in zip(names, values, strict=True):
            row[name] = value
        row["pxyz_start"], row["xyz_start"], row["xyz_end"] = (30, 40, 0), (1, 2, 3), (4, 5, 6)
        row["t_start"], row["E_start"], row["dist_travel"] = 2.5, 100, 7
    return rows


def vertices() -> np.ndarray:
    rows = np.zeros(4, VERTICES)
    rows["event_id"], rows["vertex_id"] = [3, 3, 5, 7], [40, 41, 50, 70]
    return rows


def renamed(rows: np.ndarray) -> np.ndarray:
    """The table under its columns' older names."""
    names = rows.dtype.names or ()
    out = np.zeros(len(rows), [(OLD_NAMES.get(n, n), rows.dtype[n]) for n in names])
    for name in names:
        out[OLD_NAMES.get(name, name)] = rows[name]
    return out


def make(path: Path, *, old_names: bool = False, **tables: np.ndarray | None) -> Path:
    """Write the three tables; a keyword replaces one, None leaves it out."""
    made = {"segments": segments(), "trajectories": trajectories(), "vertices": vertices(), **tables}
    with h5py.File(path, "w") as file:
        for name, rows in made.items():
            if rows is None:
                continue
            if old_names:
                rows = renamed(rows)  # noqa: PLW2901
            file[name] = rows
    return path
