"""`argoscope convert`: between file formats and label schemes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from argoscope.cli.output import Json, Overwrite, command_line, guarded, print_json

__all__ = ["convert"]


def convert(
    source: Annotated[Path, typer.Argument(help="File of any known format.", show_default=False)],
    target: Annotated[Path, typer.Argument(help="The output.", show_default=False)],
    to: Annotated[str, typer.Option(help="larcv3, pilarnet-m or spine.")] = "larcv3",
    scheme: Annotated[
        str | None, typer.Option(help="Label scheme of the output, for instance shape.")
    ] = None,
    lossy: Annotated[bool, typer.Option(help="Allow classes to be merged.")] = False,
    events: Annotated[int | None, typer.Option(min=0, help="Only the first so many events.")] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Convert a file to another format.

    Example: argoscope convert microboone.root events.h5
    """
    answer = guarded(
        "argoscope.files.convert:convert",
        source,
        source=str(source),
        target=str(target),
        to=to,
        scheme=scheme,
        lossy=lossy,
        events=events,
        command=command_line(),
        overwrite=overwrite,
    )
    if json:
        print_json(answer)
    else:
        typer.echo(f"{answer['events']} events from {answer['from']} to {answer['to']}: {answer['output']}")
    if answer["left_out"]:
        typer.echo(
            f"argoscope: left out, as larcv3 has no place for them: {', '.join(answer['left_out'])}", err=True
        )
