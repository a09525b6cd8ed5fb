"""The guide of the demo: says what is done and since when, has it done, and remembers how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from argoscope.files.guard import Child

__all__ = ["Guide", "Timing"]

STALL_SECONDS = 600.0
"""Silence of a child that is borne: a network's kernels that are not on disk yet are compiled first."""


class Timing(NamedTuple):
    """How long a step took, of how many events; 0 where it is of none."""

    what: str
    events: int
    seconds: float


@dataclass
class Guide:
    """What the stops of the demo share.

    Parameters
    ----------
    folder : Path
        For what is made.
    models : mapping of str to Path
        Cards of the networks that there are, by name.
    command : str
        The command line, for the provenance of outputs.
    report : callable
        Called with each line that says what is done.
    progress : callable
        Called as progress(what, done, total) while it is.
    child : Child
        Process that reads files.
    begun : float
        Of `time.monotonic`.
    timings : list of Timing
    """

    folder: Path
    models: Mapping[str, Path]
    command: str
    report: Callable[[str], None]
    progress: Callable[[str, int, int], None]
    child: Child = field(default_factory=Child)
    begun: float = field(default_factory=time.monotonic)
    timings: list[Timing] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Since the demo began."""
        return time.monotonic() - self.begun

    def say(self, line: str) -> None:
        """Say a line, with the time since the demo began."""
        self.report(f"{self.seconds:5.0f} s  {line}")

    @contextmanager
    def step(self, line: str, what: str, events: int = 0) -> Iterator[None]:
        """Say what is done, and remember how long it took.

        Parameters
        ----------
        line : str
            As it is said.
        what : str
            In a few words, for the table of timings.
        events : int
        """
        self.say(line)
        begun = time.monotonic()
        yield
        self.timings.append(Timing(what, events, time.monotonic() - begun))

    def run(self, function: str, file: Path, /, **arguments: Any) -> Any:
        """Run a function of this package, ``module:function``, on a file, in the child."""

        def told(what: str, _seconds: float, done: int, total: int) -> None:
            self.progress(what, done, total)

        return self.child.call(function, arguments, path=file, stall_seconds=STALL_SECONDS, progress=told)
