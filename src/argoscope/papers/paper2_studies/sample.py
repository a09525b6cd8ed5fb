"""Sections IV B and V: what the crops hold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.statistics import mean
from argoscope.events import TRACK_SHOWER, Event
from argoscope.figures import bare_figure
from argoscope.papers import paper2_published as published
from argoscope.papers.charts import COLOURS, cell
from argoscope.papers.paper2_studies.sizes import SAMPLES, Sizes, crops, said_of_all
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.training.tasks import as_track_shower

__all__ = ["Counts", "counts_of", "find"]

KINDS = {"lepton": (11, 13), "proton": (2212,), "photon": (22,), "charged pion": (211,)}
"""PDG codes of the particles that the paper limits, of either charge."""


class Counts(NamedTuple):
    """What is counted in a crop.

    Parameters
    ----------
    pixels : int
        Of at least 10 PIU.
    background : float
        Share of all pixels that are not.
    shower, track : float
        Share of the pixels with a label.
    primaries : dict of str to int
        Particles generated, of each kind and of all.
    """

    pixels: int
    background: float
    shower: float
    track: float
    primaries: dict[str, int]


def find(context: Context, sizes: Sizes) -> Section:
    """Count pixels, classes and generated particles of the six samples."""
    found = {name: _counted(context, sizes, preset) for name, preset in SAMPLES.items()}
    note = f"{said_of_all(sizes)} Intervals hold 68 %, over events."
    return Section(
        "Sections IV B and V: the crops",
        f"A crop of {published.CROP} x {published.CROP} pixels holds the vertex and, of all windows that do, the most pixels with "
        f"charge; pixels below {published.LEAST_CHARGE:.0f} are dropped. At least {published.BACKGROUND_SHARE:.0%} of the paper's "
        f"pixels are background. Its samples have {published.EVENTS['test']:,} crops each.",
        (_pixels(found, note), _multiplicities(found["test"], note)),
        (_distribution(context, found, note),),
    )


def counts_of(event: Event) -> Counts:
    """Count the one image of an event with true classes."""
    (image,) = as_track_shower(event).images
    seen = image.charge >= published.LEAST_CHARGE
    column = image.label("semantic")
    labels = column.values[seen & column.labelled]
    shower = float((labels == TRACK_SHOWER.index("shower")).mean()) if len(labels) else math.nan
    codes = np.abs(event.particles["pdg"][event.particles["process"] == b"primary"])
    primaries = {name: int(np.isin(codes, wanted).sum()) for name, wanted in KINDS.items()}
    background = 1 - seen.sum() / math.prod(image.grid.shape)
    return Counts(int(seen.sum()), float(background), shower, 1 - shower, {"all": len(codes), **primaries})


def _counted(context: Context, sizes: Sizes, preset: str) -> list[Counts]:
    counts = []
    for event in events_of(sample_file(context, crops(sizes, "test", preset))):
        context.obey()
        counts.append(counts_of(event))
    return counts


def _pixels(found: dict[str, list[Counts]], note: str) -> Table:
    names = ("pixels", "background", "shower", "track")
    rows = tuple(
        (label, *(cell(mean(np.array([getattr(one, name) for one in counts], dtype=float))) for name in names))
        for label, counts in found.items()
    )  # fmt: skip
    columns = ("", "pixels with charge", "share of background", "share of shower", "share of track")
    return Table("Pixels of a crop", columns, rows, note)


def _multiplicities(counts: Sequence[Counts], note: str) -> Table:
    rows: list[tuple[Any, ...]] = []
    for name, (low, high) in published.MULTIPLICITIES.items():
        numbers = np.array([one.primaries[name] for one in counts], dtype=float)
        rows.append((name, cell(mean(numbers)), f"{numbers.min():.0f} to {numbers.max():.0f}", f"{low} to {high}"))  # fmt: skip
    said = f"Preset paper2. The other samples have one lepton and one proton, or a neutrino. {note}"
    return Table(
        "Generated particles of a training event", ("", "mean", "ours", "paper 2"), tuple(rows), said
    )


def _distribution(context: Context, found: dict[str, list[Counts]], note: str) -> Figure:
    figure = bare_figure(6.8, 3.8)
    axes = figure.subplots()
    data = {label: sorted(one.pixels for one in counts) for label, counts in found.items()}
    for colour, (label, pixels) in zip(COLOURS, data.items(), strict=True):
        axes.ecdf(pixels, color=colour, label=label)
    axes.set(xlabel="pixels with charge", ylabel="share of the crops with at most so many", xlim=(0, None))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)
    return context.figure("pixels", "Pixels with charge of a crop", figure, data, note)
