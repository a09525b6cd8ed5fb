"""The log of a training: rows of numbers by step, as CSV and for TensorBoard.

A run that goes on drops the rows after its checkpoint first, so that the log
of an interrupted run is that of an undisturbed one.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argoscope.errors import InvalidArgument
from argoscope.files.atomic import atomic_output, writing

__all__ = ["Log", "open_board", "read_log"]


class Log:
    """A CSV file whose first column is the step; each row is written at once.

    Parameters
    ----------
    path : Path
    step : int
        Steps done: rows from here on are dropped.
    board : SummaryWriter, optional
        Gets the same numbers.
    """

    def __init__(self, path: Path, step: int, board: Any = None) -> None:
        self.path, self.board = path, board
        self._columns: list[str] = []
        rows = [row for row in read_log(path) if int(row["step"]) <= step]
        if path.exists():
            with atomic_output(path, overwrite=True) as temporary:
                temporary.touch()
                for row in rows:
                    self._write(row, temporary)

    def append(self, step: int, numbers: Mapping[str, float]) -> None:
        """Add the row of a step."""
        self._write({"step": str(step), **{name: f"{value:.7g}" for name, value in numbers.items()}})
        if self.board is not None:
            for name, value in numbers.items():
                self.board.add_scalar(f"{self.path.stem}/{name}", value, step)
            self.board.flush()

    def _write(self, row: Mapping[str, str], path: Path | None = None) -> None:
        with writing(self.path), (path or self.path).open("a", newline="") as stream:
            writer = csv.DictWriter(stream, self._columns or list(row))
            if not self._columns:
                self._columns = list(row)
                writer.writeheader()
            writer.writerow(row)


def read_log(path: Path) -> list[dict[str, str]]:
    """Rows of a log; none where there is no file. A last line cut short is left out."""
    if not path.exists():
        return []
    whole = [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
    rows = list(csv.DictReader(whole))
    return [row for row in rows if None not in row.values() and row.get("step", "").isdigit()]


def open_board(folder: Path, step: int) -> Any:
    """A writer of logs for TensorBoard, which hides what a run that goes on had written after `step`.

    Raises
    ------
    InvalidArgument
        If the package tensorboard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InvalidArgument(
            "tensorboard (=true) needs the package tensorboard: pip install 'argoscope[train]', or leave it out"
        ) from error
    return SummaryWriter(folder, purge_step=step + 1)
