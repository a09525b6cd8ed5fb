"""Interactions in an image: true ones to train with, and those that a network finds.

Both know a box, a class and a set of pixels for every interaction. What is
found is said of the active pixels of the image, in the order of the sparse
tensor that the network read: the masks are a table of interactions by pixels.
They may overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from argoscope.errors import InvalidArgument
from argoscope.events.labels import LabelScheme
from argoscope.models.boxes import check_boxes
from argoscope.models.instances import FoundInstances
from argoscope.models.mask_rcnn_config import BoxHeadConfig
from argoscope.models.suppression import nms

__all__ = ["Detections", "Targets", "best_boxes", "no_detections", "targets_of"]


@dataclass(frozen=True, eq=False)
class Targets:
    """The true interactions of one image.

    Attributes
    ----------
    boxes : Tensor, shape (interactions, 4)
        First wire, first time, last wire, last time.
    classes : Tensor of int64, shape (interactions,)
        From 1; 0 is background.
    pixels : tuple of Tensor of int64, each of shape (pixels, 2)
        Wire and time of the pixels of every interaction.

    Raises
    ------
    InvalidArgument
        If a box runs backwards, a class is background, or the three differ in number.
    """

    boxes: Tensor
    classes: Tensor
    pixels: tuple[Tensor, ...]

    def __post_init__(self) -> None:
        check_boxes("boxes of targets", self.boxes)
        numbers = len(self.boxes), len(self.classes), len(self.pixels)
        if len(set(numbers)) > 1:
            raise InvalidArgument(
                f"targets have {numbers[0]} boxes, {numbers[1]} classes and {numbers[2]} sets of pixels; give one of "
                "each for every interaction"
            )
        if (self.classes < 1).any():
            row = int((self.classes < 1).nonzero()[0])
            raise InvalidArgument(
                f"classes of targets: row {row} is {int(self.classes[row])}; classes begin at 1, 0 is background"
            )

    def to(self, features: Tensor) -> Targets:
        """The same on the device, and boxes of the dtype, of some features."""
        device = features.device
        pixels = tuple(part.to(device) for part in self.pixels)
        return Targets(self.boxes.to(features), self.classes.to(device), pixels)


def targets_of(coordinates: Tensor, instances: Tensor, classes: Mapping[int, int]) -> Targets:
    """Targets from the instance of every pixel.

    Parameters
    ----------
    coordinates : Tensor of integers, shape (pixels, 2)
        Wire and time of the active pixels of an image.
    instances : Tensor of integers, shape (pixels,)
        Number of the interaction of each pixel.
    classes : mapping of int to int
        Class of each interaction that counts, by its number; pixels of others belong to none. Interactions without
        pixels are left out.

    Examples
    --------
    >>> pixels = torch.tensor([[2, 9], [3, 8], [5, 5]])
    >>> targets = targets_of(pixels, torch.tensor([7, 7, 4]), {4: 5, 7: 1, 8: 1})
    >>> targets.boxes.tolist(), targets.classes.tolist()
    ([[5.0, 5.0, 5.0, 5.0], [2.0, 8.0, 3.0, 9.0]], [5, 1])
    """
    sets = {number: coordinates[instances == number].long() for number in sorted(classes)}
    sets = {number: pixels for number, pixels in sets.items() if len(pixels)}
    boxes = [torch.cat([pixels.amin(dim=0), pixels.amax(dim=0)]).float() for pixels in sets.values()]
    return Targets(
        torch.stack(boxes) if boxes else torch.zeros(0, 4, device=coordinates.device),
        torch.tensor([classes[number] for number in sets], dtype=torch.int64, device=coordinates.device),
        tuple(sets.values()),
    )


@dataclass(frozen=True, eq=False)
class Detections:
    """The interactions that a network finds in one image, by decreasing score.

    Attributes
    ----------
    boxes : Tensor, shape (found, 4)
    classes : Tensor of int64, shape (found,)
    scores : Tensor, shape (found,)
        Probability of the class.
    probabilities : Tensor, shape (found, pixels)
        That an active pixel of the image belongs to it; 0 for those outside its mask.
    """

    boxes: Tensor
    classes: Tensor
    scores: Tensor
    probabilities: Tensor

    @property
    def masks(self) -> Tensor:
        """Which active pixels belong to each, shape (found, pixels), bool."""
        return self.probabilities > 0

    def chosen(self, rows: Tensor) -> Detections:
        """Some of them, by row numbers or a mask."""
        return Detections(self.boxes[rows], self.classes[rows], self.scores[rows], self.probabilities[rows])

    def found(self, scheme: LabelScheme) -> FoundInstances:
        """The same as claims on the active pixels.

        Parameters
        ----------
        scheme : LabelScheme
            What the network's classes mean.
        """
        claims = (self.scores[:, None] * self.probabilities).float().cpu().numpy()
        scores = self.scores.float().cpu().numpy()
        return FoundInstances(claims, scores, self.classes.cpu().numpy().astype(np.int32), scheme)


def no_detections(features: Tensor, pixels: int) -> Detections:
    """Nothing found in an image of so many active pixels; dtype and device of `features`."""
    nothing = features.new_zeros(0)
    return Detections(features.new_zeros(0, 4), nothing.long(), nothing, features.new_zeros(0, pixels))


def best_boxes(probabilities: Tensor, boxes: Tensor, config: BoxHeadConfig) -> tuple[Tensor, Tensor, Tensor]:
    """What stays of the answers for an image: sure enough, not suppressed within a class, not too many.

    Parameters
    ----------
    probabilities : Tensor, shape (proposals, classes)
    boxes : Tensor, shape (proposals, classes, 4)
        Those of class 0, background, are not read.
    config : BoxHeadConfig

    Returns
    -------
    boxes : Tensor, shape (found, 4)
    classes : Tensor of int64, shape (found,)
    scores : Tensor, shape (found,)
        Decreasing.

    Examples
    --------
    >>> boxes = torch.tensor([[0.0, 0.0, 9.0, 9.0]]).expand(2, 3, 4)
    >>> probabilities = torch.tensor([[0.1, 0.7, 0.2], [0.3, 0.6, 0.1]])
    >>> best_boxes(probabilities, boxes, BoxHeadConfig(class_weights=(1.0, 1.0, 1.0)))[1:]
    (tensor([1, 2]), tensor([0.7000, 0.2000]))
    """
    rows, classes = (probabilities[:, 1:] > config.least_score).nonzero().unbind(1)
    classes = classes + 1
    scores, found = probabilities[rows, classes], boxes[rows, classes]
    kept = nms(found, scores, config.overlap, groups=classes, most=config.most)
    return found[kept], classes[kept], scores[kept]
