"""Scenes as one HTML file: no network, no server, opened by a double click.

The page holds its data as text: for each event one deflated block of columns
(columns.py), unpacked by the browser when the event is first shown. What is
drawn (layers, legends, colours, axes, scale) is the scene, as JSON. Style and
program are the files in `assets`, put in as they are.

Needs a browser that knows DecompressionStream: Chromium 80, Firefox 113,
Safari 16.4 or later. A page says so where it is missing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import IO, Any
from zlib import compress

from argoscope.display.columns import pack_panel
from argoscope.display.palette import colour_ramp
from argoscope.display.scene import Panel, Scene

__all__ = ["DARK_GREY", "write_page"]

DARK_GREY = "#848490"
"""Background, and everything without a label, on a dark screen.

For every reader it tells from all classes, but for those of open-samples, one of which is grey itself.
"""

_SCRIPTS = ("data.js", "colours.js", "axes.js", "plane.js", "volume.js", "legend.js", "export.js", "app.js")
"""In the order in which they need one another."""


def write_page(scenes: Iterable[Scene], path: Path, provenance: dict[str, Any]) -> None:
    """Write scenes as one page, one after the other, so that only one is held at a time.

    Parameters
    ----------
    scenes : iterable of Scene
    path : Path
        Where to write.
    provenance : dict
        Shown on the page; its "title" is the page's.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from argoscope.display.scene import scene_of
    >>> from argoscope.events import Event, EventId, Grid, Image
    >>> image = Image.from_points(Grid((4, 6)), np.array([[1, 2], [3, 5]]), np.array([7.0, 9.0]))
    >>> scene = scene_of(Event(EventId(1, 0, 7), (image,)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_page([scene], Path(folder) / "a.html", {"title": "a"})
    ...     "DecompressionStream" in (Path(folder) / "a.html").read_text()
    True
    """
    head, middle, tail = _asset("page.html").split("<!--SPLIT-->")
    with path.open("w", encoding="utf-8") as stream:
        stream.write(head.replace("/*STYLE*/", _asset("page.css")))
        events = [_write_event(stream, number, scene) for number, scene in enumerate(scenes)]
        ramps = {
            theme: base64.b64encode(colour_ramp(dark=theme == "dark").tobytes()).decode()
            for theme in ("light", "dark")
        }
        facts = {"provenance": provenance, "ramps": ramps, "darkGrey": DARK_GREY, "events": events}
        stream.write(middle.replace("/*FACTS*/", _json(facts)))
        program = "\n".join(_asset(name) for name in _SCRIPTS)
        stream.write(tail.replace("/*PROGRAM*/", program))


def _asset(name: str) -> str:
    return (files("argoscope.display") / "assets" / name).read_text(encoding="utf-8")


def _json(value: object) -> str:
    """JSON that cannot end the script element around it, whatever a file is called."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _write_event(stream: IO[str], number: int, scene: Scene) -> dict[str, Any]:
    """Write the columns of an event; return its scene as JSON has it."""
    labels = [layer.key for layer in scene.layers if layer.kind != "charge"]
    block = b"".join(
        pack_panel(panel.coordinates, panel.charge, _columns(panel, labels)) for panel in scene.panels
    )
    stream.write(f'<script type="text/plain" id="event-{number}">{_deflated(block)}</script>\n')
    return {
        "title": scene.title,
        "subtitle": scene.subtitle,
        "dimensions": scene.dimensions,
        "scale": {**asdict(scene.scale), "words": scene.scale.words},
        "layers": [
            {**asdict(layer), "name": layer.name, "entries": [asdict(entry) for entry in layer.legend]}
            for layer in scene.layers
        ],
        "labels": labels,
        "panels": [
            {"name": panel.name, "pixels": len(panel), "axes": [asdict(axis) for axis in panel.axes]}
            for panel in scene.panels
        ],
    }


def _columns(panel: Panel, labels: list[str]) -> list[Any]:
    return [panel.labels[key] for key in labels]


def _deflated(block: bytes) -> str:
    return base64.b64encode(compress(block, 6)).decode("ascii")
