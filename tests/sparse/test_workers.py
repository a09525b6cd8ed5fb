"""Threads that help: what goes wrong on one of them reaches the caller, and costs none of them."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest
import torch

from argoscope.sparse.backends import workers
from argoscope.sparse.backends.workers import first_task, following_task, leave, run_tasks


@pytest.fixture(autouse=True)
def several_cores(monkeypatch):
    """Helpers must be asked also where the machine has one core."""
    monkeypatch.setattr(workers, "cores", lambda: 4, raising=False)


def fail_on_the_helper(team, tasks, started, values):
    """Every helper fails at its first task; the caller waits for that before it goes on."""
    number = first_task(team)
    if team[2]:
        started.set()
        raise ZeroDivisionError("in a kernel")
    assert started.wait(10)
    while number < tasks:
        values[number] = 1
        number = following_task(team)
    leave(team)


def work_together(team, tasks, met, values):
    """Done only if a helper takes one of two tasks."""
    number = first_task(team)
    while number < tasks:
        met.wait(10)
        values[number] = 1
        number = following_task(team)
    leave(team)


def within_seconds(function, seconds=20):
    """What `function` raises or None; fails where it does not return: await_tasks would spin for ever."""
    raised = []

    def call():
        torch.set_num_threads(2)
        try:
            function()
            raised.append(None)
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    assert raised, "did not return"
    return raised[0]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_exception_on_a_helper_is_raised_by_the_caller_and_helpers_live_on():
    for _ in range(3):
        error = within_seconds(lambda: run_tasks(fail_on_the_helper, 5, threading.Event(), np.zeros(5)))
        assert isinstance(error, ZeroDivisionError)
    values = np.zeros(2)
    assert within_seconds(lambda: run_tasks(work_together, 2, threading.Barrier(2), values)) is None
    assert values.all()


def test_a_dead_helper_is_replaced():
    """However it died."""
    pool = workers._helpers()
    met = threading.Barrier(2)
    assert within_seconds(lambda: run_tasks(work_together, 2, met, np.zeros(2))) is None
    for _ in pool.serving:
        pool.jobs.put(None)
    for thread in pool.serving:
        thread.join()
    assert within_seconds(lambda: run_tasks(work_together, 2, met, np.zeros(2))) is None
    assert all(thread.is_alive() for thread in pool.serving)


def test_a_job_nobody_came_to_keeps_no_arrays(monkeypatch):
    """Helpers that the system does not run leave the job in the queue."""
    torch.set_num_threads(2)
    monkeypatch.setattr(workers._Helpers, "_serve", lambda _: threading.Event().wait(1))
    monkeypatch.setattr(workers, "_POOL", [workers._Helpers()])
    values = np.zeros(1000)
    gone = weakref.ref(values)

    def alone(team, tasks, values):
        number = first_task(team)
        while number < tasks:
            number = following_task(team)
        leave(team)

    run_tasks(alone, 3, values)
    assert workers._POOL[0].jobs.qsize() == 1
    del values
    gc.collect()
    assert gone() is None


def test_no_more_helpers_than_tasks_or_cores(monkeypatch):
    asked = []
    monkeypatch.setattr(workers._Helpers, "ask", lambda _pool, helpers, _job: asked.append(helpers))

    def kernel(team, tasks):
        number = first_task(team)
        while number < tasks:
            number = following_task(team)

    torch.set_num_threads(16)
    for tasks in (100, 3, 1):
        run_tasks(kernel, tasks)
    assert asked == [3, 2]


SCRIPT = """
import builtins, torch
torch.set_num_threads(2)
from argoscope.sparse.backends import workers
from argoscope.sparse import SparseTensor, submanifold_convolution as convolve
workers.cores = lambda: 2
rows = torch.cartesian_prod(torch.zeros(1, dtype=torch.long), torch.arange(40), torch.arange(40))
x = SparseTensor.from_coordinates(rows, torch.ones(1600, 16), shape=(40, 40))
w = torch.ones(9, 16, 16)
class Late:
    convolve, x, w = staticmethod(convolve), x, w
    def __del__(self):
        self.convolve(self.x, self.w, backend="numba")
        print("computed", flush=True)
builtins.late = Late()
convolve(x, w, backend="numba")
"""


def test_a_kernel_called_while_python_ends_returns():
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        check=False,
        timeout=120,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert result.returncode == 0, result.stderr
    assert "computed" in result.stdout, result.stderr
