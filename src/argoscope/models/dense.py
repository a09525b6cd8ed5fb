"""The U-ResNet on every pixel of dense images: what the sparse one is compared with.

The same blocks, channels and levels as `argoscope.models.uresnet`, in torch's
dense convolutions. Used by benchmarks only.

References
----------
Domine & Terao, Phys. Rev. D 102 (2020) 012005, arXiv:1903.05663, section IV and table II.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from argoscope.models.uresnet import UResNetConfig, check_config

__all__ = ["DenseUResNet"]


def _convolution(
    dimensions: int,
    channels_in: int,
    channels_out: int,
    kernel: int,
    *,
    stride: int = 1,
    transposed: bool = False,
) -> nn.Module:
    """One dense convolution without bias."""
    if transposed:
        kind: type[nn.Module] = nn.ConvTranspose2d if dimensions == 2 else nn.ConvTranspose3d
    else:
        kind = nn.Conv2d if dimensions == 2 else nn.Conv3d
    return kind(
        channels_in, channels_out, kernel, stride=stride, padding=kernel // 2 if kernel % 2 else 0, bias=False
    )


def _activated(dimensions: int, channels: int) -> nn.Module:
    """Normalization and ReLU."""
    norm = nn.BatchNorm2d if dimensions == 2 else nn.BatchNorm3d
    return nn.Sequential(norm(channels, eps=1e-4), nn.ReLU(inplace=True))


class _Block(nn.Module):
    """Residual block on dense images."""

    def __init__(self, dimensions: int, channels_in: int, channels_out: int) -> None:
        super().__init__()
        same = channels_in == channels_out
        self.shortcut = nn.Identity() if same else _convolution(dimensions, channels_in, channels_out, 1)
        self.through = nn.Sequential(
            _activated(dimensions, channels_in),
            _convolution(dimensions, channels_in, channels_out, 3),
            _activated(dimensions, channels_out),
            _convolution(dimensions, channels_out, channels_out, 3),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Compute the block."""
        result: Tensor = self.shortcut(x) + self.through(x)
        return result


class _Level(nn.Module):
    """One resolution and everything below it, on dense images."""

    def __init__(self, config: UResNetConfig, depth: int) -> None:
        super().__init__()
        size, here = config.dimensions, config.channels[depth]
        self.encoder = nn.Sequential(*(_Block(size, here, here) for _ in range(config.blocks)))
        self.deeper: nn.Module | None = None
        if depth + 1 < config.depth:
            below = config.channels[depth + 1]
            self.deeper = nn.Sequential(
                _activated(size, here),
                _convolution(size, here, below, 2, stride=2),
                _Level(config, depth + 1),
                _activated(size, below),
                _convolution(size, below, here, 2, stride=2, transposed=True),
            )
            widths = [2 * here] + [here] * (config.blocks - 1)
            self.decoder = nn.Sequential(*(_Block(size, width, here) for width in widths))

    def forward(self, x: Tensor) -> Tensor:
        """Compute the level."""
        x = self.encoder(x)
        if self.deeper is not None:
            x = self.decoder(torch.cat([x, self.deeper(x)], dim=1))
        return x


class DenseUResNet(nn.Module):
    """Dense twin of `UResNet`; sides must be divisible by 2 ** (depth - 1).

    Examples
    --------
    >>> DenseUResNet(UResNetConfig(filters=4, depth=2))(torch.zeros(1, 1, 4, 6)).shape
    torch.Size([1, 5, 4, 6])
    """

    def __init__(self, config: UResNetConfig) -> None:
        super().__init__()
        check_config(config)
        size = config.dimensions
        self.stem = _convolution(size, config.features, config.filters, 3)
        self.level = _Level(config, 0)
        self.norm = _activated(size, config.filters)
        self.head = _convolution(size, config.filters, config.classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of every pixel, shape (events, classes, *sides)."""
        scores: Tensor = self.head(self.norm(self.level(self.stem(x))))
        return scores
