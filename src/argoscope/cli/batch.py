"""`argoscope batch`: submit files for jobs that share a command's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from argoscope.cli.output import Json, Overwrite, print_json

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
    """Read a command as every job would, and end as each would if it cannot be read; nothing is run."""
    from argoscope.cli.main import app

    known = typer.main.get_group(app).commands
    if command[0] in known:
        known[command[0]].make_context(f"argoscope {command[0]}", [*command[1:]])
