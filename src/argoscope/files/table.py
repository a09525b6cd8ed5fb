"""A flat table of pixels, for the reconstruction chain that comes after.

One row a charged pixel: entry (number of the event in the file), run, subrun,
event, plane and its indices (wire and tick, or x, y, z), the charge, and every
label. What the numbers mean stands beside the table as JSON under `about`
(an HDF5 dataset of bytes, Parquet metadata, a ROOT string): classes, grids,
units, detector, provenance. All three formats are written event by event.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.events import Event
from argoscope.files.atomic import atomic_output, require_new
from argoscope.files.catalogue import open_events
from argoscope.files.guard import say
from argoscope.files.hdf5_output import new_hdf5
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.files.safety import open_hdf5, require_dataset
from argoscope.typing import PathLike

__all__ = ["about_table", "export", "new_table", "require_table", "table_of"]

Columns = dict[str, np.ndarray]
Append = Callable[[Columns], None]

AXES = {2: ("wire", "tick"), 3: ("x", "y", "z")}
"""Column names of the pixel indices."""


def table_of(event: Event, entry: int = 0) -> Columns:
    """Flat table of one event.

    Parameters
    ----------
    event : Event
    entry : int
        Number of the event in its file.

    Returns
    -------
    dict of str to ndarray
        Columns ``entry``, ``run``, ``subrun``, ``event`` (int64), ``plane`` (int32), the
        indices (int32), ``charge`` (float32) and one column a label kind (int32).

    Raises
    ------
    InvalidArgument
        If the planes carry different labels.

    Examples
    --------
    >>> from argoscope.events import EventId, Grid, Image
    >>> image = Image.from_points(Grid((4, 4), projection=2), np.array([[1, 2]]), np.array([5.0]))
    >>> {name: column.tolist() for name, column in table_of(Event(EventId(1, 0, 7), (image,))).items()}
    {'entry': [0], 'run': [1], 'subrun': [0], 'event': [7], 'plane': [2], 'wire': [1], 'tick': [2], 'charge': [5.0]}
    """
    kinds = sorted(event.images[0].labels)
    if any(sorted(image.labels) != kinds for image in event.images):
        raise InvalidArgument("every plane must carry the same kinds of labels to make one table of them")
    sizes = [len(image) for image in event.images]
    columns: Columns = {
        name: np.full(sum(sizes), number, dtype=np.int64)
        for name, number in zip(("entry", "run", "subrun", "event"), (entry, *event.id), strict=True)
    }
    planes = [image.grid.projection for image in event.images]
    columns["plane"] = np.repeat(np.asarray(planes, dtype=np.int32), sizes)
    coordinates = np.concatenate([image.coordinates for image in event.images])
    for axis, name in enumerate(AXES[event.dimensions]):
        columns[name] = np.ascontiguousarray(coordinates[:, axis])
    columns["charge"] = np.concatenate([image.charge for image in event.images])
    for kind in kinds:
        columns[kind] = np.concatenate([image.labels[kind].values for image in event.images])
    return columns


def export(
    source: PathLike,
    target: PathLike,
    *,
    events: int | None = None,
    command: str = "",
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the flat table of a file of events.

    Parameters
    ----------
    source : path
        Input, in any known format.
    target : path
        Output; its suffix tells the format: ``.h5``, ``.root`` or ``.parquet``.
    events : int, optional
        Only the first so many events.
    command : str
        The command line, for the provenance.
    overwrite : bool
        Whether an existing output may be replaced.

    Returns
    -------
    dict
        ``input``, ``output``, ``events``, ``rows``, ``columns``.

    Raises
    ------
    InvalidArgument
        If the suffix is none of the three, or a library for it is missing.
    """
    target = require_table(target, overwrite=overwrite)
    rows, columns = 0, list[str]()
    with open_events(source) as file:
        count = len(file) if events is None else min(events, len(file))
        if not count:
            raise InvalidArgument(
                f"{source} gives no event to export: a table without rows would have no columns"
            )
        provenance = provenance_block(command, inputs=[file_facts(file.path)])
        with new_table(target, overwrite=overwrite) as (append, note):
            for index in range(count):
                event = file.event(index)
                table = table_of(event, index)
                if index == 0:
                    columns = list(table)
                    note(json.dumps({**_about(event), "provenance": provenance}))
                append(table)
                rows += len(table["charge"])
                say("exporting events", index + 1, count)
    return {"input": str(source), "output": str(target), "events": count, "rows": rows, "columns": columns}


