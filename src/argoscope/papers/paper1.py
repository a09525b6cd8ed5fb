"""Paper 1 reproduced: interactions on MicroBooNE's collection plane, and events of cosmic rays alone told by them.

Small: two cores, under half an hour. Networks of the scans see windows of 512
pixels; finished weights give the headline rows on whole planes. Full: the
paper's own events and epochs.

References
----------
MicroBooNE, JINST 17 (2022) P09015, arXiv:2201.05705.
"""

from __future__ import annotations

from argoscope.papers.citations import CITATIONS
from argoscope.papers.paper1_studies import (
    ablations,
    classes,
    comparison,
    full_tagger,
    headline,
    pictures,
    sample,
    speed,
    veto,
)
from argoscope.papers.paper1_studies.sizes import FULL, SMALL
from argoscope.papers.reproduction import Paper, Part

__all__ = ["PAPER"]

_TRAINING = "whole planes, 40,000 events, 3 epochs"
_SAMPLES = "9,400 events with a neutrino, 9,400 below 400 MeV and 10,000 without in place of 500, 100 and 250"

PAPER = Paper(
    name="paper1",
    title="Paper 1: cosmic ray muon clustering in MicroBooNE with sparse Mask R-CNN",
    reference=(
        f"{CITATIONS['paper 1']} (sMask-RCNN): every table and figure that simulation can give. "
        "Cosmic rays and neutrinos are simulated; the paper's veto was measured on cosmic rays of its data."
    ),
    measures=(
        "Numbers are of the collection plane, on its active pixels, those of at least 10 PIU. Numbers in brackets are "
        "intervals that hold 68 %."
    ),
    sizes={"small": SMALL, "full": FULL},
    parts=(
        Part("sample", sample.find, _SAMPLES),
        Part("headline", headline.find, "9,400 test events in place of 500", of_models=True),
        Part("classes", classes.find, _SAMPLES, of_models=True),
        Part("veto", veto.find, _SAMPLES, of_models=True),
        Part("tagger", full_tagger.find, _SAMPLES, of_models=True),
        Part("ablations", ablations.find, _TRAINING),
        Part(
            "comparison",
            comparison.find,
            f"{_TRAINING}, all channels; Mask R-CNN with tuned anchors too: a GPU's work",
        ),
        Part("speed", speed.find, ""),
        Part("display", pictures.find, "", of_models=True),
    ),
)
"""The reproduction of paper 1."""
