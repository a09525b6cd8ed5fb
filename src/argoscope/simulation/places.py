"""Where pixels lie in a list of pixels, and the order of shares by group and pixel.

Events have ten thousands of shares on every plane, in images of millions of
pixels. A hash table finds a pixel whatever the size of the image, and sorting
by eleven bits at a time takes a few passes over the shares.
"""

from __future__ import annotations

import numpy as np

from argoscope.simulation.compile import allocating

__all__ = ["order_of", "places_of", "slot_of"]

DIGIT = 11  # bits that one pass sorts by
EMPTY = -1  # of a place in the hash table


@allocating
def slot_of(keys: np.ndarray, key: int) -> int:
    """Place of a key in an open hash table, or of the free place for it.

    Parameters
    ----------
    keys : ndarray, shape (2**k,), int64
        -1 where the table is free, as it must be somewhere.
    key : int
        Not negative.
    """
    mask = len(keys) - 1
    at = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & mask
    while keys[at] != EMPTY and keys[at] != key:
        at = (at + 1) & mask
    return int(at)


@allocating
def places_of(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Find numbers in a list.

    Parameters
    ----------
    ids : ndarray, shape (n,), int64
        Each once, none negative.
    wanted : ndarray, shape (m,), int64

    Returns
    -------
    ndarray, shape (m,), int64
        Place in `ids`; -1 for those that are not there.

    Examples
    --------
    >>> places_of(np.array([3, 5, 9]), np.array([9, 4, 3])).tolist()
    [2, -1, 0]
    """
    size = 16
    while size < 4 * len(ids):
        size *= 2
    keys, rows = np.full(size, EMPTY, np.int64), np.full(size, -1, np.int64)
    for k in range(len(ids)):
        at = slot_of(keys, ids[k])
        keys[at], rows[at] = ids[k], k
    out = np.empty(len(wanted), np.int64)
    for k in range(len(wanted)):
        out[k] = rows[slot_of(keys, wanted[k])]
    return out


@allocating
def order_of(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Order by two columns, the first before the second; rows alike keep theirs.

    Parameters
    ----------
    first, second : ndarray, shape (n,), int64
        Not negative.

    Returns
    -------
    ndarray, shape (n,), int64

    Examples
    --------
    >>> order_of(np.array([1, 0, 1, 0]), np.array([5, 7, 5, 2])).tolist()
    [3, 1, 0, 2]
    """
    order, other = np.arange(len(first)), np.empty(len(first), np.int64)
    begin = np.empty((1 << DIGIT) + 1, np.int64)
    for column in (second, first):
        most, shift = (column.max() if len(column) else 0), 0
        while most >> shift > 0:
            begin[:] = 0
            for k in range(len(column)):
                begin[((column[k] >> shift) & ((1 << DIGIT) - 1)) + 1] += 1
            for digit in range(1 << DIGIT):
                begin[digit + 1] += begin[digit]
            for k in range(len(order)):
                digit = (column[order[k]] >> shift) & ((1 << DIGIT) - 1)
                other[begin[digit]] = order[k]
                begin[digit] += 1
            order, other = other, order
            shift += DIGIT
    return order
