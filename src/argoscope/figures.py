"""Empty matplotlib figures that need no screen and leave no trace in matplotlib's own list.

matplotlib is loaded when a figure is made and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["bare_figure"]


def bare_figure(width: float, height: float, *, layout: Any = "constrained", **options: Any) -> Figure:
    """An empty figure of that size in inches, with a canvas of the Agg backend.

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
