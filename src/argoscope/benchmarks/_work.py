"""What a U-ResNet does on an image: its maps and its operations."""

from __future__ import annotations

from argoscope.models.uresnet import UResNetConfig
from argoscope.sparse import SiteIndex

__all__ = ["build_maps", "gflop"]


def build_maps(index: SiteIndex, depth: int) -> None:
    """Make every map an evaluation follows, so that what remains is the network."""
    for level in range(depth):
        _touch = index.neighbours(3).pairs, index.pointwise().pairs
        if level + 1 < depth:
            kernel_map, coarse = index.coarser(2)
            _touch = kernel_map.pairs, kernel_map.reverse.pairs
            index = coarse


def gflop(config: UResNetConfig, index: SiteIndex) -> float:
    """Operations of an evaluation, in 10^9: two for each product of real neighbour pairs."""
    sites, blocks = len(index), config.blocks
    pairs = len(index.neighbours(3).pairs[1])
    products = pairs * config.features * config.filters + sites * config.filters * config.classes
    for level, here in enumerate(config.channels):
        sites, pairs = len(index), len(index.neighbours(3).pairs[1])
        products += 2 * blocks * pairs * here * here
        if level + 1 < config.depth:
            # Down and up; the decoder, whose first block reads twice the channels and has a shortcut.
            products += 2 * sites * here * config.channels[level + 1]
            products += (2 * blocks + 1) * pairs * here * here + 2 * sites * here * here
            index = index.coarser(2)[1]
    return 2e-9 * products
