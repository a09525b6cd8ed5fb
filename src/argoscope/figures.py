"""What all pictures share: empty figures that need no screen, ticks as physics prints them, plain numbers on log axes.

matplotlib is loaded when a figure is made and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["bare_figure", "log_axes", "print_ticks"]


def bare_figure(width: float, height: float, *, layout: Any = "constrained", **options: Any) -> Figure:
    """An empty figure of that size in inches, with a canvas of the Agg backend; in no list of matplotlib's own.

    Parameters
    ----------
    width, height : float
    layout : str, optional
        How matplotlib places the axes; None leaves that to the caller.
    **options
        Of `matplotlib.figure.Figure`.

    Examples
    --------
    >>> bare_figure(4, 3).get_size_inches().tolist()
    [4.0, 3.0]
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout=layout, **options)
    FigureCanvasAgg(figure)
    return figure


def log_axes(axes: Axes, along: Literal["x", "y", "xy"]) -> None:
    """Make axes logarithmic, with plain numbers at 1, 2 and 5 of each decade; at even steps where less than one is seen.

    Parameters
    ----------
    axes : Axes
        With all that decides its limits.
    along : {"x", "y", "xy"}

    Examples
    --------
    >>> axes = bare_figure(4, 3).subplots()
    >>> _ = axes.plot([10, 20], [1.44, 1.68])
    >>> log_axes(axes, "y")
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['1.4', '1.45', '1.5', '1.55', '1.6', '1.65', '1.7']
    """
    from matplotlib.ticker import AutoLocator, LogLocator, NullFormatter, StrMethodFormatter

    axes.set(**{f"{name}scale": "log" for name in along})
    for axis in [getattr(axes, f"{name}axis") for name in along]:
        low, high = axis.get_view_interval()
        axis.set_major_locator(AutoLocator() if high < 10 * low else LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(NullFormatter())


def print_ticks(figure: Figure) -> None:
    """Ticks as particle physics prints them: inwards, on all four sides, small ones between.

    Axes that show a picture, that are in space, that share their place with others, or that have words or no numbers
    along them, stay as they are.

    Parameters
    ----------
    figure : Figure

    Examples
    --------
    >>> figure = bare_figure(4, 3)
    >>> axes = figure.subplots()
    >>> print_ticks(figure)
    >>> axes.xaxis.get_tick_params()["direction"], axes.xaxis.get_tick_params()["top"]
    ('in', True)
    """
    from matplotlib.ticker import AutoLocator, AutoMinorLocator, FixedLocator

    places = [tuple(axes.get_position().bounds) for axes in figure.axes]
    for axes, place in zip(figure.axes, places, strict=True):
        if axes.images or axes.name != "rectilinear" or not axes.axison or places.count(place) > 1:
            continue
        for axis, far in ((axes.xaxis, "top"), (axes.yaxis, "right")):
            if isinstance(axis.get_major_locator(), FixedLocator):
                continue
            axis.set_tick_params(which="both", direction="in", **{far: True})
            if isinstance(axis.get_major_locator(), AutoLocator) and axis.get_scale() == "linear":
                axis.set_minor_locator(AutoMinorLocator())
