"""Finished weights on test samples: the accuracies that the paper leads with."""

from __future__ import annotations

from collections.abc import Mapping

from argoscope.analyses.confusion import Rates, rates
from argoscope.models.preparation import Truth
from argoscope.models.weights import Model
from argoscope.papers import paper4_published as published
from argoscope.papers.charts import cell, class_cell
from argoscope.papers.evaluation import tallied
from argoscope.papers.finished import described, finished_models, left_out, training_curve
from argoscope.papers.guard import guard_table
from argoscope.papers.paper4_studies.sizes import Place, Sizes, sample_of
from argoscope.papers.samples import sample_file
from argoscope.papers.study import Context, Section, Table
from argoscope.papers.tables import stacked

__all__ = ["find", "models_of"]

DEFAULT = "five-class-3d"
"""Model of the headline rows unless another is named."""


def models_of(context: Context) -> list[Model]:
    """The finished models for volumes: those that were asked for, or the shipped one if the package has it."""
    return finished_models(context, DEFAULT, dimensions=3)


def find(context: Context, sizes: Sizes) -> Section:
    """Evaluate the models on whole cubes, against both truths."""
    title = "Finished weights on whole images"
    models = models_of(context)
    if not models:
        return left_out(title, DEFAULT)
    tables = [table for model in models for table in _tables(context, sizes, model)]
    curves = (training_curve(context, model) for model in models)
    return Section(
        title,
        "Class-wise non-zero accuracy, mean over the events that have the class, as the paper averages. Table V is the "
        "paper's at 512 px (5-32), its overall numbers at 192 and 768 px those of table II.",
        tuple(tables),
        tuple(curve for curve in curves if curve),
    )


def _tables(context: Context, sizes: Sizes, model: Model) -> list[Table]:
    """One table a test sample; for regular labels at 192 px the guard besides."""
    card = model.card
    how = described(card)
    tables = []
    for place, events in sizes.headline:
        sample = sample_of(sizes, place, "test", events)
        tallies = tallied(model, sample_file(context, sample), truths=("regular", "relabelled"))
        ours = {truth: rates(stacked(tally), pooled=False) for truth, tally in tallies.items()}
        tables.append(_table(place, ours, f"{how} {sample.said()}. Intervals hold 68 %, over events."))
        if place.side == 192 and card.preparation.truth == "regular":
            tables.append(guard_table(ours["regular"], note=how))
    return tables


def _table(place: Place, ours: Mapping[Truth, Rates], note: str) -> Table:
    """Ours against both truths beside the paper's."""
    regular, relabelled = ours["regular"], ours["relabelled"]
    paper = _published(place.side)
    rows = [
        (
            "all",
            cell(regular.accuracy),
            cell(relabelled.accuracy),
            *(numbers[-1] for numbers in paper.values()),
        ),
        *(
            (
                name,
                class_cell(regular, k),
                class_cell(relabelled, k),
                *(n[k] for n in paper.values()),
            )
            for k, name in enumerate(published.CLASSES)
        ),
        ("deviation over events", regular.spread, relabelled.spread, *(None for _ in paper)),
    ]
    columns = ("", "ours, regular truth", "ours, relabelled truth", *paper)
    return Table(f"{place.preset}: accuracy", columns, tuple(rows), note)


def _published(side: int) -> dict[str, tuple[float | None, ...]]:
    """The paper's columns for images of that side."""
    if side == 512:
        return {
            f"table V, {train}{' + weights' if weights != 'none' else ''} / {test}": numbers
            for (train, weights, test), numbers in published.LABELS.items()
        }
    overall = {column.side: column.accuracy for column in published.SCALABILITY if column.batch == 64}
    table = {
        f"table IV, {train} / {side} px, regular": published.IMAGE_SIZES[train, side]
        for train in (192, 768)
        if (train, side) in published.IMAGE_SIZES
    }
    if side in overall:
        table[f"table II, {side} px"] = (*[None] * len(published.CLASSES), overall[side])  # type: ignore[assignment]
    return dict(table)
