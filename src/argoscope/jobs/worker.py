"""Work on one unit: in a guarded child, tried again up to a limit, its output whole or not there.

The child is what may crash, hang or fill memory; it is ended and replaced. The
process around it loads no network and holds nothing, so an engine's own
bookkeeping (heartbeats of Dask) never waits for a computation.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from argoscope.errors import ArgoscopeError, Stopped, StorageError, UnreadableFile
from argoscope.files.atomic import moved, writing
from argoscope.files.guard import STALL_SECONDS, Child
from argoscope.jobs.ledger import output_in, work_folder
from argoscope.jobs.plan import Unit
from argoscope.jobs.staging import staged

__all__ = ["Limits", "Task", "about", "child_of", "run_remotely", "run_unit"]

MOST_BAD_EVENTS = 1000
"""Unreadable events of a file that are left out one by one; a file with more is set aside whole."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a worker may use.

    Parameters
    ----------
    memory_mb : float
        Resident memory of the process that works, in 10^6 bytes.
    retries : int
        How often a unit is tried again.
    stall_seconds : float
        Computing without a word of progress after which a unit is taken to hang.
    threads : int
        Of a worker; 0 leaves them to the libraries.
    """

    memory_mb: float = 4000.0
    retries: int = 2
    stall_seconds: float = STALL_SECONDS
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Task:
    """One unit with all that a worker needs to know.

    Parameters
    ----------
    unit : Unit
    target : str
        See `Plan`.
    options : mapping
    folder : str
        Of the outputs.
    label : str
        Of the shard.
    base : str
        Folder that relative paths are relative to.
    limits : Limits
    """

    unit: Unit
    target: str
    options: Mapping[str, Any]
    folder: str
    label: str
    base: str
    limits: Limits


def child_of(task: Task) -> Child:
    """A child with the limits of a task's worker."""
    limits = task.limits
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    environment = {name: str(limits.threads) for name in names} if limits.threads else {}
    return Child(environment, memory_mb=limits.memory_mb, folder=task.base)


_CHILDREN: dict[tuple[Limits, str], Child] = {}


def run_remotely(task: Task) -> dict[str, Any]:
    """Work on a unit in a process that others send units to: it keeps its child from one to the next."""
    key = (task.limits, task.base)
    if key not in _CHILDREN:
        _CHILDREN[key] = child_of(task)
    return run_unit(_CHILDREN[key], task)


def run_unit(child: Child, task: Task) -> dict[str, Any]:
    """Make the output of a unit.

    Parameters
    ----------
    child : Child
        What works.
    task : Task

    Returns
    -------
    dict
        The unit's line in the ledger: ``unit``, ``input`` where there is one (and ``first_event`` if it is a part of
        that), ``attempts``, ``seconds``; and what the task answers with ``output`` (name in the folder), ``bytes``,
        ``sha256``, and ``events_set_aside`` where some could not be read; or ``error`` and its ``kind``.

    Raises
    ------
    Stopped
        If the run is to end; what was made stays for the next.
    """
    start, unit = time.time(), task.unit
    note = about(unit)
    work = work_folder(Path(task.folder), task.label, unit.index)
    bad: list[tuple[int, str]] = []
    for attempt in range(1, task.limits.retries + 2):
        try:
            answer = _attempt(child, task, work, skip=[event for event, _ in bad], resume=attempt == 1)
        except Stopped:
            raise
        except (ArgoscopeError, RuntimeError) as error:
            failure = {"error": _sentence(error), "kind": type(error).__name__}
            if isinstance(error, UnreadableFile) and unit.source and not bad:
                bad = _unreadable(child, task, work)
        else:
            aside = [{"event": event, "error": why} for event, why in bad]
            more = {"events_set_aside": aside} if aside else {}
            return {**answer, **more, **note, "output": unit.output, **_spent(attempt, start)}
    # What a unit left that is set aside would be in the way: of a full disk, most of all.
    shutil.rmtree(work, ignore_errors=True)
    return {**note, **failure, **_spent(attempt, start)}


def about(unit: Unit) -> dict[str, Any]:
    """What the ledger's line of a unit begins with, however it ends."""
    part = {"first_event": unit.first} if unit.events else {}
    return {"unit": unit.index, **({"input": unit.source, **part} if unit.source else {})}


def _spent(attempts: int, start: float) -> dict[str, Any]:
    now = time.time()
    return {"attempts": attempts, "seconds": round(now - start, 3), "ended": round(now, 3)}


def _sentence(error: Exception) -> str:
    """An error in a line; of a bug, the last of its traceback."""
    return (
        str(error).splitlines()[0]
        if isinstance(error, ArgoscopeError)
        else f"bug of argoscope: {error}"[-2000:]
    )


def _attempt(child: Child, task: Task, work: Path, *, skip: list[int], resume: bool) -> dict[str, Any]:
    """Make the output where only this unit writes, then give it its final name."""
    unit, final = task.unit, output_in(Path(task.folder), task.unit.output)
    with writing(final):
        work.mkdir(parents=True, exist_ok=True)
    source, output = staged(unit.source, work), work / unit.output
    answer: dict[str, Any] = child.call(
        "argoscope.jobs.tasks:run",
        {
            "target": task.target,
            "unit": asdict(unit),
            "source": source,
            "output": str(output),
            "options": dict(task.options),
            "resume": resume,
            "skip": skip,
        },
        path=Path(unit.source or unit.output),
        stall_seconds=task.limits.stall_seconds,
    )
    moved(output, final)
    shutil.rmtree(work, ignore_errors=True)
    return answer


def _unreadable(child: Child, task: Task, work: Path) -> list[tuple[int, str]]:
    """Events of the input that cannot be read, those included that a library crashes or hangs on; none if all, or too many."""
    bad: list[tuple[int, str]] = []
    unit = task.unit
    at = end = unit.first  # until the child tells how far it is to go

    def note(what: str, _seconds: float, done: int, total: int) -> None:
        nonlocal at, end
        if what == "reading event":
            at, end = done, total

    while len(bad) <= MOST_BAD_EVENTS:
        wanted = {"first": at, "end": unit.first + unit.events if unit.events else None}
        try:
            found = child.call(
                "argoscope.jobs.tasks:next_unreadable",
                {"source": staged(unit.source, work), **wanted},
                path=Path(unit.source),
                stall_seconds=task.limits.stall_seconds,
                progress=note,
            )
        except (UnreadableFile, StorageError, RuntimeError) as error:
            if at >= end:  # the file itself, not one of its events
                return []
            bad.append((at, _sentence(error)))
        else:
            if found["why"] is None:
                return [] if len(bad) in {0, found["event"] - unit.first} else bad
            bad.append((found["event"], found["why"]))
        at = bad[-1][0] + 1
    return []
