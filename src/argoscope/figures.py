"""What all pictures share: empty matplotlib figures that need no screen, and logarithmic axes with plain numbers.

matplotlib is loaded when a figure is made and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["bare_figure", "log_axes"]


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
