"""Objects from condensation: pixels of an object lie near each other in an embedding, around its surest pixel.

Every pixel has a place x in the embedding and a certainty beta from 0 to 1. The
surest pixel not yet taken, with beta of at least 0.1, takes all others that are
not taken and lie within 0.8 of it; and so on.

References
----------
Kieseler, arXiv:2002.03605, section 2; the distance from his range of 0.1 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from argoscope.models.instances import NOBODY, FoundInstances, instances_of_owners
from argoscope.models.pixel_embedding import PixelEmbedding
from argoscope.sparse import SparseTensor
from argoscope.sparse.convolution import Backend

__all__ = ["CondensationAnswer", "CondensationHead", "condensed", "instances_of_condensation"]

LEAST_CERTAINTY = 0.1
REACH = 0.8


@dataclass(frozen=True)
class CondensationAnswer:
    """What the network says of the images of a batch.

    Parameters
    ----------
    semantic : SparseTensor
        Class scores of every pixel, before softmax.
    places : Tensor, shape (pixels, embedding)
    certainty : Tensor, shape (pixels,)
        Before the sigmoid.
    """

    semantic: SparseTensor
    places: Tensor
    certainty: Tensor


class CondensationHead(nn.Module):
    """From the features of pixels to their places and certainties.

    Parameters
    ----------
    channels, embedding : int
    backend : {"auto", "numba", "torch", "reference"}
    """

    def __init__(self, channels: int, *, embedding: int, backend: Backend = "auto") -> None:
        super().__init__()
        self.embedding = PixelEmbedding(channels, embedding + 1, backend)

    def forward(
        self, pixels: SparseTensor, _cells: SparseTensor, *, semantic: SparseTensor
    ) -> CondensationAnswer:
        """Answer of some images."""
        said = self.embedding(pixels).features
        return CondensationAnswer(semantic, said[:, 1:], said[:, 0])


def condensed(places: np.ndarray, certainty: np.ndarray) -> np.ndarray:
    """Owner of each pixel of an image, numbered by falling certainty of the pixels that took others.

    Parameters
    ----------
    places : ndarray, shape (n, e)
    certainty : ndarray, shape (n,)
        From 0 to 1.

    Returns
    -------
    ndarray, shape (n,), int64
        -1 for pixels that none took.

    Examples
    --------
    >>> condensed(np.array([[0.0], [0.5], [3.0], [9.0]]), np.array([0.3, 0.2, 0.9, 0.0])).tolist()
    [1, 1, 0, -1]
    """
    owner = np.full(len(places), NOBODY, dtype=np.int64)
    count = 0
    for pixel in np.argsort(-certainty, kind="stable"):
        if certainty[pixel] < LEAST_CERTAINTY:
            break
        if owner[pixel] == NOBODY:
            near = ((places - places[pixel]) ** 2).sum(axis=1) <= REACH**2
            owner[near & (owner == NOBODY)] = count
            count += 1
    return owner


def instances_of_condensation(answer: CondensationAnswer) -> list[FoundInstances]:
    """Instances of every image of a batch: of at least 10 pixels, and what lies nearest to them."""
    places = answer.places.detach().float().cpu().numpy()
    certainty = torch.sigmoid(answer.certainty.detach().double()).cpu().numpy()
    owner = np.full(len(places), NOBODY, dtype=np.int64)
    for first, last in pairwise(answer.semantic.index.event_starts.tolist()):
        owner[first:last] = condensed(places[first:last], certainty[first:last])
    return instances_of_owners(answer.semantic, owner)
