"""What the demo says of networks of five classes: beside papers 3 and 4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.events import FIVE_CLASS
from argoscope.papers import paper3_published, paper4_published
from argoscope.papers.charts import number_cell
from argoscope.papers.study import Table
from argoscope.tour.headlines import COLLECTION, Headline, class_cell

__all__ = ["headlines", "tables"]

PLANES = {"0": "U", "1": "V", "2": "Y"}
"""Letters of the projections."""
TOLD = ("HIP", "MIP", "shower")
"""Classes said beside the whole, where long muons hide what becomes of the others."""
TRUTHS = {
    "relabelled": ": a delta ray or Michel electron that touches no track counts as shower (its section III C)",
    "regular": "",
}
"""What the views of the truth are, where that must be said."""
CUBES = ("relabelled", "none", "relabelled")
"""Of paper 4's table V, the row of the same truth as our network's."""


def headlines(answer: Mapping[str, Any]) -> tuple[Headline, ...]:
    """The accuracies of `evaluate_five_class`: beside paper 4 for volumes, beside paper 3 for planes."""
    theirs: dict[str, float] = {}
    if answer["headline"] == "per_event":
        measure, found, where = (
            "accuracy of the voxels, mean over events",
            answer["per_event"],
            "paper 4, table V",
        )
        *classes, published = paper4_published.LABELS[CUBES]
        theirs = dict(zip(paper4_published.CLASSES, classes, strict=True))
    else:
        measure, where = "accuracy of the pixels, collection plane", "paper 3, section V A"
        found, published = (
            answer["planes"].get(COLLECTION, answer["pooled"]),
            paper3_published.ACCURACY["paper3"],
        )
    whole = Headline(measure, number_cell(found["accuracy"]), published, where)
    parts = (
        Headline(f"{name} accuracy", class_cell(found["classes"][name]), theirs.get(name), where)
        for name in TOLD
    )
    return (whole, *parts)


def tables(name: str, answer: Mapping[str, Any], note: str) -> tuple[Table, ...]:
    """The accuracy of each class; of planes also that of tracks and showers."""
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
        rows.append((title, class_cell(block), class_cell(block, "purity"), block["events"], theirs[number]))
    columns = ("", "accuracy", "purity", "events that have it", "paper 4, table V: accuracy")
    said = (
        f"{note} Means over the events that have the class; {answer['truth']} truth, as in the paper's row{TRUTHS[answer['truth']]}. "
        "The paper's images are its own."
    )
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
        rows.append((title, *(class_cell(block["classes"][title]) for block in planes.values()), None))
    columns = ("", *(f"plane {PLANES.get(key, key)}" for key in planes), "paper 3, section V A: plane Y")
    said = f"{note} Of all labelled pixels with 10 to 300 PIU, as the paper counts; it gives its classes as pictures only."
    return Table(f"{name}: accuracy of the pixels by class", columns, tuple(rows), said)


def _track_shower_table(name: str, answer: Mapping[str, Any], note: str) -> Table:
    found, theirs = answer["two_class"]["pooled"]["classes"], paper3_published.TWO_CLASSES["test"]
    rows = tuple(
        (title, class_cell(found[title]), *(theirs[plane][number] for plane in theirs))
        for number, title in enumerate(found)
    )
    columns = ("", "ours, all planes", *(f"paper 3, tables II, III: {plane}" for plane in theirs))
    return Table(f"{name}: track (HIP, MIP) and shower (shower, delta, Michel)", columns, rows, note)
