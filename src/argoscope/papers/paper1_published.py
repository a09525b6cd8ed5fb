"""The numbers of paper 1, typed from its text and tables.

What its networks reach, its working points and its ratios of events stand where
they are measured: `argoscope.analyses.instances`, `positive` and `veto`. Its
figures are pictures without numbers, but for those that the text repeats.

References
----------
MicroBooNE, JINST 17 (2022) P09015, arXiv:2201.05705.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "ACTIVE_SHARE",
    "CLASSES",
    "CLASS_OF",
    "DEAD_WIRES",
    "EPOCHS",
    "EVENTS",
    "MIP_PEAK",
    "PRINTED_RATIOS",
    "RUNTIMES",
    "Runtime",
    "Trained",
]


class Runtime(NamedTuple):
    """Wall seconds of one image of 3456 x 1008 pixels on a Core i9-9820X."""

    dense: float
    sparse: float


RUNTIMES = {"backbone": Runtime(3.172, 0.1758), "whole": Runtime(8.438, 5.79)}
"""Table 1: the ResNet, and the whole network."""


class Trained(NamedTuple):
    """Interactions of a class that each network was trained on; None where the sparse one ignores the class."""

    dense: int
    sparse: int | None


CLASSES = {
    "cosmic ray muon": Trained(2_708_730, 786_050),
    "electron neutrino": Trained(97_034, 39_296),
    "neutron": Trained(26_072, None),
    "proton": Trained(5_738, None),
    "electron": Trained(155, None),
    "other": Trained(75_026, None),
}
"""Table 2."""
CLASS_OF = {
    "cosmic ray muon": "cosmic", "electron neutrino": "neutrino", "neutron": "neutron", "proton": "proton",
    "electron": "electron", "other": "other",
}  # fmt: skip
"""Our names of its classes."""

EVENTS = {"train": 40_000, "validation": 9_400}
"""Section 3.4: whole images that the sparse network was trained on, and those that both were measured on."""
EPOCHS = 3
"""Section 3.4: of the sparse network."""
ACTIVE_SHARE = 0.007
"""Section 3.2: share of an image's pixels that are not zero, about."""
DEAD_WIRES = 0.10
"""Section 3.1: share of the collection plane's wires that do not respond, about."""
MIP_PEAK = 40.0
"""Section 3.1: most frequent pixel value of minimum-ionizing particles, about, in PIU."""

PRINTED_RATIOS = {
    "full tagger": {"nue": 1.26, "low_energy": 0.015},
    "network and full tagger": {"nue": 4.14, "low_energy": 0.56},
}
"""Section 5.2: signal over background as printed; they do not follow from table 3 (see `argoscope.analyses.veto`)."""
