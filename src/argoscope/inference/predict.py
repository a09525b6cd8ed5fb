"""Files in, files with predictions out.

Events are read, evaluated several at a time (one thread each) and written in
order; memory holds a few of them. Every product of a larcv file is kept as
stored. The output appears when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import Event, Record
from argoscope.events.charge_scale import peak_values
from argoscope.events.labels import scheme_named
from argoscope.files.atomic import require_new
from argoscope.files.catalogue import open_events
from argoscope.files.guard import say
from argoscope.files.header import Header
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.files.layouts import header_for, record_from_event
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.files.source import EventFile
from argoscope.inference.products import with_segmentation
from argoscope.inference.segmentation import Segmentation, segment
from argoscope.models.weights import Model, load_model
from argoscope.sparse import map_events
from argoscope.typing import PathLike

__all__ = ["predict_file"]

SCALE_EVENTS = 20
"""Events that the charge scale of a file is measured on."""
SCALE_TOLERANCE = 0.15
"""Relative difference from the card's scale from which on a warning is given."""


def predict_file(
    source: PathLike,
    target: PathLike,
    *,
    model: str,
    gain: float = 1.0,
    events: int | None = None,
    threads: int | None = None,
    command: str = "",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Predict on a file of events.

    Parameters
    ----------
    source : path
        Of any known format.
    target : path
        larcv3 file; it appears when it is complete.
    model : str
        Shipped model, or path of weights.
    gain : float
        Multiplied to the charge.
    events : int, optional
        Only the first so many.
    threads : int, optional
        Events at once; as many as there are cores by default.
    command : str
        The command line, for the provenance.
    overwrite : bool

    Returns
    -------
    dict
        ``input``, ``output``, ``model``, ``events``, ``pixels``, ``warnings``.

    Raises
    ------
    InvalidArgument
        If the model does not fit the file, or the output exists.
    UnreadableFile
        If the file or the model cannot be read; nothing is written then.
    """
    if not (np.isfinite(gain) and gain > 0):
        raise InvalidArgument(f"gain (={gain}) must be finite and positive")
    target = require_new(target, overwrite=overwrite)
    loaded = load_model(model)
    if threads is not None:
        torch.set_num_threads(threads)
    with open_events(source) as file:
        count = len(file) if events is None else min(events, len(file))
        warnings = _scale_warnings(file, loaded, gain)
        facts = file_facts(file.path)
        provenance = provenance_block(
            command,
            inputs=[{**facts, "provenance": file.describe().provenance}],
            configuration={"model": _described(loaded), "gain": gain},
        )
        pixels = 0
        with Larcv3Writer(target, overwrite=overwrite) as writer:
            for number, (record, header, seen) in enumerate(_predicted(file, loaded, count, gain)):
                writer.header = replace(header, provenance=provenance)
                writer.append(record)
                pixels += seen
                say("predicting events", number + 1, count)
    return {
        "input": str(source), "output": str(target), "model": loaded.card.name, "events": count,
        "pixels": pixels, "warnings": warnings,
    }  # fmt: skip


def _predicted(
    file: EventFile, model: Model, count: int, gain: float
) -> Iterator[tuple[Record, Header, int]]:
    """Records with predictions, their header, and how many pixels were seen."""
    scheme = scheme_named(model.card.scheme)

    def read() -> Iterator[tuple[Record, Header, Event]]:
        for index in range(count):
            yield _read(file, index)

    def evaluate(
        work: tuple[Record, Header, Event],
    ) -> tuple[Record, Header, Event, tuple[Segmentation, ...]]:
        return (*work, segment(model, work[2], gain=gain))

    for record, header, event, found in map_events(evaluate, read()):
        full, described = with_segmentation(record, header, event, found, scheme)
        yield full, described, sum(int((f.labels != scheme.unlabelled).sum()) for f in found)


def _read(file: Any, index: int) -> tuple[Record, Header, Event]:
    """One event, its record and header; of formats without records, made from the event."""
    event = file.event(index)
    if not hasattr(file, "record"):
        return *record_from_event(event), event
    header = file.header if hasattr(file, "header") else header_for(list(file.describe().products))
    return file.record(index), header, event


def _scale_warnings(file: EventFile, model: Model, gain: float) -> list[str]:
    """Say so where the file's charge scale is not that of the training data (paper 2's 3-pixel peaks)."""
    expected = model.card.charge_scale
    if expected is None or not len(file):
        return []
    events = [file.event(index) for index in range(min(SCALE_EVENTS, len(file)))]
    planes = model.card.preparation.planes
    peaks = [
        peak_values(image) * gain
        for event in events
        for image in event.images
        if not planes or image.grid.projection in planes
    ]
    values = np.concatenate(peaks) if peaks else np.zeros(0)
    if not len(values):
        return []
    ratio = float(np.median(values)) / expected
    if abs(ratio - 1) <= SCALE_TOLERANCE:
        return []
    return [
        f"the charge scale of {file.path} is {ratio:.2f} times that of the training data of {model.card.name}: "
        f"predictions may be off; --gain {gain / ratio:.2f} mends it"
    ]


def _described(model: Model) -> dict[str, Any]:
    """What of a model an output keeps."""
    card = model.card
    return {
        "name": card.name,
        "task": card.task,
        "scheme": card.scheme,
        "truth": card.preparation.truth,
        "path": str(Path(model.path).name),
        "sha256": file_facts(model.path)["sha256"],
    }
