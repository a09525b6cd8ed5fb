"""Figures 6, 8 and 9: how evenly the scores of an image's pixels rise in training, dense and sparse, in 2D."""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.analyses.confusion import rates
from argoscope.analyses.five_class import Tally
from argoscope.analyses.statistics import Estimate, mean
from argoscope.display.palette import class_colour
from argoscope.events import FIVE_CLASS, Event
from argoscope.figures import bare_figure, log_axes
from argoscope.models.weights import Model
from argoscope.papers.charts import cell
from argoscope.papers.evaluation import answers
from argoscope.papers.paper4_studies.sizes import Sizes, recipe_of, sample_of
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.scan import Trained, trained
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.papers.tables import stacked

__all__ = ["find"]

SHOWER, MIP = FIVE_CLASS.index("shower"), FIVE_CLASS.index("MIP")
MOST_EVENTS = 100
"""Test events of figure 6."""


def find(context: Context, sizes: Sizes) -> Section:
    """Train both networks in 2D, keep their weights along the way, and look at the scores."""
    runs = {
        name: trained(
            context,
            recipe_of(
                sizes, sizes.plane, {"extends": network, "dimensions": 2, "filters": sizes.image_filters},
                steps=sizes.plane_steps, batch=sizes.plane_batch, snapshots=sizes.snapshots,
            ),
        )
        for name, network in (("sparse", "paper4"), ("dense", "paper4-dense"))
    }  # fmt: skip
    sample = sample_of(sizes, sizes.plane, "test")
    events = list(events_of(sample_file(context, sample), MOST_EVENTS))
    deviations = {
        name: [_deviation(run.model(step), events, sizes.plane_batch) for step in sizes.snapshots]
        for name, run in runs.items()
    }
    note = (
        f"{f'the first {len(events)} of ' if len(events) < sample.events else ''}{sample.said()}; 5-{sizes.image_filters}, batch {sizes.plane_batch}. Intervals "
        "hold 68 %, over events."
    )
    shown = _crossing_first(events)[: sizes.plane_batch]
    reduced = (
        "" if sizes.plane.window == 0 else f" Windows of {sizes.plane.side} px and a quarter of the width."
    )
    return Section(
        "Figures 6, 8, 9: scores along the training, in 2D",
        "Figure 6 is the standard deviation, over the pixels of an image that are called shower, of the shower score, mean over "
        "events. The paper finds that of the dense network much larger until they meet after about 1,000 steps. Figures 8 "
        f"and 9 show the scores of one event.{reduced}",
        (_table(runs, events, sizes.plane_batch, note),),
        (
            _figure6(context, sizes, deviations, note),
            *(
                _maps(context, run, shown, name=name, number=figure)
                for figure, name, run in ((8, "dense", runs["dense"]), (9, "sparse", runs["sparse"]))
            ),
        ),
    )


def _deviation(model: Model, events: list[Event], batch: int) -> Estimate:
    """Deviation of the shower score over an image's pixels called shower, mean over events."""
    spreads = [
        float(answer.scores[answer.labels == SHOWER, SHOWER].std())
        for answer in answers(model, events, batch=batch)
        if (answer.labels == SHOWER).sum() > 1
    ]
    return mean(np.array(spreads))


def _crossing_first(events: list[Event]) -> list[Event]:
    """The events by the smaller of their numbers of MIP and shower pixels: both are to be seen in the first."""

    def smaller(event: Event) -> int:
        values = event.images[0].label("semantic").values
        return int(min((values == MIP).sum(), (values == SHOWER).sum()))

    return sorted(events, key=smaller, reverse=True)


def _table(runs: dict[str, Trained], events: list[Event], batch: int, note: str) -> Table:
    rows = []
    for name, run in runs.items():
        tally = Tally()
        for answer in answers(run.model(), events, batch=batch):
            tally.add(answer.event.images[0], answer.labels)
        found = rates(stacked(tally), pooled=False)
        rows.append((name, cell(found.accuracy), found.spread, f"{run.seconds:.0f}"))
    return Table(
        "2D: non-zero accuracy; the paper gives none",
        ("", "accuracy", "deviation", "seconds"),
        tuple(rows),
        note,
    )


