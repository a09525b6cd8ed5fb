"""Deposits to volumes of voxels: the images of paper 4 (arXiv:1903.05663).

Energy is put where it was left, no drift, and smeared over the 3 x 3 x 3
voxels around with a Gaussian, scaled so that no energy is lost; voxels below a
threshold are left out. Deposits are segments of at most half a voxel and count
as points.

"drifted" volumes have charge instead: electrons after recombination and a
drift to x = 0, spread by diffusion besides, in image units.

The share of every particle group in every voxel is kept. A hash table from
voxel to row of the group's list does what a full map does for planes: a cube
of 768 voxels is too large for one.
"""

# Numba compiles functions of positional arguments only.
# ruff: noqa: PLR0917

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import ndtr

from argoscope.detectors import VoxelVolume
from argoscope.errors import InvalidArgument
from argoscope.events import Grid, Image
from argoscope.simulation.bounds import Limits, require_share, require_within
from argoscope.simulation.compile import allocating
from argoscope.simulation.drift import attenuation, diffusion_width
from argoscope.simulation.places import slot_of
from argoscope.simulation.recombination import Model, ionize
from argoscope.simulation.records import Transported
from argoscope.simulation.splat import Shares

__all__ = ["VoxelResponse", "VoxelSettings", "axis_shares", "respond_in_voxels"]

LOWEST_DEDX = 1.0  # MeV/cm: the floor of `ionize`
_DRIFTED = {
    "threshold_units": Limits(0.0, 1e6),
    "electrons_per_unit": Limits(1.0, 1e6),
    "field_kv_cm": Limits(0.001, 100.0),
    "velocity_cm_us": Limits(0.01, 1.0),
    "lifetime_us": Limits(0.0, 1e15, above=True),
    "longitudinal_cm2_s": Limits(0.0, 100.0),
    "transverse_cm2_s": Limits(0.0, 100.0),
    "recombination_scale": Limits(0.0, 10.0, above=True),
}
_LIMITS = {"smear_voxels": Limits(0.0, 20.0), "threshold_mev": Limits(0.0, 1e6), **_DRIFTED}


@dataclass(frozen=True, kw_only=True)
class VoxelSettings:
    """How a volume is filled.

    Raises
    ------
    InvalidArgument
        If a number breaks its rule.
    """

    limits: ClassVar[Mapping[str, Limits]] = _LIMITS
    """Limits of every number, in the units of the fields."""
    smear_voxels: float = 0.5
    """Standard deviation of the smearing, in voxels [E]: the papers say "a few pixels, energy conserved"."""
    threshold_mev: float = 0.05
    """Smallest energy kept, in MeV [E]: 0.01 to 0.05 in the public generators."""
    drifted: bool = False
    """Whether voxels hold charge after a drift to x = 0, instead of energy; the fields below are for it."""
    threshold_units: float = 5.0
    """Smallest charge kept, in image units [E]."""
    electrons_per_unit: float = 200.0
    """Electrons in one image unit, as in wire images."""
    field_kv_cm: float = 0.5
    """Drift field, in kV/cm: usual design value."""
    velocity_cm_us: float = 0.16
    """Drift velocity, in cm/µs: usual at 0.5 kV/cm."""
    lifetime_us: float = 10000.0
    """Electron lifetime, in µs: usual design value."""
    longitudinal_cm2_s: float = 4.0
    """Diffusion along x, in cm²/s (WireCell)."""
    transverse_cm2_s: float = 8.8
    """Diffusion across x, in cm²/s (WireCell)."""
    recombination: Model = "modified-box"
    """Model: "modified-box", "birks" or "emb"."""
    recombination_scale: float = 1.0
    """Multiplies the surviving share."""

    def __post_init__(self) -> None:
        require_within(self, _LIMITS)
        require_share(self.recombination_scale, self.recombination, self.field_kv_cm, LOWEST_DEDX)

    def require_used(self, names: Iterable[str]) -> None:
        """Refuse names of settings that change nothing, since voxels are drifted or are not.

        Raises
        ------
        InvalidArgument
        """
        for name in names:
            if name in {*_DRIFTED, "recombination"} and not self.drifted:
                raise InvalidArgument(
                    f"{name} changes nothing where voxels hold energy without a drift: add --vary drifted=true, "
                    f"or leave {name} out"
                )
            if name == "threshold_mev" and self.drifted:
                raise InvalidArgument(
                    "threshold_mev changes nothing where voxels hold charge after a drift (drifted=true): "
                    "give threshold_units"
                )


