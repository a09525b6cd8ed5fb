"""The numbers of the demo: what `argoscope evaluate` gives, beside what the papers published.

Each task has a few headline numbers, and tables. A class that fewer than
`LEAST_EVENTS` events have is given without interval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from argoscope.analyses.cosmic_tagging import CLASSICAL
from argoscope.events import FIVE_CLASS
from argoscope.papers import paper0_published, paper3_published, paper4_published
from argoscope.papers.charts import LEAST_EVENTS
from argoscope.papers.paper0_studies.rows import INTERACTIONS, Cell, number_cell
from argoscope.papers.study import Table

__all__ = ["TASKS", "Headline", "Task"]

PLANES = {"0": "U", "1": "V", "2": "Y"}
"""Letters of the projections."""
COLLECTION = "2"
FEW_EVENTS = 12
"""So many are listed one by one."""
TAGGING = {
    "non_background_accuracy": "accuracy of cosmic and neutrino pixels",
    "iou_cosmic": "cosmic IoU",
    "iou_neutrino": "neutrino IoU",
    "mean_iou": "mean IoU",
}
"""Paper 0's metrics, in the words of its table 2."""
CUBES = ("relabelled", "none", "relabelled")
"""Of paper 4's table V, the row of the same truth as our network's."""


class Headline(NamedTuple):
    """A number that says how well a network does, and the published one.

    Parameters
    ----------
    measure : str
    ours : tuple of float or None
        Value and interval.
    theirs : float
    where : str
        Paper and table of theirs.
    baseline : tuple of float or None
        The same without a network.
    """

    measure: str
    ours: Cell
    theirs: float
    where: str
    baseline: Cell | None = None

    def said(self) -> str:
        """The numbers in a line.

        Examples
        --------
        >>> Headline("cosmic IoU", (0.9, 0.88, 0.91), 0.914, "paper 0, table 2", (0.67, None, None)).said()
        'cosmic IoU 0.900 [0.880, 0.910]; without a network 0.670; paper 0, table 2: 0.914'
        """
        plain = "" if self.baseline is None else f"; without a network {_said(self.baseline)}"
        return f"{self.measure} {_said(self.ours)}{plain}; {self.where}: {self.theirs:.3f}"


def _said(cell: Cell) -> str:
    value, low, high = cell
    if value is None:
        return "not defined"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


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


def _five_class_headlines(answer: Mapping[str, Any]) -> tuple[Headline, ...]:
    if answer["headline"] == "per_event":
        where = "paper 4, table V"
        ours = number_cell(answer["per_event"]["accuracy"])
        return (
            Headline(
                "accuracy of the voxels, mean over events", ours, paper4_published.LABELS[CUBES][-1], where
            ),
        )
    where = "paper 3, section V A"
    ours = number_cell(answer["planes"].get(COLLECTION, answer["pooled"])["accuracy"])
    return (
        Headline(
            "accuracy of the pixels, collection plane", ours, paper3_published.ACCURACY["paper3"], where
        ),
    )


def _five_class_tables(name: str, answer: Mapping[str, Any], note: str) -> tuple[Table, ...]:
    return (
        (_cube_table(name, answer, note),)
        if answer["headline"] == "per_event"
        else (_plane_table(name, answer, note), _track_shower_table(name, answer, note))
    )


def _cube_table(name: str, answer: Mapping[str, Any], note: str) -> Table:
    found, theirs = answer["per_event"], paper4_published.LABELS[CUBES]
    rows: list[tuple[Any, ...]] = [("all", number_cell(found["accuracy"]), None, found["events"], theirs[-1])]
    for number, title in enumerate(FIVE_CLASS.classes):
        block = found["classes"][title]
        rows.append(
            (title, _class_cell(block), _class_cell(block, "purity"), block["events"], theirs[number])
        )
    columns = ("", "accuracy", "purity", "events that have it", "paper 4, table V: accuracy")
    said = f"{note} Means over the events that have the class; {answer['truth']} truth, as in the paper's row. The paper's images are its own."
    return Table(f"{name}: accuracy of the voxels by class", columns, tuple(rows), said)


def _plane_table(name: str, answer: Mapping[str, Any], note: str) -> Table:
    planes: Mapping[str, Any] = answer["planes"]
    rows: list[tuple[Any, ...]] = [
        (
            "all",
            *(number_cell(block["accuracy"]) for block in planes.values()),
            paper3_published.ACCURACY["paper3"],
        )
    ]
    for title in FIVE_CLASS.classes:
        rows.append((title, *(_class_cell(block["classes"][title]) for block in planes.values()), None))
    columns = ("", *(f"plane {PLANES.get(key, key)}" for key in planes), "paper 3, section V A: plane Y")
    said = f"{note} Of all labelled pixels with 10 to 300 PIU, as the paper counts; it gives its classes as pictures only."
    return Table(f"{name}: accuracy of the pixels by class", columns, tuple(rows), said)


def _track_shower_table(name: str, answer: Mapping[str, Any], note: str) -> Table:
    found, theirs = answer["two_class"]["pooled"]["classes"], paper3_published.TWO_CLASSES["test"]
    rows = tuple(
        (title, _class_cell(found[title]), *(theirs[plane][number] for plane in theirs))
        for number, title in enumerate(found)
    )
    columns = ("", "ours, all planes", *(f"paper 3, tables II, III: {plane}" for plane in theirs))
    return Table(f"{name}: track (HIP, MIP) and shower (shower, delta, Michel)", columns, rows, note)


def _tagging_headlines(answer: Mapping[str, Any]) -> tuple[Headline, ...]:
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


def _tagging_tables(name: str, answer: Mapping[str, Any], note: str) -> tuple[Table, ...]:
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
        "predicted over those that are either. The third column needs no network: it calls every pixel above 10 cosmic."
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
    return Table("Event by event", columns, rows, "Means over the three planes.")


def _mean_of_planes(event: Mapping[str, Any], metric: str) -> float | None:
    values = [plane[metric] for plane in event["planes"] if plane[metric] is not None]
    return sum(values) / len(values) if values else None


def _class_cell(block: Mapping[str, Any], number: str = "accuracy") -> Cell:
    """A number of a class; without interval where resampling its few events says nothing."""
    value, low, high = number_cell(block[number])
    return (value, low, high) if block["events"] >= LEAST_EVENTS else (value, None, None)


TASKS: dict[str, Task] = {
    "five-class": Task(
        "argoscope.inference.evaluate:evaluate_five_class", _five_class_headlines, _five_class_tables
    ),
    "cosmic-tagging": Task(
        "argoscope.inference.evaluate_cosmic:evaluate_cosmic_tagging", _tagging_headlines, _tagging_tables
    ),
}
"""By the task of a model's card."""
