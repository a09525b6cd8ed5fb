"""How well the interactions of an event are found: paper 1's numbers, and those of other fields beside them.

An event is one wire plane with true interactions and predicted instances (see
`instance_metrics` for what is measured, `instance_blocks` for how it is averaged).

=====================  ================================================================
`overall`              every class together, averaged over events
`pooled`               the same over all instances
`classes`              true and predicted ones of one class alone: a prediction of the
                       wrong class has purity 0
`any_active_pixel`     the same three, counting true instances with any active pixel, as
                       the paper does; else with at least 10
`baseline_dbscan`      what clustering the pixels with DBSCAN gives: without it 0.5 looks
                       like something
=====================  ================================================================

Efficiency alone is perfect for one mask over everything, and duplicates cost it
nothing: read it with purity and panoptic quality.

References
----------
Paper 1: arXiv:2201.05705, section 4 and 5.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from argoscope.analyses.grid_dbscan import EPS, MIN_POINTS, NOISE, dbscan
from argoscope.analyses.instance_blocks import METRICS, Block, Rules, averages, measure_block
from argoscope.analyses.instance_breakdown import (
    TruthRows,
    by_energy,
    by_interactions,
    by_traits,
    curve_of,
    histograms,
    score_curve,
)
from argoscope.analyses.instance_overlaps import overlaps_of
from argoscope.analyses.statistics import LEVEL
from argoscope.analyses.true_instances import Traits, active_part
from argoscope.events import ANCESTOR, Image
from argoscope.events.instances import Instances

__all__ = ["PAPER_1", "Measured", "dbscan_instances", "measure", "report"]

ALL = "all"
"""Name of the block of every class."""
PAPER_1: dict[str, Any] = {
    "dense": {
        "overall": {"efficiency": 0.89, "purity": 0.87},
        "pooled": {"efficiency": 0.891, "covered": 0.871, "zero_efficiency": 0.04},
    },
    "sparse": {
        "overall": {"efficiency": 0.86, "purity": 0.85},
        "pooled": {"efficiency": 0.859, "covered": 0.827, "zero_efficiency": 0.04},
        "classes": {
            "neutrino": {"efficiency": 0.768, "charge_efficiency": 0.779, "purity": 0.649, "covered": 0.5963},
            "cosmic": {"efficiency": 0.861, "charge_efficiency": 0.868, "purity": 0.847},
        },
    },
    "interactions": {"true": 20.8, "covered_dense": 18.2, "covered_sparse": 17.2},
}
"""Paper 1: figures 7, 14 to 17 and sections 4.3, 5.1; on MicroBooNE's simulation, not on ours."""


@dataclass(frozen=True, eq=False)
class Measured:
    """What is measured of one event.

    Parameters
    ----------
    where : dict
        File, entry, run, subrun and event, for the report.
    blocks, any_pixel, baseline : dict of str to Block
        By class, and `ALL`; under the rules, with true instances of any active pixel, and of DBSCAN.
    rows : TruthRows
        Of the true instances that count.
    curve : ndarray
        Of `score_curve`.
    """

    where: dict[str, Any]
    blocks: dict[str, Block]
    any_pixel: dict[str, Block]
    baseline: dict[str, Block]
    rows: TruthRows
    curve: np.ndarray


def dbscan_instances(image: Image, *, eps: float = EPS, min_points: int = MIN_POINTS) -> Instances:
    """Clusters of active pixels as instances, all called cosmic with score 1: what needs no network.

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> plane = Image.from_points(Grid((4, 9)), np.array([[0, 0], [0, 1], [3, 8]]), np.full(3, 20.0))
    >>> found = dbscan_instances(plane, eps=1.0, min_points=2)
    >>> found.clusters.ids.tolist(), [ANCESTOR.classes[k] for k in found.classes]
    ([0, 1], ['cosmic'])
    """
    active = active_part(image)
    labels = dbscan(active.coordinates, eps=eps, min_points=min_points)
    order = np.argsort(labels, kind="stable")
    order = order[labels[order] != NOISE]
    _, starts = np.unique(labels[order], return_index=True)
    sets = np.split(active.ids[order], starts[1:]) if len(starts) else []
    return Instances.of_sets(
        image.grid, sets, np.full(len(sets), ANCESTOR.index("cosmic")), np.ones(len(sets))
    )


