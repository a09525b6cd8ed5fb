"""Events small enough to know every pixel of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from argoscope.events import COSMIC, IDENTIFIER, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.source import Description, EventFile

SHAPE = (64, 40)
UNEQUAL_CHARGE = (5.0, 900.0)


def plane(projection: int, pixels: int, rng: np.random.Generator, grid: Grid | None = None) -> Image:
    grid = grid or Grid(SHAPE, projection=projection)
    ids = np.sort(rng.choice(grid.pixels, pixels, replace=False))
    charge = rng.uniform(*UNEQUAL_CHARGE, pixels)
    image = Image.from_points(grid, grid.coordinates(ids), charge)
    return image.with_labels(
        origin=LabelColumn(rng.integers(0, 3, pixels), COSMIC),
        instance=LabelColumn(rng.integers(-1, 9, pixels), IDENTIFIER),
    )


@pytest.fixture
def planes(rng: np.random.Generator) -> Event:
    """Three planes with 30, 20 and no pixels."""
    images = tuple(plane(p, n, rng) for p, n in enumerate((30, 20, 0)))
    return Event(EventId(1, 2, 7), images, detector="toy")


@pytest.fixture
def volume(rng: np.random.Generator) -> Event:
    """A volume with unequal sides and 50 voxels."""
    grid = Grid((12, 20, 33), size=(24.0, 40.0, 66.0), origin=(-10.0, 0.0, 5.0), unit="cm")
    return Event(EventId(3, 0, 1), (plane(0, 50, rng, grid),), charge_unit="MeV")


class MemoryFile(EventFile):
    """Events that lie in memory, behind the interface of a file."""

    format = "memory"

    def __init__(self, path: Path, events: list[Event]) -> None:
        super().__init__(path)
        self.events = events

    def _open(self) -> list[Event]:
        return self.events

    def __len__(self) -> int:
        return len(self.events)

    def _event(self, index: int) -> Event:
        return self.events[index]

    def describe(self) -> Description:
        return Description(self.format, len(self), 1)


@pytest.fixture
def memory_file() -> Callable[..., MemoryFile]:
    """Make a file of events."""
    return lambda *events: MemoryFile(Path("toy.h5"), list(events))
