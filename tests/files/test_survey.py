"""What `info` says of a file's signal is what a card says of the same events."""

from __future__ import annotations

import numpy as np

from argoscope.drawn import drawn_event
from argoscope.events import FIVE_CLASS, Event, EventId, Grid, Image, LabelColumn, signal_scale
from argoscope.files.larcv3_write import write_events
from argoscope.files.survey import survey


def test_the_signal_peaks_are_those_of_all_events_together(tmp_path):
    """Not the median of the events' own: an event of many tracks counts more than one of few."""
    events = [drawn_event(seed) for seed in range(4)]
    write_events(tmp_path / "a.h5", events)
    images = survey(tmp_path / "a.h5")["images"]
    assert len(images) == len(events[0].images)
    for image in images:
        assert image["charge_scale"] == signal_scale(events, (image["projection"],)).value


def test_a_plane_without_charge_has_no_signal_peaks(tmp_path):
    empty = Image.from_points(Grid((4, 4), projection=2), np.zeros((0, 2), int), np.zeros(0))
    write_events(tmp_path / "a.h5", [Event(EventId(), (empty,))])
    (image,) = survey(tmp_path / "a.h5")["images"]
    assert image["charge_scale"] is None


def test_classes_stand_in_the_order_of_their_scheme(tmp_path):
    """Not in that of the events: the first has a Michel electron alone."""
    grid = Grid((4, 4), projection=2)
    events = []
    for number, labels in enumerate(([4, 4], [0, 5], [2, 1])):
        image = Image.from_points(grid, np.array([[0, 0], [1, 1]]), np.ones(2))
        events.append(
            Event(
                EventId(event=number),
                (image.with_labels(semantic=LabelColumn(np.array(labels), FIVE_CLASS)),),
            )
        )
    write_events(tmp_path / "a.h5", events)
    found = survey(tmp_path / "a.h5")["classes"]["semantic"]
    assert list(found) == ["HIP", "MIP", "shower", "Michel", "unlabelled"]
