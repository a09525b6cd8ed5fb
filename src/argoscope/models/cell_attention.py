"""Attention between the cells of a coarse level: what is far apart in an image meets.

Convolutions at a stride of 16 pixels see a few hundred pixels; a cosmic muon is
1,700 long and interrupted by dead wires. Every cell reads all cells of its
image:

    h = x + position(sine and cosine of the place)          once
    h = h + out(attention(norm h))                          in each layer
    h = h + second(ReLU(first(norm h)))

Cells of different images do not meet, and each image is computed by itself, so
that no answer depends on what else a batch holds. `out` and `second` begin at
0: an untrained network is one without attention.

References
----------
Vaswani et al., arXiv:1706.03762, section 3; norm first: Xiong et al., arXiv:2002.04745.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from argoscope.errors import InvalidArgument
from argoscope.sparse import Linear, SiteIndex, SparseTensor
from argoscope.sparse.convolution import Backend

__all__ = ["CellAttention", "cell_positions"]

LONGEST_WAVE = 4096.0
"""Pixels; the longer side of MicroBooNE's image is 3456."""
WAVES = 8
"""Wavelengths, each half the one before: the shortest, 32 pixels, is two cells of 16."""


def cell_positions(index: SiteIndex, stride: int) -> np.ndarray:
    """Sine and cosine of the place of each cell, of wavelengths from 4096 pixels down to 32.

    Parameters
    ----------
    index : SiteIndex
    stride : int
        Pixels of a cell along each axis.

    Returns
    -------
    ndarray, shape (cells, 4 * WAVES), float64

    Examples
    --------
    >>> cell_positions(SiteIndex.from_coordinates([[0, 64, 0]], shape=(216, 63)), 16)[0, :2].round(2).tolist()
    [1.0, 0.0]
    """
    waves = LONGEST_WAVE / 2.0 ** np.arange(WAVES)
    phases = 2 * np.pi * stride * index.coordinates[:, :, None] / waves
    return np.concatenate([np.sin(phases), np.cos(phases)], axis=2).reshape(len(index), 4 * WAVES)


class _Layer(nn.Module):
    """One layer of attention; see the module's text."""

    def __init__(self, channels: int, heads: int, backend: Backend) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(channels)
        self.queries_keys_values = Linear(channels, 3 * channels, backend=backend)
        self.out = Linear(channels, channels, backend=backend)
        self.second_norm = nn.LayerNorm(channels)
        self.first = Linear(channels, 2 * channels, backend=backend)
        self.second = Linear(2 * channels, channels, backend=backend)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: SparseTensor) -> SparseTensor:
        read = self.queries_keys_values(x.with_features(self.norm(x.features))).features
        starts = x.index.event_starts.tolist()
        answers = torch.cat([self._attended(read[a:b]) for a, b in pairwise(starts)])
        x = x.with_features(x.features + self.out(x.with_features(answers)).features)
        hidden = self.first(x.with_features(self.second_norm(x.features)))
        hidden = hidden.with_features(hidden.features.relu())
        return x.with_features(x.features + self.second(hidden).features)

    def _attended(self, read: Tensor) -> Tensor:
        """Values that the cells of one image read from each other, shape (cells, channels)."""
        cells, width = read.shape
        # A copy: matrix products may round by where in memory their operands lie.
        split = (
            read.clone().reshape(1, cells, 3, self.heads, width // (3 * self.heads)).permute(2, 0, 3, 1, 4)
        )
        if not cells:
            return split[0].reshape(0, width // 3)
        return scaled_dot_product_attention(*split).transpose(1, 2).reshape(cells, -1)


class CellAttention(nn.Module):
    """Layers of attention between the sites of each image; the sites stay.

    Parameters
    ----------
    channels : int
    stride : int
        Pixels of a site along each axis.
    layers, heads : int
    backend : {"auto", "numba", "torch", "reference"}

    Raises
    ------
    InvalidArgument
        If the channels cannot be dealt out to the heads.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 1, 4], [1, 3, 4]], torch.ones(2, 8), shape=(4, 5))
    >>> CellAttention(8, stride=16, layers=2)(x).features.shape
    torch.Size([2, 8])
    """

    def __init__(
        self, channels: int, *, stride: int, layers: int, heads: int = 4, backend: Backend = "auto"
    ) -> None:
        super().__init__()
        if channels % heads:
            raise InvalidArgument(f"channels (={channels}) must be divisible by heads (={heads})")
        self.stride = stride
        self.position = Linear(4 * WAVES, channels, backend=backend)
        self.layers = nn.ModuleList(_Layer(channels, heads, backend) for _ in range(layers))

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Let the sites of each image read each other."""
        places = torch.from_numpy(cell_positions(x.index, self.stride)).to(x.features)
        x = x.with_features(x.features + self.position(x.with_features(places)).features)
        for layer in self.layers:
            x = layer(x)
        return x
