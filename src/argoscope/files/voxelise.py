"""Energy along straight segments -> a volume of voxels, with truth.

A simulation gives energy deposits as segments: a start, an end, an energy and
the particle that left it. The energy is spread evenly along the segment, so
each voxel receives the fraction of the length that lies inside it. The
fractions are exact (the segment is cut at every voxel face it crosses) and
add up to one, so energy is conserved to rounding.

Lengths are in cm, energies in MeV. Nothing is smeared and no threshold is
applied; those belong to a detector model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, IDENTIFIER, Clusters, Grid, Image, LabelColumn
from argoscope.files.segments import Owners, Segments
from argoscope.files.strongest import strongest_rows

__all__ = ["Pieces", "deposit_image", "split_segments"]

MAX_PIECES = 50_000_000
"""More crossings of voxel faces than this are no event: a coordinate is damaged, or the voxels far too small."""

ROUNDING = 1e-6
"""Voxels by which a piece may lie outside the image through rounding alone."""


@dataclass(frozen=True)
class Pieces:
    """Segments cut at voxel faces.

    Parameters
    ----------
    segment : ndarray, shape (m,), int64
        Row of the segment each piece is cut from.
    coordinates : ndarray, shape (m, 3), int32
        Voxel that holds the piece.
    share : ndarray, shape (m,), float64
        Fraction of the segment's length in the piece.
    """

    segment: np.ndarray
    coordinates: np.ndarray
    share: np.ndarray


def split_segments(start: np.ndarray, end: np.ndarray, grid: Grid) -> Pieces:
    """Cut segments at every voxel face they cross.

    Parameters
    ----------
    start, end : ndarray, shape (s, 3), float64
        End points, in cm. A point (start = end) is one piece.
    grid : Grid
        Voxels; pieces outside it are left out.

    Returns
    -------
    Pieces
        Ordered by segment, then along it. Inside the grid the shares of a segment add up to 1.

    Raises
    ------
    InvalidArgument
        If the segments cross more faces than an event can have.

    Examples
    --------
    >>> cut = split_segments(np.array([[0.5, 0.5, 0.5]]), np.array([[2.5, 0.5, 0.5]]), Grid((4, 1, 1)))
    >>> cut.coordinates[:, 0].tolist(), cut.share.tolist()
    ([0, 1, 2], [0.25, 0.5, 0.25])
    """
    a = (start - np.asarray(grid.origin)) / grid.pitch
    step = (end - np.asarray(grid.origin)) / grid.pitch - a
    segment, at = _crossings(a, step)
    order = np.lexsort((at, segment))
    segment, at = segment[order], at[order]
    share = np.diff(at)
    real = (np.diff(segment) == 0) & (share > 0)
    share, owner, middle = share[real], segment[1:][real], ((at[1:] + at[:-1]) / 2)[real]
    position = a[owner] + middle[:, np.newaxis] * step[owner]
    index = np.floor(position)
    shape = np.asarray(grid.shape)
    index = np.where((index == shape) & (position < shape + ROUNDING), shape - 1, index)
    index = np.where((index == -1) & (position > -ROUNDING), 0, index)
    inside = ((index >= 0) & (index < shape)).all(axis=1)
    return Pieces(owner[inside], index[inside].astype(np.int32), share[inside])


def _crossings(a: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Segment and position (0 at its start, 1 at its end) of both ends and of every face between them."""
    rows = np.arange(len(a))
    low, high = np.minimum(a, a + step), np.maximum(a, a + step)
    counts = np.maximum(np.ceil(high) - np.floor(low) - 1, 0)
    if counts.sum() > MAX_PIECES:
        raise InvalidArgument(
            f"the segments cross {counts.sum():.0f} voxel faces, which no event does: "
            "a position is damaged, or ask for larger voxels"
        )
    segment, at = [rows, rows], [np.zeros(len(a)), np.ones(len(a))]
    for axis in range(a.shape[1]):
        count = counts[:, axis].astype(np.int64)
        which = np.repeat(rows, count)
        face = (
            np.floor(low[which, axis])
            + 1
            + np.arange(len(which))
            - np.repeat(np.cumsum(count) - count, count)
        )
        segment.append(which)
        at.append((face - a[which, axis]) / step[which, axis])
    return np.concatenate(segment), np.concatenate(at)


def deposit_image(segments: Segments, owners: Owners, grid: Grid, *, overlap: str = "highest") -> Image:
    """Fill a volume with segments and label it.

    Parameters
    ----------
    segments : Segments
        Energy deposits; their owners must be among `owners`.
    owners : Owners
        The particles.
    grid : Grid
        Voxels to fill; energy outside is left out.
    overlap : {"highest", "lowest"}
        Class of a voxel that particles of several classes share: the highest
        (paper 4, arXiv:1903.05663) or the lowest (paper 3) class number.

    Returns
    -------
    Image
        Energy in MeV; labels "instance" (owner with the most energy in the
        voxel) and "ancestor", and "semantic" where the classes are known; truth
        with one cluster for each owner, in their order.
    """
    segments = segments.charged()
    truth = _clusters(segments, owners, grid)
    image = Image.from_points(grid, truth.coordinates, truth.values)
    cluster = truth.cluster_of_row
    _, rows = strongest_rows(truth.ids, truth.values)
    winner = cluster[rows]
    labels = {
        "instance": LabelColumn(owners.numbers[winner], IDENTIFIER),
        "ancestor": LabelColumn(owners.ancestors[winner], IDENTIFIER),
    }
    if owners.classes is not None:
        classes = owners.classes[cluster]
        rank = classes if overlap == "highest" else -classes
        rank = np.where(classes == FIVE_CLASS.unlabelled, -len(FIVE_CLASS.classes) - 1, rank)
        _, rows = strongest_rows(truth.ids, rank)
        labels["semantic"] = LabelColumn(classes[rows], FIVE_CLASS)
    return Image(grid, image.coordinates, image.charge, labels, truth)


def _clusters(segments: Segments, owners: Owners, grid: Grid) -> Clusters:
    """Energy of every owner in every voxel."""
    pieces = split_segments(segments.start, segments.end, grid)
    owner = np.searchsorted(owners.numbers, segments.owner[pieces.segment])
    ids, which = np.unique(grid.ids(pieces.coordinates), return_inverse=True)
    keys, row = np.unique(owner * len(ids) + which, return_inverse=True)
    energy = np.bincount(row, weights=segments.energy[pieces.segment] * pieces.share, minlength=len(keys))
    count = np.bincount(keys // max(len(ids), 1), minlength=len(owners.numbers))
    return Clusters(
        grid,
        ids[keys % max(len(ids), 1)],
        energy.astype(np.float32),
        np.concatenate([[0], np.cumsum(count)]),
        owners.numbers,
    )
