"""The SBN programme's vertices under a rain of particles: the rain counts as cosmic, the vertex as the signal."""

from __future__ import annotations

import numpy as np

from argoscope.simulation.chain import simulation_named
from argoscope.simulation.products import record_of
from argoscope.simulation.records import Origin
from argoscope.simulation.streams import Stage, stream


def test_vertices_and_rain_are_told_apart() -> None:
    simulation = simulation_named("sbnd-vertices", seed=5)
    boxes = simulation.world
    for number in range(20):
        made = simulation.generator(stream(5, number, Stage.GENERATOR))
        origin = made.interactions["origin"]
        assert (origin == Origin.NEUTRINO).sum() == 1
        assert 5 <= (origin == Origin.COSMIC).sum() <= 9  # 3 to 5 in time, 2 to 4 out of time
        assert (made.primaries["origin"] == origin[made.primaries["interaction"]]).all()
        place = np.stack([made.interactions[axis] for axis in "xyz"], axis=1)
        edges = np.concatenate([boxes.low, boxes.high])
        walls = (place[:, None, :] == edges).any(axis=(1, 2))
        assert (walls == (origin == Origin.COSMIC)).all()


def test_an_event_of_it_can_be_stored() -> None:
    simulation = simulation_named("sbnd-vertices", seed=5)
    made = simulation.event(0)
    assert sum(len(image) for image in made.event.images) > 0
    assert record_of(made, simulation).id.event == 0
