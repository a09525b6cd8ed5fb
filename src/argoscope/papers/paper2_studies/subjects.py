"""The networks that the studies look at, and what they say of a sample."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from argoscope.analyses.track_shower import Tally
from argoscope.events.labels import TRACK_SHOWER, scheme_named
from argoscope.inference.evaluate_track_shower import count_event
from argoscope.models.weights import Model
from argoscope.papers.finished import described, finished_models, left_out
from argoscope.papers.paper2_studies.sizes import Sizes, sparse_recipe
from argoscope.papers.predicting import predicted
from argoscope.papers.samples import Sample
from argoscope.papers.scan import trained
from argoscope.papers.study import Context

__all__ = ["DEFAULT", "Subject", "finished_of", "subject_for", "subjects_of", "tallied", "what_is_missing"]

DEFAULT = "track-shower-2d"
"""Model of the headline rows unless another is named."""
TASKS = ("track-shower", "five-class")
"""Of models that tell showers from tracks: five classes are mapped."""


class Subject(NamedTuple):
    """A network, its name in the report, and what it is for notes."""

    name: str
    model: Model
    how: str


def finished_of(context: Context, default: str, tasks: tuple[str, ...]) -> list[Model]:
    """The named models of some tasks; where none of those is, the default if the package has it."""
    unnamed = replace(context, settings={**context.settings, "models": []})
    named, shipped = (finished_models(each, default, dimensions=2) for each in (context, unnamed))
    return [m for m in named if m.card.task in tasks] or [m for m in shipped if m.card.task in tasks]


def subjects_of(context: Context, sizes: Sizes) -> list[Subject]:
    """The finished models; where there are none, the sparse network of the scans."""
    models = finished_of(context, DEFAULT, TASKS)
    if models:
        return [Subject(model.card.name, model, described(model.card)) for model in models]
    run = trained(context, sparse_recipe(sizes))
    how = (
        f"No finished model: the sparse network of the study weighting, {sizes.filters} filters, {sizes.steps} steps of "
        f"{sizes.batch} crops."
    )
    return [Subject("trained-here", run.model(), how)]


def subject_for(context: Context, sizes: Sizes) -> Subject:
    """The first of them."""
    return subjects_of(context, sizes)[0]


def what_is_missing(context: Context) -> str:
    """That there are no finished weights, and how to make them; "" where there are."""
    if finished_of(context, DEFAULT, TASKS):
        return ""
    said = left_out("", DEFAULT).text.removeprefix("Left out: ")
    return f"No finished weights: {said}\n\nUntil then the numbers below are of the small network that this reproduction trains."


def tallied(context: Context, model: Model, sample: Sample) -> Tally:
    """What is counted of the answers to a sample; one image an event of crops."""
    tally, scheme = Tally(), scheme_named(model.card.scheme)
    planes = model.card.preparation.planes
    for number, (event, answers) in enumerate(predicted(context, model, sample)):
        count_event(
            tally, event, [answer.labels for answer in answers], scheme,
            scores=[answer.scores for answer in answers] if scheme == TRACK_SHOWER else (),
            planes=planes, number=number, where={"entry": number},
        )  # fmt: skip
    return tally
