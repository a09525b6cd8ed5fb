"""Side by side on the same images: seed masks, the paper's Mask R-CNN trained by us, and DBSCAN alone."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.instance_changes import paired_changes
from argoscope.analyses.statistics import Estimate
from argoscope.papers.paper1_studies.ablations import NAMES, contest_note, trainings
from argoscope.papers.paper1_studies.contest import DBSCAN, Found, measured_recipes
from argoscope.papers.paper1_studies.recipes import HEADS, box_recipe, recipe_of
from argoscope.papers.paper1_studies.rows import changes_table, metric_table
from argoscope.papers.paper1_studies.sizes import Sizes
from argoscope.papers.study import Context, Section, Table

__all__ = ["BOXES", "find", "verdict"]

BOXES = {"paper1-sparse": "sMask R-CNN", "paper1-tuned": "sMask R-CNN, tuned"}
"""Published networks, as tables name them."""
OURS = NAMES[HEADS[0]]
LEAST = 0.80
"""Efficiency and purity, averaged over events, that a Mask R-CNN of ours must reach for a claim to be made against it."""
CLAIMED = ("efficiency", "purity", "panoptic_quality")
"""Metrics in which ours must be better for a claim."""


def find(context: Context, sizes: Sizes) -> Section:
    """Train both kinds, and measure all on the same images."""
    recipes = {OURS: recipe_of(sizes, HEADS[0])} | {
        BOXES[name]: box_recipe(sizes, name) for name in sizes.boxes
    }
    found = measured_recipes(context, sizes, recipes)
    changes = {
        f"{OURS} less {name}": paired_changes(answer["events"], found[OURS]["events"])
        for name, answer in found.items()
        if name != OURS
    }
    note = f"{contest_note(sizes)} Mask R-CNN: {_boxes_said(sizes)}."
    said = [
        verdict(BOXES[name], found[BOXES[name]], changes[f"{OURS} less {BOXES[name]}"])
        for name in sizes.boxes
    ]
    return Section(
        "Side by side: seed masks, sMask R-CNN and DBSCAN on the same images",
        "All networks see the same images equally often, with the same changes made to them. The paper starts from weights of "
        "ImageNet, which are not here; our Mask R-CNN starts from nothing, with norms that are trained. Its printed numbers are of "
        f"its own simulation and stand against nothing here.\n\n{' '.join(said)}",
        (
            metric_table("Averages over events", {name: answer["overall"] for name, answer in found.items()}, {}, note),
            changes_table("What seed masks gain", changes, f"{note} Events are resampled together."),
            _classes(found, note),
            trainings({name: answer["seconds"] for name, answer in found.items() if name != DBSCAN}),
        ),
    )  # fmt: skip


def verdict(name: str, baseline: Found, change: dict[str, Estimate]) -> str:
    """What may be claimed against a baseline.

    Parameters
    ----------
    name : str
        Of the baseline.
    baseline : Found
    change : dict of str to Estimate
        Of `paired_changes`, from the baseline to ours.

    Examples
    --------
    >>> found = {"overall": {"efficiency": {"value": 0.5}, "purity": {"value": 0.9}}}
    >>> verdict("sMask R-CNN", found, {})
    'sMask R-CNN is under-trained: an efficiency of 0.50 and a purity of 0.90, not 0.80 both. Nothing is claimed against it.'
    """
    efficiency, purity = (baseline["overall"][key]["value"] for key in ("efficiency", "purity"))
    if efficiency is None or purity is None or min(efficiency, purity) < LEAST:
        words = [
            f"{what} of {'none' if value is None else format(value, '.2f')}"
            for what, value in (("an efficiency", efficiency), ("a purity", purity))
        ]
        return f"{name} is under-trained: {' and '.join(words)}, not {LEAST:.2f} both. Nothing is claimed against it."
    better = all(change[key].low > 0 for key in CLAIMED)
    claim = "better than" if better else "not shown to be better than"
    return (
        f"Seed masks are {claim} {name} in efficiency, purity and panoptic quality at once, on these images."
    )


def _boxes_said(sizes: Sizes) -> str:
    width = "" if sizes.box_width == 1 else f"1/{sizes.box_width} of its channels, "
    return f"{width}{sizes.steps * sizes.batch} steps of one image"


def _classes(found: dict[str, Found], note: str) -> Table:
    blocks: dict[str, Any] = {
        f"{name}, {kind}": answer["classes"][kind]
        for kind in ("neutrino", "cosmic")
        for name, answer in found.items()
        if kind in answer["classes"]
    }
    return metric_table("By class, averages over events", blocks, {}, note)
