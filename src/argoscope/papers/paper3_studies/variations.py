"""Section V C: how much detector variations change the pixels and clusters that are called rightly.

Events of a variation have the seed of the central ones, so that the particles
are the same and the differences paired. A pixel is shower-like where its
scores of shower, delta and Michel add up to at least 0.5, a cluster where at
least 0.2 of its pixels are. Clusters are true particles.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.five_class import CLUSTER_PIXELS, SHOWER_SHARE, TWO_CLASSES, Tally, two_classes
from argoscope.analyses.statistics import Estimate, bootstrap
from argoscope.events import FIVE_CLASS
from argoscope.figures import bare_figure
from argoscope.inference.segmentation import Segmentation
from argoscope.models.weights import Model
from argoscope.papers import paper3_published as published
from argoscope.papers.charts import cell
from argoscope.papers.paper3_studies.predictions import model_for
from argoscope.papers.paper3_studies.sizes import COLLECTION, Sizes
from argoscope.papers.predicting import predicted
from argoscope.papers.samples import Sample
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.simulation.detector_variations import EIGHT_VARIATIONS

__all__ = ["CHANGES", "changes", "find", "two_class_labels"]

CHANGES = EIGHT_VARIATIONS
"""By the name of the variation."""
TRACK, SHOWER = FIVE_CLASS.index("MIP"), FIVE_CLASS.index("shower")
_SHOWERS = [FIVE_CLASS.index(name) for name in TWO_CLASSES["shower"]]


class Counts(NamedTuple):
    """What is counted in each event, shapes (events,)."""

    wrong: np.ndarray
    """Labelled pixels on the wrong side."""
    pixels: np.ndarray
    """Labelled pixels."""
    missed: np.ndarray
    """True shower clusters that are not shower-like."""
    clusters: np.ndarray
    """True shower clusters of at least 10 px."""


def find(context: Context, sizes: Sizes) -> Section:
    """Count mistakes in the central sample and in each variation, and say the paired changes."""
    model, how = model_for(context, sizes)
    central = Sample(preset="paper3-nue", use="test", events=sizes.variation_events)
    found = {
        name: _counted(context, model, replace(central, vary=vary))
        for name, vary in {"central": (), **CHANGES}.items()
    }
    note = (
        f"{how} Collection plane of {central.said()}, the same particles in each row. Intervals hold 68 %, over events; those "
        "of changes are of paired differences."
    )
    shown = {name: changes(found["central"], found[name]) for name in CHANGES}
    return Section(
        "Section V C: detector variations",
        f"Misclassified: share of the labelled pixels on the wrong side of a shower score of {published.SHOWER_SCORE}. Missed "
        f"clusters: true showers of at least {CLUSTER_PIXELS} pixels of which less than {SHOWER_SHARE} are shower-like. The "
        "paper finds that misclassified pixels vary by about 0.5 % and shower clusters by about 1 % between its eight "
        "variations; how far it varied each number it does not say.",
        (_table(found, shown, note),),
        (_figure(context, shown, note),),
    )


def two_class_labels(answer: Segmentation) -> np.ndarray:
    """Shower or MIP by the sum of the scores of the shower classes, shape (n,); unseen pixels stay so."""
    shower = answer.scores[:, _SHOWERS].sum(axis=1) >= published.SHOWER_SCORE
    seen = answer.labels != FIVE_CLASS.unlabelled
    return np.where(seen, np.where(shower, SHOWER, TRACK), FIVE_CLASS.unlabelled).astype(np.int32)


def _counted(context: Context, model: Model, sample: Sample) -> Counts:
    rows = []
    for event, (answer,) in predicted(context, model, sample, (COLLECTION,)):
        tally = Tally()
        tally.add(event.images[0], two_class_labels(answer))
        (matrix,) = two_classes(np.stack(tally.pixels))
        showers = [share for kind, share in tally.clusters if kind == 1]
        missed = sum(share < SHOWER_SHARE for share in showers)
        rows.append((matrix.sum() - np.trace(matrix), matrix.sum(), missed, len(showers)))
    return Counts(*np.array(rows, dtype=float).reshape(-1, 4).T)


def changes(central: Counts, varied: Counts) -> tuple[Estimate, Estimate]:
    """Change of the misclassified share of pixels, and of the missed share of shower clusters.

    Examples
    --------
    >>> one, ten = np.ones(3), np.full(3, 10.0)
    >>> pixels, clusters = changes(Counts(one, ten, 0 * one, one), Counts(2 * one, ten, one, one))
    >>> round(pixels.value, 3), round(pixels.high - pixels.low, 3), clusters.value
    (0.1, 0.0, 1.0)
    """

    def of(times: np.ndarray) -> np.ndarray:
        return np.column_stack(
            [
                _share(times, varied.wrong, varied.pixels) - _share(times, central.wrong, central.pixels),
                _share(times, varied.missed, varied.clusters)
                - _share(times, central.missed, central.clusters),
            ]
        )

    pixels, clusters = bootstrap(of, len(central.wrong))
    return pixels, clusters


def _share(times: np.ndarray, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        share: np.ndarray = (times @ top) / (times @ bottom)
    return share


def _shares(counts: Counts) -> list[Estimate]:
    """Misclassified share of the pixels, missed share of the shower clusters."""
    return bootstrap(
        lambda times: np.column_stack(
            [_share(times, counts.wrong, counts.pixels), _share(times, counts.missed, counts.clusters)]
        ),
        len(counts.wrong),
    )


def _table(found: dict[str, Counts], shown: dict[str, tuple[Estimate, Estimate]], note: str) -> Table:
    rows: list[tuple[Any, ...]] = []
    for name, counts in found.items():
        pixels, clusters = map(cell, _shares(counts))
        if name == "central":
            rows.append((name, "", pixels, None, clusters, None))
            continue
        change = [cell(estimate) for estimate in shown[name]]
        rows.append((name, " ".join(CHANGES[name]), pixels, change[0], clusters, change[1]))
    heads = [f"change (paper 3: about {size:.1%})" for size in published.VARIATIONS.values()]
    columns = ("", "--vary", "misclassified pixels", heads[0], "missed shower clusters", heads[1])
    return Table("Eight variations", columns, tuple(rows), note)


def _figure(context: Context, shown: dict[str, tuple[Estimate, Estimate]], note: str) -> Figure:
    figure = bare_figure(9.5, 3.6)
    panels: Any = figure.subplots(1, 2, sharey=True)
    at = np.arange(len(shown))[::-1]
    for axes, number, name in zip(panels, (0, 1), published.VARIATIONS, strict=True):
        values = np.array([[e[number].value, e[number].low, e[number].high] for e in shown.values()])
        errors = np.abs(values[:, 1:] - values[:, :1]).T
        axes.errorbar(values[:, 0], at, xerr=errors, fmt="o", color="#0072b2", capsize=2, label="ours")
        size = published.VARIATIONS[name]
        axes.axvspan(-size, size, color="#5b5b5b", alpha=0.15, linewidth=0, label="paper 3")
        axes.axvline(0, color="0.4", linewidth=0.8)
        axes.set(xlabel=f"change of {'misclassified pixels' if number == 0 else 'missed shower clusters'}")
        axes.locator_params(axis="x", nbins=5)
        axes.grid(alpha=0.25)
    panels[0].set_yticks(at, list(shown))
    panels[0].legend(frameon=False, fontsize=8)
    data = {
        name: {"pixels": pixels.to_json(), "clusters": clusters.to_json()}
        for name, (pixels, clusters) in shown.items()
    }
    return context.figure("variations", "Changes against the central sample", figure, data, note)
