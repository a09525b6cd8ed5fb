"""Files in, files with predictions out.

Events are made in parts, by one process or several (`argoscope.files.parts`),
so that an interrupted run goes on. Every product of a larcv file is kept as
stored, earlier predictions apart, which the new ones replace. The output
appears when it is whole.

Of a larcv3 file that argoscope wrote, all of whose events are predicted, only
the charge is read; the finished output takes over its products as they are
compressed there, with their checksums (`argoscope.files.larcv3_adopt`). The
output is the same either way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import Event, Record
from argoscope.files.atomic import require_new
from argoscope.files.catalogue import open_events
from argoscope.files.finished import require_output_of
from argoscope.files.guard import say
from argoscope.files.header import Header
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_adopt import is_adoptable
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.files.layouts import header_for, record_from_event
from argoscope.files.parts import Job, Make, Report, run_in_parts
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.files.source import EventFile, RecordFile
from argoscope.inference.answers import answer_header, answer_of
from argoscope.inference.misfits import misfits
from argoscope.inference.products import is_prediction, with_predictions
from argoscope.models.weights import Model, load_model
from argoscope.typing import PathLike

__all__ = ["predict_file", "require_order"]


@dataclass(frozen=True)
class _Order:
    """What is to be predicted: all that decides the bytes.

    Parameters
    ----------
    source, model : str
        File of events; shipped model, or path of weights.
    gain : float, optional
    alone : bool
        Whether records hold the predictions alone.
    numbers : tuple of int, optional
        Events of the file by their place in the output, where these differ.
    """

    source: str
    model: str
    gain: float | None
    alone: bool
    numbers: tuple[int, ...] | None = None

    def prepare(self) -> Make:
        """What another process predicts with, on one thread."""
        torch.set_num_threads(1)
        return self.make(open_events(self.source), load_model(self.model))

    def make(self, file: EventFile, model: Model) -> Make:
        """What predicts, of an open file and a model."""
        make = partial(_predicted_alone if self.alone else _predicted, file, model, self.gain)
        numbers = self.numbers
        return make if numbers is None else lambda place: make(numbers[place])


def require_order(*, model: str, gain: float | None) -> str:
    """SHA-256 of the weights; refuse, before any file is read, what no file can be predicted with.

    Raises
    ------
    InvalidArgument
        If the gain is no factor, or there is no such model.
    UnreadableFile
        If the model cannot be read.
    """
    return _load(model, gain).sha256


def _load(model: str, gain: float | None) -> Model:
    """The model, if the gain is one that charge can be multiplied with."""
    if gain is not None and not (np.isfinite(gain) and gain > 0):
        raise InvalidArgument(f"gain (={gain}) must be finite and positive")
    return load_model(model)


def predict_file(
    source: PathLike,
    target: PathLike,
    *,
    model: str,
    gain: float | None = None,
    first_event: int = 0,
    events: int | None = None,
    skip: Collection[int] = (),
    workers: int = 1,
    command: str = "",
    resume: bool = False,
    overwrite: bool = False,
    report: Report = say,
    stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """Predict on a file of events.

    Parameters
    ----------
    source : path
        Of any known format.
    target : path
        larcv3 file; it appears when it is complete. Parts lie in ``TARGET.parts`` until then.
    model : str
        Shipped model, path of weights, or folder with one model.
    gain : float, optional
        Multiplied to the charge; without it the charge must have the model's unit.
    first_event : int
        Number in the file of the first event that is wanted.
    events : int, optional
        Only so many from there on.
    skip : collection of int
        Numbers of events in the file that are left out.
    workers : int
        Processes; several take one thread each, a single one takes torch's.
    command : str
        The command line, for the provenance.
    resume : bool
        Go on with the parts of an interrupted run; a finished output of the same order is left as it is.
    overwrite : bool
    report : callable
        Told of the progress.
    stop : callable, optional
        Asked between parts; true ends the run, its parts kept.

    Returns
    -------
    dict
        ``input``, ``input_sha256``, ``output``, ``model``, ``model_sha256``, ``events``, ``warnings``, ``parts_kept``
        (of an interrupted run), ``kept`` (whether the output was finished before, and is left as it is).

    Raises
    ------
    InvalidArgument
        If the model does not fit the file, the output exists or is of another order.
    UnreadableFile
        If the file or the model cannot be read; what was predicted before stays in the parts.
    Stopped
        If `stop` said so.
    """
    loaded, target = _load(model, gain), Path(target)
    kept = resume and not overwrite and target.exists()
    if not kept:
        require_new(target, overwrite=overwrite)
    if workers > 1:
        torch.set_num_threads(1)
    with open_events(source) as file:
        wanted = file.numbers(first_event, events)
        numbers = tuple(number for number in wanted if number not in skip)
        facts = {**file_facts(file.path), "provenance": file.describe().provenance}
        left_out = {"skip": sorted(skip)} if skip else {}
        begin = {"first_event": first_event} if first_event else {}
        configuration = {
            "model": _described(loaded),
            "gain": 1.0 if gain is None else gain,
            **begin,
            "events": len(wanted),
            **left_out,
        }
        answer = {
            "input": str(source),
            "input_sha256": facts["sha256"],
            "output": str(target),
            "model": loaded.card.name,
            "model_sha256": loaded.sha256,
            "events": len(numbers),
            "kept": kept,
        }
        if kept:
            require_output_of(target, _asked(facts, configuration), _asked_in)
            return {**answer, "warnings": [], "parts_kept": 0}
        alone = len(numbers) == len(file) and _may_be_adopted(file)
        order = _Order(str(source), model, gain, alone, numbers if skip or first_event else None)
        job = Job(
            what="predicting",
            prepare=order.prepare,
            make=order.make(file, loaded),
            events=range(len(numbers)),
            header=_header(file, loaded, numbers[0]) if numbers else Header(),
            provenance=lambda: provenance_block(command, inputs=[facts], configuration=configuration),
            order={**_asked(facts, configuration), "alone": alone},
            complete=partial(_adopt, file) if alone else None,
        )
        warnings = misfits(file, loaded.card, gain, numbers)
        done = run_in_parts(
            job, target, workers=workers, resume=resume, overwrite=overwrite, report=report, stop=stop
        )
    return {**answer, "warnings": warnings, "parts_kept": done}


def _asked(facts: dict[str, Any], configuration: dict[str, Any]) -> dict[str, Any]:
    """What decides the bytes of an output."""
    return {"input": facts["sha256"], **configuration}


def _asked_in(provenance: dict[str, Any]) -> dict[str, Any]:
    """The same, from the provenance of an output."""
    return _asked(provenance["inputs"][0], provenance["configuration"])


def _predicted(file: EventFile, model: Model, gain: float | None, index: int) -> Record:
    """One event's record with its predictions."""
    record, event = _read(file, index)
    return with_predictions(record, _answer(file, model, gain, index, event))


