"""The numbers of paper 3, typed from its text, tables and figures.

Its confusion matrices (figures 6, 10, 11) and learning curves (figure 5) are
pictures without numbers.

References
----------
MicroBooNE, Phys. Rev. D 103 (2021) 052012, arXiv:2012.08513.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ACCURACY",
    "ACTIVE_SHARE",
    "CHARGES",
    "CLASS_PIXELS",
    "COSTS",
    "DENSE_CROPS",
    "EPOCHS",
    "EVENTS",
    "MIP_PEAK",
    "MULTIPLICITIES",
    "MUON_MOST",
    "PREVIOUS",
    "SHOWER_SCORE",
    "TWO_CLASSES",
    "VARIATIONS",
    "Cost",
    "Pair",
]

ACCURACY = {"paper3": 0.96, "none": 0.92}
"""Section V A: share of the non-zero pixels with the true class of five, collection plane, by weighting."""


class Pair(NamedTuple):
    """Share of the true pixels of each of two classes that are found; None where the paper says none."""

    track: float
    shower: float | None


TWO_CLASSES = {
    "test": {"U": Pair(0.988, 0.996), "V": Pair(0.990, 0.994), "Y": Pair(0.992, 0.996)},
    "nu_e": {"U": Pair(0.990, 0.823), "V": Pair(0.989, 0.858), "Y": Pair(0.992, 0.859)},
    "BNB": {"U": Pair(0.997, 0.809), "V": Pair(0.998, 0.821), "Y": Pair(0.998, 0.823)},
}
"""Tables II (Y) and III (U, V): sample -> plane."""

PREVIOUS = {"test": Pair(0.974, 0.959), "nu_e": Pair(0.862, None), "BNB": Pair(0.957, None)}
"""Sections V A and V B: the dense network that was used before, collection plane (its nu_mu sample beside BNB)."""

MULTIPLICITIES = {
    "e": (0, 2), "photon": (0, 2), "mu": (0, 2), "pi": (0, 2), "p": (0, 3), "all of these": (1, 6), "cosmic mu": (5, 10),
}  # fmt: skip
"""Table I, and its text for the sum: smallest and largest number of particles generated in an event."""

ACTIVE_SHARE = 0.005
"""Section II: share of an image's pixels with 10 to 300 PIU."""
CHARGES = (10.0, 300.0)
"""Section II: PIU of the pixels that the network sees."""
MIP_PEAK = 40.0
"""Section II: most frequent pixel value of minimum-ionizing muons, in PIU."""
MUON_MOST = 220.0
"""Section II: largest pixel value of a muon, in PIU."""
CLASS_PIXELS = {
    "HIP": (1e6, 1e7), "MIP": (1e6, 1e7), "shower": (1e6, 1e7), "delta": (1e6, 1e7), "Michel": (1e5, 1e5),
}  # fmt: skip
"""Figure 6: order of the number of test pixels, smallest and largest."""

EVENTS = {"train": 120_000, "test": 23_000, "variation": 15_000}
"""Section III: images of training and test, events of each variation."""
EPOCHS = {"trained": 15.0, "chosen": 8.5}
"""Section V A: length of the training, and where its weights were taken."""


class Cost(NamedTuple):
    """Time and memory of the inference of one image on one CPU (Core i7-8750H)."""

    seconds: float
    gb: float


COSTS = {"sparse": Cost(0.5, 1.0), "dense": Cost(5.0, 6.0)}
"""Section II (the summary has 5 GB for dense)."""
DENSE_CROPS = 64
"""Section II: crops of an image that the dense network was run on."""

SHOWER_SCORE = 0.5
"""Section V C: a pixel is shower-like from this shower score on."""
VARIATIONS = {"pixels": 0.005, "clusters": 0.01}
"""Section V C: variation of the misclassified pixels, and of the shower clusters, between detector variations."""
