"""Paper 0's multi-plane U-ResNet on dense images, with the options that give the rows of its table 2.

    stem: convolution to F
    `depth` times: two blocks of 3-pixel convolutions; maximum pooling, 1-pixel convolution to the next width
    deepest: the planes concatenated, 1 pixel to 256, five blocks of 5 pixels, 1 pixel back, the planes split
    `depth` times: twice the size, 1-pixel convolution; joined with the skip; two blocks
    blocks of `final_blocks`, 1-pixel convolution to the classes

All planes share every weight but those of the deepest layers. A convolution has
a bias and is followed by batch norm and LeakyReLU; a residual block is two of
them, its input added before the last LeakyReLU.

The paper contradicts itself. Its table 1 is this network with 8 filters, a
7-pixel stem and six downsamplings, row for row; its text says 16 filters and
five. Its code has a 5-pixel stem, widths that grow by F a level unless told
otherwise, and takes the skip before the blocks of a level, not after. Each is an option here.

References
----------
Paper 0: arXiv:2012.01301, section 6 and table 1; github.com/coreyjadams/CosmicTagger,
`src/networks/torch/uresnet2D.py`, for what the paper omits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.models.dense_images import dense_images
from argoscope.models.planes import PlaneNetwork, require_planes
from argoscope.sparse import SparseTensor
from argoscope.sparse.checks import check_choice, check_count

__all__ = ["DenseMultiplaneConfig", "DenseMultiplaneUResNet", "OnPooledPlanes"]

SLOPE = 0.01
"""Slope of LeakyReLU below 0: torch's default, which the code takes."""


@dataclass(frozen=True, kw_only=True)
class DenseMultiplaneConfig:
    """Shape of the network; defaults are the reading of table 1.

    Raises
    ------
    InvalidArgument
        If a number is no positive integer, a kernel even or a choice unknown.

    Examples
    --------
    >>> DenseMultiplaneConfig().channels
    (8, 16, 32, 64, 128, 256, 512)
    """

    dimensions: Literal[2] = 2
    """Number of axes of the image: wire and drift."""
    classes: int = 3
    """Number of classes: background, cosmic, neutrino."""
    planes: int = 3
    """Images of an event."""
    pooling: int = 2
    """Pixels of the images along each axis that are averaged into one before."""
    filters: int = 8
    """Channels at full resolution."""
    growth: Literal["double", "add"] = "double"
    """Whether the channels double at each downsampling, or grow by `filters`."""
    depth: int = 6
    """Number of downsamplings."""
    stem: int = 7
    """Kernel of the first convolution (code: 5)."""
    residual: bool = True
    """Whether blocks are residual blocks of two convolutions, or single convolutions ("non residual")."""
    skip: Literal["after", "before"] = "after"
    """Whether a level's skip is taken after its blocks, or before (code, in torch)."""
    join: Literal["sum", "concatenate"] = "sum"
    """How the skip is joined: added, or concatenated and brought to width by 1 pixel."""
    upsampling: Literal["bilinear", "transposed"] = "bilinear"
    """Interpolation, or a transposed convolution of 2 pixels ("convolutional upsampling")."""
    blocked: bool = False
    """Whether the deepest layers see each plane by itself ("cross-plane blocked")."""
    deepest: int = 256
    """Channels of the deepest layers."""
    deepest_blocks: int = 5
    """Blocks of 5 pixels there."""
    final_blocks: int = 0
    """Blocks of 3 pixels before the classes."""

    def __post_init__(self) -> None:
        check_choice("dimensions", self.dimensions, (2,))
        counts = ("classes", "planes", "pooling", "filters", "depth", "stem", "deepest", "deepest_blocks")
        for name in counts:
            check_count(name, getattr(self, name))
        if self.final_blocks < 0:
            raise InvalidArgument(f"final_blocks (={self.final_blocks}) must not be negative")
        check_choice("stem", self.stem, (1, 3, 5, 7))
        for name, choices in (
            ("growth", ("double", "add")),
            ("skip", ("after", "before")),
            ("join", ("sum", "concatenate")),
            ("upsampling", ("bilinear", "transposed")),
        ):
            if getattr(self, name) not in choices:
                raise InvalidArgument(f"{name} (={getattr(self, name)!r}) must be {' or '.join(choices)}")

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels at each resolution, finest first."""
        levels = range(self.depth + 1)
        return tuple(self.filters * (2**level if self.growth == "double" else level + 1) for level in levels)


class _Convolution(nn.Sequential):
    """Convolution with bias, batch norm and, if `active`, LeakyReLU."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, *, active: bool = True) -> None:
        parts: list[nn.Module] = [
            nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2),
            nn.BatchNorm2d(channels_out),
        ]
        super().__init__(*parts, *([nn.LeakyReLU(SLOPE)] if active else []))


