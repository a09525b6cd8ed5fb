"""Networks from descriptions: a few words and numbers that a configuration, or a card, can hold.

    {"kind": "uresnet", "dimensions": 3, "filters": 16, "depth": 5}

Every network takes a `SparseTensor` and gives scores of its active pixels; the
dense ones are wrapped in `OnDenseImages`. `PUBLISHED` has the papers' networks
by name, which a description may extend: {"extends": "paper4", "filters": 32}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from argoscope.detectors.schema import from_plain, to_plain
from argoscope.errors import named
from argoscope.models.dense import DenseUResNet
from argoscope.models.multiplane import MultiplaneConfig, MultiplaneUResNet
from argoscope.models.multiplane_dense import DenseMultiplaneConfig, DenseMultiplaneUResNet, OnPooledPlanes
from argoscope.models.paper4_dense import Paper4DenseConfig, Paper4DenseUResNet
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import SparseTensor

__all__ = ["PUBLISHED", "OnDenseImages", "build_network", "parameter_count", "resolved"]


class OnDenseImages(nn.Module):
    """A network of dense images that reads and answers sparse tensors.

    Pixels without charge are 0 on the way in; their scores are left out on the
    way out, as paper 4's loss does.

    Parameters
    ----------
    network : Module
        From (events, channels, *sides) to (events, classes, *sides).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: SparseTensor) -> SparseTensor:
        """Scores of the active pixels, on the same sites."""
        # Copied, because `to_dense` puts the channels last in memory, and there torch 2.13 damages memory in the
        # backward pass of a 1-pixel convolution with stride 2.
        image = x.to_dense().clone(memory_format=torch.contiguous_format)
        return x.read_dense(self.network(image))


_KINDS: dict[str, tuple[type, Callable[[Any], nn.Module]]] = {
    "uresnet": (UResNetConfig, UResNet),
    "dense-uresnet": (UResNetConfig, lambda config: OnDenseImages(DenseUResNet(config))),
    "paper4-dense": (Paper4DenseConfig, lambda config: OnDenseImages(Paper4DenseUResNet(config))),
    "multiplane": (MultiplaneConfig, MultiplaneUResNet),
    "multiplane-dense": (
        DenseMultiplaneConfig,
        lambda config: OnPooledPlanes(DenseMultiplaneUResNet(config)),
    ),
}
"""Configuration and constructor of each kind."""

PUBLISHED: Mapping[str, dict[str, Any]] = {
    # arXiv:2012.01301, table 1: 8 filters, doubled at each of six downsamplings. The text's 16 filters: filters: 16.
    "paper0": {"kind": "multiplane-dense", "filters": 8, "depth": 6},
    # The same article's hope, at full resolution: ours, as large as half a second on 2 cores allows.
    "paper0-sparse": {"kind": "multiplane", "filters": 16, "depth": 6},
    # arXiv:2012.08513, section III: 32 filters, 5 levels, one network a plane.
    "paper3": {"kind": "uresnet", "dimensions": 2, "filters": 32, "depth": 5},
    # arXiv:1903.05663, section IV; "5-16" and "5-32" in its tables.
    "paper4": {"kind": "uresnet", "dimensions": 3, "filters": 16, "depth": 5},
    "paper4-dense": {"kind": "paper4-dense", "dimensions": 3, "filters": 16, "depth": 5},
}
"""The papers' networks by name."""


def resolved(description: Mapping[str, Any]) -> dict[str, Any]:
    """The description with every number filled in.

    Parameters
    ----------
    description : mapping
        ``kind``, or ``extends`` with the name of a published network, and fields of its configuration.

    Raises
    ------
    InvalidArgument
        If a kind, a name or a key is unknown, or a value breaks its rule.

    Examples
    --------
    >>> resolved({"extends": "paper4", "filters": 8})["filters"]
    8
    """
    kind, config = _configured(description)
    return {"kind": kind, **to_plain(config)}


def build_network(description: Mapping[str, Any]) -> nn.Module:
    """Build a network.

    Examples
    --------
    >>> parameter_count(build_network({"kind": "uresnet", "filters": 4, "depth": 2}))
    4117
    """
    kind, config = _configured(description)
    return _KINDS[kind][1](config)


def parameter_count(network: nn.Module) -> int:
    """Number of trained numbers."""
    return sum(weight.numel() for weight in network.parameters())


def _configured(description: Mapping[str, Any]) -> tuple[str, Any]:
    values = dict(description)
    if "extends" in values:
        base = str(values.pop("extends"))
        values = {**named(base, PUBLISHED, "there is no published network"), **values}
    kind = str(values.pop("kind", "uresnet"))
    config, _ = named(kind, _KINDS, "there is no network kind")
    return kind, from_plain(config, values, f"network {kind}")
