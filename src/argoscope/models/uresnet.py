"""U-ResNet: a sparse encoder-decoder that gives every active pixel scores of its classes.

    3-pixel convolution, 1 -> m
    level k (k + 1) m channels:  blocks
                                 norm, ReLU, convolution 2 / 2 -> level k + 1 -> norm, ReLU, inverse 2 / 2
                                 concatenation with the blocks' output, blocks (the first halves the channels)
    norm, ReLU, linear m -> classes

The filters grow linearly with depth. "Depth 5" has five levels and four
downsamplings. `DenseUResNet` is the same network on every pixel of dense
images, in `argoscope.models.dense`, to compare with.

References
----------
Domine & Terao, Phys. Rev. D 102 (2020) 012005, arXiv:1903.05663, sections II and IV;
the order within a block is that of its code, SparseConvNet's `UNet`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from torch import Tensor, nn

from argoscope.errors import InvalidArgument, require_known
from argoscope.models.blocks import Blocks, ResidualBlock, can_infer, infer_blocks, structure
from argoscope.sparse.backends.numba import convolve
from argoscope.sparse.checks import check_choice, check_count
from argoscope.sparse.convolution import Backend
from argoscope.sparse.index import SiteIndex
from argoscope.sparse.joining import join_affine_relu
from argoscope.sparse.modules import InverseConvolution, Linear, StridedConvolution, SubmanifoldConvolution
from argoscope.sparse.normalization import BatchNorm, affine_relu
from argoscope.sparse.tensor import SparseTensor, check_tensor, concatenate

__all__ = ["Level", "MakeMixing", "UResNet", "UResNetConfig", "check_config", "unmixed"]


@dataclass(frozen=True, kw_only=True)
class UResNetConfig:
    """Shape of a U-ResNet.

    Raises
    ------
    InvalidArgument
        If a number is no positive integer or the dimensions are not 2 or 3.

    Examples
    --------
    >>> UResNetConfig(filters=16).channels
    (16, 32, 48, 64, 80)
    """

    dimensions: Literal[2, 3] = 2
    """Number of axes of the image."""
    features: int = 1
    """Numbers given for each pixel: charge, or energy."""
    classes: int = 5
    """Number of semantic classes."""
    filters: int = 32
    """Channels at full resolution; level k has (k + 1) times as many (arXiv:1903.05663)."""
    depth: int = 5
    """Number of resolution levels; each below the first halves the image."""
    blocks: int = 2
    """Residual blocks at each level, on the way down and again on the way up."""

    def __post_init__(self) -> None:
        for name in ("features", "classes", "filters", "depth", "blocks"):
            check_count(name, getattr(self, name))
        check_choice("dimensions", self.dimensions, (2, 3))

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels at each level, finest first."""
        return tuple(self.filters * (level + 1) for level in range(self.depth))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> UResNetConfig:
        """Build the configuration, refusing a key that is no field.

        Examples
        --------
        >>> UResNetConfig.from_dict({"filter": 16})
        Traceback (most recent call last):
        argoscope.errors.InvalidArgument: UResNetConfig has no key 'filter'. Did you mean 'filters'?
        """
        known = [f.name for f in fields(cls)]
        for key in values:
            require_known(key, known, f"{cls.__name__} has no key")
        return cls(**values)


def check_config(config: Any) -> None:
    """Refuse what is no configuration of a U-ResNet."""
    if not isinstance(config, UResNetConfig):
        raise InvalidArgument(
            f"config (={type(config).__name__}) must be a UResNetConfig; make one with UResNetConfig(filters=16) or, from "
            f"a dict, with UResNetConfig.from_dict(config)."
        )


MakeMixing = Callable[[int, int], nn.Module | None]
"""Called with the number and channels of a level: what follows its encoder, from a SparseTensor to one on the same sites,
with information from elsewhere in the batch; or None."""


def unmixed(_level: int, _channels: int) -> None:
    """No mixing: every image by itself."""


