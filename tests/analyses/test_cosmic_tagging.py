"""Paper 0's numbers: against a dense slow twin, by hand, and by laws.

The slow twin works on full images as the paper does: fill, pool, compare.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from scipy.ndimage import maximum_filter

from argoscope.analyses.cosmic_counts import (
    BLUR_REACH,
    EventCounts,
    count_plane,
    near,
    plane_confusion,
    pooled,
    with_baseline,
)
from argoscope.analyses.cosmic_tagging import METRICS, averages, changes, image_metrics, report
from argoscope.analyses.interactions import Interaction
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, Grid, Image, LabelColumn

SHAPE = (14, 10)  # unequal sides: swapped axes cannot pass unseen


def plane(rng, pixels, *, shape=SHAPE, truth=None, said=None, projection=0):
    """An image of random pixels; some have no charge, some of the labels are not there."""
    grid = Grid(shape, projection=projection)
    ids = np.sort(rng.choice(grid.pixels, pixels, replace=False))
    charge = np.where(rng.random(pixels) < 0.2, 0.0, rng.uniform(5, 40, pixels)).astype(np.float32)
    truth = rng.integers(-1, 3, pixels) if truth is None else truth
    said = rng.integers(-1, 3, pixels) if said is None else said
    labels = {"origin": LabelColumn(truth, COSMIC), "prediction": LabelColumn(said, COSMIC)}
    return Image(grid, grid.coordinates(ids), charge, labels)


def dense(image, values, empty):
    full = np.full(image.grid.shape, empty, dtype=np.float64)
    full[tuple(image.coordinates.T)] = values
    return full


def slow_pool(full, rule):
    wires, ticks = full.shape
    return np.array(
        [
            [rule(full[i : i + 2, j : j + 2]) for j in range(0, ticks, 2)]
            for i in range(0, wires, 2)
        ]
    )  # fmt: skip


def slow_labels(image, *, pooling):
    """Full images of truth and prediction; -1 where the truth is not known."""
    truth = dense(image, image.labels["origin"].values, np.nan)
    said = np.maximum(dense(image, image.labels["prediction"].values, 0), 0)
    if pooling:
        # A block is unlabelled only where all its pixels that have an entry are.
        truth = slow_pool(truth, lambda block: -2 if np.isnan(block).all() else np.nanmax(block))
        said = slow_pool(said, np.max)
        truth[truth == -2] = 0
    return np.nan_to_num(truth, nan=0.0), said


def slow_metrics(truth, said):
    """The paper's section 6.1, pixel by pixel."""
    counted = truth >= 0
    truth, said = truth[counted], said[counted]
    signal = truth > 0
    numbers = [np.mean(truth == said), np.mean((truth == said)[signal]) if signal.any() else np.nan]
    for number in (1, 2):
        union = (truth == number) | (said == number)
        both = (truth == number) & (said == number)
        numbers.append(both.sum() / union.sum() if union.any() else np.nan)
    return numbers


@pytest.mark.parametrize("pixels", [0, 1, 40, 140])
@pytest.mark.parametrize("pooling", [False, True], ids=["full", "pooled"])
def test_metrics_equal_the_dense_images(rng, pixels, pooling):
    for _ in range(5):
        image = plane(rng, pixels)
        got = image_metrics(plane_confusion(pooled(image) if pooling else image))
        np.testing.assert_allclose(got, slow_metrics(*slow_labels(image, pooling=pooling)), equal_nan=True)


def test_pooled_charge_is_the_mean_with_empty_pixels_as_zero(rng):
    image = plane(rng, 60)
    small = pooled(image)
    want = slow_pool(dense(image, image.charge, 0.0), np.mean)
    np.testing.assert_allclose(dense(small, small.charge, 0.0), want, rtol=1e-6)


def test_pixels_by_hand():
    """One 4 x 4 image: labelled pixels without charge count, the neutrino wins its block."""
    grid = Grid((4, 4))
    at = np.array([[0, 0], [0, 1], [1, 3], [2, 2], [3, 3]])
    labels = {
        "origin": LabelColumn(np.array([1, 2, 2, 1, 0]), COSMIC),
        "prediction": LabelColumn(np.array([1, 1, 2, -1, 2]), COSMIC),
    }
    image = Image(grid, at.astype(np.int32), np.array([20, 5, 0, 0, 30], np.float32), labels)
    assert plane_confusion(image).tolist() == [[11, 0, 1], [1, 1, 0], [0, 1, 1]]
    # Blocks: (0,0) is neutrino called cosmic, (0,1) neutrino called so, (1,1) cosmic called neutrino.
    assert plane_confusion(pooled(image)).tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 1]]
    counts = count_plane(image)
    assert (counts.without_charge, counts.unseen, counts.charged) == (2, 1, 2)
    # Above 10: the first and the last pixel.
    assert counts.full_baseline.tolist() == [[11, 1, 0], [1, 1, 0], [2, 0, 0]]
    assert counts.pooled_baseline.tolist() == [[1, 0, 0], [0, 1, 0], [1, 1, 0]]


