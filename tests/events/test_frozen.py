"""Events stay frozen: nothing is written through them, not after a copy or a trip to another process."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from argoscope.events import Event, EventId, Image, Record, empty_particles


@pytest.mark.parametrize("travel", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])  # noqa: S301
def test_copies_are_equal_and_as_frozen(
    make_event: Callable[..., Event], travel: Callable[[object], object]
) -> None:
    event = make_event(3)
    copied = travel(event)
    assert copied == event
    image = copied.images[0]
    arrays = [image.charge, image.coordinates, image.ids, image.truth.values, image.label("semantic").values]
    for array in [*arrays, copied.particles]:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(TypeError, match="does not support item assignment"):
        image.labels["semantic"] = image.labels["origin"]


def test_record_travels_too() -> None:
    record = Record(EventId(1, 2, 3), {"particle_mcst": empty_particles(2)})
    copied = copy.deepcopy(record)
    assert copied == record
    with pytest.raises(ValueError, match="read-only"):
        copied["particle_mcst"]["pdg"] = np.int32(1)


def test_the_callers_array_is_not_the_events(make_event: Callable[..., Event]) -> None:
    grid = make_event(1).images[0].grid
    coordinates, charge = np.array([[0, 1], [2, 3]]), np.array([1.0, 2.0], dtype=np.float32)
    image = Image(grid, coordinates, charge)
    coordinates[0] = 5
    charge[0] = np.nan
    assert image.charge.tolist() == [1.0, 2.0]
    assert image.coordinates.tolist() == [[0, 1], [2, 3]]


def test_gaps_between_the_columns_of_a_table_do_not_count(make_event: Callable[..., Event]) -> None:
    event = make_event(2)
    table = empty_particles(3)
    raw = np.frombuffer(table.tobytes(), dtype=np.uint8).copy().reshape(3, -1)
    raw[:, 6] = 77  # byte 6 lies between mct_index and shape
    other = raw.reshape(-1).view(table.dtype)
    one, two = (Event(event.id, event.images, particles) for particles in (table, other))
    assert one == two
    other = empty_particles(3)
    other["pdg"][1] = 13
    assert one != Event(event.id, event.images, other)
