"""The bottleneck blocks of ResNet-50, on dense images and on active sites, from one description.

    y = relu(norm3(conv3(relu(norm2(conv2(relu(norm1(conv1(x))))))) + shortcut(x))

with convolutions of 1, 3 and 1 pixels, the second of fewer channels. A block
that halves the resolution keeps every second pixel along both axes (the even
ones), before its first convolution (`stride_in_1x1`, as in the Caffe weights of
the original authors) or after its second (as in torchvision's weights): the
same as convolutions of stride 2 at these places. On active sites the sites with
an even coordinate on both axes stay and the others are dropped; the 3-pixel
convolution is submanifold.

What differs between images and sites is in `Parts`: how to convolve, normalize,
halve. Blocks of both kinds have the same names of weights, and `to_sparse` and
`to_dense` turn one layout into the other.

References
----------
He et al., arXiv:1512.03385, figure 5 right. Graham & van der Maaten, arXiv:1706.01307.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from argoscope.errors import InvalidArgument
from argoscope.sparse import BatchNorm, Linear, SiteIndex, SparseTensor, SubmanifoldConvolution

__all__ = [
    "DENSE",
    "SPARSE",
    "Bottleneck",
    "FrozenAffine",
    "Norm",
    "Parts",
    "even_sites",
    "stage",
    "to_dense",
    "to_sparse",
]

Norm = Literal["affine", "batch", "group"]
"""Frozen scale and shift of a trained norm; batch norm; group norm."""
EPSILON = 1e-5
"""Added to variances (torchvision's and Caffe's ResNets)."""
MOMENTUM = 0.1
"""Weight of a new batch in the running averages (torchvision's ResNets)."""
GROUPS = 32
"""Groups of group norm (Wu & He, arXiv:1803.08494); as many as divide the channels where that is not whole."""


class FrozenAffine(nn.Module):
    """A norm that is trained no more: scale and shift of every channel, both without gradient.

    Parameters
    ----------
    channels : int

    Examples
    --------
    >>> FrozenAffine(3)(torch.ones(2, 3)).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.ones(channels))
        self.register_buffer("bias", torch.zeros(channels))

    def forward(self, x: Any) -> Any:
        """Scale and shift images of shape (images, channels, ...), rows of channels, or a SparseTensor."""
        if isinstance(x, SparseTensor):
            return x.with_features(self(x.features))
        shape = (-1, *[1] * (x.ndim - 2))
        return x * self.weight.view(shape) + self.bias.view(shape)


@dataclass(frozen=True)
class Parts:
    """What blocks are made of.

    Attributes
    ----------
    convolution : function
        Module from channels in, channels out and kernel.
    norms : mapping of str to function
        Module from channels, by kind of norm.
    halve : function
        Values at the even pixels, of one or two inputs on the same sites.
    relu : function
    add : function
        Sum of two, cut at 0.
    """

    convolution: Callable[[int, int, int], nn.Module]
    norms: Mapping[Norm, Callable[[int], nn.Module]]
    halve: Callable[..., tuple[Any, ...]]
    relu: Callable[[Any], Any]
    add: Callable[[Any, Any], Any]

    def norm(self, kind: Norm, channels: int) -> nn.Module:
        """A norm.

        Raises
        ------
        InvalidArgument
            If these parts have none of that kind.
        """
        if kind not in self.norms:
            raise InvalidArgument(
                f"norm (={kind!r}) must be one of {', '.join(map(repr, self.norms))} on active sites: group norm would "
                "mix their number into every site"
            )
        return self.norms[kind](channels)


class Bottleneck(nn.Module):
    """One block; see the module's text.

    Parameters
    ----------
    parts : Parts
    channels_in, inner, channels_out : int
        The first block of a stage changes the channels, by a shortcut of 1 pixel.
    norm : {"affine", "batch", "group"}
    halves : bool
        Whether it halves the resolution.
    stride_in_1x1 : bool
        Whether that is done before the first convolution.
    """

    def __init__(
        self, parts: Parts, channels_in: int, inner: int, channels_out: int, *, norm: Norm, halves: bool,
        stride_in_1x1: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        self.parts, self.halves, self.stride_in_1x1 = parts, halves, stride_in_1x1
        self.conv1 = parts.convolution(channels_in, inner, 1)
        self.norm1 = parts.norm(norm, inner)
        self.conv2 = parts.convolution(inner, inner, 3)
        self.norm2 = parts.norm(norm, inner)
        self.conv3 = parts.convolution(inner, channels_out, 1)
        self.norm3 = parts.norm(norm, channels_out)
        self.shortcut: nn.Module | None = None
        self.shortcut_norm: nn.Module | None = None
        if halves or channels_in != channels_out:
            self.shortcut = parts.convolution(channels_in, channels_out, 1)
            self.shortcut_norm = parts.norm(norm, channels_out)

    def forward(self, x: Any) -> Any:
        """Compute the block."""
        parts = self.parts
        if self.halves and self.stride_in_1x1:
            (x,) = parts.halve(x)
        y = self.conv2(parts.relu(self.norm1(self.conv1(x))))
        if self.halves and not self.stride_in_1x1:
            x, y = parts.halve(x, y)
        y = self.norm3(self.conv3(parts.relu(self.norm2(y))))
        if self.shortcut is not None and self.shortcut_norm is not None:
            x = self.shortcut_norm(self.shortcut(x))
        return parts.add(x, y)


def stage(
    parts: Parts, channels_in: int, inner: int, blocks: int, *, norm: Norm, halves: bool, stride_in_1x1: bool
) -> nn.Sequential:
    """Blocks of one resolution, with four times `inner` channels out; the first may halve the resolution.

    Examples
    --------
    >>> layers = stage(DENSE, 4, 2, 2, norm="batch", halves=True, stride_in_1x1=True)
    >>> layers(torch.zeros(1, 4, 7, 6)).shape
    torch.Size([1, 8, 4, 3])
    """
    out = 4 * inner
    return nn.Sequential(
        *(
            Bottleneck(
                parts, out if number else channels_in, inner, out, norm=norm, halves=halves and not number,
                stride_in_1x1=stride_in_1x1,
            )
            for number in range(blocks)
        )
    )  # fmt: skip


def even_sites(index: SiteIndex) -> tuple[Tensor, SiteIndex]:
    """Rows of the sites with even coordinates, shape (coarse sites,), and the index of half the resolution they make.

    Examples
    --------
    >>> rows, coarse = even_sites(SiteIndex.from_coordinates([[0, 0, 4], [0, 1, 2], [0, 2, 2]], shape=(3, 5)))
    >>> rows.tolist(), coarse.coordinates.tolist(), coarse.shape
    ([0, 2], [[0, 2], [1, 1]], (2, 3))
    """
    rows = np.flatnonzero((index.coordinates % 2 == 0).all(axis=1))
    sites = np.column_stack([index.events[rows], index.coordinates[rows] // 2])
    shape = [(side + 1) // 2 for side in index.shape]
    return torch.from_numpy(rows), SiteIndex.from_coordinates(sites, shape=shape, batch_size=index.batch_size)


def _halve_sites(*tensors: SparseTensor) -> tuple[SparseTensor, ...]:
    rows, coarse = even_sites(tensors[0].index)
    return tuple(
        SparseTensor(x.features.index_select(0, rows.to(x.features.device)), coarse) for x in tensors
    )


def _halve_images(*images: Tensor) -> tuple[Tensor, ...]:
    return tuple(image[:, :, ::2, ::2] for image in images)


def _dense_convolution(channels_in: int, channels_out: int, kernel: int) -> nn.Module:
    convolution = nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2, bias=False)
    # The spread of `argoscope.sparse.modules`: inputs that ReLU has cut keep their variance.
    nn.init.normal_(convolution.weight, std=math.sqrt(2 / (kernel**2 * channels_in)))
    return convolution


def _sparse_convolution(channels_in: int, channels_out: int, kernel: int) -> nn.Module:
    if kernel == 1:
        return Linear(channels_in, channels_out, bias=False)
    return SubmanifoldConvolution(channels_in, channels_out, dimensions=2, kernel=kernel)


DENSE = Parts(
    convolution=_dense_convolution,
    norms={
        "affine": FrozenAffine,
        "batch": lambda channels: nn.BatchNorm2d(channels, eps=EPSILON, momentum=MOMENTUM),
        "group": lambda channels: nn.GroupNorm(math.gcd(GROUPS, channels), channels, eps=EPSILON),
    },
    halve=_halve_images,
    relu=torch.relu,
    add=lambda x, y: torch.relu(x + y),
)
"""Blocks on images of shape (images, channels, wires, times)."""

SPARSE = Parts(
    convolution=_sparse_convolution,
    norms={
        "affine": FrozenAffine,
        "batch": lambda channels: BatchNorm(channels, epsilon=EPSILON, momentum=MOMENTUM),
    },
    halve=_halve_sites,
    relu=lambda x: x.with_features(x.features.relu()),
    add=lambda x, y: x.with_features((x.features + y.features).relu()),
)
"""Blocks on SparseTensors."""


def to_sparse(weight: Tensor) -> Tensor:
    """A weight of the dense blocks in the layout of the sparse ones.

    Parameters
    ----------
    weight : Tensor, shape (channels out, channels in, k, k)
        Or of another number of axes: what is no weight of a convolution stays.

    Returns
    -------
    Tensor, shape (channels in, channels out) for k = 1, else (k * k, channels in, channels out)

    Examples
    --------
    >>> to_sparse(torch.zeros(8, 4, 3, 3)).shape
    torch.Size([9, 4, 8])
    """
    if weight.ndim != 4:
        return weight
    moved = weight.permute(2, 3, 1, 0).flatten(0, 1).contiguous()
    return moved[0] if len(moved) == 1 else moved


def to_dense(weight: Tensor) -> Tensor:
    """A weight of the sparse blocks in the layout of the dense ones: `to_sparse` undone.

    Examples
    --------
    >>> to_dense(torch.zeros(9, 4, 8)).shape
    torch.Size([8, 4, 3, 3])
    """
    if weight.ndim < 2:
        return weight
    weight = weight if weight.ndim == 3 else weight[None]
    kernel = math.isqrt(len(weight))
    return weight.reshape(kernel, kernel, *weight.shape[1:]).permute(3, 2, 0, 1).contiguous()