def _figure6(context: Context, sizes: Sizes, deviations: dict[str, list[Estimate]], note: str) -> Figure:
    figure = bare_figure(5.4, 3.4)
    axes = figure.subplots()
    for (name, found), colour in zip(deviations.items(), ("#0072b2", "#d5480c"), strict=True):
        axes.fill_between(
            sizes.snapshots, [e.low for e in found], [e.high for e in found], color=colour, alpha=0.15
        )
        axes.plot(sizes.snapshots, [e.value for e in found], "o-", color=colour, markersize=4, label=name)
    axes.set(xlabel="step", ylabel="deviation of the shower score")
    log_axes(axes, "x")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False)
    data = {
        "steps": list(sizes.snapshots),
        **{name: [estimate.to_json() for estimate in found] for name, found in deviations.items()},
    }
    return context.figure(
        "figure6", "Figure 6: deviation of the score of pixels called shower", figure, data, note
    )


def _maps(context: Context, run: Trained, events: list[Event], *, name: str, number: int) -> Figure:
    """Scores of showers and MIPs of the first event at the snapshots, on the pixels that truly are of the class."""
    event = events[0]
    steps = _five(run.recipe.snapshots)
    image = event.images[0]
    truth = image.label("semantic").values
    figure = bare_figure(2.1 * (1 + len(steps)), 4.5)
    grid: Any = figure.subplots(2, 1 + len(steps), squeeze=False)
    colours = [class_colour(FIVE_CLASS, int(value)) for value in truth]
    scores: dict[int, Any] = {}
    for column, step in enumerate(steps, start=1):
        found = next(answers(run.model(step), events, batch=len(events)))
        scores[step] = found.scores.tolist()
        for row, kind in enumerate((SHOWER, MIP)):
            here = truth == kind
            points = image.coordinates[here]
            drawn = grid[row][column].scatter(
                points[:, 0], points[:, 1], c=found.scores[here, kind], s=3, marker="s", vmin=0, vmax=1,
                cmap="viridis", linewidths=0,
            )  # fmt: skip
            grid[row][column].set_title(f"step {step}", fontsize=9)
    top, bottom = grid[0][0], grid[1][0]
    bottom.scatter(
        *image.coordinates.T, c=np.log1p(image.charge), s=3, marker="s", cmap="viridis_r", linewidths=0
    )
    top.scatter(*image.coordinates.T, c=colours, s=3, marker="s", linewidths=0)
    top.set_title("true classes", fontsize=9)
    bottom.set_title("charge", fontsize=9)
    for axes in grid.flat:
        axes.set(
            xlim=(0, image.grid.shape[0]), ylim=(0, image.grid.shape[1]), xticks=[], yticks=[], aspect="equal"
        )
    figure.colorbar(drawn, ax=grid[:, -1].tolist(), label="score of the true class", shrink=0.7)
    data = {
        "event": list(event.id), "coordinates": image.coordinates.tolist(), "truth": truth.tolist(),
        "classes": list(FIVE_CLASS.classes), "scores": scores,
    }  # fmt: skip
    return context.figure(
        f"figure{number}", f"Figure {number}: {name} network, scores of true shower pixels (top) and MIP pixels (bottom)",
        figure, data, f"Event {event.id.event}; blue MIP, green shower, red HIP, yellow delta, wine Michel.",
    )  # fmt: skip


def _five(steps: tuple[int, ...]) -> tuple[int, ...]:
    """Up to five of the steps, ends included."""
    picked = np.unique(np.linspace(0, len(steps) - 1, min(5, len(steps))).round().astype(int))
    return tuple(steps[k] for k in picked)
