"""Drawings as files: a picture to look at, one to print, and its numbers to read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argoscope.figures import bare_figure
from argoscope.files.atomic import atomic_output

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Drawing", "save_drawings"]

Drawing = tuple[Any, "Callable[[Axes], None]"]
"""The numbers of a drawing, as JSON has them, and what draws them."""
INCHES = (6.4, 5.0)
DPI = 110


def save_drawings(drawings: Mapping[str, Drawing], folder: Path) -> list[Path]:
    """Save drawings as PNG and PDF, each with its numbers as JSON; earlier ones of the same name are replaced.

    Parameters
    ----------
    drawings : mapping of str to Drawing
        By the name of the files.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The pictures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, (numbers, draw) in drawings.items():
        figure = bare_figure(*INCHES)
        draw(figure.subplots())
        for kind in ("png", "pdf"):
            path = folder / f"{name}.{kind}"
            with atomic_output(path, overwrite=True) as temporary:
                figure.savefig(temporary, format=kind, dpi=DPI)
            made.append(path)
        with atomic_output(folder / f"{name}.json", overwrite=True) as temporary:
            temporary.write_text(json.dumps(numbers, indent=1) + "\n")
    return made
