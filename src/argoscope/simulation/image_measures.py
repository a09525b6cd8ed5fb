"""What the checks measure in images: the same functions for simulated events and for files of real ones."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from argoscope.events import FIVE_CLASS, Image, downsample

__all__ = [
    "CATHODE_ROW",
    "LEAST_MEV",
    "LEAST_PIXELS",
    "STRONG_MEV",
    "LabelCounts",
    "class_counts",
    "cluster_sizes",
    "counted_instances",
    "label_counts",
    "mode",
    "pixel_values",
    "segments_by_slope",
    "silent_share",
]

CATHODE_ROW = 640
"""First row of SBND's second TPC in the 2018 images."""
LEAST_PIXELS = 10
"""Pixels from which an instance counts, as for paper 1's instances."""
STRONG_MEV = 0.5
"""Energy in a pixel that a working wire always shows, in MeV; the share of MicroBooNE's farthest charge is 0.7."""
LEAST_MEV = 0.04
"""Energy from which a particle counts in a pixel, in MeV: the SBND sample stores none below."""


@dataclass(frozen=True)
class LabelCounts:
    """Pixels of one SBND plane by origin label.

    Parameters
    ----------
    halves : ndarray, shape (2, 3), int64
        By TPC half (rows below and from 640), then background, cosmic, neutrino.
    coarse : ndarray, shape (3,), int64
        At half resolution: any, cosmic, neutrino.
    """

    halves: np.ndarray
    coarse: np.ndarray


def label_counts(image: Image) -> LabelCounts:
    """Count the pixels of one SBND plane by origin label.

    Parameters
    ----------
    image : Image
        With origin labels.

    Returns
    -------
    LabelCounts

    Examples
    --------
    >>> from argoscope.events import COSMIC, Grid, LabelColumn
    >>> image = Image.from_points(Grid((4, 1280)), np.array([[0, 3], [0, 700]]), np.array([9.0, 9.0]))
    >>> counts = label_counts(image.with_labels(origin=LabelColumn(np.array([1, 2]), COSMIC)))
    >>> counts.halves.tolist(), counts.coarse.tolist()
    ([[0, 1, 0], [0, 0, 1]], [2, 1, 1])
    """
    origin = image.label("origin").values
    half = image.coordinates[:, 1] >= CATHODE_ROW
    halves = np.bincount(3 * half + origin, minlength=6).reshape(2, 3)
    coarse = downsample(image, 2).label("origin").values
    return LabelCounts(halves, np.array([len(coarse), (coarse == 1).sum(), (coarse == 2).sum()]))


def pixel_values(image: Image, origin: int, half: int) -> np.ndarray:
    """Charges of the pixels with an origin label in one TPC half, shape (n,)."""
    wanted = (image.label("origin").values == origin) & ((image.coordinates[:, 1] >= CATHODE_ROW) == half)
    return np.asarray(image.charge[wanted])


def mode(values: np.ndarray, width: float) -> float:
    """Most frequent value: the top of the histogram, sharpened by the parabola through three bins.

    Parameters
    ----------
    values : ndarray, shape (n,)
    width : float
        Of a bin.

    Examples
    --------
    >>> mode(np.array([1.5, 2.5, 2.5, 3.5]), 1.0)
    2.5
    """
    # An empty bin behind the last, so that the top has a neighbour on each side.
    counts: np.ndarray = np.append(np.bincount((values / width).astype(np.int64), minlength=2), 0)
    counts = np.convolve(counts, np.ones(3) / 3, "same") if len(values) > 1000 else counts.astype(float)
    top = int(np.clip(counts.argmax(), 1, len(counts) - 2))
    before, here, after = counts[top - 1 : top + 2]
    bend = before - 2 * here + after
    return float((top + 0.5 + (0.5 * (before - after) / bend if bend else 0.0)) * width)


def cluster_sizes(image: Image) -> np.ndarray:
    """Pixels above threshold, with at least 0.04 MeV, of every true particle that has any; shape (k,)."""
    cluster, _ = _counted(image)
    sizes = np.bincount(cluster, minlength=1)
    return np.asarray(sizes[sizes > 0])


