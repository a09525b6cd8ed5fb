"""Instances from the answers of seeds: the best, each object once.

    score of a seed     largest class probability but background's, times its quality
    candidates          all seeds with a score of at least 0.05
    kept                from the best on: those whose own cell lies in no mask kept before, and whose mask overlaps none
                        of them by half (intersection over union)
    masks               mask score above 0, computed on all pixels for the kept seeds alone
    claims              score of the seed times the sigmoid of the mask score; fragments go to the nearest piece

While seeds are chosen, masks are those of cells: the mean score of the pixels
of a cell, which is the score of their mean terms, counted by their number.
They are computed for some hundred seeds at once, the best first; what lies in
a mask by then needs none of its own. A limit to the number of candidates would
lose the small objects of an image: long tracks have hundreds of cells.
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
    at_once: int = 256
    """Seeds whose masks are computed together; it changes no result."""
    overlap: float = 0.5
    """Intersection over union from which on two masks are of one object."""
    fragment: int = 5
    """Pieces of the partition with fewer pixels go to the nearest mask."""

    def __post_init__(self) -> None:
        for name in ("least_score", "overlap"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be from 0 to 1")
        for name, least in (("at_once", 1), ("fragment", 0)):
            if getattr(self, name) < least:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be at least {least}")


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
        seeds = candidate_seeds(scores[cells], selection.least_score)
        kept = kept_seeds(seeds, kernels[cells], means, sizes, selection) + first_cell
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


def candidate_seeds(scores: np.ndarray, least: float) -> np.ndarray:
    """Rows of the seeds with at least some score by falling score, of equal scores the first; shape (c,), int64.

    Examples
    --------
    >>> candidate_seeds(np.array([0.5, 0.01, 0.8]), 0.05).tolist()
    [2, 0]
    """
    order = np.argsort(-scores, kind="stable")
    return order[scores[order] >= least]


def kept_seeds(
    seeds: np.ndarray, kernels: np.ndarray, means: np.ndarray, sizes: np.ndarray, selection: Selection
) -> np.ndarray:
    """Seeds of an image that stand for its objects; see the module's text.

    Parameters
    ----------
    seeds : ndarray, shape (c,), int
        Cells of the candidates, the best first.
    kernels : ndarray, shape (cells, t)
        Of every cell.
    means : ndarray, shape (cells, t)
        Mean terms of the pixels of each cell.
    sizes : ndarray, shape (cells,)
        Pixels of each cell.
    selection : Selection

    Returns
    -------
    ndarray, shape (k,), int64
        Some of the candidates, in their order; one without a cell in its mask is none of them.

    Examples
    --------
    Two seeds of one object of two cells:

    >>> ones = np.ones((2, 1))
    >>> kept_seeds(np.array([1, 0]), ones, ones, np.array([3, 3]), Selection()).tolist()
    [1]
    """
    kept = np.zeros(0, dtype=np.int64)
    masks = np.zeros((0, len(means)), dtype=bool)
    while len(seeds):
        now, seeds = seeds[: selection.at_once], seeds[selection.at_once :]
        said = kernels[now] @ means.T > 0
        chosen = _chosen(now, said, masks, sizes.astype(np.float64), selection.overlap)
        kept, masks = np.append(kept, now[chosen]), np.concatenate([masks, said[chosen]])
        seeds = seeds[~masks[:, seeds].any(axis=0)]
    return kept


def _chosen(
    seeds: np.ndarray, said: np.ndarray, before: np.ndarray, sizes: np.ndarray, overlap: float
) -> np.ndarray:
    """Which of some seeds, the best first, are kept beside those of earlier masks; shape (c,), bool."""
    weighted = said * sizes
    areas = weighted.sum(axis=1)
    standing = areas > 0
    kept = np.zeros(len(seeds), dtype=bool)

    def leave_out(mask: np.ndarray) -> None:
        shared = weighted @ mask
        standing[(shared > overlap * (areas + mask @ sizes - shared)) | mask[seeds]] = False

    for mask in before:
        leave_out(mask)
    for row, mask in enumerate(said):
        if standing[row]:
            kept[row] = True
            leave_out(mask)
    return kept


def _claims(logits: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Claims from mask scores, shape (k, n), and scores of the seeds; 0 outside the masks."""
    inside = logits > 0
    claims = np.zeros_like(logits)
    claims[inside] = 1 / (1 + np.exp(-logits[inside]))
    return claims * scores[:, None]


def _array(tensor: torch.Tensor) -> np.ndarray:
    found: np.ndarray = tensor.detach().float().cpu().numpy()
    return found
