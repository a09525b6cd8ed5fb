"""From sparse pixels to the spots of a picture, so that none vanishes.

A plane of 2048 wires is drawn 450 spots wide. Taking every fourth wire would
lose most of a thin track; averaging would fade it. So each spot shows one of
the pixels it covers, the one that matters most:

    foreground before background, then the largest charge
"""

from __future__ import annotations

import numpy as np

__all__ = ["pool", "pooled_shape"]


def pooled_shape(shape: tuple[int, ...], most: tuple[int, ...]) -> tuple[int, ...]:
    """Spots along each axis: the pixels there are, or the spots there is room for.

    Examples
    --------
    >>> pooled_shape((2048, 128), (450, 300))
    (450, 128)
    """
    return tuple(max(1, min(n, limit)) for n, limit in zip(shape, most, strict=True))


def pool(
    coordinates: np.ndarray,
    charge: np.ndarray,
    background: np.ndarray,
    shape: tuple[int, ...],
    spots: tuple[int, ...],
) -> np.ndarray:
    """Find the pixel that each spot shows.

    Parameters
    ----------
    coordinates : ndarray, shape (n, d), integer
        Pixel indices, inside `shape`.
    charge : ndarray, shape (n,)
    background : ndarray, shape (n,), bool
        Pixels that show only where no other does.
    shape : tuple of int
        Pixels along each axis.
    spots : tuple of int
        Spots along each axis, at most `shape`.

    Returns
    -------
    ndarray, shape `spots`, int64
        Row of the pixel to show; -1 where there is none.

    Examples
    --------
    >>> pixels = np.array([[0, 0], [1, 0], [3, 0]])
    >>> pool(pixels, np.array([5.0, 9.0, 2.0]), np.zeros(3, bool), (4, 1), (2, 1)).ravel().tolist()
    [1, 2]
    """
    cells = np.zeros(len(coordinates), dtype=np.int64)
    for axis, (n, limit) in enumerate(zip(shape, spots, strict=True)):
        cells = cells * limit + coordinates[:, axis].astype(np.int64) * limit // n
    rows = np.full(int(np.prod(spots)), -1, dtype=np.int64)
    order = np.lexsort((charge, ~background))
    # Of equal indices NumPy keeps the last: the one that matters most.
    rows[cells[order]] = order
    return rows.reshape(spots)
