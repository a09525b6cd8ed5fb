"""Events and records: what belongs together and what does not."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from argoscope.errors import InvalidArgument
from argoscope.events import Event, EventId, Grid, Image, Record, Voxels, empty_particles


def test_identity() -> None:
    assert EventId() == (-1, -1, -1)
    assert str(EventId(1, 2, 3)) == "run 1 subrun 2 event 3"


def test_planes_by_projection(make_event: Callable[..., Event]) -> None:
    event = make_event(3)
    assert event.dimensions == 2
    assert event.pixels == sum(len(image) for image in event.images)
    assert [event.image(p).grid.projection for p in (2, 0, 1)] == [2, 0, 1]
    with pytest.raises(InvalidArgument, match=r"projection \(=3\) must be one of \[0, 1, 2\]"):
        event.image(3)


def test_what_is_no_event(make_image: Callable[..., Image]) -> None:
    with pytest.raises(InvalidArgument, match=r"images \(0 of them, with \[\] axes\) must be one or more"):
        Event(EventId(), ())
    with pytest.raises(InvalidArgument, match=r"images \(2 of them, with \[2, 3\] axes\)"):
        Event(EventId(), (make_image(1, (8, 8)), make_image(1, (4, 4, 4))))
    line = Image(Grid((4,)), np.array([[1]]), np.array([1.0]))
    with pytest.raises(InvalidArgument, match=r"with \[1\] axes"):
        Event(EventId(), (line,))
    with pytest.raises(InvalidArgument, match=r"energy_unit \(='keV'\)"):
        Event(EventId(), (make_image(1),), energy_unit="keV")
    with pytest.raises(InvalidArgument, match="larcv3's columns"):
        Event(EventId(), (make_image(1),), particles=np.zeros(3))


def test_events_are_frozen_and_equal_by_content(make_event: Callable[..., Event]) -> None:
    event = make_event(3)
    assert event == make_event(3)
    assert event != make_event(4)
    assert event != replace(event, particles=empty_particles(1))
    with pytest.raises(ValueError, match="read-only"):
        replace(event, particles=empty_particles(1)).particles["pdg"] = 3
    assert pickle.loads(pickle.dumps(event)) == event  # noqa: S301 - our own bytes, as worker processes send them


def test_an_event_without_charge() -> None:
    empty = Image(Grid((4, 4)), np.zeros((0, 2), dtype=np.int32), np.zeros(0))
    assert Event(EventId(), (empty, empty, empty)).pixels == 0


def test_records() -> None:
    voxels = Voxels(Grid((4, 4)), np.array([1]), np.array([2.0]))
    record = Record(EventId(1, 0, 7), {"sparse2d_wire": (voxels,), "particle_mcst": empty_particles(2)})
    same = Record(EventId(1, 0, 7), {"particle_mcst": empty_particles(2), "sparse2d_wire": (voxels,)})
    assert record == same
    assert record["sparse2d_wire"] == (voxels,)
    assert record != Record(EventId(1, 0, 8), record.products)
    assert record != Record(EventId(1, 0, 7), {"sparse2d_wire": (voxels,)})
    assert record != Record(EventId(1, 0, 7), {"sparse2d_wire": (), "particle_mcst": empty_particles(2)})
    assert record != Record(EventId(1, 0, 7), {"sparse2d_wire": (voxels,), "particle_mcst": (voxels,)})
    with pytest.raises(InvalidArgument, match=r"no product 'sparse2d_wires'. Did you mean 'sparse2d_wire'"):
        record["sparse2d_wires"]
    with pytest.raises(TypeError):
        record.products["x"] = ()  # type: ignore[index]
