"""`argoscope reproduce`: the tables and figures of a paper, ours beside theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from argoscope.cli.apps import App
from argoscope.cli.output import Json, Overwrite, command_line, print_json, progress_reporter, stop_requests
from argoscope.errors import InvalidArgument

if TYPE_CHECKING:
    from argoscope.papers.reproduction import Paper

__all__ = ["app"]

app = App()

Output = Annotated[Path, typer.Option("-o", "--output", help="Folder of the report.", show_default=False)]
ScaleName = Annotated[
    str, typer.Option(help="small: half an hour on two cores; full: the paper's own sizes.")
]
Data = Annotated[
    list[Path] | None, typer.Option(help="Real file in place of simulated events with such images; repeat.")
]
Model = Annotated[
    list[str] | None,
    typer.Option(
        "-m", "--model", help="Finished model of the headline rows; repeat. The shipped one by default."
    ),
]
Only = Annotated[list[str] | None, typer.Option(metavar="STUDY", help="One study alone; repeat.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes that simulate.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with an interrupted reproduction.")]


def _paper0() -> Paper:
    from argoscope.papers.paper0 import PAPER

    return PAPER


def _paper1() -> Paper:
    from argoscope.papers.paper1 import PAPER

    return PAPER


def _paper2() -> Paper:
    from argoscope.papers.paper2 import PAPER

    return PAPER


def _paper3() -> Paper:
    from argoscope.papers.paper3 import PAPER

    return PAPER


def _paper4() -> Paper:
    from argoscope.papers.paper4 import PAPER

    return PAPER


PAPERS: dict[str, tuple[Callable[[], Paper], str]] = {
    "paper0": (_paper0, "Reproduce paper 0 (arXiv:2012.01301): cosmic and neutrino pixels in SBND's planes."),
    "paper1": (
        _paper1,
        "Reproduce paper 1 (arXiv:2201.05705): interactions on MicroBooNE's planes, and the cosmic-only veto.",
    ),
    "paper2": (
        _paper2,
        "Reproduce paper 2 (arXiv:1808.07269): tracks and showers in crops of MicroBooNE's collection plane.",
    ),
    "paper3": (
        _paper3,
        "Reproduce paper 3 (arXiv:2012.08513): five classes of pixels in MicroBooNE's planes.",
    ),
    "paper4": (_paper4, "Reproduce paper 4 (arXiv:1903.05663): sparse and dense U-ResNets in 2D and 3D."),
}
"""Where each paper's reproduction is found, and what it is."""


@app.callback()
def papers() -> None:
    """Tables and figures of the papers, ours beside theirs.

    Example: argoscope reproduce paper4 --scale small -o paper4
    """


def _command(paper: Callable[[], Paper]) -> Callable[..., None]:
    """The command that reproduces a paper."""

    def command(
        output: Output,
        scale: ScaleName = "small",
        data: Data = None,
        model: Model = None,
        only: Only = None,
        workers: Workers = 1,
        resume: Resume = False,
        overwrite: Overwrite = False,
        json: Json = False,
    ) -> None:
        if scale not in {"small", "full"}:
            raise InvalidArgument(f"scale (={scale}) must be small or full")
        from argoscope.papers.reproduction import reproduce

        with stop_requests() as stop, progress_reporter() as report:
            answer = reproduce(
                paper(),
                output,
                scale="small" if scale == "small" else "full",
                data=data or [],
                models=model or [],
                only=only or [],
                workers=workers,
                resume=resume,
                overwrite=overwrite,
                command=command_line(),
                report=report,
                stop=stop,
            )
        if json:
            print_json(answer)
            return
        for study in answer["studies"]:
            typer.echo(f"{study['seconds']:7.0f} s  {study['title']}")
        typer.echo(answer["report"])

    return command


for _name, (_paper, _what) in PAPERS.items():
    _example = f"Example: argoscope reproduce {_name} --scale small -o {_name}"
    app.command(_name, help=f"{_what}\n\n{_example}")(_command(_paper))
