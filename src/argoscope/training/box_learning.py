"""What the answers of Mask R-CNN cost in a step.

    loss of an image = the five losses of `argoscope.models.mask_rcnn`

The true interactions are those that are counted; pixels of others belong to
none. Which anchors and proposals count is drawn from a stream of the training's
seed, the step and the place of the event in it, as with seeds.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from argoscope.events import COSMIC, LabelScheme
from argoscope.models.detections import Targets, targets_of
from argoscope.models.mask_rcnn import BoxAnswer
from argoscope.training.config import TrainingConfig
from argoscope.training.data import Item
from argoscope.training.instance_pixels import PixelColumns, sorted_columns
from argoscope.training.plan import image_stream
from argoscope.training.seed_targets import image_targets

__all__ = ["box_loss_sum", "box_targets"]


def box_loss_sum(answer: BoxAnswer, batch: Item, config: TrainingConfig) -> Tensor:
    """Losses of the images of a batch, added up.

    Parameters
    ----------
    answer : BoxAnswer
    batch : Item
    config : TrainingConfig
    """
    index, scheme = answer.pixels, answer.network.config.boxes.scheme
    columns = sorted_columns(batch, index.given)
    targets = [
        box_targets(columns.part(first, last), index.coordinates[first:last], scheme)
        for first, last in pairwise(index.event_starts.tolist())
    ]
    drawing = [_generator(image_stream(config.seed, *place)) for place in batch["place"].tolist()]
    losses = answer.network.losses(answer, targets, drawing)
    return torch.stack(list(losses.values())).sum() * len(targets)


def box_targets(columns: PixelColumns, coordinates: np.ndarray, scheme: LabelScheme) -> Targets:
    """The true interactions of one image.

    Parameters
    ----------
    columns : PixelColumns
    coordinates : ndarray, shape (n, 2), int
        Wire and time of each pixel.
    scheme : LabelScheme
        Classes that they are told in.
    """
    found = image_targets(*columns)
    classes = {
        number: scheme.index(COSMIC.classes[label]) for number, label in enumerate(found.classes.tolist())
    }
    return targets_of(torch.from_numpy(coordinates), torch.from_numpy(found.member), classes)


def _generator(stream: np.random.Generator) -> torch.Generator:
    """A generator of torch that draws as the stream decides."""
    return torch.Generator().manual_seed(int(stream.integers(2**63)))
