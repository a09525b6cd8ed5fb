"""Class scores and labels of the pixels of an event, by a network with its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import Event, LabelScheme
from argoscope.events.labels import scheme_named
from argoscope.models.preparation import chosen_planes
from argoscope.models.weights import Model
from argoscope.models.windows import windowed
from argoscope.training.data import Item, collate, tensors_of
from argoscope.training.pixels import PixelScores

__all__ = ["Segmentation", "seen_pixels", "segment", "segment_together"]


@dataclass(frozen=True)
class Segmentation:
    """What a network says of one image.

    Parameters
    ----------
    labels : ndarray, shape (n,), int32
        Class of highest score of each pixel; the scheme's `unlabelled` for pixels the network did not see,
        because their charge is outside its window or it does not read the plane.
    scores : ndarray, shape (n, classes), float32
        After softmax at the temperature of the model's card; 0 for pixels the network did not see.
    """

    labels: np.ndarray
    scores: np.ndarray


def segment(model: Model, event: Event, *, gain: float | None = None) -> tuple[Segmentation, ...]:
    """Classify the pixels of an event.

    Parameters
    ----------
    model : Model
        Of a segmentation task.
    event : Event
    gain : float
        Multiplied to the charge, where the file's differs from the one the network was trained on.

    Returns
    -------
    tuple of Segmentation
        One an image of the event, pixels in its order.

    Raises
    ------
    InvalidArgument
        If the event has not the dimensions, charge unit, planes or sides of images that the network needs.
    """
    (found,) = segment_together(model, [event], gain=gain)
    return found


def segment_together(
    model: Model, events: Sequence[Event], *, gain: float | None = None
) -> list[tuple[Segmentation, ...]]:
    """Classify the pixels of some events in one batch.

    What else is in the batch matters to paper 4's dense network alone, whose norms take the statistics of the batch
    in evaluation too. Events without a pixel in the network's window join no batch.

    Parameters
    ----------
    model, gain
        See `segment`, whose errors this raises too.
    events : sequence of Event

    Returns
    -------
    list of tuple of Segmentation
        What `segment` gives, for each event.
    """
    read = [seen_pixels(model, event, gain) for event in events]
    ends = np.cumsum([0, *(len(item["row"]) for _, item in read)])
    seen = [item for _, item in read if len(item["row"])]
    scheme = scheme_named(model.card.scheme)
    scores = _scores(model, seen) if seen else np.zeros((0, len(scheme.classes)), np.float32)
    return [
        _answer(event, planes, item["row"].numpy(), scores[a:b], scheme)
        for event, (planes, item), (a, b) in zip(events, read, pairwise(ends), strict=True)
    ]


def seen_pixels(model: Model, event: Event, gain: float | None) -> tuple[Event, Item]:
    """The event as far as the network reads it, and its pixels in the window with their ``row`` among all of these.

    Raises
    ------
    InvalidArgument
        If the event has not the dimensions, charge unit, planes or sides of images that the network needs.
    """
    _require_fit(model, event, gain)
    preparation = model.card.preparation
    planes = chosen_planes(event, preparation.planes, preparation.shape)
    item = tensors_of(planes)
    row = torch.arange(len(item["coordinates"]))
    return planes, windowed(
        {**item, "features": item["features"] * (1.0 if gain is None else gain), "row": row}, preparation
    )


def _scores(model: Model, items: Sequence[Item]) -> np.ndarray:
    """Scores of the pixels of some items, one after another, shape (n, classes), float32."""
    with torch.no_grad():
        found = PixelScores(model.network)(collate(items))
        scores: np.ndarray = (found / model.card.temperature).softmax(dim=1).numpy()
    return scores


def _answer(
    event: Event, planes: Event, kept: np.ndarray, found: np.ndarray, scheme: LabelScheme
) -> tuple[Segmentation, ...]:
    """What is said of each image of an event: `found` is of the pixels `kept` of the planes that are read."""
    ends = np.cumsum([0, *map(len, planes.images)])
    scores = np.zeros((ends[-1], len(scheme.classes)), np.float32)
    scores[kept] = found
    labels = np.full(len(scores), scheme.unlabelled, np.int32)
    labels[kept] = found.argmax(axis=1)
    said = {
        image.grid.projection: Segmentation(labels[a:b], scores[a:b])
        for image, (a, b) in zip(planes.images, pairwise(ends), strict=True)
    }
    return tuple(said.get(i.grid.projection) or _unseen(len(i), scheme) for i in event.images)


def _unseen(pixels: int, scheme: LabelScheme) -> Segmentation:
    return Segmentation(
        np.full(pixels, scheme.unlabelled, np.int32), np.zeros((pixels, len(scheme.classes)), np.float32)
    )


def _require_fit(model: Model, event: Event, gain: float | None) -> None:
    """Refuse an event of another kind than the network was trained on."""
    card = model.card
    dimensions = card.network.get("dimensions")
    if event.dimensions != dimensions:
        raise InvalidArgument(
            f"the model {card.name!r} reads images of {dimensions} dimensions and {event.id} has {event.dimensions}; "
            "choose another model: `argoscope models` lists them"
        )
    if event.charge_unit != card.charge_unit and gain is None:
        raise InvalidArgument(
            f"the model {card.name!r} was trained on charge in {card.charge_unit} and {event.id} has "
            f"{event.charge_unit}: choose a model for this detector, or give the factor between the units as gain (--gain)"
        )
