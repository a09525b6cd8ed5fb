"""Figure 9: IoU against the energy of the neutrino, by interaction."""

from __future__ import annotations

from argoscope.analyses.cosmic_tagging import report
from argoscope.display.cosmic_tagging_figures import draw_iou
from argoscope.figures import bare_figure
from argoscope.papers.charts import number_cell
from argoscope.papers.paper0_studies.rows import INTERACTIONS, METRICS, metric_cells
from argoscope.papers.paper0_studies.sizes import Sizes
from argoscope.papers.paper0_studies.subjects import subject_for
from argoscope.papers.paper0_studies.tagging import counted
from argoscope.papers.study import Context, Section, Table

__all__ = ["find"]


def find(context: Context, sizes: Sizes) -> Section:
    """Average the planes of events by the energy and interaction of their neutrino."""
    subject = subject_for(context, sizes)
    events = counted(context, subject.model, subject.file(context, sizes))
    found = report([event.counts for event in events])
    note = f"{subject.how} {subject.sample(sizes).said()}. Intervals hold 68 %, over events."
    kinds = tuple(
        (INTERACTIONS.get(kind, kind), block["events"], *metric_cells(block))
        for kind, block in found["by_interaction"].items()
    )
    bins = tuple(
        (
            f"{INTERACTIONS[row['interaction']]}, {_span(row['low_gev'], row['high_gev'])}", row["events"],
            number_cell(row["iou_neutrino"]), number_cell(row["iou_cosmic"]),
        )
        for row in found["by_energy"]
    )  # fmt: skip
    figure = bare_figure(7.2, 4.4)
    draw_iou(figure.subplots(), found["by_energy"])
    return Section(
        "Figure 9: against energy and interaction",
        "The paper's curves are without numbers. Its text expects neutral currents to be the hardest, as the neutrino that leaves "
        "takes its energy along and fewer pixels are left.",
        (
            Table("By interaction", ("", "events", *METRICS.values()), kinds, note),
            Table("By energy", ("", "events", "neutrino IoU", "cosmic IoU"), bins, note),
        ),
        (context.figure("figure9", "Figure 9: IoU against energy", figure, found["by_energy"], note),),
    )


def _span(low: float, high: float | None) -> str:
    """A bin of the energy in words."""
    return f"from {low:g} GeV" if high is None else f"{low:g} to {high:g} GeV"
