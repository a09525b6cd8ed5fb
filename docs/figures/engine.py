"""Draw docs/figures/engine.png: what a tile of a submanifold convolution reads, and why it is fast.

python docs/figures/engine.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle

from argoscope.benchmarks._sites import tracks
from argoscope.sparse import SiteIndex

SHAPE = (22, 30)
TILE = range(20, 32)
INK, LIGHT, OUT, READ = "#3b4252", "#d8dee9", "#bf616a", "#5e81ac"


def draw_sites(axes: plt.Axes, index: SiteIndex) -> None:
    """Left: sites numbered in sorted order, one tile of output rows, the sites it reads at one offset."""
    table = index.neighbours(3).table
    upper = table[1, TILE.start : TILE.stop]  # offset (-1, 0): the wire before
    for row, (wire, tick) in enumerate(index.coordinates):
        colour = OUT if row in TILE else READ if row in upper else LIGHT
        axes.add_patch(Rectangle((tick, wire), 1, 1, facecolor=colour, edgecolor="white"))
        axes.text(
            tick + 0.5,
            wire + 0.5,
            row,
            ha="center",
            va="center",
            fontsize=4.5,
            color="white" if colour != LIGHT else INK,
        )
    axes.set(xlim=(0, SHAPE[1]), ylim=(SHAPE[0], 0), xlabel="tick", ylabel="wire", aspect="equal")
    axes.set_title(
        "Sites in sorted order: a tile of output rows (red)\nand what it reads one wire up (blue)", fontsize=8
    )


def draw_block(axes: plt.Axes) -> None:
    """Right: the block of sums that stays in registers."""
    axes.set(xlim=(0, 13), ylim=(9, 0), aspect="equal")
    axes.axis("off")
    for row in range(6):
        axes.add_patch(Rectangle((0.3, 1.8 + row), 3, 0.8, facecolor=READ, alpha=0.35 + 0.1 * (row % 3)))
        axes.add_patch(Rectangle((7.2, 1.8 + row), 2.4, 0.8, facecolor=OUT, alpha=0.75))
        axes.add_patch(Rectangle((9.7, 1.8 + row), 2.4, 0.8, facecolor=OUT, alpha=0.75))
    axes.add_patch(Rectangle((1.4, 1.7), 0.35, 6.1, fill=False, edgecolor=INK))
    for column in (3.8, 5.2):
        axes.add_patch(Rectangle((column, 3.3), 1.3, 3, facecolor=LIGHT))
    axes.text(1.8, 1.3, "features of the\npairs' input rows", ha="center", fontsize=7)
    axes.text(5.15, 2.9, "weight[offset]", ha="center", fontsize=7)
    axes.text(9.65, 1.3, "sums, in registers:\n12 rows x 2 vectors", ha="center", fontsize=7)
    axes.text(6.85, 4.9, "=", fontsize=12)
    axes.text(3.45, 4.9, "·", fontsize=12)
    axes.text(
        6.2,
        8.6,
        "one number of each row times two vectors of weights, channel after channel",
        ha="center",
        fontsize=7,
    )


def main() -> None:
    """Write the figure beside this script."""
    sites = tracks(SHAPE, 110, seed=4, thickness=2)
    index = SiteIndex.from_coordinates(sites, shape=SHAPE)
    assert np.diff(index.keys).min() > 0
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), gridspec_kw={"width_ratios": (1.2, 1)})
    draw_sites(left, index)
    draw_block(right)
    figure.tight_layout()
    figure.savefig(Path(__file__).with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
