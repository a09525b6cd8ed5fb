"""Damaged files: a seeded mutator, and a child that reads one mutant after another.

Every mutant is read whole, in a child process, as the commands read files. The
outcome is one of: whole (the damage hit nothing that matters, or only values),
refused (one sentence), or, where the library itself crashed or looped, what
the guard said. Anything else is a bug and travels as such.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from argoscope.errors import ArgoscopeError, UnreadableFile
from argoscope.files import guard
from argoscope.files.catalogue import open_events
from argoscope.files.header import verify
from argoscope.files.larcv3 import Larcv3File

STALL_SECONDS = 10.0


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file in one of the ways that disks, transfers and programs do."""
    data = np.frombuffer(content, dtype=np.uint8).copy()
    start = int(rng.integers(len(data)))
    length = int(min(rng.choice([1, 2, 4, 8, 64, 512]), len(data) - start))
    way = rng.choice(["flip", "bytes", "zero", "ones", "truncate", "copy"])
    if way == "flip":
        data[start] ^= np.uint8(1 << int(rng.integers(8)))
    elif way == "bytes":
        data[start : start + length] = rng.integers(0, 256, length)
    elif way == "zero":
        data[start : start + length] = 0
    elif way == "ones":
        data[start : start + length] = 255
    elif way == "truncate":
        data = data[: max(start, 1)]
    else:
        source = int(rng.integers(len(data) - length + 1))
        data[start : start + length] = data[source : source + length]
    return data.tobytes()


def read_all(folder: str, names: list[str]) -> None:
    """Read every file of a list whole, saying how each went: runs in the child."""
    for number, name in enumerate(names):
        try:
            with open_events(Path(folder) / name) as file:
                file.describe()
                for index in range(len(file)):
                    file.event(index)
                    if hasattr(file, "record"):
                        file.record(index)
                if isinstance(file, Larcv3File):
                    verify(file.handle.file, file.path)
            outcome = "whole"
        except ArgoscopeError as error:
            outcome = f"refused {error}"
        except Exception as error:  # anything else is a bug: say which mutant showed it
            outcome = f"bug {type(error).__name__}: {error}"
        guard.say(outcome, number + 1, len(names))


def outcomes(original: Path, count: int, folder: Path, seed: int) -> dict[str, str]:
    """Read `count` mutants of a file; return how each went by its name."""
    rng = np.random.default_rng(seed)
    content = original.read_bytes()
    names = [f"mutant{number:04d}{original.suffix}" for number in range(count)]
    for name in names:
        (folder / name).write_bytes(mutate(content, rng))
    said: dict[str, str] = {}

    def note(what: str, _seconds: float, done: int, total: int) -> None:
        # Readers tell their own progress too.
        if what.split(maxsplit=1)[0] in {"whole", "refused", "bug"}:
            said[names[done - 1 + len(names) - total]] = what

    while len(said) < count:
        left = names[len(said) :]
        try:
            guard.call(
                "tests.files.mutants:read_all",
                {"folder": str(folder), "names": left},
                path=original,
                stall_seconds=STALL_SECONDS,
                progress=note,
            )
        except UnreadableFile as error:
            # The library crashed or looped on the next mutant; the guard said so in one sentence.
            said[names[len(said)]] = f"guarded {error}"
    return said
