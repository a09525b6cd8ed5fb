"""The same U-ResNet in spconv, where its CPU wheel is installed; for comparison only."""

from __future__ import annotations

import importlib.util
from typing import Any

import torch
from torch import nn

from argoscope.models.uresnet import UResNetConfig

__all__ = ["available", "build", "sparse_input"]


def available() -> bool:
    """Whether spconv can be imported."""
    return importlib.util.find_spec("spconv") is not None


def sparse_input(coordinates: Any, features: torch.Tensor, shape: tuple[int, ...]) -> Any:
    """One batch in spconv's form."""
    import spconv.pytorch as spconv

    rows = torch.as_tensor(coordinates, dtype=torch.int32)
    return spconv.SparseConvTensor(features, rows, list(shape), 1)


def build(config: UResNetConfig) -> nn.Module:
    """The network, in evaluation mode."""
    import spconv.pytorch as spconv

    make = _Layers(config.dimensions)
    level = _level_class(make, config)
    network = spconv.SparseSequential(
        make.submanifold(config.features, config.filters, 3, "level0"),
        level(0),
        make.activated(config.filters),
        nn.Linear(config.filters, config.classes),
    )
    evaluated: nn.Module = network.eval()
    return evaluated


class _Layers:
    """Makes spconv's layers in 2D or 3D; `key` names the map that layers share."""

    def __init__(self, dimensions: int) -> None:
        import spconv.pytorch as spconv

        plane = dimensions == 2
        self.options = {"bias": False, "algo": spconv.ConvAlgo.Native}
        self.kinds = (
            spconv.SubMConv2d if plane else spconv.SubMConv3d,
            spconv.SparseConv2d if plane else spconv.SparseConv3d,
            spconv.SparseInverseConv2d if plane else spconv.SparseInverseConv3d,
        )

    def submanifold(self, first: int, here: int, kernel: int, key: str) -> nn.Module:
        layer: nn.Module = self.kinds[0](first, here, kernel, indice_key=key, **self.options)
        return layer

    def strided(self, here: int, below: int, key: str) -> nn.Module:
        layer: nn.Module = self.kinds[1](here, below, 2, 2, indice_key=key, **self.options)
        return layer

    def inverse(self, below: int, here: int, key: str) -> nn.Module:
        layer: nn.Module = self.kinds[2](below, here, 2, indice_key=key, **self.options)
        return layer

    def activated(self, channels: int) -> nn.Module:
        import spconv.pytorch as spconv

        pair: nn.Module = spconv.SparseSequential(nn.BatchNorm1d(channels, eps=1e-4), nn.ReLU())
        return pair


def _block_class(make: _Layers) -> type[nn.Module]:
    """The residual block; a class made here because its base needs spconv."""
    import spconv.pytorch as spconv

    class Block(spconv.SparseModule):  # type: ignore[misc]  # untyped
        def __init__(self, first: int, here: int, key: str) -> None:
            super().__init__()
            self.shortcut = None if first == here else nn.Linear(first, here, bias=False)
            self.through = spconv.SparseSequential(
                make.activated(first),
                make.submanifold(first, here, 3, key),
                make.activated(here),
                make.submanifold(here, here, 3, key),
            )

        def forward(self, x: Any) -> Any:
            around = x.features if self.shortcut is None else self.shortcut(x.features)
            y = self.through(x)
            return y.replace_feature(y.features + around)

    return Block


def _level_class(make: _Layers, config: UResNetConfig) -> type[nn.Module]:
    """One resolution and everything below it."""
    import spconv.pytorch as spconv

    block = _block_class(make)

    class Level(spconv.SparseModule):  # type: ignore[misc]  # untyped
        def __init__(self, depth: int) -> None:
            super().__init__()
            here, key = config.channels[depth], f"level{depth}"
            self.encoder = nn.Sequential(*(block(here, here, key) for _ in range(config.blocks)))
            self.deeper = None
            if depth + 1 < config.depth:
                below, between = config.channels[depth + 1], f"down{depth}"
                self.down = spconv.SparseSequential(make.activated(here), make.strided(here, below, between))
                self.deeper = Level(depth + 1)
                self.up = spconv.SparseSequential(make.activated(below), make.inverse(below, here, between))
                firsts = [2 * here] + [here] * (config.blocks - 1)
                self.decoder = nn.Sequential(*(block(first, here, key) for first in firsts))

        def forward(self, x: Any) -> Any:
            x = self.encoder(x)
            if self.deeper is not None:
                raised = self.up(self.deeper(self.down(x)))
                x = self.decoder(x.replace_feature(torch.cat([x.features, raised.features], dim=1)))
            return x

    return Level
