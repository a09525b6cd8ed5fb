"""Networks from descriptions: a few words and numbers that a configuration, or a card, can hold.

    {"kind": "uresnet", "dimensions": 3, "filters": 16, "depth": 5}

Every network takes a `SparseTensor` and gives scores of its active pixels, but
for those that find interactions; the dense ones of images are wrapped in
`OnDenseImages`. `PUBLISHED` has the papers' networks by name, which a
description may extend, what is nested key by key:

    {"extends": "paper4", "filters": 32}
    {"extends": "paper1", "backbone": {"width": 8}}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from argoscope.detectors.schema import from_plain, to_plain
from argoscope.errors import named
from argoscope.models.anchors import TUNED_ANCHORS
from argoscope.models.dense import DenseUResNet
from argoscope.models.dense_images import OnDenseImages
from argoscope.models.instance_network import InstanceConfig, InstanceNetwork
from argoscope.models.mask_rcnn import MaskRCNN
from argoscope.models.mask_rcnn_config import MaskRCNNConfig
from argoscope.models.multiplane import MultiplaneConfig, MultiplaneUResNet
from argoscope.models.multiplane_dense import DenseMultiplaneConfig, DenseMultiplaneUResNet, OnPooledPlanes
from argoscope.models.paper4_dense import Paper4DenseConfig, Paper4DenseUResNet
from argoscope.models.particle_classifier import DenseParticleClassifier, SparseParticleClassifier
from argoscope.models.ubssnet import UBSSNet, UBSSNetConfig
from argoscope.models.uresnet import UResNet, UResNetConfig

__all__ = [
    "ANSWERING_ALL_PIXELS",
    "FINDING_INSTANCES",
    "PUBLISHED",
    "build_network",
    "parameter_count",
    "resolved",
]


_KINDS: dict[str, tuple[type, Callable[[Any], nn.Module]]] = {
    "uresnet": (UResNetConfig, UResNet),
    "dense-uresnet": (UResNetConfig, lambda config: OnDenseImages(DenseUResNet(config))),
    "paper4-dense": (Paper4DenseConfig, lambda config: OnDenseImages(Paper4DenseUResNet(config))),
    "multiplane": (MultiplaneConfig, MultiplaneUResNet),
    "multiplane-dense": (
        DenseMultiplaneConfig,
        lambda config: OnPooledPlanes(DenseMultiplaneUResNet(config)),
    ),
    "mask-rcnn": (MaskRCNNConfig, MaskRCNN),
    "ubssnet": (UBSSNetConfig, lambda config: OnDenseImages(UBSSNet(config))),
    "ubssnet-particles": (UBSSNetConfig, DenseParticleClassifier),
    "uresnet-particles": (UResNetConfig, SparseParticleClassifier),
    "instances": (InstanceConfig, InstanceNetwork),
}
"""Configuration and constructor of each kind."""

ANSWERING_ALL_PIXELS = ("dense-uresnet", "paper4-dense", "multiplane-dense", "ubssnet")
"""Kinds that have `image_scores`: answers for pixels without charge too."""
FINDING_INSTANCES = ("instances", "mask-rcnn")
"""Kinds that answer with interactions (`argoscope.models.found`), the others with scores of pixels."""

PUBLISHED: Mapping[str, dict[str, Any]] = {
    # arXiv:2012.01301, table 1: 8 filters, doubled at each of six downsamplings. The text's 16 filters: filters: 16.
    "paper0": {"kind": "multiplane-dense", "filters": 8, "depth": 6},
    # The same article's hope, at full resolution: ours, as large as half a second on 2 cores allows.
    "paper0-sparse": {"kind": "multiplane", "filters": 16, "depth": 6},
    # arXiv:1808.07269, section III, whose deepest level has 1024 channels; its encoder on single particles, section IV A.
    "paper2": {"kind": "ubssnet", "filters": 32},
    "paper2-particles": {"kind": "ubssnet-particles", "filters": 32, "classes": 5},
    # The one that ran on MicroBooNE's data: 512 channels there (github.com/NuTufts/pytorch-uresnet).
    "paper2-deployed": {"kind": "ubssnet", "filters": 16},
    # The same task on active pixels: ours, with the five downsamplings of the dense ones.
    "paper2-sparse": {"kind": "uresnet", "dimensions": 2, "classes": 3, "filters": 16, "depth": 6},
    "paper2-sparse-particles": {
        "kind": "uresnet-particles",
        "dimensions": 2,
        "classes": 5,
        "filters": 16,
        "depth": 6,
    },
    # Ours for the task of arXiv:2201.05705, as large as 0.3 seconds on 2 cores allow.
    "seed-masks": {"kind": "instances", "filters": 16, "depth": 6},
    # arXiv:2201.05705, section 3, and its code's two configurations; the sparse one is sMask-RCNN.
    "paper1": {"kind": "mask-rcnn", "backbone": {"sparse": False}, "boxes": {"overlap": 0.1}},
    "paper1-sparse": {"kind": "mask-rcnn"},
    # The same with anchors found among simulated interactions, suppression by masks, larger boxes, the two classes that there are and
    # norms that are trained: as good as we can make it. Classes: background, cosmic, neutrino.
    "paper1-tuned": {
        "kind": "mask-rcnn",
        "backbone": {"norm": "batch"},
        "proposals": {"shapes": [list(shape) for shape in TUNED_ANCHORS], "training_overlap": 0.7},
        "boxes": {"class_weights": [1.0, 2.0, 2 * 3498 / 194], "overlap": 0.5, "mask_overlap": 0.5},
        "masks": {"enlargement": 1.05},
    },
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


def _merged(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values over the base, mappings key by key."""
    nested = {
        key: _merged(base[key], value)
        for key, value in values.items()
        if isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
    }
    return {**base, **values, **nested}


def _configured(description: Mapping[str, Any]) -> tuple[str, Any]:
    values = dict(description)
    if "extends" in values:
        base = str(values.pop("extends"))
        values = _merged(named(base, PUBLISHED, "there is no published network"), values)
    kind = str(values.pop("kind", "uresnet"))
    config, _ = named(kind, _KINDS, "there is no network kind")
    return kind, from_plain(config, values, f"network {kind}")
