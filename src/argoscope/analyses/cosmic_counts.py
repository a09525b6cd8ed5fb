"""Counting one plane of an event for paper 0: which pixels are called what.

An image here is one plane with the columns "origin" (truth) and "prediction",
on every pixel that has charge, a true or a predicted label. Pixels that are
not listed are background in both, as in the paper's dense images, and a pixel
with a true label counts whether it has charge or not. Truth that is unlabelled
is not counted; a pixel without prediction is predicted as background.

Every plane is counted twice, at full resolution and as the paper's images are
(blocks of 2 x 2 pixels, charge mean, truth and predicted label maximum), and
each time with the prediction and with a baseline: the prediction of a network
that calls every pixel above 10 cosmic.

References
----------
Paper 0: arXiv:2012.01301, sections 5 (downsampling) and 6.1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from argoscope.analyses.confusion import confusion_matrix
from argoscope.analyses.interactions import Interaction
from argoscope.events import COSMIC, Image, LabelColumn, downsample

__all__ = [
    "BACKGROUND",
    "BLUR_REACH",
    "COSMIC_RAY",
    "NEUTRINO",
    "POOLING",
    "EventCounts",
    "PlaneCounts",
    "count_plane",
    "near",
    "plane_confusion",
    "pooled",
    "with_baseline",
]

POOLING = 2
"""Side of the blocks of pixels that the paper's images make one (section 5)."""
BASELINE_ABOVE = 10.0
"""Charge above which the baseline calls a pixel cosmic: the threshold of papers 1, 2 and 3."""
BLUR_REACH = 2
"""Distance, in pixels of the pooled image, up to which a prediction counts as a blur around a track."""
BACKGROUND, COSMIC_RAY, NEUTRINO = (COSMIC.index(name) for name in ("background", "cosmic", "neutrino"))
_CLASSES = len(COSMIC.classes)


def pooled(image: Image) -> Image:
    """The image as the paper sees it: blocks of 2 x 2 pixels, charge mean, labels maximum.

    Raises
    ------
    InvalidArgument
        If a side of the image is odd.
    """
    return downsample(image, POOLING, "average", "maximum")


def with_baseline(image: Image) -> Image:
    """The image with its prediction replaced: cosmic where the charge is above 10, else background."""
    labels = np.where(image.charge > BASELINE_ABOVE, COSMIC_RAY, BACKGROUND)
    return image.with_labels(prediction=LabelColumn(labels, COSMIC))


def _predicted(image: Image) -> np.ndarray:
    """Predicted class of each listed pixel; background where there is no prediction."""
    column = image.label("prediction")
    return np.where(column.labelled, column.values, BACKGROUND)


def plane_confusion(image: Image) -> np.ndarray:
    """Confusion matrix of all pixels of a plane, listed or not.

    Parameters
    ----------
    image : Image
        With labels "origin" and "prediction" of the scheme `COSMIC`.

    Returns
    -------
    ndarray, shape (3, 3), float64
        Rows truth, columns prediction; pixels whose truth is unlabelled are left out.

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 0], [2, 1]]), np.array([7.0, 9.0]))
    >>> truth, said = LabelColumn(np.array([1, 2]), COSMIC), LabelColumn(np.array([1, 1]), COSMIC)
    >>> plane_confusion(image.with_labels(origin=truth, prediction=said))
    array([[14., 0., 0.], [ 0., 1., 0.], [ 0., 1., 0.]])
    """
    matrix = confusion_matrix(image.label("origin").values, _predicted(image), _CLASSES)
    matrix[BACKGROUND, BACKGROUND] += image.grid.pixels - len(image)
    return matrix


def near(coordinates: np.ndarray, track: np.ndarray, reach: int = BLUR_REACH) -> int:
    """How many pixels lie on a track or within `reach` of it, along either axis.

    Parameters
    ----------
    coordinates, track : ndarray, shape (n, d) and (m, d), integer
        Pixels, each once.
    reach : int

    Examples
    --------
    >>> near(np.array([[0, 0], [2, 2], [0, 3]]), np.array([[0, 0]]))
    2
    """
    if not len(coordinates) or not len(track):
        return 0
    # The bound itself is excluded; distances of pixels are whole numbers.
    distance, _ = cKDTree(track).query(coordinates, p=np.inf, distance_upper_bound=reach + 0.5)
    return int(np.isfinite(distance).sum())


@dataclass(frozen=True)
class PlaneCounts:
    """What is counted of one plane of one event.

    Parameters
    ----------
    projection : int
    full, full_baseline : ndarray, shape (3, 3)
        Confusion at full resolution, of the prediction and of the baseline.
    pooled, pooled_baseline : ndarray, shape (3, 3)
        The same of the pooled image.
    charged : int
        Pixels of the pooled image with charge.
    blur : ndarray, shape (2, 2), int64
        Of cosmic and of neutrino: predicted pixels within reach of a true one, true pixels; in the pooled image.
    without_charge, unseen : int
        Pixels with a true cosmic or neutrino label that have no charge; that have no prediction.
    """

    projection: int
    full: np.ndarray
    full_baseline: np.ndarray
    pooled: np.ndarray
    pooled_baseline: np.ndarray
    charged: int
    blur: np.ndarray
    without_charge: int
    unseen: int


@dataclass(frozen=True)
class EventCounts:
    """What is counted of one event.

    Parameters
    ----------
    where : dict
        File, entry, run, subrun and event, for the report.
    interaction : Interaction
    planes : tuple of PlaneCounts
        By rising projection.
    """

    where: dict[str, Any]
    interaction: Interaction
    planes: tuple[PlaneCounts, ...]


def count_plane(image: Image) -> PlaneCounts:
    """Count one plane.

    Parameters
    ----------
    image : Image
        With labels "origin" and "prediction" of the scheme `COSMIC`, at full resolution.

    Raises
    ------
    InvalidArgument
        If a side of the image is odd.
    """
    # Truth clusters have no part in this, and would be pooled with the rest.
    image = replace(image, truth=None)
    small = pooled(image)
    signal = image.label("origin").values > BACKGROUND
    return PlaneCounts(
        projection=image.grid.projection,
        full=plane_confusion(image),
        full_baseline=plane_confusion(with_baseline(image)),
        pooled=plane_confusion(small),
        pooled_baseline=plane_confusion(pooled(with_baseline(image))),
        charged=int((small.charge > 0).sum()),
        blur=_blur(small),
        without_charge=int((signal & (image.charge == 0)).sum()),
        unseen=int((signal & ~image.label("prediction").labelled).sum()),
    )


def _blur(image: Image) -> np.ndarray:
    """Predicted pixels near true ones and true pixels, of cosmic and of neutrino; unlabelled pixels left out."""
    column = image.label("origin")
    said = np.where(column.labelled, _predicted(image), BACKGROUND)
    rows = []
    for number in (COSMIC_RAY, NEUTRINO):
        track = image.coordinates[column.values == number]
        rows.append([near(image.coordinates[said == number], track), len(track)])
    return np.array(rows, dtype=np.int64)
