"""Small files of wire planes with true and predicted origins, every pixel of which can be known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from argoscope.events import COSMIC, EventId, Grid, Record, Voxels, empty_particles
from argoscope.files.header import Header
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from argoscope.files.layouts import header_for

CHARGE, TRUTH, SAID, NEUTRINO = (
    "sparse2d_sbndwire",
    "sparse2d_sbnd_cosmicseg",
    "sparse2d_argoscope_label",
    "particle_sbndneutrino",
)
SHAPE = (24, 16)  # unequal sides: swapped axes cannot pass unseen
PDG = {"nue": 12, "numu": -14, "nc": 14}

Predict = Callable[[Voxels, Voxels, np.random.Generator], np.ndarray]


def truth_itself(_charge: Voxels, truth: Voxels, _rng: np.random.Generator) -> np.ndarray:
    return truth.values


def all_cosmic(charge: Voxels, _truth: Voxels, _rng: np.random.Generator) -> np.ndarray:
    return np.where(charge.values > 10, 1, 0)


def random_flips(_charge: Voxels, truth: Voxels, rng: np.random.Generator) -> np.ndarray:
    flipped = rng.random(len(truth)) < 0.3
    return np.where(flipped, rng.integers(0, 3, len(truth)), truth.values)


def neutrino_table(kind: str, energy_gev: float = 1.0, vertex=(50.0, 0.0, 250.0)) -> np.ndarray:
    """Table of the neutrino, as the real files have it; without rows for "cosmic"."""
    if kind == "cosmic":
        return empty_particles()
    table = empty_particles(2)
    table["pdg"][0], table["current_type"][0] = PDG[kind], int(kind == "nc")
    table["energy_init"][0] = energy_gev
    for axis, value in zip("xyz", vertex, strict=True):
        table["vtx"][axis] = value
    return table


def event(
    seed: int,
    *,
    kind: str = "nue",
    pixels: int = 150,
    shape: tuple[int, int] = SHAPE,
    planes: tuple[int, ...] = (0, 1, 2),
    vertex=(50.0, 0.0, 250.0),
    energy_gev: float = 1.0,
) -> Record:
    """One event with pixels of any label anywhere; of cosmic rays alone without neutrino pixels."""
    rng = np.random.default_rng(seed)
    charge, truth = [], []
    for projection in planes:
        grid = Grid(shape, projection=projection)
        ids = np.sort(rng.choice(grid.pixels, pixels, replace=False))
        labels = rng.integers(0, 2 if kind == "cosmic" else 3, pixels)
        charge.append(Voxels(grid, ids, rng.uniform(5, 60, pixels).astype(np.float32)))
        truth.append(Voxels(grid, ids, labels.astype(np.float32)))
    table = neutrino_table(kind, energy_gev, vertex)
    return Record(EventId(1, 2, seed), {CHARGE: tuple(charge), TRUTH: tuple(truth), NEUTRINO: table})


def with_prediction(record: Record, predict: Predict, seed: int = 0) -> Record:
    """The event with predicted labels beside its own products."""
    rng = np.random.default_rng(seed)
    said = [
        Voxels(charge.grid, truth.ids, predict(charge, truth, rng).astype(np.float32))
        for charge, truth in zip(record[CHARGE], record[TRUTH], strict=True)
    ]
    return Record(record.id, {**record.products, SAID: tuple(said)})


def header_of(products, model: str = "toy") -> Header:
    """What a file of such events says of itself."""
    header = header_for(list(products), (2048, 1280))
    return replace(
        header,
        roles={**header.roles, "prediction": SAID},
        schemes={**header.schemes, SAID: COSMIC},
        provenance={"configuration": {"model": {"name": model}}},
    )


def write(path: Path, records: list[Record], header: Header | None = None) -> Path:
    """Write events of this kind."""
    write_records(path, records, header or header_of(records[0].products))
    return path


def predicted_file(path: Path, source: Path, predict: Predict) -> Path:
    """A copy of a file without predictions, with predictions."""
    with Larcv3File(source) as file:
        records = [with_prediction(file.record(index), predict, index) for index in range(len(file))]
        base = file.header
    header = replace(base, roles={**base.roles, "prediction": SAID}, schemes={**base.schemes, SAID: COSMIC})
    return write(path, records, header)
