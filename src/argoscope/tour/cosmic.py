"""What the demo says of networks that tag cosmic rays: beside paper 0, and beside calling everything cosmic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.analyses.cosmic_tagging import CLASSICAL
from argoscope.papers import paper0_published
from argoscope.papers.charts import number_cell
from argoscope.papers.paper0_studies.rows import INTERACTIONS
from argoscope.papers.study import Table
from argoscope.tour.headlines import Headline

__all__ = ["headlines", "tables"]

FEW_EVENTS = 12
"""So many are listed one by one."""
TAGGING = {
    "non_background_accuracy": "accuracy of cosmic and neutrino pixels",
    "iou_cosmic": "cosmic IoU",
    "iou_neutrino": "neutrino IoU",
    "mean_iou": "mean IoU",
}
"""Paper 0's metrics, in the words of its table 2."""


def headlines(answer: Mapping[str, Any]) -> tuple[Headline, ...]:
    """The metrics of `evaluate_cosmic_tagging`, each beside the paper's best row and the baseline without network."""
    theirs = paper0_published.TABLE_2[paper0_published.BEST]
    where = "paper 0, table 2, best"
    return tuple(
        Headline(
            title,
            number_cell(answer["paper"][metric]),
            getattr(theirs, metric),
            where,
            number_cell(answer["baseline_all_cosmic"][metric]),
        )
        for metric, title in TAGGING.items()
        if metric != "mean_iou"
    )


def tables(name: str, answer: Mapping[str, Any], note: str) -> tuple[Table, ...]:
    """The metrics beside the paper's rows; few events are listed one by one too."""
    table2 = paper0_published.TABLE_2
    named = {"reference": next(iter(table2)), "best": paper0_published.BEST}
    rows = tuple(
        (
            title,
            number_cell(answer["paper"][metric]),
            number_cell(answer["baseline_all_cosmic"][metric]),
            *(getattr(table2[row], metric) for row in named.values()),
            CLASSICAL.get(metric),
        )
        for metric, title in TAGGING.items()
    )
    columns = (
        "", name, "all above 10 cosmic", *(f"paper 0, table 2: {row}" for row in named),
        "classical, as paper 0 estimates",
    )  # fmt: skip
    said = (
        f"{note} Means over planes, in the paper's convention: images halved along both axes. IoU is the pixels both true and "
        'predicted over those that are either. The column "all above 10 cosmic" needs no network: it calls every pixel of more than 10 cosmic.'
    )
    table = Table(f"{name}: cosmic and neutrino pixels", columns, rows, said)
    return (table, *((_event_table(answer),) if len(answer["events"]) <= FEW_EVENTS else ()))


def _event_table(answer: Mapping[str, Any]) -> Table:
    """One event a row: its interaction, and means over its planes."""
    rows = tuple(
        (
            f"{event['entry']}: {INTERACTIONS.get(event['interaction'], event['interaction'])}",
            event["energy_gev"],
            *(_mean_of_planes(event, metric) for metric in TAGGING),
            sum(plane["pixels"]["neutrino"] for plane in event["planes"]),
        )
        for event in answer["events"]
    )
    columns = ("event", "energy [GeV]", *TAGGING.values(), "true neutrino pixels, halved")
    return Table(
        "Event by event",
        columns,
        rows,
        "Means over the three planes, halved; captions of pictures count every pixel.",
    )


def _mean_of_planes(event: Mapping[str, Any], metric: str) -> float | None:
    values = [plane[metric] for plane in event["planes"] if plane[metric] is not None]
    return sum(values) / len(values) if values else None
