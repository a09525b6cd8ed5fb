"""Stopwatches: repeated, interleaved, best and median; the machine's dense limit; peak memory."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

__all__ = [
    "Timing",
    "best_of",
    "dense_product",
    "interleaved",
    "largest_resident_mb",
    "limit_seconds",
    "peak_of",
    "with_threads",
]

LIMIT_SIZE = 2048
"""Rows and columns of the product that sets the limit."""


class Timing:
    """Seconds of repeated runs of one thing."""

    def __init__(self, seconds: list[float]) -> None:
        self.best, self.median = min(seconds), statistics.median(seconds)


def best_of(thing: Callable[[], object], repeats: int) -> float:
    """Seconds of the quickest of some runs, after an unmeasured one where there are several."""
    if repeats > 1:
        thing()
    return min(_seconds(thing) for _ in range(repeats))


def _seconds(thing: Callable[[], object]) -> float:
    start = time.perf_counter()
    thing()
    return time.perf_counter() - start


def interleaved(things: Mapping[str, Callable[[], Any]], *, repeats: int) -> dict[str, Timing]:
    """Run each thing once unmeasured, then all of them in turn, `repeats` times.

    Taking turns lets a disturbance of the machine fall on all alike.
    """
    for thing in things.values():
        thing()
    seconds: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(repeats):
        for name, thing in things.items():
            seconds[name].append(_seconds(thing))
    return {name: Timing(values) for name, values in seconds.items()}


def dense_product() -> Callable[[], Any]:
    """One float32 product of 2048 x 2048 matrices; its operations over its seconds are the limit."""
    left, right = torch.randn(LIMIT_SIZE, LIMIT_SIZE), torch.randn(LIMIT_SIZE, LIMIT_SIZE)
    return lambda: left @ right


def limit_seconds(gflop: float, product: Timing) -> float:
    """Seconds the dense product's rate would need for `gflop`."""
    return gflop * 1e9 * product.best / (2 * LIMIT_SIZE**3)


@contextmanager
def with_threads(number: int) -> Iterator[None]:
    """Let torch, and so the sparse kernels, use `number` threads inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def peak_of(statement: str) -> dict[str, Any]:
    """Run a statement in a process of its own; its value, and the memory it took.

    Parameters
    ----------
    statement : str
        Code that assigns a JSON-able `result`.

    Returns
    -------
    dict
        ``result``, ``process_mb``: largest resident memory, and ``peak_mb``: that minus that after `import torch`.

    Raises
    ------
    RuntimeError
        If the process fails; with what it said.
    """
    script = (
        "import json, torch\n"
        "from argoscope.benchmarks.timing import largest_resident_mb\n"
        "before = largest_resident_mb()\n"
        f"{statement}\n"
        "whole = largest_resident_mb()\n"
        "print(json.dumps({'result': result, 'process_mb': whole, 'peak_mb': whole - before}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)  # noqa: S603  # our own code
    if done.returncode:
        raise RuntimeError(
            f"no measurement of {statement!r}: its process ended with code {done.returncode} and said\n{done.stderr}"
        )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def largest_resident_mb() -> float:
    """Largest resident memory of this process so far, in 10^6 bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not ru_maxrss, which on Linux begins with the memory of the process that started this one.
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on macOS
