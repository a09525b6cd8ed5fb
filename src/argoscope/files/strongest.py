"""Which of several contributions to one pixel is the largest.

A pixel has one label, but several particles may have left charge in it. The
readers of this folder give it the label of the largest contribution; among
equal ones the first counts, so that the result does not depend on a sort.
"""

from __future__ import annotations

import numpy as np

__all__ = ["strongest_rows"]


def strongest_rows(groups: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row of the largest weight in each group; the first such row where several tie.

    Parameters
    ----------
    groups : ndarray, shape (m,), integer
        Group of each row, for instance a pixel id.
    weights : ndarray, shape (m,)
        Size of each contribution.

    Returns
    -------
    names : ndarray, shape (g,)
        The groups, rising.
    rows : ndarray, shape (g,), int64
        The winning row of each.

    Examples
    --------
    >>> strongest_rows(np.array([7, 3, 7, 7]), np.array([1.0, 5.0, 2.0, 2.0]))
    (array([3, 7]), array([1, 2]))
    """
    groups = np.asarray(groups)
    order = np.lexsort((-np.asarray(weights), groups))
    ranked = groups[order]
    first = np.ones(len(ranked), dtype=bool)
    first[1:] = ranked[1:] != ranked[:-1]
    return ranked[first], order[first]
