"""Metrics of instances: against loops over sets of pixels, and their laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analyses.slow_instances import Plane
from tests.analyses.slow_instances import average_precision as slow_average_precision

from argoscope.analyses.instance_metrics import (
    adjusted_rand_index,
    average_precision,
    charge_efficiencies,
    duplicates,
    efficiencies,
    hits,
    panoptic,
    purities,
)
from argoscope.analyses.instance_overlaps import contingency, overlaps_of
from argoscope.analyses.true_instances import active_part
from argoscope.errors import InvalidArgument
from argoscope.events import Grid, Image
from argoscope.events.instances import Instances

GRID = Grid((6, 9), projection=2)  # unequal sides: swapped axes cannot pass unseen
TOLERANCE = {"rel": 1e-12, "nan_ok": True}  # sums of a few whole numbers, divided once


def plane(rng, *, pixels=40, truths=5, predictions=7):
    """A plane with some pixels below threshold; true sets apart, predicted ones overlapping, some off the charge."""
    ids = np.sort(rng.choice(GRID.pixels, pixels, replace=False))
    image = Image(GRID, GRID.coordinates(ids), rng.uniform(5, 60, pixels))
    owner = rng.integers(-1, truths, pixels)
    true = [ids[owner == number] for number in range(truths)]
    true = [pixels for pixels in true if len(pixels) and (image.charge[np.isin(ids, pixels)] >= 10).any()]
    said = [
        np.flatnonzero(rng.random(GRID.pixels) < rng.choice([0.02, 0.2, 0.6])) for _ in range(predictions)
    ]
    # Some nearly right.
    said[: len(true)] = [
        np.union1d(t[rng.random(len(t)) < 0.9], [rng.integers(GRID.pixels)]) for t in true[:predictions]
    ]
    scores = rng.permutation(predictions) / predictions
    return image, true, said, scores


def both(image, true, said, scores):
    """The fast overlaps and table, and the slow twin."""
    active = active_part(image)
    truth = Instances.of_sets(GRID, true, np.ones(len(true)), np.ones(len(true)))
    found = Instances.of_sets(GRID, said, np.ones(len(said)), scores)
    twin = Plane(dict(zip(image.ids.tolist(), image.charge.tolist(), strict=True)), true, said, scores)
    return overlaps_of(active, truth, found), contingency(active, truth, found), twin


def ratio(pair):
    return pair[0] / pair[1] if pair[1] else float("nan")


@pytest.mark.parametrize("least", [1, 4, 100])
def test_every_metric_equals_loops_over_sets(rng, least):
    seen = set()
    for _ in range(40):
        sizes = {
            "pixels": rng.integers(0, 45), "truths": rng.integers(1, 7), "predictions": rng.integers(0, 9)
        }  # fmt: skip
        image, true, said, scores = plane(rng, **sizes)
        overlaps, table, twin = both(image, true, said, scores)
        counted = overlaps.true_pixels >= least
        assert efficiencies(overlaps).tolist() == pytest.approx(twin.efficiencies(), **TOLERANCE)
        assert charge_efficiencies(overlaps).tolist() == pytest.approx(twin.charge_efficiencies(), rel=1e-6)
        assert purities(overlaps).tolist() == pytest.approx(twin.purities(), **TOLERANCE)
        assert duplicates(overlaps).tolist() == twin.duplicates()
        assert hits(overlaps, counted).tolist() == twin.hits(least)
        assert ratio(panoptic(overlaps, counted)) == pytest.approx(twin.panoptic_quality(least), **TOLERANCE)
        assert adjusted_rand_index(table) == pytest.approx(twin.adjusted_rand_index(), **TOLERANCE)
        right = hits(overlaps, counted)
        seen |= set(right.tolist())
        found = average_precision(
            overlaps.scores, right, np.ones((1, len(right))), np.array([counted.sum()])
        )[0]
        wanted = slow_average_precision(scores.tolist(), right.tolist(), int(counted.sum()))
        assert found == pytest.approx(wanted, **TOLERANCE)
    assert seen >= ({0, -1} if least == 100 else {0, 1})


def everything(image, true, said, scores):
    """All metrics in one row."""
    overlaps, table, _ = both(image, true, said, scores)
    counted = np.ones(len(true), bool)
    right = hits(overlaps, counted)
    area = average_precision(overlaps.scores, right, np.ones((1, len(right))), np.array([len(true)]))[0]
    return {
        "efficiency": efficiencies(overlaps),
        "charge": charge_efficiencies(overlaps),
        "purity": np.sort(purities(overlaps)),
        "duplicates": duplicates(overlaps),
        "quality": ratio(panoptic(overlaps, counted)),
        "rand": adjusted_rand_index(table),
        "area": area,
    }


def same(one, other):
    for name, value in one.items():
        np.testing.assert_allclose(other[name], value, rtol=1e-12, err_msg=name)


def test_truth_as_prediction_is_perfect(rng):
    image, true, *_ = plane(rng)
    found = everything(image, true, true, np.linspace(0.5, 1, len(true)))
    for name in ("efficiency", "charge", "purity", "quality", "rand", "area"):
        np.testing.assert_array_equal(found[name], np.ones_like(found[name]))
    assert not found["duplicates"].any()


def test_the_order_of_predictions_changes_nothing(rng):
    image, true, said, scores = plane(rng)
    order = rng.permutation(len(said))
    same(
        everything(image, true, said, scores),
        everything(image, true, [said[k] for k in order], scores[order]),
    )


def test_one_mask_over_everything_is_efficient_and_impure(rng):
    """What efficiency alone cannot see: purity is the largest share, panoptic quality falls."""
    image, true, *_ = plane(rng)
    found = everything(image, true, [np.arange(GRID.pixels)], np.ones(1))
    assert (found["efficiency"] == 1).all()
    active = image.ids[image.charge >= 10]
    largest = max(np.isin(t, active).sum() for t in true)
    assert found["purity"].tolist() == [largest / len(active)]
    assert found["quality"] < 0.2
    assert found["rand"] == pytest.approx(0, abs=1e-12)


def test_splitting_a_mask_costs_efficiency_and_no_purity(rng):
    image, true, *_ = plane(rng)
    biggest = max(range(len(true)), key=lambda k: np.isin(true[k], image.ids[image.charge >= 10]).sum())
    pieces = [true[biggest][::2], true[biggest][1::2]]
    said = [*(t for k, t in enumerate(true) if k != biggest), *pieces]
    found = everything(image, true, said, np.linspace(0.5, 1, len(said)))
    assert (found["purity"] == 1).all()
    assert 0.4 <= found["efficiency"][biggest] < 1
    assert (np.delete(found["efficiency"], biggest) == 1).all()
    assert found["quality"] < 1
    assert found["rand"] < 1


def test_the_union_of_predictions_is_no_prediction(rng):
    """Efficiency is that of the best single prediction: two halves have a half each."""
    image = Image.from_points(GRID, np.stack([np.zeros(8, int), np.arange(8)], axis=1), np.full(8, 20.0))
    found = everything(image, [range(8)], [range(4), range(4, 8)], np.ones(2))
    assert found["efficiency"].tolist() == [0.5]
    assert found["purity"].tolist() == [1.0, 1.0]


def test_a_duplicate_is_free_in_efficiency_and_purity_and_costs_quality(rng):
    image, true, *_ = plane(rng)
    found = everything(image, true, [*true, true[0]], np.linspace(1, 0.5, len(true) + 1))
    assert (found["efficiency"] == 1).all()
    assert (found["purity"] == 1).all()
    assert found["duplicates"].tolist() == [1, *[0] * (len(true) - 1)]
    assert found["quality"] == pytest.approx(len(true) / (len(true) + 0.5))


def test_pixels_below_threshold_do_not_count():
    coordinates = np.stack([np.zeros(4, int), np.arange(4)], axis=1)
    image = Image(GRID, coordinates, np.array([10.0, 30.0, 9.99, 20.0]))
    overlaps, _, _ = both(image, [[0, 1, 2]], [[1, 2, 3], [2]], [0.9, 0.8])
    assert efficiencies(overlaps).tolist() == [0.5]
    assert charge_efficiencies(overlaps).tolist() == [0.75]
    # The second prediction has no active pixel: it counts, with purity 0.
    assert purities(overlaps).tolist() == [0.5, 0.0]
    assert hits(overlaps, np.array([True])).tolist() == [0, 0]


def test_without_predictions_nothing_is_found_and_no_purity_is_there(rng):
    image, true, *_ = plane(rng)
    overlaps, table, _ = both(image, true, [], [])
    assert not efficiencies(overlaps).any()
    assert purities(overlaps).shape == (0,)
    assert panoptic(overlaps, np.ones(len(true), bool)) == (0.0, len(true) / 2)
    assert adjusted_rand_index(table) == 0


def test_without_truth_predictions_are_mistakes(rng):
    image, _, said, scores = plane(rng)
    overlaps, table, _ = both(image, [], said, scores)
    assert not purities(overlaps).any()
    assert panoptic(overlaps, np.zeros(0, bool)) == (0.0, len(said) / 2)
    assert np.isnan(adjusted_rand_index(table))
    none = average_precision(
        overlaps.scores, np.zeros(len(said), int), np.ones((1, len(said))), np.array([0])
    )
    assert np.isnan(none).all()


@pytest.mark.parametrize("row", [[0, 7], [7, 0], [3, 4], [1, 1]])
def test_a_single_true_instance_has_no_rand_index(row):
    """There is nothing to tell apart: found whole, in two parts or not at all."""
    assert np.isnan(adjusted_rand_index(np.array([row])))
    assert np.isnan(adjusted_rand_index(np.array([row, [0, 0]])))


def test_one_pixel_and_no_pixel_are_planes():
    one = Image.from_points(GRID, np.array([[5, 8]]), np.array([50.0]))
    found = everything(one, [[53]], [[53]], np.ones(1))
    assert (found["efficiency"].tolist(), found["quality"]) == ([1.0], 1.0)
    assert np.isnan(found["rand"])
    empty = Image.from_points(GRID, np.zeros((0, 2), int), np.zeros(0))
    overlaps, table, _ = both(empty, [], [[3]], [0.5])
    assert purities(overlaps).tolist() == [0.0]
    assert table.shape == (0, 2)


def test_true_instances_may_share_pixels():
    image = Image.from_points(GRID, np.stack([np.zeros(6, int), np.arange(6)], axis=1), np.full(6, 20.0))
    overlaps, _, twin = both(image, [[0, 1, 2, 3], [3, 4, 5]], [[3, 4, 5], [0, 3]], [1.0, 0.5])
    assert efficiencies(overlaps).tolist() == twin.efficiencies() == [0.5, 1.0]
    assert purities(overlaps).tolist() == twin.purities() == [1.0, 1.0]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 1)), max_size=12), st.integers(0, 6))
def test_average_precision_equals_the_area_of_its_definition(pairs, missed):
    """Scores of five values: many are equal."""
    scores = np.array([score / 4 for score, _ in pairs])
    right = np.array([value for _, value in pairs], dtype=np.int64)
    truths = int((right == 1).sum()) + missed
    found = average_precision(scores, right, np.ones((1, len(pairs))), np.array([truths]))[0]
    wanted = slow_average_precision(scores.tolist(), right.tolist(), truths)
    assert found == pytest.approx(wanted, **TOLERANCE)


def test_weights_of_average_precision_are_repetitions(rng):
    scores, right = rng.random(9).round(1), rng.integers(-1, 2, 9)
    times = rng.integers(0, 4, 9)
    found = average_precision(scores, right, times[None].astype(float), np.array([20]))
    again = average_precision(
        np.repeat(scores, times), np.repeat(right, times), np.ones((1, times.sum())), np.array([20])
    )
    np.testing.assert_allclose(found, again, rtol=1e-12)


def test_an_instance_of_another_image_or_with_a_pixel_twice_is_refused():
    image = Image.from_points(GRID, np.array([[0, 0], [0, 1]]), np.full(2, 20.0))
    truth = Instances.of_sets(GRID, [[0]], [1], [1.0])
    with pytest.raises(InvalidArgument, match=r"instances lie in an image of \(9, 6\) pixels"):
        overlaps_of(image, truth, Instances.of_sets(Grid((9, 6)), [[0]], [1], [1.0]))
    with pytest.raises(InvalidArgument, match=r"instance 1 lists a pixel twice"):
        overlaps_of(image, truth, Instances.of_sets(GRID, [[0], [1, 1]], [1, 1], [1.0, 1.0]))
