"""The numbers of `evaluate cosmic-tagging` and `evaluate selection` as pictures, after paper 0's figures.

Energies of the neutrinos (figure 3), pixels by label (figure 7), the metrics
beside the all-cosmic baseline (what figure 8 follows during a training), IoU
against energy and interaction (figure 9), and the ROC of the selection with the
point of table 3. Figures 4 and 5 are displays of an event.

References
----------
Paper 0: arXiv:2012.01301.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from argoscope.display.error_bars import error_bars
from argoscope.display.figure_files import Drawing, save_drawings
from argoscope.display.palette import class_colour, identifier_colour
from argoscope.events import COSMIC

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "draw_energies",
    "draw_iou",
    "draw_metrics",
    "draw_occupancy",
    "draw_roc",
    "save_selection_figures",
    "save_tagging_figures",
]

KINDS = {"nue": "$\\nu_e$ CC", "numu": "$\\nu_\\mu$ CC", "nc": "NC"}
"""Interactions, as figures name them."""
METRICS = {
    "accuracy": "accuracy",
    "non_background_accuracy": "non-background\naccuracy",
    "iou_cosmic": "cosmic IoU",
    "iou_neutrino": "neutrino IoU",
    "mean_iou": "mean IoU",
}
LABELS = ("background", "cosmic", "neutrino")
_COLOURS = {kind: identifier_colour(rank) for rank, kind in enumerate(KINDS)}


def draw_energies(axes: Axes, events: Sequence[Mapping[str, Any]]) -> None:
    """Draw how many neutrinos have which energy, by interaction (figure 3).

    Parameters
    ----------
    axes : matplotlib Axes
    events : sequence of dict
        Rows ``events`` of the evaluation.
    """
    samples = {
        kind: [e["energy_gev"] for e in events if e["interaction"] == kind and e["energy_gev"] is not None]
        for kind in KINDS
    }
    largest = max((max(values) for values in samples.values() if values), default=1.0)
    edges = np.linspace(0, np.ceil(2 * largest) / 2, 26).tolist()
    for kind, values in samples.items():
        if values:
            axes.hist(
                values, edges, histtype="step", color=_COLOURS[kind], label=f"{KINDS[kind]}, {len(values)}"
            )
    axes.set(xlabel="energy of the neutrino [GeV]", ylabel="events")
    if any(samples.values()):
        axes.legend(frameon=False)


def draw_occupancy(axes: Axes, events: Sequence[Mapping[str, Any]]) -> None:
    """Draw the share of the pixels of an image that have each label (figure 7); background with charge only."""
    pixels = [plane["pixels"] for event in events for plane in event["planes"]]
    cosmic, neutrino, charged, whole = (
        np.array([row[name] for row in pixels], dtype=np.float64)
        for name in ("cosmic", "neutrino", "charged", "all")
    )
    shares = dict(zip(LABELS, (charged - cosmic - neutrino, cosmic, neutrino), strict=True))
    edges = np.geomspace(1e-6, 1e-1, 51).tolist()
    for name, counts in shares.items():
        found = counts / whole
        empty = int((found <= 0).sum())
        label = name + (f" ({empty} images without)" if empty else "")
        colour = class_colour(COSMIC, COSMIC.index(name))
        axes.hist(found[found > 0], edges, histtype="step", color=colour, label=label)
    axes.set(xlabel="share of the pixels of an image", ylabel="images", xscale="log")
    axes.legend(frameon=False)


def draw_metrics(axes: Axes, answer: Mapping[str, Any]) -> None:
    """Draw the metrics of each convention, and the baseline in the paper's."""
    blocks = {
        "paper's convention": (answer["paper"], "o", identifier_colour(0)),
        "strict": (answer["strict"], "s", identifier_colour(2)),
        "full resolution": (answer["full_resolution"], "^", identifier_colour(3)),
        "all above 10 cosmic": (answer["baseline_all_cosmic"], "x", class_colour(COSMIC, -1)),
    }
    for number, (label, (block, marker, colour)) in enumerate(blocks.items()):
        values, bars = error_bars([block[name] for name in METRICS])
        at = np.arange(len(METRICS)) + 0.13 * (number - 1.5)
        axes.errorbar(at, values, yerr=bars, fmt=marker, color=colour, label=label)
    axes.set(ylim=(-0.02, 1.02), ylabel="mean over images")
    axes.set_xticks(range(len(METRICS)), METRICS.values(), fontsize=8)
    axes.legend(frameon=False, fontsize=8)


