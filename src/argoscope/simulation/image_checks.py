"""Checks of whole images against the samples and papers that they imitate."""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.simulation.chain import simulation_named
from argoscope.simulation.check_rows import row
from argoscope.simulation.image_measures import class_shares

__all__ = ["rows"]

SEED = 990_200
"""Held-out seed of the checks."""


def rows(*, quick: bool = False) -> list[dict[str, Any]]:
    """Every check of images."""
    found = []
    for name, low, high in (("cube-192", 600, 800), ("cube-512", 2500, 3300), ("cube-768", 4300, 6500)):
        simulation = simulation_named(name, seed=SEED)
        images = [simulation.event(n).event.images[0] for n in range(50 if quick else 2000)]
        mean = np.mean([len(image) for image in images])
        found.append(row(f"{name}: voxels per event", mean, (low + high) / 2, (high - low) / 2, "contracts"))
        shares = class_shares(images)
        if name == "cube-512":
            for kind, share, want in zip(("HIP", "MIP", "shower"), shares, (0.17, 0.34, 0.47), strict=False):
                found.append(row(f"cube-512: share of {kind}", share, want, 0.2 * want, "paper 4"))
    return found
