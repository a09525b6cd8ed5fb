"""`argoscope display`: a picture or a page of an event."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, Overwrite, command_line, guarded, print_json

__all__ = ["display"]


def display(
    source: Annotated[Path, typer.Argument(help="File of any known format.", show_default=False)],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            help="OUT.png, .pdf or .svg for a picture, OUT.html for a page.",
            show_default=False,
        ),
    ],
    event: Annotated[int, typer.Option("-e", "--event", help="Number of the event, from 0.")] = 0,
    last_event: Annotated[
        int | None, typer.Option(help="A page may hold several events: up to this one.")
    ] = None,
    layer: Annotated[
        list[str] | None,
        typer.Option(
            help="charge, semantic, origin, instance, ancestor, prediction, predicted_ancestor, difference, called, score; repeat."
        ),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Show an event: charge, labels, predictions and their mistakes, of every plane or of the volume.

    Example: argoscope display events.h5 --event 2 -o event.html
    """
    answer: dict[str, Any] = guarded(
        "argoscope.display.render:render_file",
        source,
        path=str(source),
        event=event,
        last_event=last_event,
        output=str(output),
        layers=layer or None,
        command=command_line(),
        overwrite=overwrite,
    )
    if json:
        print_json(answer)
    else:
        typer.echo(answer["output"])
        if rest := _rest(answer):
            typer.echo(f"argoscope: {rest}", err=True)


def _rest(answer: dict[str, Any]) -> str:
    """Which event of several is shown, and how the others are."""
    (first, *more), all_of_them = answer["events"], answer["events_in_file"]
    if more or all_of_them == 1:
        return ""
    if answer["format"] not in {"html", "pdf"}:
        return f"event {first} of {all_of_them} is shown; --event N shows another"
    begin = "--event 0 " if first else ""
    return f"event {first} of {all_of_them} is shown; {begin}--last-event {all_of_them - 1} shows all"
