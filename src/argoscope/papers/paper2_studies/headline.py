"""Table I with figures 6 and 7: finished weights on the six samples."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.track_shower import report
from argoscope.display.track_shower_figures import draw_distribution, draw_errors
from argoscope.figures import bare_figure
from argoscope.papers import paper2_published as published
from argoscope.papers.paper2_studies.rows import WORDS, beside, cells
from argoscope.papers.paper2_studies.sizes import SAMPLES, Sizes, crops, said_of_all
from argoscope.papers.paper2_studies.subjects import Subject, subjects_of, tallied, what_is_missing
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find"]

FIGURE_7 = (
    ("1e1p", "opening_angle_deg", "(a) 1e1p: opening angle [degrees]"),
    ("1e1p-LE", "lepton_mev", "(b) 1e1p-LE: electron [MeV]"),
    ("1e1p-LE", "proton_mev", "(c) 1e1p-LE: proton [MeV]"),
)
"""Sample, variable and words of each panel."""


def find(context: Context, sizes: Sizes) -> Section:
    """Evaluate each finished model on the six samples."""
    tables: list[Table] = []
    figures: list[Figure] = []
    for subject in subjects_of(context, sizes):
        found = {
            name: report(tallied(context, subject.model, crops(sizes, "test", preset)))
            for name, preset in SAMPLES.items()
        }
        note = f"{subject.how} {said_of_all(sizes)} Intervals hold 68 %, over events."
        tables += [_plain(subject, found, note), _weighted(subject, found, note)]
        figures += [_figure6(context, subject, found["test"], note), _figure7(context, subject, found, note)]
    said = (
        "ICPF: share of an image's pixels above the threshold that are called anything but what they are, its mean over "
        "images, and what 90 % of the images do not exceed. Shower (track) error: share of an image's shower (track) pixels "
        "that are called the other, averaged over images that have any. In the weighted numbers each particle of an image, "
        "and what lies at its vertex, counts the same."
    )
    missing = what_is_missing(context)
    return Section(
        "Table I, figures 6 and 7: the six samples",
        f"{missing}\n\n{said}" if missing else said,
        tuple(tables),
        tuple(figures),
    )


def _plain(subject: Subject, found: dict[str, Any], note: str) -> Table:
    heads = [text for words in WORDS.values() for text in (words, "paper 2")]
    rows = tuple((name, *beside(found[name], published.TABLE_I[name])) for name in SAMPLES)
    return Table(f"{subject.name}: table I", ("", *heads), rows, note)


def _weighted(subject: Subject, found: dict[str, Any], note: str) -> Table:
    rows = tuple((name, *cells(found[name]["weighted"])) for name in SAMPLES)
    title = f"{subject.name}: every particle counts the same"
    return Table(title, ("", *WORDS.values()), rows, f"The paper has no such numbers. {note}")


def _figure6(context: Context, subject: Subject, answer: dict[str, Any], note: str) -> Figure:
    figure = bare_figure(6.2, 4.0)
    draw_distribution(figure.subplots(), answer)
    name = subject.name
    return context.figure(
        f"figure6-{name}", f"Figure 6: ICPF of the test sample, {name}", figure, answer["distribution"], note
    )


def _figure7(context: Context, subject: Subject, found: dict[str, Any], note: str) -> Figure:
    figure = bare_figure(13, 4.2)
    data = {}
    for axes, (sample, variable, words) in zip(figure.subplots(1, len(FIGURE_7)), FIGURE_7, strict=True):
        rows = found[sample][f"by_{variable}"]
        draw_errors(axes, rows, words)
        if legend := axes.get_legend():
            legend.remove()
        data[f"{sample} {variable}"] = rows
    figure.legend(
        handles=axes.get_legend_handles_labels()[0], loc="outside upper center", ncols=3, frameon=False
    )
    name = subject.name
    said = f"The paper's ICPF comes near {published.PROTON_50_MEV:.0%} for protons of 50 MeV. {note}"
    return context.figure(
        f"figure7-{name}", f"Figure 7: against angle and energies, {name}", figure, data, said
    )
