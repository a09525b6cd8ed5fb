"""`argoscope predict`: class scores and labels beside what a file has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, command_line, guarded, print_json, stopped_by_signals
from argoscope.errors import InvalidArgument

__all__ = ["predict"]


def predict(
    files: Annotated[list[Path], typer.Argument(help="Files of any known format.", show_default=False)],
    model: Annotated[
        str, typer.Option("--model", "-m", help="Shipped model, or path of weights.", show_default=False)
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="OUT.h5 for one file, else a folder.", show_default=False)
    ],
    gain: Annotated[float, typer.Option(help="Factor on the charge.")] = 1.0,
    events: Annotated[int | None, typer.Option(min=0, help="Only the first so many events of each.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing output.")] = False,
    json: Json = False,
) -> None:
    """Classify the pixels of files with a network.

    Example: argoscope predict cubes.h5 --model five-class-3d -o predicted.h5
    """
    answers: list[dict[str, Any]] = []
    for source, target in _targets(files, output):
        with stopped_by_signals():
            answer: dict[str, Any] = guarded(
                "argoscope.inference.predict:predict_file",
                source,
                source=str(source),
                target=str(target),
                model=model,
                gain=gain,
                events=events,
                workers=workers,
                command=command_line(),
                resume=resume,
                overwrite=overwrite,
            )
        answers.append(answer)
    for answer in answers:
        for warning in answer["warnings"]:
            typer.echo(f"argoscope: {warning}", err=True)
        if not json:
            typer.echo(f"{answer.get('events', 'kept')} events: {answer['output']}")
    if json:
        print_json(answers)


def _targets(files: list[Path], output: Path) -> list[tuple[Path, Path]]:
    """The output of each input; a folder is made where one is meant."""
    if len(files) == 1 and output.suffix:
        return [(files[0], output)]
    if output.suffix:
        raise InvalidArgument(
            f"output (={output}) must be a folder for {len(files)} files, not the name of one file"
        )
    names = [file.stem for file in files]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise InvalidArgument(
            f"two inputs are called {double!r}: their outputs would be one; predict them apart"
        )
    output.mkdir(parents=True, exist_ok=True)
    return [(file, output / f"{file.stem}.h5") for file in files]
