"""`argoscope benchmark`: every claim of speed and memory, measured on this machine."""

from __future__ import annotations

import importlib
from json import dumps
from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.apps import App
from argoscope.cli.output import Json, Overwrite, print_json
from argoscope.errors import UnreadableFile

__all__ = ["app"]

BENCHMARKS = {
    "convolution": "One sparse convolution by channels and backend, beside the dense limit of the machine.",
    "network": "Whole networks: time for index and layers, ratio to the limit, peak memory.",
    "training": "A training step beside inference.",
    "scaling": "Time against active sites and against image size; where dense wins.",
    "simulation": "Events per second of the presets, stage by stage, and with workers.",
    "files": "Reading and writing an SBND event, beside h5py.",
    "instances": "Instances of a wire plane: backbone and heads of every network that finds them, memory.",
    "michel": "Michel electrons of 1,000 cubes, and a robustness curve of 7 points and 200 events.",
    "jobs": "Work over many files: rates with workers, overhead, planning, and what kills and damage do.",
    "predict": "Predicting on 1,000 planes of MicroBooNE, beside the bare network; peak memory.",
}
"""Every benchmark: the module of that name in `argoscope.benchmarks`."""

app = App()


@app.callback()
def benchmarks() -> None:
    """Measure every claim of speed and memory on this machine.

    Example: argoscope benchmark convolution --quick
    """


def _command(name: str) -> Any:
    def measure(
        output: Annotated[
            Path | None, typer.Option("-o", "--output", help="Write the JSON to this file too.")
        ] = None,
        data: Annotated[Path | None, typer.Option(help="Folder of real detector files.")] = None,
        overwrite: Overwrite = False,
        quick: Annotated[bool, typer.Option("--quick", help="Fewer repetitions and sizes.")] = False,
        json: Json = False,
    ) -> None:
        from argoscope.files.atomic import atomic_output, require_new

        if data is not None and not data.is_dir():
            raise UnreadableFile(
                f"the folder {data} of real files does not exist: leave --data out to do without"
            )
        if output is not None:
            require_new(output, overwrite=overwrite)
        module = importlib.import_module(f"argoscope.benchmarks.{name}")
        answer = module.measure(quick=quick, data=data, report=lambda line: typer.echo(line, err=True))
        if output is not None:
            with atomic_output(output, overwrite=overwrite) as temporary:
                temporary.write_text(dumps(answer, indent=1))
        if json:
            print_json(answer)
        else:
            typer.echo(module.table(answer))

    measure.__doc__ = f"{BENCHMARKS[name]}\n\n    Example: argoscope benchmark {name} --json"
    return measure


for _name in BENCHMARKS:
    app.command(_name)(_command(_name))
