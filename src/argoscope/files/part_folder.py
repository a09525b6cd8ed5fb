"""The folder of parts beside an output: whose it is, and that one process works in it at a time.

It holds parts, the file they are joined into, and `order.sha256`, which says
what order the parts belong to. That note is locked while a process works; the
system gives the lock back when the process ends, however it ends. Windows is
left without locks.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from argoscope.errors import InvalidArgument
from argoscope.files.atomic import writing
from argoscope.files.locks import hold

__all__ = ["JOINED", "folder_of", "opened", "part_path"]

JOINED = "joined.h5"
_NOTE = "order.sha256"
_OURS = ("part-*.rows", ".*.part", JOINED, _NOTE)


def folder_of(output: Path) -> Path:
    """Folder of an output's parts."""
    return output.with_name(f"{output.name}.parts")


def part_path(folder: Path, numbers: range) -> Path:
    """File of the part with these events."""
    return folder / f"part-{numbers.start:09d}.rows"


@contextmanager
def opened(output: Path, order: Any, *, resume: bool, overwrite: bool) -> Iterator[Path]:
    """Make the folder of parts, or check that those in it belong to the same order; it is locked in the block.

    Parameters
    ----------
    output : Path
    order : object
        What decides the bytes, as JSON carries it.
    resume : bool
        Keep parts of this order.
    overwrite : bool
        Remove parts of any order.

    Yields
    ------
    Path
        The folder. An `InvalidArgument` in the block removes it where it holds no part.

    Raises
    ------
    InvalidArgument
        If another process works in the folder, it holds what is no part, or parts that may not be used.
    StorageError
        If the system refuses.
    """
    mark = hashlib.sha256(json.dumps(order, sort_keys=True, default=str).encode()).hexdigest()
    folder = folder_of(output)
    if not folder.exists():
        with writing(output):
            folder.mkdir()
            (folder / _NOTE).write_text(mark)
    elif not (resume or overwrite):
        raise InvalidArgument(
            f"{folder} holds parts of an interrupted run: go on with --resume, or start anew with --overwrite"
        )
    with _locked(folder, output) as note:
        if overwrite:
            _emptied(folder)
            note.truncate(0)
            note.write(mark)
            note.flush()
        note.seek(0)
        if note.read() != mark:
            raise InvalidArgument(
                f"{folder} holds parts of another order (what is made, its number or parameters differ): "
                "repeat that command, or start anew with --overwrite"
            )
        for unfinished in folder.glob(".*.part"):  # of a run that was killed
            unfinished.unlink()
        try:
            yield folder
        except InvalidArgument:
            if not any(folder.glob("part-*.rows")):
                shutil.rmtree(folder, ignore_errors=True)  # another process may just end a part
            raise


@contextmanager
def _locked(folder: Path, output: Path) -> Iterator[IO[str]]:
    """The note of the order, open and locked."""
    if foreign := _foreign(folder):
        raise InvalidArgument(
            f"{folder} holds {foreign[0].name}, which is no part of a run: "
            "move that folder away, or name another output"
        )
    with writing(output):
        stream = (folder / _NOTE).open("a+")
    with stream:
        hold(
            stream,
            f"another process writes {output} (its parts in {folder} are in use): wait for it, or stop it first",
        )
        yield stream


def _foreign(folder: Path) -> list[Path]:
    """What in the folder no run put there."""
    return sorted(path for path in folder.iterdir() if not any(map(path.match, _OURS)))


def _emptied(folder: Path) -> None:
    """Remove the parts, the note apart."""
    for path in folder.iterdir():
        if path.name != _NOTE:
            path.unlink()
