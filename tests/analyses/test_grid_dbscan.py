"""DBSCAN of pixels: against scikit-learn's, label for label, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from argoscope.analyses.grid_dbscan import dbscan, largest_cluster
from argoscope.errors import InvalidArgument


def pixels(rng, shape, count):
    """Some pixels of an image in any order, each once."""
    chosen = rng.choice(int(np.prod(shape)), count, replace=False)
    return np.stack(np.unravel_index(chosen, shape), axis=1)


@pytest.mark.parametrize("min_points", [1, 4, 12])
@pytest.mark.parametrize("eps", [0.5, 1.5, 2.8, 5.0])
@pytest.mark.parametrize("shape", [(40, 23), (5, 160), (11, 7, 13), (300,)])
def test_labels_equal_those_of_scikit_learn(rng, shape, eps, min_points):
    for count in (1, 30, 150):
        points = pixels(rng, shape, count)
        wanted = DBSCAN(eps=eps, min_samples=min_points).fit(points.astype(float)).labels_
        np.testing.assert_array_equal(dbscan(points, eps=eps, min_points=min_points), wanted)


def test_rows_do_not_run_into_one_another():
    """The last pixel of a row and the first of the next are far apart."""
    ends = np.array([[0, 9], [1, 0], [4, 9], [5, 0]])
    assert dbscan(ends, eps=2.0, min_points=2).tolist() == [-1, -1, -1, -1]


def test_a_pixel_between_two_clusters_joins_the_first_given():
    line = np.array([[0, k] for k in (0, 1, 2, 3, 5, 7, 8, 9, 10)])
    # Pixel 5 has three neighbours within 2, itself among them: no core, but near one of each side.
    assert dbscan(line, eps=2.0, min_points=4).tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert dbscan(line[::-1], eps=2.0, min_points=4).tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_a_distance_that_is_a_rounded_root_counts():
    corner = np.array([[0, 0, 0], [1, 1, 1]])
    assert dbscan(corner, eps=np.sqrt(3), min_points=2).tolist() == [0, 0]
    assert dbscan(corner, eps=1.73, min_points=2).tolist() == [-1, -1]


def test_the_largest_cluster_by_hand():
    square = np.stack(np.meshgrid(np.arange(4), np.arange(6), indexing="ij"), -1).reshape(-1, 2)
    points = np.concatenate([square, square[:5] + 50, [[90, 90]]])
    assert largest_cluster(points, eps=1.0, min_points=3) == 24
    assert largest_cluster(points[24:], eps=1.0, min_points=3) == 5
    assert largest_cluster(points[-1:], eps=1.0, min_points=2) == 0
    assert largest_cluster(points[:0], eps=10.0, min_points=20) == 0


@pytest.mark.parametrize("eps", [25.0, 38.0, 46.0, 1e6, 1e200])
@pytest.mark.parametrize("min_points", [30, 31])
def test_a_distance_beyond_the_image_is_as_good_as_its_extent(rng, eps, min_points):
    points = pixels(rng, (40, 23), 30)
    wanted = DBSCAN(eps=min(eps, 1e6), min_samples=min_points).fit(points.astype(float)).labels_
    np.testing.assert_array_equal(dbscan(points, eps=eps, min_points=min_points), wanted)


def test_an_impossible_neighbourhood_finds_nothing(rng):
    """Nine pixels at most lie within 1.5 of another: minPts 10 can make no core."""
    full = np.stack(np.meshgrid(np.arange(30), np.arange(20), indexing="ij"), -1).reshape(-1, 2)
    assert largest_cluster(full, eps=1.5, min_points=10) == 0
    assert largest_cluster(full, eps=1.5, min_points=9) == 600


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eps": 0.0, "min_points": 1}, r"eps \(=0.0\) must be a positive"),
        ({"eps": float("nan"), "min_points": 1}, r"eps \(=nan\) must be a positive"),
        ({"eps": float("inf"), "min_points": 1}, r"eps \(=inf\) must be a positive .* finite"),
        ({"eps": 1.0, "min_points": 0}, r"min_points \(=0\) must be at least 1"),
    ],
)
def test_numbers_out_of_range_are_refused(options, message):
    with pytest.raises(InvalidArgument, match=message):
        dbscan(np.zeros((2, 2), int), **options)


def test_pixels_must_be_whole_and_stand_once():
    with pytest.raises(InvalidArgument, match=r"must be a table of whole pixel indices"):
        dbscan(np.zeros((2, 2)), eps=1.0, min_points=1)
    with pytest.raises(InvalidArgument, match=r"\[3, 4\] stands twice"):
        dbscan(np.array([[3, 4], [0, 0], [3, 4]]), eps=1.0, min_points=1)
