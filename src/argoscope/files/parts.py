"""Many events into one file: in parts, on several processes, resumed after any interruption.

Events are made in parts of a fixed length, each a file of rows of its own that
appears when it is whole; parts are joined while others are made. A run that
was stopped leaves its parts; the next one makes those that are missing and
joins all into the output. What comes out depends neither on the number of
workers nor on interruptions, if the making of an event depends on its number
alone: parts are joined in order.
"""

from __future__ import annotations

import shutil
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument, Stopped, StorageError
from argoscope.events import Record
from argoscope.files.atomic import atomic_output, require_new
from argoscope.files.header import Header
from argoscope.files.larcv3_rows import EventRows
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.files.part_folder import JOINED, opened, part_path

__all__ = ["PART_EVENTS", "Job", "Make", "Report", "run_in_parts"]

PART_EVENTS = 25
"""Events of a part: some seconds of work at most, so that little is lost."""
AHEAD = 2
"""Parts that wait for each other process, so that it need not wait for this one."""
MOST_KEPT = 8_000_000
"""Bytes of rows that are kept in memory before they are written to the part."""

Make = Callable[[int], Record]
"""Makes the event of a number."""
Report = Callable[[str, int, int], None]
"""Called as report(what, done, total)."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """What is to be made.

    Parameters
    ----------
    what : str
        What is done with events, for the progress: "simulating".
    prepare : callable
        Gives a `Make`; each other process calls it once, so it must be picklable.
    make : callable
        What `prepare` gave this process.
    events : range
        Numbers of the events.
    header : Header
        Of the output, without provenance.
    provenance : callable
        Gives the provenance when all events are made.
    order : object
        What decides the bytes, as JSON carries it: parts of another order are refused.
    complete : callable, optional
        Called with the writer when all events are joined, to add what is not made event by event.
    """

    what: str
    prepare: Callable[[], Make]
    make: Make
    events: range
    header: Header
    provenance: Callable[[], dict[str, Any]]
    order: Any
    complete: Callable[[Larcv3Writer], None] | None = None


def run_in_parts(
    job: Job,
    output: Path,
    *,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    report: Report | None = None,
    stop: Callable[[], bool] | None = None,
) -> int:
    """Make all events of a job into a larcv3 file.

    Parameters
    ----------
    job : Job
    output : Path
        The file; it appears when it is whole. Parts lie in ``OUTPUT.parts`` until then.
    workers : int
        Processes.
    resume : bool
        Go on with the parts of an interrupted run.
    overwrite : bool
        Replace an existing output, and start anew.
    report : callable, optional
        Told of the progress.
    stop : callable, optional
        Asked between parts; true ends the run, its parts kept.

    Returns
    -------
    int
        Number of parts kept of an earlier run.

    Raises
    ------
    InvalidArgument
        If the output exists, the parts are of another order, or another process works on them.
    StorageError
        If the disk refuses, or a worker was killed; the parts stay for ``--resume``.
    Stopped
        If `stop` said so.
    """
    if workers < 1:
        raise InvalidArgument(f"workers (={workers}) must be at least 1")
    output = require_new(output, overwrite=overwrite)
    with opened(output, [job.order, PART_EVENTS], resume=resume, overwrite=overwrite) as folder:
        kept = _joined(job, folder, workers, report, stop)
        with atomic_output(output, overwrite=overwrite) as temporary:
            (folder / JOINED).replace(temporary)
        shutil.rmtree(folder)
    return kept


def _joined(
    job: Job, folder: Path, workers: int, report: Report | None, stop: Callable[[], bool] | None
) -> int:
    """Make what is missing and join all parts into one file in the folder; the number of parts that were there."""
    total = len(job.events)
    ranges = [job.events[at : at + PART_EVENTS] for at in range(0, total, PART_EVENTS)]
    missing = [numbers for numbers in ranges if not part_path(folder, numbers).exists()]
    done = total - sum(map(len, missing))
    with Larcv3Writer(folder / JOINED, job.header, overwrite=True, threads=workers) as writer:
        to_join = deque(part_path(folder, numbers) for numbers in ranges)
        for count in _made(job, folder, missing, workers):
            done += count
            _tell(report, f"{job.what} events", done, total)
            _obey(stop)
            _join(writer, to_join)
        while to_join:
            _join(writer, to_join, most=1)
            _tell(report, "joining events", max(0, total - PART_EVENTS * len(to_join)), total)
            _obey(stop)
        if job.complete is not None:
            job.complete(writer)
        writer.header = replace(job.header, provenance=job.provenance())
    return len(ranges) - len(missing)


def _join(writer: Larcv3Writer, parts: deque[Path], most: int = 4) -> None:
    """Put parts that are there, up to `most`, at the end of the output; `parts` are those left, in order."""
    for _ in range(most):
        if not parts or not parts[0].exists():
            return
        path = parts.popleft()
        with path.open("rb") as stream:
            while (rows := EventRows.load(stream, path)) is not None:
                writer.extend(rows)


def _obey(stop: Callable[[], bool] | None) -> None:
    if stop is not None and stop():
        raise Stopped("stopped; what was made is kept: go on with --resume")


def _tell(report: Report | None, what: str, done: int, total: int) -> None:
    if report is not None:
        report(what, done, total)


def _made(job: Job, folder: Path, missing: list[range], workers: int) -> Iterator[int]:
    """Make parts; yield the number of events of each when it is there."""
    if workers == 1 or len(missing) <= 1:
        for numbers in missing:
            yield _make_part(job.make, folder, numbers)
        return
    # This process makes parts too, while the others are starting and afterwards.
    others, waiting = min(workers, len(missing)) - 1, deque(missing)
    # Spawned, not forked: the parent may have threads that a fork would not carry over.
    with ProcessPoolExecutor(others, get_context("spawn"), _prepare, (job.prepare,)) as pool:
        running: set[Future[int]] = set()
        try:
            while waiting or running:
                while waiting and len(running) < AHEAD * others:
                    running.add(pool.submit(_make_prepared, folder, waiting.popleft()))
                if waiting:
                    yield _make_part(job.make, folder, waiting.popleft())
                finished, running = wait(running, timeout=0 if waiting else None, return_when=FIRST_COMPLETED)
                for future in finished:
                    yield future.result()
        except BrokenProcessPool as error:
            raise StorageError(
                "a worker was killed, as systems do when memory runs out: go on with --resume, or with fewer --workers"
            ) from error
        finally:
            # Nothing runs any more when all went well; else no part is waited for.
            pool.shutdown(wait=not running, cancel_futures=True)


_PREPARED: list[Make] = []


def _prepare(prepare: Callable[[], Make]) -> None:
    """Prepare a worker once: tables and networks take longer than an event."""
    # Ctrl-C reaches all processes of a terminal; the parent decides what becomes of the run.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _PREPARED[:] = [prepare()]


def _make_prepared(folder: Path, numbers: range) -> int:
    return _make_part(_PREPARED[0], folder, numbers)


def _make_part(make: Make, folder: Path, numbers: range) -> int:
    """Make the events of a part; returns their number."""
    path = part_path(folder, numbers)
    with atomic_output(path, overwrite=True) as temporary, temporary.open("wb") as stream:
        rows = EventRows()
        for number in numbers:
            rows.append(make(number))
            if rows.size > MOST_KEPT:
                rows.save(stream)
                rows = EventRows()
        rows.save(stream)
    return len(numbers)
