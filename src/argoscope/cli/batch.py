"""`argoscope batch`: submit files for jobs that share a command's files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.jobs import FILES, Farm, all_inputs
from argoscope.cli.output import Json, Overwrite, print_json
from argoscope.errors import InvalidArgument

__all__ = ["batch"]


def batch(
    system: Annotated[str, typer.Argument(help="htcondor, slurm or jobsub.", show_default=False)],
    command: Annotated[
        list[str],
        typer.Argument(help="After --: the command over many files, without --shard.", show_default=False),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="Folder of the submit files.", show_default=False)
    ],
    shards: Annotated[int, typer.Option(min=1, help="Number of jobs.", show_default=False)],
    memory: Annotated[int, typer.Option(min=200, help="MB of a job.")] = 5000,
    disk: Annotated[int, typer.Option(min=1, help="MB of a job's scratch.")] = 10000,
    hours: Annotated[float, typer.Option(help="Longest time of a job.")] = 8.0,
    avx2: Annotated[
        bool, typer.Option("--avx2", help="Let every machine compute with AVX2, whatever more it has.")
    ] = False,
    group: Annotated[str, typer.Option(help="Experiment, for jobsub.")] = "dune",
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Write submit files of a batch system, a job for each --shard i/N of a command.

    Example: argoscope batch htcondor --shards 100 -o submit -- predict --list files.txt -m five-class-3d -o /data/out
    """
    from argoscope.jobs.submit import Request, write_submission

    _require_read(command)
    request = Request(shards=shards, memory_mb=memory, disk_mb=disk, hours=hours, avx2=avx2, group=group)
    paths, line = write_submission(system, command, output, request, overwrite=overwrite)
    if json:
        print_json({"files": [str(path) for path in paths], "submit": line, "in": str(output)})
    else:
        typer.echo(f"{', '.join(str(path) for path in paths)}; submit with: cd {output} && {line}")


def _require_read(command: Sequence[str]) -> None:
    """Read a command as every job would, and end as each would if it asks for what no job can do; nothing is run."""
    from argoscope.cli.main import app
    from argoscope.jobs.submit import COMMANDS

    known = typer.main.get_group(app).commands
    if command[0] in COMMANDS:
        values = known[command[0]].make_context(f"argoscope {command[0]}", [*command[1:]]).params
        Farm(**{option.name: values[option.name] for option in fields(Farm)})
        _require_many(command[0], values)


def _require_many(name: str, values: Mapping[str, Any]) -> None:
    """Refuse orders that are not over many files, or name what is not there."""
    from argoscope.jobs.plan import Plan
    from argoscope.models.cards import card_path
    from argoscope.simulation.presets import preset_named

    *files, output = values.get("paths") or [*(values.get("files") or []), values["output"]]
    if output is None or Path(output).suffix in FILES:
        raise InvalidArgument(f"output (={output}) must be a folder, which the jobs share")
    if name == "simulate":
        preset_named(values["preset"])
        if values["events_per_file"] is None:
            raise InvalidArgument("the jobs share files: say how many events one has with --events-per-file")
        return
    Plan(target=name, inputs=all_inputs(files, values["list_file"]))
    if name == "predict":
        card_path(values["model"])
