"""Objects from edges: whether two pixels that touch belong together.

    score of an edge = sum over channels of w e_i e_j, plus b        e: embeddings of its two pixels

Pixels connected by edges with a score above 0 are one object. One wrong edge
joins two objects, and dead wires part what is one: the ablation that seeds are
compared with.

References
----------
The idea of Graph-SPICE: Koh et al., arXiv:2007.03083; bilinear scores as in SPINE's implementation.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from argoscope.models.instances import (
    FoundInstances,
    connected_pieces,
    instances_of_owners,
    touching_pixels,
)
from argoscope.models.pixel_embedding import PixelEmbedding
from argoscope.sparse import SparseTensor
from argoscope.sparse.convolution import Backend

__all__ = ["EdgeAnswer", "EdgeHead", "instances_of_edges"]


@dataclass(frozen=True)
class EdgeAnswer:
    """What the network says of the images of a batch.

    Parameters
    ----------
    semantic : SparseTensor
        Class scores of every pixel, before softmax.
    edges : Tensor, shape (m, 2), int64
        Rows of pixels that touch.
    scores : Tensor, shape (m,)
        Of the edges, before the sigmoid.
    """

    semantic: SparseTensor
    edges: Tensor
    scores: Tensor


class EdgeHead(nn.Module):
    """From the features of pixels to scores of their edges.

    Parameters
    ----------
    channels, embedding : int
    backend : {"auto", "numba", "torch", "reference"}
    """

    def __init__(self, channels: int, *, embedding: int, backend: Backend = "auto") -> None:
        super().__init__()
        self.embedding = PixelEmbedding(channels, embedding, backend)
        self.weight = nn.Parameter(torch.ones(embedding) / embedding)
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, pixels: SparseTensor, _cells: SparseTensor, *, semantic: SparseTensor) -> EdgeAnswer:
        """Answer of some images."""
        embedding = self.embedding(pixels).features
        edges = torch.from_numpy(touching_pixels(pixels.index)).to(embedding.device)
        first, second = (embedding.index_select(0, rows) for rows in edges.unbind(1))
        return EdgeAnswer(semantic, edges, (first * second * self.weight).sum(dim=1) + self.bias)


def instances_of_edges(answer: EdgeAnswer) -> list[FoundInstances]:
    """Instances of every image of a batch: pieces of at least 10 pixels, and what lies nearest to them."""
    joined = answer.edges[answer.scores > 0].cpu().numpy()
    return instances_of_owners(answer.semantic, connected_pieces(joined, len(answer.semantic.index)))
