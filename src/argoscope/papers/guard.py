"""The guard of realism: images as hard as the paper's give a network the paper's trouble.

Paper 4's network, trained on regular labels at 192 px, found 37 % of the
Michel and 74 % of the delta voxels. One that finds many more was given images
that are too easy. One that finds fewer may not have been trained enough, so
that only a number above the range speaks against the simulation.
"""

from __future__ import annotations

from argoscope.analyses.confusion import Rates
from argoscope.analyses.statistics import Estimate
from argoscope.events import FIVE_CLASS
from argoscope.papers.charts import LEAST_EVENTS, cell, class_cell
from argoscope.papers.paper4_published import GUARD, IMAGE_SIZES, Range
from argoscope.papers.study import Table

__all__ = ["guard_table", "verdict"]


def verdict(found: Estimate, expected: Range) -> str:
    """Where a number lies, its interval considered.

    Examples
    --------
    >>> verdict(Estimate(0.40, 0.35, 0.45), Range(0.37, 0.10))
    'as the paper'
    >>> verdict(Estimate(0.80, 0.78, 0.82), Range(0.37, 0.10))
    "above: the images are easier than the paper's"
    """
    low, high = expected.value - expected.tolerance, expected.value + expected.tolerance
    if found.low > high:
        return "above: the images are easier than the paper's"
    if found.high < low:
        return "below: not trained enough to tell, or the images are harder"
    return "as the paper" if low <= found.value <= high else "at the edge: the interval reaches the range"


def guard_table(found: Rates, note: str) -> Table:
    """The guard's rows for a network trained and tested on regular labels at 192 px.

    Parameters
    ----------
    found : Rates
    note : str
        How it was trained, on what it was tested.
    """
    rows = []
    for name, expected in GUARD.items():
        number = FIVE_CLASS.index(name)
        enough = found.class_events[number] >= LEAST_EVENTS
        said = (
            verdict(found.class_accuracy[number], expected)
            if enough
            else "not known: too few events have the class"
        )
        rows.append(
            (name, class_cell(found, number), f"{expected.value:.2f} ± {expected.tolerance:.2f}", said)
        )
    rows.append(("all", cell(found.accuracy), f"{IMAGE_SIZES[192, 192][-1]:.2f}", ""))
    columns = ("", "ours", "paper 4", "verdict")
    return Table("Realism guard: regular labels at 192 px", columns, tuple(rows), note)
