"""Section 5.1, figures 15 to 17: neutrinos and cosmic rays apart, and what is called a neutrino."""

from __future__ import annotations

from functools import partial
from typing import Any

from argoscope.analyses import veto
from argoscope.analyses.instances import PAPER_1
from argoscope.display.instance_figures import draw_distribution
from argoscope.papers.charts import number_cell
from argoscope.papers.paper1_studies.panels import panels
from argoscope.papers.paper1_studies.predictions import evaluated, vetoed
from argoscope.papers.paper1_studies.rows import metric_table
from argoscope.papers.paper1_studies.sizes import PRESETS, Sizes, whole
from argoscope.papers.paper1_studies.subjects import subject_for
from argoscope.papers.samples import sample_file
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find"]

CLASSES = ("neutrino", "cosmic")
FIGURES = {"efficiency": 15, "charge_efficiency": 16, "purity": 17}
"""Number of the paper's figure of each quantity."""


def find(context: Context, sizes: Sizes) -> Section:
    """Measure each class, and identification by positive."""
    model, how = subject_for(context, sizes)
    answer = evaluated(context, model, sample_file(context, whole(sizes)))
    positive = vetoed(context, model, sizes, extra_vetoes=False)["positive"]
    note = f"{how} {whole(sizes).said()}. Intervals hold 68 %, over events."
    return Section(
        "Section 5.1, figures 15 to 17: neutrinos and cosmic rays apart",
        "True and predicted interactions of one class are kept before anything is computed, as in the paper: a cosmic ray that "
        "is called a neutrino has purity 0, and a neutrino that is called cosmic has efficiency 0. Identification by positive "
        "takes what is called a neutrino. In events that have one the paper's network is right in 78 of 100; but there are "
        f"{1 / veto.RATIOS['nue']:,.0f} events without a neutrino for each with an electron neutrino (table 3), and what is "
        "called a neutrino there is always wrong. So the paper goes the other way (study veto).",
        (_classes(answer, note), _energies(answer, note), _positive(positive, sizes, how)),
        (_figure(context, answer, note),),
    )


def _classes(answer: dict[str, Any], note: str) -> Table:
    found = {name: answer["classes"][name] for name in CLASSES if name in answer["classes"]}
    theirs = PAPER_1["sparse"]["classes"]
    return metric_table(
        "By class, per event and pooled",
        {f"{name}, {block['events']} events": block for name, block in found.items()}
        | {f"{name}, pooled": block["pooled"] for name, block in found.items()},
        {f"paper 1, {name}": theirs[name] for name in CLASSES},
        f"{note} The paper's are averages over interactions, as ours are where pooled.",
    )


def _energies(answer: dict[str, Any], note: str) -> Table:
    rows = tuple(
        (
            f"{row['low']:g} and more" if row["high"] is None else f"{row['low']:g} to {row['high']:g}",
            row["instances"],
            *(number_cell(row[name]) for name in ("efficiency", "covered", "zero_efficiency")),
        )
        for row in answer["by_energy"]
    )
    columns = ("neutrino energy, MeV", "neutrinos", "efficiency", "covered", "nothing found")
    return Table("Neutrinos by energy, found as neutrinos", columns, rows, note)


def _positive(positive: dict[str, Any], sizes: Sizes, how: str) -> Table:
    words = {
        "in_neutrino_events": "predictions called neutrino that lie on one, in neutrino events",
        "with_offbeam": "the same, events without neutrino counted in the ratio of table 3",
        "event_efficiency": "neutrino events in which anything is called a neutrino",
        "event_rejection": "events without neutrino in which nothing is called a neutrino",
    }
    published = positive["published"]
    rows = tuple((words[name], number_cell(positive[name]), published.get(name)) for name in words)
    said = "; ".join(whole(sizes, sample).said() for sample in PRESETS)
    note = f"{how} {said}. Intervals hold 68 %: bootstrap over events, Clopper-Pearson for shares of events."
    return Table("Identification by positive", ("share of the", "ours", "paper 1"), rows, note)


def _figure(context: Context, answer: dict[str, Any], note: str) -> Figure:
    histograms = {name: answer["histograms"][name] for name in CLASSES if name in answer["histograms"]}
    numbers = ", ".join(map(str, FIGURES.values()))
    return panels(
        context, "figure15", f"Figures {numbers}: efficiency, charge efficiency and purity by class",
        [partial(draw_distribution, histograms=histograms, quantity=quantity) for quantity in FIGURES],
        data=histograms, note=note,
    )  # fmt: skip
