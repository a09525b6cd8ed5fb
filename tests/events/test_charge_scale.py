"""The charge scale is that of tracks, whatever noise the induction planes have."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.events import Event, EventId, Grid, Image, signal_scale

TRACK, NOISE, LEAST = 60.0, 6.0, 5.0


def plane(projection, *, noise):
    """A track that crosses the wires, and pixels of noise around it."""
    at = [(wire, 2 * wire + 1) for wire in range(10)]
    far = [(wire, tick) for wire in range(20) for tick in range(30, 60, 3)][:noise]
    charge = [TRACK] * len(at) + [NOISE] * len(far)
    return Image.from_points(Grid((20, 60), projection=projection), np.array([*at, *far]), np.array(charge))


@pytest.fixture
def events():
    """Noise outnumbers the track twenty times on the induction planes, not on the collection plane."""
    return [Event(EventId(), (plane(0, noise=200), plane(1, noise=200), plane(2, noise=3)))]


@pytest.mark.parametrize("gain", [0.5, 0.7, 1.0, 3.0])
def test_it_follows_the_gain_though_noise_stays_at_the_threshold(events, gain):
    assert signal_scale(events, least=LEAST, gain=gain) == pytest.approx(gain * TRACK)


def test_pixels_that_are_not_read_do_not_count(events):
    """Otherwise charge below the threshold would look like another gain."""
    images = (plane(2, noise=200),)
    assert signal_scale([Event(EventId(), images)]) == NOISE
    assert signal_scale([Event(EventId(), images)], least=10.0) == TRACK


def test_planes_that_are_not_read_do_not_count(events):
    assert signal_scale(events, (0, 1), least=LEAST) == NOISE
    assert signal_scale(events, (1, 2), least=LEAST) == TRACK


def test_nothing_to_measure(events):
    assert signal_scale([]) is None
    assert signal_scale(events, (7,)) is None
    assert signal_scale(events, least=1e6) is None
    empty = Image.from_points(Grid((4, 4), projection=2), np.zeros((0, 2), int), np.zeros(0))
    assert signal_scale([Event(EventId(), (empty,))]) is None
