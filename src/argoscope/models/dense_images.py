"""Networks of dense images behind the sparse interface."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from argoscope.sparse import SparseTensor

__all__ = ["OnDenseImages", "dense_images"]


def dense_images(x: SparseTensor) -> Tensor:
    """Dense images with the channels first in memory, 0 on pixels without charge; shape (images, channels, *sides).

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 1, 2]], torch.ones(1, 1), shape=(2, 3))
    >>> dense_images(x)[0, 0].tolist()
    [[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    # Copied, because `to_dense` puts the channels last in memory, and there torch 2.13 damages memory in the backward
    # pass of a 1-pixel convolution with stride 2.
    return x.to_dense().clone(memory_format=torch.contiguous_format)


class OnDenseImages(nn.Module):
    """A network of dense images that reads and answers sparse tensors.

    Pixels without charge are 0 on the way in; their scores are left out on the
    way out, as paper 4's loss does. `image_scores` has them too, for losses of
    all pixels (paper 2).

    Parameters
    ----------
    network : Module
        From (events, channels, *sides) to (events, classes, *sides).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def image_scores(self, x: SparseTensor, _images_of: Sequence[int] = ()) -> Tensor:
        """Scores of every pixel, shape (images, classes, *sides)."""
        scores: Tensor = self.network(dense_images(x))
        return scores

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Scores of the active pixels, on the same sites."""
        return x.read_dense(self.image_scores(x))
