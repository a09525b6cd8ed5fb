"""The numbers of `evaluate track-shower` as pictures, after paper 2's figures.

The distribution of the ICPF (figure 6); the errors against opening angle and
kinetic energies (figure 7); the scores of true shower and true track pixels
(figures 8 and 16).

References
----------
Paper 2: arXiv:1808.07269, sections VI and VII.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from argoscope.display.error_bars import error_bars
from argoscope.display.figure_files import Drawing, save_drawings
from argoscope.display.palette import class_colour
from argoscope.events import TRACK_SHOWER
from argoscope.figures import log_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_distribution", "draw_errors", "draw_scores", "save_track_shower_figures"]

KINEMATICS = {
    "opening_angle_deg": "opening angle [degrees]",
    "lepton_mev": "kinetic energy of the electron or muon [MeV]",
    "proton_mev": "kinetic energy of the proton [MeV]",
}
"""What the errors are drawn against, as the axes say it."""
_COLOURS = {name: class_colour(TRACK_SHOWER, TRACK_SHOWER.index(name)) for name in ("shower", "track")}
_ERRORS = {"icpf_mean": "black", "shower_error": _COLOURS["shower"], "track_error": _COLOURS["track"]}
_WORDS = {
    "icpf_mean": "ICPF",
    "shower_error": "shower pixels called track",
    "track_error": "track pixels called shower",
}


def draw_distribution(axes: Axes, answer: Mapping[str, Any]) -> None:
    """Draw how many images have which ICPF, with its mean and 90 % quantile (figure 6).

    Parameters
    ----------
    axes : matplotlib Axes
    answer : dict
        Of `argoscope.inference.evaluate_track_shower.evaluate_track_shower`.
    """
    edges, counts = np.array(answer["distribution"]["edges"]), np.array(answer["distribution"]["images"])
    axes.stairs(counts, edges, fill=True, color="0.75")
    for name, style, words in (("icpf_mean", "-", "mean"), ("icpf_90", "--", "90 % quantile")):
        value = answer[name]["value"]
        if value is not None:
            axes.axvline(value, color="black", linestyle=style, label=f"{words} {value:.3f}")
    axes.set(xlabel="ICPF of the image", ylabel="images", xlim=(0, _last_edge(edges, counts)))
    if counts.any():
        # A few bad images among thousands are seen on a logarithmic axis alone.
        axes.set_ylim(bottom=0.5)
        log_axes(axes, "y")
    if answer["icpf_mean"]["value"] is not None:
        _legend_above(axes)


def _last_edge(edges: np.ndarray, counts: np.ndarray) -> float:
    """End of the last bin that holds an image."""
    filled = np.flatnonzero(counts)
    return float(edges[filled[-1] + 1]) if len(filled) else float(edges[-1])


def draw_errors(axes: Axes, rows: Sequence[Mapping[str, Any]], words: str) -> None:
    """Draw the three errors in bins of a kinematic variable, with intervals (figure 7).

    Parameters
    ----------
    axes : matplotlib Axes
    rows : sequence of dict
        ``by_...`` of the evaluation.
    words : str
        What stands along x.
    """
    ends = [row["low"] * 1.5 if row["high"] is None else row["high"] for row in rows]
    middles = np.array([(row["low"] + end) / 2 for row, end in zip(rows, ends, strict=True)])
    halves = np.array([(end - row["low"]) / 2 for row, end in zip(rows, ends, strict=True)])
    for number, (name, colour) in enumerate(_ERRORS.items()):
        values, lengths = error_bars([row[name] for row in rows])
        # Side by side within the bin, that no bar hides another.
        at = middles + (number - 1) * 0.2 * halves
        axes.errorbar(at, values, lengths, fmt="o", markersize=4, color=colour, label=_WORDS[name])
    axes.set(xlabel=words, ylabel="mean over images")
    axes.set_ylim(bottom=0)
    if rows:
        _legend_above(axes)


def draw_scores(axes: Axes, scores: Mapping[str, Any]) -> None:
    """Draw the score of the true class of shower and of track pixels, each as a share (figures 8 and 16).

    Parameters
    ----------
    axes : matplotlib Axes
    scores : dict
        ``scores`` of the evaluation.
    """
    drawn = False
    for name, colour in _COLOURS.items():
        counts = np.array(scores[name], dtype=np.float64)
        if counts.sum():
            drawn = True
            axes.stairs(
                counts / counts.sum(),
                scores["edges"],
                color=colour,
                label=f"{name} pixels ({counts.sum():.0f}): {name} score",
            )
    axes.set(xlabel="score of the true class", ylabel="share of the pixels")
    if drawn:
        log_axes(axes, "y")
        _legend_above(axes)


def _legend_above(axes: Axes) -> None:
    """A legend in one line over the axes, where it hides no point."""
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize="small")


def save_track_shower_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw every figure of an evaluation, as PNG and PDF, with its numbers as JSON.

    Parameters
    ----------
    answer : dict
        Of `argoscope.inference.evaluate_track_shower.evaluate_track_shower`.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The pictures; none against a kinematic variable that no event has.
    """
    drawings: dict[str, Drawing] = {
        "icpf": (answer["distribution"], partial(draw_distribution, answer=answer)),
        "scores": (answer["scores"], partial(draw_scores, scores=answer["scores"])),
    }
    for name, words in KINEMATICS.items():
        rows = answer[f"by_{name}"]
        if rows:
            drawings[name] = (rows, partial(draw_errors, rows=rows, words=words))
    return save_drawings(drawings, folder)