def draw_iou(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw IoU against the neutrino's energy: neutrino solid, cosmic dashed, a colour an interaction (figure 9)."""
    for kind, title in KINDS.items():
        mine = [row for row in rows if row["interaction"] == kind]
        if not mine:
            continue
        low = np.array([row["low_gev"] for row in mine])
        # The last bin has no end: it is drawn half as wide again as it starts.
        high = np.array([row["high_gev"] or 1.5 * row["low_gev"] for row in mine])
        for name, style in (("iou_neutrino", "-"), ("iou_cosmic", "--")):
            values, bars = error_bars([row[name] for row in mine])
            label = f"{title}, {name.removeprefix('iou_')}"
            axes.errorbar(
                (low + high) / 2, values, yerr=bars, xerr=(high - low) / 2,
                linestyle=style, color=_COLOURS[kind], label=label, linewidth=1.2,
            )  # fmt: skip
    axes.set(xlabel="energy of the neutrino [GeV]", ylabel="IoU, mean over images", ylim=(0, 1.02))
    if rows:
        axes.legend(frameon=False, fontsize=8, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))


def draw_roc(axes: Axes, answer: Mapping[str, Any]) -> None:
    """Draw the rejection of cosmic-only events against the efficiency, along the least neutrino pixels."""
    published = answer["published"]
    for kind, title in KINDS.items():
        rows = [
            row
            for row in answer["roc"]
            if row["efficiency"][kind]["value"] is not None and row["cosmic_rejection"]["value"] is not None
        ]
        across, across_bars = error_bars([row["efficiency"][kind] for row in rows])
        up, up_bars = error_bars([row["cosmic_rejection"] for row in rows])
        if rows:
            axes.errorbar(
                across, up, xerr=across_bars, yerr=up_bars,
                fmt="o-", markersize=3, linewidth=1, color=_COLOURS[kind], label=title,
            )  # fmt: skip
        axes.plot(
            published[kind], published["cosmic_rejection"], "*", markersize=13, color=_COLOURS[kind],
            label=f"{title}, paper 0, table 3",
        )  # fmt: skip
    axes.set(
        xlabel="efficiency", ylabel="cosmic-only events rejected", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02)
    )
    axes.legend(frameon=False, fontsize=8)


def save_tagging_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the figures of `argoscope.inference.evaluate_cosmic.evaluate_cosmic_tagging` into a folder."""
    drawings: dict[str, Drawing] = {
        "energies": (
            [{"interaction": e["interaction"], "energy_gev": e["energy_gev"]} for e in answer["events"]],
            lambda axes: draw_energies(axes, answer["events"]),
        ),
        "occupancy": (
            [plane["pixels"] for event in answer["events"] for plane in event["planes"]],
            lambda axes: draw_occupancy(axes, answer["events"]),
        ),
        "metrics": (
            {name: answer[name] for name in ("paper", "strict", "full_resolution", "baseline_all_cosmic")},
            lambda axes: draw_metrics(axes, answer),
        ),
        "iou": (answer["by_energy"], lambda axes: draw_iou(axes, answer["by_energy"])),
    }
    return save_drawings(drawings, folder)


def save_selection_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the figure of `argoscope.inference.evaluate_cosmic.evaluate_selection` into a folder."""
    return save_drawings({"roc": (answer["roc"], lambda axes: draw_roc(axes, answer))}, folder)
