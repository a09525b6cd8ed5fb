"""`argoscope display`: a picture or a page of an event."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, Overwrite, command_line, guarded, print_json

__all__ = ["display", "render_and_count"]


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
            help="charge, semantic, origin, instance, ancestor, prediction, predicted_ancestor, difference, score; repeat."
        ),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Show an event: charge, labels, predictions and their mistakes, of every plane or of the volume.

    Example: argoscope display events.h5 --event 2 -o event.html
    """
    answer: dict[str, Any] = guarded(
        "argoscope.cli.display:render_and_count",
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
        typer.echo(f"{answer['output']}{_rest(answer)}")


def render_and_count(path: str, **options: Any) -> dict[str, Any]:
    """Show events, and count those of the file: what the command lets a child do.

    Parameters
    ----------
    path : str
        The file.
    **options
        Of `argoscope.display.render.render_file`.

    Returns
    -------
    dict
        Its answer, and ``events_in_file``.
    """
    from argoscope.display.render import render_file
    from argoscope.files.catalogue import open_events

    answer = render_file(path, **options)
    with open_events(path) as file:
        return {**answer, "events_in_file": len(file)}


def _rest(answer: dict[str, Any]) -> str:
    """Which event of several is shown, and how the others are."""
    (first, *more), all_of_them = answer["events"], answer["events_in_file"]
    if more or all_of_them == 1:
        return ""
    if answer["format"] not in {"html", "pdf"}:
        return f": event {first} of {all_of_them}; --event N shows another"
    begin = "--event 0 " if first else ""
    return f": event {first} of {all_of_them}; {begin}--last-event {all_of_them - 1} shows all"
