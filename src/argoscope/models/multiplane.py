"""The sparse multi-plane U-ResNet: all wire planes of an event at full resolution.

The planes go through one U-ResNet with the same weights; at its deepest levels
they are mixed along the drift (`argoscope.models.plane_mixing`). Without mixing
it is the U-ResNet of single images. Two things are done to the charge before:

    asinh(charge / compression)     so that induction and collection planes, whose charges differ tenfold,
                                    meet the first layer at one scale
    position                        wire and drift from -1 to 1 as two more features: a sparse network sees no
                                    border, but tracks that leave the detector are most often cosmic

References
----------
Paper 0, arXiv:2012.01301: shared weights, mixing at the deepest level; section 9
hopes for a sparse network at full resolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from argoscope.errors import InvalidArgument
from argoscope.models.plane_mixing import PlaneMixing
from argoscope.models.planes import PlaneNetwork, require_planes
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import BatchNorm, SparseTensor
from argoscope.sparse.checks import check_choice, check_count, check_number
from argoscope.sparse.convolution import Backend

__all__ = ["MultiplaneConfig", "MultiplaneUResNet"]


@dataclass(frozen=True, kw_only=True)
class MultiplaneConfig:
    """Shape of the network.

    Raises
    ------
    InvalidArgument
        If a number is no positive integer, more levels are mixed than there are, or the compression is negative.

    Examples
    --------
    >>> MultiplaneConfig(filters=8, depth=3).single.channels
    (8, 16, 24)
    """

    dimensions: Literal[2] = 2
    """Number of axes of the image: wire and drift."""
    classes: int = 3
    """Number of classes: background, cosmic, neutrino."""
    filters: int = 16
    """Channels at full resolution; level k has (k + 1) times as many."""
    depth: int = 6
    """Number of resolution levels (paper 0: six downsamplings, here five)."""
    blocks: int = 2
    """Residual blocks at each level, on the way down and again on the way up."""
    planes: int = 3
    """Images of an event."""
    mixed_levels: int = 1
    """How many of the deepest levels mix the planes; 0 blocks what goes across planes."""
    compression: float = 10.0
    """Charge from which on its logarithm counts, of the order of the noise; 0 takes the charge as it is."""
    position: bool = True
    """Whether the network is told where in the image a pixel is."""
    momentum: float = 0.05
    """Weight of a new batch in the norms' running averages; SparseConvNet's 0.01 lags behind batches of a few events."""

    def __post_init__(self) -> None:
        check_choice("dimensions", self.dimensions, (2,))
        for name in ("classes", "filters", "depth", "blocks", "planes"):
            check_count(name, getattr(self, name))
        if not 0 <= self.mixed_levels <= self.depth:
            raise InvalidArgument(
                f"mixed_levels (={self.mixed_levels}) must be from 0 to the depth (={self.depth})"
            )
        if not 0 <= self.compression < float("inf"):
            raise InvalidArgument(f"compression (={self.compression}) must not be negative")
        check_number("momentum", self.momentum, most=1)

    @property
    def single(self) -> UResNetConfig:
        """The U-ResNet that every plane goes through."""
        features = 3 if self.position else 1
        return UResNetConfig(
            dimensions=self.dimensions, features=features, classes=self.classes, filters=self.filters, depth=self.depth,
            blocks=self.blocks,
        )  # fmt: skip


class MultiplaneUResNet(PlaneNetwork):
    """Sparse multi-plane U-ResNet; see the module's text.

    Parameters
    ----------
    config : MultiplaneConfig
    backend : {"auto", "numba", "torch", "reference"}

    Examples
    --------
    One event of three planes, the last of them empty:

    >>> network = MultiplaneUResNet(MultiplaneConfig(filters=4, depth=2)).eval()
    >>> x = SparseTensor.from_coordinates([[0, 0, 1], [1, 1, 0]], torch.ones(2, 1), shape=(4, 6), batch_size=3)
    >>> network(x, [3]).features.shape
    torch.Size([2, 3])
    """

    def __init__(self, config: MultiplaneConfig, *, backend: Backend = "auto") -> None:
        super().__init__()
        self.config = config
        first = config.depth - config.mixed_levels

        def mixing(level: int, channels: int) -> PlaneMixing | None:
            return None if level < first else PlaneMixing(channels, planes=config.planes, backend=backend)

        self.network = UResNet(config.single, backend=backend, mixing=mixing)
        for module in self.network.modules():
            if isinstance(module, BatchNorm):
                module.momentum = config.momentum

    def forward(self, x: SparseTensor, images_of: Sequence[int]) -> SparseTensor:
        """Scores before softmax of every active pixel, shape (sites, classes), on the same sites.

        Parameters
        ----------
        x : SparseTensor
            Charge of the planes, those of an event one after the other.
        images_of : sequence of int
            Number of images of each event.

        Raises
        ------
        InvalidArgument
            If an event has more or fewer planes than the network reads.
        """
        require_planes(x, images_of, self.config.planes)
        scores: SparseTensor = self.network(self._prepared(x))
        return scores

    def _prepared(self, x: SparseTensor) -> SparseTensor:
        """Compressed charge, and the position."""
        charge, compression = x.features, self.config.compression
        if compression:
            charge = torch.asinh(charge / compression)
        return x.with_features(torch.cat([charge, _positions(x)], dim=1) if self.config.position else charge)


def _positions(x: SparseTensor) -> Tensor:
    """Coordinates of the sites, from -1 at one border of the image to 1 at the other; shape (sites, axes)."""
    coordinates = torch.from_numpy(x.index.coordinates).to(x.features.device, x.features.dtype)
    sides = coordinates.new_tensor(x.index.shape)
    return (2 * coordinates + 1) / sides - 1
