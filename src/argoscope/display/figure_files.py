"""Figures as files: a picture to look at, one to print, and the numbers to read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argoscope.figures import bare_figure, print_ticks
from argoscope.files.atomic import atomic_output

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Drawing", "save_drawings", "save_picture"]

Drawing = tuple[Any, "Callable[[Axes], None]"]
"""The numbers of a drawing, as JSON has them, and what draws them."""
INCHES = (6.4, 5.0)
DPI = 160
"""Dots that a figure of a column's width shows sharply on paper and screen; event pictures are laid out for as many."""


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
        made += save_picture(figure, folder, name, numbers)
    return made


def save_picture(figure: Any, folder: Path, name: str, numbers: Any = None) -> list[Path]:
    """Save a matplotlib figure as PNG and as PDF, whose text stays text.

    Parameters
    ----------
    figure : Figure
    folder : Path
    name : str
        Of the files; earlier ones are replaced.
    numbers : object, optional
        What is seen, as JSON has it; written beside.

    Returns
    -------
    list of Path
        PNG and PDF.
    """
    from matplotlib import rc_context

    print_ticks(figure)
    made = [folder / f"{name}.{kind}" for kind in ("png", "pdf")]
    # Type 42: letters that journals take and that can be searched for.
    with rc_context({"pdf.fonttype": 42}):
        for path in made:
            with atomic_output(path, overwrite=True) as temporary:
                figure.savefig(temporary, format=path.suffix[1:], dpi=DPI)
    if numbers is not None:
        with atomic_output(folder / f"{name}.json", overwrite=True) as temporary:
            temporary.write_text(json.dumps(numbers, indent=1) + "\n")
    return made
