"""What a model says of an event, as products of a file: by what its task learns.

=========  ====================================================================
learns     products
=========  ====================================================================
pixels     class and scores of every pixel (`argoscope.inference.products`)
instances  sets of pixels with scores (`argoscope.inference.instance_products`)
=========  ====================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from argoscope.events import ANCESTOR, Event, Record
from argoscope.events.labels import scheme_named
from argoscope.files.header import Header
from argoscope.inference.instance_products import instances_header
from argoscope.inference.instances import instance_record
from argoscope.inference.products import predicted_header, segmentation_record, without_predictions
from argoscope.inference.segmentation import segment
from argoscope.models.weights import Model
from argoscope.training.tasks import task_named

__all__ = ["answer_header", "answer_of"]


@dataclass(frozen=True)
class _Answer:
    """The predictions of an event alone, and the header of a file that has them."""

    record: Callable[[Model, Event, float | None], Record]
    header: Callable[[Model, Header, int], Header]


def _classes(model: Model, event: Event, gain: float | None) -> Record:
    return segmentation_record(event, segment(model, event, gain=gain), scheme_named(model.card.scheme))


_ANSWERS: Mapping[str, _Answer] = {
    "pixels": _Answer(
        _classes,
        lambda model, header, dimensions: predicted_header(
            header, dimensions, scheme_named(model.card.scheme)
        ),
    ),
    "instances": _Answer(
        instance_record,
        lambda _model, header, _dimensions: instances_header(without_predictions(header), ANCESTOR),
    ),
}
"""By what a task learns."""


def answer_of(model: Model, event: Event, gain: float | None) -> Record:
    """The predictions of an event alone.

    Parameters
    ----------
    model : Model
    event : Event
    gain : float or None
        Multiplied to the charge; None leaves it, and its unit must be the model's.
    """
    return _of(model).record(model, event, gain)


def answer_header(model: Model, header: Header, dimensions: int) -> Header:
    """Header of a file whose events have `dimensions` axes, with the model's predictions in place of earlier ones."""
    return _of(model).header(model, header, dimensions)


def _of(model: Model) -> _Answer:
    return _ANSWERS[task_named(model.card.task).learns]
