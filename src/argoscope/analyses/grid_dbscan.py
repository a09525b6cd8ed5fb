"""DBSCAN of pixels: clusters of points that lie close together, exactly, by the order of their numbers.

A pixel with at least `min_points` pixels within `eps` (itself included) is a
core; cores within `eps` of one another are of one cluster; a pixel near a core
that is none itself joins its cluster (of several the first); all others are
noise. Clusters are numbered by their first core.

Pixels lie on whole numbers, so the neighbours of a pixel are runs of
consecutive pixels in a few rows beside its own: their bounds are found in the
sorted list of pixel numbers, without looking at any pair.

References
----------
Ester, Kriegel, Sander and Xu, KDD-96 (1996) 226. Definitions and numbering are those of scikit-learn's `DBSCAN`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import inf, isqrt

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from argoscope.errors import InvalidArgument

__all__ = ["EPS", "MIN_POINTS", "NOISE", "dbscan", "largest_cluster", "require_rules"]

EPS, MIN_POINTS = 10.0, 20
"""Distance in pixels and neighbours with which MicroBooNE's deep-learning group clusters pixels left after cosmic tagging
(ublarcvapp, tagger_data_v2_splity.cfg: DBScanClusterRadius, DBScanClusterMinPoints); paper 1 does not give its own."""
NOISE = -1
"""Label of pixels in no cluster, as in scikit-learn."""


@dataclass(frozen=True)
class _Runs:
    """Sorted numbers of pixels, and where around a pixel its neighbours lie.

    Parameters
    ----------
    numbers : ndarray, shape (n,), int64
        Of pixels on a grid padded so that no run crosses the end of a row.
    reaches : list of (int, int)
        Shift to a row and half the length of the run there.
    """

    numbers: np.ndarray
    reaches: list[tuple[int, int]]

    def of(self, numbers: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """First and one past the last neighbour in each row, for each of some pixels."""
        for shift, reach in self.reaches:
            yield (
                np.searchsorted(self.numbers, numbers + (shift - reach), side="left"),
                np.searchsorted(self.numbers, numbers + (shift + reach), side="right"),
            )


def dbscan(coordinates: np.ndarray, *, eps: float, min_points: int) -> np.ndarray:
    """Cluster of each pixel.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
        Pixel indices, each once, in any order.
    eps : float
        Distance, in pixels, up to which two pixels are neighbours.
    min_points : int
        Neighbours that make a pixel a core, itself among them.

    Returns
    -------
    ndarray, shape (n,), int64
        From 0; `NOISE` for pixels in no cluster.

    Raises
    ------
    InvalidArgument
        If `eps` is not positive and finite, `min_points` not positive, a coordinate is no whole number, or a pixel stands twice.

    Examples
    --------
    >>> dbscan(np.array([[0, 0], [0, 1], [9, 9], [0, 2]]), eps=1.0, min_points=2)
    array([ 0, 0, -1, 0])
    """
    coordinates = np.asarray(coordinates)
    require_rules(eps, min_points)
    _require_table(coordinates)
    if not len(coordinates):
        return np.zeros(0, dtype=np.int64)
    numbers, reaches = _numbered(coordinates, eps)
    order = np.argsort(numbers, kind="stable")
    ranked = numbers[order]
    if (np.diff(ranked) == 0).any():
        row = int(order[int((np.diff(ranked) == 0).argmax())])
        raise InvalidArgument(
            f"coordinates must have each pixel once; {coordinates[row].tolist()} stands twice"
        )
    if eps >= np.linalg.norm(np.ptp(coordinates, axis=0)):
        # All are neighbours of one another: runs would be as many as pixels have pairs of rows.
        return np.full(len(coordinates), 0 if len(coordinates) >= min_points else NOISE, dtype=np.int64)
    runs = _Runs(ranked, reaches)
    neighbours = np.sum([high - low for low, high in runs.of(ranked)], axis=0)
    core = neighbours >= min_points
    cores = _Runs(ranked[core], reaches)
    # Numbered by the first core in the order in which the pixels were given.
    component = _by_first(_components(cores), order[core])
    found = np.full(len(ranked), NOISE, dtype=np.int64)
    found[core] = component
    found[~core] = _nearby(cores, component, ranked[~core])
    labels = np.empty_like(found)
    labels[order] = found
    return labels


def largest_cluster(coordinates: np.ndarray, *, eps: float, min_points: int) -> int:
    """Pixels of the largest cluster; 0 where there is none.

    Examples
    --------
    >>> largest_cluster(np.array([[0, 0], [0, 1], [9, 9], [0, 2]]), eps=1.0, min_points=2)
    3
    """
    labels = dbscan(coordinates, eps=eps, min_points=min_points)
    return int(np.bincount(labels[labels != NOISE], minlength=1).max())


def require_rules(eps: float, min_points: int) -> None:
    """Refuse a distance that is not positive and finite, and fewer neighbours than a pixel itself.

    Examples
    --------
    >>> require_rules(float("inf"), 20)
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: eps (=inf) must be a positive number of pixels, and finite
    """
    if not 0 < eps < inf:
        raise InvalidArgument(f"eps (={eps}) must be a positive number of pixels, and finite")
    if min_points < 1:
        raise InvalidArgument(f"min_points (={min_points}) must be at least 1: a pixel is its own neighbour")


def _require_table(coordinates: np.ndarray) -> None:
    if coordinates.ndim != 2 or coordinates.dtype.kind not in "iu":
        raise InvalidArgument(
            f"coordinates (shape {coordinates.shape}, {coordinates.dtype}) must be a table of whole pixel indices"
        )


def _numbered(coordinates: np.ndarray, eps: float) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Numbers of the pixels on the padded grid, and the runs of the neighbours of any."""
    low = coordinates.min(axis=0).astype(np.int64)
    extent = coordinates.max(axis=0).astype(np.int64) - low
    # Squared distances are whole; the margin lets eps be the rounded root of one. No two pixels are farther apart than
    # the corners of the box around all.
    farthest = int(min(eps * eps * (1 + 1e-12), float(extent @ extent)))
    reach = isqrt(farthest)
    sides = extent + 1 + reach
    strides = np.concatenate([np.cumprod(sides[:0:-1])[::-1], [1]])
    reaches = []
    steps = (range(-min(reach, side), min(reach, side) + 1) for side in extent[:-1].tolist())
    for step in product(*steps):
        left = farthest - sum(s * s for s in step)
        if left >= 0:
            reaches.append((int(np.dot(step, strides[:-1])), isqrt(left)))
    return (coordinates - low) @ strides, reaches