class Level(nn.Module):
    """One resolution of the network, and everything below it.

    Parameters
    ----------
    config : UResNetConfig
    depth : int
        Number of this level; 0 is the finest.
    backend : {"auto", "numba", "torch", "reference"}
    mixing : MakeMixing
    """

    def __init__(
        self, config: UResNetConfig, depth: int, backend: Backend, mixing: MakeMixing = unmixed
    ) -> None:
        super().__init__()
        here, size = config.channels[depth], config.dimensions

        def make_blocks(first: int) -> Blocks:
            widths = [first] + [here] * (config.blocks - 1)
            return Blocks(ResidualBlock(w, here, dimensions=size, backend=backend) for w in widths)

        self.encoder = make_blocks(here)
        self.mixing = mixing(depth, here)
        self.deeper: Level | None = None
        if depth + 1 < config.depth:
            below = config.channels[depth + 1]
            self.down_norm = BatchNorm(here, relu=True)
            self.down = StridedConvolution(here, below, dimensions=size, kernel=2, backend=backend)
            self.deeper = Level(config, depth + 1, backend, mixing)
            self.up_norm = BatchNorm(below, relu=True)
            self.up = InverseConvolution(below, here, dimensions=size, kernel=2, backend=backend)
            self.decoder = make_blocks(2 * here)

    def forward(self, x: SparseTensor) -> list[SparseTensor]:
        """Compute the level: its output, then those of the levels below, after the norms that read them."""
        for block in self.encoder:
            x = block(x)
        if self.mixing is not None:
            x = self.mixing(x)
        if self.deeper is None:
            return [x]
        activated, x = self.down_norm.branch(x)
        below, *deepest = self.deeper(self.down(activated))
        below = self.up_norm(below)
        x = concatenate([x, self.up(below, x.index)])
        for block in self.decoder:
            x = block(x)
        return [x, below, *deepest]

    def infer(
        self, features: Tensor, activated: Tensor, index: SiteIndex, following: BatchNorm
    ) -> list[Tensor]:
        """Evaluate the level, fused.

        `activated` is `features` after the first normalization of the level;
        the result is the level's output after the normalization `following`,
        then those of the levels below, after the norms that read them.
        """
        if self.deeper is None:
            return [self._encoded(features, activated, index, following, keep=False)[1]]
        features, activated = self._encoded(features, activated, index, self.down_norm, keep=True)
        kernel_map, coarse = index.coarser(2)
        first = self.deeper.encoder.first_norm.folded()
        below, activated = convolve(activated, self.down.weight, kernel_map, affine=first)
        deeper = self.deeper.infer(below, activated, coarse, self.up_norm)
        raised, _ = convolve(deeper[0], self.up.weight, kernel_map.reverse)
        joined, activated = join_affine_relu(features, raised, *self.decoder.first_norm.folded())
        return [infer_blocks(self.decoder, joined, activated, index, following, keep=False)[1], *deeper]

    def _encoded(
        self, features: Tensor, activated: Tensor, index: SiteIndex, following: BatchNorm, *, keep: bool
    ) -> tuple[Tensor, Tensor]:
        """Evaluate the encoder, and what mixes after it; see `infer_blocks`."""
        mixing = self.mixing
        keep = keep or mixing is not None
        features, activated = infer_blocks(self.encoder, features, activated, index, following, keep=keep)
        if mixing is not None:
            features = mixing(SparseTensor(features, index)).features
            activated = affine_relu(features, *following.folded())
        return features, activated


class UResNet(nn.Module):
    """Sparse U-ResNet; see the module's text.

    Evaluation without gradients on the CPU takes a fused pass, which needs the
    network as it was built; one with replaced layers or hooks takes `forward`'s
    layers one by one.

    Parameters
    ----------
    config : UResNetConfig
    backend : {"auto", "numba", "torch", "reference"}
    mixing : MakeMixing
        What follows the encoder of each level; nothing by default.

    Examples
    --------
    >>> import torch
    >>> network = UResNet(UResNetConfig(filters=4, depth=2)).eval()
    >>> x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0]], torch.ones(2, 1), shape=(4, 5))
    >>> network(x).features.shape
    torch.Size([2, 5])
    """

    def __init__(
        self, config: UResNetConfig, *, backend: Backend = "auto", mixing: MakeMixing = unmixed
    ) -> None:
        super().__init__()
        check_config(config)
        self.config, self.backend = config, backend
        size = config.dimensions
        self.stem = SubmanifoldConvolution(
            config.features, config.filters, dimensions=size, kernel=3, backend=backend
        )
        self.level = Level(config, 0, backend, mixing)
        self.norm = BatchNorm(config.filters, relu=True)
        self.head = Linear(config.filters, config.classes, backend=backend)
        self._built = structure(self) if backend in ("auto", "numba") else None

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Scores before softmax of every active pixel, shape (sites, classes), on the same sites."""
        scores: SparseTensor = self.head(self.pyramid(x)[0])
        return scores

    def pyramid(self, x: SparseTensor) -> list[SparseTensor]:
        """Features of every level, finest first, as the layers that read them see them: after norm and ReLU.

        Those of the first level, on the same sites, are what `head` reads; level k has (k + 1) times their channels,
        on sites of 2^k pixels a side, and is the output of its decoder.

        Examples
        --------
        >>> import torch
        >>> x = SparseTensor.from_coordinates([[0, 0, 1], [0, 1, 0]], torch.ones(2, 1), shape=(4, 5))
        >>> [tuple(y.features.shape) for y in UResNet(UResNetConfig(filters=4, depth=2)).eval().pyramid(x)]
        [(2, 4), (1, 8)]
        """
        check_tensor("x", x)
        if self._built is not None and can_infer(self, x.features, self._built):
            offsets, channels, _ = self.stem.weight.shape
            if (offsets, channels) == (3**x.index.dimensions, x.features.shape[1]):
                return self._infer(x.features, x.index)
        finest, *deeper = self.level(self.stem(x))
        return [self.norm(finest), *deeper]

    def _infer(self, features: Tensor, index: SiteIndex) -> list[SparseTensor]:
        """Evaluate with fused passes."""
        first = self.level.encoder.first_norm.folded()
        features, activated = convolve(features, self.stem.weight, index.neighbours(3), affine=first)
        levels = self.level.infer(features, activated, index, self.norm)
        found = [SparseTensor(levels[0], index)]
        for level in levels[1:]:
            found.append(SparseTensor(level, found[-1].index.coarser(2)[1]))
        return found
