"""Figures 20, 21 and table 3: a second tagger that rejects events too, with and without the network."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.veto import PAPER_1, RATIOS, signal_to_background
from argoscope.papers import paper1_published as published
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

ALONE, JOINED = "full tagger", "network and full tagger"
REMOVED = "background removed at equal efficiency"


def find(context: Context, sizes: Sizes) -> Section:
    """Measure the second tagger with vetoes of its own, alone and joined by the network."""
    model, how = subject_for(context, sizes)
    found = vetoed(context, model, sizes, extra_vetoes=True)
    note = f"{how} {samples_said(sizes)}"
    _, flash, both = found["taggers"]
    return Section(
        "Figures 20, 21, table 3: a second tagger with vetoes of its own",
        "The second tagger now rejects whole events as well, those whose interaction in time is a muon through a wall of the "
        "chamber; the largest cluster of such an event is 0, and the curve starts where no cut keeps them. In place of "
        "Wire-Cell's tagger stands one that is imitated from the truth (study veto). Signal over background is the ratio of "
        "table 3 times the efficiency over the share of background kept. The paper's printed ratios do not follow from its "
        "table 3: a factor of 26 is missing in both of the general ones, whose quotient agrees.",
        (
            _points((flash, both), note),
            _rejected(flash, note),
            _gain(found["gain"][0], note),
            _ratios((flash, both), note),
        ),
        (
            largest_figure(context, "figure20", "Figure 20: largest cluster left", (flash, both), note),
            roc_figure(
                context, "figure21", "Figure 21: rejection against efficiency", (flash, both), note, zoom=True
            ),
        ),
    )


def _points(taggers: tuple[dict[str, Any], ...], note: str) -> Table:
    rows = [row for tagger in taggers for row in point_rows(tagger)]
    for name, words in ((ALONE, "Wire-Cell"), (JOINED, "network and Wire-Cell")):
        rows.append((f"paper 1, {words}", None, PAPER_1[name]["nue"], None, PAPER_1[name]["rejection"]))
    return Table("Working points", COLUMNS, tuple(rows), note)


def _rejected(flash: dict[str, Any], note: str) -> Table:
    """Events that the second tagger rejects as a whole."""
    rows = tuple((words, number_cell(flash["vetoed"][sample])) for sample, words in WORDS.items())
    return Table(
        f"Events that {flash['name']} rejects as a whole", ("share of the events", "ours"), rows, note
    )


def _gain(gain: dict[str, Any], note: str) -> Table:
    """How much of the background that the second tagger leaves the network removes."""
    cuts = ["none" if gain[key] is None else str(gain[key]) for key in ("cut_alone", "cut_joined")]
    kept = (number_cell(gain[key]) for key in ("efficiency_alone", "efficiency_joined"))
    row = (f"beside {gain['beside']}", *cuts, *kept, number_cell(gain["removed"]), PAPER_1[REMOVED])
    columns = (
        "at about equal nu_e efficiency",
        "X alone",
        "X joined",
        "nu_e kept alone",
        "nu_e kept joined",
        "background removed",
        "paper 1",
    )
    words = (
        f"Both are cut as tightly as keeps at least {gain['efficiency']:.1%} of the electron neutrinos, in steps of ten pixels, "
        "so that they need not keep equally many; no number where one does not reach that. The interval of what is removed "
        f"is over off-beam events, at these cuts. {note}"
    )
    return Table("What the network adds", columns, (row,), words)


def _ratios(taggers: tuple[dict[str, Any], ...], note: str) -> Table:
    """Signal over background: ours, what follows from the paper's numbers, and what it prints."""
    rows: list[tuple[Any, ...]] = [
        (f"{tagger['name']}: {point['point']}", *(point["signal_to_background"][signal] for signal in RATIOS), None, None)
        for tagger in taggers
        for point in tagger["working_points"]
    ]  # fmt: skip
    for name, words in ((ALONE, "Wire-Cell"), (JOINED, "network and Wire-Cell")):
        theirs, printed = PAPER_1[name], published.PRINTED_RATIOS[name]
        follows = signal_to_background(RATIOS["nue"], theirs["nue"], theirs["rejection"])
        rows.append(
            (f"paper 1, {words}: from its efficiency and rejection", follows, None, *printed.values())
        )
    columns = ("", "nu_e", "nu_e below 400 MeV", "printed, nu_e", "printed, below 400 MeV")
    words = f"Table 3: {RATIOS['nue']:.3g} electron neutrinos an off-beam event, {RATIOS['low_energy']:.3g} below 400 MeV. {note}"
    return Table("Signal over background after the veto", columns, tuple(rows), words)
