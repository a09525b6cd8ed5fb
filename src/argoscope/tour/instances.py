"""What the demo says of networks that find interactions: beside paper 1, and beside DBSCAN alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.analyses.instances import PAPER_1
from argoscope.papers.charts import number_cell
from argoscope.papers.paper1_studies.rows import METRICS, metric_table
from argoscope.papers.study import Table
from argoscope.tour.headlines import Headline

__all__ = ["headlines", "tables"]

AVERAGED = {"efficiency": "overall", "purity": "overall", "covered": "pooled"}
"""Metrics that paper 1 gives a number for, and over what it averages them: events, or all interactions."""
AVERAGES = {"overall": "mean over events", "pooled": "of all interactions"}
BY_CLASS = ("efficiency", "purity")
PAPERS = PAPER_1["sparse"]


def headlines(answer: Mapping[str, Any]) -> tuple[Headline, ...]:
    """The metrics of `evaluate_instances`, each beside paper 1's sparse network and clusters of DBSCAN."""
    return tuple(
        Headline(
            f"{METRICS[metric]}, {AVERAGES[block]}",
            number_cell(answer[block][metric]),
            PAPERS[block][metric],
            "paper 1, section 4, sparse",
            number_cell(answer["baseline_dbscan"][block][metric]),
        )
        for metric, block in AVERAGED.items()
    )


def tables(name: str, answer: Mapping[str, Any], note: str) -> tuple[Table, ...]:
    """All metrics beside DBSCAN and the paper, then those of each class."""
    ours = {
        f"{name}, per event": answer["overall"],
        "DBSCAN alone, per event": answer["baseline_dbscan"]["overall"],
        f"{name}, pooled": answer["pooled"],
        "DBSCAN alone, pooled": answer["baseline_dbscan"]["pooled"],
    }
    theirs = {
        "paper 1, sparse, per event": PAPERS["overall"],
        "paper 1, sparse, pooled": PAPERS["pooled"],
    }
    said = (
        f"{note} Efficiency: the largest share of a true interaction's pixels that one prediction has. Purity: the largest share "
        "of a prediction's pixels that is of one true interaction. Covered: efficiency above 0.8. DBSCAN needs no network; it is "
        "efficient and pure in fragments, which panoptic quality, covered and the Rand index count against it."
    )
    whole = metric_table(f"{name}: interactions of all classes", ours, theirs, said)
    return (whole, _classes(name, answer["classes"], note))


def _classes(name: str, classes: Mapping[str, Any], note: str) -> Table:
    """A row a class: what is called right, and how whole it is."""
    rows = tuple(
        (
            called,
            *(number_cell(block["pooled"][metric]) for metric in BY_CLASS),
            *(PAPERS["classes"][called][metric] for metric in BY_CLASS),
        )
        for called, block in classes.items()
        if called in PAPERS["classes"]
    )
    columns = ("class", *BY_CLASS, *(f"paper 1, sparse: {metric}" for metric in BY_CLASS))
    said = f"{note} Over all interactions that are called, or truly are, of a class: a cosmic ray called a neutrino has purity 0."
    return Table(f"{name}: class by class", columns, rows, said)
