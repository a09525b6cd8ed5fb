"""`argoscope predict`: class scores and labels beside what a file has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli import jobs
from argoscope.cli.output import (
    command_line,
    guarded,
    print_json,
)
from argoscope.errors import InvalidArgument

__all__ = ["predict"]


@jobs.with_farm
def predict(
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
    files: Annotated[
        list[str] | None,
        typer.Argument(help="Files of any known format; also root:// addresses.", show_default=False),
    ] = None,
    list_file: jobs.ListFile = None,
    events_per_file: jobs.EventsPerFile = None,
    gain: Annotated[
        float | None,
        typer.Option(
            help="Factor on the charge; needed where its unit is not the model's.", show_default=False
        ),
    ] = None,
    events: Annotated[
        int | None, typer.Option("-n", "--events", min=0, help="Only the first so many events of each.")
    ] = None,
    *,
    farm: jobs.Farm,
) -> None:
    """Classify the pixels of files with a network.

    Of several files a bad one is said and set aside, and the command exits with 4.

    Example: argoscope predict cubes.h5 --model five-class-3d -o predicted.h5
    """
    from argoscope.models.cards import card_path

    card_path(model)  # a name that is none is said before anything is loaded
    order = {"model": model, "gain": gain, "events": events}
    inputs = jobs.all_inputs(files or [], list_file)
    if output.suffix and not farm.asked and events_per_file is None:
        _one(inputs, output, order, farm)
        return
    jobs.require_there(inputs, farm)
    digest = guarded("argoscope.inference.predict:require_order", Path(model), model=model, gain=gain)
    plan = jobs.plan_of_files(
        "predict", inputs, output, farm, options=order, facts={"model_sha256": digest}, each=events_per_file
    )
    jobs.run_farm(plan, output, farm)


def _one(inputs: list[str], output: Path, order: dict[str, Any], farm: jobs.Farm) -> None:
    """Predict on one file into one file."""
    from argoscope.files.atomic import require_new

    if len(inputs) > 1:
        raise InvalidArgument(
            f"output (={output}) must be a folder for {len(inputs)} files, not the name of one file"
        )
    if not farm.resume:
        require_new(output, overwrite=farm.overwrite)
    with jobs.fetched(inputs[0]) as source:
        answer = guarded(
            "argoscope.inference.predict:predict_file",
            source,
            source=str(source),
            target=str(output),
            **order,
            workers=farm.workers,
            command=command_line(),
            resume=farm.resume,
            overwrite=farm.overwrite,
        )
    for warning in answer["warnings"]:
        typer.echo(f"argoscope: {warning}", err=True)
    if farm.json:
        print_json([answer])
        return
    how = ""
    if answer["kept"]:
        how = " (finished before, left as it is)"
    elif answer["parts_kept"]:
        how = f" ({answer['parts_kept']} parts of the interrupted run were there)"
    typer.echo(f"{answer['events']} events: {answer['output']}{how}")
