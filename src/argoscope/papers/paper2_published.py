"""The numbers of paper 2, typed from its text, tables and figures; percentages as fractions.

Its curves and distributions (figures 5 to 10, 16, 17) are pictures without
numbers, but for what the text says of them.

References
----------
MicroBooNE, Phys. Rev. D 99, 092001 (2019), arXiv:1808.07269.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "BACKGROUND_SHARE",
    "BATCH",
    "CC_PI0",
    "CROP",
    "DEEPEST",
    "EPOCH_OF_STEP",
    "EVENTS",
    "GAIN_CHANGE",
    "LABELLED",
    "LEAST_CHARGE",
    "MICHEL",
    "MULTIPLICITIES",
    "PEAK_SHIFT",
    "PROTON_50_MEV",
    "RATE",
    "TABLE_I",
    "WORST",
    "Errors",
]


class Errors(NamedTuple):
    """Averages over images: ICPF, its 90 % quantile, shower and track error."""

    icpf_mean: float
    icpf_90: float
    shower_error: float
    track_error: float


TABLE_I = {
    "test": Errors(0.019, 0.046, 0.041, 0.026),
    "nu_e": Errors(0.060, 0.138, 0.076, 0.138),
    "nu_mu": Errors(0.039, 0.045, 0.142, 0.043),
    "1e1p": Errors(0.022, 0.057, 0.028, 0.040),
    "1mu1p-LE": Errors(0.023, 0.022, 0.062, 0.024),
    "1e1p-LE": Errors(0.039, 0.115, 0.038, 0.080),
}
"""Table I: the six samples."""

LABELLED = (
    "data, labels of a physicist, answer of the network",
    "simulation, labels of a physicist, answer of the network",
    "simulation, labels of the simulation, answer of the network",
    "simulation, labels of the simulation, answer of a physicist",
)
"""Columns of tables II and III."""
MICHEL = (
    Errors(0.018, 0.033, 0.062, 0.011),
    Errors(0.026, 0.044, 0.057, 0.019),
    Errors(0.025, 0.045, 0.040, 0.016),
    Errors(0.023, 0.031, 0.039, 0.013),
)
"""Table II: stopping muons with a Michel electron, 100 images of data and of simulation, by `LABELLED`."""
CC_PI0 = (
    Errors(0.034, 0.090, 0.048, 0.027),
    Errors(0.025, 0.057, 0.034, 0.024),
    Errors(0.018, 0.046, 0.030, 0.022),
    Errors(0.020, 0.048, 0.026, 0.029),
)
"""Table III: charged-current neutral pions, 100 images of data and of simulation, by `LABELLED`."""

PROTON_50_MEV = 0.15
"""Section VI, of figure 7 (c): ICPF of 1e1p-LE near a proton of 50 MeV."""
PEAK_SHIFT = (0.2, 0.3)
"""Section VII A, of figure 9: how far the peak values of data and simulation are apart."""
GAIN_CHANGE = (0.25, 0.01)
"""Sections VII A and VII C, of figures 10 and 17: change of the pixel values, and that of the ICPF stays within."""
WORST = (0.166, 0.166, 0.162, 0.125)
"""Section VII D: ICPF of the four events of figure 18."""

CROP = 512
"""Section V A: side of a crop in pixels."""
LEAST_CHARGE = 10.0
"""Section V A: smallest pixel value that is kept."""
BACKGROUND_SHARE = 0.99
"""Section IV B: at least so many of the pixels are background."""
MULTIPLICITIES = {"all": (1, 4), "lepton": (0, 3), "proton": (0, 3), "photon": (0, 2), "charged pion": (0, 2)}
"""Section V A: smallest and largest number of particles that are generated in a training event."""
DEEPEST = (16, 1024)
"""Section III: side and channels of the deepest level."""

EVENTS = {"train": 100_000, "validation": 20_000, "test": 20_000, "hand": 100}
"""Section V A to C: images of training, validation and test, and of each sample of tables II and III."""
BATCH = 60
"""Section IV C: images in a step."""
RATE = 0.0003
"""Section IV C: initial learning rate of RMSProp."""
EPOCH_OF_STEP = 14
"""Section IV C: epoch at which the rate falls to a tenth."""