def measure(
    where: dict[str, Any],
    image: Image,
    truth: Instances,
    traits: Traits,
    said: Instances,
    *,
    rules: Rules,
    energy_mev: float = float("nan"),
) -> Measured:
    """Measure one event.

    Parameters
    ----------
    where : dict
    image : Image
        Charge of the plane.
    truth : Instances
        Of `true_instances`.
    traits : Traits
        Of the same.
    said : Instances
        Predictions of any score.
    rules : Rules
    energy_mev : float
        Energy of the neutrino, in MeV.
    """
    active = active_part(image)
    blocks = _blocks(active, truth, said, rules)
    whole = blocks[ALL]
    names = np.array([truth.scheme.classes[k] for k in truth.classes], dtype=object)
    of_class = np.zeros(len(truth))
    for name in set(names.tolist()):
        of_class[names == name] = blocks[name].efficiency
    rows = TruthRows(
        names=names,
        efficiency=whole.efficiency,
        charge_efficiency=whole.charge_efficiency,
        efficiency_in_class=of_class,
        length=traits.length,
        overlap=traits.overlap,
        dead=traits.dead,
        energy_mev=np.where(names == "neutrino", energy_mev, np.nan),
    )
    return Measured(
        where=where,
        blocks=blocks,
        any_pixel=_blocks(active, truth, said, replace(rules, least_pixels=1)),
        baseline=_blocks(active, truth, dbscan_instances(image), rules),
        rows=rows.take(whole.counted),
        curve=score_curve(overlaps_of(active, truth, said), whole.counted),
    )


def _blocks(active: Image, truth: Instances, said: Instances, rules: Rules) -> dict[str, Block]:
    """The block of all, and of each class that is there; classes are matched by name."""
    blocks = {ALL: measure_block(active, truth, said, rules)}
    for name in ANCESTOR.classes[1:]:
        mine, theirs = (
            i.of_class(name) if name in i.scheme.classes else i.take(_none(i)) for i in (truth, said)
        )
        if len(mine) or len(theirs):
            blocks[name] = measure_block(active, mine, theirs, rules)
    return blocks


def _none(instances: Instances) -> np.ndarray:
    return np.zeros(len(instances), dtype=bool)


def report(events: Sequence[Measured], rules: Rules) -> dict[str, Any]:
    """Numbers with intervals, as `argoscope evaluate instances --json` prints them.

    Parameters
    ----------
    events : sequence of Measured
        At least one.
    rules : Rules
        Under which they were measured.

    Returns
    -------
    dict
        The table above; ``curve`` along the score; ``by_interactions``, ``by_length``, ``by_overlap``, ``by_dead``,
        ``by_energy``; ``histograms``; ``events``; ``published``, ``rules``, ``interval``.
    """
    return {
        **_sample([event.blocks for event in events]),
        "any_active_pixel": _sample([event.any_pixel for event in events]),
        "baseline_dbscan": {
            **_sample([event.baseline for event in events]),
            "eps": EPS,
            "min_points": MIN_POINTS,
        },
        "curve": curve_of([event.curve for event in events]),
        "by_interactions": by_interactions([event.blocks[ALL] for event in events], rules.covered),
        **by_traits([event.rows for event in events], rules.covered),
        "by_energy": by_energy([event.rows for event in events], rules.covered),
        "histograms": {
            name: histograms([event.blocks[name] for event in events if name in event.blocks])
            for name in _names([event.blocks for event in events])
        },
        "events": [_event_row(event) for event in events],
        "published": PAPER_1,
        "rules": {
            "least_score": rules.least_score,
            "least_pixels": rules.least_pixels,
            "covered": rules.covered,
        },
        "interval": f"central {LEVEL:.1%}, bootstrap over events",
    }


def _names(blocks: Sequence[dict[str, Block]]) -> list[str]:
    """Blocks that any event has, in the order of the classes."""
    return [name for name in (ALL, *ANCESTOR.classes[1:]) if any(name in event for event in blocks)]


def _sample(blocks: Sequence[dict[str, Block]]) -> dict[str, Any]:
    """Metrics of all, and by class; events without a class are no events of it."""
    found = {name: averages([event[name] for event in blocks if name in event]) for name in _names(blocks)}
    classes = {
        name: {**block.pop("overall"), "events": sum(name in event for event in blocks), **block}
        for name, block in found.items()
        if name != ALL
    }
    return {**found[ALL], "classes": classes}


def _event_row(event: Measured) -> dict[str, Any]:
    """One event; None where a metric has nothing to average."""
    block = event.blocks[ALL]
    metrics = {
        name: float(top / bottom) if bottom else None
        for name, top, bottom in zip(METRICS, block.tops, block.bottoms, strict=True)
    }
    return {
        **event.where,
        **metrics,
        "true": int(block.counted.sum()),
        "true_any_pixel": int(event.any_pixel[ALL].counted.sum()),
        "predicted": len(block.purity),
        "classes": sorted(set(event.rows.names.tolist())),
    }
