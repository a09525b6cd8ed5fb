"""Learning the class of every pixel: the network's answer to a batch, its loss, and what a validation counts.

Two kinds of pixels can be learned: those with charge, which a sparse network
answers, or all pixels of dense images, pooled as the network sees them; there
the background is learned too.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from argoscope.analyses.confusion import confusion_matrix
from argoscope.models.planes import scores_of
from argoscope.sparse import SparseTensor
from argoscope.training.config import LossConfig
from argoscope.training.losses import divisor, pixel_losses, reduced

__all__ = ["PixelLoss", "PixelScores", "batch_divisor", "confusions", "loss_sum", "tensor_of"]

Batch = dict[str, Any]


def tensor_of(batch: Batch, network: nn.Module) -> SparseTensor:
    """The charge of a batch, where the network's weights are."""
    weight = next(network.parameters())
    return SparseTensor.from_coordinates(
        batch["coordinates"],
        batch["features"].to(weight.device, weight.dtype),
        shape=batch["shape"],
        batch_size=batch["images"],
    )


class PixelScores(nn.Module):
    """A network that answers a batch as the loader gives it, with plain tensors.

    Parameters
    ----------
    network : Module
        From a `SparseTensor` to one on the same sites.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Batch) -> Tensor:
        """Scores of every pixel in the order of the batch, shape (n, classes)."""
        x = tensor_of(batch, self.network)
        return scores_of(self.network, x, batch["images_of"]).in_given_order()


class PixelLoss(nn.Module):
    """A network and its loss as one module, so that no precision is lost between the two.

    Parameters
    ----------
    network : Module
        One with `image_scores`, if the loss counts all pixels.
    loss : LossConfig
    """

    def __init__(self, network: nn.Module, loss: LossConfig) -> None:
        super().__init__()
        self.answering, self.loss = PixelScores(network), loss

    def forward(self, batch: Batch) -> Tensor:
        """Loss of a part of a step, before the division; a scalar."""
        if self.loss.pixels == "all":
            network: Any = self.answering.network
            scores = network.image_scores(tensor_of(batch, network), batch["images_of"])
            return _image_loss_sum(scores, batch, self.loss)
        return loss_sum(self.answering(batch), batch, self.loss)


def loss_sum(scores: Tensor, batch: Batch, loss: LossConfig) -> Tensor:
    """Loss of the pixels with charge, before the division by the divisor of the whole; a scalar."""
    pixels = _Pixels(batch["semantic"], batch["weight"], batch["coordinates"][:, 0])
    return _loss_sum(scores, pixels, batch["images"], loss)


def _image_loss_sum(scores: Tensor, batch: Batch, loss: LossConfig) -> Tensor:
    """Loss of all pixels, before the division; scores of shape (images, classes, *sides)."""
    weights = batch["image_weight"]
    images = torch.arange(len(weights)).repeat_interleave(weights[0].numel())
    pixels = _Pixels(batch["image_semantic"].flatten().long(), weights.flatten(), images)
    return _loss_sum(scores.movedim(1, -1).flatten(0, -2), pixels, batch["images"], loss)


class _Pixels(NamedTuple):
    """Class, weight and image of each pixel, all of shape (n,)."""

    labels: Tensor
    weights: Tensor
    images: Tensor


def _loss_sum(scores: Tensor, pixels: _Pixels, count: int, loss: LossConfig) -> Tensor:
    """Loss of some pixels of `count` images, before the division; those of weight 0 have no part in it."""
    device = scores.device
    if not bool(pixels.weights.all()):
        counted = pixels.weights != 0
        scores, pixels = scores[counted.to(device)], _Pixels(*(column[counted] for column in pixels))
    labels, weights, images = pixels
    losses = pixel_losses(scores, labels.to(device), loss.gamma)
    return reduced(losses, weights.to(device, losses.dtype), images.to(device), count, loss.reduction)


def batch_divisor(batch: Batch, loss: LossConfig) -> float:
    """Share of a part in the divisor of its step."""
    weights = batch["image_weight" if loss.pixels == "all" else "weight"]
    return divisor(weights, batch["images"], loss.reduction)


def confusions(scores: Tensor, batch: Batch, classes: int) -> np.ndarray:
    """Confusion matrix of every image, shape (images, classes, classes); pixels of weight 0 are not counted."""
    predicted = scores.argmax(dim=1).cpu().numpy()
    truth = np.where(batch["weight"].numpy() != 0, batch["semantic"].numpy(), -1)
    rows = np.searchsorted(batch["coordinates"][:, 0].numpy(), np.arange(batch["images"] + 1))
    return np.stack([confusion_matrix(truth[a:b], predicted[a:b], classes) for a, b in pairwise(rows)])
