"""Axes on which the pixels of a plane, or of a volume in space, are drawn one by one."""

from __future__ import annotations

from typing import Any

from argoscope.files.table import AXES

__all__ = ["pixel_axes"]


def pixel_axes(figure: Any, place: tuple[int, int, int], dimensions: int, *, ticks: int) -> Any:
    """Empty axes with names, small enough for many on a page.

    Parameters
    ----------
    figure : matplotlib Figure
    place : tuple of int
        Rows, columns and number, as `add_subplot` takes them.
    dimensions : int
        2 for planes, 3 for volumes.
    ticks : int
        Most steps between numbers on an axis.
    """
    from matplotlib.ticker import MaxNLocator

    volume = dimensions == 3
    axes = figure.add_subplot(*place, **({"projection": "3d"} if volume else {}))
    for axis, name in zip("xyz", AXES[dimensions], strict=False):
        getattr(axes, f"set_{axis}label")(name, fontsize=7, labelpad=-6 if volume else 2)
        getattr(axes, f"{axis}axis").set_major_locator(MaxNLocator(ticks, integer=True))
    axes.tick_params(labelsize=6, pad=-2 if volume else 2)
    return axes
