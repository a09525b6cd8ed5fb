"""`argoscope benchmark`: every claim of speed and memory, measured on this machine."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import print_json

__all__ = ["app"]

BENCHMARKS = {
    "convolution": "One sparse convolution by channels and backend, beside the dense limit of the machine.",
    "network": "Whole networks: time for index and layers, ratio to the limit, peak memory.",
    "training": "A training step beside inference.",
    "scaling": "Time against active sites and against image size; where dense wins.",
    "files": "Reading and writing an SBND event, beside h5py.",
}
"""Every benchmark: the module of that name in `argoscope.benchmarks`."""

app = typer.Typer(help="Measure every claim of speed and memory on this machine.", no_args_is_help=True)


def _command(name: str) -> Any:
    def measure(
        output: Annotated[
            Path | None, typer.Option("-o", "--output", help="Write the JSON to this file too.")
        ] = None,
        data: Annotated[Path | None, typer.Option(help="Folder of real detector files.")] = None,
        quick: Annotated[bool, typer.Option(help="Fewer repetitions and sizes.")] = False,
        json: Annotated[
            bool, typer.Option("--json", help="Print one JSON document and nothing else.")
        ] = False,
    ) -> None:
        module = importlib.import_module(f"argoscope.benchmarks.{name}")
        answer = module.measure(quick=quick, data=data, report=lambda line: typer.echo(line, err=True))
        if output is not None:
            _write(output, answer)
        if json:
            print_json(answer)
        else:
            typer.echo(module.table(answer))

    measure.__doc__ = f"{BENCHMARKS[name]}\n\n    Example: argoscope benchmark {name} --json"
    return measure


def _write(output: Path, answer: Any) -> None:
    import json

    from argoscope.files.atomic import atomic_output

    with atomic_output(output, overwrite=True) as temporary:
        temporary.write_text(json.dumps(answer, indent=1))


for _name in BENCHMARKS:
    app.command(_name)(_command(_name))
