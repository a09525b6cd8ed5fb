"""Metrics followed through variations: their definition, and what pairing gains."""

from __future__ import annotations

import numpy as np
import pytest
from tests.michel_files import ELECTRON, michel_event

from argoscope.analyses.robustness import MEASURES, Measure, changes, estimates
from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, COSMIC, IDENTIFIER, TRACK_SHOWER, Grid, Image, LabelColumn
from argoscope.events.instances import Instances

BOTH = Measure({"mean": "per_event", "sum": "pooled"}, None)


def parts_of(tops, bottoms):
    """The same tops and bottoms for a metric per event and a pooled one."""
    return np.stack([np.column_stack([tops, tops]), np.column_stack([bottoms, bottoms])], axis=1).astype(
        float
    )


def test_an_event_without_pixels_counts_in_neither():
    parts = parts_of([1, 3, 0], [2, 3, 0])
    found = estimates(BOTH, parts)
    assert found["mean"].value == pytest.approx((1 / 2 + 1) / 2)
    assert found["sum"].value == pytest.approx(4 / 5)
    assert np.isnan(estimates(BOTH, parts[2:])["mean"].value)


def test_what_is_common_to_both_cancels_in_the_change(rng):
    bottoms = rng.integers(50, 100, 200)
    tops = rng.integers(0, 50, 200)
    central, varied = parts_of(tops, bottoms), parts_of(tops + 1, bottoms)
    change, alone = changes(BOTH, central, varied), estimates(BOTH, varied)
    for name in BOTH.averaging:
        assert change[name].value == pytest.approx(
            estimates(BOTH, varied)[name].value - estimates(BOTH, central)[name].value
        )
        width, unpaired = (e[name].high - e[name].low for e in (change, alone))
        assert 0 < width < unpaired / 10


def test_no_variation_is_no_change(rng):
    parts = parts_of(rng.integers(0, 5, 20), rng.integers(5, 9, 20))
    for estimate in changes(BOTH, parts, parts).values():
        assert (estimate.value, estimate.low, estimate.high) == (0.0, 0.0, 0.0)


def test_other_events_are_refused():
    with pytest.raises(
        InvalidArgument, match=r"central \(2 events\) and varied \(1\) must be the same events"
    ):
        changes(BOTH, parts_of([1, 1], [2, 2]), parts_of([1], [2]))


def row(task, images):
    measure = MEASURES[task]
    tops, bottoms = measure.of(images)
    return {name: (top, bottom) for name, top, bottom in zip(measure.averaging, tops, bottoms, strict=True)}


def test_five_classes_and_michel_electrons_of_an_event():
    event = michel_event(0)
    image = event.images[0]
    truth = image.label("semantic").values
    found = row("five-class", [(image, truth)])
    assert found["accuracy"] == (100, 100)
    assert found["Michel"] == (2 * ELECTRON, 2 * ELECTRON)
    assert found["delta"] == (0, 0)
    assert found["track"] == (80, 80)
    assert found["shower_like"] == (20, 20)
    assert found["michel_id_efficiency"] == found["michel_id_purity"] == (1, 1)
    assert found["michel_energy"] == (2.0 * ELECTRON, 2.0 * ELECTRON)
    unseen = np.where(np.arange(len(truth)) < 10, 5, truth)
    assert row("five-class", [(image, unseen)])["accuracy"] == (90, 90)


def labelled(values, scheme, kind):
    grid = Grid((8, 4))
    image = Image.from_points(
        grid, np.stack([np.arange(len(values)), np.zeros(len(values), int)], 1), np.ones(len(values))
    )
    return image.with_labels(**{kind: LabelColumn(np.array(values, np.int32), scheme)})


def test_track_and_shower_errors_of_an_event():
    image = labelled([1, 1, 1, 2, 2, -1], TRACK_SHOWER, "semantic")
    found = row("track-shower", [(image, np.array([1, 2, 0, 2, 1, 1], np.int32))])
    assert found == {"icpf_mean": (3, 5), "shower_error": (1, 3), "track_error": (1, 2)}


def test_cosmic_and_neutrino_overlaps_of_an_event():
    image = labelled([0, 1, 1, 2, 2, 2], COSMIC, "origin")
    found = row("cosmic-tagging", [(image, np.array([1, 1, 2, 2, 2, 0], np.int32))])
    assert found == {"non_background_accuracy": (3, 5), "iou_cosmic": (1, 3), "iou_neutrino": (2, 4)}


def test_instances_of_an_event():
    """Interaction 1 has 30 active pixels in a row, of which 20 are found; 3 has 20, all missed; weak pixels and those of none count nowhere."""
    grid = Grid((80, 4))
    image = Image.from_points(
        grid, np.stack([np.arange(70), np.zeros(70, int)], 1), np.where(np.arange(70) < 60, 20.0, 5.0)
    )
    owner = np.repeat([1, 3, IDENTIFIER.unlabelled, 1], [30, 20, 10, 10]).astype(np.int32)
    image = image.with_labels(ancestor=LabelColumn(owner, IDENTIFIER))
    said = Instances.of_sets(
        grid, [image.ids[:20], image.ids[50:60]], [ANCESTOR.index("cosmic")] * 2, [0.9, 0.3]
    )
    found = row("instances", [(image, said)])
    assert found["efficiency"] == (pytest.approx(20 / 30), 2)
    assert found["purity"] == (1, 1)  # the second prediction's score is too low
    assert (found["covered"], found["zero_efficiency"]) == ((0, 2), (1, 2))
    assert MEASURES["instances"].pixels([(image, said)]) == 50
    both = row("instances", [(image, said), (image, said.take(np.zeros(2, bool)))])
    assert both["efficiency"] == (pytest.approx(20 / 30), 4)
    assert both["purity"] == (1, 1)
