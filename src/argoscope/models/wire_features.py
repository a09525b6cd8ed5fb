"""What a network is told of each pixel of a wire image, beside where its neighbours are.

    charge      min(q / 100, 5) and log(1 + max(q, 0) / 10), of the order of 1 for charges from 10 to 1000
    position    wire and time in thousands of pixels: a sparse network sees no border, but where a track enters tells
                of what it is
    gaps        pixels to the nearest wire without any charge, to the left and to the right, at most 8, in eighths:
                a track that ends at such a wire may go on beyond it

Beyond the image no wire has charge, so that the numbers depend on the pixels
alone, whatever grid a batch has. They are found in double precision and rounded
once: no answer depends on which other images a batch holds.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from argoscope.sparse import SiteIndex, SparseTensor

__all__ = ["feature_count", "gap_distances", "wire_features"]

MOST_CHARGE = 5.0
"""Largest charge, in hundreds, that the first number tells apart; the second goes on."""
POSITION_UNIT = 1000.0
"""Pixels."""
FARTHEST_GAP = 8
"""Pixels; what a 3-pixel convolution on cells of 8 pixels does not see by itself anyway."""


def feature_count(*, position: bool, gaps: bool) -> int:
    """How many numbers `wire_features` gives for each pixel.

    Examples
    --------
    >>> feature_count(position=True, gaps=False)
    4
    """
    return 2 + 2 * position + 2 * gaps


def wire_features(x: SparseTensor, *, position: bool, gaps: bool) -> SparseTensor:
    """The numbers of every pixel; see the module's text.

    Parameters
    ----------
    x : SparseTensor
        Charge of wire images, one channel.
    position, gaps : bool
        Which of them are wanted beside the charge.

    Returns
    -------
    SparseTensor
        On the same sites, `feature_count` channels.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 500, 250]], torch.tensor([[10.0]]), shape=(600, 400))
    >>> [round(number, 3) for number in wire_features(x, position=True, gaps=True).features[0].tolist()]
    [0.1, 0.693, 0.5, 0.25, 0.125, 0.125]
    """
    charge = x.features.double()
    columns = [(charge / 100).clamp(max=MOST_CHARGE), torch.log1p(charge.clamp(min=0) / 10)]
    if position:
        columns.append(_on(x, x.index.coordinates / POSITION_UNIT))
    if gaps:
        columns.append(_on(x, gap_distances(x.index) / FARTHEST_GAP))
    return x.with_features(torch.cat(columns, dim=1).to(x.features.dtype))


def gap_distances(index: SiteIndex) -> np.ndarray:
    """Pixels from each site to the nearest wire without a site in its image, to the left and to the right.

    Parameters
    ----------
    index : SiteIndex
        Of wire images.

    Returns
    -------
    ndarray, shape (sites, 2), int64
        At most `FARTHEST_GAP`.

    Examples
    --------
    >>> gap_distances(SiteIndex.from_coordinates([[0, 3, 1], [0, 4, 0]], shape=(8, 4))).tolist()
    [[1, 2], [2, 1]]
    """
    wires = index.shape[0]
    used = np.zeros((index.batch_size, wires + 2), dtype=bool)
    used[index.events, index.coordinates[:, 0] + 1] = True
    places = np.arange(wires + 2)
    before = np.maximum.accumulate(np.where(used, 0, places), axis=1)
    after = np.minimum.accumulate(np.where(used, wires + 1, places)[:, ::-1], axis=1)[:, ::-1]
    here = index.coordinates[:, 0].astype(np.int64) + 1
    found = np.stack([here - before[index.events, here], after[index.events, here] - here], axis=1)
    return np.minimum(found, FARTHEST_GAP)


def _on(x: SparseTensor, numbers: np.ndarray) -> Tensor:
    """Numbers of the sites as a tensor of double precision beside the features."""
    return torch.from_numpy(np.asarray(numbers, dtype=np.float64)).to(x.features.device)
