"""Masking studies as a picture: what was left of the image, and the scores there (paper 2, figures 12 to 15)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.display.figure_files import DPI
from argoscope.figures import bare_figure
from argoscope.files.atomic import atomic_output

__all__ = ["save_masking_figure"]


def save_masking_figure(answer: Mapping[str, Any], path: Path, *, overwrite: bool = False) -> Path:
    """Draw every mask with the scores of its pixels, as PNG, its numbers as JSON beside.

    Parameters
    ----------
    answer : mapping
        Of `argoscope.inference.masking.masking_study`.
    path : Path
        Of the picture.
    overwrite : bool
    """
    masks = answer["masks"]
    columns = 4
    rows = -(-len(masks) // columns)
    figure = bare_figure(3.0 * columns, 4.4 * rows)
    for number, mask in enumerate(masks):
        row, column = divmod(number, columns)
        _draw_pixels(figure, (2 * rows, columns, 2 * row * columns + column + 1), mask)
        axes: Any = figure.add_subplot(2 * rows, columns, (2 * row + 1) * columns + column + 1)
        edges = np.asarray(answer["score_edges"])
        axes.stairs(mask["histogram"], edges, color="#2a9d78", label="shower")
        axes.stairs(mask["histogram"][::-1], edges, color="#0072b2", linestyle="--", label="track")
        axes.set_xlabel("score", fontsize=8)
        axes.tick_params(labelsize=7)
        if number == 0:
            axes.legend(frameon=False, fontsize=7)
    with atomic_output(path, overwrite=overwrite) as temporary:
        figure.savefig(temporary, format="png", dpi=DPI)
    with atomic_output(path.with_suffix(".json"), overwrite=overwrite) as temporary:
        temporary.write_text(json.dumps(answer, indent=1) + "\n")
    return path


def _draw_pixels(figure: Any, place: tuple[int, int, int], mask: Mapping[str, Any]) -> None:
    """The pixels left, in the colour of their shower score."""
    scores = np.asarray(mask["shower_scores"])
    pixels = np.asarray(mask["coordinates"]).reshape(len(scores), -1)
    volume = pixels.shape[1] == 3
    axes = figure.add_subplot(*place, **({"projection": "3d"} if volume else {}))
    if len(scores):
        axes.scatter(*pixels.T, c=scores, vmin=0, vmax=1, cmap="viridis", s=6, linewidths=0)
    axes.set_title(f"{mask['name']} ({mask['pixels']} px)", fontsize=8)
    axes.tick_params(labelsize=6)
