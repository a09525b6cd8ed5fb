"""What the answers of seeds cost in a step: some cells and pixels of each image are asked.

    loss of an image = mean over asked seeds with an object of their mask's loss
                       + 0.5 cross entropy of the class of asked cells
                       + 0.5 cross entropy of the class of pixels
                       + 0.2 cross entropy of the quality of asked cells
                       + 0.1 loss of the embedding, in the first fifth of the steps of a training

The cells and pixels that a step looks at are drawn from a stream of the
training's seed, the step and the place of the event in it, so that a training
that goes on draws what an undisturbed one does.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from argoscope.models.seed_masks import SeedAnswer
from argoscope.models.seed_selection import cells_of
from argoscope.training.config import SeedConfig, TrainingConfig
from argoscope.training.data import Item
from argoscope.training.instance_pixels import (
    SEMANTIC_WEIGHT,
    PixelColumns,
    semantic_loss,
    sorted_columns,
)
from argoscope.training.plan import image_stream
from argoscope.training.seed_losses import embedding_loss, mask_losses, soft_overlaps
from argoscope.training.seed_targets import asked_cells, cell_objects, image_targets

__all__ = ["seed_loss_sum"]

CLASS_WEIGHT, QUALITY_WEIGHT, EMBEDDING_WEIGHT = 0.5, 0.2, 0.1
EMBEDDING_SHARE = 0.2
"""Of the steps in which the embedding has a loss of its own: masks then have taken shape."""


class _Asked(NamedTuple):
    """What a step looks at in one image: rows of pixels and cells, and what they should answer.

    pixels (p,) and member (p,): pixels, instance of each; cells (s,) and instance (s,): cells, the instance of each;
    classes (t,): class of each instance.
    """

    pixels: Tensor
    member: Tensor
    cells: Tensor
    instance: Tensor
    classes: Tensor


def seed_loss_sum(answer: SeedAnswer, batch: Item, config: TrainingConfig, *, learning: bool) -> Tensor:
    """Losses of the images of a batch, added up.

    Parameters
    ----------
    answer : SeedAnswer
    batch : Item
    config : TrainingConfig
    learning : bool
        Whether it is a step's: a validation has no loss of the embedding.
    """
    total = SEMANTIC_WEIGHT * semantic_loss(answer.semantic, batch)
    for image, asked in enumerate(_asked_of(answer, batch, config)):
        total = total + _answers_loss(answer, asked)
        if learning and int(batch["place"][image, 0]) < EMBEDDING_SHARE * config.steps:
            own = answer.embedding.index_select(0, asked.pixels)
            total = total + EMBEDDING_WEIGHT * embedding_loss(own, asked.member, len(asked.classes))
    return total


def _answers_loss(answer: SeedAnswer, asked: _Asked) -> Tensor:
    """Loss of the seeds of one image: masks, classes, quality."""
    terms, kernels = answer.terms.features, answer.kernels
    if not len(asked.cells):
        return terms.new_zeros(())
    has = asked.instance >= 0
    seeds, instance = asked.cells[has], asked.instance[has]
    classes = torch.zeros_like(asked.instance).masked_scatter(has, asked.classes[instance])
    loss = CLASS_WEIGHT * cross_entropy(answer.classes.index_select(0, asked.cells), classes)
    quality = terms.new_zeros(len(asked.cells))
    if len(seeds):
        logits = kernels.index_select(0, seeds) @ terms.index_select(0, asked.pixels).T
        truth = (asked.member[None] == instance[:, None]).to(logits.dtype)
        loss = loss + mask_losses(logits, truth).mean()
        quality = quality.masked_scatter(has, soft_overlaps(logits, truth))
    said = answer.quality.index_select(0, asked.cells)
    return loss + QUALITY_WEIGHT * binary_cross_entropy_with_logits(said, quality)


def _asked_of(answer: SeedAnswer, batch: Item, config: TrainingConfig) -> list[_Asked]:
    """What a step looks at in each image of its batch."""
    pixels, cells = answer.terms.index, answer.cells
    home = cells_of(pixels, cells)
    columns = sorted_columns(batch, pixels.given)
    found = []
    for image, (first, last) in enumerate(pairwise(pixels.event_starts.tolist())):
        start, end = cells.event_starts[image : image + 2].tolist()
        rng = image_stream(config.seed, *batch["place"][image].tolist())
        asked = _asked_of_image(
            columns.part(first, last), home[first:last] - start, end - start, config.seeds, rng
        )  # fmt: skip
        moved = asked._replace(pixels=asked.pixels + first, cells=asked.cells + start)
        found.append(_Asked(*(column.to(answer.kernels.device) for column in moved)))
    return found


def _asked_of_image(
    columns: PixelColumns, home: np.ndarray, cells: int, config: SeedConfig, rng: np.random.Generator
) -> _Asked:
    """What a step looks at in one image, rows counted from the first of the image."""
    targets = image_targets(*columns)
    objects = cell_objects(targets.member, home, cells)
    chosen, instance = asked_cells(
        objects, len(targets.classes), rng, seeds=config.of_instance, others=config.others
    )  # fmt: skip
    counted = np.flatnonzero(columns.counts)
    rows = np.sort(rng.permutation(counted)[: config.pixels])
    arrays = (rows, targets.member[rows], chosen, instance, targets.classes)
    return _Asked(*(torch.from_numpy(np.asarray(array, dtype=np.int64)) for array in arrays))
