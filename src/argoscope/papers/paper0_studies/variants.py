"""Table 2 and figure 8: the reference network and its variants, trained on the same events, tested on the same events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from argoscope.analyses.cosmic_tagging import changes, report
from argoscope.figures import bare_figure
from argoscope.papers import paper0_published as published
from argoscope.papers.charts import COLOURS, cell
from argoscope.papers.paper0_studies.rows import METRICS, PAPERS, Theirs, metric_cells
from argoscope.papers.paper0_studies.sizes import Sizes, dense_recipe, reduced
from argoscope.papers.paper0_studies.tagging import Counted, counted, matrices
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import Recipe, Trained, trained
from argoscope.papers.study import Context, Figure, Section, Table
from argoscope.training.log import read_log

__all__ = ["FOCAL", "REFERENCE", "counted_runs", "find", "recipes"]

REFERENCE = "multi-plane U-ResNet"
FOCAL = "focal loss"
"""The paper announces it, and its program has it since; no row of table 2."""
GAMMA = 2.0
"""Exponent of the program's focal loss."""
TITLE = "Table 2: variants of the network and its training"


def recipes(sizes: Sizes) -> dict[str, Recipe]:
    """The training of each row of table 2 and of the focal loss."""
    changed: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        REFERENCE: ({}, {}),
        "concatenated connections": ({"join": "concatenate"}, {}),
        "cross-plane blocked": ({"blocked": True}, {}),
        "batch size x 2": ({}, {"batch": 2 * sizes.batch}),
        "convolutional upsampling": ({"upsampling": "transposed"}, {}),
        "half the filters": ({"filters": sizes.filters // 2}, {}),
        "no loss balance": ({}, {"weighting": "none"}),
        "larger learning rate": ({}, {"rate": 10 * sizes.rate}),
        "non residual": ({"residual": False}, {}),
        "Adam": ({}, {"optimizer": "adam"}),
        "full balance": ({}, {"weighting": "even"}),
        FOCAL: ({}, {"weighting": "none", "gamma": GAMMA}),
    }
    return {name: dense_recipe(sizes, network, **change) for name, (network, change) in changed.items()}


def counted_runs(
    context: Context, sizes: Sizes, names: tuple[str, ...]
) -> Iterator[tuple[str, Trained, list[Counted]]]:
    """Some of the networks, trained if they are not, and what is counted of the test events."""
    wanted = recipes(sizes)
    for name in names:
        run = trained(context, wanted[name])
        yield name, run, counted(context, run.model(), sample_file(context, reduced(sizes, "test")))


def find(context: Context, sizes: Sizes) -> Section:
    """Train and test every variant."""
    rows, gains, numbers = [], [], {}
    first: list[Counted] = []
    for name, run, events in counted_runs(context, sizes, tuple(recipes(sizes))):
        found = report([event.counts for event in events])["paper"]
        theirs: Theirs = published.TABLE_2.get(name, (None,) * len(METRICS))
        rows.append((name, *metric_cells(found), *theirs))
        first = first or events
        change = changes(matrices(first), matrices(events))
        gains.append(
            (name, *(cell(change[metric]) for metric in METRICS), _papers_change(name), f"{run.seconds:.0f}")
        )
        numbers[name] = {metric: found[metric] for metric in METRICS}
    note = _note(sizes)
    return Section(
        TITLE,
        _words(sizes),
        (
            Table("Table 2", ("", *METRICS.values(), *PAPERS), tuple(rows), note),
            Table(
                "Change against the reference network", ("", *METRICS.values(), "paper 0, mean IoU", "seconds of training"), tuple(gains),
                f"{note} Of the same events, so that a change is better known than each number.",
            ),
        ),
        (_bars(context, numbers, note), _figure8(context, sizes)),
    )  # fmt: skip


def _papers_change(name: str) -> float | None:
    """Mean IoU of a row of table 2 less that of the reference network; None for a row that is not there."""
    row = published.TABLE_2.get(name)
    return None if row is None else row.mean_iou - published.TABLE_2[REFERENCE].mean_iou


def _words(sizes: Sizes) -> str:
    batch = 2 * sizes.batch
    return (
        "Each row changes one thing in the reference network or its training; all are trained on the same events for as many "
        f"steps, one event at a time, so that batches of {batch} see twice as many events. Numbers are means over the planes of "
        "the test events, in the paper's convention; pixels without charge count too. The last row has no counterpart in the "
        "paper, which announces the focal loss for later."
    )


def _note(sizes: Sizes) -> str:
    side = 2 * sizes.reduced
    return (
        f"{reduced(sizes, 'test').said()}, halved for the network: a pixel is {side} x {side} of the detector's. Networks of "
        f"{sizes.filters} filters and {sizes.depth} downsamplings, RMSprop at {sizes.rate:g}, {sizes.steps} steps of {sizes.batch} of "
        f"{sizes.train_events} events. Intervals hold 68 %, over events; chance in the training is not in them."
    )


def _bars(context: Context, numbers: dict[str, Any], note: str) -> Figure:
    """Mean IoU of each row, ours beside the paper's."""
    figure = bare_figure(8.5, 3.8)
    panels: Any = figure.subplots(1, 2, sharey=True)
    names = list(numbers)[::-1]
    for axes, title, values in (
        (panels[0], "ours", {name: numbers[name]["mean_iou"] for name in names}),
        (panels[1], "paper 0", {name: {"value": row.mean_iou} for name, row in published.TABLE_2.items()}),
    ):
        for at, name in enumerate(names):
            number = values.get(name)
            if number is None:
                continue
            low, high = (number.get(end, number["value"]) for end in ("low", "high"))
            error = [[max(number["value"] - low, 0)], [max(high - number["value"], 0)]]
            axes.errorbar(
                number["value"],
                at,
                xerr=error,
                fmt="o",
                color=COLOURS[0 if title == "ours" else 1],
                capsize=2,
            )
        reference = values[REFERENCE]["value"]
        axes.axvline(reference, color="0.4", linewidth=0.8, linestyle="--")
        axes.set(title=title, xlabel="mean IoU")
        axes.grid(alpha=0.25)
    panels[0].set_yticks(range(len(names)), names)
    words = f"Dashed: the reference network. The two have scales of their own. {note}"
    return context.figure("table2", "Table 2 as a picture", figure, numbers, words)


def _figure8(context: Context, sizes: Sizes) -> Figure:
    """Metrics of the validation along the training of the reference network."""
    run = trained(context, recipes(sizes)[REFERENCE])
    log = read_log(run.folder / "validation.csv")
    data = {name: [float(row[name]) for row in log] for name in ("step", *METRICS, "loss")}
    figure = bare_figure(7.2, 3.6)
    axes = figure.subplots()
    for colour, (name, title) in zip(COLOURS, METRICS.items(), strict=False):
        axes.plot(data["step"], data[name], "o-", color=colour, markersize=3.5, linewidth=1.4, label=title)
    axes.set(xlabel="step", ylabel="mean over images", ylim=(0, 1))
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)
    note = (
        f"{REFERENCE}; {sizes.validation_events} validation events, pixels with charge at the resolution of the file, where a "
        "plane with nothing to count is left out."
    )
    return context.figure("figure8", "Figure 8: metrics along the training", figure, data, note)