def _counted(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """Cluster and id of every pixel above threshold in which a true particle counts, cluster by cluster."""
    truth = image.truth
    if truth is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    seen = np.isin(truth.ids, image.ids) & (truth.values >= LEAST_MEV)
    return truth.cluster_of_row[seen], truth.ids[seen]


def counted_instances(image: Image, wanted: np.ndarray) -> int:
    """How many of some interactions own at least 10 pixels of the image.

    Parameters
    ----------
    image : Image
        With ancestor labels; its pixels are those above threshold.
    wanted : ndarray, shape (k,), int64
        Numbers of the interactions.
    """
    owner = image.label("ancestor")
    counts = np.bincount(owner.values[owner.labelled], minlength=int(wanted.max(initial=0)) + 1)
    return int((counts[wanted] >= LEAST_PIXELS).sum())


def class_counts(image: Image) -> np.ndarray:
    """Labelled pixels of each of the five classes, shape (5,)."""
    label = image.label("semantic").values
    return np.bincount(label[label != FIVE_CLASS.unlabelled], minlength=5)


def silent_share(image: Image) -> float:
    """Share of the wires with true charge that show none: dead wires.

    Parameters
    ----------
    image : Image
        With truth clusters; a wire counts with a pixel of at least 0.5 MeV.

    Examples
    --------
    >>> from argoscope.events import Clusters, Grid
    >>> truth = Clusters(Grid((4, 9)), np.array([3, 12, 21]), np.full(3, 0.9), np.array([0, 3]), np.array([0]))
    >>> silent_share(Image(Grid((4, 9)), np.array([[0, 4], [1, 3]]), np.array([30.0, 40.0]), truth=truth)).__round__(3)
    0.333
    """
    if image.truth is None:
        return 0.0
    strong = np.unique(image.truth.ids[image.truth.values >= STRONG_MEV] // image.grid.shape[1])
    return float((~np.isin(strong, image.coordinates[:, 0])).mean()) if len(strong) else 0.0


def segments_by_slope(image: Image, edges: np.ndarray, reach: int = 4) -> list[np.ndarray]:
    """Rows and largest pixel per wire of straight true particles, by the slope in rows per wire.

    A wire counts where the particle has charge above threshold on it and on all wires up to `reach` away, and its
    mean rows there lie within one row of a line.

    Parameters
    ----------
    image : Image
        With truth clusters.
    edges : ndarray, shape (k + 1,)
        Of the bins of absolute slope.
    reach : int
        Wires on each side.

    Returns
    -------
    list of ndarray, shape (n, 2)
        Rows and largest pixel on the wires in each of the k bins.
    """
    found: list[list[tuple[float, float]]] = [[] for _ in edges[1:]]
    cluster, pixels = _counted(image)
    charge = image.charge[np.searchsorted(image.ids, pixels)]
    bounds = np.flatnonzero(np.diff(cluster, prepend=-1, append=-2))
    steps = np.arange(-reach, reach + 1)
    for first, last in itertools.pairwise(bounds):
        if last - first < len(steps):
            continue
        wire, row = np.divmod(pixels[first:last], image.grid.shape[1])
        low = int(wire.min()) - reach
        rows = np.bincount(wire - low, minlength=int(wire.max()) - low + reach + 1)
        mean = np.bincount(wire - low, weights=row, minlength=len(rows)) / np.maximum(rows, 1)
        peak = np.zeros(len(rows))
        np.maximum.at(peak, wire - low, charge[first:last])
        middle = np.flatnonzero(np.convolve(rows > 0, np.ones(len(steps)), "same") > len(steps) - 0.5)
        near = mean[middle[:, None] + steps]
        slope = (near * steps).sum(axis=1) / (steps**2).sum()
        bend = np.abs(near - near.mean(axis=1, keepdims=True) - slope[:, None] * steps).max(
            axis=1, initial=0.0
        )
        which = np.searchsorted(edges, np.abs(slope), side="right") - 1
        for at, box in zip(middle[bend < 1.0], which[bend < 1.0], strict=True):
            if 0 <= box < len(found):
                found[box].append((float(rows[at]), float(peak[at])))
    return [np.array(values).reshape(-1, 2) for values in found]
