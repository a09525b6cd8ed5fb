"""Tables II and III, figures 8, 9 and 16: stopping muons and neutral pions, in a detector as it is and otherwise.

The paper compares data with simulation. There are no data here: simulation is
compared with itself under eight variations of the detector, the particles of
every row the same, so that changes are paired.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.track_shower import Tally, changes, report
from argoscope.events.charge_scale import peak_values
from argoscope.figures import bare_figure, log_axes
from argoscope.papers import paper2_published as published
from argoscope.papers.charts import COLOURS, cell
from argoscope.papers.paper2_studies.rows import WORDS, cells
from argoscope.papers.paper2_studies.sizes import Sizes
from argoscope.papers.paper2_studies.subjects import subject_for, tallied
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.simulation.detector_variations import EIGHT_VARIATIONS

__all__ = ["CHANGES", "HAND", "Hand", "find", "hand_sample"]


class Hand(NamedTuple):
    """A sample that physicists labelled by hand: its table and figure, the paper's numbers, what stands in its place.

    That is a preset, of which events without a Michel electron of `michel` pixels are left out.
    """

    table: str
    figure: int
    errors: tuple[published.Errors, ...]
    preset: str
    michel: int = 0


MICHEL_PIXELS = 10
"""Of a Michel electron that a physicist would see [E]; the paper says no number."""
HAND = {
    "stopping muons with Michel electrons": Hand("II", 8, published.MICHEL, "paper2-michel", MICHEL_PIXELS),
    "neutral pions": Hand("III", 16, published.CC_PI0, "paper2-ccpi0"),
}
"""By what they show."""
CHANGES = EIGHT_VARIATIONS
"""By the name of the variation."""
DRAWN = ("central", "wire response", "recombination", "noise")
"""Those that figures 8, 9 and 16 show; the tables have all."""
PEAK_EDGES = np.arange(0.0, 301.0, 5.0)
"""Of the peak values of figure 9, in PIU."""


def hand_sample(sizes: Sizes, preset: str) -> Sample:
    """The events that stand for a sample labelled by hand."""
    (michel,) = (hand.michel for hand in HAND.values() if hand.preset == preset)
    return Sample(preset=preset, use="test", events=sizes.hand_events, michel=michel)


def find(context: Context, sizes: Sizes) -> Section:
    """Count mistakes in both samples, in the central detector and in each variation."""
    subject = subject_for(context, sizes)
    tables, figures = [], []
    for name, hand in HAND.items():
        central = hand_sample(sizes, hand.preset)
        samples = {"central": central, **{k: replace(central, vary=v) for k, v in CHANGES.items()}}
        tallies = {k: tallied(context, subject.model, sample) for k, sample in samples.items()}
        note = f"{subject.how} {central.said()}. Intervals hold 68 %, over events; those of changes are of paired differences."
        tables += [_papers_table(name, hand), _our_table(name, hand, tallies, note)]
        figures.append(_scores(context, name, hand, tallies, note))
        if hand.figure == 8:
            drawn = {k: samples[k] for k in DRAWN if k in samples}
            figures.append(_peaks(context, drawn, central.said()))
    return Section(
        "Tables II and III, figures 8, 9 and 16: simulation against simulation",
        "The paper's tables compare data with simulation, and the labels of physicists with those of the simulation. Here "
        "are no data and no physicist's labels: both samples are simulated by argoscope without cosmic rays, the muons kept that "
        f"show a Michel electron of at least {MICHEL_PIXELS} pixels; labels are the "
        "simulation's, and the place of the data is taken by eight variations of the detector. So our central row compares with "
        "the third of the paper's rows, and our changes with how far its data and simulation are apart.",
        tuple(tables),
        tuple(figures),
    )


def _papers_table(name: str, hand: Hand) -> Table:
    rows = tuple((words, *errors) for words, errors in zip(published.LABELLED, hand.errors, strict=True))
    title = f"Table {hand.table}, {name}: paper 2's {published.EVENTS['hand']} images each"
    return Table(title, ("", *WORDS.values()), rows)


def _our_table(name: str, hand: Hand, tallies: dict[str, Tally], note: str) -> Table:
    rows: list[tuple[Any, ...]] = [("central", "", *cells(report(tallies["central"])), None)]
    for label, vary in CHANGES.items():
        change = changes(tallies["central"], tallies[label])["icpf_mean"]
        rows.append((label, " ".join(vary), *cells(report(tallies[label])), cell(change)))
    columns = ("", "--vary", *WORDS.values(), "change of the ICPF mean")
    return Table(f"Table {hand.table}, {name}: ours", columns, tuple(rows), note)


def _scores(context: Context, name: str, hand: Hand, tallies: dict[str, Tally], note: str) -> Figure:
    """Distributions of the ICPF and of the scores of true shower and true track pixels."""
    figure = bare_figure(13, 3.8)
    panels: Any = figure.subplots(1, 3)
    data: dict[str, Any] = {}
    for label, colour in zip(DRAWN, COLOURS, strict=False):
        if label not in tallies:
            continue
        answer = report(tallies[label])
        data[label] = {"icpf": answer["distribution"], "scores": answer["scores"]}
        drawn = (
            (answer["distribution"]["images"], answer["distribution"]["edges"]),
            *((answer["scores"][kind], answer["scores"]["edges"]) for kind in ("shower", "track")),
        )
        for axes, (counts, edges) in zip(panels, drawn, strict=True):
            axes.stairs(np.array(counts) / max(sum(counts), 1), edges, color=colour, label=label)
    for axes, words in zip(
        panels,
        ("(a) ICPF of the image", "(b) shower score of shower pixels", "(c) track score of track pixels"),
        strict=True,
    ):
        axes.set(xlabel=words, ylabel="share")
        if axes.dataLim.y1 > 0:
            log_axes(axes, "y")
    panels[0].set_xlim(0, max(map(_last_edge, data.values())))
    panels[0].legend(frameon=False, fontsize=8)
    return context.figure(
        f"figure{hand.figure}", f"Figure {hand.figure}: errors and scores, {name}", figure, data, note
    )


def _last_edge(drawn: dict[str, Any]) -> float:
    """End of the last bin of the ICPF that holds an image."""
    filled = np.flatnonzero(drawn["icpf"]["images"])
    return float(drawn["icpf"]["edges"][filled.max(initial=0) + 1])


def _peaks(context: Context, samples: dict[str, Sample], said: str) -> Figure:
    """Peak values by the 3-pixel peak finder."""
    figure = bare_figure(6.4, 3.8)
    axes = figure.subplots()
    data: dict[str, Any] = {"edges": PEAK_EDGES.tolist()}
    medians: dict[str, float] = {}
    for (label, sample), colour in zip(samples.items(), COLOURS, strict=False):
        events = events_of(sample_file(context, sample))
        peaks = np.concatenate([peak_values(image) for event in events for image in event.images])
        counts = np.histogram(peaks, PEAK_EDGES)[0]
        medians[label] = float(np.median(peaks)) if len(peaks) else float("nan")
        axes.stairs(
            counts / max(counts.sum(), 1), PEAK_EDGES, color=colour, label=f"{label}, median {medians[label]:.1f}"
        )  # fmt: skip
        data[label] = {"counts": counts.tolist(), "median": medians[label]}
    axes.axvline(published.LEAST_CHARGE, color="0.4", linewidth=0.8, linestyle="--")
    axes.set(xlabel="peak value (PIU)", ylabel="share of the peaks", xlim=(0, PEAK_EDGES[-1]))
    axes.legend(frameon=False, fontsize=8)
    low, high = published.PEAK_SHIFT
    note = (
        f"A peak is a pixel that is higher than the ones before and after it in time. The paper's data and simulation are {low:.0%} "
        f"to {high:.0%} apart. Dashed: the threshold. {said}, and the same varied."
    )
    return context.figure("figure9", "Figure 9: peak values of stopping muons", figure, data, note)
