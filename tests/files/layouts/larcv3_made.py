"""A small larcv3 file, written with plain h5py from the published layout.

Two events, three planes of 64 x 40 pixels, one plane without a pixel, one
empty cluster, a producer with an underscore, one event without numbers. It
uses nothing of the package, so that reader and writer have an outside judge.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

SHAPE = (64, 40)
EXTENTS = np.dtype({"names": ["first", "N"], "formats": ["<u8", "<u4"], "offsets": [0, 8], "itemsize": 16})
ID_EXTENTS = np.dtype([("first", "<u8"), ("N", "<u4"), ("ID", "<u4")])
VOXEL = np.dtype({"names": ["id", "value"], "formats": ["<u8", "<f4"], "offsets": [0, 8], "itemsize": 16})
META = np.dtype(
    {
        "names": ["valid", "projection_id", "image_sizes", "number_of_voxels", "origin"],
        "formats": ["u1", "<u8", ("<f8", (2,)), ("<u8", (2,)), ("<f8", (2,))],
        "offsets": [0, 8, 16, 32, 48],
        "itemsize": 72,
    }
)
VERTEX = np.dtype([("x", "<f8"), ("y", "<f8"), ("z", "<f8"), ("t", "<f8")])
_PARTICLE = [
    ("id", "<u2", 0), ("mcst_index", "<u2", 2), ("mct_index", "<u2", 4), ("shape", "<i4", 8), ("current_type", "<i2", 12),
    ("interaction_type", "<i2", 14), ("trackid", "<u4", 16), ("pdg", "<i4", 20), ("px", "<f8", 24), ("py", "<f8", 32),
    ("pz", "<f8", 40), ("vtx", VERTEX, 48), ("end_pt", VERTEX, 80), ("first_step", VERTEX, 112), ("last_step", VERTEX, 144),
    ("dist_travel", "<f8", 176), ("energy_init", "<f8", 184), ("energy_deposit", "<f8", 192), ("process", "S64", 200),
    ("parent_trackid", "<u4", 264), ("parent_pdg", "<i4", 268), ("parent_vtx", VERTEX, 272),
    ("ancestor_trackid", "<u4", 304), ("ancestor_pdg", "<i4", 308), ("ancestor_vtx", VERTEX, 312),
]  # fmt: skip
PARTICLE = np.dtype(
    {
        "names": [c[0] for c in _PARTICLE],
        "formats": [c[1] for c in _PARTICLE],
        "offsets": [c[2] for c in _PARTICLE],
        "itemsize": 344,
    }
)

PIXELS = [
    [([3, 700, 2559], [5.0, 40.5, 300.0]), ([], []), ([0, 1, 41], [10.0, 20.0, 30.0])],
    [([64], [7.5]), ([100, 101], [8.0, 9.0]), ([2558, 2559], [11.0, 12.0])],
]
"""Ids and charges of each plane of each event."""

LABELS = [[[0, 1, 2], [], [1, 1, 0]], [[2], [1, 0], [2, 2]]]
"""Cosmic labels of the same pixels."""

CLUSTERS = [
    [[([3, 700], [0.5, 0.25]), ([], []), ([700], [1.0])], [([], []), ([], []), ([], [])], [([0], [2.0]), ([1], [3.0]), ([], [])]],
    [[([64], [1.0])], [([100, 101], [1.0, 2.0])], [([], [])]],
]  # fmt: skip
"""Pixels and energies of each particle on each plane."""


def write(path: Path) -> Path:
    """Write the file."""
    with h5py.File(path, "w") as file:
        ids = np.array(
            [(12, 3, 4567), (-1, -1, -1)], dtype=[("run", "<i8"), ("subrun", "<i8"), ("event", "<i8")]
        )
        _table(file, "Events/event_id", ids, 100)
        _sparse(file, "sparse2d_wire", PIXELS)
        labels = [
            [(pixels[0], values) for pixels, values in zip(planes, truth, strict=True)]
            for planes, truth in zip(PIXELS, LABELS, strict=True)
        ]
        _sparse(file, "sparse2d_sbnd_cosmicseg", labels)
        _clusters(file, "cluster2d_segment")
        particles = np.zeros(3, dtype=PARTICLE)
        particles["pdg"], particles["energy_init"], particles["process"] = (
            [13, 11, 2212],
            [500.0, 53.0, 80.0],
            b"primary",
        )
        extents = np.zeros(2, dtype=EXTENTS)
        extents["first"], extents["N"] = [0, 2], [2, 1]
        _table(file, "Data/particle_mcst_group/extents", extents, 10)
        _table(file, "Data/particle_mcst_group/particles", particles, 500)
    return path


def _table(file: h5py.File, name: str, rows: np.ndarray, chunk: int) -> None:
    file.create_dataset(
        name, data=rows, maxshape=(None,), chunks=(chunk,), compression="gzip", compression_opts=1
    )


def _frame(file: h5py.File, group: str, extents_name: str, counts: list[int]) -> None:
    """Write the tables that every image product has: extents, one row a projection, image_meta."""
    extents = np.zeros(2, dtype=EXTENTS)
    extents["first"], extents["N"] = [0, 3], 3
    _table(file, f"{group}/extents", extents, 10)
    rows = np.zeros(6, dtype=ID_EXTENTS)
    rows["N"], rows["ID"] = counts, [0, 1, 2] * 2
    rows["first"] = np.concatenate([[0], np.cumsum(counts)[:-1]])
    _table(file, f"{group}/{extents_name}", rows, 100)
    meta = np.zeros(6, dtype=META)
    meta["valid"], meta["projection_id"] = 1, [0, 1, 2] * 2
    meta["image_sizes"], meta["number_of_voxels"], meta["origin"] = (64 * 0.3, 40 * 0.5), SHAPE, (-1.5, 2.0)
    _table(file, f"{group}/image_meta", meta, 100)


def _voxels(file: h5py.File, group: str, parts: list[tuple[list[int], list[float]]]) -> None:
    ids = [i for pixels, _ in parts for i in pixels]
    rows = np.zeros(len(ids), dtype=VOXEL)
    rows["id"], rows["value"] = ids, [v for _, values in parts for v in values]
    _table(file, f"{group}/voxels", rows, 1000)


def _sparse(file: h5py.File, product: str, events: list) -> None:
    group = f"Data/{product}_group"
    parts = [plane for planes in events for plane in planes]
    _frame(file, group, "voxel_extents", [len(pixels) for pixels, _ in parts])
    _voxels(file, group, parts)


def _clusters(file: h5py.File, product: str) -> None:
    group = f"Data/{product}_group"
    planes = [plane for event in CLUSTERS for plane in event]
    _frame(file, group, "projection_extents", [len(plane) for plane in planes])
    parts = [cluster for plane in planes for cluster in plane]
    rows = np.zeros(len(parts), dtype=ID_EXTENTS)
    rows["N"] = [len(pixels) for pixels, _ in parts]
    rows["first"] = np.concatenate([[0], np.cumsum(rows["N"])[:-1]])
    rows["ID"] = [number for plane in planes for number in range(len(plane))]
    _table(file, f"{group}/cluster_extents", rows, 100)
    _voxels(file, group, parts)
