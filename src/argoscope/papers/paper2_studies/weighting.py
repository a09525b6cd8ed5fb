"""Section IV B and figure 5: the paper's weights of pixels, one weight a class, and none."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.track_shower import report
from argoscope.papers.paper2_studies.rows import WORDS, cells
from argoscope.papers.paper2_studies.sizes import Sizes, crops, sparse_recipe
from argoscope.papers.paper2_studies.subjects import tallied
from argoscope.papers.paper2_studies.training import curves
from argoscope.papers.scan import trained
from argoscope.papers.study import Context, Section, Table

__all__ = ["WEIGHTINGS", "find"]

WEIGHTINGS: dict[str, dict[str, Any]] = {
    "pixel-wise (paper 2)": {},
    "class-wise": {"weighting": "inverse", "reduction": "event-mean"},
    "none": {"weighting": "none", "reduction": "event-mean"},
}
"""What each training changes in the paper's."""


def find(context: Context, sizes: Sizes) -> Section:
    """Train the sparse network with each weighting, and test it on the same crops."""
    runs = {label: trained(context, sparse_recipe(sizes, **change)) for label, change in WEIGHTINGS.items()}
    found = {label: report(tallied(context, run.model(), crops(sizes, "test"))) for label, run in runs.items()}  # fmt: skip
    note = (
        f"Sparse network, {sizes.filters} filters, {sizes.steps} steps of {sizes.batch} crops; {crops(sizes, 'test').said()}. "
        "Intervals hold 68 %, over events; chance in the training is not in them."
    )
    plain = tuple((label, *cells(answer)) for label, answer in found.items())
    weighted = tuple((label, *cells(answer["weighted"])) for label, answer in found.items())
    return Section(
        "Section IV B, figure 5: weights of pixels",
        "Pixel-wise: 1 over the pixels of a category, which are charge at the vertex and each particle by itself (and two of "
        "background, where a network answers it). Class-wise: 1 over the pixels of the class in the image, and over the classes "
        "there. None: the mean over the pixels of the image, as with their sum steps would be as large as images are full. All are "
        "averaged over images. The paper finds other losses worse or comparable, and gives no number.",
        (
            Table("Test sample", ("weights", *WORDS.values()), plain, note),
            Table("The same, every particle counting the same", ("weights", *WORDS.values()), weighted, note),
        ),
        (curves(context, "figure5", "Figure 5: loss and ICPF along the training", runs, note),),
    )
