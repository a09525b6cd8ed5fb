"""MicroBooNE open-data files made with plain h5py from the published table (uboone/OpenSamples, filecontent-hdf5.md).

Three events. Event 0 has two hits of a neutrino's muon, one of its proton and
a cosmic hit that overlaps the muon's; event 1 has cosmic hits only (absent from
edep_table) ; event 2 has a neutrino and particles but no hit at all (absent
from hit_table, edep_table and wire_table).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

INT, FLOAT = "<i4", "<f4"
# Columns of each table: name -> type and rows, each row with the event it belongs to first.
HITS = [  # event, hit_id, integral, rms, plane, wire, time
    (0, 10, 600.0, 2.0, 2, 100, 302.5),
    (0, 11, 300.0, 3.0, 2, 101, 310.0),
    (0, 12, 900.0, 2.0, 0, 2399, 0.0),
    (0, 13, 100.0, 2.0, 2, 100, 306.0),
    (1, 10, 500.0, 1.5, 1, 7, 6040.0),
]
EDEPS = [  # event, hit_id, g4_id, energy, energy_fraction
    (0, 10, 5, 1.0, 0.3),
    (0, 10, 4, 2.5, 0.7),
    (0, 11, 4, 1.2, 1.0),
    (0, 12, 5, 3.0, 1.0),
]
PARTICLES = [  # event, g4_id, pdg, parent, category, momentum, start, start_corr, process
    (0, 4, 13, -1, 1, 0.3, (1, 2, 3), (1.5, 2.5, 3.5), b"primary"),
    (0, 5, 2212, 4, 3, 0.4, (4, 5, 6), (4.5, 5.5, 6.5), b"hadElastic"),
    (2, 1, 11, -1, 4, 1.0, (7, 8, 9), (7, 8, 9), b"primary"),
]
NEUTRINOS = [  # event, pdg, energy, cc
    (0, 14, 0.8, 1),
    (1, 14, 1.1, 0),
    (2, 12, 1.5, 1),
]
WIRES = [(0, 2, 100), (0, 2, 101), (0, 0, 2399), (1, 1, 7)]  # event, plane, wire


def waveforms() -> np.ndarray:
    """Samples of the four wires: two rows above, one at, one below the threshold; the last tick of the file."""
    adc = np.zeros((len(WIRES), 6400), FLOAT)
    adc[0, 300:306] = 20  # row 50: 120
    adc[0, 306] = 10  # row 51: 10, the threshold
    adc[0, 312] = 9.5  # row 52: below
    adc[1, 300:312] = 4  # rows 50, 51: 24
    adc[2, 0] = 30  # row 0
    adc[2, 6047] = 11  # row 1007, the last of the papers' images
    adc[2, 6048:] = 50  # beyond them; the notebook's last row has four ticks
    adc[3, 5] = -40  # negative samples never count
    return adc


def tables() -> dict[str, dict[str, np.ndarray]]:
    """Every table's columns, (N, k), with the event of each row under "event"."""
    hits, edeps, particles = np.array(HITS), np.array(EDEPS), PARTICLES
    points = {
        key: np.array([p[i] for p in particles], FLOAT)
        for key, i in (("start_position", 6), ("start_position_corr", 7))
    }
    neutrino = np.array(NEUTRINOS)
    return {
        "hit_table": {
            "event": hits[:, 0], "hit_id": hits[:, 1].astype(INT), "integral": hits[:, 2].astype(FLOAT),
            "rms": hits[:, 3].astype(FLOAT), "tpc": np.zeros(len(hits), INT), "local_plane": hits[:, 4].astype(INT),
            "local_wire": hits[:, 5].astype(INT), "local_time": hits[:, 6].astype(FLOAT),
        },
        "edep_table": {
            "event": edeps[:, 0], "hit_id": edeps[:, 1].astype(INT), "g4_id": edeps[:, 2].astype(INT),
            "energy": edeps[:, 3].astype(FLOAT), "energy_fraction": edeps[:, 4].astype(FLOAT),
        },
        "particle_table": {
            "event": np.array([p[0] for p in particles]), "g4_id": np.array([p[1] for p in particles], INT),
            "g4_pdg": np.array([p[2] for p in particles], INT), "parent_id": np.array([p[3] for p in particles], INT),
            "category": np.array([p[4] for p in particles], INT), "instance": np.zeros(len(particles), INT),
            "momentum": np.array([p[5] for p in particles], FLOAT), **points,
            "end_position": points["start_position"] + 1, "end_position_corr": points["start_position_corr"] + 1,
            "start_process": np.array([p[8] for p in particles], "S20"), "end_process": np.array([b"x"] * 3, "S20"),
        },
        "event_table": {
            "event": neutrino[:, 0], "nu_pdg": neutrino[:, 1].astype(INT), "nu_energy": neutrino[:, 2].astype(FLOAT),
            "is_cc": neutrino[:, 3].astype(INT), "nu_dir": np.array([[0, 0.6, 0.8]] * 3, FLOAT),
            "nu_vtx": np.array([[10, 20, 30]] * 3, FLOAT), "nu_vtx_corr": np.array([[11, 21, 31]] * 3, FLOAT),
        },
        "wire_table": {
            "event": np.array([w[0] for w in WIRES]), "local_plane": np.array([w[1] for w in WIRES], INT),
            "local_wire": np.array([w[2] for w in WIRES], INT), "tpc": np.zeros(len(WIRES), INT), "adc": waveforms(),
        },
        "opflash_table": {"event": np.array([0]), "totalpe": np.array([55.0], FLOAT)},
    }  # fmt: skip


def make(path: Path, *, wires: bool = True, without: tuple[str, ...] = (), **change: Any) -> Path:
    """Write the tables; `change` is table__column=array."""
    made = tables()
    for key, values in change.items():
        table, column = key.split("__")
        made[table][column] = values
    with h5py.File(path, "w") as file:
        for name, columns in made.items():
            if name in without or (name == "wire_table" and not wires):
                continue
            group = file.create_group(name)
            event = columns.pop("event").astype(int)
            present, counts = np.unique(event, return_counts=True)
            group["event_id"] = np.stack(
                [np.full_like(event, 5000), np.full_like(event, 7), event + 300], axis=1
            ).astype(INT)
            group["event_id.seq_cnt"] = np.stack([present, counts], axis=1).astype("<i8")
            for column, values in columns.items():
                group[column] = values[:, np.newaxis] if values.ndim == 1 else values
    return path
