"""Vertices in crops are where the wire map and the crop put them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.detectors import detector_named, image_format_named
from argoscope.detectors.geometry import pixels_of
from argoscope.detectors.vertices import near_vertex, vertex_pixels
from argoscope.errors import InvalidArgument
from argoscope.events import Event, EventId, Grid, Image, crop, empty_particles
from argoscope.simulation.chain import simulation_named

FORMAT = detector_named("microboone").with_image(image_format_named("paper2"))


def event_with(points, *, times_ns=None, process=b"primary", grid=None, detector="microboone"):
    table = empty_particles(len(points))
    table["process"] = process
    for axis, column in zip("xyz", np.array(points, float).reshape(-1, 3).T, strict=True):
        table["vtx"][axis] = column
    table["vtx"]["t"] = times_ns or 0.0
    grid = grid or FORMAT.grid(2)
    image = Image.from_points(grid, np.array([[7, 9], [900, 800]]), np.ones(2))
    return Event(EventId(), (image,), table, detector=detector)


@pytest.mark.parametrize("projection", [0, 1, 2])
def test_vertices_are_the_pixels_of_their_points(projection):
    """At every place, and in a crop."""
    rng = np.random.default_rng(projection)
    points = rng.uniform([5, -110, 5], [250, 110, 1030], (20, 3))
    detector = detector_named("microboone")
    grid = detector.grid(projection)
    event = event_with(points, times_ns=1500.0, grid=grid)
    want = pixels_of(detector, points, projection, t0=1.5)
    found = vertex_pixels(event, grid)
    assert len(found) == 20
    assert set(map(tuple, want.coordinates)) <= set(map(tuple, found))
    cut = crop(event.images[0], (40, 30), (500, 600)).grid
    assert (vertex_pixels(event, cut) == found - [40, 30]).all()


def test_a_simulated_crop_has_its_vertex_in_it_and_charge_beside_it():
    simulation = simulation_named("paper2-1e1p", seed=4)
    for number in range(3):
        event = simulation.event(number).event
        image = event.images[0]
        [vertex] = vertex_pixels(event, image.grid)
        assert (vertex >= 0).all()
        assert (vertex < 512).all()
        assert near_vertex(image.coordinates, vertex[None], 4).any()


def test_secondaries_and_empty_tables_have_no_vertex():
    for event in (event_with(np.zeros((0, 3))), event_with([[100, 0, 500]], process=b"Decay")):
        assert vertex_pixels(event, event.images[0].grid).shape == (0, 2)
    assert not near_vertex(np.array([[1, 1]]), np.zeros((0, 2), int), 4).any()


def test_particles_from_one_point_are_one_vertex_and_points_outside_none():
    event = event_with([[100, 0, 500], [100, 0, 500], [100, 0, 5000]])
    assert len(vertex_pixels(event, event.images[0].grid)) == 1


def test_what_cannot_be_placed_is_refused():
    event = event_with([[100, 0, 500]])
    with pytest.raises(InvalidArgument, match=r"measures in 'unknown'.*'wire-time'"):
        vertex_pixels(event, Grid((512, 512), projection=2))
    with pytest.raises(InvalidArgument, match="there is no detector 'microbone'"):
        vertex_pixels(replace(event, detector="microbone"), event.images[0].grid)
