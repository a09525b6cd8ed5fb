"""Files of cosmic tags that others made, read as the columns of `external_tags`.

========  ======================================================================
suffix    what is in it
========  ======================================================================
.npz      an array a column (NumPy)
.h5       a dataset a column, at the root
.parquet  a row an event: `run`, `subrun`, `event`, optionally `veto`, and a list
          each of `wire`, `tick` and optionally `plane`: a number a tagged pixel
.root     a tree ``tags`` with the same, its lists vectors of whole numbers
========  ======================================================================

The last two need the extra `root` (pyarrow, uproot).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.errors import ArgoscopeError, InvalidArgument, UnreadableFile, nearest_hint
from argoscope.files.safety import open_hdf5, require_readable
from argoscope.typing import PathLike

__all__ = ["TREE", "read_tags"]

TREE = "tags"
"""Name of the tree in a ROOT file."""
EVENT = ("run", "subrun", "event")
VETO = "veto"
LISTS = ("wire", "tick", "plane")
"""Columns of a row an event; what is not there is left out here, and refused by who needs it."""


def read_tags(path: PathLike, names: Collection[str]) -> dict[str, np.ndarray]:
    """Read the columns of a file of tags.

    Parameters
    ----------
    path : path
    names : collection of str
        Columns wanted of NumPy and HDF5 files, which have them as they are; those that are not there are left out.

    Returns
    -------
    dict of str to ndarray
        As `external_tags.ExternalTags` takes them.

    Raises
    ------
    UnreadableFile
        If the file cannot be read.
    InvalidArgument
        If its suffix is none of the table above, or what reads such files is not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/a.npz", run=[1], note=["mine"])
    ...     read_tags(f"{folder}/a.npz", ["run", "wire"])
    {'run': array([1])}
    """
    path = Path(path)
    if path.suffix not in _READERS:
        raise InvalidArgument(f"tags {path} must end in {', '.join(_READERS)}, which tells the format")
    require_readable(path)
    try:
        return _READERS[path.suffix](path, names)
    except ArgoscopeError:
        raise
    except Exception as error:
        # NumPy, HDF5, pyarrow, uproot and the decompressors have no exception in common.
        raise UnreadableFile(f"{path} cannot be read as a table of tags: {error}") from error


def _from_npz(path: Path, names: Collection[str]) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in names if name in file}


def _from_hdf5(path: Path, names: Collection[str]) -> dict[str, np.ndarray]:
    with open_hdf5(path) as file:
        return {name: file[name][:] for name in names if name in file}


def _from_parquet(path: Path, _names: Collection[str]) -> dict[str, np.ndarray]:
    parquet = _import("pyarrow.parquet", path)
    with parquet.ParquetFile(path) as file:
        known = [name for name in (*EVENT, VETO, *LISTS) if name in file.schema_arrow.names]
        table = file.read(columns=known)
    for name in known:
        column = table[name].combine_chunks()
        if column.null_count or (name in LISTS and column.flatten().null_count):
            raise InvalidArgument(
                f"the column {name!r} of {path} has gaps: give every event a number, and a list"
            )
    return _flat(path, {name: table[name].to_pylist() for name in known})


def _from_root(path: Path, _names: Collection[str]) -> dict[str, np.ndarray]:
    uproot = _import("uproot", path)
    with uproot.open(path) as file:
        if TREE not in file:
            raise InvalidArgument(
                f"{path} has no tree {TREE!r}. {nearest_hint(TREE, file.keys(cycle=False))}"
            )
        tree = file[TREE]
        known = [name for name in (*EVENT, VETO, *LISTS) if name in tree]
        return _flat(path, {name: list(tree[name].array(library="np")) for name in known})


def _flat(path: Path, rows: Mapping[str, list[Any]]) -> dict[str, np.ndarray]:
    """Columns of events and of pixels, from a row an event."""
    columns = {f"event_{name}": np.asarray(values) for name, values in rows.items() if name not in LISTS}
    sizes: dict[str, list[int]] = {}
    for name in LISTS:
        if name in rows:
            sizes[name] = [len(pixels) for pixels in rows[name]]
            columns[name] = np.array(
                [number for pixels in rows[name] for number in pixels] or np.zeros(0, int)
            )
    counts = next(iter(sizes.values()), [])
    for name, others in sizes.items():
        if others != counts:
            row = next(row for row, pair in enumerate(zip(counts, others, strict=True)) if pair[0] != pair[1])
            raise InvalidArgument(
                f"row {row} of {path} has {others[row]} pixels in {name!r} and {counts[row]} in {next(iter(sizes))!r}: give "
                "one of each for every pixel"
            )
    for name in EVENT:
        if name in rows and sizes:
            columns[name] = np.repeat(np.asarray(rows[name]), counts)
    return columns


def _import(name: str, path: Path) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise InvalidArgument(
            f"tags {path}: reading them needs {name.partition('.')[0]}: pip install 'argoscope[root]', or give .npz or .h5"
        ) from error


_READERS: dict[str, Callable[[Path, Collection[str]], dict[str, np.ndarray]]] = {
    ".npz": _from_npz,
    ".h5": _from_hdf5,
    ".parquet": _from_parquet,
    ".root": _from_root,
}