def test_truth_against_itself_is_perfect_and_leaves_out_what_is_empty(rng):
    truth = rng.integers(0, 3, 50)
    matrices = np.array([[plane_confusion(plane(rng, 50, truth=truth, said=truth))]])
    for empty_is_one in (True, False):
        found = averages(matrices, empty_is_one=empty_is_one)
        assert all(found[name]["value"] == 1 for name in METRICS)


def test_events_without_neutrino_count_one_in_the_paper_and_not_in_strict(rng):
    cosmic = plane(rng, 50, truth=np.ones(50, int), said=np.ones(50, int))
    half = plane(rng, 50, truth=np.full(50, 2), said=np.tile([1, 2], 25))
    matrices = np.array([[plane_confusion(cosmic)], [plane_confusion(half)]])
    paper, strict = (averages(matrices, empty_is_one=one) for one in (True, False))
    assert paper["iou_neutrino"]["value"] == pytest.approx((1 + 0.5) / 2)
    assert strict["iou_neutrino"]["value"] == pytest.approx(0.5)
    assert strict["left_out"]["iou_neutrino"] == 1
    assert paper["left_out"]["iou_neutrino"] == 0
    assert paper["empty_unions"] == strict["empty_unions"] == {"iou_cosmic": 0, "iou_neutrino": 1}
    # Mean IoU is the mean of the two averages, whatever was left out of each.
    assert strict["mean_iou"]["value"] == pytest.approx((0.5 + (1 + 0) / 2) / 2)


def test_one_false_neutrino_pixel_takes_the_whole_of_an_empty_image(rng):
    said = np.ones(50, int)
    said[7] = 2
    matrix = plane_confusion(plane(rng, 50, truth=np.ones(50, int), said=said))
    assert averages(matrix[None, None], empty_is_one=True)["iou_neutrino"]["value"] == 0


def test_an_image_without_truth_has_no_non_background_accuracy(rng):
    nothing = plane(rng, 20, truth=np.zeros(20, int), said=np.zeros(20, int))
    full = plane(rng, 20, truth=np.ones(20, int), said=np.tile([0, 1], 10))
    found = averages(np.array([[plane_confusion(nothing)], [plane_confusion(full)]]), empty_is_one=True)
    assert found["non_background_accuracy"]["value"] == 0.5
    assert found["left_out"]["non_background_accuracy"] == 1


def test_images_weigh_the_same_however_many_pixels_they_have(rng):
    small = plane(rng, 4, truth=np.ones(4, int), said=np.zeros(4, int))
    large = plane(rng, 100, truth=np.ones(100, int), said=np.ones(100, int))
    found = averages(np.array([[plane_confusion(small), plane_confusion(large)]]), empty_is_one=True)
    assert found["non_background_accuracy"]["value"] == 0.5
    assert found["iou_cosmic"]["value"] == 0.5
    assert found["images"] == 2


@pytest.mark.parametrize("seed", range(5))
def test_pooling_commutes_with_mirroring_and_with_moving_by_a_block(seed):
    rng = np.random.default_rng(seed)
    image = plane(rng, 40)
    wires, ticks = SHAPE
    for moved in (
        (wires - 1 - image.coordinates[:, 0], image.coordinates[:, 1]),
        (image.coordinates[:, 0], ticks - 1 - image.coordinates[:, 1]),
        (image.coordinates[:, 0] + 2, image.coordinates[:, 1] + 4),
    ):
        grid = (
            Grid((wires + 2, ticks + 4))
            if moved[0].max() >= wires or moved[1].max() >= ticks
            else Grid(SHAPE)
        )
        order = np.argsort(grid.ids(np.column_stack(moved)))
        labels = {kind: column.take(order) for kind, column in image.labels.items()}
        other = Image(grid, np.column_stack(moved)[order], image.charge[order], labels)
        a, b = plane_confusion(pooled(image)), plane_confusion(pooled(other))
        b[0, 0] -= (grid.pixels - image.grid.pixels) // 4
        np.testing.assert_array_equal(a, b)


