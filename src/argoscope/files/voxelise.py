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

import math
from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, IDENTIFIER, Clusters, Grid, Image, LabelColumn
from argoscope.files.strongest import strongest_rows

__all__ = [
    "Owners",
    "Pieces",
    "Segments",
    "deposit_image",
    "grid_around",
    "require_options",
    "split_segments",
]

MAX_PIECES = 50_000_000
"""More crossings of voxel faces than this are no event: a coordinate is damaged, or the voxels far too small."""

ROUNDING = 1e-6
"""Voxels by which a piece may lie outside the image through rounding alone."""


@dataclass(frozen=True)
class Segments:
    """Straight energy deposits.

    Parameters
    ----------
    start, end : ndarray, shape (s, 3), float64
        End points, in cm.
    energy : ndarray, shape (s,), float64
        Deposited energy, in MeV.
    owner : ndarray, shape (s,), int64
        Number of the particle that left it; -1 where there is none.

    Raises
    ------
    InvalidArgument
        If a number is not finite or an energy negative; the message names the row.
    """

    start: np.ndarray
    end: np.ndarray
    energy: np.ndarray
    owner: np.ndarray

    def __post_init__(self) -> None:
        for name in ("start", "end", "energy"):
            values = np.asarray(getattr(self, name), dtype=np.float64)
            bad = ~np.isfinite(values).all(axis=tuple(range(1, values.ndim)))
            if bad.any():
                row = int(bad.argmax())
                raise InvalidArgument(
                    f"segment {row} has the {name} {values[row].tolist()}: it must be finite"
                )
            object.__setattr__(self, name, values)
        if (self.energy < 0).any():
            row = int((self.energy < 0).argmax())
            raise InvalidArgument(
                f"segment {row} has the energy {self.energy[row]} MeV: it must not be negative"
            )
        object.__setattr__(self, "owner", np.asarray(self.owner, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.energy)

    def charged(self) -> Segments:
        """The segments that leave energy."""
        keep = self.energy > 0
        return Segments(self.start[keep], self.end[keep], self.energy[keep], self.owner[keep])


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


@dataclass(frozen=True)
class Owners:
    """What is known of the particles that own segments.

    Parameters
    ----------
    numbers : ndarray, shape (k,), int64
        Their numbers, rising.
    ancestors : ndarray, shape (k,), int64
        Number of the interaction each comes from; -1 for none.
    classes : ndarray, shape (k,), int32, optional
        Class of each in the scheme `FIVE_CLASS`.
    """

    numbers: np.ndarray
    ancestors: np.ndarray
    classes: np.ndarray | None = None


def require_options(voxel_size_cm: float, region: Grid | None, overlap: str) -> None:
    """Refuse options that no volume can be filled with.

    Raises
    ------
    InvalidArgument
        If the voxel size is not positive, the region no volume in cm, or the overlap rule unknown.
    """
    if not (math.isfinite(voxel_size_cm) and voxel_size_cm > 0):
        raise InvalidArgument(f"voxel_size_cm (={voxel_size_cm}) must be a positive number")
    if region is not None and (region.dimensions != 3 or region.unit != "cm"):
        raise InvalidArgument(
            f"region (shape {region.shape}, unit {region.unit!r}) must be a volume in cm: Grid(shape, size, origin, unit='cm')"
        )
    if overlap not in {"highest", "lowest"}:
        raise InvalidArgument(f"overlap (={overlap!r}) must be 'highest' or 'lowest'")


def grid_around(segments: Segments, pitch: float) -> Grid:
    """Smallest grid of cubic voxels that holds all segments, its faces at multiples of the pitch.

    Parameters
    ----------
    segments : Segments
        An event without any gives a grid of one voxel at the origin.
    pitch : float
        Side of a voxel, in cm.

    Examples
    --------
    >>> one = Segments(np.array([[0.5, -0.1, 7.0]]), np.array([[1.5, 0.1, 7.0]]), np.ones(1), np.zeros(1))
    >>> grid_around(one, 1.0).shape, grid_around(one, 1.0).origin
    ((2, 2, 1), (0.0, -1.0, 7.0))
    """
    if not len(segments):
        return Grid((1, 1, 1), (pitch,) * 3, unit="cm")
    ends = np.concatenate([segments.start, segments.end])
    low = [math.floor(v / pitch) for v in ends.min(axis=0)]
    high = [math.floor(v / pitch) for v in ends.max(axis=0)]
    shape = tuple(h - v + 1 for v, h in zip(low, high, strict=True))
    return Grid(shape, tuple(n * pitch for n in shape), tuple(v * pitch for v in low), unit="cm")


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