def _about(event: Event) -> dict[str, Any]:
    """Meaning of the columns."""
    return {
        "classes": {
            kind: {
                "scheme": c.scheme.name,
                "classes": list(c.scheme.classes),
                "unlabelled": c.scheme.unlabelled,
            }
            for kind, c in event.images[0].labels.items()
        },
        "grids": [asdict(image.grid) for image in event.images],
        "charge_unit": event.charge_unit,
        "detector": event.detector,
    }


Note = Callable[[str], None]
Writer = Callable[[Path, str], AbstractContextManager[tuple[Append, Note]]]


def require_table(target: PathLike, *, overwrite: bool) -> Path:
    """The path of a new table, whose suffix tells its format.

    Raises
    ------
    InvalidArgument
        If the suffix is none of the three, or the file exists and may not be replaced.
    """
    suffix = Path(target).suffix
    if suffix not in _WRITERS:
        raise InvalidArgument(
            f"the output {target} must end in {', '.join(_WRITERS)}, which tells the format"
        )
    return require_new(target, overwrite=overwrite)


@contextmanager
def new_table(
    target: PathLike, name: str = "pixels", *, overwrite: bool = False
) -> Iterator[tuple[Append, Note]]:
    """Give what appends columns to a table, and what says, before that, what they mean.

    Parameters
    ----------
    target : path
        It appears when it is complete; see `require_table`.
    name : str
        Of the group or tree.
    overwrite : bool
    """
    target = require_table(target, overwrite=overwrite)
    with (
        atomic_output(target, overwrite=overwrite) as temporary,
        _WRITERS[target.suffix](temporary, name) as both,
    ):
        yield both


def about_table(path: PathLike) -> dict[str, Any]:
    """What stands beside a table: meaning of its columns, provenance.

    Raises
    ------
    UnreadableFile
        If the file is no such table.
    """
    path = Path(path)
    readers: dict[str, Callable[[], Any]] = {
        ".h5": lambda: _about_hdf5(path),
        ".root": lambda: _import("uproot").open(path)["about"],
        ".parquet": lambda: _import("pyarrow.parquet").read_schema(path).metadata[b"about"],
    }
    try:
        about = json.loads(readers[path.suffix]())
    except (KeyError, OSError, ValueError, TypeError) as error:
        raise UnreadableFile(f"{path} does not say what it is: no table of argoscope's") from error
    if not isinstance(about, dict):
        raise UnreadableFile(f"{path} does not say what it is: no table of argoscope's")
    return about


def _about_hdf5(path: Path) -> bytes:
    with open_hdf5(path) as file:
        return bytes(require_dataset(file, "about", path)[()])


@contextmanager
def _hdf5(path: Path, name: str) -> Iterator[tuple[Append, Note]]:
    with new_hdf5(path) as output:
        group = output.file.create_group(name)

        def append(columns: Columns) -> None:
            for column, values in columns.items():
                if column not in group:
                    group.create_dataset(
                        column,
                        (0,),
                        values.dtype,
                        maxshape=(None,),
                        chunks=(16384,),
                        compression="gzip",
                        compression_opts=1,
                    )
                start = group[column].shape[0]
                group[column].resize((start + len(values),))
                group[column][start:] = values
            output.check()

        def note(text: str) -> None:
            output.file.create_dataset("about", data=np.frombuffer(text.encode(), dtype=np.uint8))

        yield append, note


@contextmanager
def _root(path: Path, name: str) -> Iterator[tuple[Append, Note]]:
    uproot = _import("uproot")
    with uproot.recreate(path) as file:

        def append(columns: Columns) -> None:
            if name not in file:
                file.mktree(name, {column: values.dtype for column, values in columns.items()})
            file[name].extend(columns)

        def note(text: str) -> None:
            file["about"] = text

        yield append, note


@contextmanager
def _parquet(path: Path, _name: str) -> Iterator[tuple[Append, Note]]:
    arrow, parquet = _import("pyarrow"), _import("pyarrow.parquet")
    writers: list[Any] = []
    notes: dict[str, str] = {}

    def append(columns: Columns) -> None:
        table = arrow.table(columns).replace_schema_metadata(notes)
        if not writers:
            writers.append(parquet.ParquetWriter(path, table.schema, write_page_checksum=True))
        writers[0].write_table(table)

    def note(text: str) -> None:
        notes["about"] = text

    try:
        yield append, note
    finally:
        for writer in writers:
            writer.close()


def _import(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise InvalidArgument(
            f"this output needs {name}: install it with `pip install 'argoscope[root]'`"
        ) from error


_WRITERS: dict[str, Writer] = {".h5": _hdf5, ".root": _root, ".parquet": _parquet}
