"""What the losses of instances share: the labels of a batch as a network sees them, and the loss of the pixels' classes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from argoscope.sparse import SparseTensor
from argoscope.training.data import Item

__all__ = ["SEMANTIC_WEIGHT", "PixelColumns", "semantic_loss", "sorted_columns"]

SEMANTIC_WEIGHT = 0.5
"""Of the class of pixels in the loss of an image."""


class PixelColumns(NamedTuple):
    """What is known of pixels, as `image_targets` takes it."""

    ancestor: np.ndarray
    semantic: np.ndarray
    charge: np.ndarray
    counts: np.ndarray

    def part(self, first: int, last: int) -> PixelColumns:
        """Some of the rows."""
        return PixelColumns(*(column[first:last] for column in self))


def sorted_columns(batch: Item, given: np.ndarray) -> PixelColumns:
    """Labels, charge and whether each pixel counts, in the order of the network's sites.

    Parameters
    ----------
    batch : Item
    given : ndarray, shape (n,), int
        Row of the sites of each pixel of the batch.
    """
    order = np.empty(len(given), dtype=np.int64)
    order[given] = np.arange(len(given))
    columns = (
        batch["ancestor"].numpy(),
        batch["semantic"].numpy(),
        batch["features"][:, 0].numpy(),
        batch["weight"].numpy() != 0,
    )
    return PixelColumns(*(column[order] for column in columns))


def semantic_loss(semantic: SparseTensor, batch: Item) -> Tensor:
    """Cross entropy of the class of pixels: sum over images of the mean over their labelled pixels.

    Parameters
    ----------
    semantic : SparseTensor
        Class scores of every pixel, before softmax.
    batch : Item
    """
    scores, weights = semantic.in_given_order(), batch["weight"].to(semantic.features)
    images = batch["coordinates"][:, 0].to(scores.device)
    counted = weights != 0
    losses = (
        cross_entropy(scores, batch["semantic"].to(scores.device).clamp(min=0), reduction="none") * counted
    )
    sums = losses.new_zeros(2, batch["images"])
    sums = sums.index_add(1, images, torch.stack([losses, counted.to(losses.dtype)]))
    return (sums[0] / sums[1].clamp(min=1)).sum()
