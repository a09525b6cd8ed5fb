"""Figures 3 and 7, sections 5 and 7: what the simulated sample holds, and what calling all charge cosmic gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.analyses.cosmic_tagging import CLASSICAL, report
from argoscope.analyses.statistics import fraction
from argoscope.display.cosmic_tagging_figures import draw_energies, draw_occupancy
from argoscope.events import COSMIC, Event
from argoscope.figures import bare_figure
from argoscope.papers import paper0_published as published
from argoscope.papers.charts import cell, number_cell
from argoscope.papers.paper0_studies.rows import METRICS, metric_cells, metric_table
from argoscope.papers.paper0_studies.sizes import Sizes, whole
from argoscope.papers.paper0_studies.tagging import counted
from argoscope.papers.paper3_studies.crossings import crossed
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find", "overlaps"]


def find(context: Context, sizes: Sizes) -> Section:
    """Count pixels by label, energies by interaction, overlaps, and the baseline."""
    path = sample_file(context, whole(sizes))
    found = report([event.counts for event in counted(context, None, path)])
    note = f"{whole(sizes).said()}, images halved as the paper's. Intervals hold 68 %, over events."
    shared = [overlaps(event) for event in events_of(path)]
    return Section(
        "Figures 3 and 7, sections 5 and 7: the sample",
        "One third each of nu_e CC, nu_mu CC and NC, over cosmic rays. Overlap: a pixel of the neutrino into which a cosmic "
        "particle put energy too, in at least one plane.",
        (
            _occupancy(found["occupancy"], note),
            Table(
                "Events with overlap", ("", "ours", "paper 0, about"),
                (("share of the events", cell(fraction(sum(shared), len(shared))), published.OVERLAP),),
                note,
            ),
            _baseline(found["baseline_all_cosmic"], note),
        ),
        _figures(context, found, note),
    )  # fmt: skip


def overlaps(event: Event) -> bool:
    """Whether cosmic and neutrino share a pixel of a plane."""
    neutrino = COSMIC.index("neutrino")
    return any(
        bool((crossed(event, image) & (image.label("origin").values == neutrino)).any())
        for image in event.images
    )


def _occupancy(found: dict[str, Any], note: str) -> Table:
    pixels = float(np.prod(published.IMAGE))
    rows = tuple(
        (name, number_cell(found[name]), theirs, found[name]["value"] / pixels)
        for name, theirs in published.OCCUPANCY.items()
    )
    columns = ("pixels of an image", "ours, mean", "paper 0, about", "ours, share")
    return Table("Occupancy by label", columns, rows, note)


def _baseline(found: dict[str, Any], note: str) -> Table:
    """What needs no network: every pixel above 10 cosmic; the paper's estimate for classical reconstruction."""
    conventions = {
        "paper's convention": found,
        "strict": found["strict"],
        "full resolution": found["full_resolution"],
    }
    rows: dict[str, tuple[tuple[Any, ...], None]] = {
        f"all above 10 cosmic, {name}": (metric_cells(block), None) for name, block in conventions.items()
    }
    rows["classical reconstruction, as the paper estimates it"] = (
        tuple(CLASSICAL.get(name) for name in METRICS), None,
    )  # fmt: skip
    table = metric_table("Without a network", rows, note)
    return Table(
        table.title,
        table.columns[: 1 + len(METRICS)],
        tuple(row[: 1 + len(METRICS)] for row in table.rows),
        note,
    )


def _figures(context: Context, found: dict[str, Any], note: str) -> tuple[Figure, Figure]:
    energies, occupancy = bare_figure(6.4, 3.8), bare_figure(6.4, 3.8)
    draw_energies(energies.subplots(), found["events"])
    draw_occupancy(occupancy.subplots(), found["events"])
    neutrinos = [{name: event[name] for name in ("interaction", "energy_gev")} for event in found["events"]]
    pixels = [plane["pixels"] for event in found["events"] for plane in event["planes"]]
    return (
        context.figure("figure3", "Figure 3: energies of the neutrinos", energies, neutrinos, note),
        context.figure(
            "figure7", "Figure 7: pixels by label", occupancy, pixels,
            f"Background is what has charge and no label. The paper: cosmic below 1 %, neutrino below 0.3 % of the pixels. {note}",
        ),
    )  # fmt: skip
