"""Which event, and which part of it, shows most: where many classes are seen, and of the rarest the most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from argoscope.display.difference import truth_kind
from argoscope.events import Event, Image
from argoscope.events.image import LabelKind
from argoscope.events.transforms import crop
from argoscope.events.vertex_crop import vertex_window

__all__ = ["close_up", "most_telling", "richness", "shown_truth"]

LEAST_PIXELS = 10
"""A class with fewer is not to be seen."""


def shown_truth(event: Event) -> LabelKind | None:
    """The truth that is shown of an event: that of its prediction, without one its classes, or else its origins."""
    kinds: tuple[LabelKind, ...] = ("semantic", "origin")
    for image in event.images:
        known = [truth_kind(image), *(kind for kind in kinds if kind in image.labels)]
        if found := next((kind for kind in known if kind), None):
            return found
    return None


def richness(images: Sequence[Image], kind: LabelKind) -> tuple[int, int]:
    """Classes that some images show together, background apart, and pixels of the rarest of them.

    Examples
    --------
    >>> from argoscope.events import COSMIC, Grid, LabelColumn
    >>> image = Image.from_points(Grid((9, 9)), np.array([[n // 9, n % 9] for n in range(32)]), np.ones(32))
    >>> origin = np.repeat([0, 1, 2], [9, 12, 11])
    >>> richness([image.with_labels(origin=LabelColumn(origin, COSMIC))], "origin")
    (2, 11)
    """
    seen = [number for number in _class_pixels(images, kind).values() if number >= LEAST_PIXELS]
    return len(seen), min(seen, default=LEAST_PIXELS)


def most_telling(events: Iterable[Event]) -> int:
    """Position of the event with the most to be seen; the first of equals, and where none has truth.

    Parameters
    ----------
    events : iterable of Event
        At least one.
    """
    worth = [richness(event.images, kind) if (kind := shown_truth(event)) else (0, 0) for event in events]
    return worth.index(max(worth))


def close_up(event: Event, side: int) -> Event | None:
    """The square of one plane that shows most: of those around the middle of a class, the one with the most classes.

    Parameters
    ----------
    event : Event
        Of planes.
    side : int
        In pixels.

    Returns
    -------
    Event or None
        With one image; of squares with as many classes one of the last plane, which is the collection plane. None where no class is to be seen, or no plane is as large.
    """
    kind = shown_truth(event)
    planes = [image for image in event.images if kind in image.labels and min(image.grid.shape) >= side]
    if event.dimensions != 2 or kind is None:
        return None
    squares = [square for image in planes for square in _squares(image, kind, side)]
    if not squares:
        return None

    def worth(square: Image) -> tuple[int, int, int]:
        classes, rarest = richness([square], kind)
        return classes, square.grid.projection, rarest

    return replace(event, images=(max(squares, key=worth),))


def _squares(image: Image, kind: LabelKind, side: int) -> list[Image]:
    """Squares of an image, one for each class: that with its middle and the most of its pixels."""
    squares = []
    for value, pixels in _class_pixels([image], kind).items():
        if pixels >= LEAST_PIXELS:
            own = image.take(image.labels[kind].values == value)
            far = np.abs(own.coordinates - np.median(own.coordinates, axis=0)).max(axis=1)
            middle = tuple(int(n) for n in own.coordinates[far.argmin()])
            squares.append(crop(image, vertex_window(own, middle, (side, side)), (side, side)))
    return squares


def _class_pixels(images: Sequence[Image], kind: LabelKind) -> dict[int, int]:
    """Pixels of each class that is no background, together."""
    counts: dict[int, int] = {}
    for column in (image.labels[kind] for image in images if kind in image.labels):
        for value, name in enumerate(column.scheme.classes):
            if name != "background":
                counts[value] = counts.get(value, 0) + int((column.values == value).sum())
    return counts
