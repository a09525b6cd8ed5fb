"""What every reader offers: events by number, lazily, from any number of processes.

A reader opens its file when the first event is asked for, keeps the handle for
the process that opened it, and opens anew in another one; it travels between
processes as its path alone. It never holds more than the event at hand.

`describe()` says what the file holds, `event()` gives it as a physicist sees
it. Files that hold larcv products also give `record()`, every product as stored.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, TypeVar

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import Event, Record
from argoscope.typing import PathLike

__all__ = ["Description", "EventFile", "RecordFile"]

_File = TypeVar("_File", bound="EventFile")


@dataclass(frozen=True)
class Description:
    """What a file holds, without its events.

    Parameters
    ----------
    format : str
        Name of the format, for instance "larcv3".
    events : int
        Number of events.
    planes : int
        Images of an event: planes, or 1 for a volume.
    products : dict
        What is stored by name, with a few facts each (kind, rows).
    schemes : dict of str to str
        Label scheme of each kind of label; for larcv3, of each label product.
    units : dict of str to str
        Unit of "charge" and "energy".
    detector : str
        The detector's name, "" where the file does not say.
    provenance : dict
        Command, version, inputs and seeds, where the file says.
    """

    format: str
    events: int
    planes: int
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    schemes: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    detector: str = ""
    provenance: dict[str, Any] = field(default_factory=dict)


class EventFile(ABC):
    """A file of events, read one event at a time.

    Parameters
    ----------
    path : path
        The file. It is opened when it is first needed.

    Raises
    ------
    UnreadableFile
        When it is first read, if it is missing, damaged or of another format.
    """

    format: ClassVar[str]

    def __init__(self, path: PathLike) -> None:
        self.path = Path(path)
        self._handle: Any = None
        self._owner = -1

    @abstractmethod
    def _open(self) -> Any:
        """Open the file and check its structure; called once in each process."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _event(self, index: int) -> Event:
        """Read one event; `index` lies in the file."""

    @abstractmethod
    def describe(self) -> Description:
        """Say what the file holds."""

    @property
    def handle(self) -> Any:
        """The open file of this process."""
        if self._handle is None or self._owner != os.getpid():
            self._handle = self._open()
            self._owner = os.getpid()
        return self._handle

    def event(self, index: int) -> Event:
        """Read one event.

        Parameters
        ----------
        index : int
            Position in the file; negative ones count from its end.

        Raises
        ------
        InvalidArgument
            If the file has no such event.
        UnreadableFile
            If the event is damaged; the message names product and event.
        """
        index = self.require_index(index)
        try:
            return self._event(index)
        except InvalidArgument as error:
            raise UnreadableFile(f"{self.path}: event {index}: {error}") from error

    def charge_event(self, index: int) -> Event:
        """Read the charge of one event: images and units, as `event` has them.

        Readers that can do so without the rest leave out labels, truth and particles; others read the event.

        Raises
        ------
        InvalidArgument, UnreadableFile
            As `event`.
        """
        return self.event(index)

    def require_index(self, index: int) -> int:
        """Return `index` as a position in the file, refusing one outside."""
        events = len(self)
        if not -events <= index < events:
            raise InvalidArgument(
                f"event (={index}) must be one of the {events} of {self.path}, numbered from 0"
            )
        return index % events

    def numbers(self, first: int = 0, most: int | None = None) -> range:
        """Numbers of the events from `first` on, of at most so many; fewer where the file ends.

        Raises
        ------
        InvalidArgument
            If the first is none of the file's.
        """
        if first:
            first = self.require_index(first)
        return range(first, len(self) if most is None else min(first + most, len(self)))

    def __getitem__(self, index: int) -> Event:
        # Python's iteration protocol asks for IndexError at the end.
        if index >= len(self):
            raise IndexError(index)
        return self.event(index)

    def __iter__(self) -> Iterator[Event]:
        return (self.event(index) for index in range(len(self)))

    def close(self) -> None:
        """Close the file in this process; it opens again when needed."""
        if self._handle is not None and self._owner == os.getpid():
            self._handle.close()
        self._handle = None

    def __enter__(self: _File) -> _File:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_handle": None, "_owner": -1}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"


class RecordFile(EventFile):
    """A file of larcv products, which also gives each product as stored."""

    @abstractmethod
    def record(self, index: int) -> Record:
        """Read every product of one event as stored."""

    @abstractmethod
    def charge_of(self, record: Record) -> Event:
        """Event of the charge of a record that was read from this file.

        Parameters
        ----------
        record : Record
            With the charge; its other products are left out.

        Raises
        ------
        InvalidArgument, UnknownCharge
            If it is not known which of the products is the charge.
        UnreadableFile
            If that is no image, or damaged.
        """
