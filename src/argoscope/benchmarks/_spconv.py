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

    native = spconv.ConvAlgo.Native
    plane = config.dimensions == 2
    submanifold = spconv.SubMConv2d if plane else spconv.SubMConv3d
    strided = spconv.SparseConv2d if plane else spconv.SparseConv3d
    inverse = spconv.SparseInverseConv2d if plane else spconv.SparseInverseConv3d

    def activated(channels: int) -> nn.Module:
        return spconv.SparseSequential(nn.BatchNorm1d(channels, eps=1e-4), nn.ReLU())

    class Block(spconv.SparseModule):  # type: ignore[misc]  # untyped
        def __init__(self, first: int, here: int, key: str) -> None:
            super().__init__()
            self.shortcut = None if first == here else nn.Linear(first, here, bias=False)
            self.through = spconv.SparseSequential(
                activated(first),
                submanifold(first, here, 3, bias=False, indice_key=key, algo=native),
                activated(here),
                submanifold(here, here, 3, bias=False, indice_key=key, algo=native),
            )

        def forward(self, x: Any) -> Any:
            around = x.features if self.shortcut is None else self.shortcut(x.features)
            y = self.through(x)
            return y.replace_feature(y.features + around)

    class Level(spconv.SparseModule):  # type: ignore[misc]  # untyped
        def __init__(self, depth: int) -> None:
            super().__init__()
            here, key = config.channels[depth], f"level{depth}"
            self.encoder = nn.Sequential(*(Block(here, here, key) for _ in range(config.blocks)))
            self.deeper = None
            if depth + 1 < config.depth:
                below = config.channels[depth + 1]
                self.down = spconv.SparseSequential(
                    activated(here),
                    strided(here, below, 2, 2, bias=False, indice_key=f"down{depth}", algo=native),
                )
                self.deeper = Level(depth + 1)
                self.up = spconv.SparseSequential(
                    activated(below),
                    inverse(below, here, 2, indice_key=f"down{depth}", bias=False, algo=native),
                )
                firsts = [2 * here] + [here] * (config.blocks - 1)
                self.decoder = nn.Sequential(*(Block(first, here, key) for first in firsts))

        def forward(self, x: Any) -> Any:
            x = self.encoder(x)
            if self.deeper is not None:
                raised = self.up(self.deeper(self.down(x)))
                x = self.decoder(x.replace_feature(torch.cat([x.features, raised.features], dim=1)))
            return x

    network = spconv.SparseSequential(
        submanifold(config.features, config.filters, 3, bias=False, indice_key="level0", algo=native),
        Level(0),
        activated(config.filters),
        nn.Linear(config.filters, config.classes),
    )
    evaluated: nn.Module = network.eval()
    return evaluated
