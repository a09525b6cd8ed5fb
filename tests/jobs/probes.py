"""Tasks that go wrong in every way: what jobs' tests let workers do, without a network or a simulation."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from argoscope.errors import StorageError, UnreadableFile
from argoscope.files.catalogue import open_events
from argoscope.files.guard import say

__all__ = ["read", "write"]


def write(
    *,
    output: str,
    resume: bool,
    first_event: int = 0,
    events: int = 0,
    source: str = "",
    log: str = "",
    seconds: float = 0.0,
    **how: Any,
) -> dict[str, Any]:
    """Write the number of the unit; those named in `how` misbehave: once, or always."""
    unit = first_event if not source else int(Path(source).read_text())
    if log:
        with Path(log).open("a") as stream:
            stream.write(f"{unit}\n")
    for way, units in how.items():
        if unit in units:
            once = Path(f"{output}.tried")
            if way.endswith("_once") and once.exists():
                continue
            once.touch()
            _misbehave(way.removesuffix("_once"))
    time.sleep(seconds)
    Path(output).write_text(f"unit {unit}\n")
    return {"events": events}


def _misbehave(way: str) -> None:
    if way == "crash":
        os.abort()
    elif way == "orphan":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    elif way == "hang":
        say("hanging", 0, 1)
        while True:
            pass
    elif way == "grow":
        kept = []
        while True:
            kept.append(b"x" * 20_000_000)
            time.sleep(0.005)
    elif way == "full":
        raise StorageError("the disk is full: free some space or write elsewhere")
    elif way == "bad":
        raise UnreadableFile("the input is damaged")
    else:
        raise ZeroDivisionError(way)


def read(*, source: str, output: str, resume: bool, skip: tuple[int, ...] = ()) -> dict[str, Any]:
    """Read every event of a file, and die of one that holds too little."""
    with open_events(source) as file:
        numbers = [number for number in range(len(file)) if number not in skip]
        for number in numbers:
            file.event(number)
    Path(output).write_text(" ".join(map(str, numbers)))
    return {"events": len(numbers)}
