"""Geant4 step files made with plain h5py, with the columns of a real one."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

STEP = np.dtype(
    {
        "names": [
            "x", "y", "z", "t", "theta", "phi", "p", "pdg", "track_id", "ancestor_track_id", "de", "dx",
            "proc_start", "subproc_start", "proc_stop", "subproc_stop",
        ],
        "formats": ["<f4"] * 7 + ["<i4"] * 3 + ["<f4"] * 2 + ["<i4", "<i2"] * 2,
        "offsets": [4 * n for n in range(13)] + [52, 56, 60],
        "itemsize": 64,
    }
)  # fmt: skip
PARTICLE = np.dtype(
    [(n, "<f4") for n in ("x", "y", "z", "t", "px", "py", "pz", "ke")]
    + [(f"end_{n}", "<f4") for n in ("x", "y", "z", "t", "px", "py", "pz", "ke")]
    + [(n, "<i4") for n in ("track_id", "parent_track_id", "ancestor_track_id", "pdg")]
    + [
        ("mass", "<f4"),
        ("proc_start", "<i4"),
        ("subproc_start", "<i4"),
        ("proc_name_start", "S24"),
    ]
)
EVENT = np.dtype(
    [
        (n, "<i4")
        for n in ("run_id", "event_id", "num_vertices", "num_primaries", "num_particles", "num_steps")
    ]
)
LOST = 2**31 - 1
"""Track number of steps whose particle was not kept."""


def steps() -> np.ndarray:
    """Three steps: along x, down z, and a point of a lost particle; mm."""
    rows = np.zeros(3, STEP)
    rows["x"], rows["y"], rows["z"] = [5, 25, 35], [1, 1, 1], [1, -10, 1]
    rows["theta"], rows["phi"] = [np.pi / 2, np.pi, 0], [0, 0, 0]
    rows["dx"], rows["de"] = [10, 20, 0], [2.0, 3.0, 0.25]
    rows["track_id"], rows["ancestor_track_id"] = [0, 1, LOST], [0, 0, LOST]
    return rows


def particles() -> np.ndarray:
    rows = np.zeros(2, PARTICLE)
    rows["track_id"], rows["parent_track_id"], rows["pdg"] = [0, 1], [-1, 0], [13, 11]
    rows["proc_start"], rows["subproc_start"] = [0, 2], [0, 2]
    rows["proc_name_start"] = [b"", b"muIoni"]
    rows["x"], rows["end_x"], rows["t"] = [10, 20], [30, 40], [5, 6]
    rows["ke"], rows["mass"], rows["pz"] = [200, 3], [105.658, 0.511], [280, 3]
    return rows


def make(path: Path, events: list[tuple[np.ndarray, np.ndarray]] | None = None) -> Path:
    """Write events as (steps, particles); by default one event and an empty one."""
    if events is None:
        events = [(steps(), particles()), (steps()[:0], particles()[:0])]
    with h5py.File(path, "w") as file:
        for name, column, kind in (("pstep/lar_vol", 0, STEP), ("particle/geant4", 1, PARTICLE)):
            data = file.create_dataset(name, (len(events),), dtype=h5py.vlen_dtype(kind))
            for index, event in enumerate(events):
                data[index] = event[column]
        numbers = np.zeros(len(events), EVENT)
        numbers["run_id"], numbers["event_id"] = 4, np.arange(len(events)) + 20
        file["event/geant4"] = numbers
    return path