@dataclass(frozen=True)
class VoxelResponse:
    """The volume, and who filled it.

    Parameters
    ----------
    grid : Grid
    ids : ndarray, shape (n,), int64
        Voxels above threshold, rising.
    values : ndarray, shape (n,), float32
        Energy in MeV, or charge in image units if drifted.
    truth : Shares
        Energy in MeV and value of every particle group in every voxel, below threshold too.
    """

    grid: Grid
    ids: np.ndarray
    values: np.ndarray
    truth: Shares

    def image(self) -> Image:
        """The volume without labels."""
        return Image(self.grid, self.grid.coordinates(self.ids), self.values)


def respond_in_voxels(
    transported: Transported, volume: VoxelVolume, settings: VoxelSettings | None = None
) -> VoxelResponse:
    """Fill a volume with the deposits of an event.

    Parameters
    ----------
    transported : Transported
        Deposits outside the volume are left out.
    volume : VoxelVolume
    settings : VoxelSettings, optional

    Returns
    -------
    VoxelResponse

    Raises
    ------
    InvalidArgument
        If a position or energy is not a number.

    Examples
    --------
    >>> from argoscope.detectors import voxel_volume_named
    >>> from argoscope.simulation.records import DEPOSIT_DTYPE, TRACK_DTYPE
    >>> tracks, deposit = np.zeros(1, TRACK_DTYPE), np.zeros(1, DEPOSIT_DTYPE)
    >>> deposit["x"] = deposit["y"] = deposit["z"] = 0.45
    >>> deposit["energy"] = 1.0
    >>> found = respond_in_voxels(Transported(tracks, deposit), voxel_volume_named("cube-192"))
    >>> len(found.ids), round(float(found.truth.energy.sum()), 6)
    (7, 1.0)
    """
    settings = settings or VoxelSettings()
    deposits, grid = transported.deposits, volume.grid
    points = np.stack([deposits["x"], deposits["y"], deposits["z"]], axis=1)
    bad = ~(np.isfinite(points).all(axis=1) & np.isfinite(deposits["energy"]) & (deposits["energy"] >= 0))
    if bad.any():
        row = int(bad.argmax())
        raise InvalidArgument(
            f"deposit {row} has {deposits['energy'][row]} MeV at {points[row].tolist()} cm; deposits need finite "
            "positions and energies from 0: look at the transport that made it, or leave such rows out"
        )
    group = transported.tracks["group"].astype(np.int64)[deposits["track"]]
    place = (points - np.asarray(grid.origin)) / np.asarray(grid.pitch)
    rows = np.flatnonzero(((place >= 0) & (place < np.asarray(grid.shape))).all(axis=1))
    rows = rows[np.argsort(group[rows], kind="stable")]
    truth = _shares(deposits.take(rows), group[rows], place[rows], points[rows, 0], grid, settings)
    ids, which = np.unique(truth.ids, return_inverse=True)
    total = np.bincount(which, weights=truth.charge, minlength=len(ids))
    kept = total >= (settings.threshold_units if settings.drifted else settings.threshold_mev)
    return VoxelResponse(grid, ids[kept], total[kept].astype(np.float32), truth)


def _shares(
    deposits: np.ndarray,
    group: np.ndarray,
    place: np.ndarray,
    x: np.ndarray,
    grid: Grid,
    settings: VoxelSettings,
) -> Shares:
    """Every group's energy and value in every voxel."""
    energy = deposits["energy"]
    value, reach = energy, 1 if settings.smear_voxels > 0 else 0
    sigma = np.full((len(place), 3), settings.smear_voxels)
    if settings.drifted:
        time = x / settings.velocity_cm_us
        born = ionize(
            energy, deposits["length"], deposits["drift_cosine"], settings.field_kv_cm,
            model=settings.recombination, scale=settings.recombination_scale,
        )  # fmt: skip
        value = born.electrons * attenuation(time, settings.lifetime_us) / settings.electrons_per_unit
        constants = (settings.longitudinal_cm2_s, settings.transverse_cm2_s, settings.transverse_cm2_s)
        for axis, (constant, pitch) in enumerate(zip(constants, grid.pitch, strict=True)):
            sigma[:, axis] = np.hypot(sigma[:, axis], diffusion_width(time, constant) / pitch)
        reach = max(reach, math.ceil(3.0 * sigma.max(initial=0.0)))  # three sigma, as on planes
    weights = np.stack(
        [axis_shares(place[:, axis], sigma[:, axis], reach, grid.shape[axis]) for axis in range(3)], axis=1
    )
    first = np.floor(place).astype(np.int64) - reach
    return Shares(*_accumulate(group, first, weights, energy, value, np.array(grid.shape)))


