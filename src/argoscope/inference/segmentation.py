"""Class scores and labels of the pixels of an event, by a network with its card."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import Event, LabelScheme
from argoscope.events.labels import scheme_named
from argoscope.models.planes import scores_of
from argoscope.models.preparation import chosen_planes, windowed
from argoscope.models.weights import Model
from argoscope.sparse import SparseTensor
from argoscope.training.data import Item, tensors_of

__all__ = ["Segmentation", "segment"]


@dataclass(frozen=True)
class Segmentation:
    """What a network says of one image.

    Parameters
    ----------
    labels : ndarray, shape (n,), int32
        Class of highest score of each pixel; the scheme's `unlabelled` for pixels the network did not see,
        because their charge is outside its window or it does not read the plane.
    scores : ndarray, shape (n, classes), float32
        After softmax; 0 for pixels the network did not see.
    """

    labels: np.ndarray
    scores: np.ndarray


def segment(model: Model, event: Event, *, gain: float = 1.0) -> tuple[Segmentation, ...]:
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
    _require_fit(model, event, gain)
    card, scheme = model.card, scheme_named(model.card.scheme)
    seen = chosen_planes(event, card.preparation.planes, card.preparation.shape)
    item = tensors_of(seen)
    rows = torch.arange(len(item["coordinates"]))
    item = windowed({**item, "features": item["features"] * gain, "row": rows}, card.preparation)
    scores = np.zeros((len(rows), len(scheme.classes)), np.float32)
    kept = item["row"].numpy()
    scores[kept] = _scores(model, item).softmax(dim=1).numpy()
    labels = np.full(len(rows), scheme.unlabelled, np.int32)
    labels[kept] = scores[kept].argmax(axis=1)
    ends = np.cumsum([0, *map(len, seen.images)])
    found = {
        image.grid.projection: Segmentation(labels[a:b], scores[a:b])
        for image, (a, b) in zip(seen.images, pairwise(ends), strict=True)
    }
    return tuple(found.get(i.grid.projection) or _unseen(len(i), scheme) for i in event.images)


def _scores(model: Model, item: Item) -> torch.Tensor:
    x = SparseTensor.from_coordinates(
        item["coordinates"], item["features"], shape=item["shape"], batch_size=item["images"]
    )
    with torch.no_grad():
        return scores_of(model.network, x, item["images_of"]).in_given_order()


def _unseen(pixels: int, scheme: LabelScheme) -> Segmentation:
    return Segmentation(
        np.full(pixels, scheme.unlabelled, np.int32), np.zeros((pixels, len(scheme.classes)), np.float32)
    )


def _require_fit(model: Model, event: Event, gain: float) -> None:
    """Refuse an event of another kind than the network was trained on."""
    card = model.card
    dimensions = card.network.get("dimensions")
    if event.dimensions != dimensions:
        raise InvalidArgument(
            f"the model {card.name!r} reads images of {dimensions} dimensions and {event.id} has {event.dimensions}; "
            "choose another model: `argoscope models` lists them"
        )
    if event.charge_unit != card.charge_unit and gain == 1.0:
        raise InvalidArgument(
            f"the model {card.name!r} was trained on charge in {card.charge_unit} and {event.id} has "
            f"{event.charge_unit}; give the factor between them as gain (--gain)"
        )
