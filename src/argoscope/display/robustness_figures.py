"""The curves of `argoscope robustness` as pictures: metrics against a value, or changes by variation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.display.error_bars import error_bars
from argoscope.display.figure_files import Drawing, save_drawings

__all__ = ["draw_changes", "draw_curve", "save_robustness_figures"]

COLOURS = ("#0072b2", "#d5480c", "#2a9d78", "#8f1c5f", "#e6b800", "#5b5b5b", "#56b4e9", "#a0522d")
MARKERS = "osD^vP<>"


def _numbers(points: Sequence[Mapping[str, Any]]) -> list[float] | None:
    """Values of the points, None where one is no number."""
    try:
        return [float(point["value"]) for point in points]
    except ValueError:
        return None


def draw_curve(axes: Any, curve: Mapping[str, Any], names: Sequence[str], part: str = "metrics") -> None:
    """Draw metrics, or their changes, against the value of a variation.

    Parameters
    ----------
    axes : matplotlib Axes
    curve : mapping
        One of ``curves`` of the answer, whose values are numbers.
    names : sequence of str
        Metrics.
    part : {"metrics", "change"}
    """
    at = np.array(_numbers(curve["points"]))
    for number, name in enumerate(names):
        values, bars = error_bars([point[part][name] for point in curve["points"]])
        axes.errorbar(
            at, values, yerr=bars, fmt=f"{MARKERS[number % len(MARKERS)]}-", markersize=3.5, linewidth=1,
            color=COLOURS[number % len(COLOURS)], label=name.replace("_", " "),
        )  # fmt: skip
    axes.set(xlabel=curve["name"].replace("_", " "), ylabel="change" if part == "change" else "value")
    _finish(axes)


def draw_changes(axes: Any, curve: Mapping[str, Any], names: Sequence[str]) -> None:
    """Draw the changes of metrics, a row for each variation that has a name in place of a number."""
    points = curve["points"]
    rows = np.arange(len(points))[::-1]
    for number, name in enumerate(names):
        values, bars = error_bars([point["change"][name] for point in points])
        axes.errorbar(
            values, rows - 0.1 * (number - (len(names) - 1) / 2), xerr=bars, fmt=MARKERS[number % len(MARKERS)],
            markersize=3.5, linewidth=1, color=COLOURS[number % len(COLOURS)], label=name.replace("_", " "),
        )  # fmt: skip
    axes.axvline(0, color="0.4", linewidth=0.8)
    axes.set_yticks(rows, [point["value"] for point in points])
    axes.set(xlabel="change against the central events")
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
    groups = {
        "": [name for name in answer["averaging"] if not name.startswith("michel_")],
        "-michel": [name for name in answer["averaging"] if name.startswith("michel_")],
    }
    drawings: dict[str, Drawing] = {}
    for curve in answer["curves"]:
        for suffix, names in groups.items():
            if names:
                drawings[f"{curve['name']}{suffix}"] = (curve, _drawer(curve, names))
    return save_drawings(drawings, folder)


def _drawer(curve: Mapping[str, Any], names: Sequence[str]) -> Any:
    if _numbers(curve["points"]) is None:
        return lambda axes: draw_changes(axes, curve, names)
    return lambda axes: draw_curve(axes, curve, names)
