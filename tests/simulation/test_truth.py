"""Truth is complete: what was deposited inside an image is in its clusters."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.simulation.chain import simulation_named
from argoscope.simulation.streams import Stage, stream
from argoscope.simulation.transport import transport


def test_truth_has_all_energy_inside_the_cube() -> None:
    simulation = simulation_named("cube-512", seed=5)
    for number in range(4):
        made = simulation.generator(stream(5, number, Stage.GENERATOR))
        rng = stream(5, number, Stage.TRANSPORT)
        deposits = transport(made.primaries, simulation.world, rng, simulation.transport_settings).deposits
        side = 512 * 0.3  # cm; voxels of 3 mm
        inside = np.all([(deposits[a] >= 0) & (deposits[a] < side) for a in "xyz"], axis=0)
        truth = simulation.event(number).event.images[0].truth
        assert truth is not None
        # What is missing are shares below 1 keV, tails of the smearing: up to a hundredth.
        assert truth.values.sum() == pytest.approx(deposits["energy"][inside].sum(), rel=2e-2)
        assert truth.values.sum() <= deposits["energy"][inside].sum() * (1 + 1e-5)


def test_slots_are_rows_of_the_particle_table_on_every_plane() -> None:
    made = simulation_named("sbnd", seed=5).event(1)
    for image in made.event.images:
        assert image.truth is not None
        assert len(image.truth.offsets) - 1 <= len(made.event.particles)
        assert image.labels["instance"].values.max() < len(made.event.particles)
    assert len(made.interaction) == len(made.event.particles)


@pytest.mark.parametrize("preset", ["sbnd", "icarus", "microboone"])
def test_parents_and_ancestors_have_rows_of_their_own(preset: str) -> None:
    invalid = 4294967295  # larcv's "no such track"
    simulation = simulation_named(preset, seed=5)
    empty = 0
    for number in range(2):
        made = simulation.event(number)
        table = made.event.particles
        known = {*table["trackid"].tolist(), invalid}
        assert set(table["parent_trackid"].tolist()) <= known
        assert set(table["ancestor_trackid"].tolist()) <= known - {invalid}
        assert len(made.interaction) == len(table)
        for image in made.event.images:
            assert image.truth is not None
            assert len(image.truth) == len(table)
        sizes = sum(np.diff(image.truth.offsets) for image in made.event.images)
        empty += int((sizes == 0).sum())
    assert empty > 0
