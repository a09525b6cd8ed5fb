"""Products of every family come back through the reader with their roles."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from argoscope.simulation.chain import simulation_named
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