def _predicted_alone(file: EventFile, model: Model, gain: float | None, index: int) -> Record:
    """The predictions of one event."""
    return _answer(file, model, gain, index, file.charge_event(index))


def _answer(file: EventFile, model: Model, gain: float | None, index: int, event: Event) -> Record:
    """What the network says of an event; if it cannot read it, which one that is."""
    try:
        return answer_of(model, event, gain)
    except InvalidArgument as error:
        raise InvalidArgument(f"{file.path}, entry {index}: {error}") from None


def _read(file: EventFile, index: int) -> tuple[Record, Event]:
    """One event's record and charge; of formats without records, made from the event."""
    if not isinstance(file, RecordFile):
        event = file.event(index)
        return record_from_event(event)[0], event
    record = file.record(index, _kept(file)) if isinstance(file, Larcv3File) else file.record(index)
    return record, file.charge_of(record)


def _header(file: Any, model: Model, index: int) -> Header:
    """Header of the output: that of the input, and what the predictions are, as an event of the file shows them."""
    event = file.charge_event(index)
    if not isinstance(file, RecordFile):
        header = record_from_event(event)[1]
    else:
        header = file.header if hasattr(file, "header") else header_for(list(file.describe().products))
    return answer_header(model, header, event.dimensions)


def _kept(file: Larcv3File) -> list[str]:
    """Products of a file that its output has too."""
    return [name for name in file.products if not is_prediction(name)]


def _may_be_adopted(file: EventFile) -> bool:
    """Whether the output can take over the file's products as they are compressed."""
    return isinstance(file, Larcv3File) and len(file) > 0 and is_adoptable(file, _kept(file))


def _adopt(file: EventFile, writer: Larcv3Writer) -> None:
    """Take over the products of a file into an output with the predictions."""
    source = cast("Larcv3File", file)
    writer.adopt(source, _kept(source))


def _described(model: Model) -> dict[str, Any]:
    """What of a model an output keeps."""
    card = model.card
    return {
        "name": card.name,
        "task": card.task,
        "scheme": card.scheme,
        "truth": card.preparation.truth,
        "planes": list(card.preparation.planes),
        "path": str(Path(model.path).name),
        "sha256": model.sha256,
    }
