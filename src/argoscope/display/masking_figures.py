"""Masking studies as a picture: what was left of the image, and the scores there (paper 2, figures 12 to 15)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.display.figure_files import DPI
from argoscope.display.pixel_axes import pixel_axes
from argoscope.figures import bare_figure
from argoscope.files.atomic import atomic_output

__all__ = ["draw_masks", "save_masking_figure"]

TRACK, EVEN, SHOWER = "#0072b2", "#c4c4c4", "#d5480c"
"""Colours of tracks, of equal scores, of showers."""


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
    rows = _rows_of(answer["masks"])
    figure = bare_figure(3.0 * max(map(len, rows)), 4.4 * len(rows) + 0.6)
    draw_masks(figure, answer)
    with atomic_output(path, overwrite=overwrite) as temporary:
        figure.savefig(temporary, format="png", dpi=DPI)
    with atomic_output(path.with_suffix(".json"), overwrite=overwrite) as temporary:
        temporary.write_text(json.dumps(answer, indent=1) + "\n")
    return path


def draw_masks(figure: Any, answer: Mapping[str, Any]) -> None:
    """Draw every mask: a row for each part of the particle, a column for each length.

    Parameters
    ----------
    figure : matplotlib Figure
    answer : mapping
        Of `argoscope.inference.masking.masking_study`; its first mask is of all pixels.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    colours = ScalarMappable(
        Normalize(0, 1), LinearSegmentedColormap.from_list("score", (TRACK, EVEN, SHOWER))
    )
    rows, edges = _rows_of(answer["masks"]), np.asarray(answer["score_edges"])
    everything = _pixels_of(answer["masks"][0])
    columns = max(map(len, rows))
    for row, masks in enumerate(rows):
        for column, mask in enumerate(masks):
            place = (2 * len(rows), columns, 2 * row * columns + column + 1)
            _draw_pixels(figure, place, mask, everything, colours)
            below = (*place[:2], place[2] + columns)
            _draw_scores(figure.add_subplot(*below, label="scores"), mask, edges, named=column == 0)
    figure.colorbar(
        colours,
        ax=figure.axes,
        location="top",
        aspect=50,
        shrink=0.6,
        pad=0.05 / len(rows),
        label="shower score",
    )
    lines = next(axes for axes in figure.axes if axes.get_label() == "scores").get_legend_handles_labels()
    figure.legend(*lines, loc="outside upper right", frameon=False, fontsize=8)


def _rows_of(masks: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """The masks row by row: whole parts, and the pieces of each part."""
    rows: dict[str | None, list[Mapping[str, Any]]] = {}
    for mask in masks:
        rows.setdefault(None if mask["length"] is None else mask["part"], []).append(mask)
    return list(rows.values())


def _pixels_of(mask: Mapping[str, Any]) -> np.ndarray:
    """Pixels of a mask that the network saw, shape (n, d)."""
    seen = len(mask["shower_scores"])
    return np.asarray(mask["coordinates"], dtype=np.int64).reshape(seen, -1 if seen else 2)


def _draw_pixels(
    figure: Any, place: tuple[int, int, int], mask: Mapping[str, Any], everything: np.ndarray, colours: Any
) -> None:
    """The pixels left, in the colour of their shower score, among those that are masked."""
    pixels = _pixels_of(mask)
    volume = everything.shape[1] == 3
    left = set(map(tuple, pixels.tolist()))
    masked = np.array([pixel for pixel in everything.tolist() if tuple(pixel) not in left])
    axes = pixel_axes(figure, place, everything.shape[1], ticks=4)
    # In space what is drawn later may lie behind: no pixel stands twice.
    options: dict[str, Any] = {"linewidths": 0, **({"depthshade": False} if volume else {})}
    if len(masked):
        axes.scatter(*masked.T, color="0.85", s=3, **options)
    if len(pixels):
        axes.scatter(*pixels.T, c=colours.to_rgba(mask["shower_scores"]), s=12, **options)
    axes.set_title(f"{mask['name']} ({mask['pixels']} px)", fontsize=8)
    if volume:
        axes.set_box_aspect(None, zoom=1.15)


def _draw_scores(axes: Any, mask: Mapping[str, Any], edges: np.ndarray, *, named: bool) -> None:
    """How often each score is among the pixels left."""
    axes.stairs(mask["histogram"], edges, color=SHOWER, label="shower")
    axes.stairs(mask["histogram"][::-1], edges, color=TRACK, linestyle="--", label="track")
    axes.set_xlabel("score", fontsize=8)
    if named:
        axes.set_ylabel("pixels", fontsize=8)
    axes.tick_params(labelsize=7)
