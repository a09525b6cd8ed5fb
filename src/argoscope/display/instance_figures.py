"""The numbers of `evaluate instances` as pictures, after paper 1's figures.

Efficiency and purity averaged over events (figures 7, 8), of single
interactions (9, 10, by class 15 to 17), covered interactions of an event (13)
and against how many there are (14); besides, efficiency against purity along
the score, and efficiency against length, overlap and dead wires.

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
from argoscope.display.palette import GREY, class_colour, identifier_colour
from argoscope.events import ANCESTOR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "TRAITS",
    "draw_covered",
    "draw_curve",
    "draw_distribution",
    "draw_event_averages",
    "draw_per_event",
    "draw_trait",
    "save_instance_figures",
]

QUANTITIES = {"efficiency": "efficiency", "charge_efficiency": "charge efficiency", "purity": "purity"}
TRAITS = {
    "length": "length [pixels]",
    "overlap": "share of pixels with another interaction",
    "dead": "share of wires that are dead",
}
EDGES = np.linspace(0, 1, 41).tolist()
"""Bins of means of events."""
ZERO_AT = -0.05
"""Where the bar of exactly 0 stands, left of the axis from 0 to 1."""


def _colour(name: str) -> str:
    return GREY if name == "all" else class_colour(ANCESTOR, ANCESTOR.index(name))


def draw_event_averages(axes: Axes, events: Sequence[Mapping[str, Any]]) -> None:
    """Draw efficiency against purity, each averaged over an event (figure 7).

    Parameters
    ----------
    axes : matplotlib Axes
    events : sequence of dict
        Rows ``events`` of the evaluation.
    """
    both = [(e["efficiency"], e["purity"]) for e in events if None not in (e["efficiency"], e["purity"])]
    table = np.array(both, dtype=np.float64).reshape(-1, 2)
    few = len(table) < 500
    if few:
        axes.plot(*table.T, "o", markersize=4, alpha=0.6, color=identifier_colour(0))
    else:
        axes.hist2d(table[:, 0], table[:, 1], bins=(EDGES, EDGES), cmap="viridis_r", cmin=1)
    if len(table):
        axes.plot(*table.mean(axis=0), "+", markersize=14, color=identifier_colour(1), label="mean")
        axes.legend(frameon=False, loc="lower left")
    axes.set(
        xlabel="efficiency, mean of an event",
        ylabel="purity, mean of an event",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
    )


def draw_per_event(axes: Axes, events: Sequence[Mapping[str, Any]]) -> None:
    """Draw how many events have which mean efficiency, purity and covered share (figures 8, 13)."""
    for rank, name in enumerate(("efficiency", "purity", "covered")):
        values = [event[name] for event in events if event[name] is not None]
        label = f"{name}, mean {np.mean(values):.3f}" if values else f"{name}, no event"
        axes.hist(values, EDGES, histtype="step", color=identifier_colour(rank), label=label)
    axes.set(xlabel="mean of an event", ylabel="events")
    axes.legend(frameon=False, loc="upper left")


def draw_distribution(axes: Axes, histograms: Mapping[str, Any], quantity: str) -> None:
    """Draw the share of instances of each class with an efficiency or purity; those of 0 left of the axis (9, 10, 15-17).

    Parameters
    ----------
    axes : matplotlib Axes
    histograms : mapping
        ``histograms`` of the evaluation.
    quantity : {"efficiency", "charge_efficiency", "purity"}
    """
    for name, content in histograms.items():
        counts, zero = np.array(content[quantity]["counts"]), content[quantity]["zero"]
        total = counts.sum() + zero
        if not total:
            continue
        edges, colour = content["edges"], _colour(name)
        axes.stairs(counts / total, edges, color=colour, label=f"{name}, {total}")
        axes.plot(ZERO_AT, zero / total, "_", markersize=16, markeredgewidth=2, color=colour)
    axes.axvline(0, color=GREY, linewidth=0.6)
    axes.set(xlabel=QUANTITIES[quantity], ylabel="share of instances", xlim=(-0.1, 1.02))
    axes.set_ylim(bottom=0)
    axes.set_xticks([ZERO_AT, 0.2, 0.4, 0.6, 0.8, 1.0], ["none", "0.2", "0.4", "0.6", "0.8", "1"])
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0.1, 1.0))


def draw_covered(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw how many interactions are covered against how many there are (figure 14)."""
    there = np.array([row["interactions"] for row in rows], dtype=np.float64)
    values, bars = error_bars([row["covered_count"] for row in rows])
    end = max(there.max(initial=0), 1) + 1
    axes.plot([0, end], [0, end], "--", color=GREY, label="all of them")
    axes.errorbar(there, values, yerr=bars, fmt="o", markersize=4, color=identifier_colour(0), label="mean")
    axes.set(xlabel="true interactions", ylabel="covered interactions", xlim=(0, end), ylim=(0, end))
    axes.legend(frameon=False)


