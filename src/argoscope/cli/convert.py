"""`argoscope convert`: between file formats and label schemes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli import jobs
from argoscope.cli.output import command_line, guarded, print_json

__all__ = ["convert"]


@jobs.with_farm
def convert(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="File of any known format, also a root:// address, and the output; or several and a folder.",
            metavar="IN... OUT",
            show_default=False,
        ),
    ],
    to: Annotated[str, typer.Option(help="larcv3, pilarnet-m or spine.")] = "larcv3",
    scheme: Annotated[
        str | None, typer.Option(help="Label scheme of the output, for instance shape.")
    ] = None,
    lossy: Annotated[bool, typer.Option("--lossy", help="Allow classes to be merged.")] = False,
    events: Annotated[
        int | None, typer.Option("-n", "--events", min=0, help="Only the first so many events.")
    ] = None,
    list_file: jobs.ListFile = None,
    events_per_file: jobs.EventsPerFile = None,
    *,
    farm: jobs.Farm,
) -> None:
    """Convert files to another format.

    Of several files a bad one is said and set aside, and the command exits with 4.

    Example: argoscope convert microboone.root events.h5
    """
    *files, last = paths
    order = {"to": to, "scheme": scheme, "lossy": lossy, "events": events}
    target, inputs = Path(last), jobs.all_inputs(files, list_file)
    alone = len(inputs) == 1 and not farm.asked and events_per_file is None
    if alone and not target.is_dir() and (target.suffix or target.exists()):
        _one(inputs[0], target, order, farm)
        return
    from argoscope.files.convert import require_order

    require_order(to=to, scheme=scheme)
    jobs.require_there(inputs, farm)
    plan = jobs.plan_of_files("convert", inputs, target, farm, options=order, each=events_per_file)
    jobs.run_farm(plan, target, farm)


def _one(source: str, target: Path, order: dict[str, Any], farm: jobs.Farm) -> None:
    """Convert one file into one file."""
    with jobs.fetched(source) as file:
        answer = guarded(
            "argoscope.files.convert:convert",
            file,
            source=str(file),
            target=str(target),
            **order,
            command=command_line(),
            resume=farm.resume,
            overwrite=farm.overwrite,
        )
    if farm.json:
        print_json(answer)
    else:
        typer.echo(f"{answer['events']} events from {answer['from']} to {answer['to']}: {answer['output']}")
    if answer["left_out"]:
        typer.echo(
            f"argoscope: left out, as larcv3 has no place for them: {', '.join(answer['left_out'])}", err=True
        )
