"""Outputs appear under their final name only when they are whole.

A file is written beside its final name, flushed to the disk, then renamed. A
crash, a full disk or Ctrl-C leaves the old file, or none; never half a file.
Whoever writes it, it may be read by those whom the umask lets read.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from argoscope.errors import InvalidArgument, StorageError
from argoscope.typing import PathLike

__all__ = ["atomic_output", "moved", "require_folder", "require_new", "writing"]


def require_new(path: PathLike, *, overwrite: bool) -> Path:
    """Return the path of an output, refusing one that exists unless it may be overwritten.

    Raises
    ------
    InvalidArgument
        If it exists and `overwrite` is false, or it is a directory or a device.
    StorageError
        If its folder does not exist.
    """
    path = Path(path)
    if path.is_dir():
        raise InvalidArgument(f"the output {path} is a directory: name a file in it")
    if path.exists() and not path.is_file():
        raise InvalidArgument(f"the output {path} is no regular file (a device, pipe or socket): name a file")
    if path.is_symlink() and not path.exists():
        raise InvalidArgument(f"the output {path} is a link to nowhere: remove it, or name another file")
    if path.exists() and not overwrite:
        raise InvalidArgument(
            f"the output {path} exists: choose another name, or overwrite it with --overwrite"
        )
    if not path.parent.is_dir():
        raise StorageError(f"the folder {path.parent} of the output does not exist: make it first")
    return path


def require_folder(path: Path) -> None:
    """Refuse a file where an output is a folder.

    Raises
    ------
    InvalidArgument
        If `path` exists and is no folder.
    """
    if path.exists() and not path.is_dir():
        raise InvalidArgument(f"the output {path} is a file: name a folder, which need not be there yet")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the system's refusals while writing `path` into one `StorageError` that says what to do."""
    try:
        yield
    except OSError as error:
        if isinstance(error, StorageError) or getattr(error, "exit_code", None):
            raise
        reasons = {
            errno.ENOSPC: "the disk is full: free some space or write elsewhere",
            errno.EFBIG: "it would be larger than this user may write (ulimit -f): raise the limit or write less",
            errno.EDQUOT: "the disk quota is used up: free some space or write elsewhere",
            errno.EACCES: "the folder may not be written by this user: write elsewhere",
            errno.EPERM: "the folder may not be written by this user: write elsewhere",
            errno.ENOENT: "its folder takes no new files: write elsewhere",
            errno.ENAMETOOLONG: "its name is longer than the file system takes: choose a shorter one",
            errno.EROFS: "the file system is read-only: write elsewhere",
        }
        reason = reasons.get(error.errno or 0, str(error).splitlines()[0])
        raise StorageError(f"{path} could not be written: {reason}") from error


@contextmanager
def atomic_output(path: PathLike, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path to write; it becomes `path` when the block ends well.

    Parameters
    ----------
    path : path
        The final name.
    overwrite : bool
        Whether an existing file may be replaced.

    Yields
    ------
    Path
        An empty file in the same folder.

    Raises
    ------
    InvalidArgument
        If `path` exists and may not be replaced.
    StorageError
        If the disk refuses; nothing is left behind.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "a.txt"
    ...     with atomic_output(target) as temporary:
    ...         _ = temporary.write_text("whole")
    ...     target.read_text()
    'whole'
    """
    path = require_new(path, overwrite=overwrite)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.part")
    try:
        with writing(path):
            temporary.touch(exist_ok=False)
            permissions = temporary.stat().st_mode
            yield temporary
            # Some writers put a file of their own in its place: those of safetensors are readable by the owner alone.
            temporary.chmod(permissions)
            _flush(temporary)
            temporary.replace(path)
            _flush(path.parent)
    finally:
        # A name that the system refused (too long, say) has no file behind it to remove.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def moved(path: Path, target: Path) -> None:
    """Give a file that is whole its final name, on the same disk; one that has it is replaced.

    Raises
    ------
    StorageError
        If the disk refuses.
    """
    with writing(target):
        path.replace(target)
        _flush(target.parent)


def _flush(path: Path) -> None:
    """Wait until a file, or a folder's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
