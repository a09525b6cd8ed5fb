"""The second stage of Mask R-CNN: class, box and mask of a proposal, from its 14 x 14 bins.

    features    the fourth stage of the ResNet: 3 bottlenecks, 2048 channels, 7 x 7; shared by box and mask
    box         mean of the 49; linear layers to a score for each class and four deltas for each
    mask        transposed convolution of 2 pixels, stride 2, to 256 channels, ReLU (14 x 14); a map for each class;
                fixed bilinear upsampling by 32 to 448 x 448 ("v0upshare" in the authors' code)

The upsampling is Detectron's transposed convolution with a fixed triangle: linear
between the centres of the 14 x 14, falling to half at the border's. It
separates into the two axes.

References
----------
He et al., arXiv:1703.06870, figure 4 left.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from argoscope.models.bottlenecks import DENSE, stage
from argoscope.models.mask_rcnn_config import MaskRCNNConfig

__all__ = ["BoxHead", "MaskHead", "shared_stage", "upsampled"]

SCORE_SPREAD, DELTA_SPREAD = 0.01, 0.001
"""Standard deviations of the first weights (Girshick, arXiv:1504.08083, section 4.1)."""


def shared_stage(config: MaskRCNNConfig) -> nn.Sequential:
    """The stage of the ResNet that box and mask share: from 14 x 14 bins to 7 x 7."""
    backbone = config.backbone
    return stage(
        DENSE, 4 * backbone.inner[2], backbone.inner[3], backbone.blocks[3], norm=backbone.head_norm, halves=True,
        stride_in_1x1=backbone.stride_in_1x1,
    )  # fmt: skip


class BoxHead(nn.Module):
    """Class scores, and deltas for each class.

    Parameters
    ----------
    channels, classes : int

    Examples
    --------
    >>> scores, deltas = BoxHead(8, 3)(torch.zeros(2, 8, 7, 7))
    >>> scores.shape, deltas.shape
    (torch.Size([2, 3]), torch.Size([2, 3, 4]))
    """

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.score = nn.Linear(channels, classes)
        self.delta = nn.Linear(channels, 4 * classes)
        for layer, spread in ((self.score, SCORE_SPREAD), (self.delta, DELTA_SPREAD)):
            nn.init.normal_(layer.weight, std=spread)
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Scores before softmax, shape (boxes, classes), and deltas, shape (boxes, classes, 4).

        Parameters
        ----------
        features : Tensor, shape (boxes, channels, 7, 7)
        """
        pooled = features.mean(dim=(2, 3))
        return self.score(pooled), self.delta(pooled).reshape(len(pooled), -1, 4)


class MaskHead(nn.Module):
    """A map of every class, before the fixed upsampling and the sigmoid.

    Parameters
    ----------
    channels, filters, classes : int

    Examples
    --------
    >>> MaskHead(8, 4, 3)(torch.zeros(2, 8, 7, 7)).shape
    torch.Size([2, 3, 14, 14])
    """

    def __init__(self, channels: int, filters: int, classes: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(channels, filters, 2, stride=2)
        self.maps = nn.Conv2d(filters, classes, 1)
        for layer in (self.up, self.maps):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Maps of shape (boxes, classes, 14, 14) from features of shape (boxes, channels, 7, 7)."""
        maps: Tensor = self.maps(torch.relu(self.up(features)))
        return maps


def upsampled(maps: Tensor, factor: int) -> Tensor:
    """Maps with `factor` times as many pixels along both axes, linear in between; beyond the border is 0.

    Parameters
    ----------
    maps : Tensor, shape (..., n, n)
    factor : int

    Returns
    -------
    Tensor, shape (..., n * factor, n * factor)

    Examples
    --------
    >>> upsampled(torch.tensor([[4.0, 8.0], [4.0, 8.0]]), 2)[1].tolist()
    [3.0, 5.0, 7.0, 6.0]
    """
    fine = (torch.arange(maps.shape[-1] * factor, dtype=maps.dtype, device=maps.device) + 0.5) / factor
    coarse = torch.arange(maps.shape[-1], dtype=maps.dtype, device=maps.device) + 0.5
    weight = (1 - (fine[:, None] - coarse).abs()).clamp(min=0)
    return weight @ maps @ weight.T
