"""Five-class numbers of hand-made images, and of whole files."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.analyses.five_class import CHARGE_GROUPS, CLUSTER_PIXELS, Tally, report
from argoscope.events import FIVE_CLASS, IDENTIFIER, Grid, Image, LabelColumn

HIP, MIP, SHOWER, DELTA, MICHEL, NONE = range(6)


def image_of(truth, *, charge=None, instances=None, shape=(9, 11), coordinates=None):
    """Pixels in a row, with true classes."""
    count = len(truth)
    at = (
        np.column_stack([np.full(count, 4), np.arange(count)])
        if coordinates is None
        else np.array(coordinates)
    )
    labels = {"semantic": LabelColumn(np.array(truth), FIVE_CLASS)}
    if instances is not None:
        labels["instance"] = LabelColumn(np.array(instances), IDENTIFIER)
    values = np.ones(count) if charge is None else np.array(charge)
    return Image(Grid(shape), at.astype(np.int32), values.astype(np.float32), labels)


def tallied(*pairs):
    tally = Tally()
    for image, predicted in pairs:
        tally.add(image, np.array(predicted, dtype=np.int32))
    return report(tally)


def test_five_pixels_by_hand():
    """Two images: 3 of 4 pixels right, and 1 of 1."""
    found = tallied(
        (image_of([HIP, MIP, MIP, SHOWER], charge=[1, 2, 3, 4]), [HIP, MIP, HIP, SHOWER]),
        (image_of([MICHEL], charge=[10]), [MICHEL]),
    )
    assert found["per_event"]["accuracy"]["value"] == pytest.approx((3 / 4 + 1) / 2)
    assert found["pooled"]["accuracy"]["value"] == pytest.approx(4 / 5)
    assert found["energy_weighted"]["accuracy"]["value"] == pytest.approx((7 / 10 + 1) / 2)
    assert found["pooled"]["classes"]["MIP"]["accuracy"]["value"] == pytest.approx(1 / 2)
    assert found["pooled"]["classes"]["HIP"]["purity"]["value"] == pytest.approx(1 / 2)
    assert found["pooled"]["classes"]["delta"]["accuracy"]["value"] is None
    assert found["two_class"]["pooled"]["accuracy"]["value"] == 1
    assert found["confusion"]["pixels"][MIP] == [1, 1, 0, 0, 0]
    assert found["confusion"]["charge"][MIP] == [3, 2, 0, 0, 0]


def test_unlabelled_and_unseen_pixels_are_not_counted():
    found = tallied((image_of([MIP, NONE, MIP]), [MIP, HIP, NONE]))
    assert found["pooled"]["accuracy"]["value"] == 1
    assert found["unseen"] == 1


def test_two_classes_map_the_label():
    found = tallied((image_of([DELTA, MICHEL, SHOWER, HIP]), [SHOWER, DELTA, MIP, MIP]))
    assert found["pooled"]["accuracy"]["value"] == 0
    classes = found["two_class"]["pooled"]["classes"]
    assert classes["shower"]["accuracy"]["value"] == pytest.approx(2 / 3)
    assert classes["track"]["accuracy"]["value"] == 1


def test_distance_to_the_border_is_the_nearest_side():
    corner, middle = [0, 5], [4, 5]
    found = tallied((image_of([MIP, MIP], coordinates=[corner, middle]), [HIP, MIP]))
    at = {row["low"]: row for row in found["by_border"]}
    assert at[0]["wrong"]["MIP"]["value"] == 1
    assert at[4]["wrong"]["MIP"]["value"] == 0
    assert at[1]["pixels"] == 0
    assert at[1]["wrong"]["MIP"]["value"] is None


@pytest.mark.parametrize(("shower_pixels", "kind"), [(1, "track"), (2, "shower")])
def test_a_cluster_is_a_showers_from_a_fifth_of_its_pixels(shower_pixels, kind):
    count = CLUSTER_PIXELS
    predicted = [SHOWER] * shower_pixels + [MIP] * (count - shower_pixels)
    found = tallied((image_of([MIP] * count, instances=[3] * count), predicted))
    assert found["clusters"]["track"]["value"] == (1.0 if kind == "track" else 0.0)
    assert found["clusters"]["track"]["clusters"] == 1
    assert found["clusters"]["shower"]["clusters"] == 0


def test_small_particles_are_no_cluster():
    count = CLUSTER_PIXELS - 1
    found = tallied((image_of([MIP] * count, instances=[3] * count), [MIP] * count))
    assert found["clusters"]["track"]["clusters"] == 0


def test_an_empty_image_has_no_accuracy_of_its_own():
    found = tallied((image_of([]), []), (image_of([MIP]), [MIP]))
    assert found["per_event"]["accuracy"]["value"] == 1
    assert found["per_event"]["events"] == 1
    assert found["events"] == 2


def test_groups_of_charge_hold_equally_many_events_whatever_the_unit():
    """20 events of rising charge, the ten largest wrong; one without labels is in no group."""
    charges = np.arange(1, 21)
    pairs = [(image_of([MIP], charge=[c]), [MIP] if c <= 10 else [HIP]) for c in charges]
    pairs.append((image_of([NONE], charge=[1000]), [MIP]))
    rows = tallied(*pairs)["by_energy"]
    assert len(rows) == CHARGE_GROUPS == 8
    assert [row["events"] for row in rows] == [3, 3, 3, 3, 2, 2, 2, 2]
    assert [(row["low"], row["median"], row["high"]) for row in rows[:2]] == [(1, 2, 3), (4, 5, 6)]
    assert rows[-1]["high"] == 20
    assert [row["accuracy"]["value"] for row in rows] == pytest.approx([1, 1, 1, 1 / 3, 0, 0, 0, 0])
    scaled = [(image_of([MIP], charge=[50 * c]), [MIP] if c <= 10 else [HIP]) for c in charges]
    assert [row["accuracy"] for row in tallied(*scaled)["by_energy"]] == [row["accuracy"] for row in rows]


@pytest.mark.parametrize("events", [0, 1, 3])
def test_few_events_have_a_group_each(events):
    rows = tallied(*[(image_of([MIP], charge=[7]), [MIP])] * events, (image_of([]), []))["by_energy"]
    assert [(row["low"], row["high"], row["events"]) for row in rows] == [(7, 7, 1)] * events


def event_of(seed):
    """An image with mistakes that come together: each event has a share of its own."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 5, 9)
    wrong = rng.random(9) < rng.random()
    return image_of(truth, charge=rng.uniform(1, 5, 9)), np.where(wrong, (truth + 1) % 5, truth)


