"""PILArNet-M files made with plain h5py from the published layout (formats page, Hugging Face README)."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

# Points of one event: (x, y, z, value, deposit, time, electrons, dx); 2 clusters share the voxel (5, 6, 7).
EVENT = {
    "point": np.array(
        [
            [767, 767, 767, 0.02, 0.02, 1.0, 100, 0.1],  # cluster 0: the low-energy bucket, a border voxel
            [5, 6, 7, 1.5, 1.4, 2.0, 200, 0.3],  # cluster 1: a proton
            [5, 6, 8, 2.5, 2.4, 2.0, 300, 0.3],
            [5, 6, 7, 3.0, 2.9, 2.5, 400, 0.3],  # cluster 2: a muon, the larger share of the voxel
            [0, 9, 2, 4.0, 3.9, 2.5, 500, 0.3],
            [1, 9, 2, 0.5, 0.4, 2.5, 500, 0.3],  # cluster 3: an electron from the muon
        ],
        dtype=np.float32,
    ),
    # points, fragment, group, interaction, shape, pid
    "cluster": np.array(
        [[1, -1, -1, -1, 4, -1], [2, 10, 10, 0, 1, 4], [2, 11, 11, 0, 1, 2], [1, 12, 11, 0, 2, 1]],
        dtype=np.float32,
    ),
    # unused, momentum, vertex
    "cluster_extra": np.array(
        [[0, 0, 0, 0, 0], [0, 400, 1, 2, 3], [0, 300, 1, 2, 3], [0, 50, 4, 5, 6]], dtype=np.float32
    ),
}
EMPTY = {
    "point": np.empty((0, 8), np.float32),
    "cluster": np.empty((0, 6), np.float32),
    "cluster_extra": np.empty((0, 5), np.float32),
}


def make(path: Path, events: list[dict[str, np.ndarray]] | None = None, version: int = 2) -> Path:
    """Write events as PILArNet-M does."""
    events = [EVENT, EMPTY] if events is None else events
    names = ["point", "cluster", "cluster_extra"][: version + 1]
    with h5py.File(path, "w") as file:
        for name in names:
            data = file.create_dataset(name, (len(events),), dtype=h5py.vlen_dtype(np.float32))
            for index, event in enumerate(events):
                rows = event[name][:, :5] if name == "cluster" and version == 1 else event[name]
                data[index] = rows.ravel()
    return path


def changed(name: str, row: int, column: int, value: float) -> dict[str, np.ndarray]:
    """The event with one number changed."""
    event = {key: rows.copy() for key, rows in EVENT.items()}
    event[name][row, column] = value
    return event
