"""Table 3: which events are kept by the predicted neutrino pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.analyses.interactions import NEUTRINO_KINDS
from argoscope.analyses.selection import CLASSICAL, PAPER_CUTS, TABLE_3, report
from argoscope.display.cosmic_tagging_figures import draw_roc
from argoscope.figures import bare_figure
from argoscope.papers.charts import number_cell
from argoscope.papers.paper0_studies.rows import INTERACTIONS
from argoscope.papers.paper0_studies.sizes import Sizes
from argoscope.papers.paper0_studies.subjects import Subject, subject_for
from argoscope.papers.paper0_studies.tagging import Counted, counted
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find", "numbers_of"]

PRESETS = ("sbnd", "sbnd-cosmic", "sbnd-dirt")
SCANNED = (
    (1, 640.0),
    (20, 50.0),
    (50, 50.0),
    (100, 20.0),
    (100, 50.0),
    (100, 640.0),
    (200, 50.0),
    (500, 50.0),
)
"""Cuts shown of the scan: least pixels, largest separation; the picture has more, the JSON beside it all."""


def find(context: Context, sizes: Sizes) -> Section:
    """Select among neutrinos, cosmics alone, and neutrinos outside."""
    subject = subject_for(context, sizes)
    events = [
        event
        for preset in PRESETS
        for event in counted(context, subject.model, subject.file(context, sizes, preset))
    ]
    found = report(*numbers_of(events), subject.cuts)
    said = "; ".join(subject.sample(sizes, preset).said() for preset in PRESETS)
    note = f"{subject.how} {said}. Intervals hold 68 %: Clopper-Pearson, for areas from resampling events."
    return Section(
        "Table 3: selection of events with a neutrino",
        _words(subject),
        (_table3(found, note), _areas(found, note), _scan(found, note)),
        (_roc(context, found, note),),
    )


def numbers_of(events: list[Counted]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Kind of each event, and its neutrino pixels and their mean drift, shape (events, planes)."""
    kinds = [event.counts.interaction.kind for event in events]
    return kinds, np.array([event.pixels for event in events]), np.array([event.drift for event in events])


def _words(subject: Subject) -> str:
    cuts = subject.cuts
    smaller = (
        "" if cuts == PAPER_CUTS else
        f" Here images are smaller by {subject.reduction} along each axis, and so are the cuts: {cuts.least_pixels} pixels, "
        f"{cuts.most_separation:g} pixels."
    )  # fmt: skip
    return (
        f"Kept: at least {PAPER_CUTS.least_pixels} predicted neutrino pixels on every plane, their mean drift within "
        f"{PAPER_CUTS.most_separation:g} pixels for each pair of planes, in the paper's images.{smaller} The paper calls neither cut well "
        "tuned. Two references: calling all charge cosmic keeps no event at all; a classical tagger rejects "
        f"{100 * CLASSICAL['cosmic_muon_rejection']:.0f} % of single cosmic muons (MicroBooNE), not of events. A neutrino outside of which "
        "nothing is seen triggers like one inside; the paper has no number for it."
    )


def _table3(found: dict[str, Any], note: str) -> Table:
    rows: list[tuple[Any, ...]] = [
        (
            f"{INTERACTIONS[kind]} kept",
            found["events"][kind],
            number_cell(found["efficiency"][kind]),
            0.0,
            TABLE_3[kind],
        )
        for kind in NEUTRINO_KINDS
    ]
    rows += [
        ("cosmic-only rejected", found["events"]["cosmic"], number_cell(found["cosmic_rejection"]), 1.0, TABLE_3["cosmic_rejection"]),
        ("neutrino outside rejected", found["events"]["dirt"], number_cell(found["dirt_rejection"]), 1.0, None),
    ]  # fmt: skip
    return Table(
        "Table 3",
        ("share of the events", "events", "ours", "all called cosmic", "paper 0"),
        tuple(rows),
        note,
    )


def _areas(found: dict[str, Any], note: str) -> Table:
    rows = tuple((INTERACTIONS[kind], number_cell(area)) for kind, area in found["area"].items())
    words = "Probability that an event has more neutrino pixels on its poorest plane than a cosmic-only one; 0.5 is chance."
    return Table("Area under the ROC", ("against cosmic-only events", "ours"), rows, f"{words} {note}")


def _scan(found: dict[str, Any], note: str) -> Table:
    """Some points of the scan of both cuts."""
    points = {(point["least_pixels"], point["most_separation"]): point for point in found["scan"]}
    rows = tuple(
        (
            f"{least} px, " + ("any separation" if apart == max(s for _, s in SCANNED) else f"within {apart:g}"),
            *(number_cell(points[least, apart]["efficiency"][kind]) for kind in NEUTRINO_KINDS),
            number_cell(points[least, apart]["cosmic_rejection"]), number_cell(points[least, apart]["dirt_rejection"]),
        )
        for least, apart in SCANNED
    )  # fmt: skip
    columns = ("cuts", *INTERACTIONS.values(), "cosmic-only rejected", "neutrino outside rejected")
    return Table("Scan of the cuts", columns, rows, f"Pixels of the images halved. {note}")


def _roc(context: Context, found: dict[str, Any], note: str) -> Figure:
    figure = bare_figure(6.4, 4.8)
    draw_roc(figure.subplots(), found)
    return context.figure(
        "roc", "ROC along the least pixels", figure, {"roc": found["roc"], "scan": found["scan"]}, note
    )
