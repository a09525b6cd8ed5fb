"""The curves of `argoscope robustness` as pictures: metrics against a value, or changes by variation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.display.error_bars import error_bars
from argoscope.display.figure_files import Drawing, save_drawings

__all__ = ["draw_changes", "draw_curve", "save_robustness_figures"]

COLOURS = (
    *("#0072b2", "#d5480c", "#2a9d78", "#8f1c5f", "#e6b800"),
    *("#5b5b5b", "#56b4e9", "#a0522d", "#cc79a7"),
)
MARKERS = "osD^vP<>X"
ASIDE = 0.006
"""Metrics stand so far beside each other, of the range of the values, so that no interval hides another."""
CHANGE = "change against the central events"
UNITS = {
    "noise": "{}, {unit} a pixel",
    "threshold": "{}, {unit}",
    "dead_wires": "share of the wires that is dead",
}
"""Titles of the axes of variations of images; others have their unit in their name."""


def _numbers(points: Sequence[Mapping[str, Any]]) -> list[float] | None:
    """Values of the points, None where one is no number."""
    try:
        return [float(point["value"]) for point in points]
    except ValueError:
        return None


def _said(metric: str) -> str:
    """A metric in words.

    Examples
    --------
    >>> _said("michel_id_efficiency"), _said("icpf_mean")
    ('Michel ID efficiency', 'ICPF mean')
    """
    capitals = {"michel": "Michel", "id": "ID", "icpf": "ICPF", "iou": "IoU", "ap50": "AP50", "ari": "ARI"}
    return " ".join(capitals.get(word, word) for word in metric.split("_"))


def draw_curve(
    axes: Any, curve: Mapping[str, Any], names: Sequence[str], part: str = "metrics", *, unit: str = "charge"
) -> None:
    """Draw metrics, or their changes, against the value of a variation.

    Parameters
    ----------
    axes : matplotlib Axes
    curve : mapping
        One of ``curves`` of the answer, whose values are numbers.
    names : sequence of str
        Metrics.
    part : {"metrics", "change"}
    unit : str
        Of the charge.
    """
    at = np.array(_numbers(curve["points"]))
    aside = ASIDE * float(np.ptp(at))
    for number, name in enumerate(names):
        values, bars = error_bars([point[part][name] for point in curve["points"]])
        axes.errorbar(
            at + aside * (number - (len(names) - 1) / 2), values, yerr=bars, fmt=f"{MARKERS[number]}-", markersize=3.5,
            linewidth=1, color=COLOURS[number], label=_said(name),
        )  # fmt: skip
    if part == "change":
        axes.axhline(0, color="0.4", linewidth=0.8)
    title = UNITS.get(curve["name"], "{}").format(curve["name"], unit=unit)
    axes.set(xlabel=title, ylabel=CHANGE if part == "change" else "metric")
    _finish(axes)


def draw_changes(axes: Any, curve: Mapping[str, Any], names: Sequence[str]) -> None:
    """Draw the changes of metrics, a row for each variation that has a name in place of a number."""
    points = curve["points"]
    rows = np.arange(len(points))[::-1]
    for number, name in enumerate(names):
        values, bars = error_bars([point["change"][name] for point in points])
        axes.errorbar(
            values, rows - 0.1 * (number - (len(names) - 1) / 2), xerr=bars, fmt=MARKERS[number],
            markersize=3.5, linewidth=1, color=COLOURS[number], label=_said(name),
        )  # fmt: skip
    axes.axvline(0, color="0.4", linewidth=0.8)
    axes.set_yticks(rows, [point["value"] for point in points])
    axes.set(xlabel=CHANGE)
    _finish(axes)


def _finish(axes: Any) -> None:
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3)


def save_robustness_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw every curve, as PNG and PDF, with its numbers as JSON.

    Parameters
    ----------
    answer : mapping
        Of `argoscope.inference.robustness.robustness`.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The pictures.
    """
    drawings: dict[str, Drawing] = {}
    for curve in answer["curves"]:
        for group, names in _groups(answer).items():
            drawings |= _drawings(f"{curve['name']}{group}", curve, names, answer["charge_unit"])
    return save_drawings(drawings, folder)


def _groups(answer: Mapping[str, Any]) -> dict[str, list[str]]:
    """Metrics that the central events have a number of, by what is added to the names of their figures."""
    there = [name for name in answer["averaging"] if answer["central"][name]["value"] is not None]
    groups = {
        "": [name for name in there if not name.startswith("michel_")],
        "-michel": [name for name in there if name.startswith("michel_")],
    }
    return {group: names for group, names in groups.items() if names}


def _drawings(title: str, curve: Mapping[str, Any], names: Sequence[str], unit: str) -> dict[str, Drawing]:
    """Metrics and their changes against the values; changes alone where the variations have names."""
    if _numbers(curve["points"]) is None:
        return {title: (curve, lambda axes: draw_changes(axes, curve, names))}
    return {
        title: (curve, lambda axes: draw_curve(axes, curve, names, unit=unit)),
        f"{title}-change": (curve, lambda axes: draw_curve(axes, curve, names, "change", unit=unit)),
    }
