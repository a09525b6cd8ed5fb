"""Opening foreign HDF5 files without harm.

An HDF5 file can point at other files, declare terabytes in a few bytes and
hold programs of its own. `open_hdf5` refuses what no detector file needs:

- soft and external links, external storage, virtual datasets (a 6 kB file can
  make an ordinary read return another file of this machine);
- object types (variable-length strings) where a reader did not ask for them;
- datasets, and chunks of them, that declare more bytes than the file could hold compressed, and chunks or events of
  more bytes than a machine should be asked for.

It also turns the library's errors into one sentence. What no Python code can
stop, a loop or a crash inside the C library, is the business of `guard`.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from argoscope.errors import ArgoscopeError, UnreadableFile, nearest_hint
from argoscope.files.guard import modest_memory

__all__ = [
    "open_hdf5",
    "read_rows",
    "reading",
    "reading_structure",
    "require_dataset",
    "require_readable",
]

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
"""First bytes of an HDF5 file (HDF5 file format specification, superblock)."""

MAX_EXPANSION = 1100
"""A dataset may declare at most this many times the file's size: deflate gains at most 1032 times."""

MIN_DECLARED = 2**20
"""Datasets up to this many bytes are never suspicious."""

MAX_CHUNK = 2**28
"""Bytes of a chunk: HDF5 unpacks a whole one for a single number of it, and writers take a few million at most."""

MAX_READ = 2**30
"""Bytes read at once: one product of one event, which has a few million."""


