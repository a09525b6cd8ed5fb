"""The definition of `argoscope.simulation.splat`: every cloud over every pixel, with the exact distribution function.

Slow, and obvious; tests hold the fast one to it.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from argoscope.simulation.splat import N_SIGMA, Clouds, PlaneShape, row_numbering

__all__ = ["splat_slowly"]


def splat_slowly(clouds: Clouds, plane: PlaneShape) -> dict[tuple[int, int], tuple[float, float]]:
    """Spread clouds over the pixels of a plane; arguments as those of `splat`.

    Returns
    -------
    dict of (group, pixel number) to (energy, charge)
    """
    found: dict[tuple[int, int], tuple[float, float]] = {}
    base, step = row_numbering(plane)
    for k in range(len(clouds.group)):
        if np.isnan(clouds.wire[k]):
            continue
        halves = [(0, plane.half), (plane.half, plane.wires)] if plane.half else [(0, plane.wires)]
        low, high = halves[-1] if clouds.wire[k] >= plane.half - 0.5 else halves[0]
        shares = [
            clouds.energy[k] * np.outer(_exact(clouds.wire[k] + 0.5, clouds.energy_wires[k], low, high),
                                        _exact(clouds.row[k], clouds.energy_rows[k], 0, plane.rows)),
            clouds.charge[k] * np.outer(_exact(clouds.wire[k] + 0.5, clouds.charge_wires[k], low, high),
                                        _exact(clouds.row[k], clouds.charge_rows[k], 0, plane.rows)),
        ]  # fmt: skip
        volume = int(clouds.volume[k])
        for w, r in zip(*np.nonzero(shares[1]), strict=True):
            pixel = (low + w + plane.first_column) * plane.height + base[volume] + step[volume] * r
            key = (int(clouds.group[k]), int(pixel))
            energy, charge = found.get(key, (0.0, 0.0))
            found[key] = (energy + float(shares[0][w, r]), charge + float(shares[1][w, r]))
    return found


def _exact(centre: float, sigma: float, low: int, high: int) -> np.ndarray:
    """Shares of a cloud in the pixels [low, high)."""
    edges = np.arange(low, high + 1)
    if sigma <= 0:
        return np.asarray((np.floor(centre) == edges[:-1]).astype(np.float64))
    tail = ndtr(-N_SIGMA)
    z = np.clip((edges - centre) / sigma, -N_SIGMA, N_SIGMA)
    return np.asarray(np.diff((ndtr(z) - tail) / (1.0 - 2.0 * tail)))
