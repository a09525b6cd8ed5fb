"""How well five classes of pixels are told apart: papers 3 and 4's numbers.

A `Tally` takes events one by one and keeps confusion matrices: of each event in
pixels and in charge, of track and shower (the predicted label mapped, paper 3),
against the energy in the image and against the distance to its border, and the
share of shower pixels of each true particle (paper 3's f_s). `report` turns it
into numbers with intervals.

References
----------
Paper 3: arXiv:2012.08513, sections IV and V. Paper 4: arXiv:1903.05663, section IV, figure 12.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from argoscope.analyses.confusion import confusion_matrix, merged, rates
from argoscope.analyses.statistics import LEVEL, fraction
from argoscope.events import FIVE_CLASS, TRACK_SHOWER, Image
from argoscope.events.labels import CONVERSIONS

__all__ = ["CLUSTER_PIXELS", "SHOWER_SHARE", "TWO_CLASSES", "Tally", "report", "two_classes"]

_MAPPING = CONVERSIONS[FIVE_CLASS.name, TRACK_SHOWER.name].mapping
TWO_CLASSES = {two: tuple(five for five in _MAPPING if _MAPPING[five] == two) for two in ("track", "shower")}
"""Paper 3's two classes."""
SHOWER_SHARE = 0.2
"""A cluster is a shower's from this share of shower pixels on (paper 3, section V)."""
CLUSTER_PIXELS = 10
"""Smallest true particle whose cluster is classified; [E], smaller ones are a matter of chance."""
DISTANCES = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Edges of the distance to the border, in pixels (paper 4, figure 12)."""
ENERGIES = (0.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0)
"""Edges of the sum of charge in an image, in its unit."""

_GROUPS = [[FIVE_CLASS.index(name) for name in names] for names in TWO_CLASSES.values()]
_CLASSES = len(FIVE_CLASS.classes)


@dataclass
class Tally:
    """Confusion matrices of the events seen so far; rows truth, columns prediction.

    Parameters
    ----------
    pixels, charge : list of ndarray, shape (5, 5)
        One an image.
    energies : list of float
        Charge of the labelled pixels of each image.
    border : ndarray, shape (distances, 5, 5)
        Pixels by their distance to the border.
    clusters : list of (int, float)
        True class of a particle, 0 track or 1 shower, and the share of its pixels predicted as shower.
    unseen : int
        Labelled pixels that the network did not see; no number counts them.
    """

    pixels: list[np.ndarray] = field(default_factory=list)
    charge: list[np.ndarray] = field(default_factory=list)
    energies: list[float] = field(default_factory=list)
    border: np.ndarray = field(default_factory=lambda: np.zeros((len(DISTANCES), _CLASSES, _CLASSES)))
    clusters: list[tuple[int, float]] = field(default_factory=list)
    unseen: int = 0

    def add(self, image: Image, predicted: np.ndarray) -> None:
        """Count one image.

        Parameters
        ----------
        image : Image
            With true semantic labels of the five-class scheme.
        predicted : ndarray, shape (n,), int32
            Predicted class of each pixel; `FIVE_CLASS.unlabelled` where there is none.
        """
        seen = predicted != FIVE_CLASS.unlabelled
        column = image.labels["semantic"]
        self.unseen += int((column.labelled & ~seen).sum())
        truth = np.where(seen, column.values, FIVE_CLASS.unlabelled)
        charge = image.charge.astype(np.float64)
        self.pixels.append(confusion_matrix(truth, predicted, _CLASSES))
        self.charge.append(confusion_matrix(truth, predicted, _CLASSES, charge))
        self.energies.append(float(charge[truth != FIVE_CLASS.unlabelled].sum()))
        shape = np.asarray(image.grid.shape)
        distance = np.minimum(image.coordinates, shape - 1 - image.coordinates).min(
            axis=1, initial=shape.max()
        )
        bins = np.searchsorted(DISTANCES, distance, side="right") - 1
        for number in np.unique(bins):
            here = bins == number
            self.border[number] += confusion_matrix(truth[here], predicted[here], _CLASSES)
        self.clusters += _clusters(image, truth, predicted)


def _clusters(image: Image, truth: np.ndarray, predicted: np.ndarray) -> list[tuple[int, float]]:
    """True kind and predicted shower share of each particle with enough labelled pixels."""
    owner = image.labels.get("instance")
    if owner is None:
        return []
    counted = owner.labelled & (truth != FIVE_CLASS.unlabelled)
    _, at = np.unique(owner.values[counted], return_inverse=True)
    sizes = np.bincount(at)
    shower = _GROUPS[1]
    true_share = np.bincount(at, np.isin(truth[counted], shower)) / np.maximum(sizes, 1)
    share = np.bincount(at, np.isin(predicted[counted], shower)) / np.maximum(sizes, 1)
    return [(int(true_share[k] >= 0.5), float(share[k])) for k in np.flatnonzero(sizes >= CLUSTER_PIXELS)]


def report(tally: Tally) -> dict[str, Any]:
    """Numbers with intervals, as `argoscope evaluate five-class --json` prints them.

    Parameters
    ----------
    tally : Tally
        Of at least one image.

    Returns
    -------
    dict
        ``per_event``, ``pooled``, ``two_class``, ``energy_weighted``, ``clusters``, ``by_energy``,
        ``by_border``, ``confusion``, ``scheme``, ``events``, ``unseen``, ``interval``.
    """
    pixels, charge = np.stack(tally.pixels), np.stack(tally.charge)
    two = two_classes(pixels)
    names, two_names = FIVE_CLASS.classes, tuple(TWO_CLASSES)
    return {
        "per_event": rates(pixels, pooled=False).to_json(names),
        "pooled": rates(pixels, pooled=True).to_json(names),
        "two_class": {
            "per_event": rates(two, pooled=False).to_json(two_names),
            "pooled": rates(two, pooled=True).to_json(two_names),
        },
        "energy_weighted": rates(charge, pooled=False).to_json(names),
        "clusters": _cluster_numbers(tally.clusters),
        "by_energy": _by_energy(pixels, np.array(tally.energies)),
        "by_border": _by_border(tally.border),
        "confusion": {"pixels": pixels.sum(0).tolist(), "charge": charge.sum(0).tolist(), "rows": "truth"},
        "scheme": FIVE_CLASS.name,
        "events": len(pixels),
        "unseen": tally.unseen,
        "interval": f"central {LEVEL:.1%}, bootstrap over events; Clopper-Pearson for clusters",
    }


def two_classes(matrices: np.ndarray) -> np.ndarray:
    """Confusion matrices of track and shower, the predicted label mapped (paper 3).

    Parameters
    ----------
    matrices : ndarray, shape (events, 5, 5)

    Returns
    -------
    ndarray, shape (events, 2, 2)

    Examples
    --------
    >>> two_classes(np.ones((1, 5, 5))).tolist()
    [[[4.0, 6.0], [6.0, 9.0]]]
    """
    return merged(matrices, _GROUPS)


def _cluster_numbers(clusters: list[tuple[int, float]]) -> dict[str, Any]:
    """Efficiencies of calling a true particle track or shower by its share of shower pixels."""
    answer: dict[str, Any] = {"share": SHOWER_SHARE, "least_pixels": CLUSTER_PIXELS}
    for number, name in enumerate(TWO_CLASSES):
        called = [int(share >= SHOWER_SHARE) == number for kind, share in clusters if kind == number]
        answer[name] = {**fraction(sum(called), len(called)).to_json(), "clusters": len(called)}
    return answer


def _by_energy(pixels: np.ndarray, energies: np.ndarray) -> list[dict[str, Any]]:
    rows = []
    for low, high in zip(ENERGIES, (*ENERGIES[1:], np.inf), strict=True):
        here = (energies >= low) & (energies < high)
        if here.any():
            found = rates(pixels[here], pooled=False)
            end = None if np.isinf(high) else high
            rows.append(
                {"low": low, "high": end, "events": found.events, "accuracy": found.accuracy.to_json()}
            )
    return rows


def _by_border(border: np.ndarray) -> list[dict[str, Any]]:
    """Misclassified share of each class by distance to the border (paper 4, figure 12)."""
    rows = []
    for number, low in enumerate(DISTANCES):
        totals, right = border[number].sum(axis=1), np.diagonal(border[number])
        wrong = {
            name: fraction(int(totals[k] - right[k]), int(totals[k])).to_json()
            for k, name in enumerate(FIVE_CLASS.classes)
        }
        end = DISTANCES[number + 1] if number + 1 < len(DISTANCES) else None
        rows.append({"low": low, "high": end, "pixels": int(totals.sum()), "wrong": wrong})
    return rows