def test_pooling_never_loses_a_true_neutrino_nor_gains_one(rng):
    image = plane(rng, 60)
    small = pooled(image)
    blocks = {tuple(c // 2) for c in image.coordinates[image.labels["origin"].values == 2]}
    assert {tuple(c) for c in small.coordinates[small.labels["origin"].values == 2]} == blocks


def test_the_baseline_is_what_a_network_that_calls_all_above_ten_cosmic_gets(rng):
    image = plane(rng, 80)
    said = count_plane(with_baseline(image))
    plain = count_plane(image)
    np.testing.assert_array_equal(said.full, plain.full_baseline)
    np.testing.assert_array_equal(said.pooled, plain.pooled_baseline)
    assert plain.pooled_baseline[:, 2].sum() == 0


def test_exactly_ten_is_not_above_ten():
    image = Image.from_points(Grid((2, 2)), np.array([[0, 0], [1, 1]]), np.array([10.0, 10.5]))
    assert with_baseline(image).labels["prediction"].values.tolist() == [0, 1]


def test_an_odd_side_cannot_be_pooled(rng):
    with pytest.raises(InvalidArgument, match=r"must divide the sides of the \(13, 10\) image"):
        count_plane(plane(rng, 10, shape=(13, 10)))


@pytest.mark.parametrize("pixels", [0, 1, 30, 140])
@pytest.mark.parametrize("reach", [0, 1, 2, 5])
def test_near_equals_a_dilated_image(rng, pixels, reach):
    """Slow twin: the track dilated by a square, read at the pixels; borders and corners included."""
    grid = Grid(SHAPE)
    track = grid.coordinates(rng.choice(grid.pixels, 6, replace=False))
    pixel = grid.coordinates(rng.choice(grid.pixels, pixels, replace=False))
    full = np.zeros(SHAPE)
    full[tuple(track.T)] = 1
    wide = maximum_filter(full, size=2 * reach + 1, mode="constant")
    assert near(pixel, track, reach) == int(wide[tuple(pixel.T)].sum())


def test_blurring_counts_predictions_beside_a_track_and_none_far_away():
    """A true line of 5 pooled pixels; predicted 3 pixels wide, and a blob far away."""
    grid = Grid((40, 40))
    track = [(20, 2 * tick) for tick in range(5)]
    wide = [(20 + 2 * side, tick) for _, tick in track for side in (-1, 1)]
    far = [(2, 30), (2, 32)]
    ids = grid.ids(np.array(track + wide + far))
    order = np.argsort(ids)
    truth = np.array([1] * 5 + [0] * 12)[order]
    labels = {
        "origin": LabelColumn(truth, COSMIC),
        "prediction": LabelColumn(np.ones(17, int), COSMIC),
    }
    image = Image(grid, grid.coordinates(ids[order]), np.ones(17, np.float32), labels)
    counts = EventCounts({}, Interaction("cosmic"), (count_plane(image),))
    found = report([counts])["blurring"]
    assert found["cosmic"]["value"] == 3.0
    assert found["neutrino"]["value"] is None
    assert found["reach_pixels"] == BLUR_REACH == 2


def test_a_blur_is_not_seen_where_the_truth_is_not_known():
    """A true pixel, one beside it that is called cosmic and whose truth is not known: nothing is blurred."""
    labels = {
        "origin": LabelColumn(np.array([1, -1]), COSMIC),
        "prediction": LabelColumn(np.array([1, 1]), COSMIC),
    }
    image = Image(Grid((8, 8)), np.array([[2, 2], [4, 2]], np.int32), np.ones(2, np.float32), labels)
    assert count_plane(image).blur.tolist() == [[1, 1], [0, 0]]


def event(rng, kind, energy=float("nan"), pixels=60, perfect=False):
    truth = rng.integers(0, 2 if kind == "cosmic" else 3, pixels)
    said = truth if perfect else rng.integers(0, 3, pixels)
    planes = tuple(count_plane(plane(rng, pixels, truth=truth, said=said, projection=p)) for p in range(3))
    return EventCounts({"file": "a.h5", "entry": 0}, Interaction(kind, energy), planes)


def test_the_report_has_every_event_and_plane_and_its_means_are_those_of_the_rows(rng):
    events = [event(rng, "nue", 0.6), event(rng, "nc", 7.5), event(rng, "cosmic", perfect=True)]
    found = report(events)
    rows = [row for each in found["events"] for row in each["planes"]]
    assert len(rows) == 9
    for name in METRICS:
        want = np.mean([row[name] for row in rows])
        assert found["paper"][name]["value"] == pytest.approx(want)
        assert [each[name] for each in found["events"]] == pytest.approx(
            [np.mean([row[name] for row in each["planes"]]) for each in found["events"]]
        )
        assert found["paper"][name]["low"] <= want <= found["paper"][name]["high"]
    assert [each["interaction"] for each in found["events"]] == ["nue", "nc", "cosmic"]
    assert [each["energy_gev"] for each in found["events"]] == [0.6, 7.5, None]
    assert {row["projection"] for row in rows} == {0, 1, 2}
    # Neither true nor predicted neutrino pixels.
    assert [row["iou_neutrino"] for row in rows[6:]] == [1.0] * 3
    for projection in "012":
        mine = [row["iou_cosmic"] for row in rows if str(row["projection"]) == projection]
        assert found["by_plane"][projection]["iou_cosmic"]["value"] == pytest.approx(np.mean(mine))
    totals = Counter()
    for row in rows:
        totals.update(row["pixels"])
    assert found["occupancy"]["neutrino"]["value"] == pytest.approx(totals["neutrino"] / 9)
    assert totals["all"] == 9 * SHAPE[0] * SHAPE[1] / 4


def test_energies_fall_into_their_bins_and_every_neutrino_into_one(rng):
    events = [
        event(rng, "nue", 0.5, perfect=True), event(rng, "nue", 0.7), event(rng, "numu", 0.5),
        event(rng, "nc", 50.0), event(rng, "cosmic"), event(rng, "dirt", 1.0),
    ]  # fmt: skip
    found = report(events)
    rows = {(row["interaction"], row["low_gev"]): row for row in found["by_energy"]}
    assert set(rows) == {("nue", 0.5), ("numu", 0.5), ("nc", 5.0)}
    assert rows["nue", 0.5]["events"] == 2
    assert rows["nc", 5.0]["high_gev"] is None
    assert sum(row["events"] for row in found["by_energy"]) == 4
    assert {kind: part["events"] for kind, part in found["by_interaction"].items()} == {
        "nue": 2, "numu": 1, "nc": 1, "cosmic": 1, "dirt": 1,
    }  # fmt: skip
    alone = report(events[:1])["by_energy"][0]
    assert alone["iou_neutrino"]["value"] == 1.0


def test_intervals_resample_events_and_not_planes(rng):
    """Planes of an event that agree do not make the interval narrower."""
    one = [event(rng, "nue", 1.0, perfect=perfect) for perfect in [True, False] * 6]
    thrice = report(one)["paper"]["iou_neutrino"]
    single = [EventCounts(e.where, e.interaction, e.planes[:1]) for e in one]
    alone = report(single)["paper"]["iou_neutrino"]
    widths = [number["high"] - number["low"] for number in (thrice, alone)]
    # Of independent planes the first would be narrower by the square root of 3, that is 0.58.
    assert widths[0] > 0.8 * widths[1]


def test_changes_are_of_the_metrics_of_the_paper(rng):
    before, after = (rng.integers(1, 50, (12, 3, 3, 3)) for _ in range(2))
    before[3, 1, :, 2] = before[3, 1, 2] = 0  # an empty union counts 1
    found = changes(before, after)
    first, second = (averages(matrices, empty_is_one=True) for matrices in (before, after))
    for name in METRICS:
        assert found[name].value == pytest.approx(second[name]["value"] - first[name]["value"], abs=1e-12)


def test_paired_changes_are_known_better_than_each_number(rng):
    """Events differ much from one another, and each has one of its 40 cosmic pixels more."""
    right = rng.integers(0, 40, (50, 1))
    before, after = np.zeros((2, 50, 1, 3, 3))
    for matrices, number in ((before, right), (after, right + 1)):
        matrices[..., 1, 1], matrices[..., 1, 0] = number, 40 - number
    change = changes(before, after)["non_background_accuracy"]
    assert change.value == pytest.approx(1 / 40)
    assert change.high - change.low == pytest.approx(0, abs=1e-12)


def test_changes_need_the_same_events():
    with pytest.raises(InvalidArgument, match=r"shapes \(2, 3, 3, 3\) and \(3, 3, 3, 3\)"):
        changes(np.ones((2, 3, 3, 3)), np.ones((3, 3, 3, 3)))
