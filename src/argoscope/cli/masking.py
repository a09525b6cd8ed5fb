"""`argoscope masking`: a network on parts of a particle, to see what it looks at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, Overwrite, guarded, print_json, print_table

__all__ = ["masking"]


def masking(
    source: Annotated[Path, typer.Argument(help="Labelled events with instances.", show_default=False)],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            help="Shipped model, folder of a training, or path of weights.",
            show_default=False,
        ),
    ],
    event: Annotated[int, typer.Option("-e", "--event", min=0, help="Place of the event in the file.")] = 0,
    plane: Annotated[
        int | None, typer.Option(help="Projection; by default the first that the model reads.")
    ] = None,
    particle: Annotated[
        int | None, typer.Option(help="Number of a particle; by default a stopping muon and its electron.")
    ] = None,
    length: Annotated[
        list[int] | None, typer.Option(min=1, help="Pixels left; repeat.", show_default="5, 10, 20, 40")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="Picture (PNG), with its numbers.", show_default=False),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Cut an event to parts of a particle, and see what a network says of them (paper 2, figures 12 to 15).

    Example: argoscope masking michel.h5 --model track-shower-2d --event 3 -o masks.png
    """
    from argoscope.analyses.masking import LENGTHS

    answer: dict[str, Any] = guarded(
        "argoscope.inference.masking:masking_study",
        source,
        source=str(source),
        model=model,
        entry=event,
        plane=plane,
        particle=particle,
        lengths=length or list(LENGTHS),
    )
    if output is not None:
        from argoscope.display.masking_figures import save_masking_figure

        save_masking_figure(answer, output, overwrite=overwrite)
    if json:
        print_json(answer)
    else:
        _print(answer)
    if answer["too_long"]:
        listed = ", ".join(map(str, answer["too_long"]))
        typer.echo(
            f"argoscope: the particle has too few pixels for pieces of {listed}; --length takes shorter ones",
            err=True,
        )


def _print(answer: dict[str, Any]) -> None:
    rows = []
    for mask in answer["masks"]:
        numbers = ("-" if mask[name] is None else f"{mask[name]:.3f}" for name in ("track", "shower"))
        share = "-" if mask["shower_share"] is None else f"{mask['shower_share']:.1%}"
        rows.append((mask["name"], str(mask["pixels"]), *numbers, share))
    print_table(("", "pixels", "track", "shower", "called shower"), rows)
