"""The metrics of a sample of events: averaged over events, and over all instances together.

A block is what one event gives to one set of metrics: all instances, classes
not looked at, or those of one class, the true and the predicted ones of that
class kept before anything is computed. Most metrics are a sum over instances
divided by their number, so a block keeps both:

    averaged over events   mean of top / bottom over the events that have a bottom
    pooled                 sum of tops / sum of bottoms

An event without true instances has no efficiency, one without predictions no
purity: it is left out of the mean, and counted.

References
----------
Paper 1: arXiv:2201.05705, section 4 (score 0.4), 4.1 (event averages), 4.2 (covered).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from argoscope.analyses.instance_metrics import (
    adjusted_rand_index,
    average_precision,
    charge_efficiencies,
    duplicates,
    efficiencies,
    hits,
    panoptic,
    purities,
)
from argoscope.analyses.instance_overlaps import contingency, overlaps_of
from argoscope.analyses.statistics import bootstrap
from argoscope.errors import InvalidArgument
from argoscope.events import Image
from argoscope.events.instances import Instances
from argoscope.simulation.image_measures import LEAST_PIXELS

__all__ = ["METRICS", "Block", "Rules", "averages", "measure_block"]

METRICS = (
    "efficiency",
    "purity",
    "charge_efficiency",
    "covered",
    "zero_efficiency",
    "panoptic_quality",
    "ap50",
    "ari",
    "duplicates",
)
_AP50 = METRICS.index("ap50")
AT_ONCE = 2**22
"""Weights of predictions that a bootstrap of AP50 holds at once, 32 MB; it changes no result."""


@dataclass(frozen=True)
class Rules:
    """What counts.

    Parameters
    ----------
    least_score : float
        Predictions below it are left out, except from AP50, which runs along the score.
    least_pixels : int
        Active pixels from which a true instance counts. The paper counts those with any.
    covered : float
        A true instance is covered if its efficiency is above.

    Raises
    ------
    InvalidArgument
        If one is out of its range.
    """

    least_score: float = 0.4
    least_pixels: int = LEAST_PIXELS
    covered: float = 0.8

    def __post_init__(self) -> None:
        for name in ("least_score", "covered"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be from 0 to 1")
        if self.least_pixels < 1:
            raise InvalidArgument(
                f"least_pixels (={self.least_pixels}) must be at least 1: without active pixels there is no efficiency"
            )


@dataclass(frozen=True, eq=False)
class Block:
    """What one event gives.

    Parameters
    ----------
    tops, bottoms : ndarray, shape (9,), float64
        Of each of `METRICS`; a bottom of 0 where there is nothing to average. Those of AP50 are of this event alone.
    efficiency, charge_efficiency : ndarray, shape (t,), float64
        Of each true instance, counted or not.
    counted : ndarray, shape (t,), bool
    purity : ndarray, shape (m,), float64
        Of each prediction that reaches the score.
    scores, right : ndarray, shape (all predictions,)
        For AP50 of the whole sample.
    """

    tops: np.ndarray
    bottoms: np.ndarray
    efficiency: np.ndarray
    charge_efficiency: np.ndarray
    counted: np.ndarray
    purity: np.ndarray
    scores: np.ndarray
    right: np.ndarray


def measure_block(active: Image, truth: Instances, said: Instances, rules: Rules) -> Block:
    """Measure one event.

    Parameters
    ----------
    active : Image
        The active pixels alone.
    truth, said : Instances
        All that belong to the block; predictions of any score.
    rules : Rules

    Returns
    -------
    Block

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> plane = Image.from_points(Grid((4, 8)), np.stack([np.zeros(8, int), np.arange(8)], 1), np.full(8, 20.0))
    >>> truth = Instances.of_sets(plane.grid, [range(4), range(4, 8)], [1, 1], [1.0, 1.0])
    >>> said = Instances.of_sets(plane.grid, [range(3)], [1], [0.9])
    >>> found = measure_block(plane, truth, said, Rules(least_pixels=1))
    >>> dict(zip(METRICS, (found.tops / found.bottoms).tolist()))["efficiency"]
    0.375
    """
    every = overlaps_of(active, truth, said)
    kept = said.scores >= rules.least_score
    overlaps = every.between(np.ones(len(truth), dtype=bool), kept)
    counted = overlaps.true_pixels >= rules.least_pixels
    efficiency, charge, purity = efficiencies(overlaps), charge_efficiencies(overlaps), purities(overlaps)
    right, number = hits(every, counted), int(counted.sum())
    area = average_precision(every.scores, right, np.ones((1, len(right))), np.array([number]))[0]
    table = contingency(active, truth, said.take(kept))
    rand = adjusted_rand_index(table)
    pairs = {
        "efficiency": (efficiency[counted].sum(), number),
        "purity": (purity.sum(), len(purity)),
        "charge_efficiency": (charge[counted].sum(), number),
        "covered": ((efficiency[counted] > rules.covered).sum(), number),
        "zero_efficiency": ((efficiency[counted] == 0).sum(), number),
        "panoptic_quality": panoptic(overlaps, counted),
        "ap50": (np.nan_to_num(area), np.isfinite(area)),
        # Weighted with pixels where events are pooled.
        "ari": (np.nan_to_num(rand) * table.sum(), table.sum() * np.isfinite(rand)),
        "duplicates": (duplicates(overlaps)[counted].sum(), number),
    }
    tops, bottoms = np.array([pairs[name] for name in METRICS], dtype=np.float64).T
    return Block(tops, bottoms, efficiency, charge, counted, purity, every.scores, right)


def averages(blocks: Sequence[Block]) -> dict[str, Any]:
    """Metrics of a sample.

    Parameters
    ----------
    blocks : sequence of Block
        One an event; at least one.

    Returns
    -------
    dict
        ``overall``: each of `METRICS` averaged over events, with interval; ``pooled``: over all instances, AP50
        along the scores of all events, the Rand index weighted with pixels; ``left_out``: events in which a metric
        had nothing to average; ``true`` and ``predicted``: instances that count.
    """
    tops, bottoms = (np.array([getattr(block, name) for block in blocks]) for name in ("tops", "bottoms"))
    there = bottoms > 0
    ratios = np.where(there, tops / np.where(there, bottoms, 1.0), 0.0)
    area = _pooled_precision(blocks)

    def averaged(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return np.asarray((counts @ ratios) / (counts @ there))

    def pooled(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            found = (counts @ tops) / (counts @ bottoms)
        found[:, _AP50] = area(counts)
        return np.asarray(found)

    return {
        **{
            key: dict(zip(METRICS, (e.to_json() for e in bootstrap(statistic, len(blocks))), strict=True))
            for key, statistic in (("overall", averaged), ("pooled", pooled))
        },
        "left_out": dict(zip(METRICS, (~there).sum(axis=0).tolist(), strict=True)),
        "true": sum(int(block.counted.sum()) for block in blocks),
        "predicted": sum(len(block.purity) for block in blocks),
    }


def _pooled_precision(blocks: Sequence[Block]) -> Any:
    """AP50 of the sample as a function of how often each event counts."""
    scores = np.concatenate([block.scores for block in blocks])
    right = np.concatenate([block.right for block in blocks])
    event = np.repeat(np.arange(len(blocks)), [len(block.scores) for block in blocks])
    truths = np.array([block.counted.sum() for block in blocks], dtype=np.float64)

    def area(counts: np.ndarray) -> np.ndarray:
        parts = np.array_split(counts, ceil(len(counts) * max(len(event), 1) / AT_ONCE))
        return np.concatenate(
            [average_precision(scores, right, part[:, event], part @ truths) for part in parts if len(part)]
        )

    return area
