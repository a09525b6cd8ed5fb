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
paper2        1 / N_k in each image, with N_k pixels of the pixel's category: background within 2
              pixels of charge; other background; charge within 4 pixels of a vertex; all other
              charge, every particle a category of its own
============  ==================================================================================

"Within 3 pixels" is the largest difference along an axis. Pixels without a
label count 0. `inverse` with the loss ``event-mean`` is the class-wise weight
1 / N_c that paper 2 compares its own with, divided by the classes present.

Paper 2 leaves open which distance it means and whether a pixel at the vertex
belongs to its particle too; here it does not, and the distance is that of all
others.

References
----------
Paper 0: arXiv:2012.01301, section 7. Paper 2: arXiv:1808.07269, section IV B. Paper 3: arXiv:2012.08513, section III. Paper 4: arXiv:1903.05663, section IV.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from argoscope.errors import named

__all__ = [
    "VERTEX_PIXELS",
    "WEIGHTINGS",
    "ImagePixels",
    "Weighting",
    "near_another_class",
    "pixel_categories",
    "weighting_named",
]

CLUSTER_WEIGHTS = (0.0002, 0.02)
"""Smallest and largest cluster weight of paper 3."""
BORDER_WEIGHT = 0.02
"""Paper 3's weight of pixels beside another class."""
BORDER_PIXELS = 3
"""How far from another class a pixel is beside it (papers 3's text and program)."""

LIGHT = (1.0, 1.5, 10.0)
"""Paper 0's mild balance of background, cosmic and neutrino."""

VERTEX_PIXELS = 4
"""How far from a vertex charge is at it (paper 2, section IV B)."""
AROUND_PIXELS = 2
"""How far from charge background is around it (paper 2, section IV B)."""
AROUND, EMPTY, VERTEX, PARTICLE = range(4)
"""Paper 2's four categories; particles are numbered on from the last."""


class ImagePixels(NamedTuple):
    """The labelled pixels of one image, as a weighting sees them.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
    labels : ndarray, shape (n,), integer
    instances : ndarray, shape (n,), integer
        Particle of each pixel; anything where there is no charge.
    at_vertex : ndarray, shape (n,), bool
        Whether the pixel lies within `VERTEX_PIXELS` of a vertex.
    """

    coordinates: np.ndarray
    labels: np.ndarray
    instances: np.ndarray
    at_vertex: np.ndarray


@dataclass(frozen=True)
class Weighting:
    """A weighting by name.

    Parameters
    ----------
    name : str
    weigh : callable
        From the pixels of one image to their weights, shape (n,), float64.
    instances : bool
        Whether it needs to know the particles.
    vertices : bool
        Whether it needs to know the vertices.
    background : bool
        Whether it has weights for pixels without charge, though it needs the particles.
    classes : int, optional
        Number of classes it is made for; any by default.
    """

    name: str
    weigh: Callable[[ImagePixels], np.ndarray]
    instances: bool = False
    vertices: bool = False
    background: bool = False
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


def pixel_categories(pixels: ImagePixels) -> np.ndarray:
    """Paper 2's category of every pixel, class 0 being background.

    Parameters
    ----------
    pixels : ImagePixels

    Returns
    -------
    ndarray, shape (n,), int64
        0 background around charge, 1 other background, 2 charge at a vertex, from 3 on the particles.

    Examples
    --------
    >>> row = np.column_stack([np.zeros(6, int), np.arange(6)])
    >>> labels, instances = np.array([0, 0, 0, 1, 2, 2]), np.array([-1, -1, -1, 7, 7, 9])
    >>> pixel_categories(ImagePixels(row, labels, instances, row[:, 1] == 3)).tolist()
    [1, 0, 0, 2, 3, 4]
    """
    charged = pixels.labels != 0
    found = np.full(len(charged), EMPTY, dtype=np.int64)
    found[~charged] = np.where(_around(pixels.coordinates, charged)[~charged], AROUND, EMPTY)
    _, particle = np.unique(pixels.instances[charged], return_inverse=True)
    found[charged] = np.where(pixels.at_vertex[charged], VERTEX, PARTICLE + particle)
    return found


def _around(coordinates: np.ndarray, charged: np.ndarray) -> np.ndarray:
    """Which pixels lie within `AROUND_PIXELS` of a charged one; shape (n,), bool."""
    if charged.all():
        return charged
    dimensions = coordinates.shape[1]
    inside = coordinates - coordinates.min(axis=0) + AROUND_PIXELS
    mask = np.zeros(inside.max(axis=0) + 1 + AROUND_PIXELS, dtype=bool)
    steps = range(-AROUND_PIXELS, AROUND_PIXELS + 1)
    for step in product(steps, repeat=dimensions):
        mask[tuple((inside[charged] + step).T)] = True
    return np.asarray(mask[tuple(inside.T)])


def _none(pixels: ImagePixels) -> np.ndarray:
    return np.ones(len(pixels.labels))


def _inverse(pixels: ImagePixels) -> np.ndarray:
    _, at, counts = np.unique(pixels.labels, return_inverse=True, return_counts=True)
    return (len(pixels.labels) / (len(counts) * counts))[at]


def _root_inverse(pixels: ImagePixels) -> np.ndarray:
    return np.sqrt(_inverse(pixels))


def _paper2(pixels: ImagePixels) -> np.ndarray:
    categories = pixel_categories(pixels)
    return 1.0 / np.bincount(categories)[categories]


def _paper3(pixels: ImagePixels) -> np.ndarray:
    _, at, sizes = np.unique(pixels.instances, return_inverse=True, return_counts=True)
    cluster = np.clip(1.0 / sizes, *CLUSTER_WEIGHTS)[at]
    return cluster + BORDER_WEIGHT * near_another_class(pixels.coordinates, pixels.labels)


def _paper3_code(pixels: ImagePixels) -> np.ndarray:
    return 0.5 * (1.0 + 3.0 * near_another_class(pixels.coordinates, pixels.labels))


def _light(pixels: ImagePixels) -> np.ndarray:
    return np.array(LIGHT)[pixels.labels]


def _even(pixels: ImagePixels) -> np.ndarray:
    counts = np.bincount(pixels.labels, minlength=len(LIGHT))
    return (1.0 / (len(LIGHT) * (counts + 1.0)))[pixels.labels]


WEIGHTINGS: Mapping[str, Weighting] = {
    weighting.name: weighting
    for weighting in (
        Weighting("none", _none),
        Weighting("inverse", _inverse),
        Weighting("root-inverse", _root_inverse),
        Weighting("paper2", _paper2, instances=True, vertices=True, background=True, classes=3),
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
