"""Pixel numbers, positions and windows of a grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.events import Grid
from argoscope.events.grid import ids_first_axis_fastest, require_inside, rows_in

shapes = st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple)


@given(shape=shapes)
def test_ids_number_every_pixel_in_c_order(shape: tuple[int, ...]) -> None:
    grid = Grid(shape)
    everything = np.argwhere(np.ones(shape, dtype=bool)).astype(np.int32)
    np.testing.assert_array_equal(grid.ids(everything), np.arange(grid.pixels))
    np.testing.assert_array_equal(grid.coordinates(np.arange(grid.pixels)), everything)


@given(shape=shapes)
def test_first_axis_fastest_is_fortran_order(shape: tuple[int, ...]) -> None:
    everything = np.argwhere(np.ones(shape, dtype=bool)).astype(np.int32)
    expected = np.ravel_multi_index(tuple(everything.T), shape, order="F")
    np.testing.assert_array_equal(ids_first_axis_fastest(everything, shape), expected)


def test_the_id_of_the_public_sample() -> None:
    assert Grid((2048, 1280)).ids(np.array([[1522, 640]], dtype=np.int32)).tolist() == [1522 * 1280 + 640]


def test_large_grids_have_large_ids() -> None:
    grid = Grid((2**20, 2**20, 2**20))
    corner = np.array([[2**20 - 1] * 3], dtype=np.int32)
    assert grid.ids(corner).tolist() == [2**60 - 1]
    np.testing.assert_array_equal(grid.coordinates(np.array([2**60 - 1])), corner)


@given(shape=shapes, seed=st.integers(0, 1000))
def test_centres_lie_in_their_pixel(shape: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid(shape, size=tuple(rng.random(len(shape)) + 0.1), origin=tuple(rng.normal(size=len(shape))))
    everything = grid.coordinates(np.arange(grid.pixels))
    np.testing.assert_array_equal(grid.indices_of(grid.centres(everything)), everything)


def test_positions_outside_give_indices_outside() -> None:
    grid = Grid((4, 4), size=(8.0, 2.0), origin=(10.0, 0.0))
    positions = np.array([[10.0, 0.0], [17.9, 1.9], [9.9, 0.0], [18.0, 2.0]])
    assert grid.indices_of(positions).tolist() == [[0, 0], [3, 3], [-1, 0], [4, 4]]
    assert grid.pitch == (2.0, 0.5)


@given(shape=shapes, low=st.integers(-5, 5), seed=st.integers(0, 1000))
def test_cropped_pixels_keep_their_positions(shape: tuple[int, ...], low: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    grid = Grid(
        shape, size=tuple(rng.random(len(shape)) + 0.1), origin=tuple(rng.normal(size=len(shape))), unit="cm"
    )
    window = grid.crop((low,) * len(shape), (3,) * len(shape))
    cells = np.zeros((1, len(shape)), dtype=np.int32)
    np.testing.assert_allclose(window.centres(cells), grid.centres(cells + low), atol=1e-12)
    assert (window.unit, window.shape) == ("cm", (3,) * len(shape))


def test_crop_wants_one_number_an_axis() -> None:
    with pytest.raises(InvalidArgument, match="one number for each of the 2 axes"):
        Grid((4, 4)).crop((0,), (2, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"shape": ()}, "one to four sides"),
        ({"shape": (2, 2, 2, 2, 2)}, "one to four sides"),
        ({"shape": (4, 0)}, "at least one pixel"),
        ({"shape": (2**31, 2**31, 2)}, "more pixels than can be numbered"),
        ({"shape": (4, 4), "size": (1.0,)}, "size .* must have one finite number"),
        ({"shape": (4, 4), "origin": (float("nan"), 0.0)}, "origin .* must have one finite number"),
        ({"shape": (4, 4), "size": (1.0, 0.0)}, "size .* must be positive"),
        ({"shape": (4, 4), "unit": "mm"}, r"unit \(='mm'\) must be one of"),
    ],
)
def test_impossible_grids(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        Grid(**arguments)


@pytest.mark.parametrize(
    ("coordinates", "message"),
    [
        (
            np.array([[0, 0], [4, 0]]),
            r"1 of 2 pixels lie outside the \(4, 5\) image; the first is row 1, \[4, 0\]",
        ),
        (np.array([[0, -1]]), r"row 0, \[0, -1\]"),
        (np.array([[0, 0, 0]]), r"must have shape \(n, 2\)"),
        (np.array([0, 0]), r"must have shape \(n, 2\)"),
        (np.array([[0.0, 0.0]]), r"dtype float64\) must be integers"),
    ],
)
def test_coordinates_outside(coordinates: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        require_inside(coordinates, (4, 5))


@pytest.mark.parametrize("bad", [-1, 20])
def test_ids_outside(bad: int) -> None:
    with pytest.raises(
        InvalidArgument, match=rf"pixel id {bad} \(row 1\) lies outside the \(4, 5\) image of 20 pixels"
    ):
        Grid((4, 5)).coordinates(np.array([3, bad]))


def test_no_pixels() -> None:
    grid = Grid((4, 5, 6))
    assert grid.coordinates(np.zeros(0, dtype=np.int64)).shape == (0, 3)
    assert grid.ids(np.zeros((0, 3), dtype=np.int32)).shape == (0,)


numbers = st.lists(st.integers(-4, 12), max_size=12)


@given(ids=numbers, wanted=numbers)
def test_rows_are_those_of_a_search_from_the_front(ids: list[int], wanted: list[int]) -> None:
    """Of any rising list, repeated numbers and none included: absent ones lie before, between and after."""
    ids = sorted(ids)
    found = rows_in(np.array(ids, dtype=np.int64), np.array(wanted, dtype=np.int64))
    assert found.tolist() == [ids.index(number) if number in ids else -1 for number in wanted]
    assert found.dtype == np.int64


@pytest.mark.parametrize(
    ("ids", "wanted", "rows"),
    [
        ([], [], []),
        ([], [3, -1], [-1, -1]),
        ([3, 5], [], []),
        ([3, 5, 9], [2, 4, 10], [-1, -1, -1]),
        ([3, 5, 9], [9, 3, 9, 4, 3], [2, 0, 2, -1, 0]),
        ([0, 2**62 - 1], [2**62 - 1, 2**62 - 2], [1, -1]),
    ],
)
def test_rows_of_wanted_pixels(ids: list[int], wanted: list[int], rows: list[int]) -> None:
    assert rows_in(np.array(ids, dtype=np.int64), np.array(wanted, dtype=np.int64)).tolist() == rows
