"""Random changes of an event that leave its labels true.

Applied to the item of an event while training, each from the event's own
random stream:

mirror         every axis is mirrored with probability 1/2
turn           the axes of a cube change places at random
gain           all charges times exp(g), g normal with this deviation
pixel_gain     each charge times 1 + g, g normal with this deviation
dead_wires     this fraction of the wires, in the groups of the simulation, loses its charge
overlay        with this probability another event of the sample, never itself, is laid over it

Mirrors are right for both kinds of image: a mirrored wire image is that of an
event seen from the other end of the wires or the drift. Turns need equal sides.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch

from argoscope.errors import InvalidArgument
from argoscope.models.preparation import select_rows
from argoscope.simulation.dead_channels import with_dead_groups

__all__ = ["Augmentation", "augmented"]


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Which changes are made; see the module's text. None by default.

    Raises
    ------
    InvalidArgument
        If a number is not from 0 to 1, or all wires would die.
    """

    mirror: bool = False
    turn: bool = False
    gain: float = 0.0
    pixel_gain: float = 0.0
    dead_wires: float = 0.0
    overlay: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 <= value <= 1:
                raise InvalidArgument(f"augmentation {field.name} (={value}) must be from 0 to 1")
        if self.dead_wires == 1:
            raise InvalidArgument("augmentation dead_wires (=1.0) must be below 1: nothing would be left")


def augmented(item: dict[str, Any], augmentation: Augmentation, rng: np.random.Generator) -> dict[str, Any]:
    """A changed copy of an item; overlays are laid on events before.

    Parameters
    ----------
    item : Item
        See `argoscope.training.data`.
    augmentation : Augmentation
    rng : numpy.random.Generator
        The stream of this event in this step.

    Raises
    ------
    InvalidArgument
        If axes are to change places and the sides differ, or wires are to die in a volume.

    Examples
    --------
    >>> item = {"coordinates": torch.tensor([[0, 1, 3]]), "features": torch.tensor([[2.0]]), "shape": (8, 4)}
    >>> augmented(item, Augmentation(mirror=True), np.random.default_rng(2))["coordinates"].tolist()
    [[0, 6, 0]]
    """
    coordinates, features = item["coordinates"].numpy().copy(), item["features"]
    if augmentation.mirror:
        for axis in np.flatnonzero(rng.random(len(item["shape"])) < 0.5):
            coordinates[:, 1 + axis] = item["shape"][axis] - 1 - coordinates[:, 1 + axis]
    if augmentation.turn:
        if len(set(item["shape"])) > 1:
            raise InvalidArgument(f"turn: axes of {item['shape']} cannot change places; leave turn out")
        order = 1 + rng.permutation(len(item["shape"]))
        coordinates = np.ascontiguousarray(coordinates[:, [0, *order]])
    if augmentation.gain:
        features = features * float(np.exp(rng.normal(0.0, augmentation.gain)))
    if augmentation.pixel_gain:
        factors = 1 + rng.normal(0.0, augmentation.pixel_gain, features.shape)
        features = features * torch.from_numpy(factors.clip(0.0).astype(np.float32))
    item = {**item, "coordinates": torch.from_numpy(coordinates), "features": features}
    return _without_wires(item, augmentation.dead_wires, rng) if augmentation.dead_wires else item


def _without_wires(item: dict[str, Any], fraction: float, rng: np.random.Generator) -> dict[str, Any]:
    """The item without the charge on random groups of wires, each image its own."""
    if len(item["shape"]) != 2:
        raise InvalidArgument("dead_wires: a volume has no wires; leave dead_wires out")
    dead = np.zeros((item["images"], item["shape"][0]), dtype=bool)
    for image, good in enumerate(dead):
        dead[image] = with_dead_groups(good, fraction, rng)
    rows = item["coordinates"].numpy()
    return select_rows(item, torch.from_numpy(~dead[rows[:, 0], rows[:, 1]]))
