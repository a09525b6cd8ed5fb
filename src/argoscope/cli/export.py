"""`argoscope export`: a flat table of pixels for the reconstruction chain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from argoscope.cli.output import Json, Overwrite, command_line, guarded, print_json

__all__ = ["export"]


def export(
    source: Annotated[Path, typer.Argument(help="File of any known format.", show_default=False)],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="OUT.h5, OUT.root or OUT.parquet.", show_default=False)
    ],
    events: Annotated[
        int | None, typer.Option("-n", "--events", min=0, help="Only the first so many events.")
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Write a flat table: entry, run, subrun, event, plane, wire, tick, charge, labels, one row a pixel.

    Example: argoscope export events.h5 -o pixels.parquet
    """
    answer = guarded(
        "argoscope.files.table:export",
        source,
        source=str(source),
        target=str(output),
        events=events,
        command=command_line(),
        overwrite=overwrite,
    )
    if json:
        print_json(answer)
    else:
        columns = ", ".join(answer["columns"])
        typer.echo(f"{answer['rows']} pixels of {answer['events']} events in {answer['output']}: {columns}")
