"""How large the studies of paper 0 are: small for two cores in half an hour, full as in the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from argoscope.models.preparation import Preparation
from argoscope.papers import paper0_published as published
from argoscope.papers.samples import Sample, Use
from argoscope.papers.scan import Recipe

__all__ = ["FULL", "SMALL", "Sizes", "dense_recipe", "reduced", "sparse_recipe", "whole"]

PLANES = (0, 1, 2)
"""Projection numbers: first and second induction, collection."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of all studies.

    Parameters
    ----------
    scale : str
        Name, for notes.
    test_events, cosmic_events, dirt_events : int
        Of the presets sbnd, sbnd-cosmic and sbnd-dirt.
    train_events, validation_events : int
        Of the scans.
    reduced : int
        Pixels along each axis that are made one in the images of the scans, before the paper's halving; 1: none.
    filters, depth : int
        Of the dense networks: channels of the first layer, downsamplings.
    steps, batch, warmup : int
        Of the dense networks.
    rate : float
        Of RMSprop.
    cosine : bool
        Let the rate fall to nothing along a cosine; the paper has it constant.
    sparse_filters, sparse_depth, sparse_steps, sparse_batch : int
    sparse_rate : float
        Of Adam, falling along a cosine.
    seeds : tuple of int
        The sparse networks are trained with each, to see how much a number moves by chance.
    cost_filters : int
        Of the dense network whose time and memory are measured.
    cost_events : int
        Events of which the fullest and an average one are measured.
    """

    scale: str
    test_events: int
    cosmic_events: int
    dirt_events: int
    train_events: int
    validation_events: int
    reduced: int
    filters: int
    depth: int
    steps: int
    batch: int
    warmup: int
    rate: float
    cosine: bool
    sparse_filters: int
    sparse_depth: int
    sparse_steps: int
    sparse_batch: int
    sparse_rate: float
    seeds: tuple[int, ...]
    cost_filters: int
    cost_events: int


SMALL = Sizes(
    scale="small",
    test_events=500, cosmic_events=300, dirt_events=100, train_events=300, validation_events=10,
    reduced=8, filters=4, depth=3, steps=280, batch=2, warmup=20, rate=3e-3, cosine=True,
    sparse_filters=8, sparse_depth=4, sparse_steps=300, sparse_batch=2, sparse_rate=3e-3, seeds=(0, 1),
    cost_filters=8, cost_events=50,
)  # fmt: skip
"""Two cores, under half an hour: an eighth of the paper's resolution, a quarter of its filters, 280 steps of 2 events."""

FULL = Sizes(
    scale="full",
    test_events=10_000, cosmic_events=10_000, dirt_events=2_000, train_events=40_000, validation_events=200,
    reduced=1, filters=published.FILTERS, depth=5, steps=100_000, batch=published.BATCH, warmup=5_000,
    rate=published.RATE, cosine=False,
    sparse_filters=16, sparse_depth=6, sparse_steps=20_000, sparse_batch=4, sparse_rate=1e-3, seeds=(0, 1),
    cost_filters=published.FILTERS, cost_events=500,
)  # fmt: skip
"""The paper's images and network. How many events and steps it had it does not say; ours are 20 epochs of 40,000 [E],
as its public program warms up for one epoch and keeps its rate for 20."""


def whole(sizes: Sizes, preset: str = "sbnd") -> Sample:
    """Test events of a preset at full resolution."""
    counts = {"sbnd": sizes.test_events, "sbnd-cosmic": sizes.cosmic_events, "sbnd-dirt": sizes.dirt_events}
    return Sample(preset=preset, use="test", events=counts[preset])


def reduced(sizes: Sizes, use: Use, preset: str = "sbnd") -> Sample:
    """Events at the resolution of the scans; those of the test are the same as in `whole`."""
    counts = {"train": sizes.train_events, "validation": sizes.validation_events}
    sample = whole(sizes, preset) if use == "test" else Sample(preset=preset, use=use, events=counts[use])
    return replace(sample, reduced=sizes.reduced if sizes.reduced > 1 else 0)


def dense_recipe(sizes: Sizes, network: dict[str, Any], **changes: Any) -> Recipe:
    """The training of paper 0's network on the events of the scans.

    As in the paper: RMSprop, the mild balance, the mean over the pixels of all planes, one event at a time.

    Parameters
    ----------
    sizes : Sizes
    network : dict
        What is otherwise than in the reference model.
    **changes
        Fields of `Recipe`.
    """
    deepest = sizes.filters * 2**sizes.depth // 2
    own = {"filters": sizes.filters, "depth": sizes.depth, "deepest": deepest, **network}
    recipe = Recipe(
        network={"extends": "paper0", **own},
        train=reduced(sizes, "train"),
        validation=reduced(sizes, "validation"),
        steps=sizes.steps,
        batch=sizes.batch,
        task="cosmic-tagging",
        optimizer="rmsprop",
        rate=sizes.rate,
        warmup=sizes.warmup,
        cosine=sizes.cosine,
        preparation=Preparation(planes=PLANES),
        weighting="light",
        reduction="pixel-mean",
        pixels="all",
    )
    changed = replace(recipe, **changes)
    return replace(changed, parts=changed.batch)


def sparse_recipe(sizes: Sizes, *, mixed: bool = True, seed: int = 0) -> Recipe:
    """The training of the sparse network on the same events, its planes mixed at the deepest level or not."""
    network = {"filters": sizes.sparse_filters, "depth": sizes.sparse_depth, "mixed_levels": int(mixed)}
    return Recipe(
        network={"extends": "paper0-sparse", **network},
        train=reduced(sizes, "train"),
        validation=reduced(sizes, "validation"),
        steps=sizes.sparse_steps,
        batch=sizes.sparse_batch,
        task="cosmic-tagging",
        rate=sizes.sparse_rate,
        cosine=True,
        preparation=Preparation(planes=PLANES),
        weighting="root-inverse",
        seed=seed,
    )
