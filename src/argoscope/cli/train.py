"""`argoscope train`: a network from a configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from argoscope.cli.output import Json, Overwrite, command_line, print_json, progress_reporter, stop_requests

__all__ = ["train"]


def train(
    config: Annotated[Path, typer.Argument(help="YAML of the run.", show_default=False)],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of the run.", show_default=False)],
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="KEY=VALUE in place of the file's, such as optimizer.rate=1.0e-4; repeat."
        ),
    ] = None,
    init: Annotated[str, typer.Option(help="Model whose weights are started from.")] = "",
    threads: Annotated[int, typer.Option(min=0, help="Threads; 0: as many as there are cores.")] = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Train a network; an interrupted run goes on with --resume to the weights of an undisturbed one.

    Example: argoscope train configs/five-class-3d.yaml -o runs/five-class-3d
    """
    import os
    from dataclasses import replace

    import torch

    from argoscope.training.config import load_config
    from argoscope.training.run import train as run

    wanted = load_config(config, changes or [])
    wanted = replace(wanted, init=init) if init else wanted
    if threads:
        # The variable is for the processes of several devices.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        torch.set_num_threads(threads)
    with stop_requests() as stop, progress_reporter() as report:
        answer = run(
            wanted,
            output,
            resume=resume,
            overwrite=overwrite,
            command=command_line(),
            report=report,
            stop=stop,
        )
    if not answer:
        return  # one of several processes, and not the first: the first answers
    if json:
        print_json(answer)
    else:
        accuracy = answer["validation"].get("accuracy")
        found = "" if accuracy is None else f", validation accuracy {accuracy:.4f}"
        if "init" in answer:
            typer.echo(answer["init"])
        typer.echo(f"{answer['steps']} steps in {answer['seconds']:.0f} s{found}: {answer['model']}")
