"""What is done with a unit: functions that run in a guarded child, with plain values in and out.

Each makes one output; what it answers stands in the manifest. `run` calls one
of them and adds size and SHA-256 of what it made. Events that cannot be read
are found by `next_unreadable`, one after another, so that the rest can be used.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from argoscope.errors import UnreadableFile
from argoscope.files.catalogue import open_events
from argoscope.files.guard import say
from argoscope.files.provenance import file_facts

__all__ = ["convert", "count_events", "next_unreadable", "predict", "run", "simulate"]


def run(
    *,
    target: str,
    unit: Mapping[str, Any],
    source: str,
    output: str,
    options: Mapping[str, Any],
    resume: bool,
    skip: Sequence[int] = (),
) -> dict[str, Any]:
    """Make the output of a unit.

    Parameters
    ----------
    target : str
        One of the functions below, as ``module:function``.
    unit : mapping
        See `argoscope.jobs.plan.Unit`.
    source, output : str
        Paths of the input, "" where there is none, and of the output.
    options : mapping
        Of the job.
    resume : bool
        Whether parts of an interrupted run may be used; else all is made anew.
    skip : sequence of int
        Events of the input that are left out.

    Returns
    -------
    dict
        What the function answers, ``bytes`` and ``sha256``.
    """
    module, _, name = target.partition(":")
    work = getattr(importlib.import_module(module), name)
    given = {**options, **({"source": source} if source else {}), **({"skip": list(skip)} if skip else {})}
    if unit["events"]:
        given |= {"first_event": unit["first"], "events": unit["events"]}
    answer: dict[str, Any] = work(output=output, resume=resume, **given)
    if unit["events"] and answer["events"] + len(skip) != unit["events"]:
        raise UnreadableFile(
            f"{source} has fewer events than when the job was planned ({unit['events']} from {unit['first']} on): it was "
            "changed; begin anew with --overwrite"
        )
    facts = file_facts(Path(output))
    return {**answer, "bytes": facts["bytes"], "sha256": facts["sha256"]}


@lru_cache(maxsize=1)
def _say_compilations() -> None:
    """Count compiling a kernel as progress: on a new machine it takes minutes in all, of which nothing else is heard."""
    from numba.core import event

    class Heard(event.Listener):
        """Says that a kernel is being compiled."""

        def on_start(self, event: Any) -> None:  # noqa: ARG002 - as numba calls it
            say("compiling kernels", 0, 1)

        on_end = on_start

    event.register("numba:compile", Heard())  # type: ignore[no-untyped-call]


def predict(*, source: str, output: str, resume: bool, **options: Any) -> dict[str, Any]:
    """Predict on a file; options of `argoscope.inference.predict.predict_file`."""
    from argoscope.inference.predict import predict_file

    _say_compilations()
    return predict_file(source, output, resume=resume, overwrite=not resume, **options)


def convert(
    *,
    source: str,
    output: str,
    resume: bool,  # noqa: ARG001  # it has no parts
    **options: Any,
) -> dict[str, Any]:
    """Convert a file; options of `argoscope.files.convert.convert`."""
    from argoscope.files.convert import convert as run_convert

    return run_convert(source, output, overwrite=True, **options)


def simulate(*, output: str, resume: bool, command: str = "", **options: Any) -> dict[str, Any]:
    """Simulate a range of events, its `first_event` and number of `events` among the options of `argoscope.simulation.orders.order_of`."""
    from argoscope.simulation.orders import order_of
    from argoscope.simulation.run import simulate as run_simulate

    _say_compilations()
    return run_simulate(
        order_of(**options), Path(output), resume=resume, overwrite=not resume, command=command, report=say
    )


def count_events(source: str) -> int:
    """Number of events of a file."""
    with open_events(source) as file:
        return len(file)


def next_unreadable(source: str, first: int = 0, end: int | None = None) -> dict[str, Any]:
    """Read the events of a file from `first` on, up to `end` if it is given, until one cannot be read.

    Returns
    -------
    dict
        ``event``: the number of that one, and ``why``; where there is none, the number after the last, and None.
    """
    with open_events(source) as file:
        stop = len(file) if end is None else min(end, len(file))
        for index in range(first, stop):
            say("reading event", index, stop)
            try:
                file.event(index)
                if hasattr(file, "record"):
                    file.record(index)
            except UnreadableFile as error:
                return {"event": index, "why": str(error)}
    return {"event": stop, "why": None}
