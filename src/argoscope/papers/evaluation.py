"""Networks on test samples: labels and scores event by event, batches as a network was trained with.

The batch matters for paper 4's dense network alone, whose norms take the
statistics of the batch in evaluation too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from argoscope.analyses.five_class import Tally
from argoscope.events import FIVE_CLASS, Event
from argoscope.models.preparation import Truth, windowed, with_truth
from argoscope.models.weights import Model
from argoscope.papers.samples import events_of
from argoscope.training.data import collate, tensors_of
from argoscope.training.pixels import PixelScores

__all__ = ["Answer", "answers", "tallied"]


class Answer(NamedTuple):
    """What a network says of an event.

    Parameters
    ----------
    event : Event
        With one image.
    labels : ndarray, shape (n,), int32
        Class of each pixel; unlabelled where the network did not see it.
    scores : ndarray, shape (n, classes), float32
        After softmax.
    """

    event: Event
    labels: np.ndarray
    scores: np.ndarray


def answers(model: Model, events: Iterable[Event], *, batch: int = 1) -> Iterator[Answer]:
    """Answers to events with one image, in order.

    Parameters
    ----------
    model : Model
    events : iterable of Event
    batch : int
        Events at once. Those without pixels join no batch, and have an empty answer.
    """
    waiting = iter(events)
    while group := list(islice(waiting, batch)):
        seen = [event for event in group if len(event.images[0])]
        found = iter(_scored(model, seen) if seen else [])
        for event in group:
            yield next(found) if len(event.images[0]) else _empty(event)


def tallied(
    model: Model,
    path: Path,
    *,
    truths: tuple[Truth, ...] = ("regular",),
    batch: int = 1,
    most: int | None = None,
) -> dict[Truth, Tally]:
    """Confusion matrices of a sample, against one truth or both.

    Parameters
    ----------
    model : Model
    path : Path
        File of the sample.
    truths : tuple of {"regular", "relabelled"}
    batch : int
    most : int, optional
        Events at most.
    """
    tallies: dict[Truth, Tally] = {truth: Tally() for truth in truths}
    for answer in answers(model, events_of(path, most), batch=batch):
        for truth, tally in tallies.items():
            tally.add(with_truth(answer.event, truth).images[0], answer.labels)
    return tallies


def _scored(model: Model, events: list[Event]) -> Iterator[Answer]:
    items = []
    for event in events:
        item = tensors_of(event)
        item["row"] = torch.arange(len(item["coordinates"]))
        items.append(windowed(item, model.card.preparation))
    batch = collate(items)
    with torch.no_grad():
        scores = PixelScores(model.network)(batch).softmax(dim=1).float().numpy()
    start = 0
    for event, item in zip(events, items, strict=True):
        rows = item["row"].numpy()
        labels = np.full(len(event.images[0]), FIVE_CLASS.unlabelled, np.int32)
        full = np.zeros((len(labels), scores.shape[1]), np.float32)
        full[rows] = scores[start : start + len(rows)]
        labels[rows] = full[rows].argmax(axis=1)
        start += len(rows)
        yield Answer(event, labels, full)


def _empty(event: Event) -> Answer:
    return Answer(event, np.zeros(0, np.int32), np.zeros((0, len(FIVE_CLASS.classes)), np.float32))
