"""Table 1: the layers of the network and their numbers of parameters, by the readings that the paper allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from argoscope.models.builders import parameter_count
from argoscope.models.multiplane_dense import DenseMultiplaneConfig, DenseMultiplaneUResNet
from argoscope.papers import paper0_published as published
from argoscope.papers.paper0_studies.sizes import Sizes
from argoscope.papers.study import Context, Section, Table

__all__ = ["READINGS", "find", "layers"]

READINGS: Mapping[str, dict[str, Any]] = {
    "8 filters, 6 downsamplings (table 1)": {"filters": 8, "depth": 6},
    "16 filters, 5 downsamplings (text)": {"filters": 16, "depth": 5},
    "16 filters, 6 downsamplings": {"filters": 16, "depth": 6},
}
"""The table and the text contradict each other: 512 filters in 10 x 16 pixels, and 16 at the start, cannot both be."""
PROGRAM: Mapping[str, tuple[dict[str, Any], int]] = {
    "as table 1": ({}, sum(published.TABLE_1.values())),
    "program, version of the paper: 5-pixel stem, 8 filters more a level, non residual": (
        {"growth": "add", "stem": 5, "skip": "before", "residual": False}, 8_510_547,
    ),
    "program, now: 16 filters more a level, concatenated, 5 blocks at the end": (
        {"growth": "add", "stem": 5, "skip": "before", "filters": 16, "join": "concatenate", "final_blocks": 5}, 18_382_131,
    ),
    "16 filters doubled, 5 blocks at the end": ({"stem": 5, "filters": 16, "final_blocks": 5}, 44_589_251),
}  # fmt: skip
"""Networks of the public program, and its own count of their parameters."""


def layers(**changes: Any) -> dict[str, int]:
    """Parameters of the layers of a network, named as in table 1.

    Parameters
    ----------
    **changes
        Fields of `DenseMultiplaneConfig`.

    Examples
    --------
    >>> layers()["Down 0"]
    2576
    """
    with torch.device("meta"):
        network = DenseMultiplaneUResNet(DenseMultiplaneConfig(**changes))
    pairs = zip(network.blocks, network.down, strict=True)
    downs = {f"Down {n}": parameter_count(a) + parameter_count(b) for n, (a, b) in enumerate(pairs)}
    names = ("Bottleneck, planes joined", "Deepest", "Bottleneck, planes split")
    deepest = dict(zip(names, map(parameter_count, network.deepest.through), strict=True))
    ups = {f"Up {len(downs) - 1 - n}": parameter_count(up) for n, up in enumerate(network.up)}
    return {
        "Initial": parameter_count(network.stem), **downs, **deepest, **ups,
        "Final": parameter_count(network.final) + parameter_count(network.head),
    }  # fmt: skip


def find(_context: Context, _sizes: Sizes) -> Section:
    """Count the parameters of each reading beside the table's."""
    found = {name: layers(**changes) for name, changes in READINGS.items()}
    rows = [
        (name, theirs, *(counts.get(name) for counts in found.values()))
        for name, theirs in published.TABLE_1.items()
    ]
    totals = (sum(published.TABLE_1.values()), *(sum(counts.values()) for counts in found.values()))
    programs = tuple(
        (name, sum(layers(**changes).values()), theirs) for name, (changes, theirs) in PROGRAM.items()
    )
    return Section(
        "Table 1: layers and parameters",
        "The paper's text says 16 initial filters, five downsamplings and 512 filters in images of 10 x 16 pixels; its table "
        "has 8 filters and six downsamplings. Every reading is a configuration. The last row of the table does not belong to "
        "8 filters: its 57 parameters are those of 16 filters to 3 classes with a norm, where 8 to 3 without one have 27. Up 0 is "
        "the row that it calls Bottleneck.",
        (
            Table("Parameters by layer", ("layer", "paper 0", *READINGS), (*rows, ("all", *totals))),
            Table("Whole networks", ("network", "ours", "paper 0"), programs, _NOTE),
        ),
    )


_NOTE = "The numbers beside the program's networks are its own count of its parameters (github.com/coreyjadams/CosmicTagger)."
