"""`argoscope evaluate mistakes`: which particles are mistaken, where, and the worst events."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, guarded, print_json, print_table, print_text, with_interval
from argoscope.cli.predictions import Figures, Predictions

__all__ = ["evaluate_mistakes"]


def evaluate_mistakes(
    files: Predictions,
    truth: Annotated[
        str | None, typer.Option(help="regular or relabelled; as the model's card says.")
    ] = None,
    worst: Annotated[int, typer.Option(min=0, help="Worst events shown.")] = 4,
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Look at the mistakes of five classes: by particle, by distance to the border, and the worst events.

    Example: argoscope evaluate mistakes predicted.h5 --figures figures
    """
    from argoscope.display.mistake_figures import said, save_mistake_figures

    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate_mistakes:evaluate_mistakes",
        files[0],
        paths=[str(f) for f in files],
        truth=truth,
        worst=worst,
    )
    if figures is not None:
        save_mistake_figures(answer, figures)
    if json:
        print_json(answer)
        return
    print_text(
        f"{answer['events']} events; misclassified share of the pixels; intervals: {answer['interval']}"
    )
    for key, title in (("by_energy", "kinetic energy, MeV"), ("by_length", "length, pixels")):
        names = list(answer[key][0]["wrong"]) if answer[key] else []
        rows = []
        for row in answer[key]:
            ends = f"{row['low']:g} to {row['high']:g}" if row["high"] else f"from {row['low']:g}"
            shares = (with_interval(row["wrong"][name]) for name in names)
            rows.append((ends, str(row["particles"]), *shares))
        typer.echo()
        print_table((title, "particles", *names), rows)
    for one in answer["worst"]:
        typer.echo()
        print_text(f"{one['file']} entry {one['entry']}: {one['right']:.1%} of the pixels right")
        for mistake in one["mistakes"]:
            print_text(f"  {said(mistake)}")
