"""What several trainings of paper 2 have in common: their curves, and the rows of their tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from argoscope.figures import bare_figure
from argoscope.papers.charts import COLOURS
from argoscope.papers.paper2_studies.sizes import PREPARATION
from argoscope.papers.scan import Trained
from argoscope.papers.study import Context, Figure
from argoscope.training.log import read_log

__all__ = ["curves"]


def curves(context: Context, name: str, title: str, runs: Mapping[str, Trained], note: str) -> Figure:
    """Loss and ICPF of the validation against the step, as figure 5 has them.

    Parameters
    ----------
    context : Context
    name : str
        Of the file.
    title : str
    runs : mapping of str to Trained
        By what the curve is.
    note : str
    """
    figure = bare_figure(9.5, 3.8)
    loss, icpf = figure.subplots(1, 2)
    data: dict[str, Any] = {}
    for colour, (label, run) in zip(COLOURS, runs.items(), strict=False):
        rows = read_log(run.folder / "validation.csv")
        data[label] = {key: [float(row[key]) for row in rows] for key in ("step", "loss", "icpf_mean")}
        for axes, key in ((loss, "loss"), (icpf, "icpf_mean")):
            axes.plot(
                data[label]["step"], data[label][key], "o-", color=colour, markersize=3.5, linewidth=1.4, label=label
            )  # fmt: skip
    loss.set(xlabel="step", ylabel="loss of the validation", yscale="log")
    icpf.set(xlabel="step", ylabel="ICPF of the validation")
    icpf.set_ylim(bottom=0)
    for axes in (loss, icpf):
        axes.grid(alpha=0.25)
    icpf.legend(frameon=False, fontsize=8)
    words = (
        f"Losses are means over pixels of at least {PREPARATION.least:.0f} with weight 1, so that trainings of different weights "
        f"compare. {note}"
    )
    return context.figure(name, title, figure, data, words)
