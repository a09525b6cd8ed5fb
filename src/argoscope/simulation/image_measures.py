"""What the checks measure in images: the same functions for simulated events and for files of real ones."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from argoscope.events import COSMIC, FIVE_CLASS, Event, Image, downsample

__all__ = [
    "LabelCounts",
    "class_counts",
    "cluster_sizes",
    "counted_instances",
    "halo_per_labelled",
    "label_counts",
    "mode",
    "particles_of_event",
    "peak_pixels",
    "pixel_values",
    "widths_by_slope",
]

CATHODE_ROW = 640
"""First row of SBND's second TPC in the 2018 images."""
LEAST_PIXELS = 10
"""Pixels from which an instance counts, as for paper 1's instances."""
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
    >>> from argoscope.events import Grid, LabelColumn
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


def halo_per_labelled(image: Image) -> float:
    """Background pixels directly before or after a labelled one on its wire, per labelled pixel.

    Examples
    --------
    >>> from argoscope.events import Grid, LabelColumn
    >>> image = Image.from_points(Grid((4, 9)), np.array([[0, 3], [0, 4], [2, 4]]), np.full(3, 9.0))
    >>> halo_per_labelled(image.with_labels(origin=LabelColumn(np.array([1, 0, 0]), COSMIC)))
    1.0
    """
    labelled = image.label("origin").values != COSMIC.index("background")
    ids, row = image.ids, image.coordinates[:, 1]
    marked = ids[labelled]
    beside = (np.isin(ids - 1, marked) & (row > 0)) | (
        np.isin(ids + 1, marked) & (row < image.grid.shape[1] - 1)
    )
    return float((beside & ~labelled).sum() / max(len(marked), 1))


def _runs(image: Image) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Runs of touching labelled pixels on a wire: first position in the image, number of rows, charge."""
    keep = image.label("origin").values != COSMIC.index("background")
    ids, charge, wire = image.ids[keep], image.charge[keep], image.coordinates[keep, 0]
    if not len(ids):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    begins = np.ones(len(ids), dtype=bool)
    begins[1:] = (np.diff(ids) > 1) | (np.diff(wire) > 0)
    at = np.flatnonzero(begins)
    return ids[at], np.diff(np.append(at, len(ids))), np.add.reduceat(charge.astype(np.float64), at)


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
    counts: np.ndarray = np.bincount((values / width).astype(np.int64), minlength=3)
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


def particles_of_event(event: Event) -> int:
    """True particles with at least 10 pixels on the last plane."""
    return int((cluster_sizes(event.images[-1]) >= LEAST_PIXELS).sum())


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


def peak_pixels(image: Image, wanted: int) -> np.ndarray:
    """Largest pixel of every run of pixels of one five-class label on a wire, shape (n,)."""
    keep = image.label("semantic").values == wanted
    ids, charge = image.ids[keep], image.charge[keep]
    if not len(ids):
        return np.zeros(0)
    begins = np.flatnonzero(np.diff(ids, prepend=ids[0] - 2) > 1)
    return np.asarray(np.maximum.reduceat(charge, begins))


def widths_by_slope(image: Image, edges: np.ndarray, reach: int = 4) -> list[np.ndarray]:
    """Rows per wire of straight true particles, by the slope in rows per wire.

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
    list of ndarray
        Rows per wire in each of the k bins.
    """
    found: list[list[float]] = [[] for _ in edges[1:]]
    cluster, pixels = _counted(image)
    bounds = np.flatnonzero(np.diff(cluster, prepend=-1, append=-2))
    steps = np.arange(-reach, reach + 1)
    for first, last in itertools.pairwise(bounds):
        seen = pixels[first:last]
        if last - first < len(steps):
            continue
        wire, row = seen // image.grid.shape[1], seen % image.grid.shape[1]
        rows = np.bincount(wire, minlength=image.grid.shape[0] + 1)
        mean = np.bincount(wire, weights=row, minlength=len(rows)) / np.maximum(rows, 1)
        for at in np.flatnonzero(rows):
            if at < reach or at + reach >= len(rows) or not rows[at + steps].all():
                continue
            near = mean[at + steps]
            slope = float((steps * near).sum() / (steps**2).sum())
            if np.abs(near - near.mean() - slope * steps).max() < 1.0:
                which = int(np.searchsorted(edges, abs(slope), side="right")) - 1
                if 0 <= which < len(found):
                    found[which].append(float(rows[at]))
    return [np.asarray(values) for values in found]
