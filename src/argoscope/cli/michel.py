"""`argoscope evaluate michel` and `reconstruct michel`: Michel electrons found from classes of pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.apps import App
from argoscope.cli.output import (
    Json,
    Overwrite,
    command_line,
    guarded,
    print_json,
    print_table,
    print_text,
    with_interval,
)
from argoscope.cli.predictions import Figures, Predictions

__all__ = ["app", "evaluate_michel"]

_NUMBERS = {
    "id_efficiency": "ID efficiency",
    "id_purity": "ID purity",
    "cluster_efficiency": "cluster efficiency",
    "cluster_purity": "cluster purity",
    "both_above_95": "both above 95 %",
}
"""Metrics of Michel electrons, as they are said."""
_ENERGIES = {
    "scale": "found / true energy",
    "width": "its width",
    "endpoint": "endpoint, MeV",
    "true_endpoint": "true endpoint, MeV",
    "own_share": "share of the electron",
    "kept": "ionization / kinetic",
}
"""Numbers of their energies."""

Eps = Annotated[float, typer.Option(help="DBSCAN: distance of neighbours, in pixels.")]
MichelPoints = Annotated[int, typer.Option(help="DBSCAN: neighbours of a core of a Michel cluster.")]
MipPoints = Annotated[int, typer.Option(help="DBSCAN: neighbours of a core of a MIP cluster.")]
AttachedTo = Annotated[
    str, typer.Option(help="reach: less than sqrt(8) pixels between the clusters; step: no pixel between.")
]
EdgeRadius = Annotated[
    float, typer.Option(help="MIP pixels up to so far from the contact are masked to see if it is an end.")
]
MevPerUnit = Annotated[
    float | None,
    typer.Option(help="Energy of one unit of charge; by default 1 for MeV.", show_default=False),
]

app = App()


@app.callback()
def tasks() -> None:
    """Reconstruct from predictions; needs no truth.

    Example: argoscope reconstruct michel predicted.h5 -o michel.parquet
    """


def evaluate_michel(
    files: Predictions,
    truth: Annotated[str, typer.Option(help="relabelled or regular.")] = "relabelled",
    eps: Eps = 2.8,
    michel_points: MichelPoints = 5,
    mip_points: MipPoints = 10,
    attached: AttachedTo = "reach",
    edge_radius: EdgeRadius = 15.0,
    mev_per_unit: MevPerUnit = None,
    scan: Annotated[bool, typer.Option("--scan", help="Try other values of each parameter.")] = False,
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Evaluate the Michel electrons found from predicted classes (paper 4).

    Example: argoscope evaluate michel predicted.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate_michel:evaluate_michel",
        files[0],
        paths=[str(f) for f in files],
        truth=truth,
        scan=scan,
        mev_per_unit=mev_per_unit,
        eps=eps,
        michel_points=michel_points,
        mip_points=mip_points,
        attached=attached,
        edge_radius=edge_radius,
    )
    if figures is not None:
        from argoscope.display.michel_figures import save_michel_figures

        save_michel_figures(answer, figures)
    if json:
        print_json(answer)
        return
    _print(answer)


def _print(answer: dict[str, Any]) -> None:
    counts = answer["counts"]
    print_text(
        f"{answer['events']} events, {answer['truth']} truth: {counts['true']} true and {counts['candidates']} found "
        f"Michel electrons, {counts['matched']} matched; intervals: {answer['interval']}"
    )
    blocks = (answer, answer["min_10_pixels"])
    rows = [(words, *(with_interval(block[name]) for block in blocks)) for name, words in _NUMBERS.items()]
    rows += [
        (words, *(with_interval(block["spectrum"][name]) for block in blocks))
        for name, words in _ENERGIES.items()
    ]
    print_table(("", "all", "at least 10 px"), rows)
    if answer["scan"]:
        _print_scan(answer["scan"])


def _print_scan(scan: list[dict[str, Any]]) -> None:
    """Print what `--scan` tried, of all Michel electrons."""
    names = ("id_efficiency", "id_purity")
    rows = [
        (f"{row['parameter']} {row['value']}", *(with_interval(row[name]) for name in names)) for row in scan
    ]
    typer.echo()
    print_table(("", *(_NUMBERS[name] for name in names)), rows)


@app.command("michel")
def reconstruct_michel(
    source: Annotated[Path, typer.Argument(help="Output of `argoscope predict`.", show_default=False)],
    output: Annotated[
        Path, typer.Option("-o", "--output", help="OUT.h5, OUT.root or OUT.parquet.", show_default=False)
    ],
    least_pixels: Annotated[int, typer.Option(help="Candidates with fewer are left out.")] = 0,
    eps: Eps = 2.8,
    michel_points: MichelPoints = 5,
    mip_points: MipPoints = 10,
    attached: AttachedTo = "reach",
    edge_radius: EdgeRadius = 15.0,
    mev_per_unit: MevPerUnit = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Leave a finished table of the same order as it is.")
    ] = False,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Find the Michel electrons of a file: a table with one row each.

    Example: argoscope reconstruct michel predicted.h5 -o michel.parquet
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.reconstruct_michel:reconstruct_michel",
        source,
        source=str(source),
        target=str(output),
        least_pixels=least_pixels,
        mev_per_unit=mev_per_unit,
        eps=eps,
        michel_points=michel_points,
        mip_points=mip_points,
        attached=attached,
        edge_radius=edge_radius,
        command=command_line(),
        resume=resume,
        overwrite=overwrite,
    )
    if json:
        print_json(answer)
        return
    how = " (finished before, left as it is)" if answer["kept"] else ""
    typer.echo(
        f"{answer['candidates']} Michel electrons of {answer['events']} events: {answer['output']}{how}"
    )
