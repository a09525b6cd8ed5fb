"""`argoscope evaluate instances` and `evaluate veto`: interactions found, and events told by what is left."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from argoscope.cli.output import Json, guarded, print_json, print_table, print_text, with_interval
from argoscope.cli.predictions import Figures, Predictions, save_first_event
from argoscope.errors import InvalidArgument

__all__ = ["CosmicScore", "Eps", "MinPoints", "Plane", "Tags", "evaluate_instances", "evaluate_veto"]

_METRICS = {
    "efficiency": "efficiency",
    "purity": "purity",
    "charge_efficiency": "charge efficiency",
    "covered": "covered",
    "zero_efficiency": "nothing found",
    "panoptic_quality": "panoptic quality",
    "ap50": "AP50",
    "ari": "adjusted Rand index",
    "duplicates": "duplicates",
}
"""Metrics of instances, as they are said."""

_FLASH = {"eps_in": 0.95, "f_out": 1 / 30, "rho": 0.5}
"""Defaults of the options of --flash."""

Plane = Annotated[
    int | None, typer.Option(help="Projection; by default the only plane, else the collection plane.")
]
Eps = Annotated[float, typer.Option(help="DBSCAN of what is left: distance of neighbours, in pixels.")]
MinPoints = Annotated[int, typer.Option(help="DBSCAN of what is left: neighbours of a core.")]
CosmicScore = Annotated[float, typer.Option(help="Cosmic instances with a score above are taken away.")]
Tags = Annotated[
    Path | None,
    typer.Option(help="Tags of another reconstruction: .npz, .h5, .parquet or .root, see docs/instances.md."),
]


def evaluate_instances(
    files: Predictions,
    least_score: Annotated[float, typer.Option(help="Predictions below are left out.")] = 0.4,
    least_pixels: Annotated[
        int, typer.Option(help="Active pixels from which a true interaction counts.")
    ] = 10,
    plane: Plane = None,
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Evaluate the interactions found on wire planes (paper 1), beside DBSCAN alone.

    Example: argoscope evaluate instances predicted.h5
    """
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate_instances:evaluate_instances",
        files[0],
        paths=[str(f) for f in files],
        least_score=least_score,
        least_pixels=least_pixels,
        plane=plane,
    )
    if figures is not None:
        from argoscope.display.instance_figures import save_instance_figures

        save_instance_figures(answer, figures)
        save_first_event(files[0], figures, ["charge", "ancestor", "predicted_ancestor"])
    if json:
        print_json(answer)
        return
    print_text(
        f"{len(answer['events'])} events, {answer['true']} true and {answer['predicted']} predicted instances, "
        f"intervals: {answer['interval']}"
    )
    blocks = {"per event": answer["overall"], "pooled": answer["pooled"]}
    blocks |= {name: answer["classes"][name] for name in ("cosmic", "neutrino") if name in answer["classes"]}
    blocks["DBSCAN alone"] = answer["baseline_dbscan"]["overall"]
    rows = [
        (words, *(with_interval(block[name]) for block in blocks.values()))
        for name, words in _METRICS.items()
    ]
    print_table(("", *blocks), rows)


def evaluate_veto(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Outputs of `argoscope predict`: neutrinos, those of low energy, cosmics alone.",
            show_default=False,
        ),
    ],
    eps: Eps = 10.0,
    min_points: MinPoints = 20,
    cosmic_score: CosmicScore = 0.2,
    tags: Tags = None,
    flash: Annotated[
        bool, typer.Option("--flash", help="Add a second tagger imitated from the truth, with smearing.")
    ] = False,
    eps_in: Annotated[float, typer.Option(help="Of --flash: the in-time object stays untagged.")] = _FLASH[
        "eps_in"
    ],
    f_out: Annotated[float, typer.Option(help="Of --flash: another object is missed.")] = _FLASH["f_out"],
    rho: Annotated[
        float, typer.Option(help="Of --flash: its mistakes are where the image is poor.")
    ] = _FLASH["rho"],
    extra_vetoes: Annotated[
        bool, typer.Option("--extra-vetoes", help="Of --flash: reject events with an in-time muon.")
    ] = False,
    scan: Annotated[bool, typer.Option("--scan", help="Try other clusterings of what is left.")] = False,
    plane: Plane = None,
    figures: Figures = None,
    json: Json = False,
) -> None:
    """Evaluate the rejection of events of cosmic rays alone by what is left untagged (paper 1).

    Example: argoscope evaluate veto nue.h5 low.h5 offbeam.h5 --flash
    """
    quality = {"eps_in": eps_in, "f_out": f_out, "rho": rho, "extra_vetoes": extra_vetoes}
    if not flash:
        _require_unchanged(quality)
    answer: dict[str, Any] = guarded(
        "argoscope.inference.evaluate_veto:evaluate_veto",
        files[0],
        paths=[str(f) for f in files],
        eps=eps,
        min_points=min_points,
        cosmic_score=cosmic_score,
        flash=quality if flash else None,
        tags=None if tags is None else str(tags),
        scan=scan,
        plane=plane,
    )
    if figures is not None:
        from argoscope.display.veto_figures import save_veto_figures

        save_veto_figures(answer, figures)
    if json:
        print_json(answer)
        return
    _print_veto(answer)


def _require_unchanged(quality: dict[str, Any]) -> None:
    """Refuse an option of --flash where that was not asked for."""
    for name, value in quality.items():
        if value != _FLASH.get(name, False):
            option = "--" + name.replace("_", "-")
            raise InvalidArgument(
                f"{option} (={value}) is of --flash, which is not given: add --flash, or leave it out"
            )


def _print_veto(answer: dict[str, Any]) -> None:
    counts = ", ".join(f"{number} {name}" for name, number in answer["events"].items())
    print_text(f"events: {counts}; intervals: {answer['interval']}")
    for tagger in answer["taggers"]:
        typer.echo()
        print_text(f"{tagger['name']}: {tagger['provenance']}")
        print_table(
            ("", "X", "nue", "nue below 400 MeV", "cosmics rejected", "S/B"),
            [_point_row(point) for point in tagger["working_points"]],
        )
    for gain in answer["gain"]:
        alone, joined = (with_interval(gain[name]) for name in ("efficiency_alone", "efficiency_joined"))
        typer.echo()
        print_text(
            f"of the cosmic events that {gain['beside']} leaves, cut for at least {gain['efficiency']:.1%} of nue, the "
            f"network removes {with_interval(gain['removed'])}; nue kept: alone {alone}, with the network {joined}"
        )
    if answer["dbscan_scan"]:
        _print_clusterings(answer)


def _point_row(point: dict[str, Any]) -> tuple[str, ...]:
    """A working point of a tagger in words."""
    cut = "none" if point["cut"] is None else str(point["cut"])
    ratio = point["signal_to_background"]["nue"]
    columns = (point["efficiency"]["nue"], point["efficiency"]["low_energy"], point["rejection"])
    return point["point"], cut, *map(with_interval, columns), "-" if ratio is None else f"{ratio:.3g}"


def _print_clusterings(answer: dict[str, Any]) -> None:
    """Print what `--scan` tried."""
    typer.echo()
    print_text(f"other clusterings of what {answer['tagger']} leaves; choose on tuning events only")
    rows = []
    for row in answer["dbscan_scan"]:
        areas = (with_interval(row["area"][signal]) for signal in ("nue", "low_energy"))
        rows.append((f"{row['eps']:g}", str(row["min_points"]), *areas, f"{row['mean_largest']:.1f}"))
    print_table(("eps", "points", "area, nue", "area, nue below 400 MeV", "mean largest cluster"), rows)
