"""One plane and one layer in a matplotlib panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from argoscope.display.layers import Layer
from argoscope.display.palette import colour_ramp, rgb
from argoscope.display.raster import pool, pooled_shape
from argoscope.display.scene import Panel, Scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_plane", "pixel_colours", "raster_image", "say_empty"]


def pixel_colours(scene: Scene, panel: Panel, layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Colour of each pixel of a panel, and which pixels stand behind the others.

    Returns
    -------
    colours : ndarray, shape (n, 3), uint8
    background : ndarray, shape (n,), bool
    """
    if layer.kind == "charge":
        ramp = colour_ramp()
        steps = np.rint(scene.scale.fraction(panel.charge) * (len(ramp) - 1)).astype(np.int64)
        return ramp[steps], np.zeros(len(panel), dtype=bool)
    values = panel.labels[layer.key]
    entries = sorted(layer.entries, key=lambda entry: entry.value)
    if not entries:
        return np.empty((0, 3), np.uint8), np.zeros(0, dtype=bool)
    rows = np.searchsorted([entry.value for entry in entries], values)
    colours = np.array([rgb(entry.colour) for entry in entries], dtype=np.uint8)
    background = np.array([entry.background for entry in entries], dtype=bool)
    return colours[rows], background[rows]


def raster_image(
    coordinates: np.ndarray,
    charge: np.ndarray,
    painted: tuple[np.ndarray, np.ndarray],
    shape: tuple[int, ...],
    spots: tuple[int, ...],
) -> np.ndarray:
    """Picture of sparse pixels, white where there is no charge.

    Parameters
    ----------
    coordinates : ndarray, shape (n, 2), integer
        Horizontal and vertical index.
    charge : ndarray, shape (n,)
    painted : tuple
        Colours and background of each pixel, as `pixel_colours` gives them.
    shape, spots : tuple of int
        Pixels of the image and of the picture, horizontally and vertically.

    Returns
    -------
    ndarray, shape (spots[1], spots[0], 3), uint8
        Row 0 is the lowest.
    """
    colours, background = painted
    rows = pool(coordinates, charge, background, shape, spots).T
    picture = np.full((*rows.shape, 3), 255, dtype=np.uint8)
    picture[rows >= 0] = colours[rows[rows >= 0]]
    return picture


def draw_plane(axes: Axes, scene: Scene, panel: Panel, layer: Layer) -> None:
    """Draw one layer of a plane: wires across, drift time up."""
    across, up = panel.axes
    shape = (across.count, up.count)
    picture = raster_image(
        panel.coordinates,
        panel.charge,
        pixel_colours(scene, panel, layer),
        shape,
        pooled_shape(shape, spots_of(axes)),
    )
    show(axes, picture, (across.low, across.high, up.low, up.high))
    if not len(panel):
        say_empty(axes)


def spots_of(axes: Axes) -> tuple[int, int]:
    """Spots that a panel has room for: a spot less than its dots, so that each spot owns a dot."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    box = axes.get_position()
    width, height = figure.get_size_inches() * figure.dpi
    return max(1, int(box.width * width) - 1), max(1, int(box.height * height) - 1)


def show(axes: Axes, picture: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    """Put a picture into a panel, every spot with sharp borders."""
    axes.imshow(picture, extent=extent, origin="lower", aspect="auto", interpolation="none")
    axes.locator_params(axis="x", nbins=5)
    axes.locator_params(axis="y", nbins=6)


def say_empty(axes: Axes) -> None:
    """Say that nothing is missing: there is no charge."""
    axes.text(0.5, 0.5, "no charge", transform=axes.transAxes, ha="center", va="center", color="#666666")