class _Residual(nn.Module):
    """Residual block of two convolutions."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.through = nn.Sequential(
            _Convolution(channels, channels, kernel), _Convolution(channels, channels, kernel, active=False)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x + self.through(x), SLOPE)


def _blocks(channels: int, number: int, kernel: int, *, residual: bool) -> nn.Sequential:
    """Blocks in sequence, residual or single convolutions."""
    return nn.Sequential(
        *(
            _Residual(channels, kernel) if residual else _Convolution(channels, channels, kernel)
            for _ in range(number)
        )
    )


class _Deepest(nn.Module):
    """The deepest layers, which see the planes side by side, or each by itself if blocked."""

    def __init__(self, config: DenseMultiplaneConfig) -> None:
        super().__init__()
        self.joined = 1 if config.blocked else config.planes
        channels = config.channels[-1] * self.joined
        self.through = nn.Sequential(
            _Convolution(channels, config.deepest, 1),
            _blocks(config.deepest, config.deepest_blocks, 5, residual=config.residual),
            _Convolution(config.deepest, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        # The planes of an event follow one another: their channels side by side are the same numbers in a row.
        images, channels, *sides = x.shape
        together = x.reshape(images // self.joined, self.joined * channels, *sides)
        split: Tensor = self.through(together).reshape(images, channels, *sides)
        return split


class _Up(nn.Module):
    """Twice the size and fewer channels, joined with the skip, and the blocks of the level."""

    def __init__(self, config: DenseMultiplaneConfig, coarse: int, fine: int) -> None:
        super().__init__()
        self.raised = (
            nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), _Convolution(coarse, fine, 1))
            if config.upsampling == "bilinear"
            else nn.Sequential(
                nn.ConvTranspose2d(coarse, fine, 2, stride=2), nn.BatchNorm2d(fine), nn.LeakyReLU(SLOPE)
            )
        )
        self.join = _Convolution(2 * fine, fine, 1) if config.join == "concatenate" else None
        self.blocks = _blocks(fine, 2, 3, residual=config.residual)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = self.raised(x)
        x = x + skip if self.join is None else self.join(torch.cat([x, skip], dim=1))
        result: Tensor = self.blocks(x)
        return result


class DenseMultiplaneUResNet(nn.Module):
    """The network on dense images, planes of an event one after the other.

    Parameters
    ----------
    config : DenseMultiplaneConfig

    Examples
    --------
    >>> network = DenseMultiplaneUResNet(DenseMultiplaneConfig(filters=2, depth=2, deepest=4))
    >>> network(torch.zeros(3, 1, 8, 12)).shape
    torch.Size([3, 3, 8, 12])
    """

    def __init__(self, config: DenseMultiplaneConfig) -> None:
        super().__init__()
        self.config = config
        channels = config.channels
        pairs = list(pairwise(channels))
        self.stem = _Convolution(1, channels[0], config.stem)
        self.blocks = nn.ModuleList(_blocks(fine, 2, 3, residual=config.residual) for fine, _ in pairs)
        self.down = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(2), _Convolution(fine, coarse, 1)) for fine, coarse in pairs
        )
        self.deepest = _Deepest(config)
        self.up = nn.ModuleList(_Up(config, coarse, fine) for fine, coarse in reversed(pairs))
        self.final = _blocks(channels[0], config.final_blocks, 3, residual=config.residual)
        self.head = nn.Conv2d(channels[0], config.classes, 1)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
                nn.init.xavier_uniform_(module.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of every pixel, shape (images, classes, *sides).

        Raises
        ------
        InvalidArgument
            If a side is not divisible by 2 ** depth.
        """
        step = 2**self.config.depth
        if any(side % step for side in x.shape[2:]):
            raise InvalidArgument(
                f"sides {tuple(x.shape[2:])} must be divisible by {step}, as there are {self.config.depth} "
                "downsamplings; crop or pad the image, or take a smaller depth"
            )
        x = self.stem(x)
        skips = []
        for blocks, down in zip(self.blocks, self.down, strict=True):
            before = x
            x = blocks(x)
            skips.append(x if self.config.skip == "after" else before)
            x = down(x)
        x = self.deepest(x)
        for up in self.up:
            x = up(x, skips.pop())
        scores: Tensor = self.head(self.final(x))
        return scores


class OnPooledPlanes(PlaneNetwork):
    """A dense network of pooled planes that reads and answers sparse tensors at full resolution.

    Charges are averaged over blocks of pixels, those without charge as 0; every
    active pixel gets the scores of its block.

    Parameters
    ----------
    network : DenseMultiplaneUResNet
    """

    def __init__(self, network: DenseMultiplaneUResNet) -> None:
        super().__init__()
        self.network, self.config = network, network.config

    def image_scores(self, x: SparseTensor, images_of: Sequence[int]) -> Tensor:
        """Scores of every pixel of the pooled images, shape (images, classes, *pooled sides).

        Raises
        ------
        InvalidArgument
            If an event has not the planes that the network reads, or the sides cannot be pooled.
        """
        require_planes(x, images_of, self.config.planes)
        pooling = self.config.pooling
        if any(side % pooling for side in x.index.shape):
            raise InvalidArgument(
                f"sides {x.index.shape} must be divisible by pooling (={pooling}); crop or pad the image"
            )
        scores: Tensor = self.network(F.avg_pool2d(dense_images(x), pooling))
        return scores

    def forward(self, x: SparseTensor, images_of: Sequence[int]) -> SparseTensor:
        """Scores of the active pixels, on the same sites."""
        scores = self.image_scores(x, images_of)
        rows = torch.from_numpy(x.index.coordinates // self.config.pooling).long().to(scores.device)
        images = torch.from_numpy(x.index.events).to(scores.device)
        return x.with_features(scores.movedim(1, -1)[images, rows[:, 0], rows[:, 1]])