def _components(cores: _Runs) -> np.ndarray:
    """Connected component of each core, shape (cores,)."""
    count = len(cores.numbers)
    here = np.arange(count)
    starts, ends, covered = [], [], np.zeros(count + 1, dtype=np.int64)
    for low, high in cores.of(cores.numbers):
        some = high > low
        starts.append(here[some])
        ends.append(low[some])
        # All cores of a run are neighbours of one core, so each is of one component with the next.
        np.add.at(covered, low[some], 1)
        np.add.at(covered, high[some] - 1, -1)
    follows = np.flatnonzero(np.cumsum(covered)[:count] > 0)
    rows = np.concatenate([*starts, follows]) if count else here
    columns = np.concatenate([*ends, follows + 1]) if count else here
    graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _by_first(component: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Components numbered anew by the smallest place of their members."""
    first = np.full(int(component.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, component, place)
    rank = np.empty_like(first)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[component]


def _nearby(cores: _Runs, component: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Smallest component with a core near each of some pixels; `NOISE` where there is none."""
    none = np.iinfo(np.int64).max
    best = np.full(len(numbers), none)
    padded = np.concatenate([component, [none]])
    for low, high in cores.of(numbers):
        some = np.flatnonzero(high > low)
        if len(some):
            bounds = np.stack([low[some], high[some]], axis=1).ravel()
            best[some] = np.minimum(best[some], np.minimum.reduceat(padded, bounds)[::2])
    return np.where(best == none, NOISE, best)
