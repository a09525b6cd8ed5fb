"""The tables of MicroBooNE's public HDF5 files, one event at a time.

A table is a group of datasets of equal length, one a column, each (N, k).
`event_id` has run, subrun and event of each row; `event_id.seq_cnt` has one
row an event present, (position of the event in the file, number of rows). The
rows of an event are contiguous, in the order of `seq_cnt`; an event without
rows is absent from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from argoscope.errors import UnreadableFile, nearest_hint
from argoscope.files.safety import read_rows, reading

__all__ = ["EventTable", "open_table"]

ID, COUNTS = "event_id", "event_id.seq_cnt"


@dataclass(frozen=True)
class EventTable:
    """One table and the row range of each event in it.

    Parameters
    ----------
    group : h5py.Group
        The table's columns.
    path : Path
        The file, for messages.
    events : ndarray, shape (e,), int64
        Events present, rising.
    first : ndarray, shape (e + 1,), int64
        Event `events[i]` owns rows ``first[i]:first[i + 1]``.
    """

    group: h5py.Group
    path: Path
    events: np.ndarray
    first: np.ndarray

    @property
    def rows(self) -> int:
        """Rows of all events."""
        return int(self.first[-1])

    def range_of(self, event: int) -> tuple[int, int]:
        """First row of an event and the row after its last; equal where the table has not the event."""
        at = int(np.searchsorted(self.events, event))
        if at == len(self.events) or self.events[at] != event:
            return 0, 0
        return int(self.first[at]), int(self.first[at + 1])

    def column(self, name: str, event: int, width: int = 1) -> np.ndarray:
        """One column of one event.

        Returns
        -------
        ndarray, shape (n,), or (n, width) for a `width` above 1

        Raises
        ------
        UnreadableFile
            If the column is missing, has another width, or holds a number that is not finite.
        """
        low, high = self.range_of(event)
        return self._read(name, low, high, width, event)

    def blocks(self, name: str, event: int, width: int, block: int) -> Iterator[tuple[int, np.ndarray]]:
        """One wide column of one event in blocks of rows: (rows before it, the block)."""
        low, high = self.range_of(event)
        for start in range(low, high, block):
            yield start - low, self._read(name, start, min(start + block, high), width, event)

    def _read(self, name: str, low: int, high: int, width: int, event: int) -> np.ndarray:
        data = self.group.get(name)
        table = self.group.name.strip("/")
        if not isinstance(data, h5py.Dataset):
            raise UnreadableFile(
                f"{self.path}: {table} has no column {name!r}. {nearest_hint(name, list(self.group))}"
            )
        if data.shape != (self.rows, width) and not (width == 1 and data.shape == (self.rows,)):
            raise UnreadableFile(
                f"{self.path}: {table}/{name} has the shape {data.shape} where ({self.rows}, {width}) is due: "
                "the file is damaged or incomplete"
            )
        values = read_rows(data, low, high - low, self.path, f"event {event}")
        with reading(self.path, f"event {event} of {table}/{name}"):
            values = np.asarray(values).reshape((high - low, width) if width > 1 else (high - low,))
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                row = int((~np.isfinite(values.reshape(len(values), -1))).any(axis=1).argmax())
                raise UnreadableFile(
                    f"{self.path}: event {event}: {table}/{name} is not finite in row {low + row}: leave the event out"
                )
        return values


def open_table(file: h5py.File, name: str, path: Path) -> EventTable | None:
    """Find a table and where its events are; None where the file has it not.

    Raises
    ------
    UnreadableFile
        If its event counts are missing, or do not add up to its rows.
    """
    group = file.get(name)
    if not isinstance(group, h5py.Group):
        return None
    counts = group.get(COUNTS)
    if not isinstance(counts, h5py.Dataset) or counts.ndim != 2 or counts.shape[1] != 2:
        raise UnreadableFile(
            f"{path}: {name} has no column {COUNTS!r} with two numbers an event: add it with ph5concat's add_key, "
            "as the public files have it"
        )
    pairs = np.asarray(read_rows(counts, 0, len(counts), path, "the events")).astype(np.int64)
    if (np.diff(pairs[:, 0]) <= 0).any() or (pairs < 0).any():
        at = int((np.diff(pairs[:, 0], prepend=-1) <= 0).argmax())
        raise UnreadableFile(
            f"{path}: {name}/{COUNTS} row {at} is {pairs[at].tolist()}: events must rise and counts not be negative; "
            "the file is damaged"
        )
    first = np.concatenate([[0], np.cumsum(pairs[:, 1])])
    ids = group.get(ID)
    if not isinstance(ids, h5py.Dataset) or ids.shape != (first[-1], 3):
        shape = ids.shape if isinstance(ids, h5py.Dataset) else None
        raise UnreadableFile(
            f"{path}: {name}/{ID} has the shape {shape} where the event counts make ({first[-1]}, 3): "
            "the file is damaged or incomplete"
        )
    return EventTable(group, path, pairs[:, 0], first)
