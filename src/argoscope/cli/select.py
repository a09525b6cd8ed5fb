"""`argoscope select`: the events that pass a selection, as a file of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.apps import App
from argoscope.cli.instances import CosmicScore, Eps, MinPoints, Plane, Tags
from argoscope.cli.output import Json, Overwrite, command_line, guarded, print_json, print_rows

__all__ = ["Centre", "LeastPixels", "MostSeparation", "app"]

LeastPixels = Annotated[int, typer.Option(help="Neutrino pixels on every plane, after 2 x 2 pooling.")]
"""Option of paper 0's selection; its default is the paper's."""
MostSeparation = Annotated[
    float, typer.Option(help="Largest difference of the drift of two planes, in pixels after pooling.")
]
"""The other one."""
Centre = Annotated[
    str,
    typer.Option(
        help="Drift of a plane: the mean of its neutrino pixels, or the median, which stray ones hardly move."
    ),
]
"""What of the drift is compared: mean, as in the paper, or median."""
Source = Annotated[Path, typer.Argument(help="Output of `argoscope predict`.", show_default=False)]
Skim = Annotated[
    Path, typer.Option("-o", "--output", help="larcv3 file of the kept events.", show_default=False)
]
EventList = Annotated[
    Path | None, typer.Option("--event-list", help="Text file: entry run subrun event of each kept event.")
]

app = App()


@app.callback()
def tasks() -> None:
    """Keep the events that pass a selection; needs no truth.

    Example: argoscope select cosmic-tagging predicted.h5 -o neutrinos.h5
    """


@app.command("cosmic-tagging")
def cosmic_tagging(
    source: Source,
    output: Skim,
    least_pixels: LeastPixels = 100,
    most_separation: MostSeparation = 50.0,
    centre: Centre = "mean",
    event_list: EventList = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Keep the events in which a network sees a neutrino (paper 0): all their products, and a cut flow.

    Example: argoscope select cosmic-tagging predicted.h5 -o neutrinos.h5
    """
    cuts = {"least_pixels": least_pixels, "most_separation": most_separation, "centre": centre}
    library = "argoscope.inference.select_events:select_cosmic_tagging"
    _select(library, source, output, event_list, cuts, overwrite=overwrite, json=json)


@app.command("veto")
def veto(
    source: Source,
    output: Skim,
    cut: Annotated[int, typer.Option(help="Pixels that the largest cluster left must exceed.")] = 130,
    eps: Eps = 10.0,
    min_points: MinPoints = 20,
    cosmic_score: CosmicScore = 0.2,
    tags: Tags = None,
    plane: Plane = None,
    event_list: EventList = None,
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Keep the events in which more than cosmic rays is left (paper 1): all their products, and a cut flow.

    Example: argoscope select veto predicted.h5 -o kept.h5
    """
    cuts = {
        "cut": cut, "eps": eps, "min_points": min_points, "cosmic_score": cosmic_score, "tags": _text(tags), "plane": plane
    }  # fmt: skip
    library = "argoscope.inference.select_veto:select_veto"
    _select(library, source, output, event_list, cuts, overwrite=overwrite, json=json)


def _select(
    library: str,
    source: Path,
    output: Path,
    event_list: Path | None,
    cuts: dict[str, Any],
    *,
    overwrite: bool,
    json: bool,
) -> None:
    """Select with a function of the library; print the cut flow and what was kept."""
    answer: dict[str, Any] = guarded(
        library,
        source,
        source=str(source),
        target=str(output),
        **cuts,
        event_list=_text(event_list),
        command=command_line(),
        overwrite=overwrite,
    )
    if json:
        print_json(answer)
        return
    print_rows([(step["cut"], str(step["events"])) for step in answer["cut_flow"]])
    typer.echo(f"{len(answer['kept'])} events: {answer['output']}")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
