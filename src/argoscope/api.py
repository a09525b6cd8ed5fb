"""The names a notebook needs, loaded when they are first used.

>>> import argoscope
>>> sorted(argoscope.api.NAMES)
['Dataset', 'Event', 'Image', 'convert', 'export', 'open', 'render', 'survey']
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["NAMES", "load"]

NAMES = {
    "open": ("argoscope.files.catalogue", "open_events"),
    "survey": ("argoscope.files.survey", "survey"),
    "convert": ("argoscope.files.convert", "convert"),
    "export": ("argoscope.files.table", "export"),
    # Not `display`: the package of that name would take its place once it is imported.
    "render": ("argoscope.display.render", "render_file"),
    "Event": ("argoscope.events", "Event"),
    "Image": ("argoscope.events", "Image"),
    "Dataset": ("argoscope.training.data", "EventDataset"),
}
"""Public name: the module that has it, and its name there."""


def load(name: str) -> Any:
    """Import what a public name stands for.

    Raises
    ------
    AttributeError
        If there is no such public name; the message names the nearest.
    """
    if name not in NAMES:
        from argoscope.errors import nearest_hint

        raise AttributeError(f"argoscope has no {name!r}. {nearest_hint(name, NAMES)}")
    module, attribute = NAMES[name]
    return getattr(import_module(module), attribute)
