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
MEAN_RUN = 1.4
"""Mean sites of a noise cluster in the SBND sample, event 1, plane 0."""


def collection_plane(data: Path | None) -> tuple[Sites, str]:
    """Event 1, plane 2 of the SBND sample: 10,191 sites; and where they are from."""
    return _plane(data, 2, lambda: noisy_tracks(SBND_SHAPE, 10_191, seed=1, noise=0.04))


def induction_plane(data: Path | None) -> tuple[Sites, str]:
    """Event 1, plane 0 of the SBND sample: 25,094 sites, 40 % of them noise; and where they are from."""
    return _plane(data, 0, lambda: noisy_tracks(SBND_SHAPE, 25_094, seed=2))


def _plane(data: Path | None, plane: int, generate: Callable[[], Sites]) -> tuple[Sites, str]:
    named = data or os.environ.get("ARGOSCOPE_REAL_DATA")
    path = Path(named) / SAMPLE if named else None
    if path is None or not path.is_file():
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
    cells: NDArray[np.int64] = np.ravel_multi_index(tuple(pixels.T), shape)
    return cells


def noisy_tracks(shape: tuple[int, ...], sites: int, *, seed: int, noise: float = 0.4) -> Sites:
    """Tracks, and noise as in SBND's induction planes.

    Noise comes in runs along the last axis, of geometric length with mean
    `MEAN_RUN`, in the second half of the image: there lie nine in ten of the
    clusters of up to five sites of the sample's event 1, plane 0.
    """
    signal = tracks(shape, round(sites * (1 - noise)), seed=seed, thickness=3)
    taken = np.ravel_multi_index(tuple(signal[:, 1:].T), shape)
    rng = np.random.default_rng(seed)
    found = np.zeros(0, np.int64)
    while len(found) < sites - len(taken):
        found = np.setdiff1d(np.union1d(found, _runs(shape, 1 + sites // 10, rng)), taken)
    surplus = rng.permutation(len(found))[: len(found) - (sites - len(taken))]
    return _sites_of(np.union1d(taken, np.delete(found, surplus)), shape)


def _runs(shape: tuple[int, ...], runs: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Cells of runs along the last axis."""
    lengths = rng.geometric(1 / MEAN_RUN, runs)
    starts = rng.integers([0] * (len(shape) - 1) + [shape[-1] // 2], shape, (runs, len(shape)))
    pixels = np.repeat(starts, lengths, axis=0)
    pixels[:, -1] += np.arange(len(pixels)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    cells: NDArray[np.int64] = np.ravel_multi_index(tuple(pixels[pixels[:, -1] < shape[-1]].T), shape)
    return cells


def _sites_of(cells: NDArray[np.int64], shape: tuple[int, ...]) -> Sites:
    return np.column_stack([np.zeros_like(cells), *np.unravel_index(cells, shape)]).astype(np.int64)
