"""What each pixel counts in the loss: the papers' weightings by name and formula.

============  ==================================================================================
none          1
inverse       N / (C N_c) in each image: N labelled pixels, N_c of them of the pixel's class, C
              classes present; every class counts the same (paper 4)
root-inverse  the root of that: between the rare classes' accuracy and that of all pixels
paper3        1 / size of the pixel's particle in the image, from 0.0002 to 0.02, plus 0.02 within
              3 pixels of another class
paper3-code   0.5, or 2 within 3 pixels of another class: what paper 3's program does without
              its table of weights
light         background 1, cosmic 1.5, neutrino 10 (paper 0)
even          1 / (3 (N_c + 1)) in each image: paper 0's full balance, as its program has it
============  ==================================================================================

"Within 3 pixels" is the largest difference along an axis. Pixels without a
label count 0.

References
----------
Paper 0: arXiv:2012.01301, section 7. Paper 3: arXiv:2012.08513, section III. Paper 4: arXiv:1903.05663, section IV.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from argoscope.errors import named

__all__ = ["WEIGHTINGS", "Weighting", "near_another_class", "weighting_named"]

CLUSTER_WEIGHTS = (0.0002, 0.02)
"""Smallest and largest cluster weight of paper 3."""
BORDER_WEIGHT = 0.02
"""Paper 3's weight of pixels beside another class."""
BORDER_PIXELS = 3
"""How far from another class a pixel is beside it (papers 3's text and program)."""

LIGHT = (1.0, 1.5, 10.0)
"""Paper 0's mild balance of background, cosmic and neutrino."""


@dataclass(frozen=True)
class Weighting:
    """A weighting by name.

    Parameters
    ----------
    name : str
    weigh : callable
        weigh(coordinates, labels, instances) of one image, shapes (n, d), (n,), (n,);
        gives the weights, shape (n,), float64. All pixels are labelled.
    instances : bool
        Whether it needs to know the particles.
    classes : int, optional
        Number of classes it is made for; any by default.
    """

    name: str
    weigh: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
    instances: bool = False
    classes: int | None = None


def near_another_class(coordinates: np.ndarray, labels: np.ndarray, reach: int = BORDER_PIXELS) -> np.ndarray:
    """Which pixels have one of another class within `reach` pixels along every axis.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
    labels : ndarray, shape (n,), integer
    reach : int

    Returns
    -------
    ndarray, shape (n,), bool

    Examples
    --------
    >>> near_another_class(np.array([[0, 0], [0, 3], [0, 7]]), np.array([0, 1, 1])).tolist()
    [True, True, False]
    """
    near = np.zeros(len(labels), dtype=bool)
    for one in np.unique(labels):
        here, others = labels == one, labels != one
        if others.any():
            tree = cKDTree(coordinates[others])
            # Chebyshev distances are whole numbers.
            distance, _ = tree.query(coordinates[here], p=np.inf, distance_upper_bound=reach + 0.5)
            near[here] = np.isfinite(distance)
    return near


def _none(_coordinates: np.ndarray, labels: np.ndarray, _instances: np.ndarray) -> np.ndarray:
    return np.ones(len(labels))


def _inverse(_coordinates: np.ndarray, labels: np.ndarray, _instances: np.ndarray) -> np.ndarray:
    _, at, counts = np.unique(labels, return_inverse=True, return_counts=True)
    return (len(labels) / (len(counts) * counts))[at]


def _root_inverse(coordinates: np.ndarray, labels: np.ndarray, instances: np.ndarray) -> np.ndarray:
    return np.sqrt(_inverse(coordinates, labels, instances))


def _paper3(coordinates: np.ndarray, labels: np.ndarray, instances: np.ndarray) -> np.ndarray:
    _, at, sizes = np.unique(instances, return_inverse=True, return_counts=True)
    cluster = np.clip(1.0 / sizes, *CLUSTER_WEIGHTS)[at]
    return cluster + BORDER_WEIGHT * near_another_class(coordinates, labels)


def _paper3_code(coordinates: np.ndarray, labels: np.ndarray, _instances: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + 3.0 * near_another_class(coordinates, labels))


def _light(_coordinates: np.ndarray, labels: np.ndarray, _instances: np.ndarray) -> np.ndarray:
    return np.array(LIGHT)[labels]


def _even(_coordinates: np.ndarray, labels: np.ndarray, _instances: np.ndarray) -> np.ndarray:
    counts = np.bincount(labels, minlength=len(LIGHT))
    return (1.0 / (len(LIGHT) * (counts + 1.0)))[labels]


WEIGHTINGS: Mapping[str, Weighting] = {
    weighting.name: weighting
    for weighting in (
        Weighting("none", _none),
        Weighting("inverse", _inverse),
        Weighting("root-inverse", _root_inverse),
        Weighting("paper3", _paper3, instances=True),
        Weighting("paper3-code", _paper3_code),
        Weighting("light", _light, classes=len(LIGHT)),
        Weighting("even", _even, classes=len(LIGHT)),
    )
}
"""Every weighting by name."""


def weighting_named(name: str) -> Weighting:
    """Find a weighting.

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.
    """
    return named(name, WEIGHTINGS, "there is no weighting")
