"""Random changes of an event that leave its labels true.

Applied to the item of an event while training, each from the event's own
random stream:

mirror         every axis is mirrored with probability 1/2
mirror_axes    the same, of these axes alone
turn           the axes of a cube change places at random
gain           all charges times exp(g), g normal with this deviation
plane_gain     the same, with a g of its own for every image of the event
pixel_gain     each charge times 1 + g, g normal with this deviation
noise          each charge plus a normal number of this deviation, in the unit of charge
common_noise   the same, one number for 128 neighbouring wires at one time
threshold      charges below u are lost, u from 0 to this charge, each image its own
dead_wires     this fraction of the wires, in the groups of the simulation, loses its charge
overlay        with this probability another event of the sample, never itself, is laid over it

A mirrored wire image is that of an event seen from the other end of the wires
or the drift, in which every particle keeps its class. Neutrinos, though, go
along the beam: where they are told from cosmic rays, wires must not be mirrored.
The drift may be, as SBND's two volumes mirror each other about the cathode, in
the middle of the picture. Turns need equal sides.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch

from argoscope.errors import InvalidArgument
from argoscope.models.windows import select_rows
from argoscope.simulation.dead_channels import with_dead_groups

__all__ = ["Augmentation", "augmented"]

BOARD_WIRES = 128
"""Channels of a front-end board of SBND (arXiv:2002.08424, section 2), whose noise has much in common."""
_CHARGES = ("noise", "common_noise", "threshold")
"""Changes whose size is a charge."""


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """Which changes are made; see the module's text. None by default.

    Raises
    ------
    InvalidArgument
        If a number is not from 0 to 1, a charge negative, an axis no axis or given twice, or all wires would die.
    """

    mirror: bool = False
    mirror_axes: tuple[int, ...] = ()
    turn: bool = False
    gain: float = 0.0
    plane_gain: float = 0.0
    pixel_gain: float = 0.0
    noise: float = 0.0
    common_noise: float = 0.0
    threshold: float = 0.0
    dead_wires: float = 0.0
    overlay: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _CHARGES and not 0 <= value < float("inf"):
                raise InvalidArgument(f"augmentation {field.name} (={value}) must be a charge, 0 or more")
            if field.name not in {*_CHARGES, "mirror_axes"} and not 0 <= value <= 1:
                raise InvalidArgument(f"augmentation {field.name} (={value}) must be from 0 to 1")
        axes = self.mirror_axes
        if (
            len(set(axes)) < len(axes)
            or any(axis not in {0, 1, 2} for axis in axes)
            or (axes and self.mirror)
        ):
            raise InvalidArgument(
                f"augmentation mirror_axes (={list(axes)}) must be some of 0, 1, 2, each once; mirror (={self.mirror}) is "
                "for all axes: set one of the two"
            )
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
    coordinates = _mirrored(item, augmentation, rng)
    if augmentation.turn:
        if len(set(item["shape"])) > 1:
            raise InvalidArgument(f"turn: axes of {item['shape']} cannot change places; leave turn out")
        order = 1 + rng.permutation(len(item["shape"]))
        coordinates = np.ascontiguousarray(coordinates[:, [0, *order]])
    item = {**item, "coordinates": torch.from_numpy(coordinates)}
    item = {**item, "features": _scaled(item, augmentation, rng)}
    if augmentation.dead_wires:
        item = _without_wires(item, augmentation.dead_wires, rng)
    return _noisy(item, augmentation, rng)


def _mirrored(item: dict[str, Any], augmentation: Augmentation, rng: np.random.Generator) -> np.ndarray:
    """Coordinates with some of the axes mirrored, in all images alike."""
    coordinates: np.ndarray = item["coordinates"].numpy().copy()
    dimensions = len(item["shape"])
    axes = tuple(range(dimensions)) if augmentation.mirror else augmentation.mirror_axes
    if any(axis >= dimensions for axis in axes):
        raise InvalidArgument(
            f"mirror_axes (={list(axes)}): images of {item['shape']} have {dimensions} axes"
        )
    if axes:
        for axis in np.flatnonzero(rng.random(dimensions) < 0.5):
            if axis in axes:
                coordinates[:, 1 + axis] = item["shape"][axis] - 1 - coordinates[:, 1 + axis]
    return coordinates


def _scaled(item: dict[str, Any], augmentation: Augmentation, rng: np.random.Generator) -> torch.Tensor:
    """Charges times random factors, shape (n, 1)."""
    features: torch.Tensor = item["features"]
    if augmentation.gain:
        features = features * float(np.exp(rng.normal(0.0, augmentation.gain)))
    if augmentation.plane_gain:
        factors = np.exp(rng.normal(0.0, augmentation.plane_gain, item["images"])).astype(np.float32)
        features = features * torch.from_numpy(factors)[item["coordinates"][:, 0], None]
    if augmentation.pixel_gain:
        factors = 1 + rng.normal(0.0, augmentation.pixel_gain, features.shape)
        features = features * torch.from_numpy(factors.clip(0.0).astype(np.float32))
    return features


def _noisy(item: dict[str, Any], augmentation: Augmentation, rng: np.random.Generator) -> dict[str, Any]:
    """The item with noise added to its charges, and without those below a random threshold."""
    rows, charge = item["coordinates"].numpy(), item["features"].numpy()[:, 0]
    if augmentation.noise:
        charge = charge + rng.normal(0.0, augmentation.noise, len(charge)).astype(np.float32)
    if augmentation.common_noise:
        # What shares its noise: image, board, and all other coordinates.
        places = np.column_stack([rows[:, 0], rows[:, 1] // BOARD_WIRES, rows[:, 2:]])
        groups, member = np.unique(places, axis=0, return_inverse=True)
        common = rng.normal(0.0, augmentation.common_noise, len(groups)).astype(np.float32)
        charge = charge + common[member.ravel()]
    item = {**item, "features": torch.from_numpy(charge)[:, None]}
    if not augmentation.threshold:
        return item
    least = rng.uniform(0.0, augmentation.threshold, item["images"])
    return select_rows(item, torch.from_numpy(charge >= least[rows[:, 0]]))


def _without_wires(item: dict[str, Any], fraction: float, rng: np.random.Generator) -> dict[str, Any]:
    """The item without the charge on random groups of wires, each image its own."""
    if len(item["shape"]) != 2:
        raise InvalidArgument("dead_wires: a volume has no wires; leave dead_wires out")
    dead = np.zeros((item["images"], item["shape"][0]), dtype=bool)
    for image, good in enumerate(dead):
        dead[image] = with_dead_groups(good, fraction, rng)
    rows = item["coordinates"].numpy()
    return select_rows(item, torch.from_numpy(~dead[rows[:, 0], rows[:, 1]]))
