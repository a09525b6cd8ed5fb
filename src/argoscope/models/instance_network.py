"""Networks that find the interactions of a wire plane: one backbone, three ways to tell objects apart.

    charge, position, gaps -> U-ResNet, attention between its cells of 16 pixels -> head

===============  =====================================================================
head             how objects are told apart
===============  =====================================================================
seeds            cells of 8 pixels give masks (`argoscope.models.seed_masks`)
edges            neighbouring pixels belong together or not (`argoscope.models.pixel_edges`)
condensation     pixels of an object gather around one (`argoscope.models.condensation`)
===============  =====================================================================

The classes of pixels are those of `COSMIC`: background, cosmic, neutrino.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import nn

from argoscope.errors import InvalidArgument
from argoscope.models.cell_attention import CellAttention
from argoscope.models.condensation import CondensationAnswer, CondensationHead
from argoscope.models.pixel_edges import EdgeAnswer, EdgeHead
from argoscope.models.seed_masks import SEED_LEVEL, SeedAnswer, SeedHead
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.models.wire_features import feature_count, wire_features
from argoscope.sparse import BatchNorm, SparseTensor
from argoscope.sparse.checks import check_choice, check_count, check_number
from argoscope.sparse.convolution import Backend

__all__ = ["InstanceConfig", "InstanceNetwork", "PixelAnswer"]

PixelAnswer = SeedAnswer | EdgeAnswer | CondensationAnswer
"""What a network says of the pixels of a batch, by its head."""

ATTENTION_LEVEL = 4
"""Level whose sites read each other: cells of 16 pixels, about 850 in a plane of MicroBooNE."""


@dataclass(frozen=True, kw_only=True)
class InstanceConfig:
    """Shape of the network.

    Raises
    ------
    InvalidArgument
        If a number is no positive integer, or the levels do not reach the cells.

    Examples
    --------
    >>> InstanceConfig().backbone.channels
    (16, 32, 48, 64, 80, 96)
    """

    dimensions: Literal[2] = 2
    """Number of axes of the image: wire and drift."""
    classes: int = 3
    """Number of classes: background, cosmic, neutrino."""
    filters: int = 16
    """Channels at full resolution; level k has (k + 1) times as many."""
    depth: int = 6
    """Number of resolution levels."""
    blocks: int = 1
    """Residual blocks at each level, on the way down and again on the way up."""
    attention: int = 2
    """Layers of attention between the cells of 16 pixels; 0: none."""
    head: Literal["seeds", "edges", "condensation"] = "seeds"
    """How objects are told apart."""
    embedding: int = 32
    """Numbers of a pixel that masks are made from."""
    position: bool = True
    """Whether the network is told where in the image a pixel is."""
    gaps: bool = True
    """Whether it is told how far the nearest wires without charge are."""
    momentum: float = 0.05
    """Weight of a new batch in the norms' running averages; SparseConvNet's 0.01 lags behind batches of a few events."""

    def __post_init__(self) -> None:
        check_choice("dimensions", self.dimensions, (2,))
        for name in ("classes", "filters", "depth", "blocks", "embedding"):
            check_count(name, getattr(self, name))
        least = ATTENTION_LEVEL if self.attention else SEED_LEVEL
        if self.depth <= least:
            raise InvalidArgument(f"depth (={self.depth}) must be more than {least}: cells lie on that level")
        if self.attention < 0:
            raise InvalidArgument(f"attention (={self.attention}) must not be negative; 0 is none")
        check_number("momentum", self.momentum, most=1)

    @property
    def backbone(self) -> UResNetConfig:
        """The U-ResNet below the head; its own answer is the class of each pixel."""
        return UResNetConfig(
            dimensions=self.dimensions, features=feature_count(position=self.position, gaps=self.gaps),
            classes=self.classes, filters=self.filters, depth=self.depth, blocks=self.blocks,
        )  # fmt: skip


def _head_of(config: InstanceConfig, backend: Backend) -> nn.Module:
    channels = config.backbone.channels
    if config.head == "edges":
        return EdgeHead(channels[0], embedding=config.embedding, backend=backend)
    if config.head == "condensation":
        return CondensationHead(channels[0], embedding=config.embedding, backend=backend)
    return SeedHead(
        channels[0], channels[SEED_LEVEL], classes=config.classes, embedding=config.embedding, backend=backend
    )


class InstanceNetwork(nn.Module):
    """Network of instances; see the module's text.

    Parameters
    ----------
    config : InstanceConfig
    backend : {"auto", "numba", "torch", "reference"}

    Examples
    --------
    Two planes, the second empty:

    >>> import torch
    >>> network = InstanceNetwork(InstanceConfig(filters=4, depth=5)).eval()
    >>> x = SparseTensor.from_coordinates([[0, 3, 1], [0, 3, 90]], torch.ones(2, 1), shape=(64, 96), batch_size=2)
    >>> answer = network(x)
    >>> answer.semantic.features.shape, answer.classes.shape
    (torch.Size([2, 3]), torch.Size([2, 3]))
    """

    def __init__(self, config: InstanceConfig, *, backend: Backend = "auto") -> None:
        super().__init__()
        self.config = config

        def mixing(level: int, channels: int) -> CellAttention | None:
            if level != ATTENTION_LEVEL or not config.attention:
                return None
            return CellAttention(channels, stride=1 << level, layers=config.attention, backend=backend)

        self.backbone = UResNet(config.backbone, backend=backend, mixing=mixing)
        self.head = _head_of(config, backend)
        for module in self.modules():
            if isinstance(module, BatchNorm):
                module.momentum = config.momentum

    def forward(self, x: SparseTensor) -> PixelAnswer:
        """Answer of the images of a batch.

        Parameters
        ----------
        x : SparseTensor
            Charge of wire images.
        """
        return self.answered(x, self.features(x))

    def features(self, x: SparseTensor) -> list[SparseTensor]:
        """Features of every level, finest first: what the heads read."""
        given = wire_features(x, position=self.config.position, gaps=self.config.gaps)
        return self.backbone.pyramid(given)

    def answered(self, _x: SparseTensor, levels: list[SparseTensor]) -> PixelAnswer:
        """Answer from the features of every level."""
        semantic = self.backbone.head(levels[0])
        answer: PixelAnswer = self.head(levels[0], levels[SEED_LEVEL], semantic=semantic)
        return answer
