"""A scene as a picture: PNG, PDF or SVG, by matplotlib without a window.

Planes: a row a plane, a column a layer; one layer alone has its planes side
by side. Volumes: a row a layer, with three projections and a view in space.
Colour bar and legends stand below. Text keeps 11 pixels of height where the
picture is shown 1000 pixels wide.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argoscope import __version__
from argoscope.display.layout import Layout, plane_layout, volume_layout
from argoscope.display.legends import draw_colour_bar, draw_legend
from argoscope.display.plane_panels import draw_plane
from argoscope.display.scene import Scene
from argoscope.display.volume_panels import VIEWS, draw_space, draw_view
from argoscope.figures import bare_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DEFAULT_LAYERS", "figure_of", "save_figures"]

DEFAULT_LAYERS = 3
"""Columns that stay readable at 1000 pixels."""
DPI = 160
STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "font.family": ["DejaVu Sans"],
    "axes.linewidth": 0.7,
    "axes.labelsize": 9.0,
    "axes.titlesize": 9.5,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.direction": "out",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "svg.hashsalt": "argoscope",
}
"""Fixed here, so that a user's matplotlibrc does not change our pictures."""


def figure_of(scene: Scene) -> Figure:
    """Draw a scene.

    Parameters
    ----------
    scene : Scene

    Returns
    -------
    matplotlib.figure.Figure
        Of the Agg backend, known to no global state.

    Examples
    --------
    >>> import numpy as np
    >>> from argoscope.display.scene import scene_of
    >>> from argoscope.events import Event, EventId, Grid, Image
    >>> image = Image.from_points(Grid((4, 6)), np.array([[1, 2], [3, 5]]), np.array([7.0, 9.0]))
    >>> figure = figure_of(scene_of(Event(EventId(1, 0, 7), (image,))))
    >>> len(figure.axes)
    2
    """
    from matplotlib import rc_context

    with rc_context(STYLE):
        layout = plane_layout(scene) if scene.dimensions == 2 else volume_layout(scene)
        figure = bare_figure(layout.width, layout.height, layout=None, dpi=DPI, facecolor="white")
        _heading(figure, scene, layout)
        (_planes if scene.dimensions == 2 else _volumes)(figure, scene, layout)
        for at, layer in enumerate(scene.layers):
            draw = draw_colour_bar if layer.kind == "charge" else draw_legend
            draw(figure, scene, layer, layout.footer(at, figure))
    return figure


def save_figures(
    figures: Sequence[Callable[[], Figure]], path: Path, suffix: str, provenance: dict[str, Any]
) -> None:
    """Write figures with their provenance inside; several become pages of one PDF.

    Parameters
    ----------
    figures : sequence of callable
        Each makes one figure, so that only one is held at a time; one alone for PNG and SVG.
    path : Path
        Where to write.
    suffix : {".png", ".pdf", ".svg"}
    provenance : dict
        Goes into the file's metadata as JSON.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_pdf import PdfPages

    words = json.dumps(provenance, ensure_ascii=False)
    title = str(provenance.get("title", "event"))
    with rc_context(STYLE):
        if suffix == ".pdf":
            facts = {
                "Title": title,
                "Creator": f"argoscope {__version__}",
                "Subject": words,
                "CreationDate": None,
            }
            with PdfPages(path, metadata=facts) as pages:
                for make in figures:
                    pages.savefig(make())
        elif suffix == ".png":
            facts = {"Title": title, "Software": f"argoscope {__version__}", "Comment": words}
            figures[0]().savefig(path, format="png", metadata=facts)
        else:
            facts = {
                "Title": title,
                "Creator": f"argoscope {__version__}",
                "Description": words,
                "Date": None,
            }
            figures[0]().savefig(path, format="svg", metadata=facts)


def _heading(figure: Figure, scene: Scene, layout: Layout) -> None:
    room = layout.width - layout.left - layout.right
    lines: tuple[tuple[str, float, float, dict[str, Any]], ...] = (
        (scene.title, 0.28, 12.0, {"fontweight": "bold"}),
        (scene.subtitle, 0.52, 9.5, {"color": "#444444"}),
    )
    for words, down, largest, look in lines:
        # A letter of DejaVu Sans is about 0.7 of its size wide when bold: long names shrink.
        size = min(largest, 72 * room / (0.7 * max(len(words), 1)))
        figure.text(
            layout.left / layout.width, layout.from_top(down), words, fontsize=size, parse_math=False, **look
        )


def _planes(figure: Figure, scene: Scene, layout: Layout) -> None:
    side_by_side = len(scene.layers) == 1
    for row, panel in enumerate(scene.panels):
        for column, layer in enumerate(scene.layers):
            at = (0, row) if side_by_side else (row, column)
            axes = figure.add_axes(layout.box(*at))
            draw_plane(axes, scene, panel, layer)
            last = at[0] == layout.rows - 1
            axes.set_xlabel(panel.axes[0].label if last else "")
            axes.set_ylabel(panel.axes[1].label if at[1] == 0 else "")
            axes.tick_params(labelleft=at[1] == 0)
            if side_by_side:
                # One drift axis is numbered for all, so all must have the same.
                axes.set_ylim(
                    min(p.axes[1].low for p in scene.panels), max(p.axes[1].high for p in scene.panels)
                )
            if side_by_side or column == 0:
                axes.set_title(panel.name, loc="left", fontweight="bold")
            if (side_by_side and layer.kind != "charge") or (not side_by_side and row == 0):
                axes.set_title(layer.title, loc="right", color="#444444")


def _volumes(figure: Figure, scene: Scene, layout: Layout) -> None:
    row = 0
    for panel in scene.panels:
        for layer in scene.layers:
            for column, view in enumerate(VIEWS):
                axes = figure.add_axes(layout.box(row, column))
                draw_view(axes, scene, panel, layer, view)
                if column == 0:
                    axes.set_title(layer.title, loc="left", fontweight="bold")
                if column == 1 and len(scene.panels) > 1:
                    axes.set_title(panel.name, loc="left")
            space = figure.add_axes(layout.wider_box(row, len(VIEWS)), projection="3d")
            draw_space(space, scene, panel, layer)
            row += 1
