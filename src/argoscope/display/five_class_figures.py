"""The numbers of `evaluate five-class` as pictures: confusions, charge of the event, distance to the border."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.display.figure_files import Drawing, save_drawings
from argoscope.display.palette import class_colour
from argoscope.events import FIVE_CLASS

__all__ = ["draw_border", "draw_confusion", "draw_energies", "save_figures"]

DECADE = 10.0
"""Largest charge over smallest from which on their axis is logarithmic."""
ASIDE = 1.03
"""Ratio of the places of two classes at the same distance, so that no interval hides another."""


def draw_confusion(
    axes: Any, matrix: Sequence[Sequence[float]], names: Sequence[str], *, truth_across: bool = False
) -> None:
    """Draw shares of each true class by predicted class; a row, or column, of the truth adds up to 1.

    Parameters
    ----------
    axes : matplotlib Axes
    matrix : sequence, shape (classes, classes)
        Rows truth, columns prediction.
    names : sequence of str
    truth_across : bool
        Truth along x, prediction along y upwards, as paper 3 draws it; else truth down, prediction along x.
    """
    counts = np.asarray(matrix, dtype=float)
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    axes.imshow(
        shares.T if truth_across else shares,
        cmap="Blues", vmin=0, vmax=1, aspect="auto", origin="lower" if truth_across else "upper",
    )  # fmt: skip
    for row, column in np.ndindex(shares.shape):
        if totals[row, 0]:
            dark = shares[row, column] > 0.6
            text = f"{100 * shares[row, column]:.1f}"
            at = (row, column) if truth_across else (column, row)
            axes.text(*at, text, ha="center", va="center", color="white" if dark else "black")
    truth = [f"{name}\n{total:,.0f} px" for name, total in zip(names, totals[:, 0], strict=True)]
    across, up = (truth, names) if truth_across else (names, truth)
    axes.set(xticks=range(len(names)), yticks=range(len(names)))
    axes.set_xticklabels(across)
    axes.set_yticklabels(up)
    axes.set(
        xlabel="true, % of each column" if truth_across else "predicted",
        ylabel="predicted" if truth_across else "true, % of each row",
    )


def draw_energies(axes: Any, rows: Sequence[dict[str, Any]], unit: str) -> None:
    """Draw the accuracy of groups of events at the middle of the charge in them, with intervals.

    Parameters
    ----------
    axes : matplotlib Axes
    rows : sequence of dict
        ``by_energy`` of a report.
    unit : str
        Of the charge.
    """
    middles = np.array([row["median"] for row in rows])
    lows, highs = (np.array([row[end] for row in rows]) for end in ("low", "high"))
    values, errors = _with_errors([row["accuracy"] for row in rows])
    axes.errorbar(
        middles, values, yerr=errors, xerr=[middles - lows, highs - middles], fmt="o", color="k", linewidth=1
    )
    axes.set(xlabel=f"charge of the event, {unit}", ylabel="accuracy, mean over events")
    if len(rows) and highs.max() > DECADE * lows.min() > 0:
        axes.set_xscale("log")


def draw_border(axes: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the misclassified share of each class against the distance to the border (paper 4, figure 12).

    Parameters
    ----------
    axes : matplotlib Axes
    rows : sequence of dict
        ``by_border`` of a report; distances and classes without pixels are left out.
    """
    rows = [row for row in rows if row["pixels"]]
    for number, name in enumerate(FIVE_CLASS.classes):
        there = [row for row in rows if row["wrong"][name]["value"] is not None]
        if there:
            values, errors = _with_errors([row["wrong"][name] for row in there])
            aside = ASIDE ** (number - len(FIVE_CLASS.classes) // 2)
            axes.errorbar(
                [_middle(row) * aside for row in there], values, yerr=errors, fmt="o-", markersize=3,
                color=class_colour(FIVE_CLASS, number), label=name,
            )  # fmt: skip
    axes.set(
        xlabel="distance to the border, pixels", ylabel="misclassified share", xscale="log", ylim=(0, None)
    )
    axes.set_xticks([_middle(row) for row in rows], [_distances(row) for row in rows], fontsize=8)
    axes.set_xticks([], minor=True)
    if rows:
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(FIVE_CLASS.classes))


def _with_errors(numbers: Sequence[dict[str, float | None]]) -> tuple[np.ndarray, np.ndarray]:
    """Values, and how far their intervals reach down and up, shape (2, n); not a number where there is none."""
    values, lows, highs = (
        np.array([number[key] for number in numbers], dtype=np.float64) for key in ("value", "low", "high")
    )
    return values, np.array([values - lows, highs - values])


def _middle(row: dict[str, Any]) -> float:
    """Where a bin of distances is drawn; the last has no end."""
    return (row["low"] + (row["high"] or 2 * row["low"])) / 2


def _distances(row: dict[str, Any]) -> str:
    """The distances of a bin, both ends included."""
    low, high = row["low"], row["high"]
    if high is None:
        return f"{low}+"
    return f"{low}" if high == low + 1 else f"{low}-{high - 1}"


def save_figures(answer: dict[str, Any], folder: Path) -> list[Path]:
    """Draw every figure of an evaluation, as PNG and PDF, with its numbers as JSON.

    Parameters
    ----------
    answer : dict
        Of `argoscope.inference.evaluate.evaluate_five_class`.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The pictures.
    """
    drawings: dict[str, Drawing] = {
        "confusion": (
            answer["confusion"],
            lambda axes: draw_confusion(axes, answer["confusion"]["pixels"], FIVE_CLASS.classes),
        ),
        "energy": (
            answer["by_energy"],
            lambda axes: draw_energies(axes, answer["by_energy"], answer["charge_unit"]),
        ),
        "border": (answer["by_border"], lambda axes: draw_border(axes, answer["by_border"])),
    }
    return save_drawings(drawings, folder)