def draw_curve(axes: Axes, rows: Sequence[Mapping[str, Any]], least_score: float) -> None:
    """Draw efficiency against purity along the least score; the star is the score that was used."""
    across, across_bars = error_bars([row["purity"] for row in rows])
    up, up_bars = error_bars([row["efficiency"] for row in rows])
    there = np.isfinite(across) & np.isfinite(up)
    axes.errorbar(
        across[there], up[there], xerr=across_bars[:, there], yerr=up_bars[:, there],
        fmt="o-", markersize=3, linewidth=1, color=identifier_colour(0),
    )  # fmt: skip
    for row, x, y in zip(rows, across, up, strict=True):
        if np.isclose(row["least_score"], least_score):
            axes.plot(x, y, "*", markersize=13, color=identifier_colour(1), label=f"score {least_score:g}")
            axes.legend(frameon=False)
    axes.set(
        xlabel="purity, mean over events",
        ylabel="efficiency, mean over events",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
    )


def draw_trait(axes: Axes, rows: Sequence[Mapping[str, Any]], trait: str) -> None:
    """Draw efficiency, covered and unfound shares against what makes interactions hard, bin by bin."""
    labels = [
        f"{row['low']:g}+" if row["high"] is None else f"{row['low']:g}-{row['high']:g}" for row in rows
    ]
    names = {"efficiency": "efficiency", "covered": "covered", "zero_efficiency": "nothing found"}
    for rank, (name, words) in enumerate(names.items()):
        values, bars = error_bars([row[name] for row in rows])
        at = np.arange(len(rows)) + 0.1 * (rank - 1)
        axes.errorbar(
            at, values, yerr=bars, fmt="o", markersize=4, color=identifier_colour(rank), label=words
        )
    axes.set(xlabel=TRAITS[trait], ylabel="mean over interactions", ylim=(-0.02, 1.02))
    axes.set_xticks(range(len(rows)), labels, fontsize=8)
    axes.legend(frameon=False, fontsize=8)


def save_instance_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the figures of `argoscope.inference.evaluate_instances.evaluate_instances` into a folder."""
    events, histograms = answer["events"], answer["histograms"]
    drawings: dict[str, Drawing] = {
        "event-averages": (events, lambda axes: draw_event_averages(axes, events)),
        "per-event": (events, lambda axes: draw_per_event(axes, events)),
        "covered": (answer["by_interactions"], lambda axes: draw_covered(axes, answer["by_interactions"])),
        "curve": (
            answer["curve"],
            lambda axes: draw_curve(axes, answer["curve"], answer["rules"]["least_score"]),
        ),
    }
    for quantity in QUANTITIES:
        drawings[quantity.replace("_", "-")] = (
            {name: content[quantity] for name, content in histograms.items()},
            partial(draw_distribution, histograms=histograms, quantity=quantity),
        )
    for trait in TRAITS:
        rows = answer[f"by_{trait}"]
        drawings[trait] = (rows, partial(draw_trait, rows=rows, trait=trait))
    return save_drawings(drawings, folder)
