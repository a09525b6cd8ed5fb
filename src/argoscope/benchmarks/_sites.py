"""Sites to measure with: the SBND sample's, or generated ones of the same statistics."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

__all__ = ["SBND_SHAPE", "collection_plane", "induction_plane", "noisy_tracks", "tracks"]

Sites = NDArray[np.int64]
SBND_SHAPE = (2048, 1280)
SAMPLE = "sbnd_larcv3_events0-2.h5"


def collection_plane(data: Path | None) -> tuple[Sites, str]:
    """Event 1, plane 2 of the SBND sample: 10,191 sites; and where they are from."""
    return _plane(data, 2, lambda: tracks(SBND_SHAPE, 10_191, seed=1, thickness=3))


def induction_plane(data: Path | None) -> tuple[Sites, str]:
    """Event 1, plane 0 of the SBND sample: 25,094 sites, half of them noise; and where they are from."""
    return _plane(data, 0, lambda: noisy_tracks(SBND_SHAPE, 25_094, seed=2))


def _plane(data: Path | None, plane: int, generate: Callable[[], Sites]) -> tuple[Sites, str]:
    path = (data or Path(os.environ.get("ARGOSCOPE_REAL_DATA", "../shared/data"))) / SAMPLE
    if not path.is_file():
        return generate(), "generated"
    with h5py.File(path) as file:
        group: Any = file["Data/sparse2d_sbndwire_group"]
        extent = group["voxel_extents"][3 + plane]
        first, count = int(extent["first"]), int(extent["N"])
        ids = group["voxels"][first : first + count]["id"].astype(np.int64)
    wires, ticks = np.divmod(ids, SBND_SHAPE[1])
    return np.column_stack([np.zeros_like(ids), wires, ticks]), "SBND sample"


def tracks(shape: tuple[int, ...], sites: int, *, seed: int, thickness: int = 1) -> Sites:
    """Straight tracks of random direction, `thickness` pixels across along every axis but the first.

    Returns
    -------
    ndarray of int64, shape (sites, 1 + dimensions)
        Event number 0, then the pixel; sorted.
    """
    rng = np.random.default_rng(seed)
    found: list[NDArray[np.int64]] = []
    cells = np.zeros(0, np.int64)
    while len(cells) < sites:
        # About 400 sites a track; some overlap, so that a few rounds are needed.
        found += [_track(shape, rng, thickness) for _ in range(1 + (sites - len(cells)) // 400)]
        cells = np.unique(np.concatenate(found))
    surplus = len(cells) - sites
    return _sites_of(cells[surplus:], shape)


def _track(shape: tuple[int, ...], rng: np.random.Generator, thickness: int) -> NDArray[np.int64]:
    """Cells of one straight track, 30 to 400 pixels long."""
    direction = rng.normal(size=len(shape))
    direction /= np.linalg.norm(direction)
    steps = np.arange(0, rng.uniform(30, 400), 0.4)[:, None]
    core = np.floor(rng.uniform(0, shape) + steps * direction).astype(np.int64)
    around = np.stack(np.meshgrid(*[range(thickness)] * (len(shape) - 1), indexing="ij"), -1).reshape(
        -1, len(shape) - 1
    )
    across = np.column_stack([np.zeros(len(around), np.int64), around])
    pixels = (core[:, None] + across).reshape(-1, len(shape))
    pixels = pixels[((pixels >= 0) & (pixels < shape)).all(axis=1)]
    return np.ravel_multi_index(tuple(pixels.T), shape)


def noisy_tracks(shape: tuple[int, ...], sites: int, *, seed: int) -> Sites:
    """Half tracks, half isolated pixels."""
    signal = tracks(shape, sites // 2, seed=seed, thickness=3)
    cells = np.random.default_rng(seed).permutation(int(np.prod(shape)))[:sites]
    cells = np.setdiff1d(cells, np.ravel_multi_index(tuple(signal[:, 1:].T), shape))[: sites - len(signal)]
    return _sites_of(np.union1d(np.ravel_multi_index(tuple(signal[:, 1:].T), shape), cells), shape)


def _sites_of(cells: NDArray[np.int64], shape: tuple[int, ...]) -> Sites:
    return np.column_stack([np.zeros_like(cells), *np.unravel_index(cells, shape)]).astype(np.int64)
