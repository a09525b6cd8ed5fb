"""`argoscope select`: the events that pass a selection, as a file of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.instances import select_veto
from argoscope.cli.output import Json, command_line, guarded, print_json, print_rows

__all__ = ["LeastPixels", "MostSeparation", "app"]

LeastPixels = Annotated[int, typer.Option(help="Neutrino pixels on every plane, after 2 x 2 pooling.")]
"""Option of paper 0's selection; its default is the paper's."""
MostSeparation = Annotated[
    float, typer.Option(help="Largest difference of the mean drift of two planes, in pixels after pooling.")
]
"""The other one."""

app = typer.Typer(no_args_is_help=True, help="Keep the events that pass a selection; needs no truth.")
app.command("veto")(select_veto)


@app.callback()
def tasks() -> None:
    """Keep the events that pass a selection; needs no truth."""


@app.command("cosmic-tagging")
def cosmic_tagging(
    source: Annotated[Path, typer.Argument(help="Output of `argoscope predict`.", show_default=False)],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="larcv3 file of the kept events.", show_default=False)
    ],
    least_pixels: LeastPixels = 100,
    most_separation: MostSeparation = 50.0,
    list_: Annotated[
        Path | None, typer.Option("--list", help="Text file: entry run subrun event of each kept event.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing outputs.")] = False,
    json: Json = False,
) -> None:
    """Keep the events in which a network sees a neutrino (paper 0): all their products, and a cut flow.

    Example: argoscope select cosmic-tagging predicted.h5 -o neutrinos.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.select_events:select_cosmic_tagging",
        source,
        source=str(source),
        target=str(output),
        least_pixels=least_pixels,
        most_separation=most_separation,
        event_list=None if list_ is None else str(list_),
        command=command_line(),
        overwrite=overwrite,
    )
    if json:
        print_json(answer)
        return
    print_rows([(step["cut"], str(step["events"])) for step in answer["cut_flow"]])
    typer.echo(f"{len(answer['kept'])} events: {answer['output']}")
