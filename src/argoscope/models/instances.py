"""Instances of an image as a network finds them: how strongly each claims which pixel.

Masks may overlap, as objects do where they cross; a pixel is owned by its
strongest claim. Fragments of a few pixels that an owner has apart from its
others go to the nearest piece of any.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from argoscope.events import ANCESTOR, COSMIC, LabelScheme
from argoscope.events.grid import Grid
from argoscope.events.instances import Instances
from argoscope.simulation.image_measures import LEAST_PIXELS
from argoscope.sparse import SiteIndex, SparseTensor

__all__ = [
    "NOBODY",
    "FoundInstances",
    "connected_pieces",
    "instances_of_owners",
    "owners",
    "partitioned",
    "touching_pixels",
    "with_fragments_moved",
    "without_small",
]

NOBODY = -1
"""Owner of pixels that no instance claims."""


@dataclass(frozen=True, eq=False)
class FoundInstances:
    """The instances of one image, the most certain first.

    Parameters
    ----------
    claims : ndarray, shape (k, n), float32
        Score of each times the probability that its mask gives the pixel; 0 for pixels outside its mask.
    scores : ndarray, shape (k,), float32
        From 0 to 1: how certain it is that there is such an object of that class.
    classes : ndarray, shape (k,), int32
        Class of each in the scheme.
    scheme : LabelScheme
        What the classes mean; one whose classes are among those of `ANCESTOR`.
    """

    claims: np.ndarray
    scores: np.ndarray
    classes: np.ndarray
    scheme: LabelScheme = COSMIC

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def masks(self) -> np.ndarray:
        """Which pixels each has, shape (k, n), bool."""
        return np.asarray(self.claims > 0)

    def on(self, grid: Grid, ids: np.ndarray) -> Instances:
        """The instances as sets of pixels of a plane, in the classes of ancestors.

        Parameters
        ----------
        grid : Grid
        ids : ndarray, shape (n,), int64
            Number of each pixel in it.
        """
        sets = [ids[mask] for mask in self.masks]
        # Division may round up beyond 1; and a moved fragment keeps the claim of its former owner, of another score.
        likely = [
            (claims[claims > 0] / score).clip(max=1)
            for claims, score in zip(self.claims, self.scores, strict=True)
        ]
        classes = np.array(
            [ANCESTOR.index(self.scheme.classes[number]) for number in self.classes], dtype=np.int32
        )
        return Instances.of_sets(grid, sets, classes, self.scores, probabilities=likely)

    @property
    def owner(self) -> np.ndarray:
        """Instance of the strongest claim on each pixel, the first of equal ones; shape (n,), int32, -1 for none."""
        return owners(self.claims)


def owners(claims: np.ndarray) -> np.ndarray:
    """Row of the strongest claim on each pixel; -1 where none is above 0.

    Examples
    --------
    >>> owners(np.array([[0.5, 0.0, 0.2], [0.6, 0.0, 0.0]])).tolist()
    [1, -1, 0]
    """
    if not len(claims):
        return np.full(claims.shape[1], NOBODY, dtype=np.int32)
    best = claims.argmax(axis=0).astype(np.int32)
    return np.where(claims.max(axis=0) > 0, best, np.int32(NOBODY))


def touching_pixels(index: SiteIndex) -> np.ndarray:
    """Pairs of pixels of an image that touch, at a side or a corner, each pair once; shape (m, 2).

    Examples
    --------
    >>> touching_pixels(SiteIndex.from_coordinates([[0, 0, 0], [0, 1, 1], [0, 3, 1]], shape=(4, 4))).tolist()
    [[0, 1]]
    """
    table = index.neighbours(3).table
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for later in table[len(table) // 2 + 1 :]:
        rows = np.flatnonzero(later >= 0)
        pairs.append(np.column_stack([rows, later[rows]]))
    return np.concatenate(pairs)


def connected_pieces(pairs: np.ndarray, pixels: int) -> np.ndarray:
    """Number of the connected piece of each pixel.

    Parameters
    ----------
    pairs : ndarray, shape (m, 2), int
        Pixels that are connected.
    pixels : int
        Number of pixels.

    Returns
    -------
    ndarray, shape (n,), int32
        From 0, in the order of each piece's first pixel.

    Examples
    --------
    >>> connected_pieces(np.array([[2, 0], [2, 3]]), 5).tolist()
    [0, 1, 0, 0, 2]
    """
    ones = np.ones(len(pairs), dtype=bool)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(pixels, pixels))
    found = connected_components(graph, directed=False)[1]
    _, first, number = np.unique(found, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[number]


def with_fragments_moved(
    claims: np.ndarray, coordinates: np.ndarray, pairs: np.ndarray, least: int
) -> np.ndarray:
    """Claims after small fragments went to the owner of the nearest pixel of a larger piece.

    A fragment is a connected piece of one owner's pixels. Where there is no larger piece, all stay.

    Parameters
    ----------
    claims : ndarray, shape (k, n), float32
    coordinates : ndarray, shape (n, 2)
    pairs : ndarray, shape (m, 2), int
        Pairs of pixels that touch.
    least : int
        Pixels from which on a piece stays.

    Returns
    -------
    ndarray, shape (k, n), float32
        The new owner has the claim of the old, which has none.

    Examples
    --------
    >>> claims = np.array([[0.9, 0.8, 0.0], [0.0, 0.0, 0.7]])
    >>> with_fragments_moved(claims, np.array([[0, 0], [0, 1], [0, 2]]), np.array([[0, 1], [1, 2]]), least=2).tolist()
    [[0.9, 0.8, 0.7], [0.0, 0.0, 0.0]]
    """
    owner = owners(claims)
    together = pairs[owner[pairs[:, 0]] == owner[pairs[:, 1]]]
    piece = connected_pieces(together, len(owner))
    large = np.bincount(piece, minlength=1)[piece] >= least
    moving = np.flatnonzero(~large & (owner != NOBODY))
    staying = np.flatnonzero(large & (owner != NOBODY))
    if not len(moving) or not len(staying):
        return claims
    nearest = staying[cKDTree(coordinates[staying]).query(coordinates[moving])[1]]
    moved = claims.copy()
    moved[owner[moving], moving] = 0
    moved[owner[nearest], moving] = claims[owner[moving], moving]
    return moved


def without_small(owner: np.ndarray, coordinates: np.ndarray, least: int) -> np.ndarray:
    """Owners, numbered anew from 0, after those of few pixels left them to the nearest pixel of a larger one.

    Parameters
    ----------
    owner : ndarray, shape (n,), int
        -1 for none; such pixels go to the nearest too.
    coordinates : ndarray, shape (n, 2)
    least : int
        Pixels from which on an owner stays.

    Returns
    -------
    ndarray, shape (n,), int32
        All -1 where no owner stays.

    Examples
    --------
    >>> without_small(np.array([4, 4, 7, -1]), np.array([[0, 0], [0, 1], [0, 2], [0, 3]]), least=2).tolist()
    [0, 0, 0, 0]
    """
    numbers, sizes = np.unique(owner, return_counts=True)
    stays = numbers[(sizes >= least) & (numbers != NOBODY)]
    staying = np.flatnonzero(np.isin(owner, stays))
    if not len(staying):
        return np.full(len(owner), NOBODY, dtype=np.int32)
    nearest = staying[cKDTree(coordinates[staying]).query(coordinates)[1]]
    return np.searchsorted(stays, owner[nearest]).astype(np.int32)


def partitioned(owner: np.ndarray, likely: np.ndarray) -> FoundInstances:
    """Instances from the owner of each pixel and the classes of pixels.

    Parameters
    ----------
    owner : ndarray, shape (n,), int
        From 0; -1 for none.
    likely : ndarray, shape (n, classes)
        Probability of each class; class 0 is background.

    Returns
    -------
    FoundInstances
        Of the class, background aside, that is likeliest on average; the average is the score.

    Examples
    --------
    >>> found = partitioned(np.array([0, 0, 1]), np.array([[0, 0.75, 0.25], [0, 0.25, 0.75], [0, 0.0, 1.0]]))
    >>> found.classes.tolist(), found.scores.tolist()
    ([2, 1], [1.0, 0.5])
    """
    masks = owner == np.arange(int(owner.max(initial=NOBODY)) + 1)[:, None]
    means = (masks @ likely[:, 1:]) / np.maximum(masks.sum(axis=1), 1)[:, None]
    scores = means.max(axis=1, initial=0).astype(np.float32)
    order = np.argsort(-scores, kind="stable")
    claims = masks[order] * scores[order][:, None]
    return FoundInstances(claims, scores[order], (1 + means.argmax(axis=1)).astype(np.int32)[order])


def instances_of_owners(semantic: SparseTensor, owner: np.ndarray) -> list[FoundInstances]:
    """Instances of every image of a batch: owners of at least 10 pixels, and what lies nearest to them.

    Parameters
    ----------
    semantic : SparseTensor
        Class scores of every pixel, before softmax; class 0 is background.
    owner : ndarray, shape (pixels,), int
        Of each pixel within its image; -1 for none.

    Returns
    -------
    list of FoundInstances
        One an image.
    """
    places = semantic.index.coordinates
    likely = torch.softmax(semantic.features.detach().double(), dim=1).cpu().numpy()
    return [
        partitioned(without_small(owner[first:last], places[first:last], LEAST_PIXELS), likely[first:last])
        for first, last in pairwise(semantic.index.event_starts.tolist())
    ]
