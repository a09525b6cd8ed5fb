"""Section IV A: the network started from a classifier of single particles, and from chance."""

from __future__ import annotations

import json
from typing import Any

from argoscope.analyses.track_shower import Tally, changes, report
from argoscope.papers.charts import cell, learning_curves
from argoscope.papers.paper2_studies.rows import WORDS, cells
from argoscope.papers.paper2_studies.sizes import Sizes, classifier_recipe, crops, sparse_recipe
from argoscope.papers.paper2_studies.subjects import tallied
from argoscope.papers.paper2_studies.training import curves
from argoscope.papers.scan import Trained, trained
from argoscope.papers.study import Context, Section, Table

__all__ = ["find"]


def find(context: Context, sizes: Sizes) -> Section:
    """Train the classifier, and the network with and without its encoder."""
    classifier = trained(context, classifier_recipe(sizes))
    runs = {
        "started from the classifier": trained(context, sparse_recipe(sizes, origin=classifier.recipe)),
        "started from chance": trained(context, sparse_recipe(sizes)),
    }
    tallies = {label: tallied(context, run.model(), crops(sizes, "test")) for label, run in runs.items()}
    note = (
        f"Sparse network, {sizes.filters} filters, {sizes.steps} steps of {sizes.batch} crops, the classifier as many; "
        f"{crops(sizes, 'test').said()}. Intervals hold 68 %, over events; chance in the training is not in them."
    )
    return Section(
        "Section IV A: transfer learning",
        f"The classifier tells electron, photon, muon, pion and proton apart. {_taken(runs['started from the classifier'])} All "
        "weights are trained on. The paper finds that leaving the classifier out gives worse or comparable results.",
        (_table(tallies, note),),
        (
            curves(context, "transfer", "Along the training, with and without the classifier", runs, note),
            learning_curves(
                context, "classifier", "Training of the classifier", {"classifier": classifier.checks},
                note=f"{classifier.recipe.validation.said()}; accuracy of the pixels of an event, which all have one answer.",
            ),
        ),
    )  # fmt: skip


def _taken(run: Trained) -> str:
    """How many weights came from the classifier."""
    note: dict[str, Any] = json.loads((run.folder / "init.json").read_text())
    return f"Of the network's tensors {len(note['taken'])} were the classifier's, {len(note['fresh'])} started from chance."


def _table(tallies: dict[str, Tally], note: str) -> Table:
    rows = [(label, *cells(report(tally))) for label, tally in tallies.items()]
    with_classifier, without = tallies.values()
    change = tuple(cell(one) for one in changes(without, with_classifier).values())
    rows.append(("change by the classifier", *change))
    return Table("Test sample", ("", *WORDS.values()), tuple(rows), note)
