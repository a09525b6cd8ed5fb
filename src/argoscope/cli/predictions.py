"""What commands on outputs of `argoscope predict` share: their files, and where pictures go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from argoscope.cli.output import command_line, guarded

__all__ = ["Figures", "Predictions", "save_first_event"]

Predictions = Annotated[
    list[Path], typer.Argument(help="Outputs of `argoscope predict`.", show_default=False)
]
"""Files of an evaluation."""
Figures = Annotated[Path | None, typer.Option(help="Folder for pictures, with their numbers.")]
"""Option of every evaluation."""


def save_first_event(file: Path, folder: Path, layers: list[str] | None = None) -> None:
    """Draw the first event of a file as ``event.png``; by default with truth, prediction and difference."""
    guarded(
        "argoscope.display.render:render_file",
        file,
        path=str(file),
        event=0,
        output=str(folder / "event.png"),
        layers=layers,
        overwrite=True,
        command=command_line(),
    )
