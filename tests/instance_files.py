"""Small files of a wire plane with true interactions and predicted instances, every pixel of which can be known.

Interaction `k` is a straight line along wire 3 k: the neutrino is interaction 0 where there is one. Off-beam events
have an interaction in the spill too, a cosmic one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from argoscope.analyses.interactions import interaction_of
from argoscope.analyses.plane_event import PlaneEvent
from argoscope.analyses.true_instances import interaction_classes, traits_of, true_instances
from argoscope.events import ANCESTOR, Clusters, EventId, Grid, Record, Voxels, empty_particles
from argoscope.events.instances import Instances
from argoscope.files.header import Header
from argoscope.files.larcv3_write import write_records
from argoscope.files.layouts import event_from_record, header_for
from argoscope.inference.instance_products import instances_header, with_instances

CHARGE, INTERACTION, PARTICLES, NEUTRINO = (
    "sparse2d_wire",
    "cluster2d_interaction",
    "particle_mcst",
    "particle_neutrino",
)
GRID = Grid((48, 40), projection=2)  # unequal sides: swapped axes cannot pass unseen
SPACING = 8
"""Wires between two interactions."""

Predict = Callable[[Instances], Instances]


def truth_itself(truth: Instances) -> Instances:
    return truth


def nothing(truth: Instances) -> Instances:
    return truth.take(np.zeros(len(truth), bool))


def event(
    number: int,
    lengths=(30, 20, 40),
    *,
    neutrino: bool = True,
    energy_mev: float = 800.0,
    charge: float = 40.0,
) -> Record:
    """One event with a line of pixels for each interaction; a length of 0 is an interaction of which nothing is seen."""
    lines = [GRID.ids(np.stack([np.full(n, SPACING * k), np.arange(n)], 1)) for k, n in enumerate(lengths)]
    ids = np.concatenate([np.zeros(0, np.int64), *lines])
    offsets = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    clusters = Clusters(GRID, ids, np.full(len(ids), 2.0), offsets, np.arange(len(lines)))
    particles = empty_particles(len(lines))
    particles["mct_index"] = np.arange(len(lines))
    particles["ancestor_pdg"] = particles["pdg"] = 13
    particles["process"], particles["energy_deposit"] = b"primary", 500.0
    particles["ancestor_vtx"]["t"] = particles["vtx"]["t"] = [500.0, *[-9e5] * (len(lines) - 1)][: len(lines)]
    table = empty_particles(int(neutrino))
    if neutrino:
        table["mct_index"], table["pdg"], table["current_type"] = 0, 12, 0
        table["energy_init"] = energy_mev
        particles["ancestor_pdg"][:1] = 11
    products = {
        CHARGE: (Voxels(GRID, ids, np.full(len(ids), charge)),),
        INTERACTION: (clusters,),
        PARTICLES: particles,
        NEUTRINO: table,
    }
    return Record(EventId(1, 2, number), products)


def header() -> Header:
    """What a file of such events says of itself, without predictions."""
    base = header_for([CHARGE, INTERACTION, PARTICLES, NEUTRINO])
    return replace(base, provenance={"configuration": {"model": {"name": "toy"}}})


def truth_of(record: Record) -> Instances:
    """True instances of an event."""
    seen = event_from_record(record, header())
    return true_instances(seen.images[0], interaction_classes(seen.particles, record[NEUTRINO]))


def with_prediction(record: Record, predict: Predict = truth_itself) -> Record:
    """The event with predicted instances beside its own products."""
    return with_instances(record, [predict(truth_of(record))])


def plane_event(record: Record, predict: Predict = truth_itself, **changes) -> PlaneEvent:
    """One plane with its truth, as reading a file gives it."""
    seen = event_from_record(record, replace(header(), **changes))
    truth = truth_of(record)
    traits = traits_of(seen.images[0], truth, record[INTERACTION][0])
    return PlaneEvent(
        {}, seen, seen.images[0], predict(truth), truth, traits, interaction_of(record[NEUTRINO])
    )


def write(path: Path, records: list[Record], of: Header | None = None) -> Path:
    """Write events with predictions."""
    write_records(path, records, of or instances_header(header(), ANCESTOR))
    return path
