"""Pictures of the event of a file that shows most: the whole event, a close-up, a page to look through.

Run in a child process as `display` is, so all it takes and gives is JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argoscope.display.figure_files import save_picture
from argoscope.display.layers import telling_layers
from argoscope.display.render import render_events
from argoscope.display.scene import scene_of
from argoscope.display.static import figure_of
from argoscope.display.telling import close_up, most_telling
from argoscope.events import Event
from argoscope.files.catalogue import open_events
from argoscope.files.guard import say
from argoscope.files.source import EventFile

__all__ = ["draw"]

LOOKED_AT = 40
"""Events among which one is chosen."""
ON_PAGE = 3
"""Events of a page, from the chosen one on."""
SIDE = 400
"""Pixels of a close-up: about a metre."""


def draw(path: str, folder: str, name: str, *, command: str = "") -> dict[str, Any]:
    """Draw an event of a file of any known format.

    Parameters
    ----------
    path : str
        With at least one event.
    folder : str
        Where the pictures go; earlier ones of the same name are replaced.
    name : str
        Of the files.
    command : str
        For the provenance.

    Returns
    -------
    dict
        ``event`` (its position), ``counted`` ("pixels" or "voxels"), ``right`` (share of these that are called right,
        background apart; None without prediction or truth), ``picture`` and ``close_up`` (names of PNG files, each with a PDF beside; None where
        nothing is to be seen closer), ``page`` (name of the HTML file), ``last`` (last event on the page).
    """
    with open_events(path) as file:
        looked_at = min(len(file), LOOKED_AT)
        chosen = most_telling(_told(file, looked_at))
        last = min(chosen + ON_PAGE, len(file)) - 1
        for suffix, until in ((".html", last), (".pdf", None), (".png", None)):
            facts = render_events(
                file, chosen, str(Path(folder) / f"{name}{suffix}"), overwrite=True, last_event=until, command=command
            )  # fmt: skip
        event = file.event(chosen)
        closer = _draw_close_up(event, f"{file.path.name}, close-up", chosen, Path(folder) / f"{name}-close")
    return {
        "event": chosen,
        "counted": "voxels" if event.dimensions == 3 else "pixels",
        "right": _right(facts["classes"][0].get("difference", {})),
        "picture": f"{name}.png",
        "close_up": closer,
        "page": f"{name}.html",
        "last": last,
    }


def _right(difference: Mapping[str, int]) -> float | None:
    """Share of right pixels, by how many pixels have each class of the difference."""
    told = {name: difference.get(name, 0) for name in ("right", "missed", "false", "confused")}
    return told["right"] / total if (total := sum(told.values())) else None


def _told(file: EventFile, count: int) -> Any:
    for index in range(count):
        say("looking for an event", index, count)
        yield file.event(index)


def _draw_close_up(event: Event, source: str, number: int, path: Path) -> str | None:
    """Charge and the telling layers of the square that shows most, at a path without suffix."""
    closer = close_up(event, SIDE)
    if closer is None:
        return None
    layers = list(dict.fromkeys(["charge", *telling_layers(closer, 3)]))
    scene = scene_of(closer, source=source, number=number, layers=layers, whole=event)
    return save_picture(figure_of(scene), path.parent, path.name)[0].name
