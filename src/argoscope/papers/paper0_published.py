"""The numbers of paper 0, typed from its text and tables.

Table 3 and the classical references stand where the selection and the metrics
are (`argoscope.analyses.selection`, `argoscope.analyses.cosmic_tagging`). The
curves of figures 7, 8 and 9 are pictures without numbers.

References
----------
SBND, Front. Artif. Intell. 4 (2021) 649917, arXiv:2012.01301.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "BATCH",
    "BEST",
    "FILTERS",
    "IMAGE",
    "OCCUPANCY",
    "OVERLAP",
    "RATE",
    "TABLE_1",
    "TABLE_2",
    "Metrics",
]

TABLE_1 = {
    "Initial": 416,
    "Down 0": 2_576, "Down 1": 10_016, "Down 2": 39_488, "Down 3": 156_800, "Down 4": 624_896, "Down 5": 2_494_976,
    "Bottleneck, planes joined": 393_984, "Deepest": 16_391_680, "Bottleneck, planes split": 397_824,
    "Up 5": 2_494_208, "Up 4": 624_512, "Up 3": 156_608, "Up 2": 39_392, "Up 1": 9_968, "Up 0": 2_552,
    "Final": 57,
}  # fmt: skip
"""Table 1: parameters of each layer. The row here called Up 0 is its last one called Bottleneck."""

IMAGE = (1024, 640)
"""Section 5: wires and drift pixels of the images, which are half those of the detector."""
FILTERS = 16
"""Section 6: filters of the first layer of the reference models (table 1 has 8)."""
BATCH = 8
"""Section 7: events in a step, one at a time on a device."""
RATE = 3e-4
"""Section 7: learning rate of RMSprop."""


class Metrics(NamedTuple):
    """A row of table 2: means over the images."""

    non_background_accuracy: float
    iou_cosmic: float
    iou_neutrino: float
    mean_iou: float


TABLE_2 = {
    "multi-plane U-ResNet": Metrics(0.951, 0.908, 0.606, 0.757),
    "concatenated connections": Metrics(0.947, 0.898, 0.609, 0.753),
    "cross-plane blocked": Metrics(0.942, 0.898, 0.571, 0.734),
    "batch size x 2": Metrics(0.956, 0.914, 0.698, 0.806),
    "convolutional upsampling": Metrics(0.938, 0.898, 0.539, 0.718),
    "half the filters": Metrics(0.930, 0.887, 0.457, 0.672),
    "no loss balance": Metrics(0.913, 0.882, 0.544, 0.713),
    "larger learning rate": Metrics(0.896, 0.852, 0.447, 0.649),
    "non residual": Metrics(0.944, 0.904, 0.584, 0.744),
    "Adam": Metrics(0.904, 0.852, 0.509, 0.680),
    "full balance": Metrics(0.940, 0.720, 0.339, 0.530),
}
"""Table 2: metrics of each network on the test sample."""
BEST = "batch size x 2"
"""Section 7: the network whose results section 8 shows."""

OCCUPANCY = {"charged": 11_000.0, "cosmic": 2_300.0, "neutrino": 250.0}
"""Section 7: pixels of an image, about: with any activity, from cosmic particles, from the neutrino."""
OVERLAP = 0.5
"""Section 5: share of the events in which cosmic and neutrino overlap in at least one plane, about."""
