"""Instances from the answers of seeds: the best, each object once.

    score of a seed     largest class probability but background's, times its quality
    candidates          the 256 best seeds
    kept                from the best on: those whose own cell lies in no mask kept before, and whose mask overlaps none
                        of them by half (intersection over union)
    masks               mask score above 0, computed on all pixels for the kept seeds alone
    claims              score of the seed times the sigmoid of the mask score; fragments go to the nearest piece

While seeds are chosen, masks are those of cells: the mean score of the pixels
of a cell, which is the score of their mean terms, counted by their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from scipy.sparse import csr_array

from argoscope.errors import InvalidArgument
from argoscope.models.instances import FoundInstances, touching_pixels, with_fragments_moved
from argoscope.models.seed_masks import SEED_LEVEL, SeedAnswer
from argoscope.sparse import SiteIndex

__all__ = [
    "Selection",
    "candidate_seeds",
    "cells_of",
    "kept_seeds",
    "mean_of_cells",
    "seed_scores",
    "select_instances",
]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """How instances are chosen; see the module's text.

    Raises
    ------
    InvalidArgument
        If a fraction is not from 0 to 1, or a number negative.
    """

    least_score: float = 0.05
    """Seeds with less are no candidates (the papers' box threshold)."""
    candidates: int = 256
    """Most seeds that are looked at: ten times the objects of an image."""
    overlap: float = 0.5
    """Intersection over union from which on two masks are of one object."""
    fragment: int = 5
    """Pieces of the partition with fewer pixels go to the nearest mask."""

    def __post_init__(self) -> None:
        for name in ("least_score", "overlap"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be from 0 to 1")
        for name in ("candidates", "fragment"):
            if getattr(self, name) < 0:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must not be negative")


def select_instances(answer: SeedAnswer, selection: Selection = Selection()) -> list[FoundInstances]:
    """Instances of every image of a batch.

    Parameters
    ----------
    answer : SeedAnswer
    selection : Selection

    Returns
    -------
    list of FoundInstances
        One an image.
    """
    pixels = answer.terms.index
    scores, classes = seed_scores(answer)
    home = cells_of(pixels, answer.cells)
    touching = touching_pixels(pixels)
    terms, kernels = _array(answer.terms.features), _array(answer.kernels)
    found = []
    bounds = zip(pairwise(pixels.event_starts), pairwise(answer.cells.event_starts), strict=True)
    for (first, last), (first_cell, last_cell) in bounds:
        here, cells = slice(first, last), slice(first_cell, last_cell)
        means, sizes = mean_of_cells(terms[here], home[here] - first_cell, last_cell - first_cell)
        seeds = candidate_seeds(scores[cells], selection)
        logits = kernels[cells][seeds] @ means.T
        kept = kept_seeds(seeds, logits, sizes, selection.overlap) + first_cell
        pairs = touching[(touching[:, 0] >= first) & (touching[:, 0] < last)] - first
        claims = _claims(kernels[kept] @ terms[here].T, scores[kept])
        claims = with_fragments_moved(claims, pixels.coordinates[here], pairs, selection.fragment)
        found.append(FoundInstances(claims, scores[kept], classes[kept]))
    return found


def seed_scores(answer: SeedAnswer) -> tuple[np.ndarray, np.ndarray]:
    """Score and class of every seed, shapes (cells,), float32 and int32; class 0 is background."""
    likely = torch.softmax(answer.classes.detach().double(), dim=1)[:, 1:]
    best, classes = likely.max(dim=1)
    scores = best * torch.sigmoid(answer.quality.detach().double())
    return scores.float().cpu().numpy(), (1 + classes).int().cpu().numpy()


def cells_of(pixels: SiteIndex, cells: SiteIndex, level: int = SEED_LEVEL) -> np.ndarray:
    """Row of the cell in which each pixel lies, shape (pixels,), int64.

    Examples
    --------
    >>> pixels = SiteIndex.from_coordinates([[0, 1, 9], [0, 8, 0]], shape=(16, 16))
    >>> cells = SiteIndex.from_coordinates([[0, 0, 1], [0, 1, 0]], shape=(2, 2))
    >>> cells_of(pixels, cells).tolist()
    [0, 1]
    """
    width = cells.shape[1]

    def keys(events: np.ndarray, places: np.ndarray) -> np.ndarray:
        return (events * cells.shape[0] + places[:, 0]) * width + places[:, 1]

    own = keys(pixels.events, pixels.coordinates.astype(np.int64) >> level)
    return np.searchsorted(keys(cells.events, cells.coordinates.astype(np.int64)), own)


def mean_of_cells(terms: np.ndarray, home: np.ndarray, cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean of the terms of each cell's pixels, and how many they are.

    Parameters
    ----------
    terms : ndarray, shape (n, t)
    home : ndarray, shape (n,), int
        Cell of each pixel.
    cells : int

    Returns
    -------
    means : ndarray, shape (cells, t)
    sizes : ndarray, shape (cells,), int64

    Examples
    --------
    >>> mean_of_cells(np.array([[1.0], [3.0], [5.0]]), np.array([1, 1, 0]), 2)[0].tolist()
    [[5.0], [2.0]]
    """
    sizes = np.bincount(home, minlength=cells)
    ones = np.ones(len(home), dtype=terms.dtype)
    sums = csr_array((ones, (home, np.arange(len(home)))), shape=(cells, len(home))) @ terms
    return sums / np.maximum(sizes, 1).astype(terms.dtype)[:, None], sizes


def candidate_seeds(scores: np.ndarray, selection: Selection) -> np.ndarray:
    """Rows of the best seeds by falling score, of equal scores the first; shape (c,), int64.

    Examples
    --------
    >>> candidate_seeds(np.array([0.5, 0.01, 0.8]), Selection()).tolist()
    [2, 0]
    """
    order = np.argsort(-scores, kind="stable")[: selection.candidates]
    return order[scores[order] >= selection.least_score]


def kept_seeds(seeds: np.ndarray, logits: np.ndarray, sizes: np.ndarray, overlap: float) -> np.ndarray:
    """Seeds of an image that stand for its objects; see the module's text.

    Parameters
    ----------
    seeds : ndarray, shape (c,), int
        Cells of the candidates, the best first.
    logits : ndarray, shape (c, cells)
        Mask score of each candidate in each cell.
    sizes : ndarray, shape (cells,)
        Pixels of each cell.
    overlap : float
        Intersection over union above which masks are of one object.

    Returns
    -------
    ndarray, shape (k,), int
        Some of the candidates, in their order; one without a cell in its mask is none of them.

    Examples
    --------
    Two seeds of one object of two cells:

    >>> kept_seeds(np.array([1, 0]), np.ones((2, 2)), np.array([3, 3]), overlap=0.5).tolist()
    [1]
    """
    masks = logits > 0
    weighted = masks * sizes.astype(np.float64)
    areas = weighted.sum(axis=1)
    standing = areas > 0
    kept = np.zeros(len(seeds), dtype=bool)
    for row, mask in enumerate(masks):
        if standing[row]:
            kept[row] = True
            shared = weighted @ mask
            same = shared > overlap * (areas + areas[row] - shared)
            standing &= ~(same | mask[seeds])
    return seeds[kept]


def _claims(logits: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Claims from mask scores, shape (k, n), and scores of the seeds; 0 outside the masks."""
    inside = logits > 0
    claims = np.zeros_like(logits)
    claims[inside] = 1 / (1 + np.exp(-logits[inside]))
    return claims * scores[:, None]


def _array(tensor: torch.Tensor) -> np.ndarray:
    found: np.ndarray = tensor.detach().float().cpu().numpy()
    return found
