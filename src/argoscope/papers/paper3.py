"""Paper 3 reproduced: MicroBooNE's five classes of pixels on whole planes, and what they are used for.

Small: two cores, under half an hour. Networks of the scans are a quarter as
wide and see windows; finished weights give the headline rows on whole planes.
Full: the paper's own events, steps and width.

References
----------
MicroBooNE, Phys. Rev. D 103 (2021) 052012, arXiv:2012.08513.
"""

from __future__ import annotations

from argoscope.papers.citations import CITATIONS
from argoscope.papers.paper3_studies import (
    clusters,
    headline,
    pictures,
    planes,
    sample,
    speed,
    variations,
    weighting,
)
from argoscope.papers.paper3_studies.sizes import FULL, SMALL
from argoscope.papers.reproduction import Paper, Part

__all__ = ["PAPER"]

_TRAINING = "windows of 512 px, 32 filters, 120,000 events, 15 epochs in steps of 64"

PAPER = Paper(
    name="paper3",
    title="Paper 3: semantic segmentation with a sparse network for event reconstruction in MicroBooNE",
    reference=(
        f"{CITATIONS['paper 3']} (SparseSSNet): every table and figure that simulation can "
        "give. Labels are the paper's: of particles that share a pixel the first of HIP, MIP, shower, delta, Michel."
    ),
    measures=(
        "Accuracies are fractions of all labelled pixels with 10 to 300 PIU. U and V are the induction planes, Y is the "
        "collection plane. Numbers in brackets are intervals that hold 68 %."
    ),
    sizes={"small": SMALL, "full": FULL},
    parts=(
        Part("sample", sample.find, "23,000 events in place of 500"),
        Part(
            "headline",
            headline.find,
            "23,000 test events and 15,000 of each kind of neutrino",
            of_models=True,
        ),
        Part("planes", planes.find, f"the paper's networks: {_TRAINING}"),
        Part("weighting", weighting.find, _TRAINING),
        Part("variations", variations.find, "15,000 events of each variation in place of 30", of_models=True),
        Part(
            "clusters",
            clusters.find,
            "15,000 events of each kind of neutrino in place of 150",
            of_models=True,
        ),
        Part("speed", speed.find, "the dense network on a whole plane (several GB)"),
        Part("display", pictures.find, "", of_models=True),
    ),
)
"""The reproduction of paper 3."""
