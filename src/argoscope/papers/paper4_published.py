"""The numbers of paper 4, typed from its tables and figures.

References
----------
Domine & Terao, Phys. Rev. D 102 (2020) 012005, arXiv:1903.05663v3.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CLASSES", "CLASS_SHARES", "FACTORS_2D", "FACTORS_3D", "FILTERS_DEPTH", "FILTER_COSTS", "GUARD", "IMAGE_SIZES", "LABELS", "MICHEL", "MICHEL_BOTH", "SCALABILITY", "VOXELS", "Column", "Range"]  # fmt: skip

CLASSES = ("HIP", "MIP", "shower", "delta", "Michel")
"""The paper's order of classes, which is that of our scheme."""

CLASS_SHARES = {"HIP": 0.17, "MIP": 0.34, "shower": 0.47, "delta": 0.01, "Michel": 0.01}
"""Table I: share of the non-zero pixels."""


class Column(NamedTuple):
    """A column of table II: 3D, 5 levels, 16 filters. Memory in GB, time in s a batch."""

    network: str
    batch: int
    side: int
    accuracy: float
    spread: float
    gpu_test_gb: float
    gpu_train_gb: float
    gpu_test_s: float
    gpu_train_s: float
    cpu_test_gb: float | None
    cpu_train_gb: float | None
    cpu_test_s: float | None
    cpu_train_s: float | None


SCALABILITY = (
    Column("dense", 4, 192, 0.92, 0.096, 16, 26 * 4, 3.3, 25, None, None, None, None),
    Column("sparse", 4, 192, 0.94, 0.088, 0.044, 0.21, 0.10, 0.21, 0.57, 0.59, 0.25, 1.1),
    Column("sparse", 64, 192, 0.98, 0.049, 0.19, 1.3, 0.66, 1.2, 0.81, 1.9, 1.7, 6.1),
    Column("sparse", 64, 512, 0.99, 0.014, 0.67, 5.1, 2.4, 5.0, 1.9, 3.9, 8.0, 24),
    Column("sparse", 64, 768, 0.99, 0.0037, 1.3, 9.3, 4.4, 8.8, 3.0, 4.0, 16, 47),
)
"""Table II: GPU columns on a V100, CPU columns on a Xeon Silver 4110."""

FACTORS_3D = {"memory": 364.0, "time": 33.0}
"""Abstract: dense over sparse at inference, 192 px, batch 4 (the conclusion says 354)."""
FACTORS_2D = {"memory": 93.0, "time": 3.1}
"""Abstract: dense over sparse at inference, 2D 512 px, batch 88."""

FILTERS_DEPTH = {
    6: {8: 0.9894, 16: 0.9916, 32: 0.9923},
    5: {8: 0.9886, 16: 0.9907, 32: 0.9906},
    4: {8: 0.9874, 16: 0.9900, 32: 0.9907},
}
"""Table III: non-zero accuracy by depth and filters, 3D 512 px."""

FILTER_COSTS = {
    8: {"train_gb": 2.63, "test_gb": 0.40, "train_s": 4.61, "test_s": 2.52},
    16: {"train_gb": 5.02, "test_gb": 0.73, "train_s": 4.61, "test_s": 2.56},
    32: {"train_gb": 9.95, "test_gb": 1.49, "train_s": 5.19, "test_s": 2.78},
}
"""Figures 10 and 11: V100, 3D 512 px, depth 6."""

IMAGE_SIZES = {
    (192, 192): (0.960, 0.962, 0.976, 0.743, 0.365, 0.980),
    (192, 512): (0.956, 0.966, 0.969, 0.767, 0.426, 0.981),
    (192, 768): (0.937, 0.954, 0.966, 0.751, 0.439, 0.977),
    (768, 192): (0.988, 0.994, 0.995, 0.859, 0.626, 0.989),
    (768, 512): (0.990, 0.997, 0.996, 0.896, 0.700, 0.992),
    (768, 768): (0.989, 0.996, 0.997, 0.901, 0.704, 0.993),
}
"""Table IV: trained at, tested at px -> accuracy of the classes, then of all; 5-16, batch 64, regular labels."""

LABELS = {
    ("regular", "none", "regular"): (0.980, 0.994, 0.994, 0.857, 0.566, 0.992),
    ("regular", "none", "relabelled"): (0.981, 0.992, 0.979, 0.948, 0.944, 0.992),
    ("relabelled", "none", "relabelled"): (0.981, 0.994, 0.992, 0.960, 0.947, 0.996),
    ("relabelled", "inverse", "relabelled"): (0.993, 0.981, 0.992, 0.972, 0.957, 0.991),
}
"""Table V: truth and weighting in training, truth in the test -> accuracy of the classes, then of all; 512 px, 5-32."""


class Range(NamedTuple):
    """Where a number is expected, and how far off it may be."""

    value: float
    tolerance: float


GUARD = {"Michel": Range(0.37, 0.10), "delta": Range(0.74, 0.10)}
"""A network trained on regular labels at 192 px should have the trouble of table IV's first column; tolerances [E]."""

VOXELS = {192: (700, 700), 512: (2500, 3300), 768: (4300, 6500)}
"""Active voxels an event by side: from the paper's times and PILArNet-M's counts."""

MICHEL = {
    0: {
        "matched": 6998,
        "id_purity": 0.967,
        "id_efficiency": 0.939,
        "cluster_efficiency": 0.954,
        "cluster_purity": 0.955,
    },
    10: {
        "matched": 6961,
        "id_purity": 0.973,
        "id_efficiency": 0.934,
        "cluster_efficiency": 0.960,
        "cluster_purity": 0.960,
    },
}
"""Table VI, by the least pixels of a candidate: Michel electrons in 3D 512 px images, 5-32, relabelled."""
MICHEL_BOTH = 0.898
"""Share of the reconstructed Michel electrons with cluster efficiency and purity above 95 % (section VII C)."""
