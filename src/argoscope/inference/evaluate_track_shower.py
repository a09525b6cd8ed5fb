"""Tracks and showers of whole files: paper 2's errors of predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from argoscope.analyses.track_shower import Tally, report
from argoscope.analyses.vertex_kinematics import kinematics_of
from argoscope.detectors.presets import PRESETS
from argoscope.detectors.vertices import near_vertex, vertex_pixels
from argoscope.errors import InvalidArgument
from argoscope.events import TRACK_SHOWER, Event, Image, LabelScheme, convert_labels
from argoscope.events.labels import CONVERSIONS
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.layouts import values_at
from argoscope.inference.products import (
    described_model,
    each_once,
    models_in,
    predicted_labels,
    predicted_product,
    require_scheme,
    require_true_classes,
)
from argoscope.training.tasks import as_track_shower
from argoscope.training.weighting import VERTEX_PIXELS, ImagePixels, weighting_named
from argoscope.typing import PathLike

__all__ = ["count_event", "evaluate_track_shower"]

_WEIGHTING = weighting_named("paper2")
_SCORES = tuple(f"sparse2d_argoscope_score_{name}" for name in TRACK_SHOWER.classes)


def evaluate_track_shower(paths: Sequence[PathLike]) -> dict[str, Any]:
    """Evaluate the predictions of some files against their true tracks and showers.

    Truth and predictions of five classes, or of shapes, are mapped. In the
    weighted numbers every particle of an image counts the same, and so does
    what lies at a vertex (paper 2's categories); where the detector is unknown
    by name no pixel lies at one.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict` with true classes, of wire planes.

    Returns
    -------
    dict
        See `argoscope.analyses.track_shower.report`; also ``models``.

    Raises
    ------
    InvalidArgument
        If a file has no predictions, no truth, other labels or a volume, or the files together no event.
    """
    tally, events = Tally(), 0
    for path in each_once(paths):
        with Larcv3File(path) as file:
            planes = described_model(file.header).get("planes")
            for index in range(len(file)):
                _count(file, index, planes, tally, events)
                events += 1
                say("evaluating events", index + 1, len(file))
    if not tally.pixels:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    return {**report(tally), "models": models_in(paths)}


def _count(file: Larcv3File, index: int, planes: Sequence[int] | None, tally: Tally, number: int) -> None:
    """Count the images of one event, by its number among all, of some planes; of all if none is named."""
    event, product = file.event(index), predicted_product(file, 2)
    scheme = file.header.schemes.get(product)
    _require_mapped(scheme, f"the predictions of {file.path} ({product})")
    require_true_classes(event, file.path)
    _require_mapped(event.images[0].labels["semantic"].scheme, f"the true classes of {file.path}")
    record = file.record(index, [product, *(name for name in _SCORES if name in file.products)])
    found = predicted_labels(record, event, scheme or TRACK_SHOWER)
    scores = [_scores(record.products, position, image) for position, image in enumerate(event.images)]
    where = {"file": file.path.name, "entry": index, **event.id._asdict()}
    count_event(
        tally, event, found, scheme or TRACK_SHOWER, scores=scores, planes=planes, number=number, where=where
    )


def count_event(
    tally: Tally,
    event: Event,
    labels: Sequence[np.ndarray],
    scheme: LabelScheme,
    *,
    scores: Sequence[np.ndarray | None] = (),
    planes: Sequence[int] | None = None,
    number: int | None = None,
    where: Mapping[str, Any] | None = None,
) -> None:
    """Count the images of an event, with paper 2's weights of pixels and its kinematics.

    Parameters
    ----------
    tally : Tally
        Gets the images.
    event : Event
        With true classes that can be mapped to tracks and showers.
    labels : sequence of ndarray, shape (n,), int32
        Predicted class of every pixel of each image.
    scheme : LabelScheme
        Of the predictions.
    scores : sequence of ndarray, shape (n, 3), optional
        Scores of background, shower and track of each image; none are counted by default.
    planes : sequence of int, optional
        Projection numbers of those that are counted; all by default.
    number : int, optional
        Number of the event among all; by default every image is an event of its own.
    where : mapping, optional
        Which event it is, for the list of the worst.
    """
    kinematics = kinematics_of(event.particles, event.energy_unit)
    for position, image in enumerate(as_track_shower(event).images):
        if planes and image.grid.projection not in planes:
            continue
        tally.add(
            image,
            convert_labels(labels[position], scheme, TRACK_SHOWER, allow_lossy=True),
            weights=_weights(event, image),
            scores=scores[position] if scores else None,
            kinematics=kinematics,
            event=number,
            where={**(where or {}), "plane": image.grid.projection},
        )


def _require_mapped(scheme: LabelScheme | None, what: str) -> None:
    """Refuse labels that are no tracks and showers, and cannot be mapped to them."""
    if scheme is None or (scheme.name, TRACK_SHOWER.name) not in CONVERSIONS:
        require_scheme(scheme, TRACK_SHOWER, what)


def _weights(event: Event, image: Image) -> np.ndarray:
    """Paper 2's weight of every pixel, 0 where it has no label; shape (n,)."""
    column = image.label("semantic")
    owner = image.labels.get("instance")
    vertices = (
        vertex_pixels(event, image.grid) if event.detector in PRESETS else np.zeros((0, 2), dtype=np.int32)
    )
    pixels = ImagePixels(
        image.coordinates,
        column.values,
        np.full(len(image), -1) if owner is None else owner.values,
        near_vertex(image.coordinates, vertices, VERTEX_PIXELS),
    )
    weights = np.zeros(len(image))
    if column.labelled.any():
        weights[column.labelled] = _WEIGHTING.weigh(ImagePixels(*(part[column.labelled] for part in pixels)))
    return weights


def _scores(products: Mapping[str, Any], position: int, image: Image) -> np.ndarray | None:
    """Score of each class of every pixel of one image, shape (n, 3); None where the file has not all."""
    if any(name not in products for name in _SCORES):
        return None
    return np.column_stack([values_at(image.ids, products[name][position], 0) for name in _SCORES])
