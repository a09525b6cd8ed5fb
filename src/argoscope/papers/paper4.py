"""Paper 4 reproduced: what simulation can give of its tables and figures.

Small: two cores, under half an hour. Samples are windows and networks a
quarter as wide; finished weights give the headline rows. Full: the paper's own
events, steps and widths, which take weeks without accelerators.

References
----------
Domine & Terao, Phys. Rev. D 102 (2020) 012005, arXiv:1903.05663.
"""

from __future__ import annotations

from argoscope.papers.citations import CITATIONS
from argoscope.papers.paper4_studies import (
    architecture,
    costs,
    dense_sparse,
    headline,
    image_sizes,
    labels,
    limits,
    michel,
    mistakes,
    occupancy,
    uniformity,
)
from argoscope.papers.paper4_studies.sizes import FULL, SMALL
from argoscope.papers.reproduction import Paper, Part

__all__ = ["PAPER"]

PAPER = Paper(
    name="paper4",
    title="Paper 4: scalable deep convolutional networks for sparse, locally dense LArTPC data",
    reference=(f"{CITATIONS['paper 4']}: every table and figure that simulation can give."),
    measures=(
        "Accuracies are fractions of the non-zero pixels, mean over events. Numbers in brackets are intervals that hold 68 %."
    ),
    sizes={"small": SMALL, "full": FULL},
    parts=(
        Part("sample", occupancy.find, "20,000 events of each size in place of 500"),
        Part("headline", headline.find, "20,000 test events in place of 500 and 100", of_models=True),
        Part("table3", architecture.find, "512 px images, 8 to 32 filters, 30,000 steps of 64 events"),
        Part(
            "table4",
            image_sizes.find,
            "images of 192, 512 and 768 px; 16 filters; the realism guard on a finished network",
        ),
        Part("table5", labels.find, "512 px images, 32 filters, 30,000 steps of 64 events"),
        Part(
            "dense",
            dense_sparse.find,
            "training the dense network at 192 px with 16 filters (the paper: 212 h on a V100)",
        ),
        Part("scores", uniformity.find, "512 px images, 16 filters, batch 88, 40,000 steps"),
        Part(
            "costs",
            costs.find,
            "dense training at 192 px (over 100 GB), dense inference at batch 4, 2D batches to 88 and 1,000",
        ),
        Part("limits", limits.find, "the curve of data up to 80,000 events"),
        Part("michel", michel.find, "20,000 test events in place of 500", of_models=True),
        Part("mistakes", mistakes.find, "20,000 test events in place of 500", of_models=True),
    ),
)
"""The reproduction of paper 4."""
