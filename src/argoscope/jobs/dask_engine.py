"""Units on Dask: few at a time in the scheduler's hands, a worker's death one more try.

The scheduler knows of a few units for each worker, never of all: its memory
and the client's stay as they are for a million units. Dask gives a unit whose
worker died to another; after three deaths the unit is set aside.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from argoscope.jobs.worker import Task, run_remotely

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["DEATHS", "on_dask"]

AHEAD = 3
"""Units of a worker's thread that the scheduler knows of: one at work, the others so that it need not wait."""
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
    """
    from distributed import as_completed

    at_work = {}

    def submitted(count: int) -> list[Any]:
        futures = []
        for task in islice(tasks, count):
            future = client.submit(run_remotely, task, pure=False)
            at_work[future.key] = task
            futures.append(future)
        return futures

    slots, asked = max(workers, _threads(client)), time.monotonic()
    completed = as_completed(submitted(AHEAD * slots))
    for future in completed:
        yield _note(future, at_work.pop(future.key))
        future.release()
        if time.monotonic() - asked > ASK_SECONDS:
            slots, asked = _threads(client), time.monotonic()
        for other in submitted(max(1, AHEAD * slots - len(at_work))):
            completed.add(other)


def _threads(client: Client) -> int:
    """Threads of the workers that are there."""
    return int(sum(client.nthreads().values()))


def _note(future: Any, task: Task) -> dict[str, Any]:
    """What became of a unit: what its worker said, or that workers died of it."""
    error = future.exception()
    if error is None:
        return dict(future.result())
    unit = task.unit
    return {
        "unit": unit.index,
        **({"input": unit.source} if unit.source else {}),
        "error": f"{unit.source or unit.output}: its worker did not survive it or was killed ({type(error).__name__})",
        "kind": type(error).__name__,
        "attempts": DEATHS,
    }
