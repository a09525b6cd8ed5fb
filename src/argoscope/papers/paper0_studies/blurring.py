"""Section 7: the blur around tracks that a full balance of the loss makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from argoscope.analyses.cosmic_counts import BLUR_REACH, NEUTRINO, pooled
from argoscope.analyses.cosmic_tagging import report
from argoscope.display.palette import class_colour
from argoscope.events import COSMIC, Image
from argoscope.figures import bare_figure
from argoscope.papers.charts import number_cell
from argoscope.papers.paper0_studies.rows import metric_cells
from argoscope.papers.paper0_studies.sizes import Sizes, reduced
from argoscope.papers.paper0_studies.tagging import tagged_events
from argoscope.papers.paper0_studies.variants import FOCAL, REFERENCE, counted_runs
from argoscope.papers.samples import sample_file
from argoscope.papers.scan import Trained
from argoscope.papers.study import Context, Figure, Section, Table

__all__ = ["busiest", "find"]

LOSSES = {
    REFERENCE: "mild balance: 1, 1.5, 10",
    "no loss balance": "none",
    "full balance": "full balance",
    FOCAL: "focal",
}
"""Networks of table 2 that differ in the loss alone."""
LOOKED_AT = 40
"""Events among which one is drawn."""


def find(context: Context, sizes: Sizes) -> Section:
    """Count predicted pixels around true ones, and draw an event."""
    rows, runs = [], {}
    for name, run, events in counted_runs(context, sizes, tuple(LOSSES)):
        found = report([event.counts for event in events])
        blur = found["blurring"]
        cells = metric_cells(found["paper"])
        rows.append(
            (LOSSES[name], number_cell(blur["cosmic"]), number_cell(blur["neutrino"]), cells[1], cells[2])
        )
        runs[LOSSES[name]] = run
    note = f"{reduced(sizes, 'test').said()}, halved for the network; networks of table 2. Intervals hold 68 %, over events."
    columns = ("loss", "cosmic", "neutrino", "cosmic IoU", "neutrino IoU")
    return Section(
        "Section 7: blurring of the full balance",
        f"Pixels called cosmic (neutrino) on or within {BLUR_REACH} pixels of a true one, over the true ones, all of the "
        "network's pooled images: 1 is sharp, more is a blur. The paper says that more aggressive balances blur, as the pixels "
        "of the background beside a track weigh little; it gives no number.",
        (Table("Predicted over true pixels", columns, tuple(rows), note),),
        (_figure(context, sizes, runs, note),),
    )


def busiest(planes: list[Image]) -> int:
    """The position of the plane with the most pixels of the neutrino.

    Parameters
    ----------
    planes : list of Image
        With true origins.
    """
    return int(np.argmax([int((plane.label("origin").values == NEUTRINO).sum()) for plane in planes]))


def _figure(context: Context, sizes: Sizes, runs: dict[str, Trained], note: str) -> Figure:
    """The plane with the most neutrino pixels of a few events, as every network sees it."""
    path = sample_file(context, reduced(sizes, "test"))
    first = [plane for event in tagged_events(context, None, path, range(min(LOOKED_AT, sizes.test_events)))
             for plane in event.planes]  # fmt: skip
    entry, plane = divmod(busiest(first), 3)
    shown = {"truth": _labels(pooled(first[3 * entry + plane]), "origin")}
    for name, run in runs.items():
        (event,) = tagged_events(context, run.model(), path, range(entry, entry + 1))
        shown[name] = _labels(pooled(event.planes[plane]), "prediction")
    data = {name: {"coordinates": np.argwhere(labels > 0).tolist(), "labels": labels[labels > 0].tolist()}
            for name, labels in shown.items()}  # fmt: skip
    words = f"Entry {entry} of {Path(path).name}, plane {plane}. {note}"
    return context.figure("blurring", "The same plane with each loss", _drawn(shown), data, words)


def _labels(image: Image, kind: Any) -> np.ndarray:
    """Labels of all pixels of an image, those that are not listed or unlabelled as background."""
    column = image.label(kind)
    labels = np.zeros(image.grid.shape, np.int8)
    labels[tuple(image.coordinates.T)] = np.where(column.labelled, column.values, 0)
    return labels


def _drawn(shown: dict[str, np.ndarray]) -> Any:
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    colours = ["white", *(class_colour(COSMIC, COSMIC.index(name)) for name in ("cosmic", "neutrino"))]
    figure = bare_figure(10.5, 5.0)
    panels: Any = figure.subplots(2, 3, sharex=True, sharey=True)
    for axes, (name, labels) in zip(panels.flat, shown.items(), strict=False):
        axes.imshow(
            labels.T, origin="lower", cmap=ListedColormap(colours), vmin=-0.5, vmax=2.5, interpolation="nearest",
            aspect="auto",
        )  # fmt: skip
        axes.set(title=name)
    for axes in panels.flat[len(shown) :]:
        axes.set_axis_off()
    panels[1, 0].set(xlabel="wire, pooled", ylabel="drift, pooled")
    patches = [
        Patch(color=colour, label=name)
        for colour, name in zip(colours[1:], ("cosmic", "neutrino"), strict=True)
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=2, frameon=False)
    return figure
