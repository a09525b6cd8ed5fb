"""Section III and figure 3: the networks and their numbers of parameters."""

from __future__ import annotations

from typing import Any

import torch

from argoscope.models.builders import build_network, parameter_count, resolved
from argoscope.papers import paper2_published as published
from argoscope.papers.paper2_studies.sizes import Sizes, classifier_recipe, pair_recipes, sparse_recipe
from argoscope.papers.study import Context, Section, Table

__all__ = ["find"]


def find(_context: Context, sizes: Sizes) -> Section:
    """Count what the published networks have, and those that are trained here."""
    pair = pair_recipes(sizes)
    networks: dict[str, dict[str, Any]] = {
        "dense, as published": {"extends": "paper2"},
        "dense, as it ran on data": {"extends": "paper2-deployed"},
        "sparse": {"extends": "paper2-sparse"},
        "encoder of the published one, on particles": {"extends": "paper2-particles"},
        "trained here: dense": pair["dense"].network,
        "trained here: sparse": sparse_recipe(sizes).network,
        "trained here: classifier": classifier_recipe(sizes).network,
    }
    rows = tuple((name, *_shape(network)) for name, network in networks.items())
    side, channels = published.DEEPEST
    return Section(
        "Section III, figure 3: networks",
        f"The paper's text ends at {channels} channels in {side} x {side} pixels and gives no number of parameters; the network "
        "that MicroBooNE ran on its data ends at 512 (its public program). The sparse network is ours, with the same five "
        "downsamplings, on pixels with charge alone.",
        (Table("Parameters", ("network", "downsamplings", "channels at the deepest", "parameters"), rows),),
    )


def _shape(network: dict[str, Any]) -> tuple[int, int, int]:
    """Downsamplings, channels at the deepest level, parameters."""
    values = resolved(network)
    with torch.device("meta"):
        parameters = parameter_count(build_network(network))
    if values["kind"].startswith("ubssnet"):
        return values["depth"], values["filters"] * 2 ** values["depth"], parameters
    return values["depth"] - 1, values["filters"] * values["depth"], parameters
