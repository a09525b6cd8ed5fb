"""The arrays of the field, named once, so that signatures say shapes.

Letters in the shapes: `n` active pixels, `d` dimensions of the image (2 or 3),
`k` clusters, `p` particles. The test suite checks every annotation at run
time; in use they cost nothing.
"""

from __future__ import annotations

import os

import numpy as np
from jaxtyping import Bool, Float, Float32, Int, Int32, Int64

__all__ = [
    "Coordinates",
    "Labels",
    "Mask",
    "Offsets",
    "PathLike",
    "PixelIndices",
    "PixelNumbers",
    "Pixels",
    "Points",
    "Rows",
    "Values",
]

PathLike = str | os.PathLike[str]
"""A path as the user gives it."""

Coordinates = Int32[np.ndarray, "n d"]
"""Pixel or voxel indices, one row per active site."""
PixelIndices = Int[np.ndarray, "n d"]
"""Pixel or voxel indices of any integer type, as users give them."""
PixelNumbers = Int[np.ndarray, " n"]
"""Pixel numbers of any integer type."""
Values = Float32[np.ndarray, " n"]
"""One number per active site: charge or energy."""
Labels = Int32[np.ndarray, " n"]
"""One class or instance number per active site."""
Mask = Bool[np.ndarray, " n"]
"""One truth value per active site."""
Rows = Int64[np.ndarray, " n"]
"""Row numbers or larcv pixel ids."""
Offsets = Int64[np.ndarray, " k_plus_1"]
"""Where each cluster starts in a flat table, and the end of the last."""
Points = Float[np.ndarray, "*n 3"]
"""Positions (x, y, z) in cm."""
Pixels = Float32[np.ndarray, "..."]
"""A dense image."""
