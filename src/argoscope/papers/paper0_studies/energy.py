"""Figure 9: IoU against the energy of the neutrino, by interaction."""

from __future__ import annotations

from argoscope.analyses.cosmic_tagging import report
from argoscope.display.cosmic_tagging_figures import draw_iou
from argoscope.figures import bare_figure
from argoscope.papers.paper0_studies.rows import METRICS, metric_cells, number_cell
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
        (kind, block["events"], *metric_cells(block)) for kind, block in found["by_interaction"].items()
    )
    bins = tuple(
        (
            f"{row['interaction']}, {row['low_gev']:g} to {row['high_gev'] or 'more'} GeV", row["events"],
            number_cell(row["iou_neutrino"]), number_cell(row["iou_cosmic"]),
        )
        for row in found["by_energy"]
    )  # fmt: skip
    figure = bare_figure(7.2, 4.4)
    draw_iou(figure.subplots(), found["by_energy"])
    return Section(
        "Figure 9: against energy and interaction",
        "In the paper the neutrino IoU rises with the energy, is highest for nu_e CC and lowest for NC, which leave the least "
        "charge; the cosmic IoU hardly depends on either. Its curves are without numbers.",
        (
            Table("By interaction", ("", "events", *METRICS.values()), kinds, note),
            Table("By energy", ("", "events", "neutrino IoU", "cosmic IoU"), bins, note),
        ),
        (context.figure("figure9", "Figure 9: IoU against energy", figure, found["by_energy"], note),),
    )
