"""`argoscope reproduce`: the tables and figures of a paper, ours beside theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from argoscope.cli.output import command_line, print_json, progress_reporter, stop_requests
from argoscope.errors import InvalidArgument

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Tables and figures of the papers, ours beside theirs.")


@app.callback()
def papers() -> None:
    """Tables and figures of the papers, ours beside theirs."""


@app.command("paper4")
def paper4(
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the report.", show_default=False)],
    scale: Annotated[
        str, typer.Option(help="small: half an hour on two cores; full: the paper's own sizes.")
    ] = "small",
    data: Annotated[
        list[Path] | None, typer.Option(help="Real file in place of simulated events of its size; repeat.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Finished model of the headline rows; repeat. The shipped one by default."),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(metavar="STUDY", help="One study alone; repeat.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that simulate.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted reproduction.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Start anew in a folder that has one.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Reproduce paper 4 (arXiv:1903.05663): sparse and dense U-ResNets in 2D and 3D.

    Example: argoscope reproduce paper4 --scale small -o paper4
    """
    if scale not in {"small", "full"}:
        raise InvalidArgument(f"scale (={scale}) must be small or full")
    from argoscope.papers.paper4 import reproduce

    with stop_requests() as stop, progress_reporter() as report:
        answer = reproduce(
            output,
            scale="small" if scale == "small" else "full",
            data=data or [],
            models=model or [],
            only=only or [],
            workers=workers,
            resume=resume,
            overwrite=overwrite,
            command=command_line(),
            report=report,
            stop=stop,
        )
    if json:
        print_json(answer)
        return
    for study in answer["studies"]:
        typer.echo(f"{study['seconds']:7.0f} s  {study['title']}")
    typer.echo(answer["report"])
