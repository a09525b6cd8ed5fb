"""Michel electrons found, beside the true ones: paper 4's matching and its four numbers.

True clusters are those of the true Michel pixels, clustered as the paper's
candidates are, whatever the candidates' own rules. A candidate is matched to
the true cluster that it shares most pixels with (of several the first), and to
none if it shares no pixel.

=====================  ==================================================================
ID efficiency          true clusters that a candidate is matched to / true clusters
ID purity              matched candidates / candidates
cluster efficiency     shared pixels / pixels of the true cluster, mean over matched candidates
cluster purity         shared pixels / pixels of the candidate, mean over the same
=====================  ==================================================================

The paper divides matched candidates by true clusters; where two candidates are
pieces of one electron that counts it twice, and `Counts` has both numbers. The
paper's program counts any true Michel pixel as shared, not only those of the
matched cluster; the text is followed here.

References
----------
Paper 4, arXiv:1903.05663, section VII B.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.michel import MICHEL, MichelRules, clusters_of, find_michels
from argoscope.analyses.statistics import Estimate, bootstrap, fraction
from argoscope.events import Image

__all__ = [
    "FULL",
    "Counts",
    "MatchedImage",
    "Pairs",
    "Truths",
    "identification",
    "joined",
    "match_image",
    "quality",
]

PAPER = MichelRules()
ELECTRON, ELECTRON_MEV = 11, 0.51099895
"""PDG number and mass of the electron (Particle Data Group 2024)."""
FULL = 0.95
"""Cluster efficiency and purity above which the paper calls a candidate well reconstructed (section VII C)."""


class Pairs(NamedTuple):
    """Candidates, and the true clusters they are matched to; shapes (candidates,)."""

    event: np.ndarray
    """Number of the event."""
    pixels: np.ndarray
    charge: np.ndarray
    match: np.ndarray
    """Number of the true cluster in its image; -1 for none."""
    shared: np.ndarray
    """Pixels in both."""
    true_pixels: np.ndarray
    """Of the true cluster; 0 for none."""
    true_charge: np.ndarray
    mip_pixels: np.ndarray
    """Of the MIP cluster that it is attached to."""


class Truths(NamedTuple):
    """True clusters; shapes (clusters,)."""

    event: np.ndarray
    pixels: np.ndarray
    charge: np.ndarray
    found: np.ndarray
    """Pixels of the largest candidate that is matched to it; 0 for none."""
    own: np.ndarray
    """What its electron itself left in its pixels, in the energy unit of the truth; not a number where that is unknown."""
    kinetic: np.ndarray
    """Kinetic energy that its electron began with, likewise."""


class MatchedImage(NamedTuple):
    """What is found and what is true in an image, or in several."""

    pairs: Pairs
    truths: Truths


def match_image(
    image: Image,
    predicted: np.ndarray,
    rules: MichelRules | None = None,
    *,
    event: int = 0,
    particles: np.ndarray | None = None,
) -> MatchedImage:
    """Reconstruct an image, and match what is found to its truth.

    Parameters
    ----------
    image : Image
        With true semantic labels in the five-class scheme.
    predicted : ndarray, shape (n,), int32
        Predicted classes.
    rules : MichelRules, optional
        Of the candidates.
    event : int
        Number of the event.
    particles : ndarray, optional
        Table of the true particles.

    Examples
    --------
    >>> from argoscope.events import FIVE_CLASS, Grid, LabelColumn
    >>> image = Image.from_points(Grid((40, 4)), np.stack([np.arange(36), np.zeros(36, int)], 1), np.ones(36))
    >>> truth = np.where(np.arange(36) < 30, 1, 4).astype(np.int32)
    >>> image = image.with_labels(semantic=LabelColumn(truth, FIVE_CLASS))
    >>> found = match_image(image, truth, MichelRules(mip_points=3))
    >>> found.pairs.shared.tolist(), found.truths.found.tolist()
    ([6], [6])
    """
    charge = image.charge.astype(np.float64)
    labels = image.label("semantic").values
    true = clusters_of(image.coordinates, labels, MICHEL, eps=PAPER.eps, points=PAPER.michel_points)
    owner = np.full(len(image), len(true))
    for number, rows in enumerate(true):
        owner[rows] = number
    found = find_michels(image.coordinates, predicted, rules)
    shares = [np.bincount(owner[one.rows], minlength=len(true) + 1)[:-1] for one in found]
    match = np.array([int(s.argmax()) if s.any() else -1 for s in shares], dtype=np.int64)
    sizes = np.array([len(rows) for rows in true] + [0], dtype=np.int64)
    charges = np.array([charge[rows].sum() for rows in true] + [0.0])
    pixels = np.array([len(one.rows) for one in found], dtype=np.int64)
    best = np.zeros(len(true) + 1, dtype=np.int64)
    np.maximum.at(best, match, pixels)
    return MatchedImage(
        Pairs(
            event=np.full(len(found), event),
            pixels=pixels,
            charge=np.array([charge[one.rows].sum() for one in found], dtype=np.float64),
            match=match,
            shared=np.array([s.max(initial=0) for s in shares], dtype=np.int64),
            true_pixels=sizes[match],
            true_charge=charges[match],
            mip_pixels=np.array([one.mip_pixels for one in found], dtype=np.int64),
        ),
        Truths(
            np.full(len(true), event),
            sizes[:-1],
            charges[:-1],
            best[:-1],
            *_electrons(image, true, particles),
        ),
    )


def _electrons(
    image: Image, clusters: Sequence[np.ndarray], particles: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """What the electron of each true cluster left in its pixels, and its kinetic energy at first, shapes (clusters,)."""
    own, kinetic = np.full((2, len(clusters)), np.nan)
    truth = image.truth
    if truth is None or particles is None or not clusters:
        return own, kinetic
    row_of = {int(number): row for row, number in enumerate(particles["id"])}
    rows = np.array([row_of.get(int(number), -1) for number in truth.numbers], dtype=np.int64)
    electron = (rows >= 0) & (np.abs(np.append(particles["pdg"], 0)[rows]) == ELECTRON)
    particle = truth.cluster_of_row
    for number, pixels in enumerate(clusters):
        inside = np.isin(truth.ids, image.ids[pixels]) & electron[particle]
        left = np.bincount(particle[inside], truth.values[inside], len(truth))
        if left.any():
            first = particles[rows[left.argmax()]]
            own[number] = left.max()
            kinetic[number] = first["energy_init"] - ELECTRON_MEV
    return own, kinetic


def joined(images: Sequence[MatchedImage]) -> MatchedImage:
    """What is found and true in some images as one; `event` and `match` tell whose they are."""
    empty = _nothing()
    return MatchedImage(
        Pairs(*map(np.concatenate, zip(empty.pairs, *(image.pairs for image in images), strict=True))),
        Truths(*map(np.concatenate, zip(empty.truths, *(image.truths for image in images), strict=True))),
    )


def _nothing() -> MatchedImage:
    """Neither candidates nor true clusters."""
    whole, real = np.zeros(0, dtype=np.int64), np.zeros(0)
    return MatchedImage(
        Pairs(whole, whole, real, whole, whole, whole, real, whole),
        Truths(whole, whole, real, whole, real, real),
    )


@dataclass(frozen=True)
class Counts:
    """How many candidates and true clusters there are.

    Parameters
    ----------
    true, candidates : int
    matched : int
        Candidates with a true cluster.
    found : int
        True clusters with a candidate.
    """

    true: int
    candidates: int
    matched: int
    found: int


def identification(matched: MatchedImage, least_pixels: int = 0) -> tuple[Estimate, Estimate, Counts]:
    """ID efficiency and purity of the candidates with so many pixels, and what they are counted from."""
    pairs, truths = matched
    kept = pairs.pixels >= least_pixels
    counts = Counts(
        true=len(truths.pixels),
        candidates=int(kept.sum()),
        matched=int((kept & (pairs.match >= 0)).sum()),
        found=int((truths.found >= max(1, least_pixels)).sum()),
    )
    return fraction(counts.found, counts.true), fraction(counts.matched, counts.candidates), counts


def quality(matched: MatchedImage, least_pixels: int = 0) -> dict[str, Any]:
    """Cluster efficiency and purity of the matched candidates with so many pixels, with intervals over events.

    Returns
    -------
    dict
        ``cluster_efficiency``, ``cluster_purity`` and ``both_above_95`` (share of the candidates with both above `FULL`),
        each an `Estimate`.
    """
    pairs = matched.pairs
    kept = (pairs.match >= 0) & (pairs.pixels >= least_pixels)
    efficiency = pairs.shared[kept] / pairs.true_pixels[kept]
    purity = pairs.shared[kept] / pairs.pixels[kept]
    columns = np.column_stack([efficiency, purity, (efficiency > FULL) & (purity > FULL)])
    _, event = np.unique(pairs.event[kept], return_inverse=True)
    sums = np.zeros((int(event.max(initial=-1)) + 1, 4))
    np.add.at(sums, event, np.column_stack([columns, np.ones(len(columns))]))

    def of(times: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            totals: np.ndarray = times @ sums
            return totals[:, :3] / totals[:, 3:]

    names = ("cluster_efficiency", "cluster_purity", "both_above_95")
    return dict(zip(names, bootstrap(of, len(sums)), strict=True))
