"""Toy images for the tests of events, the odd ones among them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    Clusters,
    Event,
    EventId,
    Grid,
    Image,
    LabelColumn,
)

SHAPES = [(8, 8), (6, 12), (2, 20), (4, 4, 4), (2, 4, 6)]


def _clusters(rng: np.random.Generator, grid: Grid, count: int) -> Clusters:
    """Clusters with rows sorted by pixel in each, empty ones among them; a pixel may be in several."""
    sizes = [int(rng.integers(0, min(5, grid.pixels) + 1)) for _ in range(count)]
    ids = [np.sort(rng.choice(grid.pixels, size, replace=False)) for size in sizes]
    return Clusters(
        grid,
        np.concatenate([*ids, np.zeros(0, dtype=np.int64)]).astype(np.int64),
        rng.random(sum(sizes)).astype(np.float32),
        np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]),
        np.arange(count),
    )


def _image(seed: int, shape: tuple[int, ...] | None = None, clusters: int = 4, projection: int = 0) -> Image:
    """An image with labels and truth; one in four is empty, has one pixel, or is full."""
    rng = np.random.default_rng(seed)
    if shape is None:
        shape = SHAPES[rng.integers(len(SHAPES))]
    grid = Grid(
        shape,
        size=tuple(0.3 * n for n in shape),
        origin=(5.0, -2.0, 7.0)[: len(shape)],
        projection=projection,
    )
    n = int(rng.choice([0, 1, grid.pixels, *rng.integers(0, grid.pixels + 1, 9)]))
    ids = np.sort(rng.choice(grid.pixels, n, replace=False)).astype(np.int64)
    labels = {
        "semantic": LabelColumn(rng.integers(0, 6, n).astype(np.int32), FIVE_CLASS),
        "origin": LabelColumn(rng.integers(-1, 3, n).astype(np.int32), COSMIC),
        "instance": LabelColumn(rng.integers(-1, clusters, n).astype(np.int32), IDENTIFIER),
    }
    # Quarters add exactly in float32, so that laws hold to the last bit.
    charge = rng.integers(1, 400, n).astype(np.float32) / 4
    return Image(grid, grid.coordinates(ids), charge, labels, _clusters(rng, grid, clusters))


@pytest.fixture(scope="session")
def make_image() -> Callable[..., Image]:
    """An image from a seed, and where wanted its shape, number of clusters and projection."""
    return _image


@pytest.fixture(scope="session")
def make_event() -> Callable[..., Event]:
    """An event of three planes from a seed."""

    def make(seed: int, clusters: int = 4) -> Event:
        planes = ((6, 12), (6, 12), (8, 8))
        images = tuple(_image(seed * 3 + p, shape, clusters, p) for p, shape in enumerate(planes))
        return Event(EventId(1, 2, seed), images, detector="toy")

    return make
