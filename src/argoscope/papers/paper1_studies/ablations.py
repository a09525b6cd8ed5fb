"""What each part of our network is worth: other ways to tell objects apart on the same backbone, and no network."""

from __future__ import annotations

from argoscope.analyses.instance_changes import paired_changes
from argoscope.papers.paper1_studies.contest import DBSCAN, measured_recipes
from argoscope.papers.paper1_studies.recipes import HEADS, recipe_of
from argoscope.papers.paper1_studies.rows import changes_table, metric_table
from argoscope.papers.paper1_studies.sizes import Sizes, cut_out
from argoscope.papers.study import Context, Section, Table

__all__ = ["NAMES", "contest_note", "find", "trainings"]

NAMES = {"seeds": "seed masks", "edges": "edges between pixels", "condensation": "object condensation"}
"""Heads, as tables name them."""


def find(context: Context, sizes: Sizes) -> Section:
    """Train the heads, and measure all on the same images."""
    found = measured_recipes(context, sizes, {NAMES[head]: recipe_of(sizes, head) for head in HEADS})
    ours, note = NAMES[HEADS[0]], contest_note(sizes)
    changes = {
        f"{ours} less {name}": paired_changes(answer["events"], found[ours]["events"])
        for name, answer in found.items()
        if name != ours
    }
    return Section(
        "Ablations: how objects are told apart",
        "Four ways to find the interactions of the same images. DBSCAN clusters active pixels with no network. The other three "
        "share a backbone and its training: edges joins neighbouring pixels that it takes for one object; object condensation "
        "lets the pixels of an object gather around one of them; seed masks lets a cell of 8 pixels say which pixels are of its "
        "object. The paper has no such comparison.",
        (
            metric_table("Averages over events", {name: answer["overall"] for name, answer in found.items()}, {}, note),
            changes_table("What seed masks gain", changes, f"{note} Events are resampled together."),
            trainings({name: answer["seconds"] for name, answer in found.items() if name != DBSCAN}),
        ),
    )  # fmt: skip


def contest_note(sizes: Sizes) -> str:
    """What the networks of the scans are trained and tested on."""
    return (
        f"The first {min(sizes.contest_events, sizes.test_events)} of {cut_out(sizes, 'test').said()}. Our networks: {sizes.filters} filters, {sizes.steps} steps of {sizes.batch} images of "
        f"{sizes.train_events}. Intervals hold 68 %, over events; chance in the training is not in them."
    )


def trainings(seconds: dict[str, float]) -> Table:
    """Time that each training took."""
    rows = tuple((name, f"{time:.0f}") for name, time in seconds.items())
    return Table(
        "Time of the trainings", ("", "seconds"), rows, "Other work on the machine lengthens the times."
    )
