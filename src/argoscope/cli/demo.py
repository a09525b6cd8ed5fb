"""`argoscope demo`: the main job, from simulated and real events to a page with numbers and pictures."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from argoscope.cli.output import Json, command_line, print_json, progress_reporter

__all__ = ["demo"]


def demo(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for what the demo makes.")] = Path(
        "demo"
    ),
    data: Annotated[
        Path | None,
        typer.Option(
            help="A file of your own to end with; by default the SBND sample, if ARGOSCOPE_REAL_DATA has it."
        ),
    ] = None,
    drawn: Annotated[
        bool, typer.Option("--drawn", help="Draw tracks in place of simulated events: no network, seconds.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write into an existing folder.")] = False,
    json: Json = False,
) -> None:
    """Simulate events of each kind, let every shipped network read them, measure it, show it on one page.

    One to two minutes on two cores; the very first run compiles its kernels besides (`argoscope warm-up` does so beforehand).

    Example: argoscope demo -o demo
    """
    from argoscope.tour.run import tour

    folder = os.environ.get("ARGOSCOPE_REAL_DATA")
    with progress_reporter() as progress:
        answer = tour(
            output,
            data=data,
            real_data=Path(folder) if folder else None,
            drawn=drawn,
            overwrite=overwrite,
            command=command_line(),
            report=_say,
            progress=progress,
        )
    if json:
        print_json(answer)
    else:
        typer.echo(answer["report"])


def _say(line: str) -> None:
    """Say a line in place of the progress that a terminal shows."""
    typer.echo(f"\r\x1b[K{line}" if sys.stderr.isatty() else line, err=True)
