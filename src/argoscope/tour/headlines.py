"""A number of the demo beside the published one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from argoscope.papers.charts import LEAST_EVENTS, Cell, number_cell

__all__ = ["COLLECTION", "Headline", "class_cell"]

COLLECTION = "2"
"""MicroBooNE's collection plane, as answers name it."""


class Headline(NamedTuple):
    """A number that says how well a network does, and the published one.

    Parameters
    ----------
    measure : str
    ours : tuple of float or None
        Value and interval.
    theirs : float or None
        None where the paper gives no number.
    where : str
        Paper, and table of theirs.
    baseline : tuple of float or None
        The same without a network.
    """

    measure: str
    ours: Cell
    theirs: float | None
    where: str
    baseline: Cell | None = None

    def said(self) -> str:
        """The numbers in a line.

        Examples
        --------
        >>> Headline("cosmic IoU", (0.9, 0.88, 0.91), 0.914, "paper 0, table 2", (0.67, None, None)).said()
        'cosmic IoU 0.900 [0.880, 0.910]; without a network 0.670; paper 0, table 2: 0.914'
        """
        plain = "" if self.baseline is None else f"; without a network {_said(self.baseline)}"
        published = "" if self.theirs is None else f"; {self.where}: {self.theirs:.3f}"
        return f"{self.measure} {_said(self.ours)}{plain}{published}"


def _said(cell: Cell) -> str:
    value, low, high = cell
    if value is None:
        return "not defined"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def class_cell(block: Mapping[str, Any], number: str = "accuracy") -> Cell:
    """A number of a class; without interval where resampling its few events says nothing."""
    value, low, high = number_cell(block[number])
    return (value, low, high) if block["events"] >= LEAST_EVENTS else (value, None, None)
