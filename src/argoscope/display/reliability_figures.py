"""Reliability diagrams: the share of pixels that are of a class against their score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.display.error_bars import error_bars
from argoscope.display.figure_files import Drawing, save_drawings
from argoscope.display.palette import class_colour
from argoscope.events.labels import scheme_named

__all__ = ["draw_reliability", "save_reliability_figures"]

LEAST_PIXELS = 20
"""Bins with fewer pixels are not drawn [E]."""


def draw_reliability(axes: Any, curves: Mapping[str, tuple[Sequence[Mapping[str, Any]], Any]]) -> None:
    """Draw bins of scores.

    Parameters
    ----------
    axes : matplotlib Axes
    curves : mapping of str to (sequence of mapping, colour)
        ``bins`` of a report, by what they are of.
    """
    axes.plot([0, 1], [0, 1], color="0.6", linewidth=0.8)
    for name, (bins, colour) in curves.items():
        drawn = [one for one in bins if one["pixels"] >= LEAST_PIXELS]
        values, bars = error_bars([one["share"] for one in drawn])
        at = np.array([one["score"] for one in drawn])
        axes.errorbar(at, values, yerr=bars, fmt="o-", markersize=3, linewidth=1, color=colour, label=name)
    axes.set(xlabel="score", ylabel="share that is of the class", xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)


def save_reliability_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the diagram of the class of highest score, and that of every class, as PNG and PDF with their numbers as JSON.

    Parameters
    ----------
    answer : mapping
        Of `argoscope.inference.evaluate_reliability.evaluate_reliability`.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The pictures.
    """
    scheme = scheme_named(answer["scheme"])
    top = {f"highest score, ECE {answer['ece']['value']:.4f}": (answer["bins"], "#0072b2")}
    each = {
        f"{name}, ECE {answer['classes'][name]['ece']['value']:.4f}": (
            answer["classes"][name]["bins"], class_colour(scheme, number),
        )
        for number, name in enumerate(scheme.classes)
    }  # fmt: skip
    drawings: dict[str, Drawing] = {
        "reliability": (answer["bins"], lambda axes: draw_reliability(axes, top)),
        "reliability-classes": (answer["classes"], lambda axes: draw_reliability(axes, each)),
    }
    return save_drawings(drawings, folder)
