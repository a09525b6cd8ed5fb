"""Below the panels: the colour bar of the charge, the legends of the labels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from argoscope.display.layers import Entry, Layer
from argoscope.display.layout import LEGEND_LINES, LINE
from argoscope.display.palette import colour_ramp
from argoscope.display.scale import ChargeScale
from argoscope.display.scene import Scene

if TYPE_CHECKING:
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

__all__ = ["draw_colour_bar", "draw_legend", "legend_lines", "log_ticks"]


def draw_colour_bar(
    figure: Figure, scene: Scene, _layer: Layer, box: tuple[float, float, float, float]
) -> None:
    """Draw the bar that says which colour is how much charge."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import ListedColormap

    left, bottom, width, height = box
    inch = 1.0 / figure.get_size_inches()[1]
    axes = figure.add_axes((left, bottom + height - 0.30 * inch, width, 0.13 * inch))
    colours = ScalarMappable(_norm(scene.scale), ListedColormap(colour_ramp() / 255.0))
    ends = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}
    extend = ends[scene.scale.clipped_low, scene.scale.clipped_high]
    bar = figure.colorbar(colours, cax=axes, orientation="horizontal", extend=extend, extendfrac=0.03)
    bar.set_label(scene.scale.words, parse_math=False, fontsize=8.5)
    if scene.scale.kind == "log":
        ticks = log_ticks(scene.scale.low, scene.scale.high)
        bar.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        bar.ax.minorticks_off()


def _norm(scale: ChargeScale) -> Normalize:
    from matplotlib.colors import LogNorm, Normalize

    return (LogNorm if scale.kind == "log" else Normalize)(scale.low, scale.high)


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers on a logarithmic scale: 1, 2, 5 in every decade, or decades alone where there are many.

    Examples
    --------
    >>> log_ticks(5.02, 202.0), log_ticks(0.0045, 9.0)
    ([10.0, 20.0, 50.0, 100.0, 200.0], [0.01, 0.1, 1.0])
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    factors = (1, 2, 5) if high / low < 1000 else (1,)
    ticks = [float(f"{factor}e{power}") for power in powers for factor in factors]
    inside = [tick for tick in ticks if low <= tick <= high]
    return inside if len(inside) > 1 else [low, high]


def legend_lines(layer: Layer) -> list[Entry | str]:
    """What a legend says: all classes; or the largest particles, and how many more there are.

    Examples
    --------
    >>> few = Layer("instance", "particle", "identifiers", (Entry(4, "particle 4", "#0072b2", 9, False),))
    >>> [line if isinstance(line, str) else line.name for line in legend_lines(few)]
    ['particle 4']
    """
    if layer.kind == "classes":
        return list(layer.legend)
    things = [entry for entry in layer.legend if not entry.background]
    rest = [entry for entry in layer.legend if entry.background]
    room = LEGEND_LINES - len(rest)
    if len(things) <= room:
        return [*things, *rest]
    more = things[room - 1 :]
    pixels = sum(entry.pixels for entry in more)
    return [*things[: room - 1], f"{len(more)} more, {pixels:,} together", *rest]


def draw_legend(figure: Figure, scene: Scene, layer: Layer, box: tuple[float, float, float, float]) -> None:
    """Draw the colours, names and counts of a label layer."""
    from matplotlib.patches import Rectangle

    left, bottom, width, height = box
    page_width, page_height = figure.get_size_inches()
    axes = figure.add_axes((left, bottom, width, height))
    axes.set_axis_off()
    inches = width * page_width, height * page_height
    axes.set_xlim(0, inches[0])
    axes.set_ylim(inches[1], 0)
    lines = legend_lines(layer)
    # Many classes stand in two columns.
    per_column = len(lines) if len(lines) <= LEGEND_LINES + 1 else -(-len(lines) // 2)
    for number, line in enumerate(lines):
        x = inches[0] / 2 * (number // max(per_column, 1))
        y = 0.25 + LINE * (number % max(per_column, 1))
        words = line if isinstance(line, str) else f"{line.name}  {line.pixels:,}"
        if isinstance(line, Entry):
            axes.add_patch(Rectangle((x, y - 0.06), 0.2, 0.115, color=line.colour, linewidth=0))
        axes.text(x + 0.27, y, words, va="center", fontsize=9, parse_math=False)
    words = f"{layer.title}, {scene.counted}"
    more = f" of {scene.shows}" if layer.kind == "classes" else "; most charge first"
    heading = axes.text(0, 0.05, words + more, fontsize=9, color="#444444", va="center")
    if heading.get_window_extent().width > axes.bbox.width:
        heading.set_text(words)
