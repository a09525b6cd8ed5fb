"""Units on Dask: few at a time in the scheduler's hands, a worker's death one more try.

The scheduler knows of a few units for each worker, never of all: its memory
and the client's stay as they are for a million units. Dask gives a unit whose
worker died to another; after three deaths the unit is set aside. Units are
handed over several at a time, and so are their answers taken: a message costs
more than what it says of one unit.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from itertools import count, islice
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from argoscope.errors import Stopped
from argoscope.jobs.worker import Task, about, run_remotely

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["DEATHS", "on_dask"]

AHEAD = 8
"""Units of a worker's thread that the scheduler knows of, at most: one at work, half of them so that it need not wait,
and half to be handed over at once."""
ASK_SECONDS = 5.0
"""How often it is asked how many workers there are: they come and go."""
DEATHS = 3
"""Deaths of workers after which the unit they worked on is set aside."""


def on_dask(client: Client, tasks: Iterator[Task], *, workers: int) -> Generator[dict[str, Any], None, None]:
    """Work on units on the workers of a Dask cluster.

    Parameters
    ----------
    client : Client
    tasks : iterator of Task
    workers : int
        How many are expected, before they are there.

    Yields
    ------
    dict
        The ledger's line of a unit, as it ends.

    Raises
    ------
    Stopped
        If the scheduler is lost; what its workers were at is left for the next run.
    """
    try:
        yield from _worked_on(client, tasks, workers)
    except (OSError, CancelledError) as error:
        # What units end with travels as their answers: these are of the connection alone.
        raise Stopped(
            "the connection to Dask's scheduler was lost; what was finished is kept: go on with --resume"
        ) from error


def _worked_on(client: Client, tasks: Iterator[Task], workers: int) -> Generator[dict[str, Any], None, None]:
    from distributed import as_completed

    slots, asked = max(workers, _threads(client)), time.monotonic()
    # One name for all: units of a large group wait in the scheduler, not behind those that workers are busy with.
    group, numbers, completed = f"units-{uuid4().hex}", count(), as_completed()
    at_work: dict[tuple[str, int], Task] = {}
    while True:
        room = max(1, AHEAD * slots)
        if len(at_work) <= room // 2:
            more = list(islice(tasks, room - len(at_work)))
            futures = _submitted(client, more, [(group, next(numbers)) for _ in more])
            at_work |= {future.key: task for future, task in zip(futures, more, strict=True)}
            completed.update(futures)
        if not at_work:
            return
        ended = completed.next_batch()
        yield from _notes(client, ended, [at_work.pop(future.key) for future in ended])
        for future in ended:
            future.release()
        if time.monotonic() - asked > ASK_SECONDS:
            slots, asked = _threads(client), time.monotonic()


def _threads(client: Client) -> int:
    """Threads of the workers that are there."""
    return int(sum(client.nthreads().values()))


def _submitted(client: Client, tasks: Sequence[Task], keys: list[tuple[str, int]]) -> list[Any]:
    return list(client.map(run_remotely, tasks, key=keys, pure=False)) if tasks else []


def _notes(client: Client, futures: Sequence[Any], tasks: Sequence[Task]) -> Iterator[dict[str, Any]]:
    """What became of units: what their workers said, or that workers died of them."""
    said = client.gather(dict(enumerate(futures)), errors="skip")
    for number, (future, task) in enumerate(zip(futures, tasks, strict=True)):
        yield dict(said[number]) if said[number] is not None else _lost(task, future.exception())


def _lost(task: Task, error: BaseException) -> dict[str, Any]:
    """The line of a unit that its workers did not survive."""
    unit = task.unit
    return {
        **about(unit),
        "error": f"{unit.source or unit.output}: its worker did not survive it or was killed ({type(error).__name__})",
        "kind": type(error).__name__,
        "attempts": DEATHS,
    }
