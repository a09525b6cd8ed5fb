"""Pictures of an evaluation show its numbers where they belong."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.analyses.five_class import DISTANCES, Tally, report
from argoscope.display.five_class_figures import draw_border
from argoscope.events import FIVE_CLASS, Grid, Image, LabelColumn
from argoscope.figures import bare_figure


def border_of(coordinates, truth, predicted, shape=(700, 600)):
    image = Image(
        Grid(shape),
        np.array(coordinates, dtype=np.int32).reshape(-1, 2),
        np.ones(len(truth), dtype=np.float32),
        {"semantic": LabelColumn(np.array(truth, dtype=np.int32), FIVE_CLASS)},
    )
    tally = Tally()
    tally.add(image, np.array(predicted, dtype=np.int32))
    return report(tally)["by_border"]


def points_of(axes):
    """Places and values drawn, by class."""
    return {
        drawn.get_label(): (drawn[0].get_xdata().tolist(), drawn[0].get_ydata().tolist())
        for drawn in axes.containers
    }


def test_a_share_stands_in_the_middle_of_its_distances():
    """Distances 0, 20 (of 16 to 31) and 290, beyond the last edge; half of the second bin is wrong."""
    axes = bare_figure(4, 3).subplots()
    draw_border(axes, border_of([[0, 9], [20, 300], [20, 310], [300, 290]], [1, 1, 1, 1], [0, 0, 1, 1]))
    places, values = points_of(axes)["MIP"]
    assert places == [0.5, 24.0, 1.5 * DISTANCES[-1]]
    assert values == [1.0, 0.5, 0.0]
    assert points_of(axes)["HIP"] == ([], [])
    assert axes.get_ylim()[0] == 0


@pytest.mark.parametrize("pixels", [0, 1])
def test_the_smallest_evaluations_are_drawn(pixels):
    figure = bare_figure(4, 3)
    draw_border(figure.subplots(), border_of([[3, 3]][:pixels], [4][:pixels], [4][:pixels], shape=(5, 9)))
    figure.canvas.draw()
    assert points_of(figure.axes[0])["Michel"] == ([1.5] * pixels, [0.0] * pixels)
