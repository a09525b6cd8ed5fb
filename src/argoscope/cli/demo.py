"""`argoscope demo`: the main job, from an event to a picture of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from argoscope.cli.output import Json, print_json

__all__ = ["demo"]


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for what the demo makes.")] = Path(
        "demo"
    ),
    data: Annotated[
        Path | None,
        typer.Option(
            help="A file of your own; by default the SBND sample in ARGOSCOPE_REAL_DATA, or drawn tracks."
        ),
    ] = None,
    drawn: Annotated[bool, typer.Option(help="Draw an event even where the SBND sample is at hand.")] = False,
    overwrite: Annotated[bool, typer.Option(help="Write into an existing folder.")] = False,
    json: Json = False,
) -> None:
    """Read an event, say what it holds, and show it.

    Example: argoscope demo -o demo
    """
    from argoscope.tour import tour

    folder = os.environ.get("ARGOSCOPE_REAL_DATA")
    answer = tour(
        output,
        data=data,
        real_data=Path(folder) if folder else None,
        drawn=drawn,
        overwrite=overwrite,
        report=lambda line: typer.echo(line, err=json),
    )
    if json:
        print_json(answer)
