"""Splat: charge clouds onto the pixels of a wire plane, kept apart by particle.

A cloud is a Gaussian in wire and time, cut at three standard deviations and
scaled back to one, integrated over each pixel it touches:

    share(w, r) = [F(w + 1) - F(w)] [G(r + 1) - G(r)]

with F and G the cut normal distribution functions. Charge that falls off the
wires or rows of the cloud's own drift volume is lost; otherwise the shares
add up to one. Every particle group has a list of pixels of its own, with the
energy and the charge it leaves there; the sum over groups is the plane.

Energy and charge may be spread differently: energy by diffusion alone, charge
by diffusion and the response. Clouds are worked through group by group, so a
single map from pixel to row of the list suffices. `splat_reference` has
the definition.
"""

# Numba compiles functions of positional arguments only.
# ruff: noqa: PLR0917

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from argoscope.errors import InvalidArgument
from argoscope.simulation.compile import allocating

__all__ = [
    "N_SIGMA",
    "Clouds",
    "PlaneShape",
    "Shares",
    "cut_normal_table",
    "row_numbering",
    "splat",
]

N_SIGMA = 3.0  # none: where clouds are cut; 0.5 % of a cloud lies beyond it and is scaled back in
TABLE_STEPS = 6144  # steps of the table: linear interpolation is good to 3e-8


class Clouds(NamedTuple):
    """Clouds of charge before a plane; shape (n,) each, sorted by group."""

    group: np.ndarray
    """Particle group, int64, rising."""
    volume: np.ndarray
    """Drift volume, int64."""
    wire: np.ndarray
    """Continuous wire; wire w takes [w - 0.5, w + 0.5). NaN for none."""
    row: np.ndarray
    """Continuous row, counted from the anode of its volume."""
    energy: np.ndarray
    """MeV."""
    charge: np.ndarray
    """In any unit."""
    energy_wires: np.ndarray
    """Standard deviation across the wires of the energy, in wires."""
    energy_rows: np.ndarray
    """Standard deviation along the rows of the energy, in rows."""
    charge_wires: np.ndarray
    """Standard deviation across the wires of the charge, in wires; not below `energy_wires`."""
    charge_rows: np.ndarray
    """Standard deviation along the rows of the charge, in rows; not below `energy_rows`."""


class PlaneShape(NamedTuple):
    """How the pixels of a plane are numbered."""

    wires: int
    """Wires."""
    rows: int
    """Rows of each drift volume."""
    first_column: int
    """Column of wire 0."""
    columns: int
    """Columns of the image."""
    directions: tuple[int, ...]
    """Drift direction of each volume: -1 if rows rise from the anode, 1 if they fall."""
    half: int = 0
    """Wires of the first half of a cut plane; charge does not pass between halves. 0: not cut."""

    @property
    def height(self) -> int:
        """Rows of the image."""
        return self.rows * len(self.directions)


class Shares(NamedTuple):
    """What each group leaves in each pixel; shape (m,) each, group after group, pixels in no order."""

    group: np.ndarray
    """Particle group, int64, rising."""
    ids: np.ndarray
    """Pixel number, int64, last axis fastest."""
    energy: np.ndarray
    """MeV, float64."""
    charge: np.ndarray
    """In the unit of the clouds, float64."""


def cut_normal_table(steps: int = TABLE_STEPS) -> np.ndarray:
    """Distribution function of the normal law cut at `N_SIGMA`, from -N_SIGMA to N_SIGMA.

    Examples
    --------
    >>> cut_normal_table(4).round(3).tolist()
    [0.0, 0.066, 0.5, 0.934, 1.0]
    """
    tail = ndtr(-N_SIGMA)
    table: np.ndarray = (ndtr(np.linspace(-N_SIGMA, N_SIGMA, steps + 1)) - tail) / (1.0 - 2.0 * tail)
    return table


_TABLE = cut_normal_table()


def splat(clouds: Clouds, plane: PlaneShape) -> Shares:
    """Spread clouds over the pixels of a plane.

    Parameters
    ----------
    clouds : Clouds
    plane : PlaneShape

    Returns
    -------
    Shares

    Raises
    ------
    InvalidArgument
        If the groups are not sorted.

    Examples
    --------
    A cloud without width falls into one pixel:

    >>> one, zero = np.ones(1), np.zeros(1)
    >>> cloud = Clouds(zero.astype(int), zero.astype(int), 2 * one, 5.5 * one, one, one, zero, zero, zero, zero)
    >>> splat(cloud, PlaneShape(wires=4, rows=8, first_column=1, columns=6, directions=(-1,))).ids.tolist()
    [29]
    """
    if (np.diff(clouds.group) < 0).any():
        raise InvalidArgument("the groups of clouds must be sorted; order all columns by group first")
    base, step = row_numbering(plane)
    widest = float(max(clouds.charge_wires.max(), clouds.charge_rows.max())) if len(clouds.group) else 0.0
    same = clouds.energy_wires is clouds.charge_wires and clouds.energy_rows is clouds.charge_rows
    where = np.zeros(plane.columns * plane.height, dtype=np.int32)
    window = min(math.ceil(2 * N_SIGMA * widest) + 2, max(plane.wires, plane.rows))  # more is never shared
    group, ids, energy, charge = _splat(
        *clouds, base, step, plane.wires, plane.half, plane.rows, plane.first_column, plane.height,
        same, window, _TABLE, where,
    )  # fmt: skip
    return Shares(group, ids, energy, charge)


