"""What a job consists of: units of work, told by their number and made when they are asked for.

A unit is a file, or a range of events, and has one output. A plan of a million
units is a list of names, or a few numbers; nothing is opened, and no unit exists
before its turn.
"""

from __future__ import annotations

import hashlib
import json
import os
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

from argoscope import __version__
from argoscope.errors import InvalidArgument

__all__ = ["Plan", "Shard", "Unit", "inputs_sha256", "parse_shard"]


@dataclass(frozen=True)
class Unit:
    """One piece of work.

    Parameters
    ----------
    index : int
        Its number in the plan.
    output : str
        Name of its file in the output folder.
    source : str
        Path or URL of its input; "" where it has none.
    first, events : int
        Its range of events; no events: all that its input has.
    """

    index: int
    output: str
    source: str = ""
    first: int = 0
    events: int = 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Units of a job, by number.

    Parameters
    ----------
    target : str
        What works on a unit, as ``module:function``; see `argoscope.jobs.tasks`.
    options : mapping
        What it is told beside the unit, as JSON carries it: with the unit, `facts` and the version, all that decides the
        bytes.
    facts : mapping
        What `options` stand for, such as the SHA-256 of the files they name.
    command : str
        The command line, for the provenance.
    inputs : sequence of str
        Files or URLs, one a unit; or none, and
    name : str
        of the outputs, `events` and `each` say how many events there are in all and in a unit, from
        `first_event` on.
    events, each, first_event : int
    counts : sequence of int
        Events of each input, where its units have `each` at most; one without events is one unit.

    Raises
    ------
    InvalidArgument
        If two units would have one output, or a unit no event.

    Examples
    --------
    >>> plan = Plan(target="argoscope.jobs.tasks:simulate", name="sbnd", events=25, each=10)
    >>> len(plan), plan[2]
    (3, Unit(index=2, output='sbnd-0000002.h5', source='', first=20, events=5))
    >>> Plan(target="argoscope.jobs.tasks:convert", inputs=["a/x.root", "root://far.org//b/y.root"])[1].output
    'y.h5'
    >>> Plan(target="argoscope.jobs.tasks:convert", inputs=["a/x.root"], counts=[25], each=10)[2]
    Unit(index=2, output='x-0000002.h5', source='a/x.root', first=20, events=5)
    """

    target: str
    options: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    command: str = ""
    inputs: Sequence[str] = ()
    name: str = ""
    events: int = 0
    each: int = 0
    first_event: int = 0
    counts: Sequence[int] = ()

    def __post_init__(self) -> None:
        if (self.counts or not self.inputs) and self.each < 1:
            raise InvalidArgument(f"events of a file (={self.each}) must be at least 1")
        seen: set[str] = set()
        for source in self.inputs:
            output = _output_of(source)
            if output in seen:
                raise InvalidArgument(
                    f"two inputs are called {output.removesuffix('.h5')!r}: their outputs would be one; "
                    "work on them apart"
                )
            seen.add(output)

    def __len__(self) -> int:
        if self.counts:
            return self._begins[-1]
        return len(self.inputs) if self.inputs else -(-self.events // self.each)

    def __getitem__(self, index: int) -> Unit:
        if self.counts:
            return self._part_of_input(index)
        if self.inputs:
            return Unit(index, _output_of(self.inputs[index]), self.inputs[index])
        at = index * self.each
        return Unit(
            index,
            _numbered(self.name, index),
            first=self.first_event + at,
            events=min(self.each, self.events - at),
        )

    @cached_property
    def _begins(self) -> list[int]:
        """Number of the first unit of each input, and of all units."""
        return list(accumulate((max(1, -(-count // self.each)) for count in self.counts), initial=0))

    def _part_of_input(self, index: int) -> Unit:
        place = bisect_right(self._begins, index) - 1
        source, number = self.inputs[place], index - self._begins[place]
        first = number * self.each
        return Unit(
            index,
            _numbered(_output_of(source).removesuffix(".h5"), number),
            source,
            first=first,
            events=min(self.each, self.counts[place] - first),
        )

    @cached_property
    def order(self) -> dict[str, Any]:
        """What is asked for, as JSON carries it: two jobs of one order have the same outputs."""
        events = {
            "name": self.name,
            "events": self.events,
            "each": self.each,
            "first_event": self.first_event,
        }
        order = {
            "target": self.target,
            "options": dict(self.options),
            "facts": dict(self.facts),
            "units": len(self),
            **({"inputs_sha256": inputs_sha256(self.inputs)} if self.inputs else events),
            **({"counts": list(self.counts), "each": self.each} if self.counts else {}),
            "version": __version__,
        }
        return dict(json.loads(json.dumps(order)))


@dataclass(frozen=True)
class Shard:
    """One of several runs that share a job: it takes every `of`-th unit from `index` on.

    Parameters
    ----------
    index, of : int

    Raises
    ------
    InvalidArgument
        If there is no such share.

    Examples
    --------
    >>> list(Shard(1, 3).units(8)), Shard(1, 3).label, Shard().label
    ([1, 4, 7], '-1-of-3', '')
    """

    index: int = 0
    of: int = 1

    def __post_init__(self) -> None:
        if self.of < 1 or not 0 <= self.index < self.of:
            raise InvalidArgument(
                f"shard (={self.index}/{self.of}) must be i/N with i from 0 to N - 1: farms count from 0"
            )

    @property
    def label(self) -> str:
        """What tells the files of this run from those of the others; "" where it is alone."""
        return "" if self.of == 1 else f"-{self.index}-of-{self.of}"

    def units(self, count: int) -> range:
        """Numbers of its units, of `count` in all."""
        return range(self.index, count, self.of)


def parse_shard(text: str) -> Shard:
    """A share as the command line has it.

    Raises
    ------
    InvalidArgument
        If it is not two whole numbers with a slash between, or there is no such share.

    Examples
    --------
    >>> parse_shard("0/4")
    Shard(index=0, of=4)
    """
    index, slash, of = text.partition("/")
    if not (slash and index.isdecimal() and of.isdecimal() and len(text) < 20):
        raise InvalidArgument(f"shard (={text!r}) must be i/N, for instance 0/100: the first of a hundred")
    return Shard(int(index), int(of))


def inputs_sha256(inputs: Sequence[str]) -> str:
    """What tells one list of inputs from another."""
    listed = hashlib.sha256()
    for source in inputs:
        listed.update(os.fsencode(source) + b"\n")
    return listed.hexdigest()


def _numbered(name: str, number: int) -> str:
    return f"{name}-{number:07d}.h5"


def _output_of(source: str) -> str:
    """Name of the output of an input: that of the input, with the suffix of larcv3 files."""
    # No Path: a million of them take half a minute.
    name = source.rpartition("/")[2]
    if "://" in source:
        name = name.partition("?")[0]
    return f"{name.rpartition('.')[0] or name}.h5"
