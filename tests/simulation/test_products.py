"""Products of every family come back through the reader with their roles."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from argoscope.simulation.chain import simulation_named
from argoscope.simulation.generators.records import Current, InteractionKind
from argoscope.simulation.products import header_of, record_of


@pytest.mark.parametrize("preset", ["cube-192", "square-512", "sbnd", "microboone"])
def test_products_come_back(preset, tmp_path) -> None:
    simulation = simulation_named(preset, seed=5)
    made = simulation.event(2)
    write_records(tmp_path / "one.h5", [record_of(made, simulation)], header_of(simulation))
    with Larcv3File(tmp_path / "one.h5") as file:
        read = file.event(0)
    assert read.id == made.event.id
    assert len(read.images) == len(made.event.images)
    for back, image in zip(read.images, made.event.images, strict=True):
        assert np.array_equal(back.ids, image.ids)
        assert np.array_equal(back.charge, image.charge)
        assert back.grid.shape == image.grid.shape
        assert np.array_equal(back.label("semantic").values, image.label("semantic").values)
        if "origin" in back.labels:
            assert np.array_equal(back.label("origin").values, image.label("origin").values)
        assert back.truth is not None
        assert image.truth is not None
        assert np.array_equal(back.truth.values, image.truth.values)
    if preset == "sbnd":
        assert read.energy_unit == "GeV"
    else:
        assert len(read.particles) == len(made.event.particles)


@pytest.mark.parametrize("preset", ["sbnd", "sbnd-dirt", "icarus", "paper3-nue"])
def test_files_tell_the_neutrino_and_the_particle_of_every_cluster(preset, tmp_path) -> None:
    simulation = simulation_named(preset, seed=5)
    made = simulation.event(2)
    write_records(tmp_path / "one.h5", [record_of(made, simulation)], header_of(simulation))
    with Larcv3File(tmp_path / "one.h5") as file:
        record, event = file.record(0), file.event(0)
    mev = {"GeV": 1e3, "MeV": 1.0}[event.energy_unit]
    kinds = (InteractionKind.NEUTRINO, InteractionKind.DIRT)
    at = int(np.flatnonzero(np.isin(made.interactions["kind"], kinds))[0])
    true = made.interactions[at]
    neutrino = record.products[header_of(simulation).roles["neutrino"]][0]
    assert neutrino["pdg"] == true["pdg"]
    assert neutrino["energy_init"] * mev == pytest.approx(true["energy"])
    assert neutrino["current_type"] == {Current.CC: 0, Current.NC: 1}[Current(int(true["current"]))]
    assert neutrino["interaction_type"] >= 0
    assert neutrino["mct_index"] == at
    particles = event.particles
    assert np.array_equal(particles["mct_index"], made.interaction)
    assert ((particles["current_type"] >= 0) == (made.interaction == at)).all()
    assert particles["energy_init"] * mev == pytest.approx(made.event.particles["energy_init"])
    for image, clusters in zip(event.images, record.products["cluster2d_interaction"], strict=True):
        assert image.truth is not None
        assert len(image.truth) == len(particles)
        assert np.array_equal(
            np.unique(particles["mct_index"][image.truth.cluster_of_row]), np.unique(clusters.cluster_of_row)
        )
        assert np.array_equal(image.label("ancestor").values >= 0, image.label("instance").values >= 0)
