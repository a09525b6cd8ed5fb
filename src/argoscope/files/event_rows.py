"""Where the rows of each event stand in a table that names the event in a column.

larnd-sim appends the rows of all events to one table. The column with the
event number is read once, in blocks, and only the borders between events are
kept: a few numbers for each event, however long the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from argoscope.errors import UnreadableFile
from argoscope.files.safety import reading

__all__ = ["EventRows", "rows_by_event"]

BLOCK = 1_000_000
"""Rows of the event column read at once."""


@dataclass(frozen=True)
class EventRows:
    """Row ranges of the events of a table.

    Parameters
    ----------
    numbers : ndarray, shape (e,), int64
        Event numbers, rising.
    first, count : ndarray, shape (e,), int64
        Event `numbers[i]` owns rows ``first[i]:first[i] + count[i]``.
    """

    numbers: np.ndarray
    first: np.ndarray
    count: np.ndarray

    def range_of(self, number: int) -> tuple[int, int]:
        """First row and number of rows of an event; no rows where the table has not the event."""
        at = int(np.searchsorted(self.numbers, number))
        if at == len(self.numbers) or self.numbers[at] != number:
            return 0, 0
        return int(self.first[at]), int(self.count[at])


def rows_by_event(data: h5py.Dataset, column: str, path: Path) -> EventRows:
    """Find the row range of every event of a table.

    Parameters
    ----------
    data : h5py.Dataset
        A table with an event column.
    column : str
        Its name.
    path : Path
        The file, for messages.

    Raises
    ------
    UnreadableFile
        If the rows of an event are not contiguous.
    """
    numbers, firsts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for low in range(0, data.shape[0], BLOCK):
        with reading(path, f"column {column} of {data.name}"):
            block = np.asarray(data.fields(column)[low : low + BLOCK]).astype(np.int64)
        last = numbers[-1][-1:]
        starts = np.flatnonzero(np.diff(block, prepend=last if len(last) else block[0] - 1))
        numbers.append(block[starts])
        firsts.append(starts + low)
    number, first = np.concatenate(numbers), np.concatenate(firsts)
    count = np.diff(np.append(first, data.shape[0]))
    order = np.argsort(number, kind="stable")
    number, first, count = number[order], first[order], count[order]
    twice = number[1:] == number[:-1]
    if twice.any():
        at = int(twice.argmax())
        raise UnreadableFile(
            f"{path}: the rows of event {number[at]} in {data.name} are not contiguous (they go on at row "
            f"{first[at + 1]}): sort the table by {column}"
        )
    return EventRows(number, first, count)
