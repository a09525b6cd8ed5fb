"""Sums of shares: all groups of a plane together, or several groups into one owner."""

from __future__ import annotations

import numpy as np

from argoscope.simulation.compile import allocating
from argoscope.simulation.places import order_of
from argoscope.simulation.splat import Shares

__all__ = ["merged", "summed"]


def merged(shares: Shares, owner: np.ndarray) -> Shares:
    """Shares of larger owners: of interactions or ancestors instead of particle groups.

    Parameters
    ----------
    shares : Shares
    owner : ndarray, shape (groups,), int64
        Owner of each group, such as the column "interaction" of the table of tracks.

    Returns
    -------
    Shares
        With owners for groups; pixels of an owner in rising order.

    Examples
    --------
    >>> two = Shares(np.array([0, 1]), np.array([7, 7]), np.array([1.0, 2.0]), np.array([10.0, 30.0]))
    >>> merged(two, np.array([4, 4])).charge.tolist()
    [40.0]
    """
    who = np.asarray(owner, dtype=np.int64)[shares.group]
    order = np.lexsort((shares.ids, who))
    who, ids = who[order], shares.ids[order]
    first = np.flatnonzero((np.diff(who, prepend=-1) != 0) | (np.diff(ids, prepend=-1) != 0))
    if not len(first):
        return shares
    energy, charge = (np.add.reduceat(values[order], first) for values in (shares.energy, shares.charge))
    return Shares(who[first], ids[first], energy, charge)


def summed(shares: Shares, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Charge of all groups together.

    Parameters
    ----------
    shares : Shares
    pixels : int
        Pixels of the image.

    Returns
    -------
    ids : ndarray, shape (n,), int64
        Rising, each once.
    charge : ndarray, shape (n,), float64

    Examples
    --------
    >>> ones = np.ones(3)
    >>> summed(Shares(np.array([0, 0, 1]), np.array([5, 2, 5]), ones, ones), 9)
    (array([2, 5]), array([1., 2.]))
    """
    ids, charge = _sum(shares.ids, shares.charge, np.zeros(pixels, dtype=np.int32))
    order = order_of(ids, np.zeros_like(ids))
    return ids[order], charge[order]


@allocating
def _sum(ids: np.ndarray, charge: np.ndarray, where: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    out_ids, total = np.empty(len(ids), np.int64), np.empty(len(ids))
    count = 0
    for k in range(len(ids)):
        at = where[ids[k]] - 1
        if at < 0:
            at = count
            where[ids[k]] = count + 1
            out_ids[at], total[at] = ids[k], 0.0
            count += 1
        total[at] += charge[k]
    return out_ids[:count].copy(), total[:count].copy()
