"""Draw docs/figures/learning.png: validation of the shipped five-class models while they were trained.

python docs/figures/learning.py

The numbers, docs/figures/learning.csv, are the files `validation.csv` of the trainings, steps counted on.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

from argoscope.display.palette import class_colour
from argoscope.events import FIVE_CLASS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLES = {
    "five-class-3d": "five-class-3d: 512 px; from 10,000 also 192 px; from 26,000 with neutrons",
    "five-class-2d": "five-class-2d: MicroBooNE planes; other weights from step 6,000",
}


def draw_model(axes: Axes, rows: list[dict[str, str]]) -> None:
    """Accuracy against steps, overall with its interval and by class, a line a phase."""
    for phase in sorted({row["phase"] for row in rows}):
        part = [row for row in rows if row["phase"] == phase]
        steps = [int(row["step"]) for row in part]
        axes.fill_between(
            steps,
            [float(row["low"]) for row in part],
            [float(row["high"]) for row in part],
            color="0.5",
            alpha=0.4,
            lw=0,
        )
        axes.plot(steps, [float(row["accuracy"]) for row in part], color="black", lw=1.8, label="all")
        for number, name in enumerate(FIVE_CLASS.classes):
            axes.plot(
                steps,
                [float(row[name]) for row in part],
                color=class_colour(FIVE_CLASS, number),
                lw=1,
                label=name,
            )
    axes.set(xlabel="step", ylabel="accuracy in validation", ylim=(0.0, 1.0))
    axes.set_title(TITLES[rows[0]["model"]], fontsize=9)


def main() -> None:
    """Read the numbers, draw the picture."""
    folder = Path(__file__).parent
    with (folder / "learning.csv").open() as file:
        rows = list(csv.DictReader(file))
    figure, panels = plt.subplots(1, 2, figsize=(11, 4), layout="constrained", sharey=True)
    for axes, model in zip(panels, TITLES, strict=True):
        draw_model(axes, [row for row in rows if row["model"] == model])
    handles, labels = panels[0].get_legend_handles_labels()
    panels[0].legend(handles[:6], labels[:6], fontsize=8, loc="lower right")
    figure.savefig(folder / "learning.png", dpi=110)


if __name__ == "__main__":
    main()
