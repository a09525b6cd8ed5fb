"""Tables II and III, figures 6, 10 and 11: finished weights on whole planes of events they have not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.analyses.confusion import rates
from argoscope.analyses.five_class import TWO_CLASSES, Tally, two_classes
from argoscope.models.weights import Model
from argoscope.papers import paper3_published as published
from argoscope.papers.charts import class_cell
from argoscope.papers.finished import described, left_out, training_curve
from argoscope.papers.paper3_studies.confusion import class_rows, confusion_figure
from argoscope.papers.paper3_studies.crossings import LEAST_MEV, without_crossings
from argoscope.papers.paper3_studies.predictions import DEFAULT, models_of, plane_tallies, viewed_tallies
from argoscope.papers.paper3_studies.sizes import PLANES, Sizes, whole
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.papers.tables import stacked

__all__ = ["SAMPLES", "find"]

SAMPLES = {"test": "paper3", "nu_e": "paper3-nue", "BNB": "paper3-bnb"}
"""Preset of each of the paper's samples."""
NEUTRINOS = ("nu_e", "BNB")
"""Those that lie over cosmics without labels."""


def find(context: Context, sizes: Sizes) -> Section:
    """Evaluate each finished model on the three samples."""
    title = "Tables II, III, figures 6, 10, 11: finished weights on whole planes"
    models = models_of(context)
    if not models:
        return left_out(title, DEFAULT)
    tables: list[Table] = []
    figures: list[Figure] = []
    for model in models:
        found, apart = {"test": plane_tallies(context, model, whole(sizes))}, {}
        for name in NEUTRINOS:
            found[name], apart[name] = viewed_tallies(
                context, model, whole(sizes, SAMPLES[name]), (lambda _, image: image, without_crossings)
            )
        note = f"{described(model.card)} {_said(sizes)} Intervals hold 68 %, over events."
        tables += [
            _five(model, found["test"], note),
            _two(model, found, note),
            _apart(model, found, apart, note),
        ]
        figures.append(_matrices(context, model, found["test"], note))
        figures += [curve for curve in (training_curve(context, model),) if curve]
    return Section(
        title,
        "Share of the labelled pixels with 10 to 300 PIU that have the true class, all pixels of all events as one, as the "
        "paper counts. The paper trains a network for each plane and gives its numbers on test events; tables II and III "
        "map the five classes to track (HIP, MIP) and shower (shower, delta, Michel). In the samples of neutrinos cosmics "
        "have no label and are not counted; where a cosmic muon crosses a shower the pixel counts as shower, and a network "
        "that has learned to call it MIP is wrong there: the paper's reason for its lower shower numbers. The truth of our "
        f"cosmics tells where they have at least {LEAST_MEV} MeV in a pixel; the last table leaves these pixels out.",
        tuple(tables),
        tuple(figures),
    )


def _said(sizes: Sizes) -> str:
    return "; ".join(whole(sizes, preset).said() for preset in SAMPLES.values()) + "."


def _five(model: Model, tallies: Mapping[int, Tally], note: str) -> Table:
    """Five classes on the test sample, a column a plane."""
    found = {PLANES[plane]: rates(stacked(tally), pooled=True) for plane, tally in tallies.items()}
    rows = [(*row, published.ACCURACY["paper3"] if row[0] == "all" else None) for row in class_rows(found)]
    columns = ("", *(f"ours, {plane}" for plane in found), "paper 3, Y")
    return Table(f"{model.card.name}: five classes, test sample", columns, tuple(rows), note)


def _two(model: Model, found: Mapping[str, Mapping[int, Tally]], note: str) -> Table:
    """Track and shower on every sample, ours and the paper's by plane, and the network before."""
    rows: list[tuple[Any, ...]] = []
    names = [PLANES[plane] for plane in found["test"]]
    for sample, tallies in found.items():
        ours = {
            PLANES[plane]: rates(two_classes(stacked(tally)), pooled=True) for plane, tally in tallies.items()
        }
        for number, kind in enumerate(TWO_CLASSES):
            cells: list[Any] = []
            for plane in names:
                cells += [class_cell(ours[plane], number), published.TWO_CLASSES[sample][plane][number]]
            rows.append((f"{sample}, {kind}", *cells, published.PREVIOUS[sample][number]))
    heads = [text for plane in names for text in (f"ours, {plane}", f"paper 3, {plane}")]
    columns = ("", *heads, "network before paper 3, Y")
    return Table(f"{model.card.name}: two classes (tables II and III)", columns, tuple(rows), note)


def _apart(
    model: Model,
    found: Mapping[str, Mapping[int, Tally]],
    apart: Mapping[str, Mapping[int, Tally]],
    note: str,
) -> Table:
    """Shower accuracy of the neutrinos with and without the pixels that a cosmic crosses, and the share of these."""
    rows: list[tuple[Any, ...]] = []
    number = list(TWO_CLASSES).index("shower")
    for sample in NEUTRINOS:
        for plane, tally in found[sample].items():
            every, kept = (two_classes(stacked(one)) for one in (tally, apart[sample][plane]))
            pixels, left = every[:, number].sum(), kept[:, number].sum()
            rows.append(
                (
                    f"{sample}, {PLANES[plane]}",
                    class_cell(rates(every, pooled=True), number),
                    class_cell(rates(kept, pooled=True), number),
                    float(1 - left / pixels) if pixels else None,
                    published.TWO_CLASSES[sample][PLANES[plane]].shower,
                )
            )
    columns = ("", "shower, all", "shower, without crossed pixels", "share crossed", "paper 3, all")
    return Table(f"{model.card.name}: showers that cosmics cross", columns, tuple(rows), note)


def _matrices(context: Context, model: Model, tallies: Mapping[int, Tally], note: str) -> Figure:
    name = model.card.name
    matrices = {f"plane {PLANES[plane]}": stacked(tally).sum(axis=0) for plane, tally in tallies.items()}
    return confusion_figure(
        context, f"confusion-{name}", f"Figures 6, 10 and 11: {name} on the test sample", matrices, note
    )
