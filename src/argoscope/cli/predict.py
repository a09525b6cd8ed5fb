"""`argoscope predict`: class scores and labels beside what a file has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import (
    Json,
    Overwrite,
    command_line,
    each_file,
    end_of_files,
    guarded,
    print_json,
    stopped_by_signals,
)
from argoscope.errors import InvalidArgument

__all__ = ["predict"]


def predict(
    files: Annotated[list[Path], typer.Argument(help="Files of any known format.", show_default=False)],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            help="Shipped model, folder of a training, or path of weights.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="OUT.h5 for one file, else a folder.", show_default=False),
    ],
    gain: Annotated[float, typer.Option(help="Factor on the charge.")] = 1.0,
    events: Annotated[int | None, typer.Option(min=0, help="Only the first so many events of each.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on with an interrupted run; outputs that it finished stay as they are."
        ),
    ] = False,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Classify the pixels of files with a network.

    Of several files a bad one is said and set aside, and the command exits with 4.

    Example: argoscope predict cubes.h5 --model five-class-3d -o predicted.h5
    """
    from argoscope.inference.manifest import write_manifest

    order = {"model": model, "gain": gain, "events": events}
    targets = _targets(files, output, replaced=resume or overwrite)
    if not output.suffix:
        guarded("argoscope.inference.predict:require_order", Path(model), model=model, gain=gain)
        output.mkdir(parents=True, exist_ok=True)

    def work(source: Path) -> dict[str, Any]:
        with stopped_by_signals():
            answer: dict[str, Any] = guarded(
                "argoscope.inference.predict:predict_file",
                source,
                source=str(source),
                target=str(targets[source]),
                **order,
                workers=workers,
                command=command_line(),
                resume=resume,
                overwrite=overwrite,
            )
        return answer

    answers: list[dict[str, Any]] = []
    try:
        for answer in each_file(files, work, key="input"):
            answers.append(answer)
            _say(answer, json=json)
    finally:
        if not output.suffix:
            write_manifest(output, answers, command=command_line(), configuration=order)
    if json:
        print_json(answers)
    end_of_files(answers)


def _say(answer: dict[str, Any], *, json: bool) -> None:
    """Say what became of a file; its error is said already."""
    for warning in answer.get("warnings", ()):
        typer.echo(f"argoscope: {warning}", err=True)
    if json or "error" in answer:
        return
    how = ""
    if answer["kept"]:
        how = " (finished before, left as it is)"
    elif answer["parts_kept"]:
        how = f" ({answer['parts_kept']} parts of the interrupted run were there)"
    typer.echo(f"{answer['events']} events: {answer['output']}{how}")


def _targets(files: list[Path], output: Path, *, replaced: bool) -> dict[Path, Path]:
    """The output of each input, which must be there; outputs that exist are refused unless they may be replaced."""
    from argoscope.files.atomic import require_new
    from argoscope.files.safety import require_readable
    from argoscope.inference.manifest import MANIFEST

    for file in files:
        if not file.exists():
            require_readable(file)
    if len(files) == 1 and output.suffix:
        return {files[0]: output}
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
    targets = {file: output / f"{file.stem}.h5" for file in files}
    if output.is_dir():
        for path in (*targets.values(), output / MANIFEST):
            require_new(path, overwrite=replaced)
    return targets
