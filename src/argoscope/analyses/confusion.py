"""Confusion matrices of events, and the class-wise numbers that follow from them.

One matrix an event, rows truth, columns prediction, in pixels or in charge;
pixels without a true label are not counted. Every number of a semantic
segmentation follows from these: `rates` gives them averaged over events or
pooled, with intervals over events, because pixels of one event are not
independent of one another.

Averaging    per event: the fraction of each event, then the mean over the events
             that have any; pooled: all pixels of all events as one.
Accuracy     of a class: its true pixels that are called so (efficiency, recall).
Purity       of a class: the pixels called so that truly are (precision).

References
----------
Papers 3 and 4 (arXiv:2012.08513, section IV; arXiv:1903.05663, section IV): pooled and
per event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from argoscope.analyses.statistics import Estimate, bootstrap
from argoscope.errors import InvalidArgument

__all__ = ["Rates", "confusion_matrix", "merged", "rates"]


def confusion_matrix(
    truth: np.ndarray, predicted: np.ndarray, classes: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Confusion matrix of one event.

    Parameters
    ----------
    truth, predicted : ndarray, shape (n,), integer
        Class of each pixel; a negative number, or one from `classes` up, is unlabelled in the truth.
    classes : int
    weights : ndarray, shape (n,), optional
        What a pixel counts, for instance its charge; 1 by default.

    Returns
    -------
    ndarray, shape (classes, classes), float64
        Rows truth, columns prediction.

    Raises
    ------
    InvalidArgument
        If the lengths differ, or a pixel with a true label has no predicted one.

    Examples
    --------
    >>> confusion_matrix(np.array([0, 1, 1, 5]), np.array([0, 0, 1, 1]), 2)
    array([[1., 0.],
           [1., 1.]])
    """
    if truth.shape != predicted.shape:
        raise InvalidArgument(
            f"truth ({len(truth)} pixels) and prediction ({len(predicted)}) must be of equal length"
        )
    counted = (truth >= 0) & (truth < classes)
    truth, predicted = truth[counted], predicted[counted]
    missing = (predicted < 0) | (predicted >= classes)
    if missing.any():
        raise InvalidArgument(
            f"{int(missing.sum())} of {len(truth)} labelled pixels have no predicted class; predict on the same pixels"
        )
    weights = None if weights is None else weights[counted].astype(np.float64)
    flat = np.bincount(truth.astype(np.int64) * classes + predicted, weights, classes * classes)
    return flat.reshape(classes, classes).astype(np.float64)


def merged(matrices: np.ndarray, groups: list[list[int]]) -> np.ndarray:
    """Matrices of merged classes: the predicted label is mapped, scores are not summed (paper 3).

    Parameters
    ----------
    matrices : ndarray, shape (events, classes, classes)
    groups : list of list of int
        Classes of each group.

    Examples
    --------
    >>> merged(np.array([[[1, 2, 0], [0, 3, 0], [1, 0, 4]]]), [[0, 1], [2]]).tolist()
    [[[6, 0], [1, 4]]]
    """
    picked = np.zeros((matrices.shape[1], len(groups)), matrices.dtype)
    for number, group in enumerate(groups):
        picked[group, number] = 1
    return picked.T @ matrices @ picked


@dataclass(frozen=True)
class Rates:
    """What a set of confusion matrices says.

    Parameters
    ----------
    accuracy : Estimate
        Share of pixels with the true class.
    class_accuracy, class_purity : tuple of Estimate
        By class.
    events : int
        Events with any labelled pixel.
    class_events : tuple of int
        Events with any pixel of each class.
    spread : float
        Standard deviation of the accuracy over events.
    """

    accuracy: Estimate
    class_accuracy: tuple[Estimate, ...]
    class_purity: tuple[Estimate, ...]
    events: int
    class_events: tuple[int, ...]
    spread: float

    def to_json(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Numbers by name, as `evaluate` prints them."""
        return {
            "accuracy": self.accuracy.to_json(),
            "spread": None if np.isnan(self.spread) else self.spread,
            "classes": {
                name: {"accuracy": accuracy.to_json(), "purity": purity.to_json(), "events": events}
                for name, accuracy, purity, events in zip(
                    names, self.class_accuracy, self.class_purity, self.class_events, strict=True
                )
            },
            "events": self.events,
        }


def rates(matrices: np.ndarray, *, pooled: bool, seed: int = 0) -> Rates:
    """Accuracies and purities with intervals over events.

    Parameters
    ----------
    matrices : ndarray, shape (events, classes, classes)
    pooled : bool
        All pixels as one, or the mean over events.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Rates

    Examples
    --------
    >>> found = rates(np.array([[[1, 0], [1, 1]], [[3, 0], [0, 0]]], float), pooled=False)
    >>> round(found.accuracy.value, 4), found.class_accuracy[1].value
    (0.8333, 0.5)
    """
    classes = matrices.shape[1]
    right = np.diagonal(matrices, axis1=1, axis2=2)
    tops = np.column_stack([right.sum(1), right, right])
    bottoms = np.column_stack([matrices.sum((1, 2)), matrices.sum(2), matrices.sum(1)])
    with np.errstate(invalid="ignore", divide="ignore"):
        each = tops / bottoms
    present = np.isfinite(each)
    filled = np.where(present, each, 0.0)

    def of(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            if pooled:
                return (counts @ tops) / (counts @ bottoms)
            return (counts @ filled) / (counts @ present)

    found = bootstrap(of, len(matrices), seed=seed)
    own = each[present[:, 0], 0]
    return Rates(
        accuracy=found[0],
        class_accuracy=tuple(found[1 : 1 + classes]),
        class_purity=tuple(found[1 + classes :]),
        events=int(present[:, 0].sum()),
        class_events=tuple(int(n) for n in present[:, 1 : 1 + classes].sum(0)),
        spread=float(own.std()) if len(own) else np.nan,
    )
