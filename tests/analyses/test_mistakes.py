"""Particles that are mistaken, by hand, and the worst events."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.analyses.mistakes import LEAST_PIXELS, MistakeTally, mistake_report, particles_of
from argoscope.events import FIVE_CLASS, IDENTIFIER, Grid, Image, LabelColumn, empty_particles

GRID = Grid((200, 8))
HIP, MIP, SHOWER, UNLABELLED = 0, 1, 2, 5


def image_of(lengths, classes):
    """Lines along the first axis, one a particle; particle k lies in column 2 k."""
    pixels = np.concatenate([np.stack([np.arange(n), np.full(n, 2 * k)], 1) for k, n in enumerate(lengths)])
    image = Image.from_points(GRID, pixels, np.ones(len(pixels)))
    owner = (image.coordinates[:, 1] // 2).astype(np.int32)
    truth = np.asarray(classes, np.int32)[owner]
    return image.with_labels(
        semantic=LabelColumn(truth, FIVE_CLASS), instance=LabelColumn(owner, IDENTIFIER)
    ), truth


def table_of(*rows):
    table = empty_particles(len(rows))
    table["pdg"], table["energy_init"] = zip(*rows, strict=True)
    return table


def test_particles_by_hand():
    image, truth = image_of((3, 50), (HIP, MIP))
    predicted = np.where((truth == MIP) & (image.coordinates[:, 0] < 20), SHOWER, truth).astype(np.int32)
    found = particles_of(image, predicted, table_of((2212, 0.938272 + 0.05), (-13, 0.305658)), unit=1000.0)
    assert found.confusion[0, HIP].tolist() == [3, 0, 0, 0, 0]
    assert found.confusion[1, MIP].tolist() == [0, 30, 20, 0, 0]
    assert found.confusion.sum() == 53
    assert found.energy == pytest.approx([50.0, 200.0])
    assert found.length == pytest.approx(np.hypot([3, 50], 1))
    assert np.isnan(particles_of(image, predicted).energy).all()


def test_a_particle_of_two_classes_is_wrong_only_where_it_is():
    """A Michel electron that radiates: what it radiates is a shower in the relabelled truth."""
    image, truth = image_of((40,), (MIP,))
    truth = np.where(image.coordinates[:, 0] < 30, truth, SHOWER).astype(np.int32)
    image = image.with_labels(semantic=LabelColumn(truth, FIVE_CLASS))
    tally = MistakeTally()
    tally.add_event([image], [truth])
    assert all(row["wrong"]["shower"]["value"] in (0.0, None) for row in mistake_report(tally)["by_length"])


def test_pixels_without_label_or_prediction_are_in_no_particle():
    image, truth = image_of((10, 10), (HIP, UNLABELLED))
    assert particles_of(image, truth).confusion.sum() == 10
    unseen = np.full(len(truth), UNLABELLED, np.int32)
    assert len(particles_of(image, unseen).number) == 0


def test_bins_hold_the_particles_and_their_wrong_share():
    tally = MistakeTally()
    for wrong in (0, 10):
        image, truth = image_of((40, 4), (MIP, HIP))
        predicted = np.where((truth == MIP) & (image.coordinates[:, 0] < wrong), HIP, truth).astype(np.int32)
        tally.add_event([image], [predicted], table_of((13, 255.658), (2212, 940.0)))
    found = mistake_report(tally)
    (muons,) = (row for row in found["by_energy"] if row["low"] == 100.0)
    assert (muons["particles"], muons["wrong"]["MIP"]["value"]) == (2, pytest.approx(10 / 80))
    assert muons["wrong"]["HIP"]["value"] is None
    assert np.array(muons["confusion"])[MIP].tolist() == [10, 70, 0, 0, 0]
    assert sum(row["particles"] for row in found["by_length"]) == 4
    (short,) = (row for row in found["by_length"] if row["low"] == 3.0)
    assert short["wrong"]["HIP"]["value"] == 0.0


def test_the_worst_events_come_first_and_say_what_went_wrong():
    tally = MistakeTally(most=2)
    for number, wrong in enumerate((5, 60, 20)):
        image, truth = image_of((LEAST_PIXELS, 10), (MIP, HIP))
        predicted = np.where((truth == MIP) & (image.coordinates[:, 0] < wrong), SHOWER, truth).astype(
            np.int32
        )
        tally.add_event([image], [predicted], table_of((13, 255.658), (2212, 940.0)), where={"entry": number})
    worst = mistake_report(tally)["worst"]
    assert [one["entry"] for one in worst] == [1, 2]
    assert worst[0]["right"] == pytest.approx(50 / 110)
    (mistake,) = worst[0]["mistakes"]
    assert mistake == {
        "pdg": 13, "energy": pytest.approx(150.0), "class": "MIP", "called": "shower", "pixels": 60, "of": 100,
    }  # fmt: skip


def test_small_and_empty_events_are_not_shown():
    tally = MistakeTally()
    image, truth = image_of((LEAST_PIXELS - 1,), (MIP,))
    tally.add_event([image], [np.zeros_like(truth)])
    empty = image.take(np.zeros(len(image), bool))
    tally.add_event([empty], [np.zeros(0, np.int32)])
    found = mistake_report(tally)
    assert found["worst"] == []
    assert (found["events"], sum(row["particles"] for row in found["by_length"])) == (2, 1)
    assert mistake_report(MistakeTally())["by_energy"] == []
