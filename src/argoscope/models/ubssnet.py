"""Paper 2's U-ResNet on dense images, with its own output for background pixels.

    stem     7-pixel convolution, 1 -> F; norm, ReLU                                         full size
    encoder  3-pixel maximum, stride 2; five pairs of modules, 2F, 4F, ... 32F,
             the first of each pair but the finest with stride 2                             1/2 ... 1/32
    decoder  four times: twice the size; concatenated with the encoder's output of that
             size; a pair of modules (the finest of 5 pixels)                                1/16 ... 1/2
    head     twice the size; concatenated with the stem's output; 7-pixel convolution to F,
             norm, ReLU; 7-pixel convolution to the classes, norm, ReLU                      full size

A module is convolution, norm, ReLU, convolution, norm, ReLU; then its input is
added, and ReLU again (the ReLU before the sum is in text and program). The
first of a pair passes its input through a 1-pixel convolution and norm. "Twice
the size" is a transposed convolution of 4 pixels in groups, one for each of its
output channels: the learnable interpolation of section III.

The paper's text has 1024 channels at the deepest level, hence F = 32; the
network that MicroBooNE ran on its data has 512, F = 16. It has a norm and ReLU
after the last convolution too, on which the text is silent;
`activated_scores` leaves them out.

References
----------
Paper 2: arXiv:1808.07269, section III and figure 3; github.com/NuTufts/pytorch-uresnet, `models/ubssnet.py`, for what
the paper omits.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.sparse.checks import check_choice, check_count, check_flag

__all__ = ["UBSSNet", "UBSSNetConfig", "UBSSNetEncoder"]


@dataclass(frozen=True, kw_only=True)
class UBSSNetConfig:
    """Shape of the network; defaults are those of the one that ran on data.

    Raises
    ------
    InvalidArgument
        If a number is no positive integer, or a flag none.

    Examples
    --------
    >>> UBSSNetConfig().channels
    (16, 32, 64, 128, 256, 512)
    """

    dimensions: Literal[2] = 2
    """Number of axes of the image: wire and drift."""
    classes: int = 3
    """Number of classes: background, shower, track."""
    filters: int = 16
    """Channels at full resolution; they double at each level below."""
    depth: int = 5
    """Number of levels below full resolution; each halves the image."""
    activated_scores: bool = True
    """Whether norm and ReLU follow the last convolution."""

    def __post_init__(self) -> None:
        check_choice("dimensions", self.dimensions, (2,))
        for name in ("classes", "filters", "depth"):
            check_count(name, getattr(self, name))
        check_flag("activated_scores", self.activated_scores)

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels at each resolution, finest first."""
        return tuple(self.filters * 2**level for level in range(self.depth + 1))


def _convolution(
    channels_in: int, channels_out: int, kernel: int, stride: int = 1, *, bias: bool = False
) -> list[nn.Module]:
    """Convolution and norm."""
    return [
        nn.Conv2d(channels_in, channels_out, kernel, stride=stride, padding=kernel // 2, bias=bias),
        nn.BatchNorm2d(channels_out),
    ]


def _twice(channels_in: int, channels_out: int) -> nn.ConvTranspose2d:
    """Transposed convolution to twice the size."""
    return nn.ConvTranspose2d(channels_in, channels_out, 4, stride=2, padding=1, groups=channels_out)


class _Module(nn.Module):
    """Two convolutions, around which the input is added."""

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, stride: int = 1, *, first: bool
    ) -> None:
        super().__init__()
        self.shortcut = (
            nn.Sequential(*_convolution(channels_in, channels_out, 1, stride)) if first else nn.Identity()
        )
        self.through = nn.Sequential(
            *_convolution(channels_in, channels_out, kernel, stride), nn.ReLU(),
            *_convolution(channels_out, channels_out, kernel), nn.ReLU(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.through(x) + self.shortcut(x))


def _pair(channels_in: int, channels_out: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        _Module(channels_in, channels_out, kernel, stride, first=True),
        _Module(channels_out, channels_out, kernel, first=False),
    )


class UBSSNetEncoder(nn.Module):
    """The stem and the way down.

    Parameters
    ----------
    config : UBSSNetConfig

    Examples
    --------
    >>> found = UBSSNetEncoder(UBSSNetConfig(filters=2, depth=2))(torch.zeros(1, 1, 8, 12))
    >>> [tuple(x.shape[1:]) for x in found]
    [(2, 8, 12), (4, 4, 6), (8, 2, 3)]
    """

    def __init__(self, config: UBSSNetConfig) -> None:
        super().__init__()
        self.depth = config.depth
        self.stem = nn.Sequential(*_convolution(1, config.filters, 7, bias=True), nn.ReLU())
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.levels = nn.ModuleList(
            _pair(fine, coarse, stride=2 if level else 1)
            for level, (fine, coarse) in enumerate(pairwise(config.channels))
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features of every resolution, finest first.

        Parameters
        ----------
        x : Tensor, shape (images, 1, *sides)

        Returns
        -------
        list of Tensor, shape (images, channels, *sides of the level)

        Raises
        ------
        InvalidArgument
            If a side is not divisible by 2 ** depth.
        """
        step = 2**self.depth
        if any(side % step for side in x.shape[2:]):
            raise InvalidArgument(
                f"sides {tuple(x.shape[2:])} must be divisible by {step}, as there are {self.depth} downsamplings; crop "
                "or pad the image"
            )
        found = [self.stem(x)]
        x = self.pool(found[0])
        for level in self.levels:
            x = level(x)
            found.append(x)
        return found


class UBSSNet(nn.Module):
    """The network; sides must be divisible by 2 ** depth.

    Parameters
    ----------
    config : UBSSNetConfig

    Examples
    --------
    >>> network = UBSSNet(UBSSNetConfig(filters=2, depth=2))
    >>> network(torch.zeros(1, 1, 8, 12)).shape
    torch.Size([1, 3, 8, 12])
    """

    def __init__(self, config: UBSSNetConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = UBSSNetEncoder(config)
        finest, *channels = config.channels
        pairs = list(pairwise(channels))[::-1]
        self.up = nn.ModuleList(_twice(coarse, fine) for fine, coarse in pairs)
        self.join = nn.ModuleList(_pair(2 * fine, fine, 5 if fine == channels[0] else 3) for fine, _ in pairs)
        self.last_up = _twice(channels[0], finest)
        self.head = nn.Sequential(
            *_convolution(2 * finest, finest, 7, bias=True), nn.ReLU(),
            *(
                [*_convolution(finest, config.classes, 7, bias=True), nn.ReLU()]
                if config.activated_scores
                else [nn.Conv2d(finest, config.classes, 7, padding=3)]
            ),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Scores before softmax of every pixel, shape (images, classes, *sides)."""
        full, *skips = self.encoder(x)
        x = skips.pop()
        for up, join in zip(self.up, self.join, strict=True):
            x = join(torch.cat([skips.pop(), up(x)], dim=1))
        scores: Tensor = self.head(torch.cat([full, self.last_up(x)], dim=1))
        return scores