def test_planes_that_say_the_same_narrow_no_interval():
    """Three planes with the same mistakes are one event's worth of them: values and intervals stay."""
    once, thrice = Tally(), Tally()
    for seed in range(8):
        image, predicted = event_of(seed)
        once.add(image, predicted)
        thrice.add_event([image] * 3, [predicted] * 3)
    one, three = report(once), report(thrice)
    for key in ("per_event", "pooled", "two_class", "energy_weighted"):
        assert three[key] == one[key]
    assert [row["wrong"] for row in three["by_border"]] == [row["wrong"] for row in one["by_border"]]
    assert (one["events"], one["images"], three["events"], three["images"]) == (8, 8, 8, 24)


def test_an_event_is_its_planes_together():
    """One pixel of one plane wrong, three of the other right: three of four, not the mean of 0 and 1."""
    tally = Tally()
    planes = [image_of([MIP]), image_of([MIP, MIP, SHOWER])]
    tally.add_event(planes, [np.array([HIP]), np.array([MIP, MIP, SHOWER])])
    assert report(tally)["per_event"]["accuracy"]["value"] == pytest.approx(3 / 4)


def test_pixels_of_one_event_are_no_trials_of_their_own():
    """A hundred wrong pixels of one of two events: the share at the border may as well be none or all."""
    rows = [[0, n] for n in range(100)]
    wrong, right = ([HIP] * 100, [MIP] * 100)
    pairs = [
        (image_of([MIP] * 100, shape=(9, 200), coordinates=rows), predicted) for predicted in (wrong, right)
    ]
    share = tallied(*pairs)["by_border"][0]["wrong"]["MIP"]
    assert (share["value"], share["low"], share["high"]) == (0.5, 0.0, 1.0)
    alone = tallied(pairs[0], (image_of([MIP], coordinates=[[4, 5]]), [MIP]))["by_border"][0]["wrong"]["MIP"]
    assert alone == {"value": 1.0, "low": None, "high": None}
