"""The crop of paper 2 against the definition, and its ties."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.events import Grid, Image
from argoscope.events.vertex_crop import crop_around_vertex, vertex_window


def slow_window(image: Image, vertex: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Every window is tried and its pixels counted."""
    best: tuple[tuple[int, ...], tuple[int, ...]] | None = None
    pixels = image.coordinates[image.charge != 0]
    for low in np.ndindex(*(n - s + 1 for n, s in zip(image.grid.shape, shape, strict=True))):
        if not all(k <= v < k + s for k, v, s in zip(low, vertex, shape, strict=True)):
            continue
        inside = int(((pixels >= low) & (pixels < np.add(low, shape))).all(axis=1).sum())
        off_centre = sum((2 * k + s - 1 - 2 * v) ** 2 for k, s, v in zip(low, shape, vertex, strict=True))
        key = (-inside, off_centre, *low)
        if best is None or key < best[0]:
            best = (key, low)
    assert best is not None
    return best[1]


@given(seed=st.integers(0, 2**20), data=st.data())
def test_window_is_the_best_of_all(make_image: Callable[..., Image], seed: int, data: st.DataObject) -> None:
    image = make_image(seed)
    vertex = tuple(data.draw(st.integers(0, n - 1)) for n in image.grid.shape)
    shape = tuple(data.draw(st.integers(1, n)) for n in image.grid.shape)
    assert vertex_window(image, vertex, shape) == slow_window(image, vertex, shape)


def test_ties_are_centred_on_the_vertex() -> None:
    empty = Image(Grid((20, 20)), np.zeros((0, 2), dtype=np.int32), np.zeros(0))
    assert vertex_window(empty, (10, 10), (5, 5)) == (8, 8)
    assert vertex_window(empty, (10, 10), (4, 4)) == (8, 8)  # 8 and 9 are as near: the smaller one
    assert vertex_window(empty, (0, 19), (5, 5)) == (0, 15)


def test_of_windows_as_near_the_smaller_column_wins() -> None:
    image = Image(Grid((20, 20)), np.array([[8, 12], [12, 8]]), np.ones(2))
    assert vertex_window(image, (10, 10), (4, 4)) == (8, 9)  # (9, 8) holds the other pixel and is as near


def test_pixels_without_charge_do_not_count() -> None:
    image = Image(Grid((9, 9)), np.array([[0, 0], [8, 8]]), np.array([0.0, 1.0]))
    assert vertex_window(image, (4, 4), (5, 5)) == (4, 4)


def test_crop_is_the_window(make_image: Callable[..., Image]) -> None:
    image = make_image(4, (8, 8))
    cropped = crop_around_vertex(image, (3, 5), (4, 6))
    assert cropped.grid.shape == (4, 6)
    low = vertex_window(image, (3, 5), (4, 6))
    inside = ((image.coordinates >= low) & (image.coordinates < np.add(low, (4, 6)))).all(axis=1)
    np.testing.assert_array_equal(cropped.charge, image.charge[inside])


def test_full_plane_of_paper_2_is_fast(rng: np.random.Generator) -> None:
    grid = Grid((3456, 1600))
    ids = np.sort(rng.choice(grid.pixels, 30_000, replace=False))
    image = Image(grid, grid.coordinates(ids), np.ones(len(ids)))
    start = time.perf_counter()
    cropped = crop_around_vertex(image, (1700, 800))
    # Measured 0.02 s; ten times that on a busy machine is still far from trying 262,144 windows.
    assert time.perf_counter() - start < 1
    assert cropped.grid.shape == (512, 512)
    assert len(cropped) >= 30_000 * 512 * 512 / grid.pixels  # no less than the average window


@pytest.mark.parametrize(
    ("vertex", "shape", "message"),
    [
        ((8, 0), (4, 4), r"vertex \(=\(8, 0\)\) lies outside the \(8, 8\) image"),
        ((-1, 0), (4, 4), "lies outside"),
        ((0, 0), (9, 4), r"shape \(=\(9, 4\)\) must have sides from 1"),
        ((0, 0), (0, 4), "must have sides from 1"),
        ((0, 0, 0), (4, 4), "one number for each of the 2 axes"),
    ],
)
def test_what_is_refused(
    make_image: Callable[..., Image], vertex: tuple[int, ...], shape: tuple[int, ...], message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        vertex_window(make_image(1, (8, 8)), vertex, shape)
