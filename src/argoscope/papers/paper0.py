"""Paper 0 reproduced: cosmic rays and neutrinos told apart in SBND's three planes, pixel by pixel.

Small: two cores, under half an hour. Networks of the scans have a quarter of
the filters and see an eighth of the paper's resolution; finished weights give
the headline rows at full resolution. Full: the paper's own images and width.

References
----------
SBND, Front. Artif. Intell. 4 (2021) 649917, arXiv:2012.01301.
"""

from __future__ import annotations

from argoscope.papers.citations import CITATIONS
from argoscope.papers.paper0_studies import (
    blurring,
    dense_sparse,
    energy,
    headline,
    mixing,
    parameters,
    pictures,
    sample,
    selection,
    variants,
)
from argoscope.papers.paper0_studies.sizes import FULL, SMALL
from argoscope.papers.reproduction import Paper, Part

__all__ = ["PAPER"]

_TRAINING = "images of 1024 x 640 pixels, 16 filters, 100,000 steps of 8 events: about five months of two cores a network"

PAPER = Paper(
    name="paper0",
    title="Paper 0: cosmic ray background removal with deep neural networks in SBND",
    reference=(
        f"{CITATIONS['paper 0']} (CosmicTagger): every table and figure that simulation "
        "can give. A pixel that cosmic and neutrino share counts as neutrino, as in the paper."
    ),
    measures=(
        "Acc. non 0 is the share of the true cosmic and neutrino pixels that are called so; IoU of a class is its pixels both true "
        "and predicted over those that are either. Both are means over planes, after the paper's halving of the images. Numbers "
        "in brackets are intervals that hold 68 %."
    ),
    sizes={"small": SMALL, "full": FULL},
    parts=(
        Part("table1", parameters.find, ""),
        Part("sample", sample.find, "10,000 events in place of 500: half an hour to simulate"),
        Part("headline", headline.find, "10,000 test events in place of 500: two hours", of_models=True),
        Part("table2", variants.find, _TRAINING),
        Part("blurring", blurring.find, f"networks of table2: {_TRAINING}"),
        Part(
            "mixing",
            mixing.find,
            "full resolution, 16 filters, 20,000 steps of 4 events: 14 hours of two cores a network; the dense ones of table2",
        ),
        Part(
            "dense",
            dense_sparse.find,
            "16 filters in the dense network; both trained at the sizes of table2 and mixing",
        ),
        Part("energy", energy.find, "10,000 test events in place of 500: as headline", of_models=True),
        Part(
            "selection",
            selection.find,
            "10,000 events with and without neutrino in place of 500 and 300: four hours",
            of_models=True,
        ),
        Part("display", pictures.find, "", of_models=True),
    ),
)
"""The reproduction of paper 0."""
