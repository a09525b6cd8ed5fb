"""Mistakes as pictures: by particle energy and length, by distance to the border, and the worst events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.display.error_bars import error_bars
from argoscope.display.figure_files import DPI, Drawing, save_drawings
from argoscope.display.five_class_figures import draw_border
from argoscope.display.palette import class_colour, colour_ramp
from argoscope.display.pixel_axes import pixel_axes
from argoscope.events import FIVE_CLASS
from argoscope.figures import bare_figure
from argoscope.files.atomic import atomic_output

__all__ = ["draw_gallery", "draw_mistaken", "said", "save_mistake_figures"]

LEAST_PARTICLES = 5
"""Bins with fewer particles are not drawn [E]."""
PALE = 0.25
"""Share of their colour that pixels called rightly keep; the rest is white."""
NAMES = {
    11: "electron",
    13: "muon",
    22: "photon",
    111: "pi0",
    211: "pion",
    321: "kaon",
    2112: "neutron",
    2212: "proton",
}
"""Names of particles by PDG number."""


def draw_mistaken(axes: Any, rows: Sequence[Mapping[str, Any]], what: str) -> None:
    """Draw the wrong share of the pixels of each class against a property of the particle, where it has an interval.

    Parameters
    ----------
    axes : matplotlib Axes
    rows : sequence of mapping
        ``by_energy`` or ``by_length`` of a report.
    what : str
        The property, with its unit.
    """
    rows = [row for row in rows if row["particles"] >= LEAST_PARTICLES]
    names = [f"{row['low']:g}-{row['high']:g}" if row["high"] else f"{row['low']:g}+" for row in rows]
    for number, name in enumerate(FIVE_CLASS.classes):
        there = [place for place, row in enumerate(rows) if row["wrong"][name]["low"] is not None]
        if there:
            values, bars = error_bars([rows[place]["wrong"][name] for place in there])
            axes.errorbar(
                np.array(there) + 0.06 * (number - 2), values, yerr=bars, fmt="o-", markersize=3, linewidth=1,
                color=class_colour(FIVE_CLASS, number), label=name,
            )  # fmt: skip
    axes.set_xticks(range(len(names)), names, fontsize=8)
    axes.set(xlabel=what, ylabel="misclassified share of the pixels", ylim=(0, None))
    axes.grid(alpha=0.25)
    if rows:
        axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(FIVE_CLASS.classes))


def said(mistake: Mapping[str, Any]) -> str:
    """A mistake in words.

    Examples
    --------
    >>> said({"pdg": -13, "energy": 120.4, "class": "MIP", "called": "HIP", "pixels": 30, "of": 90})
    'muon of 120 MeV, MIP called HIP: 30 of 90 px'
    """
    name = NAMES.get(abs(mistake["pdg"]), "particle")
    energy = "" if mistake["energy"] is None else f" of {mistake['energy']:.0f} MeV"
    return f"{name}{energy}, {mistake['class']} called {mistake['called']}: {mistake['pixels']} of {mistake['of']} px"


def draw_gallery(figure: Any, worst: Sequence[Mapping[str, Any]]) -> None:
    """Draw charge, truth and prediction of the worst events, a row each, with what went wrong; right pixels are pale.

    Parameters
    ----------
    figure : matplotlib Figure
    worst : sequence of mapping
        Of a report; may be empty.
    """
    from matplotlib.colors import ListedColormap, to_rgba

    if not worst:
        return
    ramp = ListedColormap(colour_ramp() / 255.0)
    classes = [to_rgba(class_colour(FIVE_CLASS, number)) for number in range(len(FIVE_CLASS.classes))]
    for row, one in enumerate(worst):
        pixels = np.asarray(one["coordinates"]).reshape(len(one["truth"]), -1)
        # What is mistaken is drawn last.
        order = np.argsort(np.not_equal(one["truth"], one["predicted"]), kind="stable")
        truth, called, charge = (np.asarray(one[name])[order] for name in ("truth", "predicted", "charge"))
        pixels = pixels[order]
        predicted = np.array(classes)[called]
        predicted[truth == called, :3] = 1 - PALE * (1 - predicted[truth == called, :3])
        plane = "" if pixels.shape[1] == 3 else f", plane {one['plane']}"
        columns: tuple[tuple[str, dict[str, Any]], ...] = (
            (f"charge, event {one['event']}{plane}", {"c": np.log1p(charge), "cmap": ramp}),
            ("truth", {"c": np.array(classes)[truth]}),
            (f"prediction, {one['right']:.1%} right", {"c": predicted}),
        )
        for column, (title, colours) in enumerate(columns):
            axes = _space(figure, (len(worst), 3, 3 * row + column + 1), pixels)
            axes.scatter(*pixels.T, s=4, linewidths=0, **colours)
            lines = [title, *map(said, one["mistakes"])] if column == 1 else [title]
            axes.set_title("\n".join(lines), fontsize=8)
    _class_legend(figure, classes)


def _space(figure: Any, place: tuple[int, int, int], pixels: np.ndarray) -> Any:
    """Empty axes around some pixels, with names; in space with one scale for all of them."""
    volume = pixels.shape[1] == 3
    axes = pixel_axes(figure, place, pixels.shape[1], ticks=3 if volume else 6)
    low, high = pixels.min(axis=0), pixels.max(axis=0) + 1
    axes.set(**{f"{axis}lim": ends for axis, *ends in zip("xyz", low, high, strict=False)})
    if volume:
        axes.set_box_aspect(high - low)
    return axes


def _class_legend(figure: Any, colours: Sequence[Any]) -> None:
    from matplotlib.lines import Line2D

    marks = [Line2D([], [], marker="s", linestyle="", color=colour) for colour in colours]
    figure.legend(marks, FIVE_CLASS.classes, loc="outside upper center", ncols=len(marks), frameon=False)


def save_mistake_figures(answer: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw every figure, as PNG and PDF, with its numbers as JSON; the gallery as PNG, where there is an event to show.

    Parameters
    ----------
    answer : mapping
        Of `argoscope.inference.evaluate_mistakes.evaluate_mistakes`.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        The pictures.
    """
    drawings: dict[str, Drawing] = {
        "border": (answer["by_border"], lambda axes: draw_border(axes, answer["by_border"])),
        "particle-energy": (
            answer["by_energy"],
            lambda axes: draw_mistaken(axes, answer["by_energy"], "kinetic energy of the particle, MeV"),
        ),
        "particle-length": (
            answer["by_length"],
            lambda axes: draw_mistaken(axes, answer["by_length"], "length of the particle, pixels"),
        ),
    }
    made = save_drawings(drawings, folder)
    if not answer["worst"]:
        return made
    figure = bare_figure(10.5, 3.8 * len(answer["worst"]) + 0.4)
    draw_gallery(figure, answer["worst"])
    path = folder / "worst.png"
    with atomic_output(path, overwrite=True) as temporary:
        figure.savefig(temporary, format="png", dpi=DPI)
    return [*made, path]
