"""One volume in matplotlib panels: three projections, and a view in space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from argoscope.display.layers import Layer
from argoscope.display.plane_panels import pixel_colours, raster_image, say_empty, show, spots_of
from argoscope.display.raster import pool, pooled_shape
from argoscope.display.scene import Panel, Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["VIEWS", "draw_space", "draw_view"]

VIEWS = ((2, 0), (2, 1), (0, 1))
"""Horizontal and vertical axis of each projection: from the top, from the side, along the beam."""
SPACE_SPOTS = 160
"""Cells along an axis of the view in space: as fine as its 370 dots show."""


def draw_view(axes: Axes, scene: Scene, panel: Panel, layer: Layer, view: tuple[int, int]) -> None:
    """Draw one projection; of voxels behind one another the one with most charge shows."""
    across, up = (panel.axes[axis] for axis in view)
    shape = (across.count, up.count)
    painted = pixel_colours(scene, panel, layer)
    picture = raster_image(
        panel.coordinates[:, view], panel.charge, painted, shape, pooled_shape(shape, spots_of(axes))
    )
    show(axes, picture, (across.low, across.high, up.low, up.high))
    axes.set_aspect("equal", adjustable="box")
    axes.set_xlabel(across.label)
    axes.set_ylabel(up.label, labelpad=3)
    if not len(panel):
        say_empty(axes)


def draw_space(axes: Any, scene: Scene, panel: Panel, layer: Layer) -> None:
    """Draw the voxels in space: beam to the right, drift into the depth, y up."""
    x, y, z = panel.axes
    shape = tuple(axis.count for axis in panel.axes)
    colours, background = pixel_colours(scene, panel, layer)
    cells = pool(panel.coordinates, panel.charge, background, shape, pooled_shape(shape, (SPACE_SPOTS,) * 3))
    rows = cells[cells >= 0]
    at = np.array([axis.low for axis in panel.axes]) + (panel.coordinates[rows] + 0.5) * np.array(
        [axis.pitch for axis in panel.axes]
    )
    axes.scatter(
        at[:, 2],
        at[:, 0],
        at[:, 1],
        c=colours[rows] / 255.0,
        s=2.2,
        marker="s",
        linewidths=0,
        depthshade=False,
    )
    axes.patch.set_visible(False)
    for name, axis in (("x", z), ("y", x), ("z", y)):
        getattr(axes, f"set_{name}lim")(axis.low, axis.high)
        getattr(axes, f"set_{name}label")(axis.label, labelpad=-4, fontsize=8.5)
    axes.set_box_aspect([axis.high - axis.low for axis in (z, x, y)], zoom=0.92)
    axes.view_init(elev=22, azim=-60)
    axes.tick_params(labelsize=7.5, pad=-3)
    axes.xaxis.get_major_locator().set_params(nbins=4)
    # The axes meet where these two begin: one number there is enough.
    for axis in (axes.yaxis, axes.zaxis):
        axis.get_major_locator().set_params(nbins=4, prune="lower")
    for pane in (axes.xaxis, axes.yaxis, axes.zaxis):
        pane.set_pane_color((0.97, 0.97, 0.97, 1.0))
    if not len(panel):
        axes.text2D(
            0.5, 0.5, "no charge", transform=axes.transAxes, ha="center", va="center", color="#666666"
        )
