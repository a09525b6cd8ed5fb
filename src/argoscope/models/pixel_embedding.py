"""An embedding of every pixel, from its features in two layers."""

from __future__ import annotations

from torch import nn

from argoscope.sparse import Linear, SparseTensor
from argoscope.sparse.convolution import Backend

__all__ = ["PixelEmbedding"]

HIDDEN = 64
"""Channels between the layers."""


class PixelEmbedding(nn.Module):
    """Two linear layers with ReLU between.

    Parameters
    ----------
    channels, embedding : int
        Channels before and after.
    backend : {"auto", "numba", "torch", "reference"}

    Examples
    --------
    >>> import torch
    >>> x = SparseTensor.from_coordinates([[0, 9, 1]], torch.ones(1, 4), shape=(16, 16))
    >>> PixelEmbedding(4, 5)(x).features.shape
    torch.Size([1, 5])
    """

    def __init__(self, channels: int, embedding: int, backend: Backend = "auto") -> None:
        super().__init__()
        self.first = Linear(channels, HIDDEN, backend=backend)
        self.second = Linear(HIDDEN, embedding, backend=backend)

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Embed; the sites stay."""
        hidden = self.first(x)
        embedded: SparseTensor = self.second(hidden.with_features(hidden.features.relu()))
        return embedded
