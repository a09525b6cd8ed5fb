"""How large the studies of paper 3 are: small for two cores in half an hour, full as in the paper."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from argoscope.models.preparation import Preparation
from argoscope.papers import paper3_published as published
from argoscope.papers.finished import started_from
from argoscope.papers.samples import Sample, Use
from argoscope.papers.scan import Recipe

__all__ = ["COLLECTION", "FULL", "PLANES", "SMALL", "Sizes", "recipe_of", "whole", "windows"]

PLANES = {0: "U", 1: "V", 2: "Y"}
"""Names of the planes by projection number: first and second induction, collection."""
COLLECTION = 2
"""Projection number of the collection plane, on which the paper shows most."""
BATCH_FULL = 64
"""Images in a step of the paper's public program (github.com/ranitay/SparseSSNet)."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of all studies.

    Parameters
    ----------
    scale : str
        Name, for notes.
    test_events : int
        Of the preset paper3, whole planes; and windows of them for the networks of the scans.
    neutrino_events : int
        Of paper3-nue and of paper3-bnb, whole planes.
    variation_events : int
        Of paper3-nue, whole planes, for the central value and each variation.
    train_events, validation_events : int
        Of the scans, in windows.
    window : int
        Side of the windows in pixels; the paper has 512.
    start : str
        Shipped model from whose weights the networks start; empty: from nothing, as the paper's.
    filters : int
        Of the first layer, from nothing; the paper has 32.
    steps, batch : int
    rate : float
    cosine : bool
        Let the rate fall to nothing along a cosine; the paper has it constant.
    chosen : int
        Step whose weights are taken; 0: the last.
    cost_filters : int
        Of the network whose time and memory are measured.
    cost_pixels : tuple of int
        Active pixels of the planes that are measured, about.
    dense_window : int
        Side of the crop that the dense network is measured on; 0: the whole plane.
    """

    scale: str
    test_events: int
    neutrino_events: int
    variation_events: int
    train_events: int
    validation_events: int
    window: int
    start: str
    filters: int
    steps: int
    batch: int
    rate: float
    cosine: bool
    chosen: int = 0
    cost_filters: int = 32
    cost_pixels: tuple[int, ...] = (5_000, 10_000, 17_000, 25_000)
    dense_window: int = 0


SMALL = Sizes(
    scale="small",
    test_events=500, neutrino_events=150, variation_events=30, train_events=300, validation_events=30,
    window=256, start="five-class-2d", filters=8, steps=300, batch=8, rate=1e-3, cosine=True, dense_window=512,
)  # fmt: skip
"""Two cores, under half an hour: windows of 256 pixels, 300 steps from weights that know the classes."""

FULL = Sizes(
    scale="full",
    test_events=published.EVENTS["test"],
    neutrino_events=published.EVENTS["variation"],
    variation_events=published.EVENTS["variation"],
    train_events=published.EVENTS["train"],
    validation_events=1_000,
    window=512,
    start="",
    filters=32,
    steps=int(published.EPOCHS["trained"] * published.EVENTS["train"] / BATCH_FULL),
    batch=BATCH_FULL,
    rate=1e-3,
    cosine=False,
    chosen=int(published.EPOCHS["chosen"] * published.EVENTS["train"] / BATCH_FULL),
)
"""The paper's own sizes: 120,000 windows of 512 pixels, 15 epochs in steps of 64, weights after 8.5."""


def whole(sizes: Sizes, preset: str = "paper3") -> Sample:
    """Test events of a preset in whole planes."""
    return Sample(
        preset=preset,
        use="test",
        events=sizes.test_events if preset == "paper3" else sizes.neutrino_events,
    )


def windows(sizes: Sizes, use: Use) -> Sample:
    """Windows of events of the preset paper3, those of the test from the same events as `whole`."""
    counts = {"train": sizes.train_events, "validation": sizes.validation_events, "test": sizes.test_events}
    return Sample(preset="paper3", use=use, events=counts[use], window=sizes.window)


def recipe_of(sizes: Sizes, planes: tuple[int, ...], **changes: Any) -> Recipe:
    """The training of a network for some planes, all if none is named; `changes` are fields of `Recipe`.

    As in the paper: Adam, its weights, the loss summed over pixels and events.
    """
    least, most = published.CHARGES
    recipe = Recipe(
        network={"extends": "paper3", "filters": sizes.filters},
        train=windows(sizes, "train"),
        validation=windows(sizes, "validation"),
        steps=sizes.steps,
        batch=sizes.batch,
        rate=sizes.rate,
        cosine=sizes.cosine,
        preparation=Preparation(planes=planes, least=least, most=most),
        weighting="paper3",
        reduction="pixel-sum",
        snapshots=(sizes.chosen,) if sizes.chosen else (),
    )
    return started_from(replace(recipe, **changes), sizes.start)
