"""From a file to a picture or a page: what the `display` command runs.

The suffix of the output decides: .png, .pdf and .svg are drawn by matplotlib,
.html is one page that needs nothing else. Runs in a child process (see
`argoscope.files.guard`), so all it takes and gives is JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from argoscope import __version__
from argoscope.display.calls import read_calls
from argoscope.display.layers import telling_layers
from argoscope.display.page import write_page
from argoscope.display.scene import Scene, scene_of
from argoscope.display.scores import read_scores
from argoscope.display.static import DEFAULT_LAYERS, figure_of, save_figures
from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.files.atomic import atomic_output, require_new
from argoscope.files.guard import say
from argoscope.files.source import EventFile

__all__ = ["SUFFIXES", "render_events", "render_file"]

SUFFIXES = (".png", ".pdf", ".svg", ".html")
"""What can be made."""
SEVERAL = (".pdf", ".html")
"""Of these, what can hold several events."""


def render_file(
    path: str,
    event: int,
    output: str,
    *,
    overwrite: bool = False,
    layers: list[str] | None = None,
    last_event: int | None = None,
    command: str = "",
) -> dict[str, Any]:
    """Show events of a file of any known format.

    Parameters
    ----------
    path : str
        The file.
    event : int
        Number of the (first) event, from 0.
    output : str
        What to write; its suffix is one of `SUFFIXES`.
    overwrite : bool
        Whether an existing output may be replaced.
    layers : list of str, optional
        "charge", "semantic", "origin", "instance", "ancestor", "prediction",
        "predicted_ancestor", "difference", "called", "score", in the order wanted. By default all on a page, and three in
        a picture: truth, prediction and difference where there are predictions.
    last_event : int, optional
        Show the events up to this one; pages and PDF only.
    command : str
        The command line, for the provenance.

    Returns
    -------
    dict
        output, format, events, events_in_file, pixels (per event and panel), layers,
        left_out (layers that a picture has no room for), classes (pixels of
        each class, per event), bytes.

    Raises
    ------
    InvalidArgument
        If there is no such event or layer, the suffix is unknown, or the output exists.
    UnreadableFile
        If the file cannot be read.
    """
    from argoscope.files.catalogue import open_events  # loads every reader: only when a file is opened

    _require_suffix(output)
    require_new(output, overwrite=overwrite)
    with open_events(path) as file:
        return render_events(
            file, event, output, overwrite=overwrite, layers=layers, last_event=last_event, command=command
        )


def render_events(
    file: EventFile,
    event: int,
    output: str,
    *,
    overwrite: bool = False,
    layers: list[str] | None = None,
    last_event: int | None = None,
    command: str = "",
) -> dict[str, Any]:
    """Show events of an open file; see `render_file`.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from argoscope.events import EventId, Grid, Record, Voxels
    >>> from argoscope.files.larcv3 import Larcv3File
    >>> from argoscope.files.larcv3_write import write_records
    >>> plane = Voxels(Grid((4, 6)), np.array([7, 9]), np.array([20.0, 30.0], dtype=np.float32))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_records(f"{folder}/a.h5", [Record(EventId(1, 2, 3), {"sparse2d_wire": (plane,)})])
    ...     with Larcv3File(f"{folder}/a.h5") as file:
    ...         render_events(file, 0, f"{folder}/a.png")["pixels"]
    [[2]]
    """
    suffix = _require_suffix(output)
    numbers = _numbers(file, event, last_event, suffix)
    seen: list[dict[str, Any]] = []
    scenes = _scenes(file, numbers, layers, suffix, seen)
    provenance = {
        "title": f"{file.path.name}, event {numbers[0]}",
        "command": command,
        "version": f"argoscope {__version__}",
        "file": str(file.path),
        "events": list(numbers),
    }
    with atomic_output(output, overwrite=overwrite) as temporary:
        if suffix == ".html":
            write_page(scenes, temporary, provenance)
        else:
            makers = [partial(_next_figure, scenes) for _ in numbers]
            save_figures(makers, temporary, suffix, provenance)
    return {
        "output": output,
        "format": suffix[1:],
        "events": list(numbers),
        "events_in_file": len(file),
        "pixels": [facts["pixels"] for facts in seen],
        "layers": seen[0]["layers"],
        "left_out": seen[0]["left_out"],
        "classes": [facts["classes"] for facts in seen],
        "bytes": Path(output).stat().st_size,
    }


def _next_figure(scenes: Iterator[Scene]) -> Any:
    return figure_of(next(scenes))


def _require_suffix(output: str) -> str:
    suffix = Path(output).suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidArgument(
            f"output (={output!r}) is by its end neither a picture nor a page. {nearest_hint(suffix, SUFFIXES)}"
        )
    return suffix


def _numbers(file: EventFile, event: int, last_event: int | None, suffix: str) -> range:
    first = file.require_index(event)
    last = first if last_event is None else file.require_index(last_event)
    if last < first:
        raise InvalidArgument(f"last_event (={last_event}) must not stand before event (={event})")
    if last > first and suffix not in SEVERAL:
        raise InvalidArgument(
            f"a {suffix[1:].upper()} shows one event, not {last - first + 1}: "
            f"leave last_event out, or write {' or '.join(SEVERAL)}"
        )
    return range(first, last + 1)


def _scenes(
    file: EventFile, numbers: range, layers: list[str] | None, suffix: str, seen: list[dict[str, Any]]
) -> Iterator[Scene]:
    """Make the scenes one after the other, noting what each holds in `seen`."""
    for done, number in enumerate(numbers):
        say("events shown", done, len(numbers))
        event = file.event(number)
        answers = {"called": read_calls(file, number, event), "score": read_scores(file, number, event)}
        beside = {key: columns for key, columns in answers.items() if columns}
        scene = scene_of(event, source=file.path.name, number=number, layers=layers, beside=beside)
        left_out: list[str] = []
        if layers is None and suffix != ".html" and len(scene.layers) > DEFAULT_LAYERS:
            shown = telling_layers(event, DEFAULT_LAYERS, [layer.key for layer in scene.layers])
            left_out = [layer.key for layer in scene.layers if layer.key not in shown]
            scene = scene.with_layers(tuple(map(scene.layer, shown)))
        seen.append(_facts(scene, left_out))
        yield scene
    say("events shown", len(numbers), len(numbers))


def _facts(scene: Scene, left_out: list[str]) -> dict[str, Any]:
    classes = {
        layer.key: {entry.name: entry.pixels for entry in layer.entries}
        for layer in scene.layers
        if layer.kind == "classes"
    }
    return {
        "pixels": [len(panel) for panel in scene.panels],
        "layers": [layer.key for layer in scene.layers],
        "left_out": left_out,
        "classes": classes,
    }
