"""What is done to an event before a network sees it: the same in training, prediction and evaluation.

The steps, in this order: planes are chosen, and refused if they have not the
size that is asked for, detached deltas and Michel
electrons relabelled (paper 4) where that truth is asked for, the charge is
multiplied by a factor, then pixels outside the charge window are dropped or
lowered to its end. The card of a network keeps its preparation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import Event, EventId, Image, LabelColumn, map_images
from argoscope.events.relabelling import relabel_detached

__all__ = ["Preparation", "Truth", "chosen_planes", "with_truth"]

Truth = Literal["regular", "relabelled"]
"""Labels as the simulation made them, or after paper 4's relabelling."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What a network needs of an event, and how.

    Parameters
    ----------
    planes : tuple of int
        Projection numbers of the planes it reads; all if empty.
    shape : tuple of int
        Sides that the images must have, in pixels; any if empty.
    truth : {"regular", "relabelled"}
    charge_factor : float
        Multiplied to every charge.
    least : float
        Smallest charge of a pixel, after the factor.
    most : float, optional
        Largest.
    above : {"drop", "clip"}
        What becomes of a pixel with more: paper 3 drops it, paper 2 clips it.

    Raises
    ------
    InvalidArgument
        If the window is empty, its lower end not finite, the factor not positive, a plane named twice or a side
        not positive.

    Examples
    --------
    >>> Preparation(least=10.0, most=300.0, planes=(2,)).planes
    (2,)
    """

    planes: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
    truth: Truth = "regular"
    charge_factor: float = 1.0
    least: float = 0.0
    most: float | None = None
    above: Literal["drop", "clip"] = "drop"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.charge_factor) and self.charge_factor > 0):
            raise InvalidArgument(f"charge_factor (={self.charge_factor}) must be finite and positive")
        if len(set(self.planes)) < len(self.planes):
            raise InvalidArgument(f"planes (={list(self.planes)}) must name each plane once")
        if any(side < 1 for side in self.shape):
            raise InvalidArgument(f"shape (={list(self.shape)}) must have positive sides")
        if not np.isfinite(self.least):
            raise InvalidArgument(f"least (={self.least}) must be finite")
        if self.most is not None and not self.least < self.most:
            raise InvalidArgument(f"least (={self.least}) must be below most (={self.most})")


def chosen_planes(event: Event, planes: tuple[int, ...], shape: tuple[int, ...] = ()) -> Event:
    """The event with the planes that a network reads, in its order, whatever the order in the event.

    Parameters
    ----------
    event : Event
    planes : tuple of int
        Projection numbers; all if empty.
    shape : tuple of int
        Sides that the chosen planes must have, in pixels; any if empty.

    Raises
    ------
    InvalidArgument
        If a plane is missing, or has other sides.
    """
    there = {image.grid.projection: image for image in event.images}
    missing = [number for number in planes if number not in there]
    if missing:
        raise InvalidArgument(
            f"{_named(event)} has the planes {sorted(there)} and lacks {missing} of the planes {list(planes)} "
            "that are read: give a file with all, or choose another model"
        )
    chosen = tuple(there[number] for number in planes) or event.images
    for image in chosen:
        if shape and image.grid.shape != shape:
            raise InvalidArgument(
                f"plane {image.grid.projection} of {_named(event)} has {image.grid.shape} pixels, and images of "
                f"{shape} are read: give them at that resolution, or choose another model"
            )
    return replace(event, images=chosen) if planes else event


def _named(event: Event) -> str:
    """An event in an error; files of other programs may not number theirs."""
    return "an event without run number" if event.id == EventId() else f"event {tuple(event.id)}"


def with_truth(event: Event, truth: Truth) -> Event:
    """The event with the truth asked for; one without semantic labels stays as it is."""
    return map_images(event, _relabelled) if truth == "relabelled" else event


def _relabelled(image: Image) -> Image:
    column = image.labels.get("semantic")
    if column is None:
        return image
    values = relabel_detached(image.coordinates, column.values)
    return replace(image, labels={**image.labels, "semantic": LabelColumn(values, column.scheme)})
