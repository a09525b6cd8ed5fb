"""Table I: voxels of an event, and to which classes they belong."""

from __future__ import annotations

import numpy as np

from argoscope.analyses.statistics import Estimate, bootstrap, mean
from argoscope.events import FIVE_CLASS
from argoscope.papers import paper4_published as published
from argoscope.papers.charts import cell
from argoscope.papers.paper4_studies.sizes import Place, Sizes, sample_of
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.study import Context, Section, Table

__all__ = ["find"]


def find(context: Context, sizes: Sizes) -> Section:
    """Count voxels and classes in the three sizes of cubes."""
    sides = (192, 512, 768)
    voxels, shares, samples = [], [], []
    for side in sides:
        sample = sample_of(sizes, Place(f"cube-{side}"), "test", sizes.voxel_events)
        counts = _counts(context, sizes, side)
        low, high = published.VOXELS[side]
        voxels.append(
            (f"{side} px", cell(mean(counts.sum(axis=1))), f"{low}" if low == high else f"{low} to {high}")
        )
        shares.append(_shares(counts))
        samples.append(sample.said())
    columns = ("", *(f"{side} px" for side in sides), "paper 4")
    rows = tuple(
        (name, *(cell(share[number]) for share in shares), published.CLASS_SHARES[name])
        for number, name in enumerate(FIVE_CLASS.classes)
    )
    note = "; ".join(samples) + ". Intervals hold 68 %, over events."
    return Section(
        "Table I: the sample",
        "Voxels of an event and the classes they belong to, regular labels. The paper gives one set of shares; the expected "
        "numbers of voxels follow from its times and from the counts of PILArNet-M.",
        tables=(
            Table("Active voxels an event", ("image", "ours", "expected"), tuple(voxels), note),
            Table("Share of the voxels by class", columns, rows, note),
        ),
    )


def _counts(context: Context, sizes: Sizes, side: int) -> np.ndarray:
    """Voxels of each event by class, shape (events, classes)."""
    path = sample_file(context, sample_of(sizes, Place(f"cube-{side}"), "test", sizes.voxel_events))
    classes = len(FIVE_CLASS.classes)
    return np.array(
        [
            np.bincount(event.images[0].label("semantic").values, minlength=classes + 1)[:classes]
            for event in events_of(path)
        ],
        dtype=float,
    )


def _shares(counts: np.ndarray) -> list[Estimate]:
    """Share of each class among all voxels, intervals over events."""

    def of(times: np.ndarray) -> np.ndarray:
        sums = times @ counts
        return sums / sums.sum(axis=1, keepdims=True)

    return bootstrap(of, len(counts))
