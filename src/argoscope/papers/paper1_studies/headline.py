"""Figures 7 to 10, 13, 14: finished weights on whole planes that they have not seen, beside DBSCAN alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from argoscope.analyses.instance_blocks import Rules
from argoscope.analyses.instance_changes import paired_changes
from argoscope.analyses.instances import PAPER_1
from argoscope.display.instance_figures import (
    TRAITS,
    draw_covered,
    draw_curve,
    draw_distribution,
    draw_event_averages,
    draw_per_event,
    draw_trait,
)
from argoscope.models.weights import Model
from argoscope.papers.finished import described, left_out
from argoscope.papers.paper1_studies.panels import panels
from argoscope.papers.paper1_studies.predictions import Answer, evaluated
from argoscope.papers.paper1_studies.rows import changes_table, metric_table
from argoscope.papers.paper1_studies.sizes import Sizes, whole
from argoscope.papers.paper1_studies.subjects import DEFAULT, models_of
from argoscope.papers.samples import sample_file
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find"]

TITLE = "Figures 7 to 10, 13, 14: finished weights on whole planes"


def find(context: Context, sizes: Sizes) -> Section:
    """Evaluate each finished model on the test sample, and on real files where they are given."""
    models = models_of(context)
    if not models:
        missing = left_out(TITLE, DEFAULT)
        return Section(missing.title, missing.text, (_papers(),))
    samples = {whole(sizes).said(): sample_file(context, whole(sizes))}
    samples |= {f"events of {Path(name).name}": Path(name) for name in context.settings.get("data", [])}
    tables: list[Table] = []
    figures: list[Figure] = []
    for where, path in samples.items():
        found = [(model, evaluated(context, model, path)) for model in models]
        for model, answer in found:
            note = f"{described(model.card)} {where}. Intervals hold 68 %, over events."
            tables += [_table(model, answer, note), _interactions(model, answer, note)]
            figures += _figures(context, f"{model.card.name}-{path.stem}", answer, note)
        if len(found) > 1:
            tables.append(_changes(found, where))
    return Section(
        TITLE,
        "Efficiency of a true interaction: the largest share of its active pixels that a single prediction has. Purity of a "
        "prediction: the largest share of its active pixels that is of one true interaction. Covered: efficiency above 0.8. "
        "Predictions have a score of at least 0.4. The paper counts interactions with any active pixel, and so does the second "
        "column; the others count those with at least 10. Its networks were measured on its own simulation, ours on ours: only "
        "networks in the same table saw the same events. Efficiency and purity alone are high for DBSCAN, which needs no "
        "network; panoptic quality, the covered share and the Rand index tell them apart.",
        tuple(tables),
        tuple(figures),
    )


def _papers() -> Table:
    return metric_table(
        "Section 4: the paper's networks", {}, _theirs(), "Averages over events are figure 7's."
    )


def _theirs() -> dict[str, dict[str, float]]:
    """The paper's columns: averages over events, over interactions."""
    return {
        f"paper 1, {kind}, {words}": PAPER_1[kind][key]
        for kind in ("dense", "sparse")
        for key, words in (("overall", "per event"), ("pooled", "pooled"))
    }


def _table(model: Model, answer: Answer, note: str) -> Table:
    ours = {
        "per event": answer["overall"],
        "per event, any active pixel": answer["any_active_pixel"]["overall"],
        "pooled": answer["pooled"],
        "DBSCAN alone, per event": answer["baseline_dbscan"]["overall"],
        "DBSCAN alone, pooled": answer["baseline_dbscan"]["pooled"],
    }
    return metric_table(f"{model.card.name}: interactions of all classes", ours, _theirs(), note)


def _interactions(model: Model, answer: Answer, note: str) -> Table:
    """True, covered and predicted interactions of an event."""
    true = np.array([event["true"] for event in answer["events"]], dtype=float)
    active = [event["true_any_pixel"] for event in answer["events"]]
    covered = np.array([event["covered"] or 0.0 for event in answer["events"]])
    published = PAPER_1["interactions"]
    rows = (
        ("true, with any active pixel", float(np.mean(active)), published["true"], published["true"]),
        (f"true, with at least {Rules.least_pixels}", float(true.mean()), None, None),
        ("covered", float((true * covered).mean()), published["covered_dense"], published["covered_sparse"]),
        ("predicted", float(np.mean([event["predicted"] for event in answer["events"]])), None, None),
    )
    columns = ("an event", "ours", "paper 1, dense", "paper 1, sparse")
    return Table(f"{model.card.name}: figure 14, interactions", columns, rows, note)


def _changes(found: Sequence[tuple[Model, Answer]], where: str) -> Table:
    """Every model against the first."""
    (first, before), *others = found
    changes = {
        f"{model.card.name} less {first.card.name}": paired_changes(before["events"], answer["events"])
        for model, answer in others
    }
    note = (
        f"{where}. Events are resampled together, so that intervals (68 %) are of the differences themselves."
    )
    return changes_table("The named models on the same events", changes, note)


def _figures(context: Context, name: str, answer: Answer, note: str) -> list[Figure]:
    events, histograms = answer["events"], answer["histograms"]
    covered = {key: answer[key] for key in ("by_interactions", "curve")}
    hard = {trait: answer[f"by_{trait}"] for trait in TRAITS if answer[f"by_{trait}"]}
    made = [
        panels(
            context, f"figure7-{name}", "Figures 7, 8, 13: averages of events",
            [partial(draw_event_averages, events=events), partial(draw_per_event, events=events)],
            data=events, note=note,
        ),
        panels(
            context, f"figure9-{name}", "Figures 9, 10: efficiency and charge efficiency of interactions",
            [
                partial(draw_distribution, histograms={"all": histograms["all"]}, quantity=quantity)
                for quantity in ("efficiency", "charge_efficiency")
            ],
            data=histograms["all"], note=note,
        ),
        panels(
            context, f"figure14-{name}", "Figure 14: covered interactions; efficiency and purity along the least score",
            [
                partial(draw_covered, rows=covered["by_interactions"]),
                partial(draw_curve, rows=covered["curve"], least_score=answer["rules"]["least_score"]),
            ],
            data=covered, note=note,
        ),
    ]  # fmt: skip
    if hard:
        drawings = [partial(draw_trait, rows=rows, trait=trait) for trait, rows in hard.items()]
        made.append(
            panels(context, f"traits-{name}", "What makes interactions hard", drawings, data=hard, note=note)
        )
    return made