def row_numbering(plane: PlaneShape) -> tuple[np.ndarray, np.ndarray]:
    """Image row = base + step * row of the volume."""
    direction = np.array(plane.directions, dtype=np.int64)
    volume = np.arange(len(direction))
    return np.where(direction < 0, volume * plane.rows, (volume + 1) * plane.rows - 1), -direction


@allocating
def _cut_normal(z: float, table: np.ndarray) -> float:
    """Distribution function of the cut normal law, from the table."""
    steps = len(table) - 1
    at = (z + N_SIGMA) * (steps / (2.0 * N_SIGMA))
    if at <= 0.0:
        return 0.0
    if at >= steps:
        return 1.0
    left = int(at)
    return float(table[left] + (at - left) * (table[left + 1] - table[left]))


@allocating
def _first_pixel(centre: float, sigma: float, low: int) -> int:
    """First pixel of a cloud's window."""
    return max(low, math.floor(centre - N_SIGMA * sigma))


@allocating
def _fill_shares(
    centre: float, sigma: float, first: int, end: int, table: np.ndarray, out: np.ndarray
) -> None:
    """Shares of a cloud in the pixels [first, end), pixel i covering [i, i + 1)."""
    if sigma <= 0.0:
        for i in range(first, end):
            out[i - first] = 1.0 if math.floor(centre) == i else 0.0
        return
    inverse = 1.0 / sigma
    below = _cut_normal((first - centre) * inverse, table)
    for i in range(first, end):
        above = _cut_normal((i + 1 - centre) * inverse, table)
        out[i - first] = above - below
        below = above


@allocating
def _doubled(old: np.ndarray) -> np.ndarray:
    new = np.empty(2 * len(old), old.dtype)
    new[: len(old)] = old
    return new


@allocating
def _splat(
    group: np.ndarray, volume: np.ndarray, wire: np.ndarray, row: np.ndarray, energy: np.ndarray, charge: np.ndarray,
    energy_wires: np.ndarray, energy_rows: np.ndarray, charge_wires: np.ndarray, charge_rows: np.ndarray,
    base: np.ndarray, step: np.ndarray, wires: int, half: int, rows: int, first_column: int, height: int,
    same: bool, window: int, table: np.ndarray, where: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """`splat` on plain arrays; `where` maps each pixel to 1 + its row in the list of the current group."""
    capacity = 4 * len(group) + 1024
    out_group, out_ids = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    out_energy, out_charge = np.empty(capacity), np.empty(capacity)
    wire_shares, row_shares = np.empty(window), np.empty(window)
    wire_shares_e, row_shares_e = (wire_shares, row_shares) if same else (np.empty(window), np.empty(window))
    count, begin = 0, 0
    for k in range(len(group)):
        if k == 0 or group[k] != group[k - 1]:
            begin = count
        if math.isnan(wire[k]):
            continue
        low = half if (half > 0 and wire[k] >= half - 0.5) else 0
        high = half if (half > 0 and low == 0) else wires
        w0 = _first_pixel(wire[k] + 0.5, charge_wires[k], low)
        w1 = min(high, math.floor(wire[k] + 0.5 + N_SIGMA * charge_wires[k]) + 1)
        r0 = _first_pixel(row[k], charge_rows[k], 0)
        r1 = min(rows, math.floor(row[k] + N_SIGMA * charge_rows[k]) + 1)
        if w0 >= w1 or r0 >= r1:
            continue
        _fill_shares(wire[k] + 0.5, charge_wires[k], w0, w1, table, wire_shares)
        _fill_shares(row[k], charge_rows[k], r0, r1, table, row_shares)
        if not same:
            _fill_shares(wire[k] + 0.5, energy_wires[k], w0, w1, table, wire_shares_e)
            _fill_shares(row[k], energy_rows[k], r0, r1, table, row_shares_e)
        while count + (w1 - w0) * (r1 - r0) > len(out_ids):  # a wide cloud may need it doubled more than once
            out_group, out_ids = _doubled(out_group), _doubled(out_ids)
            out_energy, out_charge = _doubled(out_energy), _doubled(out_charge)
        for w in range(w0, w1):
            share, share_e = wire_shares[w - w0] * charge[k], wire_shares_e[w - w0] * energy[k]
            pixel = (w + first_column) * height + base[volume[k]] + step[volume[k]] * r0
            for r in range(r1 - r0):
                at = where[pixel] - 1
                if at < begin:
                    at = count
                    where[pixel] = count + 1
                    out_group[at], out_ids[at] = group[k], pixel
                    out_energy[at], out_charge[at] = 0.0, 0.0
                    count += 1
                out_charge[at] += share * row_shares[r]
                out_energy[at] += share_e * row_shares_e[r]
                pixel += step[volume[k]]
    return out_group[:count], out_ids[:count], out_energy[:count], out_charge[:count]
