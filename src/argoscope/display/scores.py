"""How sure a network is of what it says, in steps, so that a step can be counted, hidden and told by its colour.

The score of a pixel is the largest of its classes', or of the instances that have it. What a network is sure of stands
back; what it is not stands out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from argoscope.events import Clusters, Event, Image, LabelColumn, LabelScheme, Voxels
from argoscope.events.grid import rows_in
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.layouts import label_product
from argoscope.files.source import EventFile
from argoscope.inference.instance_products import INSTANCES

__all__ = ["SCORE", "read_scores", "score_steps"]

EDGES = (0.5, 0.7, 0.9, 0.99)
SCORE = LabelScheme(
    "score", ("below 0.5", "0.5 to 0.7", "0.7 to 0.9", "0.9 to 0.99", "0.99 to 1"), unlabelled=-1, default=-1
)
"""Steps of the score, each from its lower end on."""


def score_steps(scores: np.ndarray) -> np.ndarray:
    """Step of each score, shape (n,), int32.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        From 0 to 1.

    Examples
    --------
    >>> [SCORE.classes[step] for step in score_steps(np.array([0.2, 0.5, 0.98, 1.0]))]
    ['below 0.5', '0.5 to 0.7', '0.9 to 0.99', '0.99 to 1']
    """
    # Scores are float32: 0.7 of a file lies at the edge, not below it.
    edges = np.asarray(EDGES, dtype=np.float32)
    return np.searchsorted(edges, np.asarray(scores, dtype=np.float32), side="right").astype(np.int32)


def read_scores(file: EventFile, index: int, event: Event) -> tuple[LabelColumn, ...]:
    """Score of every pixel of an event, in steps of `SCORE`; pixels that the network did not see have none.

    Parameters
    ----------
    file : EventFile
        That the event was read from.
    index : int
        Its position there.
    event : Event

    Returns
    -------
    tuple of LabelColumn
        One an image; none where the file has no scores.
    """
    if not isinstance(file, Larcv3File):
        return ()
    of_classes = label_product(event.dimensions).replace("label", "score_")
    names = [name for name in file.products if name.startswith(of_classes) or name == INSTANCES]
    if not names:
        return ()
    record = file.record(index, names)
    tables = [cast("tuple[Voxels | Clusters, ...]", record[name]) for name in names]
    return tuple(
        _column(image, [table[position] for table in tables]) for position, image in enumerate(event.images)
    )


def _column(image: Image, tables: Sequence[Voxels | Clusters]) -> LabelColumn:
    """Steps of the pixels of an image, from the scores of each class, or those of instances, which may share pixels."""
    best = np.full(len(image), -1.0, dtype=np.float32)
    for scores in tables:
        rows = rows_in(image.ids, scores.ids)
        known = rows >= 0
        np.maximum.at(best, rows[known], scores.values[known])
    return LabelColumn(np.where(best < 0, SCORE.unlabelled, score_steps(best)).astype(np.int32), SCORE)
