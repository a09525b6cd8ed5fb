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

from argoscope.analyses.five_class import Tally
from argoscope.events import Event
from argoscope.inference.segmentation import segment_together
from argoscope.models.preparation import Truth, with_truth
from argoscope.models.weights import Model
from argoscope.papers.samples import events_of

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
        Events at once.
    """
    waiting = iter(events)
    while group := list(islice(waiting, batch)):
        for event, (found,) in zip(group, segment_together(model, group), strict=True):
            yield Answer(event, found.labels, found.scores)


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
