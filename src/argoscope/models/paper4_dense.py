"""Paper 4's dense U-ResNet: the network that its sparse one is compared with.

    3-pixel convolution to F, norm, ReLU
    five times: two residual modules, the first with stride 2 and twice the filters
    five times: transposed 3-pixel convolution with stride 2, norm, ReLU; the skip joined; two modules
    3-pixel convolution, norm, ReLU; 3-pixel convolution to the classes, norm

A module is convolution, norm, convolution, norm, no ReLU between them, plus the
input (through a 1-pixel convolution and a norm where widths differ), then ReLU.
Images are padded by their border pixels. Norms use the statistics of the batch
in evaluation too. Five downsamplings: what the paper calls depth 5 has one
level less in its sparse network.

References
----------
Domine & Terao, arXiv:1903.05663, section III; the order within a module is that of its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.sparse.checks import check_choice, check_count

__all__ = ["Paper4DenseConfig", "Paper4DenseUResNet"]

MOMENTUM = 0.9
"""Of the norms' averages, which are never used (paper 4's code)."""


@dataclass(frozen=True, kw_only=True)
class Paper4DenseConfig:
    """Shape of the network.

    Raises
    ------
    InvalidArgument
        If a number is no positive integer or the dimensions are not 2 or 3.
    """

    dimensions: Literal[2, 3] = 3
    features: int = 1
    classes: int = 5
    filters: int = 16
    """Channels at full resolution; they double at each of the downsamplings."""
    depth: int = 5
    """Number of downsamplings."""

    def __post_init__(self) -> None:
        for name in ("features", "classes", "filters", "depth"):
            check_count(name, getattr(self, name))
        check_choice("dimensions", self.dimensions, (2, 3))

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels at each resolution, finest first."""
        return tuple(self.filters * 2**level for level in range(self.depth + 1))


def _convolution(
    dimensions: int, channels_in: int, channels_out: int, kernel: int, stride: int = 1
) -> nn.Module:
    kind: type[nn.Module] = nn.Conv2d if dimensions == 2 else nn.Conv3d
    padding = {"padding": kernel // 2, "padding_mode": "replicate"} if kernel > 1 else {}
    return kind(channels_in, channels_out, kernel, stride=stride, bias=False, **padding)


def _norm(dimensions: int, channels: int) -> nn.Module:
    kind: type[nn.Module] = nn.BatchNorm2d if dimensions == 2 else nn.BatchNorm3d
    return kind(channels, momentum=MOMENTUM, track_running_stats=False)


class _Module(nn.Module):
    def __init__(self, dimensions: int, channels_in: int, channels_out: int, stride: int = 1) -> None:
        super().__init__()
        self.shortcut: nn.Module = nn.Identity()
        if channels_in != channels_out or stride > 1:
            self.shortcut = nn.Sequential(
                _convolution(dimensions, channels_in, channels_out, 1, stride),
                _norm(dimensions, channels_out),
            )
        self.through = nn.Sequential(
            _convolution(dimensions, channels_in, channels_out, 3, stride),
            _norm(dimensions, channels_out),
            _convolution(dimensions, channels_out, channels_out, 3),
            _norm(dimensions, channels_out),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.through(x) + self.shortcut(x))


class Paper4DenseUResNet(nn.Module):
    """The network; sides must be divisible by 2 ** depth.

    Examples
    --------
    >>> network = Paper4DenseUResNet(Paper4DenseConfig(dimensions=2, filters=2, depth=2))
    >>> network(torch.zeros(1, 1, 8, 12)).shape
    torch.Size([1, 5, 8, 12])
    """

    def __init__(self, config: Paper4DenseConfig) -> None:
        super().__init__()
        self.config = config
        size, channels = config.dimensions, config.channels
        self.stem = nn.Sequential(
            _convolution(size, config.features, channels[0], 3), _norm(size, channels[0]), nn.ReLU()
        )
        pairs = list(pairwise(channels))
        self.down = nn.ModuleList(
            nn.Sequential(_Module(size, fine, coarse, 2), _Module(size, coarse, coarse))
            for fine, coarse in pairs
        )
        transposed: type[nn.Module] = nn.ConvTranspose2d if size == 2 else nn.ConvTranspose3d
        self.up = nn.ModuleList(
            nn.Sequential(
                transposed(coarse, fine, 3, stride=2, padding=1, output_padding=1, bias=False),
                _norm(size, fine),
                nn.ReLU(),
            )
            for fine, coarse in reversed(pairs)
        )
        self.join = nn.ModuleList(
            nn.Sequential(_Module(size, 2 * fine, fine), _Module(size, fine, fine))
            for fine, _ in reversed(pairs)
        )
        self.head = nn.Sequential(
            _convolution(size, channels[0], channels[0], 3), _norm(size, channels[0]), nn.ReLU(),
            _convolution(size, channels[0], config.classes, 3), _norm(size, config.classes),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Scores of every pixel, shape (events, classes, *sides).

        Raises
        ------
        InvalidArgument
            If a side is not divisible by 2 ** depth.
        """
        step = 2**self.config.depth
        if any(side % step for side in x.shape[2:]):
            raise InvalidArgument(
                f"sides {tuple(x.shape[2:])} must be divisible by {step}, as there are {self.config.depth} "
                "downsamplings; crop or pad the image"
            )
        x = self.stem(x)
        skips = []
        for module in self.down:
            skips.append(x)
            x = module(x)
        for up, join in zip(self.up, self.join, strict=True):
            x = join(torch.cat([up(x), skips.pop()], dim=1))
        scores: Tensor = self.head(x)
        return scores
