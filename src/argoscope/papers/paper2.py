"""Paper 2 reproduced: tracks and showers in crops of MicroBooNE's collection plane.

Small: two cores, under half an hour. Sparse networks have their full width and
few steps, the dense one a quarter of its width and windows; finished weights
give the headline rows. Full: the paper's own events, steps and width.

References
----------
MicroBooNE, Phys. Rev. D 99, 092001 (2019), arXiv:1808.07269.
"""

from __future__ import annotations

from argoscope.papers.citations import CITATIONS
from argoscope.papers.paper2_studies import (
    dense_sparse,
    gain,
    hand_samples,
    headline,
    masking,
    parameters,
    pictures,
    planes,
    sample,
    transfer,
    weighting,
)
from argoscope.papers.paper2_studies.sizes import EPOCHS, FULL, SMALL
from argoscope.papers.reproduction import Paper, Part

__all__ = ["PAPER"]

_TRAINING = f"100,000 crops, {EPOCHS} epochs in steps of 60, RMSProp"
_DENSE = (
    f"the published dense network on whole crops: {_TRAINING}; most of a year on one CPU core, so take a GPU"
)
_MANY = "20,000 events of each sample in place of 100"

PAPER = Paper(
    name="paper2",
    title="Paper 2: track and shower pixels by a deep neural network in MicroBooNE",
    reference=(
        f"{CITATIONS['paper 2']} (U-ResNet, SSNet): every table and figure that simulation "
        "can give. Its data, and labels by physicists, are not here."
    ),
    measures=(
        "Pixels below 10 PIU are not counted. ICPF: share of an image's pixels that are called anything but what they are. All "
        "numbers are fractions; those in brackets are intervals that hold 68 %."
    ),
    sizes={"small": SMALL, "full": FULL},
    parts=(
        Part("sample", sample.find, "20,000 crops of each sample in place of 500"),
        Part("parameters", parameters.find, ""),
        Part("headline", headline.find, "20,000 crops of each sample in place of 500", of_models=True),
        Part("dense-sparse", dense_sparse.find, _DENSE),
        Part("weighting", weighting.find, _TRAINING),
        Part("transfer", transfer.find, _TRAINING),
        Part("hand-samples", hand_samples.find, _MANY, of_models=True),
        Part("gain", gain.find, _MANY, of_models=True),
        Part("masking", masking.find, "", of_models=True),
        Part("planes", planes.find, f"500 planes in place of 8, and {_DENSE}", of_models=True),
        Part("display", pictures.find, "", of_models=True),
    ),
)
"""The reproduction of paper 2."""
