"""How well five classes of pixels are told apart: papers 3 and 4's numbers.

A `Tally` takes events one by one and keeps of each event, all its images
together, confusion matrices in pixels and in charge and by the distance to the
border, and the share of shower pixels of each true particle (paper 3's f_s).
`report` turns it into numbers with intervals: with track and shower told apart
(the predicted label mapped, paper 3), and against the charge of the event. One
event's planes see the same particles, so it is events that are resampled.

References
----------
Paper 3: arXiv:2012.08513, sections IV and V. Paper 4: arXiv:1903.05663, section IV, figure 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from argoscope.analyses.confusion import confusion_matrix, merged, rates
from argoscope.analyses.statistics import LEVEL, bootstrap, fraction
from argoscope.events import FIVE_CLASS, TRACK_SHOWER, Image
from argoscope.events.labels import CONVERSIONS

__all__ = ["CHARGE_GROUPS", "CLUSTER_PIXELS", "SHOWER_SHARE", "TWO_CLASSES", "Tally", "report", "two_classes"]

_MAPPING = CONVERSIONS[FIVE_CLASS.name, TRACK_SHOWER.name].mapping
TWO_CLASSES = {two: tuple(five for five in _MAPPING if _MAPPING[five] == two) for two in ("track", "shower")}
"""Paper 3's two classes."""
SHOWER_SHARE = 0.2
"""A cluster is a shower's from this share of shower pixels on (paper 3, section V)."""
CLUSTER_PIXELS = 10
"""Smallest true particle whose cluster is classified; [E], smaller ones are a matter of chance."""
DISTANCES = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256)
"""Edges of the distance to the border, in pixels (paper 4, figure 12)."""
CHARGE_GROUPS = 8
"""Groups of equally many events, by their charge; [E], whatever its unit each has events enough for an interval."""

_GROUPS = [[FIVE_CLASS.index(name) for name in names] for names in TWO_CLASSES.values()]
_CLASSES = len(FIVE_CLASS.classes)


@dataclass
class Tally:
    """Confusion matrices of the events seen so far; rows truth, columns prediction.

    Parameters
    ----------
    pixels, charge : list of ndarray, shape (5, 5)
        One an event, of all its images.
    by_plane : dict of int to list of ndarray, shape (5, 5)
        Pixels of each image, by its projection.
    energies : list of float
        Charge of the labelled pixels of each event.
    border : list of ndarray, shape (distances, 5, 5)
        Pixels of each event by their distance to the border.
    clusters : list of (int, float)
        True class of a particle in an image, 0 track or 1 shower, and the share of its pixels predicted as shower.
    unseen : int
        Labelled pixels that the network did not see; no number counts them.
    """

    pixels: list[np.ndarray] = field(default_factory=list)
    charge: list[np.ndarray] = field(default_factory=list)
    by_plane: dict[int, list[np.ndarray]] = field(default_factory=dict)
    energies: list[float] = field(default_factory=list)
    border: list[np.ndarray] = field(default_factory=list)
    clusters: list[tuple[int, float]] = field(default_factory=list)
    unseen: int = 0

    def add(self, image: Image, predicted: np.ndarray) -> None:
        """Count an event of one image; see `add_event`."""
        self.add_event([image], [predicted])

    def add_event(self, images: Sequence[Image], predicted: Sequence[np.ndarray]) -> None:
        """Count one event.

        Parameters
        ----------
        images : sequence of Image
            With true semantic labels of the five-class scheme.
        predicted : sequence of ndarray, shape (n,), int32
            Predicted class of each pixel of each image; `FIVE_CLASS.unlabelled` where there is none.
        """
        pixels, charge = np.zeros((2, _CLASSES, _CLASSES))
        border = np.zeros((len(DISTANCES), _CLASSES, _CLASSES))
        energy = 0.0
        for image, labels in zip(images, predicted, strict=True):
            truth = np.where(
                labels != FIVE_CLASS.unlabelled, image.labels["semantic"].values, FIVE_CLASS.unlabelled
            )
            counted = truth != FIVE_CLASS.unlabelled
            matrix = confusion_matrix(truth, labels, _CLASSES)
            self.by_plane.setdefault(image.grid.projection, []).append(matrix)
            pixels += matrix
            charge += confusion_matrix(truth, labels, _CLASSES, image.charge)
            energy += float(image.charge[counted].sum(dtype=np.float64))
            border += _border_matrices(image, truth, labels)
            self.clusters += _clusters(image, truth, labels)
            self.unseen += int((image.labels["semantic"].labelled & ~counted).sum())
        self.pixels.append(pixels)
        self.charge.append(charge)
        self.energies.append(energy)
        self.border.append(border)


def _border_matrices(image: Image, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Confusion matrices of an image by the distance to its border, shape (distances, 5, 5)."""
    shape = np.asarray(image.grid.shape)
    distance = np.minimum(image.coordinates, shape - 1 - image.coordinates).min(axis=1, initial=shape.max())
    bins = np.searchsorted(DISTANCES, distance, side="right") - 1
    matrices = np.zeros((len(DISTANCES), _CLASSES, _CLASSES))
    for number in np.unique(bins):
        here = bins == number
        matrices[number] = confusion_matrix(truth[here], predicted[here], _CLASSES)
    return matrices


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
        Of at least one event.

    Returns
    -------
    dict
        ``per_event``, ``pooled``, ``two_class``, ``energy_weighted``, ``clusters``, ``by_energy``,
        ``by_border``, ``confusion``, ``scheme``, ``events``, ``images``, ``unseen``, ``interval``.
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
        "by_border": _by_border(np.stack(tally.border)),
        "confusion": {"pixels": pixels.sum(0).tolist(), "charge": charge.sum(0).tolist(), "rows": "truth"},
        "scheme": FIVE_CLASS.name,
        "events": len(pixels),
        "images": sum(map(len, tally.by_plane.values())),
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
    """Accuracy of groups of equally many events, by their charge; events without a counted pixel are in none."""
    order = np.argsort(energies, kind="stable")
    order = order[pixels[order].any(axis=(1, 2))]
    rows = []
    for group in np.array_split(order, min(CHARGE_GROUPS, len(order)) or 1):
        if len(group):
            found = rates(pixels[group], pooled=False).accuracy.to_json()
            low, middle, high = np.quantile(energies[group], [0, 0.5, 1])
            rows.append(
                {
                    "low": float(low),
                    "median": float(middle),
                    "high": float(high),
                    "events": len(group),
                    "accuracy": found,
                }
            )
    return rows


def _by_border(border: np.ndarray) -> list[dict[str, Any]]:
    """Misclassified share of each class by distance to the border (paper 4, figure 12).

    There is no interval where one event alone has such pixels: nothing tells how much events differ.
    """
    totals = border.sum(axis=-1)
    wrong = totals - np.diagonal(border, axis1=-2, axis2=-1)

    def shares(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (counts @ wrong.reshape(len(wrong), -1)) / (counts @ totals.reshape(len(totals), -1))

    several = (totals > 0).sum(axis=0).ravel() > 1
    found = (
        estimate if enough else replace(estimate, low=np.nan, high=np.nan)
        for estimate, enough in zip(bootstrap(shares, len(border)), several, strict=True)
    )
    return [
        {
            "low": low,
            "high": high,
            "pixels": int(totals[:, number].sum()),
            "wrong": {name: next(found).to_json() for name in FIVE_CLASS.classes},
        }
        for number, (low, high) in enumerate(zip(DISTANCES, (*DISTANCES[1:], None), strict=True))
    ]
