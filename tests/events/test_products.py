"""Products: what a file holds, checked and frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from argoscope.errors import InvalidArgument
from argoscope.events import Boxes, Clusters, DenseImage, Grid, Image, Voxels

GRID = Grid((4, 5))


def test_stored_order_is_kept() -> None:
    voxels = Voxels(GRID, np.array([7, 3, 7]), np.array([1.0, 2.0, 3.0]))
    assert (voxels.ids.tolist(), voxels.values.dtype, len(voxels)) == ([7, 3, 7], np.float32, 3)
    assert voxels.coordinates.tolist() == [[1, 2], [0, 3], [1, 2]]


@pytest.mark.parametrize(
    ("ids", "values", "message"),
    [
        ([1, 2], [1.0], r"ids \(shape \(2,\)\) and values \(shape \(1,\)\)"),
        ([[1]], [[1.0]], "columns of the same length"),
        (
            [1, 20, -1],
            [1.0] * 3,
            r"2 of 3 pixel ids lie outside the \(4, 5\) image; the first is 20 in row 1",
        ),
    ],
)
def test_impossible_voxels(ids: Any, values: Any, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        Voxels(GRID, np.array(ids), np.array(values))


def test_clusters_with_an_empty_one_and_a_shared_pixel() -> None:
    clusters = Clusters(
        GRID, np.array([1, 2, 2]), np.array([1.0, 2.0, 3.0]), np.array([0, 2, 2, 3]), np.array([9, 8, 7])
    )
    assert len(clusters) == 3
    assert clusters.cluster_of_row.tolist() == [0, 0, 2]
    assert [clusters.cluster(k).values.tolist() for k in range(3)] == [[1.0, 2.0], [], [3.0]]
    assert clusters.coordinates.tolist() == [[0, 1], [0, 2], [0, 2]]


@pytest.mark.parametrize(
    ("offsets", "numbers", "message"),
    [
        ([0, 3], [1, 2], "must be one more than the 2 clusters"),
        ([1, 3], [1], "run from 0 to the 3 pixels"),
        ([0, 2], [1], "run from 0 to the 3 pixels"),
        ([0, 3, 2, 3], [1, 2, 3], "offsets must not fall; they do after cluster 1"),
    ],
)
def test_impossible_clusters(offsets: list[int], numbers: list[int], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        Clusters(GRID, np.array([1, 2, 3]), np.ones(3), np.array(offsets), np.array(numbers))


def test_no_clusters() -> None:
    none = Clusters(GRID, np.zeros(0), np.zeros(0), np.zeros(1), np.zeros(0))
    assert (len(none), none.cluster_of_row.tolist()) == (0, [])


def test_a_dense_image_has_the_shape_of_its_grid() -> None:
    dense = DenseImage(GRID, np.arange(20).reshape(4, 5))
    above = dense.above(18)
    assert (above.ids.tolist(), above.values.tolist()) == ([18, 19], [18.0, 19.0])
    with pytest.raises(
        InvalidArgument, match=r"pixels \(shape \(5, 4\)\) must have the grid's shape \(4, 5\)"
    ):
        DenseImage(GRID, np.zeros((5, 4)))


def test_boxes() -> None:
    boxes = Boxes(GRID, np.zeros((2, 2)), np.ones((2, 2)), np.zeros((2, 2, 2)))
    assert len(boxes) == 2
    assert len(Boxes(GRID, np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2, 2)))) == 0
    with pytest.raises(InvalidArgument, match=r"half_length \(shape \(1, 2\)\) must have shape \(2, 2\)"):
        Boxes(GRID, np.zeros((2, 2)), np.ones((1, 2)), np.zeros((2, 2, 2)))


def test_products_are_frozen_and_equal_by_content(make_image: Callable[..., Image]) -> None:
    one, same = make_image(9, (8, 8)).truth, make_image(9, (8, 8)).truth
    assert one == same
    assert one is not None
    assert one != make_image(10, (8, 8)).truth
    with pytest.raises(ValueError, match="read-only"):
        one.offsets[0] = 1
    values = np.array([1.0], dtype=np.float32)
    voxels = Voxels(GRID, np.array([1]), values)
    assert values.flags.writeable  # the caller's own array stays as it was
    assert voxels == Voxels(GRID, np.array([1]), np.array([1.0]))
    assert voxels != Voxels(GRID, np.array([1]), np.array([1.5]))
    assert voxels != Voxels(Grid((5, 4)), np.array([1]), np.array([1.0]))
