"""Truth of MicroBooNE's public data: labels of pixels from labelled hits, and the particle table.

Neutrino interactions are simulated and laid over cosmic rays recorded with the
beam off. So a hit with a row in `edep_table` is of the neutrino, and a hit
without may be a real cosmic, or noise: it has no truth.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, IDENTIFIER, OPEN_SAMPLES, Image, LabelColumn, empty_particles
from argoscope.files.lineage import fill_lineage, rows_of
from argoscope.files.microboone_tables import EventTable
from argoscope.files.strongest import strongest_rows
from argoscope.units import GEV

__all__ = ["NoTruth", "hit_owners", "label_image", "particle_table"]

NoTruth = Literal["unlabelled", "cosmic"]
"""What charge without truth is: left unlabelled, or taken as cosmic where there is a hit and as background elsewhere."""

MASS_MEV = {
    11: 0.510999, 13: 105.6584, 22: 0.0, 111: 134.9768, 211: 139.5704, 321: 493.677,
    2112: 939.5654, 2212: 938.2721,
}  # fmt: skip
"""Rest mass of particles by |PDG code| (Particle Data Group 2024)."""


def hit_owners(hit_id: np.ndarray, edep: EventTable, event: int) -> np.ndarray:
    """Particle that left most of the energy of each hit.

    Parameters
    ----------
    hit_id : ndarray, shape (h,), integer
        The event's hits.
    edep : EventTable
        Energy deposits.
    event : int
        Position of the event.

    Returns
    -------
    ndarray, shape (h,), int64
        g4_id, -1 for hits without truth.

    Raises
    ------
    InvalidArgument
        If a deposit names a hit that the event has not.
    """
    named, owner = edep.column("hit_id", event), edep.column("g4_id", event)
    row = rows_of(hit_id, named)
    if (row < 0).any():
        at = int((row < 0).argmax())
        raise InvalidArgument(
            f"row {at} of its edep_table names hit {named[at]}, which its hit_table has not: the file is damaged"
        )
    out = np.full(len(hit_id), -1, dtype=np.int64)
    hits, winners = strongest_rows(row, edep.column("energy_fraction", event))
    out[hits] = owner[winners]
    return out


def label_image(
    image: Image,
    *,
    ids: np.ndarray,
    charge: np.ndarray,
    owner: np.ndarray,
    category: np.ndarray,
    no_truth: NoTruth,
) -> Image:
    """Label each pixel by the hit that leaves the most charge in it.

    Parameters
    ----------
    image : Image
        One plane.
    ids : ndarray, shape (m,), int64
        Pixel of each contribution of a hit, within two widths of its centre.
    charge : ndarray, shape (m,)
        Its charge.
    owner, category : ndarray, shape (m,), integer
        Particle of the hit (-1 without truth) and its category (-1 unknown).
    no_truth : {"unlabelled", "cosmic"}
        What pixels without truth are in the "origin" labels.

    Returns
    -------
    Image
        With labels "origin", "instance" and "semantic".
    """
    under, rows = strongest_rows(ids, charge)
    at = rows_of(under, image.ids)
    hit = at >= 0
    instance, semantic = (np.full(len(image), -1, dtype=np.int64) for _ in range(2))
    instance[hit], semantic[hit] = owner[rows[at[hit]]], category[rows[at[hit]]]
    origin = np.full(len(image), COSMIC.unlabelled, dtype=np.int64)
    if no_truth == "cosmic":
        origin = np.where(hit, COSMIC.index("cosmic"), COSMIC.index("background"))
    origin[instance >= 0] = COSMIC.index("neutrino")
    return image.with_labels(
        origin=LabelColumn(origin, COSMIC),
        instance=LabelColumn(instance, IDENTIFIER),
        semantic=LabelColumn(semantic, OPEN_SAMPLES),
    )


def particle_table(neutrino: EventTable | None, particles: EventTable | None, event: int) -> np.ndarray:
    """The neutrino and its particles, in MeV and cm.

    Row 0 is the neutrino, where the event has one. `vtx` and `end_pt` are true
    positions; `first_step` and `last_step` are where they appear in the image,
    after space charge. The files have momenta without direction, so px, py and
    pz are 0 but for the neutrino; the unknown mass of rare particles leaves
    `energy_init` 0.

    Returns
    -------
    ndarray, shape (p,), `PARTICLE_DTYPE`
    """
    first = _neutrino(neutrino, event)
    return np.concatenate([first, _secondaries(particles, event)])


def _neutrino(table: EventTable | None, event: int) -> np.ndarray:
    if table is None:
        return empty_particles()
    rows = empty_particles(len(table.column("nu_pdg", event)))
    rows["pdg"] = table.column("nu_pdg", event)
    rows["energy_init"] = table.column("nu_energy", event) * GEV
    rows["current_type"] = np.where(table.column("is_cc", event) != 0, 0, 1)
    for column, name in enumerate(("px", "py", "pz")):
        rows[name] = table.column("nu_dir", event, 3)[:, column] * rows["energy_init"]
    for point, name in (("vtx", "nu_vtx"), ("first_step", "nu_vtx_corr")):
        _fill_point(rows, point, table.column(name, event, 3))
    rows["end_pt"], rows["last_step"] = rows["vtx"], rows["first_step"]
    rows["mct_index"] = 0
    return rows


def _secondaries(table: EventTable | None, event: int) -> np.ndarray:
    if table is None:
        return empty_particles()
    numbers = table.column("g4_id", event)
    rows = empty_particles(len(numbers))
    rows["pdg"] = table.column("g4_pdg", event)
    for point, name in (
        ("vtx", "start_position"),
        ("end_pt", "end_position"),
        ("first_step", "start_position_corr"),
        ("last_step", "end_position_corr"),
    ):
        _fill_point(rows, point, table.column(name, event, 3))
    mass = np.array([MASS_MEV.get(abs(int(code)), -1.0) for code in rows["pdg"]])
    momentum = table.column("momentum", event).astype(np.float64) * GEV
    rows["energy_init"] = np.where(mass < 0, 0.0, np.sqrt(momentum**2 + mass**2))
    rows["process"] = table.column("start_process", event).astype("S64")
    rows["mct_index"] = 0
    rows["id"] = np.arange(1, len(rows) + 1)
    fill_lineage(rows, numbers, table.column("parent_id", event))
    return rows


def _fill_point(rows: np.ndarray, point: str, positions: np.ndarray) -> None:
    for column, axis in enumerate("xyz"):
        rows[point][axis] = positions[:, column]
