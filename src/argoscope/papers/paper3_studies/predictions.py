"""The networks that the studies look at, and their answers on whole planes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from argoscope.analyses.five_class import Tally
from argoscope.events import Event, Image
from argoscope.models.weights import Model
from argoscope.papers.finished import described, finished_models
from argoscope.papers.paper3_studies.sizes import COLLECTION, PLANES, Sizes, recipe_of
from argoscope.papers.predicting import predicted
from argoscope.papers.samples import Sample
from argoscope.papers.scan import trained
from argoscope.papers.study import Context

__all__ = ["DEFAULT", "View", "model_for", "models_of", "plane_tallies", "planes_of", "viewed_tallies"]

DEFAULT = "five-class-2d"
"""Model of the headline rows unless another is named."""


def models_of(context: Context) -> list[Model]:
    """The finished models for planes: those that were asked for, or the shipped one if the package has it."""
    return finished_models(context, DEFAULT, dimensions=2)


def planes_of(model: Model) -> tuple[int, ...]:
    """Projection numbers of the planes that a model reads."""
    return model.card.preparation.planes or tuple(PLANES)


def model_for(context: Context, sizes: Sizes) -> tuple[Model, str]:
    """A network that reads the collection plane, and what it is: a finished one, else that of the scans."""
    for model in models_of(context):
        if COLLECTION in planes_of(model):
            return model, described(model.card)
    recipe = recipe_of(sizes, (COLLECTION,))
    model = trained(context, recipe).model(sizes.chosen or None)
    how = f"No finished model: the network of the study planes for Y, 5-{sizes.filters}, {sizes.steps} steps of {sizes.batch} events."
    return model, how


View = Callable[[Event, Image], Image]
"""The image of an event with other labels, such as none where a pixel is not to be counted."""


def plane_tallies(context: Context, model: Model, sample: Sample) -> dict[int, Tally]:
    """Confusion matrices of a sample, by the planes that the model reads.

    Returns
    -------
    dict of int to Tally
        By projection number; one image an event.
    """
    (tallies,) = viewed_tallies(context, model, sample, (lambda _, image: image,))
    return tallies


def viewed_tallies(
    context: Context, model: Model, sample: Sample, views: Sequence[View]
) -> list[dict[int, Tally]]:
    """The same against several views of the truth, predicted once."""
    tallies = [{plane: Tally() for plane in planes_of(model)} for _ in views]
    for event, found in predicted(context, model, sample, planes_of(model)):
        for image, answer in zip(event.images, found, strict=True):
            for view, counted in zip(views, tallies, strict=True):
                counted[image.grid.projection].add(view(event, image), answer.labels)
    return tallies
