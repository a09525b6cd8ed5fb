"""Figures 10 and 17: pixel values scaled by 0.75 to 1.25."""

from __future__ import annotations

from typing import Any

from argoscope.display.robustness_figures import draw_curve
from argoscope.figures import bare_figure
from argoscope.inference.robustness import GAINS, robustness
from argoscope.papers import paper2_published as published
from argoscope.papers.paper2_studies.hand_samples import HAND, hand_sample
from argoscope.papers.paper2_studies.rows import WORDS
from argoscope.papers.paper2_studies.sizes import Sizes
from argoscope.papers.paper2_studies.subjects import Subject, subjects_of
from argoscope.papers.samples import sample_file
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["find"]

NUMBERS = ("icpf_mean", "shower_error", "track_error")
"""What is followed."""
FIGURES = dict(zip(HAND, (10, 17), strict=True))
"""Number of the paper's figure."""
TASK = "track-shower"


def find(context: Context, sizes: Sizes) -> Section:
    """Scale the pixel values of both samples, and count again."""
    subjects = [subject for subject in subjects_of(context, sizes) if subject.model.card.task == TASK]
    size, most = published.GAIN_CHANGE
    tables, figures = [], []
    for subject in subjects:
        for name, hand in HAND.items():
            context.obey()
            sample = hand_sample(sizes, hand.preset)
            context.report(f"scaling {sample.name}", 0, 1)
            answer = robustness(
                str(sample_file(context, sample)), model=str(subject.model.path), curves=[GAINS], events=sample.events
            )  # fmt: skip
            note = f"{subject.how} {sample.said()}. Intervals hold 68 %, over events; those of changes are of paired differences."
            (curve,) = answer["curves"]
            tables.append(_table(subject, name, curve, note))
            figures.append(_figure(context, subject, name, curve, note))
    return Section(
        "Figures 10 and 17: scaled pixel values",
        f"The paper scales the pixel values of its data, and sees the ICPF change by less than {most:.0%} (absolute) where they "
        f"are scaled by {size:.0%}. Ours are simulated, as in tables II and III. Pixels that a factor below 1 brings under the "
        "smallest charge that the network reads are not counted: the tables say how many are left."
        + ("" if subjects else " The models that were named are of another task: nothing was scaled."),
        tuple(tables),
        tuple(figures),
    )


def _table(subject: Subject, name: str, curve: dict[str, Any], note: str) -> Table:
    rows = []
    for point in curve["points"]:
        found = [(n["value"], n["low"], n["high"]) for n in (point["metrics"][key] for key in NUMBERS)]
        change = point["change"]["icpf_mean"]
        rows.append(
            (point["value"], point["pixels"], *found, (change["value"], change["low"], change["high"]))
        )
    columns = ("scaled by", "pixels", *(WORDS[key] for key in NUMBERS), "change of the ICPF mean")
    return Table(f"{subject.name}: {name}", columns, tuple(rows), note)


def _figure(context: Context, subject: Subject, name: str, curve: dict[str, Any], note: str) -> Figure:
    figure = bare_figure(6.0, 4.0)
    axes = figure.subplots()
    draw_curve(axes, curve, NUMBERS)
    axes.set(xlabel="factor on the pixel values", ylabel="mean over images")
    axes.set_ylim(bottom=0)
    number, model = FIGURES[name], subject.name
    title = f"Figure {number}: {name}, {model}"
    return context.figure(f"figure{number}-{model}", title, figure, curve, note)
