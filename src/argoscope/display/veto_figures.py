"""The numbers of `evaluate veto` as pictures, after paper 1's figures 18 to 21.

The names of the taggers say where their answers come from: one that knows the
truth is never shown without saying so.

References
----------
Paper 1: arXiv:2201.05705.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from argoscope.display.error_bars import error_bars
from argoscope.display.figure_files import Drawing, save_drawings
from argoscope.display.palette import identifier_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_largest", "draw_roc", "save_veto_figures"]

SAMPLES = {
    "offbeam": "cosmics alone",
    "low_energy": "$\\nu_e$ below 400 MeV",
    "nue": "$\\nu_e$",
}
PAPER_POINTS = {
    "nue": {"network and flash, X = 130": (0.902, 0.949), "network and full tagger": (0.801, 0.997)},
    "low_energy": {"network and flash, X = 130": (0.605, 0.949)},
}
"""Efficiency and rejection of paper 1, section 5.2, on MicroBooNE's data."""
BIN = 50
"""Pixels of a bin of the largest cluster; 0 has one of its own."""


def draw_largest(axes: Axes, tagger: Mapping[str, Any]) -> None:
    """Draw how large the largest cluster left is, by sample (figures 18, 20); 0 stands left of the axis.

    Parameters
    ----------
    axes : matplotlib Axes
    tagger : mapping
        One of ``taggers`` of the evaluation.
    """
    most = max((max(sizes, default=0) for sizes in tagger["largest"].values()), default=0)
    edges = np.arange(0, most + 2 * BIN, BIN)
    for rank, (sample, words) in enumerate(SAMPLES.items()):
        sizes = np.array(tagger["largest"][sample])
        if not len(sizes):
            continue
        colour = identifier_colour(rank)
        counts = np.histogram(sizes[sizes > 0], edges)[0]
        axes.stairs(counts / len(sizes), edges, color=colour, label=f"{words}, {len(sizes)}")
        axes.plot(-BIN / 2, (sizes == 0).mean(), "_", markersize=14, markeredgewidth=2, color=colour)
    axes.set(xlabel="pixels of the largest cluster left (left of the axis: none)", ylabel="share of events")
    axes.set_title(tagger["name"], fontsize=9)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8)


def draw_roc(axes: Axes, taggers: Sequence[Mapping[str, Any]], signal: str) -> None:
    """Draw the rejection of cosmic events against the efficiency for a signal, a line a tagger (figures 19, 21)."""
    for rank, tagger in enumerate(taggers):
        rows = [
            row
            for row in tagger["roc"]
            if row["efficiency"][signal]["value"] is not None and row["rejection"]["value"] is not None
        ]
        if not rows:
            continue
        across, across_bars = error_bars([row["efficiency"][signal] for row in rows])
        up, up_bars = error_bars([row["rejection"] for row in rows])
        axes.errorbar(
            across, up, xerr=across_bars, yerr=up_bars, fmt="o-", markersize=2.5, linewidth=1, elinewidth=0.4,
            color=identifier_colour(rank), label=tagger["name"],
        )  # fmt: skip
    for marker, (words, (x, y)) in zip("*P", PAPER_POINTS[signal].items(), strict=False):
        axes.plot(x, y, marker, markersize=11, color="#444444", linestyle="none", label=f"paper 1: {words}")
    axes.set(
        xlabel=f"efficiency for {SAMPLES[signal]}", ylabel="events of cosmics alone rejected",
        xlim=(-0.02, 1.02), ylim=(-0.02, 1.02),
    )  # fmt: skip
    axes.legend(frameon=False, fontsize=7, loc="lower left")


def save_veto_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the figures of `argoscope.inference.evaluate_veto.evaluate_veto` into a folder."""
    taggers = answer["taggers"]
    curves = [{"name": tagger["name"], "roc": tagger["roc"]} for tagger in taggers]
    drawings: dict[str, Drawing] = {
        f"roc-{signal.replace('_', '-')}": (curves, partial(draw_roc, taggers=taggers, signal=signal))
        for signal in PAPER_POINTS
    }
    for number, tagger in enumerate(taggers):
        drawings[f"largest-{number}"] = (
            {"name": tagger["name"], **tagger["largest"]},
            partial(draw_largest, tagger=tagger),
        )
    return save_drawings(drawings, folder)
