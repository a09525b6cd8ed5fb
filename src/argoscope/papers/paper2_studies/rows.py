"""Rows and columns that several studies have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.analyses.track_shower import NUMBERS
from argoscope.papers.paper2_published import Errors

__all__ = ["WORDS", "beside", "cells"]

WORDS = dict(zip(NUMBERS, ("ICPF mean", "ICPF 90 %", "shower error", "track error"), strict=True))
"""The numbers as the tables head them."""


def cells(numbers: Mapping[str, Any]) -> tuple[Any, ...]:
    """Each number of a report with its interval.

    Examples
    --------
    >>> cells({name: {"value": 0.5, "low": 0.4, "high": 0.6} for name in NUMBERS})[0]
    (0.5, 0.4, 0.6)
    """
    return tuple((n["value"], n["low"], n["high"]) for n in (numbers[name] for name in NUMBERS))


def beside(numbers: Mapping[str, Any], theirs: Errors) -> tuple[Any, ...]:
    """Ours and the paper's in turn."""
    return tuple(cell for pair in zip(cells(numbers), theirs, strict=True) for cell in pair)
