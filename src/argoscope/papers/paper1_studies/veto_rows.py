"""Rows and figures of the veto that two studies have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from argoscope.analyses.veto import RATIOS
from argoscope.display.veto_figures import draw_largest, draw_roc
from argoscope.papers.charts import number_cell
from argoscope.papers.paper1_studies.panels import panels
from argoscope.papers.paper1_studies.sizes import PRESETS, Sizes, whole
from argoscope.papers.study import Context, Figure

__all__ = ["COLUMNS", "WORDS", "largest_figure", "point_rows", "roc_figure", "samples_said"]

COLUMNS = ("tagger and working point", "X", "nu_e kept", "nu_e below 400 MeV kept", "cosmics alone rejected")
"""Of a table of working points."""
WORDS = {"nue": "nu_e", "low_energy": "nu_e below 400 MeV", "offbeam": "cosmics alone"}
"""The samples, as rows name them."""
MARGIN = 0.02
"""Of a zoomed ROC below its least rejection."""

Tagger = Mapping[str, Any]


def samples_said(sizes: Sizes) -> str:
    """The three samples, and what intervals are, for a note."""
    said = "; ".join(whole(sizes, sample).said() for sample in PRESETS)
    return f"{said}. Intervals hold 68 %, Clopper-Pearson."


def point_rows(tagger: Tagger) -> list[tuple[Any, ...]]:
    """A row for each working point of a tagger, in `COLUMNS`."""
    return [
        (
            f"{tagger['name']}: {point['point']}",
            "none" if point["cut"] is None else str(point["cut"]),
            *(number_cell(point["efficiency"][signal]) for signal in RATIOS),
            number_cell(point["rejection"]),
        )
        for point in tagger["working_points"]
    ]


def largest_figure(context: Context, name: str, title: str, taggers: Sequence[Tagger], note: str) -> Figure:
    """Size of the largest cluster by sample, a panel a tagger."""
    data = {tagger["name"]: tagger["largest"] for tagger in taggers}
    drawings = [partial(draw_largest, tagger=tagger) for tagger in taggers]
    return panels(context, name, title, drawings, data=data, note=note)


def roc_figure(
    context: Context, name: str, title: str, taggers: Sequence[Tagger], note: str, *, zoom: bool = False
) -> Figure:
    """Rejection against efficiency, a panel a signal, a line a tagger; zoomed on the rejections that there are."""
    data = [{"name": tagger["name"], "roc": tagger["roc"]} for tagger in taggers]
    found = [row["rejection"]["value"] or 0.0 for tagger in taggers for row in tagger["roc"]]
    least = max(0.0, min(found) - MARGIN) if zoom else 0.0

    def draw(axes: Any, signal: str) -> None:
        draw_roc(axes, taggers, signal)
        if least:
            axes.set_ylim(bottom=least)

    return panels(context, name, title, [partial(draw, signal=s) for s in RATIOS], data=data, note=note)
