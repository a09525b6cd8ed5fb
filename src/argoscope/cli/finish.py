"""`argoscope finish`: measure a trained model on held-out events, and write it with a card that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, Overwrite, guarded, print_json

__all__ = ["finish"]


def finish(
    model: Annotated[str, typer.Argument(help="Folder of a training, or weights.", show_default=False)],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the finished model.", show_default=False)
    ],
    held_out: Annotated[
        list[Path],
        typer.Option(help="Labelled events that it was not trained on; repeat.", show_default=False),
    ],
    calibrate: Annotated[
        Path | None,
        typer.Option(help="Labelled events for tuning: calibrate the scores on them.", show_default=False),
    ] = None,
    limit: Annotated[
        list[str] | None, typer.Option(help="What the weights are not good for; repeat.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that predict.")] = 1,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Measure a trained model on held-out events, and write weights with a card that says so.

    The weights are stored as float16 where that moves no headline number by a thousandth.

    Example: argoscope finish runs/five-class-3d --held-out test.h5 -o models
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.finish:finish_model",
        held_out[0],
        model=model,
        folder=str(output),
        held_out=[str(path) for path in held_out],
        calibrate=None if calibrate is None else str(calibrate),
        limits=limit or [],
        workers=workers,
        overwrite=overwrite,
    )
    for warning in answer["warnings"]:
        typer.echo(f"argoscope: {warning}", err=True)
    if json:
        print_json(answer)
        return
    moved = answer["moved"]
    by = (
        "gives or takes away a headline number"
        if moved is None
        else f"moves a headline number by {moved:.5f}"
    )
    typer.echo(f"{answer['model']}: {answer['stored']} (float16 {by})")
    if answer["temperature"] != 1:
        typer.echo(f"its scores are taken at a temperature of {answer['temperature']:.3f}")
    typer.echo(f"its numbers: argoscope models {answer['model']}")
