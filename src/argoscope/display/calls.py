"""What a network calls the interaction that a pixel is of: the class of the predicted instance that owns it."""

from __future__ import annotations

import numpy as np

from argoscope.events import Event, Image, LabelColumn
from argoscope.events.instances import Instances
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.source import EventFile
from argoscope.inference.instance_products import INSTANCES, SCORES, predicted_instances

__all__ = ["read_calls"]


def read_calls(file: EventFile, index: int, event: Event) -> tuple[LabelColumn, ...]:
    """Class of the predicted interaction of every pixel of an event.

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
        One an image; none where the file has no predicted interactions with classes.
    """
    if not isinstance(file, Larcv3File) or not {INSTANCES, SCORES} <= set(file.products):
        return ()
    record = file.record(index, [INSTANCES, SCORES])
    return tuple(
        _called(image, predicted_instances(record, file.header, image.grid.projection))
        for image in event.images
    )


def _called(image: Image, found: Instances) -> LabelColumn:
    """Classes of the pixels of an image."""
    scheme = found.scheme
    values = np.full(len(image), scheme.unlabelled, dtype=np.int32)
    if (column := image.labels.get("predicted_ancestor")) is not None and len(found):
        order = np.argsort(found.clusters.numbers, kind="stable")
        owned = column.labelled
        values[owned] = found.classes[order][
            np.searchsorted(found.clusters.numbers[order], column.values[owned])
        ]
    return LabelColumn(values, scheme)
