"""The active sites of a batch of images, and the maps convolutions follow between them.

One `SiteIndex` describes one resolution: its sites, sorted by event and then in
row-major order, and, made when first asked for and kept,

- `neighbours(kernel)`: the map of a submanifold convolution, sites to same sites;
- `coarser(kernel)`: the map of a strided convolution to the next coarser index,
  whose reverse brings features back to exactly the fine sites;
- `pointwise()`: every site to itself.

Every layer of a network at that resolution, and its backward pass, use the same
object. Two tensors can be combined only if they share it.

A coarse image has ceil(size / 2) pixels a side. Kernel 2 reads the fine pixels
2p and 2p + 1; an odd kernel k reads 2p - k // 2 ... 2p + k // 2, as a dense
convolution of stride 2 and padding k // 2 does. A coarse site is active where
at least one fine pixel it reads is [Graham, arXiv:1505.02890, section 2].

Python threads may share an index: whoever asks first makes a map, the others
get the same one.

Kernel offsets are numbered in row-major order, the last axis fastest.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import RLock
from typing import Any, Literal, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from argoscope.errors import InvalidArgument
from argoscope.sparse.backends import geometry
from argoscope.sparse.checks import (
    check_batch_size,
    check_distinct,
    check_key_range,
    checked_coordinates,
    checked_shape,
)

__all__ = ["LARGEST_KERNEL", "KernelMap", "SiteIndex", "check_index"]

Made = TypeVar("Made")
LARGEST_KERNEL = 7
"""Largest edge of a kernel; it sets the margin between rows of keys."""
MARGIN = LARGEST_KERNEL // 2
MOST_EVENTS = 1_000_000
"""Events a batch may have where its size is not given; a larger number is a coordinate in the wrong column."""
SMALLEST_TILE, LARGEST_TILE, TILES_PER_EVENT = 64, 256, 16


def key_strides(shape: Sequence[int]) -> NDArray[np.int64]:
    """Key differences of one step in the event and along every axis."""
    padded = [side + MARGIN for side in shape]
    return np.array(
        [int(np.prod(padded[axis:], dtype=np.int64)) for axis in range(len(padded) + 1)], np.int64
    )


def counted_events(rows: NDArray[np.int64]) -> int:
    """One more than the largest event number; refuses numbers that can be none."""
    events = int(rows[:, 0].max(initial=-1)) + 1
    if events > MOST_EVENTS:
        raise InvalidArgument(
            f"coordinates name event {events - 1}; the first column must be the number of the event in the batch, below "
            f"{MOST_EVENTS}. Exchange the columns, or give batch_size if the batch is as large."
        )
    return events


def tile_bounds(event_starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut the rows of every event into tiles; none spans two events."""
    bounds = [0]
    for first, last in itertools.pairwise(event_starts.tolist()):
        size = min(max((last - first) // TILES_PER_EVENT, SMALLEST_TILE), LARGEST_TILE)
        bounds.extend(range(first + size, last, size))
        if last > first:
            bounds.append(last)
    return np.array(bounds, np.int64)


class _Made:
    """What is made once, when first asked for, also if several threads ask; a copy starts with its own lock."""

    def __init__(self) -> None:
        self.values: dict[Any, Any] = {}
        self.lock = RLock()

    def once(self, key: Any, make: Callable[[], Made]) -> Made:
        """The value made for `key`."""
        if key not in self.values:
            with self.lock:
                if key not in self.values:
                    self.values[key] = make()
        value: Made = self.values[key]
        return value

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (dict(self.values),)


def _remade(values: dict[Any, Any]) -> _Made:
    made = _Made()
    made.values.update(values)
    return made


@dataclass(frozen=True, eq=False)
class KernelMap:
    """Which input row meets which output row at which offset of a kernel.

    It knows rows, not sites, and so holds no reference to the indexes that
    hold it: an index is freed as soon as nobody uses it.

    Attributes
    ----------
    table : ndarray of int32, shape (offsets, output rows)
        Input row at each offset of each output row, -1 for none.
    input_starts, output_starts : ndarray of int64, shape (events + 1,)
        First row of every event, and the number of rows.
    mirrored : bool
        Whether the pairs of offset o, reversed, are those of offset -o: so it
        is between sites and themselves. The map then is its own reverse, with
        the weights in the opposite order.
    """

    table: NDArray[np.int32]
    input_starts: NDArray[np.int64]
    output_starts: NDArray[np.int64]
    mirrored: bool = False
    _made: _Made = field(default_factory=_Made, repr=False)

    @property
    def reverse(self) -> KernelMap:
        """The same pairs from output to input: the map of the transposed operation."""
        return self._made.once(
            "reverse",
            lambda: KernelMap(
                geometry.invert_table(self.table, self.inputs), self.output_starts, self.input_starts
            ),
        )

    @property
    def tiles(self) -> NDArray[np.int64]:
        """First output row of every tile of work, and the number of rows."""
        return self._made.once("tiles", lambda: tile_bounds(self.output_starts))

    @property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
        """Pairs sorted by tile and offset: starts, input rows, output rows."""
        return self._made.once("pairs", lambda: geometry.pair_lists(self.table, self.tiles))

    @property
    def offsets(self) -> int:
        """Number of positions of the kernel."""
        return len(self.table)

    @property
    def inputs(self) -> int:
        """Number of input rows."""
        return int(self.input_starts[-1])

    @property
    def outputs(self) -> int:
        """Number of output rows."""
        return int(self.output_starts[-1])

    def table_on(self, device: torch.device) -> torch.Tensor:
        """The table as a tensor of int64 on `device`, shape (offsets, output rows)."""
        return self._made.once(device, lambda: torch.from_numpy(self.table.astype(np.int64)).to(device))


@dataclass(frozen=True, eq=False)
class SiteIndex:
    """The active sites of one resolution of a batch; see the module's text.

    Made by `from_coordinates`, not by hand.

    Attributes
    ----------
    coordinates : ndarray of int32, shape (sites, dimensions)
        Pixel indices, sorted by event, then row-major.
    event_starts : ndarray of int64, shape (events + 1,)
        First row of every event, and the number of rows.
    shape : tuple of int
        Sides of the image, in pixels.
    keys : ndarray of int64, shape (sites,)
        Sorted numbers of the sites; see `argoscope.sparse.backends.geometry`.
    given : ndarray of int64, shape (given rows,)
        Row of the index at which each row of the given coordinates is.

    Examples
    --------
    >>> index = SiteIndex.from_coordinates([[0, 2, 3], [0, 0, 1]], shape=(4, 5))
    >>> index.coordinates.tolist(), index.given.tolist()
    ([[0, 1], [2, 3]], [1, 0])
    """

    coordinates: NDArray[np.int32]
    event_starts: NDArray[np.int64]
    shape: tuple[int, ...]
    keys: NDArray[np.int64]
    given: NDArray[np.int64]
    _made: _Made = field(default_factory=_Made, repr=False)

    @classmethod
    def from_coordinates(
        cls,
        coordinates: Any,
        *,
        shape: Sequence[int],
        batch_size: int | None = None,
        duplicates: Literal["refuse", "merge"] = "refuse",
    ) -> SiteIndex:
        """Sort sites into an index.

        Parameters
        ----------
        coordinates : array_like or tensor of integers, shape (rows, 1 + dimensions)
            Number of the event, then pixel indices, in any order of rows.
        shape : sequence of int
            Sides of the image, in pixels; 2 or 3 of them.
        batch_size : int, optional
            Number of events, when the last of them may be empty; by default
            one more than the largest event number.
        duplicates : {"refuse", "merge"}
            Whether a site that occurs twice is an error or becomes one site.

        Returns
        -------
        SiteIndex

        Raises
        ------
        InvalidArgument
            If coordinates are no integers, lie outside the image or the batch,
            or occur twice; if another argument is not what is said above.
        """
        check_batch_size(batch_size)
        if duplicates not in {"refuse", "merge"}:
            raise InvalidArgument(f"duplicates (={duplicates!r}) must be 'refuse' or 'merge'.")
        sides = checked_shape(shape)
        rows = checked_coordinates(coordinates, sides, batch_size)
        events = int(batch_size) if batch_size is not None else counted_events(rows)
        check_key_range(sides, events)
        keys = rows @ key_strides(sides)
        given = np.arange(len(keys))
        if not (keys[1:] > keys[:-1]).all():
            sites, order, given = np.unique(keys, return_index=True, return_inverse=True)
            if duplicates == "refuse":
                check_distinct(rows, given, order)
            keys, rows = sites, rows[order]
        starts = np.searchsorted(rows[:, 0], np.arange(events + 1)).astype(np.int64)
        return cls(np.ascontiguousarray(rows[:, 1:], np.int32), starts, sides, keys, given)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def dimensions(self) -> int:
        """Number of axes of the image."""
        return len(self.shape)

    @property
    def batch_size(self) -> int:
        """Number of events, empty ones included."""
        return len(self.event_starts) - 1

    @property
    def events(self) -> NDArray[np.int64]:
        """Number of the event of every site, shape (sites,)."""
        return self._made.once(
            "events", lambda: np.repeat(np.arange(self.batch_size), np.diff(self.event_starts))
        )

    def neighbours(self, kernel: int) -> KernelMap:
        """Map of a submanifold convolution of odd `kernel`: the sites to themselves.

        Raises
        ------
        InvalidArgument
            If `kernel` is even or larger than `LARGEST_KERNEL`.
        """
        if kernel not in (1, 3, 5, 7):
            raise InvalidArgument(
                f"kernel (={kernel}) of a submanifold convolution must be 1, 3, 5 or 7: only an odd kernel has "
                f"a centre. For kernel 2 use a strided convolution."
            )
        return self._made.once(("neighbours", kernel), lambda: self._around(kernel // 2))

    def pointwise(self) -> KernelMap:
        """Map of every site to itself: a kernel of edge 1."""
        return self.neighbours(1)

    def coarser(self, kernel: int = 2) -> tuple[KernelMap, SiteIndex]:
        """Sites of half the resolution and the map to them, for kernel 2, 3, 5 or 7 and stride 2.

        Raises
        ------
        InvalidArgument
            For any other kernel.
        """
        if kernel not in (2, 3, 5, 7):
            raise InvalidArgument(f"kernel (={kernel}) of a strided convolution must be 2, 3, 5 or 7.")
        return self._made.once(
            ("coarser", kernel), lambda: self._blocks() if kernel == 2 else self._windows(kernel)
        )

    def _line_keys(self, steps: range) -> NDArray[np.int64]:
        """Key differences of the lines along the last axis of a cube of `steps`."""
        strides = key_strides(self.shape)[1:-1].tolist()
        return np.array(
            [
                sum(s * stride for s, stride in zip(step, strides, strict=True))
                for step in itertools.product(steps, repeat=self.dimensions - 1)
            ],
            np.int64,
        )

    def _around(self, radius: int) -> KernelMap:
        """Sites within `radius` of each along every axis."""
        table = geometry.neighbour_table(self.keys, self._line_keys(range(-radius, radius + 1)), radius)
        return KernelMap(table, self.event_starts, self.event_starts, mirrored=True)

    def _coarse_shape(self) -> tuple[int, ...]:
        return tuple((side + 1) // 2 for side in self.shape)

    def _blocks(self) -> tuple[KernelMap, SiteIndex]:
        """Each fine site lies in exactly one block of 2 x 2 (x 2)."""
        shape = self._coarse_shape()
        strides = key_strides(shape)
        fine_to_coarse = self.events * strides[0] + (self.coordinates >> 1) @ strides[1:]
        order = np.argsort(fine_to_coarse)
        table, member = geometry.group_children(self.coordinates, fine_to_coarse, order, 2**self.dimensions)
        starts = np.searchsorted(self.events[member], np.arange(self.batch_size + 1)).astype(np.int64)
        coarse = SiteIndex(
            self.coordinates[member] >> 1, starts, shape, fine_to_coarse[member], np.arange(len(member))
        )
        return KernelMap(table, self.event_starts, starts), coarse

    def _windows(self, kernel: int) -> tuple[KernelMap, SiteIndex]:
        """A fine site is read by up to ceil(kernel / 2) windows along each axis."""
        shape, radius = self._coarse_shape(), kernel // 2
        strides = key_strides(shape)
        candidates = []
        fine = self.coordinates.astype(np.int64)  # what lies a radius further may be beyond 32 bits
        first = (fine - radius + 1) >> 1
        for step in itertools.product(range(radius + 1), repeat=self.dimensions):
            position = first + np.array(step)
            inside = ((position >= 0) & (position < shape) & (2 * position <= fine + radius)).all(axis=1)
            candidates.append(self.events[inside] * strides[0] + position[inside] @ strides[1:])
        keys = np.unique(np.concatenate(candidates))
        events, rest = np.divmod(keys, strides[0])
        position = np.empty((len(keys), self.dimensions), np.int32)
        for axis, stride in enumerate(strides[1:]):
            position[:, axis], rest = np.divmod(rest, stride)
        starts = np.searchsorted(events, np.arange(self.batch_size + 1)).astype(np.int64)
        strides = key_strides(self.shape)
        corners = events * strides[0] + (2 * position.astype(np.int64) - radius) @ strides[1:]
        table = geometry.window_table(self.keys, corners, self._line_keys(range(kernel)), kernel)
        return KernelMap(table, self.event_starts, starts), SiteIndex(
            position, starts, shape, keys, np.arange(len(keys))
        )


def check_index(name: str, value: Any) -> None:
    """Refuse what is no index of sites."""
    if not isinstance(value, SiteIndex):
        raise InvalidArgument(
            f"{name} (={type(value).__name__}) must be a SiteIndex; that of a sparse tensor x is x.index."
        )
