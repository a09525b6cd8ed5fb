"""The networks that the studies look at: finished ones, or else the one of the scans that we stand behind."""

from __future__ import annotations

from argoscope.inference.instances import TASK
from argoscope.models.weights import Model
from argoscope.papers.finished import described, finished_models
from argoscope.papers.paper1_studies.recipes import HEADS, recipe_of
from argoscope.papers.paper1_studies.sizes import Sizes
from argoscope.papers.scan import trained
from argoscope.papers.study import Context

__all__ = ["DEFAULT", "models_of", "subject_for"]

DEFAULT = "instances-microboone"
"""Model of the headline rows unless another is named."""


def models_of(context: Context) -> list[Model]:
    """The finished models for instances: those that were asked for, or the shipped one if the package has it."""
    return [model for model in finished_models(context, DEFAULT, dimensions=2) if model.card.task == TASK]


def subject_for(context: Context, sizes: Sizes) -> tuple[Model, str]:
    """A network of instances, and what it is: the first finished one, else that of the scans."""
    for model in models_of(context):
        return model, described(model.card)
    recipe = recipe_of(sizes, HEADS[0])
    how = (
        f"No finished model: the seed masks of the study ablations, {sizes.filters} filters, {sizes.steps} steps of "
        f"{sizes.batch} images of {sizes.train_events}"
    )
    return trained(
        context, recipe
    ).model(), f"{how}{f', windows of {sizes.window} pixels' if sizes.window else ''}."
