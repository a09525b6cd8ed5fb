"""The five-class task: a score for every class of every pixel, and what it costs.

What a task gives the loop: the network's answer to a batch, the sum of the
loss with its divisor, and the confusion matrices that a validation counts.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from torch import Tensor, nn

from argoscope.analyses.confusion import confusion_matrix
from argoscope.sparse import SparseTensor
from argoscope.training.config import LossConfig
from argoscope.training.losses import divisor, pixel_losses, reduced

__all__ = ["PixelLoss", "PixelScores", "batch_divisor", "confusions", "loss_sum"]

Batch = dict[str, Any]


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
        weight = next(self.network.parameters())
        x = SparseTensor.from_coordinates(
            batch["coordinates"],
            batch["features"].to(weight.device, weight.dtype),
            shape=batch["shape"],
            batch_size=batch["images"],
        )
        scores: Tensor = self.network(x).in_given_order()
        return scores


class PixelLoss(nn.Module):
    """A network and its loss as one module, so that no precision is lost between the two.

    Parameters
    ----------
    network : Module
    loss : LossConfig
    """

    def __init__(self, network: nn.Module, loss: LossConfig) -> None:
        super().__init__()
        self.answering, self.loss = PixelScores(network), loss

    def forward(self, batch: Batch) -> Tensor:
        """Loss of a part of a step, before the division; a scalar."""
        return loss_sum(self.answering(batch), batch, self.loss)


def loss_sum(scores: Tensor, batch: Batch, loss: LossConfig) -> Tensor:
    """Loss of a part of a step, before the division by the divisor of the whole; a scalar."""
    counted = batch["weight"] != 0
    device = scores.device
    labels, weights = batch["semantic"][counted].to(device), batch["weight"][counted].to(device)
    images = batch["coordinates"][:, 0][counted].to(device)
    losses = pixel_losses(scores[counted.to(device)], labels, loss.gamma)
    return reduced(losses, weights.to(losses.dtype), images, batch["images"], loss.reduction)


def batch_divisor(batch: Batch, loss: LossConfig) -> float:
    """Share of a part in the divisor of its step."""
    return divisor(batch["weight"], batch["images"], loss.reduction)


def confusions(scores: Tensor, batch: Batch, classes: int) -> np.ndarray:
    """Confusion matrix of every image, shape (images, classes, classes); pixels of weight 0 are not counted."""
    predicted = scores.argmax(dim=1).cpu().numpy()
    truth = np.where(batch["weight"].numpy() != 0, batch["semantic"].numpy(), -1)
    rows = np.searchsorted(batch["coordinates"][:, 0].numpy(), np.arange(batch["images"] + 1))
    return np.stack([confusion_matrix(truth[a:b], predicted[a:b], classes) for a, b in pairwise(rows)])
