"""A network on an event cut down to parts of a particle: paper 2's masking studies on any event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from argoscope.analyses.five_class import TWO_CLASSES
from argoscope.analyses.masking import (
    LENGTHS,
    particle_masks,
    rows_of_particle,
    stopping_masks,
    stopping_pair,
)
from argoscope.errors import InvalidArgument
from argoscope.events import Event, Image, LabelScheme
from argoscope.events.image import LabelKind
from argoscope.events.labels import scheme_named
from argoscope.files.catalogue import open_events
from argoscope.files.guard import say
from argoscope.inference.segmentation import segment
from argoscope.models.preparation import chosen_planes
from argoscope.models.weights import load_model

__all__ = ["masking_study"]

SCORE_EDGES = np.linspace(0, 1, 11)
"""Of the distribution of scores, as in paper 2's figures."""


def masking_study(
    source: str,
    *,
    model: str,
    entry: int = 0,
    plane: int | None = None,
    particle: int | None = None,
    lengths: Sequence[int] = LENGTHS,
) -> dict[str, Any]:
    """Run a network on pieces of an event.

    Parameters
    ----------
    source : str
        File of events with instances.
    model : str
        Of a segmentation task with classes of tracks and showers.
    entry : int
        Place of the event in the file.
    plane : int, optional
        Projection; by default the first that the model reads.
    particle : int, optional
        Number of the particle whose pieces are made; by default a stopping muon and its Michel electron.
    lengths : sequence of int
        Pixels left.

    Returns
    -------
    dict
        ``source``, ``entry``, ``plane``, ``model``, and ``masks``: of each ``name``, of which ``part`` it is and of which ``length`` (null
        for all of the part), ``pixels``, ``unseen`` (by the network),
        ``track`` and ``shower`` (mean scores), ``shower_share`` (pixels called so), ``histogram`` of the shower score,
        ``coordinates``, ``charge``, ``shower_scores``; ``too_long`` (lengths of which no piece could be made); and
        ``score_edges``.

    Raises
    ------
    InvalidArgument
        If there is no such event, plane or particle, the file has no truth, or the model's classes are no tracks and
        showers.
    """
    loaded = load_model(model)
    scheme = scheme_named(loaded.card.scheme)
    groups = _two_groups(scheme)
    with open_events(source) as file:
        if not 0 <= entry < len(file):
            raise InvalidArgument(
                f"event (={entry}) must be a place in {source}, which has {len(file)} events, counted from 0"
            )
        event = chosen_planes(file.event(entry), loaded.card.preparation.planes)
    image = _image(event, plane, source, loaded.card.name)
    _require_truth(
        image, ("instance",) if particle is not None else ("semantic", "instance"), f"{source}, event {entry}"
    )
    if particle is None:
        masks = stopping_masks(image, *stopping_pair(image), lengths)
    else:
        masks = particle_masks(image, rows_of_particle(image, particle), lengths)
    at = event.images.index(image)
    answers = []
    for number, (piece, rows) in enumerate(masks.items()):
        # The other planes stay, empty: a network of several reads them all.
        images = tuple(
            one.take(rows if place == at else np.zeros(0, int)) for place, one in enumerate(event.images)
        )
        found = segment(loaded, replace(event, images=images))[at]
        numbers = _numbers(images[at], found.labels, found.scores, groups, scheme)
        answers.append({"name": piece.name, **piece._asdict(), **numbers})
        say("masking", number + 1, len(masks))
    return {
        "source": source,
        "entry": entry,
        "plane": image.grid.projection,
        "model": loaded.card.name,
        "masks": answers,
        "too_long": [length for length in lengths if length not in {piece.length for piece in masks}],
        "score_edges": SCORE_EDGES.tolist(),
    }


def _image(event: Event, plane: int | None, source: str, model: str) -> Image:
    """The image of a plane, or the first."""
    if plane is None:
        return event.images[0]
    known = [image.grid.projection for image in event.images]
    if plane not in known:
        raise InvalidArgument(
            f"plane (={plane}) must be one of {known}, those of {source} that {model} reads"
        )
    return event.image(plane)


def _require_truth(image: Image, kinds: Sequence[LabelKind], where: str) -> None:
    """Refuse an image that does not say whose its pixels are."""
    missing = [kind for kind in kinds if kind not in image.labels]
    if missing:
        raise InvalidArgument(
            f"{where} has no true {' and '.join(missing)} labels, by which pieces of particles are cut: give simulated "
            "events (`argoscope simulate`), or predictions on these, which keep their truth"
        )


def _two_groups(scheme: LabelScheme) -> dict[str, list[int]]:
    """Numbers of the classes that are track and shower."""
    if scheme.name == "track-shower":
        return {name: [scheme.index(name)] for name in ("track", "shower")}
    if scheme.name != "five-class":
        raise InvalidArgument(f"the model's classes ({', '.join(scheme.classes)}) are no tracks and showers")
    return {name: [scheme.index(one) for one in ones] for name, ones in TWO_CLASSES.items()}


def _numbers(
    image: Image, labels: np.ndarray, scores: np.ndarray, groups: dict[str, list[int]], scheme: LabelScheme
) -> dict[str, Any]:
    """What is said of the pixels that were left."""
    seen = labels != scheme.unlabelled
    both = {name: scores[seen][:, classes].sum(axis=1) for name, classes in groups.items()}
    count = int(seen.sum())
    return {
        "pixels": len(image),
        "unseen": len(image) - count,
        "track": float(both["track"].mean()) if count else None,
        "shower": float(both["shower"].mean()) if count else None,
        "shower_share": float(np.isin(labels[seen], groups["shower"]).mean()) if count else None,
        "histogram": np.histogram(both["shower"].clip(0, 1), SCORE_EDGES)[0].tolist(),
        "coordinates": image.coordinates[seen].tolist(),
        "charge": image.charge[seen].tolist(),
        "shower_scores": both["shower"].tolist(),
    }
