"""The charge scale is that of tracks, whatever noise the induction planes have."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.events import Event, EventId, Grid, Image, signal_scale
from argoscope.events.charge_scale import ALONE, MOST_EVENTS, MOST_PEAKS, are_enough, scale_of

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
    assert signal_scale(events, least=LEAST, gain=gain).value == pytest.approx(gain * TRACK)


def test_pixels_that_are_not_read_do_not_count(events):
    """Otherwise charge below the threshold would look like another gain."""
    images = (plane(2, noise=200),)
    assert signal_scale([Event(EventId(), images)]).value == NOISE
    assert signal_scale([Event(EventId(), images)], least=10.0).value == TRACK


def test_planes_that_are_not_read_do_not_count(events):
    assert signal_scale(events, (0, 1), least=LEAST).value == NOISE
    assert signal_scale(events, (1, 2), least=LEAST).value == TRACK


def test_nothing_to_measure(events):
    assert signal_scale([]) is None
    assert signal_scale(events, (7,)) is None
    assert signal_scale(events, least=1e6) is None
    empty = Image.from_points(Grid((4, 4), projection=2), np.zeros((0, 2), int), np.zeros(0))
    assert signal_scale([Event(EventId(), (empty,))]) is None


def drawn_peaks(seed, events=30):
    """Peaks of events that differ from one another as well as within."""
    rng = np.random.default_rng(seed)
    return [rng.normal(rng.normal(50, 10), 5, rng.integers(0, 40)) for _ in range(events)]


def test_the_error_is_how_far_the_scale_of_other_events_lies():
    found = [scale_of(drawn_peaks(seed)) for seed in range(200)]
    scatter = np.std([one.value for one in found])
    assert np.mean([one.error for one in found]) == pytest.approx(scatter, rel=0.15)


def test_the_median_is_of_all_peaks_whichever_events_they_are_of():
    peaks = drawn_peaks(1)
    assert scale_of(peaks).value == np.median(np.concatenate(peaks))
    assert scale_of(peaks[::-1]).value == scale_of(peaks).value


def test_one_event_says_nothing_of_how_events_differ():
    """Events without peaks are none that it could be compared with."""
    assert scale_of([np.zeros(0), np.array([20.0, 30.0])]) == (25.0, 25.0 * ALONE)


def test_no_more_events_are_read_than_the_scale_needs(events):
    read = []

    def reading():
        for number in range(MOST_EVENTS + 5):
            read.append(number)
            yield events[0]

    assert signal_scale(reading(), least=LEAST).value == TRACK
    assert len(read) == MOST_EVENTS
    assert are_enough([np.zeros(MOST_PEAKS - 1), np.zeros(1)])
    assert not are_enough([np.zeros(MOST_PEAKS - 1)])
