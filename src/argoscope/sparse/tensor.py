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
from argoscope.sparse.checks import (
    autocasts,
    check_array,
    check_features,
    check_same_sites,
    checked_shape,
    integer_rows,
)
from argoscope.sparse.index import SiteIndex, check_index
from argoscope.sparse.joining import join

__all__ = ["SparseTensor", "check_tensor", "concatenate", "union"]


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
        check_index("index", self.index)
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
        _check_alike([features for _, features in parts], "the features of the events")
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

        Raises
        ------
        InvalidArgument
            If the image is no floating-point tensor of 2 or 3 dimensions, or
            `active` no tensor of bool of its events and sides, on its device.
        """
        _check_image(image)
        if active is not None:
            _check_active(active, image)
        mask = (image != 0).any(dim=1) if active is None else active
        coordinates = mask.nonzero()
        features = image.movedim(1, -1)[mask]
        shape = tuple(image.shape[2:])
        return cls.from_coordinates(coordinates, features, shape=shape, batch_size=len(image))

    def to_dense(self) -> Tensor:
        """Dense images, 0 where no site is active; shape (events, channels, *sides)."""
        channels = self.features.shape[1]
        image = self.features.new_zeros(self.index.batch_size, *self.index.shape, channels)
        return image.index_put(self._places(image.device), self.features).movedim(-1, 1)

    def read_dense(self, image: Tensor) -> SparseTensor:
        """Features that dense images, shape (events, channels, *sides), have at the sites.

        Examples
        --------
        >>> x = SparseTensor.from_coordinates([[0, 1, 2]], torch.ones(1, 1), shape=(2, 3))
        >>> x.read_dense(torch.arange(6.0).reshape(1, 1, 2, 3)).features
        tensor([[5.]])

        Raises
        ------
        InvalidArgument
            If the images are not as many and as large as those of the sites.
        """
        check_array("image", image)
        events, sides = self.index.batch_size, self.index.shape
        if (image.shape[:1], image.shape[2:]) != ((events,), sides):
            needed = ", ".join(map(str, (events, "channels", *sides)))
            raise InvalidArgument(f"image has shape {tuple(image.shape)}; these sites need ({needed}).")
        return self.with_features(image.movedim(1, -1)[self._places(image.device)])

    def _places(self, device: torch.device) -> tuple[Tensor, ...]:
        """Event and pixel of every site, one column each."""
        rows = torch.from_numpy(np.column_stack([self.index.events, self.index.coordinates]).astype(np.int64))
        return tuple(rows.to(device).unbind(1))

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

    def to(self, *target: Any, **options: Any) -> SparseTensor:
        """Features on another device or of another dtype, as `torch.Tensor.to`."""
        return self.with_features(self.features.to(*target, **options))


def check_tensor(name: str, value: Any) -> None:
    """Refuse what is no sparse tensor."""
    if not isinstance(value, SparseTensor):
        raise InvalidArgument(
            f"{name} (={type(value).__name__}) must be a SparseTensor; make one with "
            f"SparseTensor.from_coordinates(coordinates, features, shape=...)."
        )


def _sites_of(event: int, coordinates: Any, features: Any, dimensions: int) -> NDArray[np.int64]:
    """Coordinates of one of several events, checked by themselves: joined, what one lacks another could make up for."""
    rows = integer_rows(
        coordinates, dimensions, f"{dimensions} pixel indices", f"coordinates of event {event}"
    )
    check_features(features, len(rows), f"features of event {event}")
    return rows


def _check_image(image: Any) -> None:
    """Refuse what is no dense images of 2 or 3 dimensions."""
    check_array("image", image)
    if not image.is_floating_point():
        raise InvalidArgument(
            f"image (={image.dtype}) must be a floating-point tensor; convert with .float()."
        )
    if image.ndim not in (4, 5):
        raise InvalidArgument(
            f"image has shape {tuple(image.shape)}; it must be (events, channels, *sides) with 2 or 3 sides. Add what "
            f"is missing with .unsqueeze()."
        )


def _check_active(active: Any, image: Tensor) -> None:
    """Refuse what does not say of every pixel whether it is active."""
    if not isinstance(active, Tensor) or active.dtype != torch.bool:
        kind = active.dtype if isinstance(active, Tensor) else type(active).__name__
        raise InvalidArgument(f"active (={kind}) must be a tensor of bool; convert with active > 0.")
    needed = (image.shape[0], *image.shape[2:])
    if active.shape != needed:
        raise InvalidArgument(
            f"active has shape {tuple(active.shape)}; images of shape {tuple(image.shape)} need {needed}: no channels."
        )
    if active.device != image.device:
        raise InvalidArgument(
            f"active is on {active.device} and the image on {image.device}; move one with .to(device)."
        )


def _listed(tensors: Any, names: str) -> list[SparseTensor]:
    """One or more sparse tensors of one dtype on one device."""
    if isinstance(tensors, SparseTensor) or not isinstance(tensors, Iterable):
        raise InvalidArgument(
            f"{names} (={type(tensors).__name__}) must be a list of SparseTensors, such as [x, y]."
        )
    listed = list(tensors)
    if not listed:
        raise InvalidArgument(f"{names} (=[]) must be at least one.")
    for number, tensor in enumerate(listed):
        check_tensor(f"number {number} of {names}", tensor)
    return listed


def _check_alike(tensors: Sequence[Tensor], names: str, *, channels: bool = True) -> None:
    """Refuse different dtypes (but not under autocast), devices or, if `channels`, numbers of channels."""
    first = tensors[0]
    for number, tensor in enumerate(tensors):
        if channels and tensor.shape[1] != first.shape[1]:
            raise InvalidArgument(
                f"{names} must have the same number of channels; number 0 has {first.shape[1]} and number {number} "
                f"has {tensor.shape[1]}."
            )
        if tensor.device != first.device:
            raise InvalidArgument(
                f"number {number} of {names} is on {tensor.device} and number 0 on {first.device}; move one with "
                f".to(device)."
            )
        if tensor.dtype != first.dtype and not autocasts(first.device):
            raise InvalidArgument(
                f"number {number} of {names} is {tensor.dtype} and number 0 {first.dtype}; convert one with .to(dtype)."
            )


def concatenate(tensors: Sequence[SparseTensor]) -> SparseTensor:
    """Channels of several tensors on the same sites, one after the other.

    Raises
    ------
    InvalidArgument
        If there is none or the tensors do not share one index, device and
        (but under autocast) dtype.

    Examples
    --------
    >>> x = SparseTensor.from_coordinates([[0, 2, 3]], torch.ones(1, 2), shape=(4, 5))
    >>> concatenate([x, x.with_features(2 * x.features)]).features.tolist()
    [[1.0, 1.0, 2.0, 2.0]]
    """
    names = "the tensors to concatenate"
    tensors = _listed(tensors, names)
    for tensor in tensors[1:]:
        check_same_sites(tensors[0].index, tensor.index, names)
    features = [tensor.features for tensor in tensors]
    _check_alike(features, names, channels=False)
    return tensors[0].with_features(reduce(join, features))


def union(tensors: Sequence[SparseTensor]) -> SparseTensor:
    """Sum of tensors on the union of their sites; a tensor counts as 0 where it has no site.

    Raises
    ------
    InvalidArgument
        If there is none, or images, batches or channels differ in number,
        or the tensors in device or (but under autocast) dtype.

    Examples
    --------
    >>> a = SparseTensor.from_coordinates([[0, 2, 3]], torch.ones(1, 1), shape=(4, 5))
    >>> b = SparseTensor.from_coordinates([[0, 2, 3], [0, 0, 0]], torch.ones(2, 1), shape=(4, 5))
    >>> union([a, b]).features.tolist()
    [[1.0], [2.0]]
    """
    tensors = _listed(tensors, "the tensors to unite")
    _check_alike([tensor.features for tensor in tensors], "the tensors to unite")
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
