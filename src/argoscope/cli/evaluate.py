"""`argoscope evaluate`: metrics of predictions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import guarded, print_json

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, help="Metrics of predictions against the truth in the files.")


@app.callback()
def tasks() -> None:
    """Metrics of predictions against the truth in the files."""


@app.command("five-class")
def five_class(
    files: Annotated[list[Path], typer.Argument(help="Outputs of `argoscope predict`.", show_default=False)],
    truth: Annotated[
        str | None, typer.Option(help="regular or relabelled; as the model's card says.")
    ] = None,
    figures: Annotated[Path | None, typer.Option(help="Folder for pictures, with their numbers.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Evaluate five classes of pixels (papers 3 and 4).

    Example: argoscope evaluate five-class predicted.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate:evaluate_five_class",
        files[0],
        paths=[str(f) for f in files],
        truth=truth,
    )
    if figures is not None:
        from argoscope.display.five_class_figures import save_figures

        save_figures(answer, figures)
    if json:
        print_json(answer)
        return
    typer.echo(f"{answer['events']} images, {answer['truth']} truth, intervals: {answer['interval']}")
    typer.echo(f"{'':<10}{'accuracy per event':>26}{'pooled':>26}{'purity, pooled':>26}")
    per_event, pooled = answer["per_event"], answer["pooled"]
    typer.echo(f"{'all':<10}{_said(per_event['accuracy']):>26}{_said(pooled['accuracy']):>26}")
    for name, numbers in per_event["classes"].items():
        other = pooled["classes"][name]
        columns = (numbers["accuracy"], other["accuracy"], other["purity"])
        typer.echo(f"{name:<10}" + "".join(f"{_said(column):>26}" for column in columns))
    two = answer["two_class"]["pooled"]["classes"]
    typer.echo(
        "as two classes, pooled: " + ", ".join(f"{name} {_said(two[name]['accuracy'])}" for name in two)
    )


def _said(number: dict[str, float | None]) -> str:
    if number["value"] is None:
        return "-"
    low, high = number["low"], number["high"]
    return f"{number['value']:.4f} [{low:.4f}, {high:.4f}]" if low is not None else f"{number['value']:.4f}"
