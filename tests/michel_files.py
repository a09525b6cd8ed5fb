"""Small files of volumes or planes with a muon and its Michel electron, true and predicted, every pixel of which can be known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from argoscope.analyses.michel import MICHEL, MIP
from argoscope.events import FIVE_CLASS, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events, write_records
from argoscope.inference.products import (
    predicted_header,
    segmentation_record,
    with_predictions,
)
from argoscope.inference.segmentation import Segmentation

MUON, ELECTRON = 40, 10  # pixels along the track, which is two pixels wide
SHAPES = {2: (96, 24), 3: (96, 24, 8)}  # unequal sides: swapped axes cannot pass unseen


def michel_event(number: int, *, dimensions: int = 3, electron: int = ELECTRON, unit: str = "MeV") -> Event:
    """A muon along the first axis and an electron behind it, of `electron` pixels' length."""
    length = MUON + electron
    pixels = np.zeros((2 * length, dimensions), dtype=int)
    pixels[:, 0] = np.repeat(np.arange(length), 2) + number
    pixels[:, 1] = np.tile([7, 8], length)
    image = Image.from_points(
        Grid(SHAPES[dimensions], projection=2 if dimensions == 2 else 0), pixels, np.ones(len(pixels))
    )
    truth = np.where(image.coordinates[:, 0] < MUON + number, MIP, MICHEL).astype(np.int32)
    image = image.with_labels(semantic=LabelColumn(truth, FIVE_CLASS))
    return Event(EventId(1, 2, number), (image,), charge_unit=unit)


def predicted_as(event: Event, labels: np.ndarray, score: float = 0.8) -> tuple[Segmentation, ...]:
    """What a network says that calls the pixels so, with that score of the class of each."""
    rest = (1 - score) / (len(FIVE_CLASS.classes) - 1)
    scores = np.full((len(labels), len(FIVE_CLASS.classes)), rest, np.float32)
    scores[np.arange(len(labels)), labels] = score
    return (Segmentation(labels, scores),)


def write_predicted(path: Path, events: list[Event], shift: int = 0) -> Path:
    """Write events whose predicted electron begins `shift` pixels before the true one."""
    source = path.with_suffix(".source.h5")
    write_events(source, events)
    with Larcv3File(source) as file:
        records = []
        for index, event in enumerate(events):
            image = event.images[0]
            first = MUON + event.id.event - shift
            truth = image.label("semantic").values
            labels = np.where(
                (image.coordinates[:, 0] >= first) & (truth.max(initial=0) == MICHEL), MICHEL, truth
            )
            found = predicted_as(event, labels.astype(np.int32))
            records.append(
                with_predictions(file.record(index), segmentation_record(event, found, FIVE_CLASS))
            )
        header = predicted_header(file.header, events[0].dimensions, FIVE_CLASS)
    header = replace(header, provenance={"configuration": {"model": {"name": "toy"}}})
    write_records(path, records, header)
    return path
