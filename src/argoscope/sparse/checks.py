"""What the arguments of the sparse operators must satisfy, and what to do if they do not."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from argoscope.errors import InvalidArgument, nearest_hint

if TYPE_CHECKING:
    from argoscope.sparse.index import SiteIndex

__all__ = [
    "autocasts",
    "check_array",
    "check_backend",
    "check_batch_size",
    "check_choice",
    "check_count",
    "check_distinct",
    "check_features",
    "check_flag",
    "check_integer",
    "check_key_range",
    "check_kind",
    "check_number",
    "check_operands",
    "check_same_sites",
    "check_weight",
    "checked_coordinates",
    "checked_shape",
    "integer_rows",
    "is_whole",
]

LARGEST_SIDE = 2**31 - 1
"""Coordinates are kept as int32."""
LARGEST_BATCH = 100_000_000
"""Events; for each, empty or not, an index keeps 8 bytes."""


def check_array(name: str, value: Any) -> None:
    """Refuse what is no tensor of torch."""
    if not isinstance(value, Tensor):
        raise InvalidArgument(
            f"{name} (={type(value).__name__}) must be a torch.Tensor; convert an array with torch.from_numpy()."
        )


def is_whole(number: Any) -> bool:
    """Whether this is an integer; True and False are none."""
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)


def checked_shape(shape: Any) -> tuple[int, ...]:
    """Sides of the image as integers."""
    sides = tuple(shape) if isinstance(shape, Iterable) else ()
    if len(sides) not in (2, 3) or not all(is_whole(side) and 1 <= side <= LARGEST_SIDE for side in sides):
        raise InvalidArgument(
            f"shape (={shape}) must be 2 or 3 positive whole numbers of pixels, each below 2**31, such as (2048, 1280)."
        )
    return tuple(int(side) for side in sides)


def check_batch_size(batch_size: Any) -> None:
    """Refuse what is no number of events."""
    if batch_size is not None and not (is_whole(batch_size) and 0 <= batch_size <= LARGEST_BATCH):
        raise InvalidArgument(
            f"batch_size (={batch_size}) must be a whole number of events from 0 to {LARGEST_BATCH:,}; leave it out to "
            f"count them."
        )


def integer_rows(
    coordinates: Any, columns: int, meaning: str, name: str = "coordinates"
) -> NDArray[np.int64]:
    """Rows of `columns` integers as int64; none may come in any shape and dtype."""
    if isinstance(coordinates, Tensor):
        if coordinates.numel() and (coordinates.is_floating_point() or coordinates.is_complex()):
            # Of some dtypes numpy has no like.
            raise _no_integers(name, coordinates.dtype)
        coordinates = coordinates.detach().cpu().numpy() if coordinates.numel() else ()
    try:
        rows = np.asarray(coordinates)
    except ValueError as error:
        raise InvalidArgument(
            f"{name} have rows of different length; each must be {columns} numbers: {meaning}."
        ) from error
    if rows.size == 0:
        return np.zeros((0, columns), np.int64)
    if not np.issubdtype(rows.dtype, np.integer):
        raise _no_integers(name, rows.dtype)
    if rows.ndim != 2 or rows.shape[1] != columns:
        raise InvalidArgument(
            f"{name} have shape {rows.shape}; an image of these dimensions needs (sites, {columns}): {meaning}."
        )
    if rows.dtype == np.uint64 and rows.max() > np.iinfo(np.int64).max:
        raise InvalidArgument(
            f"{name} hold {rows.max()}; each must be below 2**31. Crop the sites, or look for negative numbers that "
            f"were read without their sign."
        )
    return rows.astype(np.int64, copy=False)


def _no_integers(name: str, dtype: object) -> InvalidArgument:
    return InvalidArgument(
        f"{name} have dtype {dtype}; they must be integers. Divide positions by the pixel size and take the floor first."
    )


def checked_coordinates(
    coordinates: Any, shape: tuple[int, ...], batch_size: int | None
) -> NDArray[np.int64]:
    """Coordinates as int64, every row inside the batch of images."""
    rows = integer_rows(coordinates, 1 + len(shape), f"the event number, then {len(shape)} pixel indices")
    ends = np.array([np.iinfo(np.int32).max if batch_size is None else batch_size, *shape])
    outside = ((rows < 0) | (rows >= ends)).any(axis=1)
    if outside.any():
        row = int(outside.argmax())
        batch = "" if batch_size is None else f" of a batch of {batch_size}"
        raise InvalidArgument(
            f"{outside.sum()} of {len(rows)} coordinates lie outside the {shape} image{batch}; the first is row "
            f"{row}, {rows[row].tolist()} (event, then pixel). Crop the sites or give the true shape and batch_size."
        )
    return rows


def check_key_range(shape: tuple[int, ...], events: int) -> None:
    """Refuse a batch whose positions cannot be numbered with 64 bits."""
    image = float(np.prod([side + 8.0 for side in shape]))
    if image * events >= 2.0**62:
        remedy = "crop the image or lower its resolution" if image >= 2.0**62 else "split the batch"
        raise InvalidArgument(f"shape (={shape}) times {events} events exceeds 2**62 positions; {remedy}.")


def check_distinct(rows: NDArray[np.int64], given: NDArray[np.int64], order: NDArray[np.int64]) -> None:
    """Refuse a site that occurs twice: `given` maps rows to sites, `order` sites to their first row."""
    repeated = np.flatnonzero(order[given] != np.arange(len(given)))
    if len(repeated):
        row = int(repeated[0])
        raise InvalidArgument(
            f"{len(repeated)} of {len(rows)} coordinates repeat a site; the first is {rows[row].tolist()} (event, "
            f"then pixel), in rows {order[given[row]]} and {row}. Sum their features with duplicates='sum', or drop one."
        )


def check_features(features: Any, rows: int, name: str = "features") -> None:
    """Refuse features that are not one row of floating-point numbers for each site."""
    if not isinstance(features, Tensor) or not features.is_floating_point():
        kind = features.dtype if isinstance(features, Tensor) else type(features).__name__
        raise InvalidArgument(f"{name} (={kind}) must be a floating-point tensor; convert with .float().")
    if features.ndim != 2 or len(features) != rows:
        raise InvalidArgument(
            f"{name} have shape {tuple(features.shape)}; the {rows} sites of the index need ({rows}, channels)."
        )


def check_same_sites(first: SiteIndex, second: SiteIndex, names: str) -> None:
    """Refuse to combine tensors of different geometry."""
    if first is not second:
        raise InvalidArgument(
            f"{names} lie on different indexes ({len(first)} sites of {first.shape}, {len(second)} sites of "
            f"{second.shape}); rows can be matched only on the same SiteIndex. Make one from the other with "
            f"with_features(), or join the sites with union()."
        )


def check_integer(name: str, value: Any) -> None:
    """Refuse what is no integer."""
    if not is_whole(value):
        raise InvalidArgument(f"{name} (={value!r}) must be an integer, not {type(value).__name__}.")


def check_count(name: str, value: Any) -> None:
    """Refuse what is no positive integer."""
    check_integer(name, value)
    if value < 1:
        raise InvalidArgument(f"{name} (={value}) must be at least 1.")


def check_number(name: str, value: Any, most: float = math.inf) -> None:
    """Refuse what is no finite number from 0 to `most`."""
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not (is_number and 0 <= value <= most and value < math.inf):
        rule = "of at least 0" if most == math.inf else f"from 0 to {most:g}"
        raise InvalidArgument(f"{name} (={value!r}) must be a number {rule}.")


def check_flag(name: str, value: Any) -> None:
    """Refuse what is neither true nor false."""
    if not isinstance(value, (bool, np.bool_)):
        raise InvalidArgument(f"{name} (={value!r}) must be True or False.")


def check_choice(name: str, value: Any, choices: Sequence[int], of: str = "", hint: str = "") -> None:
    """Refuse an integer that is none of `choices`."""
    check_integer(name, value)
    if value not in choices:
        listed = f"{', '.join(map(str, choices[:-1]))} or {choices[-1]}"
        raise InvalidArgument(f"{name} (={value}){of} must be {listed}{hint}.")


def check_backend(backend: Any) -> None:
    """Refuse an unknown backend."""
    known = ("auto", "numba", "torch", "reference")
    if backend not in known:
        raise InvalidArgument(
            f"backend (={backend!r}) must be 'auto', 'numba', 'torch' or 'reference'. "
            f"{nearest_hint(str(backend), known)}"
        )


def check_weight(weight: Tensor, offsets: int, features: Tensor) -> None:
    """Refuse a weight that does not fit the kernel or the features."""
    check_array("weight", weight)
    if weight.ndim != 3 or len(weight) != offsets or weight.shape[1] != features.shape[1]:
        raise InvalidArgument(
            f"weight has shape {tuple(weight.shape)}; this kernel and features of {features.shape[1]} channels need "
            f"({offsets}, {features.shape[1]}, channels out)."
        )
    if 0 in weight.shape:
        raise InvalidArgument(
            f"weight has shape {tuple(weight.shape)}; a convolution needs at least 1 channel in and out."
        )
    check_kind("weight", weight, features)


def check_operands(
    features: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    addend: Tensor | None,
    *,
    offsets: int,
    outputs: int,
) -> None:
    """Refuse weight, bias or addend of a convolution to `outputs` rows that do not fit."""
    check_weight(weight, offsets, features)
    width = weight.shape[2]
    if bias is not None:
        check_array("bias", bias)
        if bias.shape != (width,):
            raise InvalidArgument(
                f"bias has shape {tuple(bias.shape)}; a weight of {width} channels out needs ({width},)."
            )
        check_kind("bias", bias, features)
    if addend is not None:
        if addend.shape != (outputs, width):
            raise InvalidArgument(
                f"addend has shape {tuple(addend.shape)}; the result needs ({outputs}, {width}), one row for each "
                f"site and one column for each channel out."
            )
        check_kind("addend", addend, features)


def autocasts(device: torch.device) -> bool:
    """Whether autocast is on for a device; some kinds of device know none."""
    kind = device.type
    return torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)


def check_kind(name: str, operand: Tensor, features: Tensor) -> None:
    """Refuse another dtype (except under autocast, which converts) or device than that of the features."""
    if operand.dtype != features.dtype and not autocasts(features.device):
        raise InvalidArgument(
            f"{name} is {operand.dtype} and features are {features.dtype}; they must be the same. Convert the network "
            f"or the features with .to(dtype)."
        )
    if operand.device != features.device:
        raise InvalidArgument(
            f"{name} is on {operand.device} and features are on {features.device}; move one with .to(device)."
        )
