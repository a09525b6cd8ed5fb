"""The numbers of the demo: what `argoscope evaluate` gives, beside what the papers published.

Each task has a few headline numbers, and tables. A class that few events have
is given without interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from argoscope.papers.study import Table
from argoscope.tour import cosmic, five_class, instances, track_shower
from argoscope.tour.headlines import Headline

__all__ = ["TASKS", "Task"]


@dataclass(frozen=True)
class Task:
    """How the predictions of a kind of network are measured.

    Parameters
    ----------
    evaluate : str
        ``module:function`` that takes ``paths``.
    headlines : callable
        Of its answer.
    tables : callable
        Of the name of the network, its answer, and a note on the sample.
    """

    evaluate: str
    headlines: Callable[[Mapping[str, Any]], tuple[Headline, ...]]
    tables: Callable[[str, Mapping[str, Any], str], tuple[Table, ...]]


TASKS: dict[str, Task] = {
    "five-class": Task(
        "argoscope.inference.evaluate:evaluate_five_class", five_class.headlines, five_class.tables
    ),
    "cosmic-tagging": Task(
        "argoscope.inference.evaluate_cosmic:evaluate_cosmic_tagging", cosmic.headlines, cosmic.tables
    ),
    "track-shower": Task(
        "argoscope.inference.evaluate_track_shower:evaluate_track_shower",
        track_shower.headlines,
        track_shower.tables,
    ),
    "instances": Task(
        "argoscope.inference.evaluate_instances:evaluate_instances", instances.headlines, instances.tables
    ),
}
"""By the task of a model's card."""
