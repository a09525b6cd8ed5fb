"""No pixel vanishes: each spot shows the pixel that matters most of those it covers."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.display.raster import pool, pooled_shape


def slow_pool(coordinates, charge, background, shape, spots):
    """The definition: look at every pixel of every spot."""
    rows = np.full(spots, -1, dtype=np.int64)
    for row, pixel in enumerate(coordinates.tolist()):
        spot = tuple(i * s // n for i, s, n in zip(pixel, spots, shape, strict=True))
        best = rows[spot]
        if best < 0 or (not background[row], charge[row]) > (not background[best], charge[best]):
            rows[spot] = row
    return rows


@pytest.mark.parametrize("pixels", [0, 1, 60, 77])
@pytest.mark.parametrize("spots", [(11, 7), (4, 7), (3, 2), (1, 1)])
def test_pooling_is_its_definition(pixels: int, spots: tuple[int, int], rng: np.random.Generator) -> None:
    shape = (11, 7)
    ids = rng.choice(77, pixels, replace=False)
    coordinates = np.stack(np.unravel_index(ids, shape), axis=1)
    charge = rng.permutation(pixels).astype(float)
    background = rng.random(pixels) < 0.5
    got = pool(coordinates, charge, background, shape, spots)
    assert np.array_equal(got, slow_pool(coordinates, charge, background, shape, spots))


def test_a_volume_is_pooled_likewise(rng: np.random.Generator) -> None:
    shape, spots = (9, 5, 6), (4, 5, 2)
    ids = rng.choice(270, 100, replace=False)
    coordinates = np.stack(np.unravel_index(ids, shape), axis=1)
    charge = rng.permutation(100).astype(float)
    background = np.zeros(100, dtype=bool)
    got = pool(coordinates, charge, background, shape, spots)
    assert np.array_equal(got, slow_pool(coordinates, charge, background, shape, spots))


def test_a_thin_track_in_2048_wires_leaves_no_gap_in_450_spots() -> None:
    wires = np.arange(2048)
    track = np.stack([wires, wires * 1280 // 2048], axis=1)
    rows = pool(track, np.ones(2048), np.zeros(2048, bool), (2048, 1280), (450, 280))
    assert (rows >= 0).any(axis=1).all()


def test_strong_background_stays_behind_a_weak_label() -> None:
    rows = pool(np.array([[0, 0], [1, 0]]), np.array([900.0, 5.0]), np.array([True, False]), (2, 1), (1, 1))
    assert rows.tolist() == [[1]]


def test_an_image_is_never_enlarged() -> None:
    assert pooled_shape((3, 2048), (450, 450)) == (3, 450)
