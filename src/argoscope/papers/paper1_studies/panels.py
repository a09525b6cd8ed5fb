"""Figures of several panels side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from argoscope.figures import bare_figure
from argoscope.papers.study import Context, Figure

__all__ = ["panels"]

WIDTH, HEIGHT = 4.6, 3.9
"""Of a panel, in inches."""


def panels(
    context: Context,
    name: str,
    title: str,
    drawings: Sequence[Callable[[Any], None]],
    *,
    data: Any,
    note: str,
) -> Figure:
    """Draw each into axes of its own, and save the figure with its data.

    Parameters
    ----------
    context : Context
    name : str
        Of the file.
    title : str
    drawings : sequence of callable
        At least one; each takes matplotlib axes.
    data : object
        What is seen, as JSON has it.
    note : str
    """
    figure = bare_figure(WIDTH * len(drawings), HEIGHT)
    for axes, draw in zip(figure.subplots(1, len(drawings), squeeze=False)[0], drawings, strict=True):
        draw(axes)
    return context.figure(name, title, figure, data, note)
