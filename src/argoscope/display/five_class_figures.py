"""The numbers of `evaluate five-class` as pictures: confusions, energies, distance to the border."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.display.figure_files import Drawing, save_drawings
from argoscope.display.palette import class_colour
from argoscope.events import FIVE_CLASS

__all__ = ["draw_border", "draw_confusion", "draw_energies", "save_figures"]


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
        cmap="Blues", vmin=0, vmax=1, origin="lower" if truth_across else "upper",
    )  # fmt: skip
    for row, column in np.ndindex(shares.shape):
        if totals[row, 0]:
            dark = shares[row, column] > 0.6
            text = f"{100 * shares[row, column]:.1f}"
            at = (row, column) if truth_across else (column, row)
            axes.text(*at, text, ha="center", va="center", color="white" if dark else "black")
    truth = [f"{name}\n{total:.0f}" for name, total in zip(names, totals[:, 0], strict=True)]
    across, up = (truth, names) if truth_across else (names, truth)
    axes.set(xticks=range(len(names)), yticks=range(len(names)))
    axes.set_xticklabels(across)
    axes.set_yticklabels(up)
    axes.set(
        xlabel="true, % of each column" if truth_across else "predicted",
        ylabel="predicted" if truth_across else "true, % of each row",
    )


def draw_energies(axes: Any, rows: Sequence[dict[str, Any]], unit: str) -> None:
    """Draw the accuracy of events against the charge in them, with intervals."""
    ends = [row["high"] or 2 * row["low"] for row in rows]
    centres = [(row["low"] + end) / 2 for row, end in zip(rows, ends, strict=True)]
    values = np.array([row["accuracy"]["value"] for row in rows])
    lows = np.array([row["accuracy"]["low"] for row in rows], dtype=float)
    highs = np.array([row["accuracy"]["high"] for row in rows], dtype=float)
    halves = [(end - row["low"]) / 2 for row, end in zip(rows, ends, strict=True)]
    axes.errorbar(centres, values, yerr=[values - lows, highs - values], xerr=halves, fmt="o", color="k")
    axes.set(xlabel=f"charge in the image, {unit}", ylabel="accuracy, mean over events", xscale="symlog")


def draw_border(axes: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Draw the misclassified share of each class against the distance to the border (paper 4, figure 12)."""
    for number, name in enumerate(FIVE_CLASS.classes):
        there = [row for row in rows if row["wrong"][name]["value"] is not None]
        values = np.array([row["wrong"][name]["value"] for row in there])
        lows = np.array([row["wrong"][name]["low"] for row in there])
        highs = np.array([row["wrong"][name]["high"] for row in there])
        at = [(row["low"] + (row["high"] or 2 * row["low"])) / 2 for row in there]
        axes.errorbar(
            at, values, yerr=[values - lows, highs - values], fmt="o-", markersize=3,
            color=class_colour(FIVE_CLASS, number), label=name,
        )  # fmt: skip
    axes.set(
        xlabel="distance to the border, pixels", ylabel="misclassified share", xscale="log", ylim=(0, None)
    )
    axes.legend(frameon=False)


def save_figures(answer: dict[str, Any], folder: Path, *, unit: str = "as in the file") -> list[Path]:
    """Draw every figure of an evaluation, as PNG and PDF, with its numbers as JSON.

    Parameters
    ----------
    answer : dict
        Of `argoscope.inference.evaluate.evaluate_five_class`.
    folder : Path
        Made if it is not there.
    unit : str
        Of the charge.

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
        "energy": (answer["by_energy"], lambda axes: draw_energies(axes, answer["by_energy"], unit)),
        "border": (answer["by_border"], lambda axes: draw_border(axes, answer["by_border"])),
    }
    return save_drawings(drawings, folder)
