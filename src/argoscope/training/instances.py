"""Learning the instances of wire planes: a step's loss, and what a validation counts.

    loss of an image = mean over asked seeds with an object of their mask's loss
                       + 0.5 cross entropy of the class of asked cells
                       + 0.5 cross entropy of the class of pixels
                       + 0.2 cross entropy of the quality of asked cells
                       + 0.1 loss of the embedding, in the first fifth of the steps

Networks that part the pixels of an image instead, the ablations, have the loss
of their pixels' classes and that of `argoscope.training.partition_losses`.

The cells and pixels that a step looks at are drawn from a stream of the
training's seed, the step and the place of the event in it, so that a training
that goes on draws what an undisturbed one does.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy
from torch.utils.data import DataLoader

from argoscope.analyses.instance_blocks import Rules, measure_block
from argoscope.analyses.true_instances import active_part
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, IDENTIFIER, Grid, Image, LabelColumn
from argoscope.events.instances import Instances
from argoscope.models.condensation import CondensationAnswer
from argoscope.models.found import found_instances
from argoscope.models.instance_network import Answer
from argoscope.models.instances import FoundInstances
from argoscope.models.pixel_edges import EdgeAnswer
from argoscope.models.seed_masks import SeedAnswer
from argoscope.models.seed_selection import cells_of
from argoscope.training.config import SeedConfig, TrainingConfig
from argoscope.training.data import Item, collate
from argoscope.training.partition_losses import condensation_loss, edge_loss
from argoscope.training.pixels import tensor_of
from argoscope.training.plan import image_stream
from argoscope.training.samples import Samples
from argoscope.training.seed_losses import embedding_loss, mask_losses, soft_overlaps
from argoscope.training.seed_targets import asked_cells, cell_objects, image_targets
from argoscope.training.tasks import task_named

__all__ = [
    "InstanceLoss",
    "instance_divisor",
    "measured_instances",
    "require_instances",
    "validate_instances",
]

CLASS_WEIGHT, SEMANTIC_WEIGHT, QUALITY_WEIGHT, EMBEDDING_WEIGHT = 0.5, 0.5, 0.2, 0.1
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


class _Columns(NamedTuple):
    """What is known of pixels, as `image_targets` takes it."""

    ancestor: np.ndarray
    semantic: np.ndarray
    charge: np.ndarray
    counts: np.ndarray


class InstanceLoss(nn.Module):
    """A network of instances and its loss as one module.

    Parameters
    ----------
    network : InstanceNetwork
    config : TrainingConfig
    """

    def __init__(self, network: nn.Module, config: TrainingConfig) -> None:
        super().__init__()
        self.network, self.config = network, config

    def forward(self, batch: Item) -> Tensor:
        """Sum of the losses of the images of a part of a step; a scalar."""
        answer: Answer = self.network(tensor_of(batch, self.network))
        if not isinstance(answer, SeedAnswer):
            return _partition_loss_sum(answer, batch)
        asked = _asked_of(answer, batch, self.config)
        total = _loss_sum(answer, asked, batch)
        for image, looked_at in enumerate(asked):
            if int(batch["place"][image, 0]) < EMBEDDING_SHARE * self.config.steps:
                own = answer.embedding.index_select(0, looked_at.pixels)
                loss = embedding_loss(own, looked_at.member, len(looked_at.classes))
                total = total + EMBEDDING_WEIGHT * loss
        return total


def _loss_sum(answer: SeedAnswer, asked: list[_Asked], batch: Item) -> Tensor:
    """Losses of the images of a batch, but for that of the embedding, added up."""
    total = SEMANTIC_WEIGHT * _semantic_loss(answer, batch)
    for looked_at in asked:
        total = total + _answers_loss(answer, looked_at)
    return total


def _partition_loss_sum(answer: EdgeAnswer | CondensationAnswer, batch: Item) -> Tensor:
    """Losses of the images of a batch where a network parts their pixels, added up."""
    index = answer.semantic.index
    columns = _sorted_columns(batch, index.given)
    total = SEMANTIC_WEIGHT * _semantic_loss(answer, batch)
    for first, last in pairwise(index.event_starts.tolist()):
        targets = image_targets(*(column[first:last] for column in columns))
        member = torch.from_numpy(targets.member).to(total.device)
        counts = torch.from_numpy(columns.counts[first:last]).to(total.device)
        if isinstance(answer, EdgeAnswer):
            mine = (answer.edges[:, 0] >= first) & (answer.edges[:, 0] < last)
            total = total + edge_loss(answer.scores[mine], answer.edges[mine] - first, member, counts)
        else:
            said = (answer.places[first:last][counts], answer.certainty[first:last][counts])
            total = total + condensation_loss(*said, member[counts], len(targets.classes))
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


def _semantic_loss(answer: Answer, batch: Item) -> Tensor:
    """Cross entropy of the class of pixels: sum over images of the mean over their labelled pixels."""
    scores, weights = answer.semantic.in_given_order(), batch["weight"].to(answer.semantic.features)
    images = batch["coordinates"][:, 0].to(scores.device)
    counted = weights != 0
    losses = (
        cross_entropy(scores, batch["semantic"].to(scores.device).clamp(min=0), reduction="none") * counted
    )
    sums = losses.new_zeros(2, batch["images"])
    sums = sums.index_add(1, images, torch.stack([losses, counted.to(losses.dtype)]))
    return (sums[0] / sums[1].clamp(min=1)).sum()


def _asked_of(answer: SeedAnswer, batch: Item, config: TrainingConfig) -> list[_Asked]:
    """What a step looks at in each image of its batch."""
    pixels, cells = answer.terms.index, answer.cells
    home = cells_of(pixels, cells)
    columns = _sorted_columns(batch, pixels.given)
    found = []
    for image, (first, last) in enumerate(pairwise(pixels.event_starts.tolist())):
        here = slice(first, last)
        start, end = cells.event_starts[image : image + 2].tolist()
        rng = image_stream(config.seed, *batch["place"][image].tolist())
        asked = _asked_of_image(
            _Columns(*(column[here] for column in columns)), home[here] - start, end - start, config.seeds, rng
        )  # fmt: skip
        moved = asked._replace(pixels=asked.pixels + first, cells=asked.cells + start)
        found.append(_Asked(*(column.to(answer.kernels.device) for column in moved)))
    return found


def _sorted_columns(batch: Item, given: np.ndarray) -> _Columns:
    """Labels, charge and whether each pixel counts, in the order of the network's sites."""
    order = np.empty(len(given), dtype=np.int64)
    order[given] = np.arange(len(given))
    columns = (
        batch["ancestor"].numpy(),
        batch["semantic"].numpy(),
        batch["features"][:, 0].numpy(),
        batch["weight"].numpy() != 0,
    )
    return _Columns(*(column[order] for column in columns))


def _asked_of_image(
    columns: _Columns, home: np.ndarray, cells: int, config: SeedConfig, rng: np.random.Generator
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


def instance_divisor(batch: Item) -> float:
    """Share of a part in the divisor of its step: its images."""
    return float(batch["images"])


def validate_instances(network: nn.Module, samples: Samples, config: TrainingConfig) -> dict[str, float]:
    """Instances of a sample against the true ones.

    Parameters
    ----------
    network : InstanceNetwork
    samples : Samples
    config : TrainingConfig

    Returns
    -------
    dict
        The numbers of the task (`argoscope.training.tasks`), of instances with a score of at least 0.4, and ``loss``,
        the mean of the images without that of the embedding.

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
            if isinstance(answer, SeedAnswer):
                loss += float(_loss_sum(answer, _asked_of(answer, batch, config), batch))
            else:
                loss += float(_partition_loss_sum(answer, batch))
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
