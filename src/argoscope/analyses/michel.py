"""Michel electrons found from classes of pixels: paper 4's reconstruction, in volumes and in planes.

Pixels called Michel are clustered, and pixels called MIP apart from them, both
by DBSCAN. A Michel cluster is a candidate if it is *attached* to the *end* of a
MIP cluster:

attached   its pixel nearest to a clustered MIP pixel is near enough to it. The
           text says "less than 1 px distance between the nearest pixels", which
           no two pixels have; the two readings have names:

           ========  ================================================================
           "step"    no pixel between them: one step along each axis at most
           "reach"   less than sqrt(8) apart: what the paper's program asks for, and
                     the distance below which its truth calls an electron attached
           ========  ================================================================
end        of the MIP cluster without its pixels within a radius of the contact
           DBSCAN makes one cluster; where nothing is left the contact is an end
           too, as in the program.

Distances are in pixels. Pixels lie on whole numbers, so the text's eps of 2.8
and the program's 2.828 link the same pixels.

References
----------
Paper 4, arXiv:1903.05663, section VII A.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from scipy.spatial import cKDTree

from argoscope.analyses.grid_dbscan import NOISE, dbscan
from argoscope.errors import InvalidArgument, require_known
from argoscope.events import FIVE_CLASS

__all__ = ["Attached", "Candidate", "MichelRules", "clusters_of", "find_michels"]

Attached = Literal["step", "reach"]
"""Readings of "attached"."""

MICHEL, MIP = FIVE_CLASS.index("Michel"), FIVE_CLASS.index("MIP")


@dataclass(frozen=True, kw_only=True)
class MichelRules:
    """Parameters of the reconstruction; the defaults are paper 4's.

    Parameters
    ----------
    eps : float
        DBSCAN: distance of neighbours.
    michel_points, mip_points : int
        DBSCAN: neighbours of a core, itself among them, of Michel and of MIP clusters.
    attached : {"reach", "step"}
        How near a candidate is to its MIP cluster. The default is the reading of the program that gave the published
        numbers.
    edge_radius : float
        Pixels of the MIP cluster up to this distance from the contact are masked.

    Raises
    ------
    InvalidArgument
        If a number breaks its rule, or there is no such reading.
    """

    eps: float = 2.8
    michel_points: int = 5
    mip_points: int = 10
    attached: Attached = "reach"
    edge_radius: float = 15.0

    def __post_init__(self) -> None:
        require_known(self.attached, get_args(Attached), "there is no reading of attached")
        for name in ("michel_points", "mip_points"):
            if getattr(self, name) < 1:
                raise InvalidArgument(
                    f"{name} (={getattr(self, name)}) must be at least 1: a pixel is its own neighbour"
                )
        for name in ("eps", "edge_radius"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be a positive number of pixels")

    def farthest(self, dimensions: int) -> int:
        """Largest squared distance of attached pixels."""
        # One step along each axis: of whole numbers no other squared distance is as small.
        return dimensions if self.attached == "step" else 7


class Candidate(NamedTuple):
    """A Michel electron that was found.

    Parameters
    ----------
    rows : ndarray, shape (k,), int64
        Its pixels, rising row numbers of the image.
    contact : int
        Row of the MIP pixel nearest to it.
    mip_pixels : int
        Pixels of the MIP cluster that it is attached to.
    """

    rows: np.ndarray
    contact: int
    mip_pixels: int


def clusters_of(
    coordinates: np.ndarray, labels: np.ndarray, wanted: int, *, eps: float, points: int
) -> list[np.ndarray]:
    """Clusters of the pixels of a class.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
    labels : ndarray, shape (n,), integer
    wanted : int
        The class.
    eps : float
    points : int
        Neighbours of a core.

    Returns
    -------
    list of ndarray, shape (k,), int64
        Rising row numbers of each cluster; pixels in none are left out.

    Examples
    --------
    >>> row = np.array([[0, 0], [0, 1], [0, 9]])
    >>> clusters_of(row, np.array([4, 4, 4]), 4, eps=2.8, points=2)
    [array([0, 1])]
    """
    rows = np.flatnonzero(labels == wanted)
    found = dbscan(coordinates[rows], eps=eps, min_points=points)
    order = np.argsort(found, kind="stable")
    order = order[found[order] != NOISE]
    ends = np.flatnonzero(np.diff(found[order])) + 1
    return [rows[group] for group in np.split(order, ends) if len(group)]


def find_michels(
    coordinates: np.ndarray, labels: np.ndarray, rules: MichelRules | None = None
) -> list[Candidate]:
    """Find the Michel electrons of an image.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
        Pixels or voxels, each once.
    labels : ndarray, shape (n,), int32
        Predicted classes, in `FIVE_CLASS`.
    rules : MichelRules, optional

    Returns
    -------
    list of Candidate

    Examples
    --------
    A muon of 30 pixels along one axis, and an electron of 6 that leaves its end:

    >>> track = np.stack([np.arange(36), np.zeros(36, int)], axis=1)
    >>> classes = np.where(np.arange(36) < 30, 1, 4)
    >>> [(len(found.rows), found.contact) for found in find_michels(track, classes, MichelRules(mip_points=3))]
    [(6, 29)]
    """
    rules = rules or MichelRules()
    michels = clusters_of(coordinates, labels, MICHEL, eps=rules.eps, points=rules.michel_points)
    mips = clusters_of(coordinates, labels, MIP, eps=rules.eps, points=rules.mip_points) if michels else []
    if not mips:
        return []
    track_rows = np.concatenate(mips)
    owner = np.repeat(np.arange(len(mips)), [len(mip) for mip in mips])
    order = np.argsort(track_rows)
    track_rows, owner = track_rows[order], owner[order]
    tree = cKDTree(coordinates[track_rows])
    found = []
    for rows in michels:
        at = _contact(tree, coordinates[rows], rules.farthest(coordinates.shape[1]))
        if at is None:
            continue
        mip = mips[owner[at]]
        if _is_end(coordinates[mip], coordinates[track_rows[at]], rules):
            found.append(Candidate(rows, int(track_rows[at]), len(mip)))
    return found


def _contact(tree: cKDTree, pixels: np.ndarray, farthest: int) -> int | None:
    """Number of the track pixel nearest to some pixels; of several the first, seen from the first pixel; None if too far."""
    reach = np.sqrt(farthest + 0.5)  # squared distances are whole numbers
    distance, _ = tree.query(pixels, distance_upper_bound=reach)
    nearest = float(distance.min())
    if not np.isfinite(nearest):
        return None
    squared = round(nearest**2)
    first = pixels[int((np.abs(distance**2 - squared) < 0.5).argmax())]
    return int(min(tree.query_ball_point(first, np.sqrt(squared + 0.5))))


def _is_end(track: np.ndarray, contact: np.ndarray, rules: MichelRules) -> bool:
    """Whether a track, its pixels around the contact masked, is one piece at most."""
    left = track[((track - contact) ** 2).sum(axis=1) > rules.edge_radius**2]
    pieces = dbscan(left, eps=rules.eps, min_points=rules.mip_points)
    return bool(pieces.max(initial=NOISE) <= 0)
