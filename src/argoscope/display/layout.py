"""Where the panels, the legends and the words of a picture stand, in inches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from argoscope.display.scene import Scene

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["LEGEND_LINES", "Layout", "plane_layout", "volume_layout"]

LEGEND_LINES = 6
"""Lines of a legend; of more particles the largest are named."""
LINE = 0.17
"""Height of a line of a legend, in inches."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A grid of equal panels between a heading and a footer. Lengths in inches.

    Examples
    --------
    >>> layout = Layout(rows=1, columns=2, legends=2, panel=(4.0, 3.0), gap=(0.2, 0.4), foot=1.0)
    >>> layout.width, layout.height
    (9.1, 5.4)
    """

    rows: int
    columns: int
    legends: int
    """Colour bars and legends in the footer."""
    panel: tuple[float, float]
    """Width and height of a panel."""
    gap: tuple[float, float]
    """Space between columns and between rows."""
    foot: float
    """Height of the footer."""
    left: float = 0.75
    right: float = 0.15
    head: float = 0.9
    below: float = 0.5
    """Space under the last row for its axis label."""

    @property
    def width(self) -> float:
        """Of the whole picture."""
        across = self.columns * self.panel[0] + (self.columns - 1) * self.gap[0]
        return round(self.left + across + self.right, 4)

    @property
    def height(self) -> float:
        """Of the whole picture."""
        down = self.rows * self.panel[1] + (self.rows - 1) * self.gap[1]
        return round(self.head + down + self.below + self.foot, 4)

    def from_top(self, inches: float) -> float:
        """Distance from the top edge as matplotlib's fraction."""
        return 1.0 - inches / self.height

    def box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of a panel, as fractions of the picture."""
        left = self.left + column * (self.panel[0] + self.gap[0])
        top = self.head + row * (self.panel[1] + self.gap[1])
        return (
            left / self.width,
            self.from_top(top + self.panel[1]),
            self.panel[0] / self.width,
            self.panel[1] / self.height,
        )

    def wider_box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Box of a view in space, which needs no room for axes on its left but keeps margins inside."""
        left, bottom, width, height = self.box(row, column)
        across, down = 0.5 / self.width, 0.25 / self.height
        return left - across, bottom - down, width + 1.2 * across, height + 2 * down

    def footer(self, at: int, figure: Figure) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of a legend, as fractions of `figure`."""
        width, height = figure.get_size_inches()
        room = (self.width - self.left - self.right + self.gap[0]) / self.legends
        used = min(room - self.gap[0], 4.5)
        return ((self.left + at * room) / width, 0.1 / height, used / width, (self.foot - 0.1) / height)


def _foot(scene: Scene) -> float:
    lines = max([len(layer.legend) for layer in scene.layers], default=0)
    return 0.35 + LINE * min(max(lines, 3), LEGEND_LINES + 1)


def plane_layout(scene: Scene) -> Layout:
    """Layout of planes: 10 inches wide, wider where more than three layers are asked for.

    Examples
    --------
    >>> import numpy as np
    >>> from argoscope.display.scene import scene_of
    >>> from argoscope.events import Event, EventId, Grid, Image
    >>> image = Image.from_points(Grid((4, 6)), np.array([[1, 2]]), np.array([7.0]))
    >>> round(plane_layout(scene_of(Event(EventId(), (image,)))).width)
    6
    """
    side_by_side = len(scene.layers) == 1
    rows, columns = (1, len(scene.panels)) if side_by_side else (len(scene.panels), len(scene.layers))
    across = 5.1 if columns == 1 else 9.1 if columns <= 3 else 3.0 * columns
    gap = 0.18
    width = (across - gap * (columns - 1)) / columns
    # As the image's own sides where that stays readable; stretched a little otherwise.
    ratio = max(panel.axes[1].count / panel.axes[0].count for panel in scene.panels)
    tallest = 1.0 if side_by_side else 0.85
    height = width * min(max(ratio, 0.55), tallest)
    return Layout(
        rows=rows, columns=columns, legends=len(scene.layers), panel=(width, height),
        gap=(gap, 0.42), foot=_foot(scene),
    )  # fmt: skip


def volume_layout(scene: Scene) -> Layout:
    """Layout of volumes: a row a layer, three projections and a view in space."""
    return Layout(
        right=0.42, rows=len(scene.layers) * len(scene.panels), columns=4, legends=len(scene.layers), panel=(2.3, 2.3),
        gap=(0.62, 0.75), foot=_foot(scene),
    )  # fmt: skip
