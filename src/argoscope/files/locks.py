"""One process at a time in a folder: locks that end with the process that holds them, however it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from argoscope.errors import InvalidArgument
from argoscope.files.atomic import writing

__all__ = ["LOCK", "alone_in", "hold"]

LOCK = ".lock"
"""File by which a process holds a folder; empty, and left behind."""


def hold(stream: IO[Any], busy: str, *, inherited: bool = True) -> None:
    """Lock an open file until it is closed.

    Parameters
    ----------
    stream : file
        Open for writing.
    busy : str
        What to say where another process holds it.
    inherited : bool
        Whether processes that are forked hold it too, when this one has been killed.

    Raises
    ------
    InvalidArgument
        If another process holds it; the file is closed then.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows is left without locks
        return
    lock = fcntl.flock if inherited else fcntl.lockf
    try:
        lock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # POSIX leaves open which one lockf raises
        stream.close()
        raise InvalidArgument(busy) from None
    except OSError:  # a file system without locks
        pass


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder, made if it is not there, against other processes while the body runs.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    InvalidArgument
        If another process holds it.
    StorageError
        If the folder cannot be made or written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, alone_in(Path(folder)):
    ...     (Path(folder) / LOCK).exists()
    True
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / LOCK).open("a")
    with stream:
        busy = f"another process works in {folder}: wait for it, stop it first, or choose another folder"
        hold(stream, busy, inherited=False)
        yield
