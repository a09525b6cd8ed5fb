"""The network that the studies of section 8 look at: a finished one, or else the sparse one of the scans."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from argoscope.analyses.selection import PAPER_CUTS, Cuts
from argoscope.models.weights import Model
from argoscope.papers.finished import described, finished_models
from argoscope.papers.paper0_studies.sizes import Sizes, reduced, sparse_recipe, whole
from argoscope.papers.samples import Sample, sample_file
from argoscope.papers.scan import trained
from argoscope.papers.study import Context

__all__ = ["DEFAULT", "Subject", "models_of", "subject_for"]

DEFAULT = "cosmic-tagger-sbnd"
"""Model of the headline rows unless another is named."""
TASK = "cosmic-tagging"


class Subject(NamedTuple):
    """A network and the images it reads.

    Parameters
    ----------
    model : Model
    how : str
        What it is, for notes.
    reduction : int
        Pixels of the detector's image along each axis that its images make one.
    """

    model: Model
    how: str
    reduction: int

    def sample(self, sizes: Sizes, preset: str = "sbnd") -> Sample:
        """Test events of a preset as the network reads them."""
        return reduced(sizes, "test", preset) if self.reduction > 1 else whole(sizes, preset)

    def file(self, context: Context, sizes: Sizes, preset: str = "sbnd") -> Path:
        """Their file."""
        return sample_file(context, self.sample(sizes, preset))

    @property
    def cuts(self) -> Cuts:
        """The paper's cuts; in smaller images a track has that many fewer pixels, and drifts are that much nearer."""
        return Cuts(PAPER_CUTS.least_pixels // self.reduction, PAPER_CUTS.most_separation / self.reduction)


def models_of(context: Context) -> list[Model]:
    """The finished models for cosmic tagging: those that were asked for, or the shipped one if the package has it."""
    return [model for model in finished_models(context, DEFAULT, dimensions=2) if model.card.task == TASK]


def subject_for(context: Context, sizes: Sizes) -> Subject:
    """The first finished model, else the sparse network that the scans train."""
    for model in models_of(context):
        return Subject(model, described(model.card), 1)
    run = trained(context, sparse_recipe(sizes, seed=sizes.seeds[0]))
    how = (
        f"No finished model: the mixed network of the study mixing, {sizes.sparse_depth}-{sizes.sparse_filters}, "
        f"{sizes.sparse_steps} steps of {sizes.sparse_batch} events."
    )
    return Subject(run.model(), how, sizes.reduced)
