"""The event, and the square of it, that show most classes, and of the rarest the most."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.display.telling import LEAST_PIXELS, close_up, most_telling, richness, shown_truth
from argoscope.events import COSMIC, FIVE_CLASS, Event, EventId, Grid, Image, LabelColumn

SHAPE = (90, 60)  # unequal sides: swapped axes cannot pass unseen


def plane(counts, *, projection=0, scheme=FIVE_CLASS, kind="semantic", at=(0, 0)):
    """An image with so many pixels of each class, in rows of ten from a corner on."""
    values = np.repeat(list(counts), list(counts.values()))
    places = np.stack(np.divmod(np.arange(len(values)), 10), axis=1) + at
    image = Image.from_points(Grid(SHAPE, projection=projection), places, np.ones(len(values)))
    return image.with_labels(**{kind: LabelColumn(values, scheme)})


def event(*images):
    return Event(EventId(), images)


@pytest.mark.parametrize(
    ("counts", "answer"),
    [
        ({}, (0, LEAST_PIXELS)),
        ({0: LEAST_PIXELS - 1}, (0, LEAST_PIXELS)),
        ({0: 40, 1: 25}, (2, 25)),
        ({0: 40, 1: 25, 4: 3}, (2, 25)),
    ],
)
def test_richness(counts, answer):
    assert richness([plane(counts)], "semantic") == answer


def test_pixels_of_planes_count_together_and_background_does_not():
    assert richness([plane({3: 6}), plane({3: 7})], "semantic") == (1, 13)
    assert richness([plane({0: 50, 2: 12}, scheme=COSMIC, kind="origin")], "origin") == (1, 12)


def test_the_event_with_most_classes_is_chosen_then_the_one_with_most_of_the_rarest():
    events = [event(plane({0: 90})), event(plane({0: 20, 2: 11})), event(plane({0: 20, 2: 12}))]
    assert most_telling(events) == 2
    assert most_telling([*events, event(plane({0: 11, 2: 11, 4: 11}))]) == 3


def test_the_first_is_chosen_where_nothing_is_known():
    bare = replace(plane({0: 20}), labels={})
    assert most_telling([event(bare), event(bare)]) == 0
    assert shown_truth(event(bare)) is None
    assert close_up(event(bare), 20) is None


def test_the_truth_of_the_prediction_comes_before_other_truth():
    image = plane({0: 20})
    image = image.with_labels(
        semantic=image.labels["semantic"],
        origin=LabelColumn(np.ones(20, dtype=np.int32), COSMIC),
        prediction=LabelColumn(np.ones(20, dtype=np.int32), COSMIC),
    )
    assert shown_truth(event(image)) == "origin"
    assert shown_truth(event(plane({0: 20}))) == "semantic"


def test_the_close_up_is_the_square_with_most_classes_of_the_last_plane():
    far = plane({0: 30}, projection=0)
    rich = plane({1: 15, 4: 12}, projection=1, at=(70, 45))
    found = close_up(event(far, rich, replace(rich, grid=Grid(SHAPE, projection=2))), 20)
    (image,) = found.images
    assert image.grid.projection == 2
    assert image.grid.shape == (20, 20)
    assert len(image) == 27


def test_no_close_up_of_volumes_of_planes_that_are_smaller_and_of_specks():
    assert close_up(event(plane({0: 30})), 61) is None
    assert close_up(event(plane({0: LEAST_PIXELS - 1})), 20) is None
    volume = Image.from_points(Grid((30, 30, 30)), np.arange(60).reshape(20, 3) % 30, np.ones(20))
    volume = volume.with_labels(semantic=LabelColumn(np.zeros(len(volume), dtype=np.int32), FIVE_CLASS))
    assert close_up(event(volume), 20) is None
