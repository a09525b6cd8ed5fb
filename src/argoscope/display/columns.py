"""The columns of a panel as bytes that deflate well and unpack simply.

Each column has four bytes a pixel. Coordinates and labels are stored as
differences from the pixel before, most of which are small; charge is rounded
to 13 bits of mantissa (a part in 8,000, finer than any display or its
read-out shows). Then the first bytes of all numbers come first, all second
bytes next, and so on: like stands beside like. `unpack` in assets/data.js
undoes this.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["DROPPED_BITS", "pack_panel", "rounded"]

DROPPED_BITS = 10
"""Of the 23 bits of a float32's mantissa."""


def rounded(charge: np.ndarray) -> np.ndarray:
    """Charge to the precision that pages keep.

    Parameters
    ----------
    charge : ndarray, shape (n,), float32
        Finite.

    Returns
    -------
    ndarray, shape (n,), float32
        Within one part in 16,000.

    Examples
    --------
    >>> rounded(np.array([5.0, 1254.791], dtype=np.float32)).tolist()
    [5.0, 1254.75]
    """
    bits = np.asarray(charge, dtype="<f4").view("<u4").astype(np.uint64)
    half = np.uint64(1 << (DROPPED_BITS - 1))
    kept = ((bits + half) >> np.uint64(DROPPED_BITS)) << np.uint64(DROPPED_BITS)
    near: np.ndarray = kept.astype("<u4").view("<f4")
    # Rounding the largest float up would give infinity.
    return np.where(np.isfinite(near), near, charge).astype("<f4")


def pack_panel(coordinates: np.ndarray, charge: np.ndarray, labels: Sequence[np.ndarray]) -> bytes:
    """Columns of one panel: its axes, the charge, the labels.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), int32
    charge : ndarray, shape (n,), float32
    labels : sequence of ndarray, shape (n,), int32

    Returns
    -------
    bytes
        4 n (d + 1 + labels).

    Examples
    --------
    >>> len(pack_panel(np.zeros((3, 2), np.int32), np.ones(3, np.float32), [np.zeros(3, np.int32)]))
    48
    """
    integers = [*np.asarray(coordinates).T, *labels]
    steps = [_differences(column) for column in integers]
    axes = coordinates.shape[1]
    columns = [*steps[:axes], rounded(charge).view("<i4"), *steps[axes:]]
    return b"".join(column.view(np.uint8).reshape(-1, 4).T.tobytes() for column in columns)


def _differences(column: np.ndarray) -> np.ndarray:
    """Steps from one to the next, modulo 2**32, as the browser adds them up."""
    wide = np.asarray(column, dtype=np.int64)
    return np.diff(wide, prepend=np.int64(0)).astype("<i4")