def axis_shares(place: np.ndarray, sigma: np.ndarray, reach: int, size: int) -> np.ndarray:
    """Shares of a Gaussian in the voxels around a place, along one axis.

    Parameters
    ----------
    place : ndarray, shape (n,)
        In voxels; voxel i covers [i, i + 1).
    sigma : ndarray, shape (n,)
        Standard deviation, in voxels.
    reach : int
        Voxels on either side of the one that holds the place.
    size : int
        Voxels there are; those outside get nothing.

    Returns
    -------
    ndarray, shape (n, 2 reach + 1)
        Each row adds up to 1.

    Examples
    --------
    >>> axis_shares(np.array([5.5, 0.5]), np.array([0.5, 0.5]), 1, 9).round(2).tolist()
    [[0.16, 0.68, 0.16], [0.0, 0.81, 0.19]]
    """
    if reach == 0:
        return np.ones((len(place), 1))
    edges = np.floor(place)[:, None] + np.arange(-reach, reach + 2)
    sharp = np.maximum(sigma, 1e-9)[:, None]  # voxels: narrower than any voxel
    shares = np.diff(ndtr((edges - place[:, None]) / sharp), axis=1)
    shares *= (edges[:, :-1] >= 0) & (edges[:, :-1] < size)
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


@allocating
def _accumulate(
    group: np.ndarray,
    first: np.ndarray,
    weights: np.ndarray,
    energy: np.ndarray,
    value: np.ndarray,
    shape: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Add every deposit to the voxels around it; the table holds each voxel's row in the current group's list."""
    width = weights.shape[2]
    out_group, out_ids = np.empty(1024, np.int64), np.empty(1024, np.int64)
    out_energy, out_value = np.empty(1024), np.empty(1024)
    keys, rows = np.full(4096, -1, np.int64), np.empty(4096, np.int64)
    count, begin, used = 0, 0, 0
    for k in range(len(group)):
        if k == 0 or group[k] != group[k - 1]:
            begin = count
        for n in range(width**3):
            i, j, m = n // (width * width), n // width % width, n % width
            share = weights[k, 0, i] * weights[k, 1, j] * weights[k, 2, m]
            if share == 0.0:
                continue
            voxel = ((first[k, 0] + i) * shape[1] + first[k, 1] + j) * shape[2] + first[k, 2] + m
            at = slot_of(keys, voxel)
            if keys[at] == -1:
                keys[at], rows[at] = voxel, -1
                used += 1
            if rows[at] < begin:
                if count == len(out_ids):
                    out_group, out_ids = np.append(out_group, out_group), np.append(out_ids, out_ids)
                    out_energy, out_value = np.append(out_energy, out_energy), np.append(out_value, out_value)
                rows[at] = count
                out_group[count], out_ids[count] = group[k], voxel
                out_energy[count], out_value[count] = 0.0, 0.0
                count += 1
            out_energy[rows[at]] += share * energy[k]
            out_value[rows[at]] += share * value[k]
            if 2 * used > len(keys):
                old_keys, old_rows = keys, rows
                keys, rows = np.full(2 * len(keys), -1, np.int64), np.empty(2 * len(keys), np.int64)
                for o in range(len(old_keys)):
                    if old_keys[o] != -1:
                        new = slot_of(keys, old_keys[o])
                        keys[new], rows[new] = old_keys[o], old_rows[o]
    return (
        out_group[:count].copy(),
        out_ids[:count].copy(),
        out_energy[:count].copy(),
        out_value[:count].copy(),
    )
