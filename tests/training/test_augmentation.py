"""Changes of events: what they keep, how often they happen, that labels follow their pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.training.augmentation import Augmentation, augmented
from argoscope.training.data import tensors_of

FLAT = (64, 24)


@pytest.fixture
def item(make_event):
    """A cube; class by the first axis, instance by the second, so that both say where a pixel was."""
    return tensors_of(make_event(3), ("semantic", "instance"))


@pytest.fixture
def flat(make_event):
    return tensors_of(make_event(4, pixels=500, shape=FLAT, images=2), ("semantic", "instance"))


def rows_of(item):
    """Pixels as a set: coordinates with charge and labels."""
    columns = [item["coordinates"], item["semantic"][:, None], item["instance"][:, None]]
    rows = torch.cat(columns, dim=1).tolist()
    return {(*row, charge) for row, charge in zip(rows, item["features"][:, 0].tolist(), strict=True)}


def reflected(item, axes):
    """The slow twin: each pixel at side - 1 - place along some axes."""
    moved = item["coordinates"].tolist()
    for row in moved:
        for axis in axes:
            row[1 + axis] = item["shape"][axis] - 1 - row[1 + axis]
    return {**item, "coordinates": torch.tensor(moved)}


def test_mirrors_are_the_eight_and_equally_frequent(item):
    from itertools import combinations

    subsets = [axes for size in range(4) for axes in combinations(range(3), size)]
    known = {frozenset(rows_of(reflected(item, axes))): axes for axes in subsets}
    assert len(known) == 8
    counts = dict.fromkeys(subsets, 0)
    for seed in range(800):
        got = augmented(item, Augmentation(mirror=True), np.random.default_rng(seed))
        counts[known[frozenset(rows_of(got))]] += 1
    # A chi-square of 7 degrees exceeds 24.3 once in a thousand.
    assert sum((count - 100) ** 2 / 100 for count in counts.values()) < 24.3


def test_mirrored_axes_are_the_chosen_ones(item):
    known = {frozenset(rows_of(reflected(item, axes))): axes for axes in ((), (1,))}
    found = [
        known[
            frozenset(rows_of(augmented(item, Augmentation(mirror_axes=(1,)), np.random.default_rng(seed))))
        ]
        for seed in range(100)
    ]
    assert 30 <= found.count((1,)) <= 70  # four deviations of a fair coin


def test_mirrored_twice_alike_is_the_event(item):
    once = augmented(item, Augmentation(mirror=True), np.random.default_rng(2))
    assert rows_of(once) != rows_of(item)
    twice = augmented(once, Augmentation(mirror=True), np.random.default_rng(2))
    assert rows_of(twice) == rows_of(item)


def test_turns_are_the_six_orders_of_axes(item):
    from itertools import permutations

    orders = {}
    for order in permutations(range(3)):
        columns = item["coordinates"][:, [0, *(1 + axis for axis in order)]]
        orders[frozenset(rows_of({**item, "coordinates": columns}))] = order
    found = {
        orders[frozenset(rows_of(augmented(item, Augmentation(turn=True), np.random.default_rng(seed))))]
        for seed in range(60)
    }
    assert len(found) == 6


def test_images_stay_apart_and_columns_follow(flat):
    """A pixel keeps its charge and labels; those of the first axis say where it came from."""
    got = augmented(flat, Augmentation(mirror=True), np.random.default_rng(2))
    for image in range(2):
        before, after = (part["coordinates"][:, 0] == image for part in (flat, got))
        assert torch.equal(flat["features"][before].sort(0).values, got["features"][after].sort(0).values)
    classes = flat["coordinates"][:, 1] * 5 // (FLAT[0] - 1)
    assert torch.equal(classes, flat["semantic"])
    turned = (FLAT[0] - 1 - got["coordinates"][:, 1]) * 5 // (FLAT[0] - 1)
    assert torch.equal(turned, got["semantic"]) or torch.equal(
        got["coordinates"][:, 1] * 5 // (FLAT[0] - 1), got["semantic"]
    )


def test_gain_is_one_factor_and_pixel_gain_one_for_each(item):
    one = augmented(item, Augmentation(gain=0.2), np.random.default_rng(1))["features"] / item["features"]
    assert one.std() < 1e-6
    assert one.mean() != 1
    each = augmented(item, Augmentation(pixel_gain=0.2), np.random.default_rng(1))["features"]
    assert 0.12 < (each / item["features"]).std() < 0.28  # 40 pixels: 11 % on the deviation, three of them
    strong = augmented(item, Augmentation(pixel_gain=1.0), np.random.default_rng(1))["features"]
    assert (strong >= 0).all()


def test_mean_of_log_gain_is_zero_and_its_deviation_as_asked(item):
    first = item["features"][0, 0]
    logs = [
        float(torch.log(augmented(item, Augmentation(gain=0.1), np.random.default_rng(s))["features"][0, 0] / first))
        for s in range(400)
    ]  # fmt: skip
    assert abs(np.mean(logs)) < 4 * 0.1 / 20
    assert np.std(logs) == pytest.approx(0.1, rel=0.15)


def test_plane_gain_is_one_factor_for_each_image(flat):
    got = (
        augmented(flat, Augmentation(plane_gain=0.2), np.random.default_rng(1))["features"] / flat["features"]
    )
    first, second = (got[flat["coordinates"][:, 0] == image] for image in range(2))
    assert max(first.std(), second.std()) < 1e-6
    assert abs(float(first.mean() - second.mean())) > 0.01


def test_noise_is_added_to_each_pixel(flat):
    added = augmented(flat, Augmentation(noise=0.5), np.random.default_rng(1))["features"] - flat["features"]
    # 500 pixels an image, some twice: 3 % on the deviation, four of them.
    assert float(added.std()) == pytest.approx(0.5, rel=0.12)
    assert abs(float(added.mean())) < 4 * 0.5 / len(added) ** 0.5


def test_common_noise_is_one_number_for_a_board_at_a_time(make_event):
    wide = tensors_of(make_event(4, pixels=900, shape=(300, 4), images=2), ("semantic",))
    added = (
        augmented(wide, Augmentation(common_noise=0.5), np.random.default_rng(1))["features"]
        - wide["features"]
    )
    groups = {}
    for (image, wire, time), number in zip(wide["coordinates"].tolist(), added[:, 0].tolist(), strict=True):
        groups.setdefault((image, wire // 128, time), []).append(number)
    assert len(groups) == 2 * 3 * 4
    # Single precision of charges of order 1.
    assert max(max(numbers) - min(numbers) for numbers in groups.values()) < 1e-6
    assert np.std([numbers[0] for numbers in groups.values()]) == pytest.approx(0.5, rel=0.6)


def test_threshold_takes_the_small_charges_of_each_image(flat):
    thresholds = []
    for seed in range(50):
        got = augmented(flat, Augmentation(threshold=1.5), np.random.default_rng(seed))
        assert rows_of(got) <= rows_of(flat)
        for image in range(2):
            before, after = (part["features"][part["coordinates"][:, 0] == image] for part in (flat, got))
            gone = torch.sort(before.flatten()).values[: len(before) - len(after)]
            assert not len(gone) or gone.max() <= after.min() <= 1.51
            thresholds.append(float(after.min()))
    # From 0 to 1.5, of charges from 0.5 to 2: a third of the thresholds takes nothing.
    assert np.mean(np.array(thresholds) < 0.52) == pytest.approx(1 / 3, abs=4 * (2 / 9 / 100) ** 0.5)
    assert max(thresholds) > 1.4
    first, second = np.array(thresholds).reshape(-1, 2).T
    assert np.abs(first - second).max() > 0.5


def test_dead_wires_take_whole_wires_of_their_own_image(flat):
    got = augmented(flat, Augmentation(dead_wires=0.3), np.random.default_rng(5))
    left, were = rows_of(got), rows_of(flat)
    assert left < were
    wires = [{(row[0], row[1]) for row in rows} for rows in (left, were - left)]
    assert not wires[0] & wires[1]
    for image in range(2):
        dead = {wire for plane, wire in wires[1] if plane == image}
        assert len(dead) == round(0.3 * FLAT[0])  # every wire of the event has a pixel
    assert {wire for plane, wire in wires[1] if plane == 0} != {w for plane, w in wires[1] if plane == 1}


@pytest.mark.parametrize("pixels", [0, 1])
def test_the_smallest_events_can_be_changed(make_event, pixels):
    every = Augmentation(
        mirror=True, turn=True, gain=0.1, plane_gain=0.1, pixel_gain=0.1, noise=0.1, common_noise=0.1,
        threshold=0.1, dead_wires=0.5,
    )  # fmt: skip
    small = tensors_of(make_event(pixels=pixels, shape=(8, 8)), ("semantic",))
    got = augmented(small, every, np.random.default_rng(0))
    assert len(got["coordinates"]) == len(got["features"]) == len(got["semantic"]) <= pixels


def test_the_item_given_is_not_touched(item):
    before = rows_of(item)
    every = Augmentation(mirror=True, turn=True, gain=0.5, pixel_gain=0.5, noise=0.5, common_noise=0.5)
    augmented(item, every, np.random.default_rng(7))
    assert rows_of(item) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"turn": True}, r"turn: axes of \(64, 24\) cannot change places"),
        ({"overlay": 1.5}, r"overlay \(=1.5\) must be from 0 to 1"),
        ({"gain": -0.1}, r"gain \(=-0.1\)"),
        ({"dead_wires": float("nan")}, r"dead_wires \(=nan\)"),
        ({"dead_wires": 1.0}, r"dead_wires \(=1.0\) must be below 1"),
        ({"noise": -1.0}, r"noise \(=-1.0\) must be a charge, 0 or more"),
        ({"threshold": float("inf")}, r"threshold \(=inf\) must be a charge"),
        ({"mirror_axes": (3,)}, r"mirror_axes \(=\[3\]\) must be some of 0, 1, 2"),
        ({"mirror_axes": (1, 1)}, r"mirror_axes \(=\[1, 1\]\)"),
        ({"mirror_axes": (1,), "mirror": True}, r"mirror \(=True\) is for all axes"),
        ({"mirror_axes": (2,)}, r"images of \(64, 24\) have 2 axes"),
    ],
)
def test_impossible_changes_are_refused(flat, change, message):
    with pytest.raises(InvalidArgument, match=message):
        augmented(flat, Augmentation(**change), np.random.default_rng(0))


def test_a_volume_has_no_wires(item):
    with pytest.raises(InvalidArgument, match="a volume has no wires"):
        augmented(item, Augmentation(dead_wires=0.1), np.random.default_rng(0))
