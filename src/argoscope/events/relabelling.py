"""Paper 4's relabelling: a delta ray or Michel electron that touches no track is a shower.

Trunks are HIP and MIP voxels; branches are delta voxels, and apart from them
Michel voxels. Voxels within sqrt(8) of one another are one cluster (26
neighbours, and a gap of one voxel along a face diagonal); a branch cluster
keeps its class only if it comes nearer than that to a trunk. Without a trunk
every branch is a shower. No truth of the simulation is used.

References
----------
Paper 4, arXiv:1903.05663, section III C; its code clusters with DBSCAN, eps
sqrt(8), one voxel enough.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from argoscope.events.labels import FIVE_CLASS

__all__ = ["clusters_within", "relabel_detached"]

CLUSTER_REACH = np.sqrt(8.5)
"""Voxels cluster up to a squared distance of 8 voxels; squared distances are whole numbers."""
TOUCH_REACH = np.sqrt(7.5)
"""A branch touches a trunk below a squared distance of 8 voxels."""


def clusters_within(coordinates: np.ndarray, reach: float) -> np.ndarray:
    """Number the clusters of points linked by distances up to `reach`.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
    reach : float
        In pixels.

    Returns
    -------
    ndarray, shape (n,), int32
        Cluster of each point, from 0.

    Examples
    --------
    >>> clusters_within(np.array([[0, 0], [2, 2], [5, 5]]), CLUSTER_REACH).tolist()
    [0, 0, 1]
    """
    if not len(coordinates):
        return np.zeros(0, dtype=np.int32)
    pairs = cKDTree(coordinates).query_pairs(reach, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs), dtype=bool), pairs.T), shape=(len(coordinates),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)


def relabel_detached(coordinates: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Relabel the delta rays and Michel electrons that touch no track.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
        Pixels or voxels.
    labels : ndarray, shape (n,), int32
        In `FIVE_CLASS`.

    Returns
    -------
    ndarray, shape (n,), int32

    Examples
    --------
    >>> pixels = np.array([[0, 0], [0, 1], [9, 9]])
    >>> relabel_detached(pixels, np.array([1, 3, 4])).tolist()
    [1, 3, 2]
    """
    out = FIVE_CLASS.require_valid(labels).copy()
    trunk = np.isin(out, (FIVE_CLASS.index("HIP"), FIVE_CLASS.index("MIP")))
    tree = cKDTree(coordinates[trunk]) if trunk.any() else None
    for name in ("delta", "Michel"):
        rows = np.flatnonzero(labels == FIVE_CLASS.index(name))
        cluster = clusters_within(coordinates[rows], CLUSTER_REACH)
        touching = np.zeros(cluster.max(initial=-1) + 1, dtype=bool)
        if tree is not None and len(rows):
            distance, _ = tree.query(coordinates[rows], distance_upper_bound=TOUCH_REACH)
            touching[cluster[np.isfinite(distance)]] = True
        out[rows[~touching[cluster]]] = FIVE_CLASS.index("shower")
    return out