def require_readable(path: Path) -> int:
    """Size of the file in bytes, refusing what cannot be read as a file.

    Raises
    ------
    UnreadableFile
        If it is missing, a directory, empty, not a file, or not permitted.
    """
    try:
        if path.is_dir():
            raise UnreadableFile(f"{path} is a directory: name the files in it, for instance {path}/*.h5")
        if not path.exists():
            raise UnreadableFile(f"{path} does not exist{_nearest_file(path)}")
        if not path.is_file():
            raise UnreadableFile(
                f"{path} is no regular file (a pipe, socket or device): copy it to a file first"
            )
        size = path.stat().st_size
        if size == 0:
            raise UnreadableFile(
                f"{path} is empty (0 bytes): its transfer or its writer may have been interrupted"
            )
        with path.open("rb"):
            return size
    except PermissionError as error:
        raise UnreadableFile(
            f"{path} may not be read by this user: ask its owner for read permission"
        ) from error
    except (OSError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile(f"{path!s} cannot be read: {error}") from error


def _nearest_file(path: Path) -> str:
    if not path.parent.exists():
        return f": there is no folder {path.parent} either"
    try:
        names = [p.name for p in path.parent.iterdir() if p.is_file()]
    except OSError:
        return f": its folder {path.parent} cannot be read either"
    hint = nearest_hint(path.name, names)
    if hint.startswith("Did"):
        return f". {hint}"
    if not names:
        return f": there is no file in {path.parent}"
    return f": none of the {len(names)} files in {path.parent} has a name like it"


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Turn whatever the libraries raise while reading into one `UnreadableFile`.

    Parameters
    ----------
    path : Path
        The file being read.
    what : str
        Product and event at hand, for the message.
    """
    try:
        yield
    except ArgoscopeError:
        raise
    except MemoryError as error:
        raise UnreadableFile(
            f"{path}: {what} asks for more memory than there is: the file is damaged, or read it on a larger machine"
        ) from error
    except (
        OSError, ValueError, TypeError, KeyError, IndexError, RuntimeError, OverflowError, AssertionError,
        AttributeError, NotImplementedError, EOFError, UnicodeError, ArithmeticError, LookupError,
        zlib.error, struct.error,
    ) as error:  # fmt: skip
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableFile(
            f"{path}: {what} cannot be read ({reason}): the file is damaged or incomplete"
        ) from error


def open_hdf5(path: Path, *, objects: bool = False) -> h5py.File:
    """Open an HDF5 file for reading and check that its structure is harmless.

    Parameters
    ----------
    path : Path
        The file.
    objects : bool
        Whether variable-length data are expected (PILArNet-M and Geant4 files have them).

    Returns
    -------
    h5py.File
        Open for reading.

    Raises
    ------
    UnreadableFile
        If it is no HDF5 file, damaged, still being written, or holds what no detector file needs.
    """
    size = require_readable(path)
    with path.open("rb") as stream:
        if stream.read(len(HDF5_SIGNATURE)) != HDF5_SIGNATURE:
            raise UnreadableFile(
                f"{path} is no HDF5 file (its first bytes are not HDF5's): convert it, or check its name"
            )
    try:
        file = h5py.File(path, "r")
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise UnreadableFile(f"{path} {_why_not_opened(str(error))}") from error
    with reading_structure(file, path), modest_memory():
        _check_group(file, path, size, objects, budget=[MAX_OBJECTS])
    return file


@contextmanager
def reading_structure(file: h5py.File, path: Path, what: str = "its table of contents") -> Iterator[None]:
    """Close a file that was just opened if the block, which reads its structure, fails; see `reading`."""
    try:
        with reading(path, what):
            yield
    except BaseException:
        file.close()
        raise


MAX_OBJECTS = 100_000
"""Groups and datasets in one file: an ordinary file has tens."""


def _why_not_opened(reason: str) -> str:
    # "superblock" is in many of HDF5's messages, so the words must be these.
    if "lock file" in reason or "already open for write" in reason or "open for writing" in reason:
        return "is still being written by another process: wait until it is complete"
    if "truncated" in reason:
        return "is truncated: its transfer or its writer was interrupted; fetch or write it again"
    return f"cannot be opened as HDF5 ({reason.splitlines()[0]}): the file is damaged or incomplete"


def _check_group(group: h5py.Group, path: Path, size: int, objects: bool, budget: list[int]) -> None:
    for name in group:
        budget[0] -= 1
        if budget[0] < 0:
            raise UnreadableFile(f"{path} holds more than {MAX_OBJECTS} objects: no detector file does")
        where = f"{group.name.rstrip('/')}/{name}"
        link = group.get(name, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise UnreadableFile(
                f"{path}: {where} is a link to elsewhere, which could name any file: copy the data itself"
            )
        item = group[name]
        if isinstance(item, h5py.Group):
            _check_group(item, path, size, objects, budget)
        elif isinstance(item, h5py.Dataset):
            _check_dataset(item, path, where, size, objects)


def _check_dataset(data: h5py.Dataset, path: Path, where: str, size: int, objects: bool) -> None:
    if data.is_virtual or data.external is not None:
        raise UnreadableFile(f"{path}: {where} takes its data from other files: copy the data itself")
    if data.dtype.hasobject and not objects:
        raise UnreadableFile(f"{path}: {where} holds variable-length objects, which this format has not")
    # HDF5 takes memory for a whole chunk, which may be larger than what is there of the dataset.
    chunk = _bytes(data.chunks, data)
    declared = max(_bytes(data.shape, data), chunk)
    if declared > max(MIN_DECLARED, MAX_EXPANSION * size):
        raise UnreadableFile(
            f"{path}: {where} declares {declared} bytes in a file of {size}: the file is damaged or made to harm"
        )
    if chunk > MAX_CHUNK:
        raise UnreadableFile(
            f"{path}: {where} is stored in chunks of {chunk} bytes, each of which takes as much memory; {MAX_CHUNK} are "
            f"allowed: store it in smaller ones (h5repack -l {where}:CHUNK=...)"
        )


def _bytes(shape: tuple[int, ...] | None, data: h5py.Dataset) -> int:
    """Bytes of so many elements of a dataset; whole numbers of Python do not overflow."""
    return 0 if shape is None else int(np.prod(shape, dtype=object)) * int(data.dtype.itemsize)


def require_dataset(group: h5py.Group, name: str, path: Path, columns: Iterable[str] = ()) -> h5py.Dataset:
    """Find a one-dimensional dataset and check that it has the columns a reader needs.

    Raises
    ------
    UnreadableFile
        If it is missing, no dataset, or lacks a column; the message names what there is.
    """
    item = group.get(name)
    if not isinstance(item, h5py.Dataset):
        raise UnreadableFile(f"{path}: {group.name}/{name} is missing. {nearest_hint(name, list(group))}")
    if item.ndim != 1:
        raise UnreadableFile(f"{path}: {item.name} has {item.ndim} axes where a table has one")
    missing = [column for column in columns if column not in (item.dtype.names or ())]
    if missing:
        raise UnreadableFile(
            f"{path}: {item.name} lacks the column {missing[0]!r}; it has {item.dtype.names}"
        )
    return item


def read_rows(data: h5py.Dataset, first: int, count: int, path: Path, what: str) -> Any:
    """Read rows ``first:first + count`` of a table, refusing a range that leaves it.

    Raises
    ------
    UnreadableFile
        If the range points outside the table (HDF5 itself would shorten it in silence), or takes too much memory.
    """
    rows = data.shape[0]
    if first < 0 or count < 0 or first + count > rows:
        raise UnreadableFile(
            f"{path}: {what} points at rows {first} to {first + count} of {data.name}, which has {rows}: "
            "the file is damaged or incomplete"
        )
    if (taken := count * _bytes(data.shape[1:], data)) > MAX_READ:
        raise UnreadableFile(
            f"{path}: {what} in {data.name} takes {taken} bytes of memory, where {MAX_READ} are allowed: the file is damaged "
            "or made to harm"
        )
    with reading(path, f"{what} in {data.name}"):
        return data[first : first + count]
