"""Threads that help the calling one through a list of tasks.

The caller starts on the tasks at once and waits at the end only for tasks that
a helper has begun. A helper that the operating system does not run in time is
not missed, so a busy machine costs its share of time and no more. (A fork-join
loop, as in OpenMP, waits until every thread has been scheduled, a hundred times
in one pass through a network: with one other busy process on two cores, two
threads were measured several times slower than one.)

The helpers end before Python does; what is computed after that, by a late
`__del__` for instance, is computed by the caller alone. Daemon threads of a
user's own are beyond our reach: Python ends one where it next asks for its
lock, and if that is on the way out of a kernel, the process aborts. Join such
threads before the program ends.

Tasks are numbered from 0; whoever is free takes the next number. What a task
computes must not depend on who computes it.
"""

# Numba reads the names of the arguments of what emits machine code.
# ruff: noqa: ARG001

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import numpy as np
import torch
from llvmlite import ir
from numba import types
from numba.np import arrayobj
from numpy.typing import NDArray

from argoscope.sparse.backends.compile import compiled, machine_code

__all__ = ["Team", "first_task", "following_task", "leave", "run_tasks", "threads"]

Team = tuple[NDArray[np.int64], NDArray[np.int64], bool]
"""Counters of one job (tasks taken, tasks finished), number of jobs begun in all, whether this is a helper."""
PATIENCE = 400_000
"""Looks at the number of jobs before a helper goes to sleep: about 0.2 ms, more than the pause between two layers."""


@machine_code
def count_up(_typing: Any, counters: Any, entry: Any) -> Any:
    """Add 1 to an entry of an array of int64 that threads share; returns the number before."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        shared = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])  # type: ignore[no-untyped-call]
        at = builder.gep(shared.data, [arguments[1]])
        return builder.atomic_rmw("add", at, ir.Constant(ir.IntType(64), 1), "acq_rel")

    return types.int64(counters, types.int64), emit


@machine_code
def read_counter(_typing: Any, counters: Any, entry: Any) -> Any:
    """Read an entry of an array of int64 that other threads count up."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        shared = arrayobj.make_array(signature.args[0])(context, builder, arguments[0])  # type: ignore[no-untyped-call]
        return builder.load_atomic(builder.gep(shared.data, [arguments[1]]), "acquire", 8)

    return types.int64(counters, types.int64), emit


@compiled
def first_task(team: Team) -> int:
    """Begin a job; returns the number of a task."""
    progress, begun, helping = team
    if not helping:
        count_up(begun, 0)
    number: int = count_up(progress, 0)
    return number


@compiled
def following_task(team: Team) -> int:
    """Report a task as finished; returns the number of another."""
    count_up(team[0], 1)
    number: int = count_up(team[0], 0)
    return number


@compiled
def leave(team: Team) -> None:
    """End a job: a helper waits a little for the next.

    It waits here because the way back leads through Python's lock, which the
    caller needs now, but will not need while it works on the next job.
    """
    _progress, begun, helping = team
    if helping:
        before = read_counter(begun, 0)
        for _ in range(PATIENCE):
            if read_counter(begun, 0) != before:
                break


@compiled
def await_tasks(progress: NDArray[np.int64], tasks: int) -> None:
    """Return when all tasks are finished."""
    while read_counter(progress, 1) < tasks:
        pass


@compiled
def report_finished(progress: NDArray[np.int64]) -> None:
    """Count a task that raised an exception among the finished: nobody else will."""
    count_up(progress, 1)


@dataclass(slots=True)
class _Job:
    """What a helper is asked to call. Emptied at the end: helpers that come late must not keep the arrays alive."""

    call: tuple[Callable[..., None], tuple[Any, ...]] | None
    failure: BaseException | None = None


class _Helpers:
    """Daemon threads that wait for jobs; as many as were ever needed at once."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self.begun = np.zeros(1, np.int64)
        self.begun_alone = np.zeros(1, np.int64)
        self.serving: list[threading.Thread] = []
        self.stopped = False
        self.lock = threading.Lock()
        # Python ends daemon threads where they next ask for its lock; inside compiled code that
        # aborts the process.
        atexit.register(self.stop)

    def ask(self, helpers: int, job: _Job) -> None:
        """Let up to `helpers` threads join a job; none once Python is ending, when a new one never starts."""
        with self.lock:
            if self.stopped:
                return
            self.serving = [thread for thread in self.serving if thread.is_alive()]
            while len(self.serving) < helpers:
                thread = threading.Thread(target=self._serve, daemon=True, name="argoscope")
                thread.start()
                self.serving.append(thread)
            for _ in range(helpers):
                self.jobs.put(job)

    def stop(self) -> None:
        """End the threads, before Python itself ends; from then on every caller works alone."""
        if self.process == os.getpid():
            with self.lock:
                self.stopped = True
                serving, self.serving = self.serving, []
            for _ in serving:
                self.jobs.put(None)
            for thread in serving:
                thread.join()

    def _serve(self) -> None:
        while (job := self.jobs.get()) is not None:
            _help(job)
            del job


def _help(job: _Job) -> None:
    """Work on a job; an exception is the caller's to raise, this thread lives on."""
    call = job.call
    if call is None:
        return
    kernel, arguments = call
    try:
        kernel(*arguments)
    except BaseException as error:  # Whatever it is: the caller must neither wait for ever nor miss it.
        job.failure = error
        report_finished(arguments[0][0])


def run_tasks(kernel: Callable[..., None], tasks: int, *arguments: Any, alone: bool = False) -> None:
    """Run a compiled kernel until all tasks are done.

    Parameters
    ----------
    kernel : callable
        Called as `kernel(team, tasks, *arguments)` on every thread. Takes
        numbers with `first_task(team)` and `following_task(team)` while they
        are below `tasks`, then calls `leave(team)`.
    tasks : int
        Number of tasks.
    *arguments
        Arrays and numbers.
    alone : bool
        Whether all tasks together are less work than asking for help.

    Raises
    ------
    BaseException
        What the kernel raises, on whichever thread; the other tasks may or may not have been done.
    """
    pool = _helpers()
    progress = np.zeros(2, np.int64)
    helpers = 0 if alone or pool.stopped else min(threads(), tasks) - 1
    if helpers <= 0:
        # Not counted among the jobs that waiting helpers watch for.
        kernel((progress, pool.begun_alone, False), tasks, *arguments)
        return
    job = _Job((kernel, ((progress, pool.begun, True), tasks, *arguments)))
    pool.ask(helpers, job)
    try:
        kernel((progress, pool.begun, False), tasks, *arguments)
        await_tasks(progress, tasks)
        if job.failure is not None:
            raise job.failure
    finally:
        job.call = job.failure = None


def threads() -> int:
    """Number of threads to use, the calling one included: torch's, but no more than there are cores.

    More would take turns on the same cores: with 64 threads on two cores, 10,000 sites took four times as
    long as with one.
    """
    return min(torch.get_num_threads(), cores())


def cores() -> int:
    """Number of cores the system lets this process use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_POOL = [_Helpers()]


def _helpers() -> _Helpers:
    """The helpers of this process: threads do not survive a fork."""
    if _POOL[0].process != os.getpid():
        _POOL[0] = _Helpers()
    return _POOL[0]
