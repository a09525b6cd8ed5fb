"""Features on the active sites of a batch of images.

A `SparseTensor` is one row of features for every site of a `SiteIndex`. It is a
value: operators return new ones that share the index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from argoscope.errors import InvalidArgument
from argoscope.sparse.checks import check_features, check_same_sites, checked_shape
from argoscope.sparse.index import SiteIndex
from argoscope.sparse.joining import join

__all__ = ["SparseTensor", "concatenate", "union"]


@dataclass(frozen=True, eq=False)
class SparseTensor:
    """Features on the active sites of a batch of images.

    Attributes
    ----------
    features : Tensor, shape (sites, channels)
        One row for each site, in the order of the index.
    index : SiteIndex
        The sites.

    Raises
    ------
    InvalidArgument
        If the features are not floating-point or not one row for each site.

    Examples
    --------
    Two events of a 4 x 5 image, the second of them empty:

    >>> x = SparseTensor.from_coordinates(
    ...     [[0, 2, 3], [0, 0, 1]], torch.tensor([[7.0], [5.0]]), shape=(4, 5), batch_size=2
    ... )
    >>> x.features.tolist()
    [[5.0], [7.0]]
    >>> x.in_given_order().tolist()
    [[7.0], [5.0]]
    >>> x.to_dense().shape
    torch.Size([2, 1, 4, 5])
    """

    features: Tensor
    index: SiteIndex

    def __post_init__(self) -> None:
        check_features(self.features, len(self.index))

    @classmethod
    def from_coordinates(
        cls,
        coordinates: Any,
        features: Tensor,
        *,
        shape: Sequence[int],
        batch_size: int | None = None,
        duplicates: Literal["refuse", "sum"] = "refuse",
    ) -> SparseTensor:
        """Sort sites and features into a tensor.

        Parameters
        ----------
        coordinates : array_like or tensor of integers, shape (rows, 1 + dimensions)
            Number of the event, then pixel indices, in any order of rows.
        features : Tensor, shape (rows, channels)
        shape : sequence of int
            Sides of the image, in pixels.
        batch_size : int, optional
            Number of events, when the last of them may be empty.
        duplicates : {"refuse", "sum"}
            What happens to a site that occurs twice.

        Raises
        ------
        InvalidArgument
            If coordinates are outside, repeated or no integers, or the
            features do not match them.
        """
        if duplicates not in {"refuse", "sum"}:
            raise InvalidArgument(f"duplicates (={duplicates!r}) must be 'refuse' or 'sum'.")
        merge: Literal["refuse", "merge"] = "merge" if duplicates == "sum" else "refuse"
        index = SiteIndex.from_coordinates(coordinates, shape=shape, batch_size=batch_size, duplicates=merge)
        check_features(features, len(index.given))
        if len(index.given) == len(index) and (index.given[1:] > index.given[:-1]).all():
            return cls(features, index)
        rows = torch.from_numpy(index.given).to(features.device)
        return cls(features.new_zeros(len(index), features.shape[1]).index_add(0, rows, features), index)

    @classmethod
    def from_events(cls, events: Iterable[tuple[Any, Tensor]], *, shape: Sequence[int]) -> SparseTensor:
        """Join events, each (coordinates of shape (rows, dimensions), features), into a batch.

        Raises
        ------
        InvalidArgument
            If the coordinates of an event have another shape or are no
            integers, or its features are not one row for each site, with as
            many channels as those of the first event.
        """
        sides = checked_shape(shape)
        parts = list(events)
        if not parts:
            raise InvalidArgument("events (=[]) must hold at least one event, which may be empty.")
        sites = [_sites_of(number, *part, len(sides)) for number, part in enumerate(parts)]
        numbers = np.repeat(np.arange(len(parts)), [len(rows) for rows in sites])
        rows = np.column_stack([numbers, np.concatenate(sites)])
        _check_channels([features for _, features in parts], "features of the events")
        features = torch.cat([features for _, features in parts])
        return cls.from_coordinates(rows, features, shape=sides, batch_size=len(parts))

    @classmethod
    def from_dense(cls, image: Tensor, active: Tensor | None = None) -> SparseTensor:
        """Read the active pixels of dense images.

        Parameters
        ----------
        image : Tensor, shape (events, channels, *sides)
        active : Tensor of bool, shape (events, *sides), optional
            Which pixels are active; by default those with any channel not 0.
        """
        mask = (image != 0).any(dim=1) if active is None else active
        coordinates = mask.nonzero()
        features = image.movedim(1, -1)[mask]
        shape = tuple(image.shape[2:])
        return cls.from_coordinates(coordinates, features, shape=shape, batch_size=len(image))

    def to_dense(self) -> Tensor:
        """Dense images, 0 where no site is active; shape (events, channels, *sides)."""
        channels = self.features.shape[1]
        image = self.features.new_zeros(self.index.batch_size, *self.index.shape, channels)
        return image.index_put(self._places(), self.features).movedim(-1, 1)

    def read_dense(self, image: Tensor) -> SparseTensor:
        """Features that dense images, shape (events, channels, *sides), have at the sites.

        Examples
        --------
        >>> x = SparseTensor.from_coordinates([[0, 1, 2]], torch.ones(1, 1), shape=(2, 3))
        >>> x.read_dense(torch.arange(6.0).reshape(1, 1, 2, 3)).features
        tensor([[5.]])
        """
        return self.with_features(image.movedim(1, -1)[self._places()])

    def _places(self) -> tuple[Tensor, ...]:
        """Event and pixel of every site, one column each, on the device of the features."""
        rows = torch.from_numpy(np.column_stack([self.index.events, self.index.coordinates]).astype(np.int64))
        return tuple(rows.to(self.features.device).unbind(1))

    def in_given_order(self) -> Tensor:
        """Features in the order of the coordinates the index was made from; shape (given rows, channels)."""
        # Not by brackets: in the backward pass torch's threads would add repeated rows in any order.
        return self.features.index_select(0, torch.from_numpy(self.index.given).to(self.features.device))

    def split(self) -> tuple[Tensor, ...]:
        """Features of each event; empty events give shape (0, channels)."""
        return self.features.split_with_sizes(np.diff(self.index.event_starts).tolist())

    def with_features(self, features: Tensor) -> SparseTensor:
        """Other features on the same sites."""
        return SparseTensor(features, self.index)

    def to(self, *target: Any) -> SparseTensor:
        """Features on another device or of another dtype, as `torch.Tensor.to`."""
        return self.with_features(self.features.to(*target))


def _sites_of(event: int, coordinates: Any, features: Any, dimensions: int) -> NDArray[np.int64]:
    """Coordinates of one of several events, checked by themselves: joined, what one lacks another could make up for."""
    rows = coordinates.detach().cpu().numpy() if isinstance(coordinates, Tensor) else np.asarray(coordinates)
    if rows.size == 0:
        rows = np.zeros((0, dimensions), np.int64)
    if rows.ndim != 2 or rows.shape[1] != dimensions or not np.issubdtype(rows.dtype, np.integer):
        raise InvalidArgument(
            f"coordinates of event {event} are {rows.dtype} of shape {rows.shape}; an image of {dimensions} dimensions "
            f"needs integers of shape (sites, {dimensions}). Divide positions by the pixel size and take the floor."
        )
    check_features(features, len(rows), f"features of event {event}")
    return rows.astype(np.int64, copy=False)


def _check_channels(tensors: Sequence[Tensor], names: str) -> None:
    """Refuse none, or different numbers of channels."""
    if not tensors:
        raise InvalidArgument(f"{names} (=[]) must be at least one.")
    for number, tensor in enumerate(tensors):
        if tensor.shape[1] != tensors[0].shape[1]:
            raise InvalidArgument(
                f"{names} must have the same number of channels; number 0 has {tensors[0].shape[1]} and number "
                f"{number} has {tensor.shape[1]}."
            )


def concatenate(tensors: Sequence[SparseTensor]) -> SparseTensor:
    """Channels of several tensors on the same sites, one after the other.

    Raises
    ------
    InvalidArgument
        If there is none or the tensors do not share one index.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 2, 3]], torch.ones(1, 2), shape=(4, 5))
    >>> concatenate([x, x.with_features(2 * x.features)]).features.tolist()
    [[1.0, 1.0, 2.0, 2.0]]
    """
    if not tensors:
        raise InvalidArgument("the tensors to concatenate (=[]) must be at least one.")
    for tensor in tensors[1:]:
        check_same_sites(tensors[0].index, tensor.index, "the tensors to concatenate")
    return tensors[0].with_features(reduce(join, [tensor.features for tensor in tensors]))


def union(tensors: Sequence[SparseTensor]) -> SparseTensor:
    """Sum of tensors on the union of their sites; a tensor counts as 0 where it has no site.

    Raises
    ------
    InvalidArgument
        If there is none, or images, batches or channels differ in number.

    Examples
    --------
    >>> a = SparseTensor.from_coordinates([[0, 2, 3]], torch.ones(1, 1), shape=(4, 5))
    >>> b = SparseTensor.from_coordinates([[0, 2, 3], [0, 0, 0]], torch.ones(2, 1), shape=(4, 5))
    >>> union([a, b]).features.tolist()
    [[1.0], [2.0]]
    """
    _check_channels([tensor.features for tensor in tensors], "the tensors to unite")
    first = tensors[0].index
    for tensor in tensors[1:]:
        if (tensor.index.shape, tensor.index.batch_size) != (first.shape, first.batch_size):
            raise InvalidArgument(
                f"the tensors to unite are batches of {first.batch_size} images of {first.shape} and of "
                f"{tensor.index.batch_size} of {tensor.index.shape}; both must be the same."
            )
    rows = [np.column_stack([t.index.events, t.index.coordinates]) for t in tensors]
    return SparseTensor.from_coordinates(
        np.concatenate(rows).astype(np.int64),
        torch.cat([tensor.features for tensor in tensors]),
        shape=first.shape,
        batch_size=first.batch_size,
        duplicates="sum",
    )
