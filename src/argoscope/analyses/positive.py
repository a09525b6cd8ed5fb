"""Identification by positive: events and interactions taken because a network calls something a neutrino.

In events that have a neutrino most of what is called one is one: paper 1 finds
78 to 22. But there are some 1,700 off-beam events for each of them, and what is
called a neutrino there is always wrong: with them counted in their ratio hardly
anything is left. So the paper rejects events by what is *not* cosmic (`veto`).

References
----------
Paper 1: arXiv:2201.05705, section 5.1 and table 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from argoscope.analyses.instance_blocks import Rules
from argoscope.analyses.instance_overlaps import overlaps_of
from argoscope.analyses.plane_event import PlaneEvent
from argoscope.analyses.statistics import bootstrap, fraction
from argoscope.analyses.true_instances import active_part
from argoscope.analyses.veto import RATIOS

__all__ = ["PAPER_1", "Called", "called_neutrino", "positive_report"]

PAPER_1 = 0.78
"""Share of predictions of class neutrino that lie on one, in events with a neutrino (section 5.1)."""


@dataclass(frozen=True)
class Called:
    """What is called a neutrino in an event.

    Parameters
    ----------
    right : int
        Predictions that share most pixels with the true neutrino.
    wrong : int
        All others.
    """

    right: int
    wrong: int


def called_neutrino(event: PlaneEvent, least_score: float = Rules.least_score) -> Called:
    """Count the predictions of class neutrino.

    Parameters
    ----------
    event : PlaneEvent
        Where it has no truth, none is right.
    least_score : float
        Predictions below it do not count.
    """
    said = event.said.of_class("neutrino")
    said = said.take(said.scores >= least_score)
    if event.truth is None or not len(event.truth):
        return Called(0, len(said))
    overlaps = overlaps_of(active_part(event.image), event.truth, said)
    best = overlaps.shared.argmax(axis=0)
    neutrino = event.truth.classes == event.truth.scheme.index("neutrino")
    right = int((neutrino[best] & (overlaps.shared.max(axis=0) > 0)).sum())
    return Called(right, len(said) - right)


def positive_report(samples: Sequence[str], called: Sequence[Called]) -> dict[str, Any]:
    """Numbers of identification by positive, with intervals.

    Parameters
    ----------
    samples : sequence of str
        Of each event, of `veto.SAMPLES`.
    called : sequence of Called

    Returns
    -------
    dict
        ``in_neutrino_events``: share of predictions of class neutrino that lie on one, in general neutrino events;
        ``with_offbeam``: the same with off-beam events in the ratio of table 3; ``event_efficiency``,
        ``event_rejection``: events in which anything, and nothing, is called a neutrino; ``published``.
    """
    which = np.array(samples, dtype=object)
    right, wrong = (
        np.array([getattr(c, name) for c in called], dtype=np.float64) for name in ("right", "wrong")
    )
    signal, off = which == "nue", which == "offbeam"

    def shares(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            good, bad = counts @ (right * signal), counts @ (wrong * signal)
            scale = RATIOS["nue"] * (counts @ off) / (counts @ signal)
            mixed = scale * good / (scale * (good + bad) + counts @ ((right + wrong) * off))
            return np.stack([good / (good + bad), mixed], axis=1)

    inside, mixed = bootstrap(shares, len(which))
    anything = right + wrong > 0
    return {
        "in_neutrino_events": inside.to_json(),
        "with_offbeam": mixed.to_json(),
        "event_efficiency": fraction(int(anything[signal].sum()), int(signal.sum())).to_json(),
        "event_rejection": fraction(int((~anything)[off].sum()), int(off.sum())).to_json(),
        "published": {"in_neutrino_events": PAPER_1},
    }
