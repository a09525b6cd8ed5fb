"""Instances of the planes of an event, by a network with its card."""

from __future__ import annotations

import numpy as np
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, Event, Record
from argoscope.events.instances import Instances
from argoscope.inference.instance_products import no_instances, with_instances
from argoscope.inference.segmentation import seen_pixels
from argoscope.models.found import found_instances
from argoscope.models.weights import Model
from argoscope.training.data import collate
from argoscope.training.pixels import tensor_of

__all__ = ["find_instances", "instance_record"]

TASK = "instances"


def find_instances(model: Model, event: Event, *, gain: float | None = None) -> tuple[Instances, ...]:
    """Find the interactions on the planes of an event.

    Parameters
    ----------
    model : Model
        Of the task "instances".
    event : Event
    gain : float
        Multiplied to the charge, where the file's differs from the one the network was trained on.

    Returns
    -------
    tuple of Instances
        One a plane of the event, none on planes that the network does not read; classes are those of `ANCESTOR`.

    Raises
    ------
    InvalidArgument
        If the model is of another task, or the event has not the dimensions, charge unit, planes or sides of images
        that the network needs.
    """
    if model.card.task != TASK:
        raise InvalidArgument(
            f"the model {model.card.name!r} is of the task {model.card.task!r}: choose one of {TASK!r}; "
            "`argoscope models` lists them"
        )
    planes, item = seen_pixels(model, event, gain)
    with torch.no_grad():
        found = found_instances(model.network(tensor_of(collate([item]), model.network)))
    number, row = item["coordinates"][:, 0].numpy(), item["row"].numpy()
    starts = np.cumsum([0, *map(len, planes.images)])
    said = {
        image.grid.projection: found[k].on(image.grid, image.ids[row[number == k] - starts[k]])
        for k, image in enumerate(planes.images)
    }
    return tuple(said.get(i.grid.projection) or no_instances(i.grid, ANCESTOR) for i in event.images)


def instance_record(model: Model, event: Event, gain: float | None) -> Record:
    """The predicted instances of an event alone, as products."""
    return with_instances(Record(event.id, {}), find_instances(model, event, gain=gain))
