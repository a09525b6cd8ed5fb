"""Learning the instances of wire planes: a step's loss, and what a validation counts.

What a network's answer costs is said where its kind of answer is learned:

========================  ======================================
answer                    loss
========================  ======================================
masks of seeds            `argoscope.training.seed_learning`
edges, condensation       `argoscope.training.partition_learning`
boxes (Mask R-CNN)        `argoscope.training.box_learning`
========================  ======================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import accumulate
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from argoscope.analyses.instance_blocks import Rules, measure_block
from argoscope.analyses.true_instances import active_part
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, IDENTIFIER, Grid, Image, LabelColumn
from argoscope.events.instances import Instances
from argoscope.models.condensation import CondensationAnswer
from argoscope.models.found import Answer, found_instances
from argoscope.models.instances import FoundInstances
from argoscope.models.mask_rcnn import BoxAnswer
from argoscope.models.pixel_edges import EdgeAnswer
from argoscope.models.seed_masks import SeedAnswer
from argoscope.training.box_learning import box_loss_sum
from argoscope.training.config import TrainingConfig
from argoscope.training.data import Item, collate
from argoscope.training.partition_learning import partition_loss_sum
from argoscope.training.pixels import tensor_of
from argoscope.training.samples import Samples
from argoscope.training.seed_learning import seed_loss_sum
from argoscope.training.seed_targets import image_targets
from argoscope.training.tasks import task_named

__all__ = [
    "InstanceLoss",
    "instance_divisor",
    "measured_instances",
    "require_instances",
    "validate_instances",
]

_LOSSES: Mapping[type, Callable[[Any, Item, TrainingConfig, bool], Tensor]] = {
    SeedAnswer: lambda answer, batch, config, learning: seed_loss_sum(
        answer, batch, config, learning=learning
    ),
    EdgeAnswer: lambda answer, batch, _config, _learning: partition_loss_sum(answer, batch),
    CondensationAnswer: lambda answer, batch, _config, _learning: partition_loss_sum(answer, batch),
    BoxAnswer: lambda answer, batch, config, _learning: box_loss_sum(answer, batch, config),
}
"""Losses of the images of a batch, added up, by the kind of answer; told whether a step learns by them."""


def _loss_sum(answer: Answer, batch: Item, config: TrainingConfig, *, learning: bool) -> Tensor:
    return _LOSSES[type(answer)](answer, batch, config, learning)


class InstanceLoss(nn.Module):
    """A network of instances and its loss as one module.

    Parameters
    ----------
    network : InstanceNetwork or MaskRCNN
    config : TrainingConfig
    """

    def __init__(self, network: nn.Module, config: TrainingConfig) -> None:
        super().__init__()
        self.network, self.config = network, config

    def forward(self, batch: Item) -> Tensor:
        """Sum of the losses of the images of a part of a step; a scalar."""
        answer = self.network(tensor_of(batch, self.network))
        return _loss_sum(answer, batch, self.config, learning=True)


def instance_divisor(batch: Item) -> float:
    """Share of a part in the divisor of its step: its images."""
    return float(batch["images"])


def validate_instances(network: nn.Module, samples: Samples, config: TrainingConfig) -> dict[str, float]:
    """Instances of a sample against the true ones.

    Parameters
    ----------
    network : InstanceNetwork or MaskRCNN
    samples : Samples
    config : TrainingConfig

    Returns
    -------
    dict
        The numbers of the task (`argoscope.training.tasks`), of instances with a score of at least 0.4, and ``loss``,
        the mean of the images; that of seeds without the loss of the embedding.

    Raises
    ------
    InvalidArgument
        If no image of the sample has an instance.
    """
    events: list[np.ndarray] = []
    loss = images = 0.0
    was_training = network.training
    network.eval()
    with torch.no_grad():
        for batch in DataLoader(samples, batch_size=config.batch, collate_fn=collate):
            answer = network(tensor_of(batch, network))
            loss += float(_loss_sum(answer, batch, config, learning=False))
            images += instance_divisor(batch)
            found = found_instances(answer)
            ends = list(accumulate(batch["images_of"]))
            events += np.split(
                np.stack([measured_instances(f, b) for f, b in zip(found, _images(batch), strict=True)]),
                ends[:-1],
            )
    network.train(was_training)
    if not any(np.isfinite(images[:, 0]).any() for images in events):
        raise _no_instance(len(events))
    return {**task_named(config.task).numbers(events), "loss": loss / images}


def require_instances(samples: Samples) -> None:
    """Refuse a sample that `validate_instances` would, before a network is trained; events are read up to the first with one.

    Parameters
    ----------
    samples : Samples

    Raises
    ------
    InvalidArgument
        If no image of the sample has an instance.
    """
    items = (samples[number] for number in range(len(samples)))
    if not any(_has_instance(image) for item in items for image in _images(item)):
        raise _no_instance(len(samples))


def _has_instance(image: Image) -> bool:
    """Whether an image has an instance that counts: one that can be missed."""
    nothing = FoundInstances(
        np.zeros((0, len(image)), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32)
    )
    return bool(np.isfinite(measured_instances(nothing, image)[0]))


def _no_instance(events: int) -> InvalidArgument:
    return InvalidArgument(f"the {events} events of data.validation have no instance: choose others")


def _images(batch: Item) -> list[Image]:
    """The images of a batch, with ancestors and classes."""
    rows, grid = batch["coordinates"].numpy(), Grid(batch["shape"])
    images = []
    for number in range(batch["images"]):
        here = np.flatnonzero(rows[:, 0] == number)
        here = here[np.argsort(grid.ids(rows[here, 1:]))]
        labels = {
            "ancestor": LabelColumn(batch["ancestor"][here].numpy(), IDENTIFIER),
            "origin": LabelColumn(batch["semantic"][here].numpy(), COSMIC),
        }
        images.append(Image(grid, rows[here, 1:], batch["features"][here, 0].numpy(), labels))
    return images


def measured_instances(found: FoundInstances, image: Image) -> np.ndarray:
    """How well the instances of one image were found.

    Parameters
    ----------
    found : FoundInstances
        Those with a score of at least 0.4 count, but for AP50.
    image : Image
        With labels "ancestor" and "origin".

    Returns
    -------
    ndarray, shape (9,)
        Each of `METRICS`; not a number where there is nothing to average.
    """
    said = found.on(image.grid, image.ids)
    block = measure_block(active_part(image), _true_instances(image), said, Rules())
    with np.errstate(invalid="ignore"):
        return np.where(block.bottoms > 0, block.tops / block.bottoms, np.nan)


def _true_instances(image: Image) -> Instances:
    """The instances of an image, short ones too: a prediction of one that is not counted is no mistake."""
    ancestor, origin = image.label("ancestor"), image.label("origin")
    targets = image_targets(ancestor.values, origin.values, image.charge, origin.labelled, least=1)
    sets = [image.ids[targets.member == number] for number in range(len(targets.classes))]
    return Instances.of_sets(image.grid, sets, targets.classes, np.ones(len(sets)), scheme=COSMIC)
