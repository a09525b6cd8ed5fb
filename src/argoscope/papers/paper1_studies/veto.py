"""Figures 18, 19: events of cosmic rays alone told by what the network, and a second tagger, leave of them."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.veto import PAPER_1
from argoscope.papers.charts import number_cell
from argoscope.papers.paper1_studies.predictions import vetoed
from argoscope.papers.paper1_studies.sizes import Sizes
from argoscope.papers.paper1_studies.subjects import subject_for
from argoscope.papers.paper1_studies.veto_rows import (
    COLUMNS,
    WORDS,
    largest_figure,
    point_rows,
    roc_figure,
    samples_said,
)
from argoscope.papers.study import Context, Section, Table

__all__ = ["find"]

WORKING_POINT = "network and flash, X = 130"
NOTHING_LEFT = "network and flash, n = 0"


def find(context: Context, sizes: Sizes) -> Section:
    """Measure the veto with the network alone, and with charge-light matching imitated from the truth."""
    model, how = subject_for(context, sizes)
    found = vetoed(context, model, sizes, extra_vetoes=False)
    note = f"{how} {samples_said(sizes)} DBSCAN: {found['rules']['eps']:g} pixels, {found['rules']['min_points']} points."
    network, flash, both = found["taggers"]
    return Section(
        "Figures 18, 19: the veto of events without a neutrino",
        "Pixels of cosmic instances with a score above 0.20 are taken away, and those that a second tagger tags; what is left is "
        "clustered, and an event is kept if its largest cluster has more than X pixels. The paper's second tagger is "
        "Wire-Cell's charge-light matching on MicroBooNE's data. Ours is not: it looks up in the truth which interaction is in "
        "time with the beam and makes such a tagger's mistakes by chance. Its rows say how much the network adds to a second "
        "tagger of that quality, and the last table how that changes with the quality.",
        (
            _points((network, flash, both), note),
            _nothing_left((network, both), note),
            _qualities(found["flash_scan"], note),
        ),
        (
            largest_figure(context, "figure18", "Figure 18: largest cluster left", (network, both), note),
            roc_figure(context, "figure19", "Figure 19: rejection against efficiency", (network, flash, both), note),
        ),
    )  # fmt: skip


def _points(taggers: tuple[dict[str, Any], ...], note: str) -> Table:
    rows = [row for tagger in taggers for row in point_rows(tagger)]
    theirs = PAPER_1[WORKING_POINT]
    rows.append(
        (
            "paper 1, network and Wire-Cell's matching",
            "130",
            theirs["nue"],
            theirs["low_energy"],
            theirs["rejection"],
        )
    )
    return Table("Working points", COLUMNS, tuple(rows), note)  # fmt: skip


def _nothing_left(taggers: tuple[dict[str, Any], ...], note: str) -> Table:
    """Events of which nothing is left, of figure 18."""
    rows = [
        (words, *(number_cell(tagger["zero"][sample]) for tagger in taggers), PAPER_1[NOTHING_LEFT][sample])
        for sample, words in WORDS.items()
    ]
    columns = ("share of the events", *(tagger["name"] for tagger in taggers), "paper 1, both, about")
    return Table("Figure 18: events in which no cluster is left", columns, tuple(rows), note)


def _qualities(scan: list[dict[str, Any]], note: str) -> Table:
    """The paper's first efficiency with second taggers of other qualities."""
    rows = []
    for entry in scan:
        point = entry["working_points"][1]
        rows.append(
            (
                f"{entry['eps_in']:g}", f"{entry['f_out']:.3f}", f"{entry['rho']:g}",
                "none" if point["cut"] is None else str(point["cut"]),
                number_cell(point["efficiency"]["nue"]), number_cell(point["rejection"]),
                number_cell(entry["area"]["nue"]),
            )
        )  # fmt: skip
    columns = (
        "in-time kept",
        "others missed",
        "correlation",
        "X",
        "nu_e kept",
        "cosmics alone rejected",
        "area under the ROC",
    )
    return Table(
        "Network with simulated second taggers of other qualities, cut for at least 90.2 % of nu_e", columns, tuple(rows),
        f"{note} Cut: the tightest that keeps so many, none at all where even that does not. Correlation: of its mistakes with "
        "dead wires and few pixels.",
    )  # fmt: skip
