"""What the seeds of an image are to answer, and which of them a step asks.

Instances are all charge of one ancestor; those with at least 10 pixels of at
least 10 are counted. A cell is pure if at least 4 of 5 of its pixels are of one
counted instance; that is its object. Of each instance a few pure cells are
asked, long or short alike, where it has none its purest cell; and some of the
other cells, which are to say that they are background. Which cells and pixels
are asked is drawn anew in each step, from a stream of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argoscope.files.layouts import DENSE_THRESHOLD
from argoscope.simulation.image_measures import LEAST_PIXELS

__all__ = ["CellObjects", "ImageTargets", "asked_cells", "cell_objects", "image_targets"]

PURE = 0.8
"""Share of a cell's pixels that one object must have: a cell crossed by two tracks has about half of each."""
NONE = -1
"""Object of a pixel or a cell that has none."""


@dataclass(frozen=True, eq=False)
class ImageTargets:
    """The true instances of one image.

    Parameters
    ----------
    member : ndarray, shape (n,), int64
        Instance of each pixel, from 0; -1 for none that is counted.
    classes : ndarray, shape (t,), int64
        Class of each instance.
    """

    member: np.ndarray
    classes: np.ndarray


def image_targets(
    ancestor: np.ndarray,
    semantic: np.ndarray,
    charge: np.ndarray,
    counts: np.ndarray,
    *,
    least: int = LEAST_PIXELS,
) -> ImageTargets:
    """Find the counted instances of an image.

    Parameters
    ----------
    ancestor : ndarray, shape (n,), int
        Interaction of each pixel; negative: none.
    semantic : ndarray, shape (n,), int
        Class of each pixel.
    charge : ndarray, shape (n,)
    counts : ndarray, shape (n,), bool
        Pixels that have a label; others belong to nothing.
    least : int
        Pixels of at least 10 from which on an instance is counted.

    Returns
    -------
    ImageTargets
        The class of an instance is that of most of its pixels, background aside.

    Examples
    --------
    >>> ids = np.repeat([7, 3, -1], [12, 9, 2])
    >>> found = image_targets(ids, np.full(23, 2), np.full(23, 20.0), np.ones(23, bool))
    >>> found.member.max(), found.classes
    (np.int64(0), array([2]))
    """
    mine = counts & (ancestor >= 0)
    known, number = np.unique(ancestor[mine], return_inverse=True)
    active = np.bincount(number, charge[mine] >= DENSE_THRESHOLD, len(known))
    counted = np.flatnonzero(active >= least)
    place = np.full(len(known), NONE)
    place[counted] = np.arange(len(counted))
    member = np.full(len(ancestor), NONE)
    member[mine] = place[number]
    votes = np.zeros((len(counted), int(semantic.max(initial=1)) + 1), dtype=np.int64)
    inside = (member >= 0) & (semantic > 0)
    np.add.at(votes, (member[inside], semantic[inside]), 1)
    return ImageTargets(member, votes[:, 1:].argmax(axis=1) + 1)


@dataclass(frozen=True, eq=False)
class CellObjects:
    """Which object most pixels of each cell are of.

    Parameters
    ----------
    instance : ndarray, shape (cells,), int64
        -1 for cells whose largest share is of no instance.
    share : ndarray, shape (cells,), float64
        Of the cell's pixels that are of it.
    """

    instance: np.ndarray
    share: np.ndarray

    @property
    def pure(self) -> np.ndarray:
        """Which cells stand for their instance, shape (cells,), bool."""
        return (self.instance != NONE) & (self.share >= PURE)


def cell_objects(member: np.ndarray, home: np.ndarray, cells: int) -> CellObjects:
    """Find the object of each cell.

    Parameters
    ----------
    member : ndarray, shape (n,), int
        Instance of each pixel, -1 for none.
    home : ndarray, shape (n,), int
        Cell of each pixel.
    cells : int

    Returns
    -------
    CellObjects
        Of equal shares the smaller number.

    Examples
    --------
    >>> found = cell_objects(np.array([0, 0, 1, -1]), np.array([0, 0, 0, 1]), 2)
    >>> found.instance.tolist(), found.share.round(2).tolist()
    ([0, -1], [0.67, 1.0])
    """
    width = int(member.max(initial=NONE)) + 2
    pairs, count = np.unique(home * width + member + 1, return_counts=True)
    cell, instance = np.divmod(pairs, width)
    order = np.lexsort((instance, -count, cell))
    first = order[np.unique(cell[order], return_index=True)[1]]
    found, share = np.full(cells, NONE), np.zeros(cells)
    found[cell[first]] = instance[first] - 1
    share[cell[first]] = count[first] / np.bincount(home, minlength=cells)[cell[first]]
    return CellObjects(found, share)


def asked_cells(
    objects: CellObjects, instances: int, rng: np.random.Generator, *, seeds: int, others: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cells that a step asks, and the instance that each is to answer.

    Parameters
    ----------
    objects : CellObjects
    instances : int
        Number of counted instances.
    rng : numpy.random.Generator
    seeds : int
        Most cells of each instance.
    others : int
        Most of the cells that are of none.

    Returns
    -------
    cells, instance : ndarray, shape (s,), int64
        Rows of the cells, each once; -1 for those that are background.

    Examples
    --------
    >>> objects = CellObjects(np.array([0, 0, -1]), np.array([1.0, 0.6, 1.0]))
    >>> cells, instance = asked_cells(objects, 1, np.random.default_rng(0), seeds=4, others=1)
    >>> int(cells[0]), instance.tolist()
    (0, [0, -1])
    """
    pure = objects.pure
    chosen = []
    for instance in range(instances):
        own = np.flatnonzero(objects.instance == instance)
        best = own[pure[own]] if pure[own].any() else own[np.argsort(-objects.share[own], kind="stable")][:1]
        chosen.append(rng.permutation(best)[:seeds])
    taken = np.concatenate([np.zeros(0, dtype=np.int64), *chosen])
    answers = np.repeat(np.arange(instances), [len(rows) for rows in chosen])
    rest = np.setdiff1d(np.flatnonzero(~pure), taken)
    empty = rng.permutation(rest)[:others]
    return np.concatenate([taken, empty]), np.concatenate([answers, np.full(len(empty), NONE)])
