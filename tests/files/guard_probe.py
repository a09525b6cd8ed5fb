"""Functions that the guard's tests run in a child: one that works, and every way to go wrong."""

from __future__ import annotations

import ctypes
import os
import time
from typing import Any

from argoscope.errors import InvalidArgument
from argoscope.files.guard import modest_memory, say


def count(steps: int) -> dict[str, int]:
    for step in range(steps):
        say("counting", step + 1, steps)
    return {"counted": steps}


def chatter() -> str:
    os.write(1, b"a library prints on stdout\n")
    print("so does Python")  # noqa: T201
    return "heard"


def refuse() -> None:
    raise InvalidArgument("the argument is wrong: use another")


def take(megabytes: int) -> list[bool]:
    """Whether so much memory is had within `modest_memory`, and after it."""

    def had() -> bool:
        try:
            return len(bytearray(megabytes * 10**6)) > 0
        except MemoryError:
            return False

    with modest_memory():
        within = had()
    return [within, had()]


def fail() -> None:
    raise ZeroDivisionError("a bug")


def loop() -> Any:
    say("looping", 0, 1)
    while True:
        pass


def sleep(seconds: float) -> str:
    say("sleeping", 0, 1)
    time.sleep(seconds)
    return "awake"


def crash() -> None:
    ctypes.string_at(0)


def identity() -> list[object]:
    return [os.getpid(), os.environ.get("PROBED")]


def grow() -> None:
    kept = []
    while True:
        kept.append(b"x" * 10_000_000)
        time.sleep(0.01)


def work_on() -> None:
    """Work without a word after the first, where `say` cannot end it."""
    say(str(os.getpid()), 0, 1)
    while True:
        time.sleep(0.01)
