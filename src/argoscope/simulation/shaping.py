"""The response in time, where it is no Gaussian: a kernel along the rows of a wire.

The signals of the SBND sample of 2018 come from a deconvolution in one
dimension. A row of charge gives its own row most, its neighbours a third, and
takes charge from the rows beyond: the kernel has negative lobes. Rows end with
their drift volume; no charge passes from one into the other.

Charge stays split by particle group. Values below zero are kept until all
groups and the noise are summed.
"""

# Numba compiles functions of positional arguments only.
# ruff: noqa: PLR0917

from __future__ import annotations

import numpy as np

from argoscope.simulation.compile import allocating
from argoscope.simulation.splat import PlaneShape, Shares

__all__ = ["shape_in_time", "stretched"]

_Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def stretched(kernel: tuple[float, ...], width: float) -> np.ndarray:
    """A symmetric kernel made wider, with the same sum.

    Parameters
    ----------
    kernel : tuple of float
        At offsets 0, 1, 2, ...
    width : float
        Factor on the offsets.

    Returns
    -------
    ndarray
        At offsets 0, 1, 2, ...

    Examples
    --------
    >>> stretched((4.0, 1.0), 1.0).tolist(), stretched((4.0, 1.0), 1.5).round(2).tolist()
    ([4.0, 1.0], [2.57, 1.29, 0.43])
    """
    old = np.array(kernel)
    if width == 1.0:
        return old
    offsets = np.arange(int(np.ceil(len(old) * width)))
    new = np.interp(offsets / width, np.arange(len(old) + 1), np.append(old, 0.0))
    return np.asarray(new * ((2.0 * old.sum() - old[0]) / (2.0 * new.sum() - new[0])))


def shape_in_time(shares: Shares, plane: PlaneShape, kernels: list[np.ndarray]) -> Shares:
    """Convolve the charge of every group along the rows.

    Parameters
    ----------
    shares : Shares
        Groups in rising order, as `splat` gives them.
    plane : PlaneShape
    kernels : list of ndarray
        For each drift volume, at offsets 0, 1, 2, ...

    Returns
    -------
    Shares
        With the pixels that the kernel reaches besides; their energy is 0.

    Examples
    --------
    >>> one = np.ones(1)
    >>> plane = PlaneShape(wires=2, rows=8, first_column=0, columns=2, directions=(-1,))
    >>> shaped = shape_in_time(Shares(np.zeros(1, int), np.array([3]), one, one), plane, [np.array([2.0, -1.0])])
    >>> dict(zip(shaped.ids.tolist(), shaped.charge.tolist()))
    {3: 2.0, 2: -1.0, 4: -1.0}
    """
    longest = max(map(len, kernels))
    table = np.zeros((len(kernels), longest))
    for volume, kernel in enumerate(kernels):
        table[volume, : len(kernel)] = kernel
    where = np.zeros(plane.columns * plane.height, dtype=np.int32)
    return Shares(*_convolve(*shares, table, plane.rows, plane.height, where))


@allocating
def _convolve(
    group: np.ndarray,
    ids: np.ndarray,
    energy: np.ndarray,
    charge: np.ndarray,
    table: np.ndarray,
    rows: int,
    height: int,
    where: np.ndarray,
) -> _Columns:
    """`shape_in_time` on plain arrays; `where` maps each pixel to 1 + its row in the list of the current group."""
    reach = table.shape[1] - 1
    capacity = len(ids) * (2 * reach + 1)
    out_group, out_ids = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    out_energy, out_charge = np.empty(capacity), np.empty(capacity)
    count, begin, k = 0, 0, 0
    while k < len(ids):
        end = k
        begin = count
        while end < len(ids) and group[end] == group[k]:
            where[ids[end]] = count + 1
            out_group[count], out_ids[count] = group[k], ids[end]
            out_energy[count], out_charge[count] = energy[end], 0.0
            count += 1
            end += 1
        for i in range(k, end):
            row = ids[i] % height
            volume = row // rows
            first, last = max(-reach, volume * rows - row), min(reach, (volume + 1) * rows - 1 - row)
            for offset in range(first, last + 1):
                value = charge[i] * table[volume, abs(offset)]
                at = where[ids[i] + offset] - 1
                if at < begin:
                    at = count
                    where[ids[i] + offset] = count + 1
                    out_group[at], out_ids[at] = group[k], ids[i] + offset
                    out_energy[at], out_charge[at] = 0.0, 0.0
                    count += 1
                out_charge[at] += value
        k = end
    return (
        out_group[:count].copy(),
        out_ids[:count].copy(),
        out_energy[:count].copy(),
        out_charge[:count].copy(),
    )
