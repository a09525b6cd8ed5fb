"""What the demo says of networks that tell tracks from showers: beside paper 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.papers import paper2_published
from argoscope.papers.charts import number_cell
from argoscope.papers.paper2_studies.rows import WORDS
from argoscope.papers.study import Table
from argoscope.tour.headlines import Headline

__all__ = ["headlines", "tables"]

SAMPLE = "test"
"""Of table I, the sample that the demo simulates."""


def headlines(answer: Mapping[str, Any]) -> tuple[Headline, ...]:
    """The numbers of `evaluate_track_shower`, each beside table I."""
    theirs = paper2_published.TABLE_I[SAMPLE]
    return tuple(
        Headline(words, number_cell(answer[key]), getattr(theirs, key), "paper 2, table I")
        for key, words in WORDS.items()
        if key != "icpf_90"
    )


def tables(name: str, answer: Mapping[str, Any], note: str) -> tuple[Table, ...]:
    """Every number plainly and with particles counted alike, beside table I."""
    theirs = paper2_published.TABLE_I[SAMPLE]
    rows = tuple(
        (words, number_cell(answer[key]), number_cell(answer["weighted"][key]), getattr(theirs, key))
        for key, words in WORDS.items()
    )
    columns = ("", name, "every particle counts the same", "paper 2, table I")
    said = (
        f"{note} ICPF: share of an image's pixels that are called anything but what they are, averaged over images. Shower (track) "
        "error: share of an image's shower (track) pixels that are called the other."
    )
    return (Table(f"{name}: pixels called wrongly", columns, rows, said),)
