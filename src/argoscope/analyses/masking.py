"""Masking studies: an event cut down to parts of a particle, to see what a network looks at.

Paper 2 masks all of an image but a piece of a stopping muon or of its Michel
electron, runs the network on what is left, and compares the scores there.
`particle_masks` makes such pieces of one particle, `stopping_masks` those of
the paper, of two that touch:

==================  ===========================================================
middle N            N pixels in the middle of the muon, minimum ionizing (figure 12)
end N               the last N pixels before it stops, the Bragg peak (figure 13)
electron            the electron alone (figure 14 a)
electron without N  the same without its first N pixels (14 b)
electron first N    these alone (14 c)
end and first N     the last N of the muon and the first N of the electron (figure 15)
==================  ===========================================================

Pixels of a track are put in order along it by their distance from the point
where it ends; lengths are pixels, not steps.

References
----------
Paper 2, arXiv:1808.07269, section VII B.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, Image

__all__ = ["LENGTHS", "Piece", "particle_masks", "rows_of_particle", "stopping_masks", "stopping_pair"]

LENGTHS = (5, 10, 20, 40)
"""Pixels left; the paper has 5 and more up to the whole track."""


class Piece(NamedTuple):
    """What is left of an event.

    Parameters
    ----------
    part : str
        Of which part of the particle.
    length : int, optional
        The N of the table above; None for all of the part.
    """

    part: str
    length: int | None = None

    @property
    def name(self) -> str:
        """The piece in words.

        Examples
        --------
        >>> Piece("middle", 5).name, Piece("electron").name
        ('middle 5', 'electron')
        """
        return self.part if self.length is None else f"{self.part} {self.length}"


def rows_of_particle(image: Image, number: int) -> np.ndarray:
    """Rows of the pixels that belong to a particle.

    Raises
    ------
    InvalidArgument
        If it has none.
    """
    rows = np.flatnonzero(image.label("instance").values == number)
    if not len(rows):
        known = np.unique(image.label("instance").values[image.label("instance").labelled]).tolist()
        raise InvalidArgument(
            f"particle (={number}) has no pixel of its own in this image; those that have: {known[:20]}"
        )
    return rows


def particle_masks(
    image: Image, rows: np.ndarray, lengths: Sequence[int] = LENGTHS
) -> dict[Piece, np.ndarray]:
    """Pieces of one particle: all of it, its two ends and its middle.

    Parameters
    ----------
    image : Image
    rows : ndarray, shape (k,), integer
        Its pixels.
    lengths : sequence of int
        Pixels left; those longer than the particle are left out.

    Returns
    -------
    dict of Piece to ndarray
        Rising rows of the pixels that are left.

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> line = Image.from_points(Grid((9, 2)), np.stack([np.arange(9), np.zeros(9, int)], 1), np.ones(9))
    >>> {piece.name: left.tolist() for piece, left in particle_masks(line, np.arange(9), (3,)).items()}
    {'all': [0, 1, 2, 3, 4, 5, 6, 7, 8], 'begin 3': [0, 1, 2], 'middle 3': [3, 4, 5], 'end 3': [6, 7, 8]}
    """
    points = image.coordinates[rows].astype(float)
    start = points[_farthest_from(points, points.mean(axis=0))]
    order = rows[_along(points, start)]
    masks = {Piece("all"): np.sort(rows)}
    for length in lengths:
        if length < len(rows):
            first = (len(rows) - length) // 2
            masks[Piece("begin", length)] = np.sort(order[:length])
            masks[Piece("middle", length)] = np.sort(order[first : first + length])
            masks[Piece("end", length)] = np.sort(order[-length:])
    return masks


def stopping_pair(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a muon that stops, and of its Michel electron: of the particle with most true Michel pixels in the image.

    Parameters
    ----------
    image : Image
        With true semantic labels of the five-class scheme, and instances.

    Raises
    ------
    InvalidArgument
        If the image has no Michel electron, or no MIP.
    """
    truth, owner = image.label("semantic").values, image.label("instance").values
    michel, mip = truth == FIVE_CLASS.index("Michel"), truth == FIVE_CLASS.index("MIP")
    if not (michel.any() and mip.any()):
        raise InvalidArgument(
            "this image has no true Michel electron beside a MIP: choose another event, or name a particle"
        )
    electron = np.flatnonzero(michel & (owner == _most(owner[michel])))
    tracks = np.flatnonzero(mip)
    distance, _ = cKDTree(image.coordinates[electron]).query(image.coordinates[tracks])
    muon = owner[tracks[distance.argmin()]]
    return np.flatnonzero(mip & (owner == muon)), electron


def stopping_masks(
    image: Image, muon: np.ndarray, electron: np.ndarray, lengths: Sequence[int] = LENGTHS
) -> dict[Piece, np.ndarray]:
    """Paper 2's pieces of a muon and its electron; see the module's text.

    Parameters
    ----------
    image : Image
    muon, electron : ndarray, shape (k,), integer
        Their rows, for instance of `stopping_pair`.
    lengths : sequence of int
        Pieces longer than the particle are left out.

    Returns
    -------
    dict of Piece to ndarray
        Rising rows of the pixels that are left.
    """
    points = image.coordinates.astype(float)
    distance, _ = cKDTree(points[electron]).query(points[muon])
    stop = points[muon[distance.argmin()]]
    from_stop = muon[_along(points[muon], stop)]
    outward = electron[_along(points[electron], stop)]
    masks = {Piece("all"): np.sort(np.concatenate([muon, electron])), Piece("electron"): np.sort(electron)}
    for length in lengths:
        if length < len(muon):
            first = (len(muon) - length) // 2
            masks[Piece("middle", length)] = np.sort(from_stop[first : first + length])
            masks[Piece("end", length)] = np.sort(from_stop[:length])
        if length < len(electron):
            masks[Piece("electron without", length)] = np.sort(outward[length:])
            masks[Piece("electron first", length)] = np.sort(outward[:length])
        if length < min(len(muon), len(electron)):
            masks[Piece("end and first", length)] = np.sort(
                np.concatenate([from_stop[:length], outward[:length]])
            )
    return masks


def _most(values: np.ndarray) -> int:
    """The value that stands most often; of several the smallest."""
    found, counts = np.unique(values, return_counts=True)
    return int(found[counts.argmax()])


def _farthest_from(points: np.ndarray, place: np.ndarray) -> int:
    return int(((points - place) ** 2).sum(axis=1).argmax())


def _along(points: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Order of points by their distance from a place."""
    return np.argsort(((points - start) ** 2).sum(axis=1), kind="stable")
