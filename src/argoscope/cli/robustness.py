"""`argoscope robustness`: metrics of a network where the detector is not as it was trained."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, guarded, print_json, print_table, print_text, with_interval
from argoscope.cli.predictions import Figures
from argoscope.errors import require_known

__all__ = ["robustness"]


def robustness(
    source: Annotated[
        str, typer.Argument(help="Labelled events, or a preset of the simulation.", show_default=False)
    ],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            help="Shipped model, folder of a training, or path of weights.",
            show_default=False,
        ),
    ],
    curve: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE,VALUE,...: gain, noise, threshold, dead_wires; of a preset also what `simulate --vary` "
            "takes, or paper3 for its eight variations. Repeat.",
            show_default=False,
        ),
    ] = None,
    events: Annotated[int, typer.Option("-n", "--events", min=1, help="At most so many events.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Of a preset; from 990000 for tests.")] = 990_002,
    vary: Annotated[
        list[str] | None, typer.Option(help="NAME=VALUE of a preset's central events too; repeat.")
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="Metrics shown; by default the first three.", show_default=False)
    ] = None,
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Measure a network on varied events: metrics, and their changes against the same particles unvaried.

    Example: argoscope robustness cubes.h5 --model five-class-3d --curve gain=0.75,1,1.25
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.robustness:robustness",
        Path(source),
        source=source,
        model=model,
        curves=curve or [],
        events=events,
        seed=seed,
        vary=vary or [],
    )
    if figures is not None:
        from argoscope.display.robustness_figures import save_robustness_figures

        save_robustness_figures(answer, figures)
    if json:
        print_json(answer)
        return
    _print(answer, metric or list(answer["averaging"])[:3])


def _print(answer: dict[str, Any], metrics: list[str]) -> None:
    for name in metrics:
        require_known(name, answer["averaging"], "there is no metric")
    print_text(
        f"{answer['model']}: {answer['events']} events of {answer['source']}; intervals: {answer['interval']}"
    )
    points = [("central", answer["pixels"], answer["central"], None)]
    points += [
        (f"{curve['name']} {point['value']}", point["pixels"], point["metrics"], point["change"])
        for curve in answer["curves"]
        for point in curve["points"]
    ]
    rows = []
    for title, pixels, values, change in points:
        pairs = (
            (with_interval(values[name]), with_interval(change[name]) if change else "") for name in metrics
        )
        rows.append((title, str(pixels), *chain.from_iterable(pairs)))
    print_table(("", "pixels", *chain.from_iterable((name, f"{name}, change") for name in metrics)), rows)
