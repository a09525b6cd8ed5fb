"""Metrics of instances against what makes them hard, along the score, and as distributions.

True instances of all events fall into bins of a quantity; in each bin stands
their mean efficiency, the share that is covered and the share of which nothing
was found, with intervals over events, as instances of one event are not
independent.

References
----------
Paper 1: arXiv:2201.05705, figures 7 to 10 and 13 to 17.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from argoscope.analyses.instance_blocks import METRICS, Block
from argoscope.analyses.instance_metrics import efficiencies, purities
from argoscope.analyses.instance_overlaps import Overlaps
from argoscope.analyses.statistics import bootstrap, mean

__all__ = ["TruthRows", "by_energy", "by_interactions", "by_traits", "curve_of", "histograms", "score_curve"]

SCORES = tuple(k / 20 for k in range(1, 20))
"""Least scores of the curve."""
BINS = 20
"""Bins of a distribution from 0 to 1, the last with 1 itself; 0 has one of its own besides."""
EDGES: dict[str, tuple[float, ...]] = {
    "length": (0, 20, 50, 100, 200, 400, 800, 1600),
    "overlap": (0, 0.001, 0.003, 0.01, 0.03, 0.1),
    "dead": (0, 0.01, 0.05, 0.1, 0.2, 0.4),
}
"""Lower edges of the bins: length in pixels, shares from 0 to 1; [E], so that each holds some of a thousand events."""
ENERGIES_MEV = (0.0, 200.0, 400.0, 600.0, 800.0, 1000.0, 1500.0, 2000.0, 3000.0)
"""Lower edges of the neutrino's energy; 400 MeV bounds the paper's low-energy sample."""


@dataclass(frozen=True, eq=False)
class TruthRows:
    """The true instances of an event that count, a value each.

    Parameters
    ----------
    names : ndarray of str
        Class.
    efficiency, charge_efficiency : ndarray, float64
        By predictions of any class.
    efficiency_in_class : ndarray, float64
        By those of its class.
    length, overlap, dead : ndarray, float64
        See `true_instances.Traits`.
    energy_mev : ndarray, float64
        Of the neutrino; not a number for others.
    """

    names: np.ndarray
    efficiency: np.ndarray
    charge_efficiency: np.ndarray
    efficiency_in_class: np.ndarray
    length: np.ndarray
    overlap: np.ndarray
    dead: np.ndarray
    energy_mev: np.ndarray

    def take(self, rows: np.ndarray) -> TruthRows:
        """Some of them."""
        return TruthRows(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def score_curve(overlaps: Overlaps, counted: np.ndarray) -> np.ndarray:
    """Mean efficiency and purity of an event along the least score.

    Parameters
    ----------
    overlaps : Overlaps
        With predictions of any score.
    counted : ndarray, shape (t,), bool

    Returns
    -------
    ndarray, shape (scores, 2), float64
        At each of `SCORES`; not a number without true instances, without predictions.
    """
    every = np.ones(len(overlaps.true_pixels), dtype=bool)
    found = np.full((len(SCORES), 2), np.nan)
    for row, least in enumerate(SCORES):
        part = overlaps.between(every, overlaps.scores >= least)
        for column, values in enumerate((efficiencies(part)[counted], purities(part))):
            if len(values):
                found[row, column] = values.mean()
    return found


def curve_of(curves: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    """Efficiency and purity averaged over events, along the least score."""
    table = np.array(curves)
    return [
        {
            "least_score": least,
            "efficiency": mean(table[:, row, 0]).to_json(),
            "purity": mean(table[:, row, 1]).to_json(),
        }
        for row, least in enumerate(SCORES)
    ]


def by_interactions(blocks: Sequence[Block], covered: float) -> list[dict[str, Any]]:
    """Events by how many true instances they have: how many are covered (figure 14), and their metrics.

    Parameters
    ----------
    blocks : sequence of Block
        One an event, of all classes.
    covered : float
        Efficiency above which a true instance is covered.
    """
    counts = np.array([block.counted.sum() for block in blocks])
    covers = np.array(
        [(block.efficiency[block.counted] > covered).sum() for block in blocks], dtype=np.float64
    )
    tops, bottoms = (np.array([getattr(block, name) for block in blocks]) for name in ("tops", "bottoms"))
    with np.errstate(invalid="ignore"):
        ratios = tops / bottoms
    names = ("efficiency", "purity", "panoptic_quality")
    return [
        {
            "interactions": int(number),
            "events": int((counts == number).sum()),
            "covered_count": mean(covers[counts == number]).to_json(),
            **{name: mean(ratios[counts == number, METRICS.index(name)]).to_json() for name in names},
        }
        for number in np.unique(counts)
    ]


def by_traits(rows: Sequence[TruthRows], covered: float) -> dict[str, list[dict[str, Any]]]:
    """True instances by length, overlap and dead share; instances of which it is not known are left out."""
    efficiency = [event.efficiency for event in rows]
    return {
        f"by_{name}": _binned([getattr(event, name) for event in rows], efficiency, edges, covered)
        for name, edges in EDGES.items()
    }


def by_energy(rows: Sequence[TruthRows], covered: float) -> list[dict[str, Any]]:
    """Neutrinos by energy, found by predictions of their class."""
    return _binned(
        [event.energy_mev for event in rows],
        [event.efficiency_in_class for event in rows],
        ENERGIES_MEV,
        covered,
    )


def _binned(
    quantity: Sequence[np.ndarray],
    efficiency: Sequence[np.ndarray],
    edges: tuple[float, ...],
    covered: float,
) -> list[dict[str, Any]]:
    """Metrics of the instances in each bin that has any."""
    event = np.repeat(np.arange(len(quantity)), [len(values) for values in quantity])
    values, found = np.concatenate(quantity), np.concatenate(efficiency)
    names = {"efficiency": found, "covered": found > covered, "zero_efficiency": found == 0}
    rows = []
    for low, high in zip(edges, (*edges[1:], np.inf), strict=True):
        here = (values >= low) & (values < high)
        if not here.any():
            continue
        number = np.bincount(event[here], minlength=len(quantity))
        sums = np.stack(
            [np.bincount(event[here], column[here], len(quantity)) for column in names.values()], axis=1
        )
        estimates = bootstrap(_ratio(sums, number), len(quantity))
        rows.append(
            {
                "low": low,
                "high": None if np.isinf(high) else high,
                "instances": int(here.sum()),
                **{name: estimate.to_json() for name, estimate in zip(names, estimates, strict=True)},
            }
        )
    return rows


def _ratio(sums: np.ndarray, number: np.ndarray) -> Any:
    """Sums over events divided by their number, as a function of how often each event counts."""

    def of(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore"):
            return np.asarray((counts @ sums) / (counts @ number)[:, None])

    return of


def histograms(blocks: Sequence[Block]) -> dict[str, Any]:
    """How many true and predicted instances have which efficiency, charge efficiency and purity.

    Returns
    -------
    dict
        ``edges``; each quantity as ``zero``, how many have exactly 0, and ``counts`` of the others in the bins.
    """
    edges = np.linspace(0, 1, BINS + 1)
    values = {
        "efficiency": [block.efficiency[block.counted] for block in blocks],
        "charge_efficiency": [block.charge_efficiency[block.counted] for block in blocks],
        "purity": [block.purity for block in blocks],
    }
    answer: dict[str, Any] = {"edges": edges.tolist()}
    for name, parts in values.items():
        whole = np.concatenate(parts)
        counts = np.histogram(whole[whole > 0], edges)[0]
        answer[name] = {"zero": int((whole == 0).sum()), "counts": counts.tolist()}
    return answer
