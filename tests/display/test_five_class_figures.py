"""Pictures of an evaluation show its numbers where they belong."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from argoscope.analyses.five_class import DISTANCES, Tally, report
from argoscope.display.five_class_figures import ASIDE, draw_border, draw_energies
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
    assert places == pytest.approx(
        [one / ASIDE for one in (0.5, 24.0, 1.5 * DISTANCES[-1])]
    )  # MIP, left of shower
    assert values == [1.0, 0.5, 0.0]
    assert set(points_of(axes)) == {"MIP"} == {text.get_text() for text in axes.get_legend().get_texts()}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "16-31", "256+"]
    assert axes.get_ylim()[0] == 0


def test_the_legend_lies_over_no_point_and_no_distance_over_another():
    figure = bare_figure(6.4, 5)
    axes = figure.subplots()
    everywhere = [[distance, 300] for distance in DISTANCES]
    draw_border(axes, border_of(everywhere, [0, 1, 2, 3, 4] * 2, [4] * 10))
    figure.canvas.draw()
    legend, panel = axes.get_legend().get_window_extent(), axes.get_window_extent()
    assert figure.bbox.y1 >= legend.y0 >= panel.y1
    labels = [label.get_window_extent() for label in axes.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in pairwise(labels))


@pytest.mark.parametrize("pixels", [0, 1])
def test_the_smallest_evaluations_are_drawn(pixels):
    figure = bare_figure(4, 3)
    draw_border(figure.subplots(), border_of([[3, 3]][:pixels], [4][:pixels], [4][:pixels], shape=(5, 9)))
    figure.canvas.draw()
    assert points_of(figure.axes[0]) == ({"Michel": ([1.5 * ASIDE**2], [0.0])} if pixels else {})


@pytest.mark.parametrize("charges", [(3e5, 7e6, 9e4), (3e5, 4e5), (0.0, 5.0), ()])
def test_accuracies_stand_at_the_charge_of_their_events(charges):
    figure = bare_figure(4, 3)
    axes = figure.subplots()
    tally = Tally()
    for charge in charges:
        image = Image(
            Grid((4, 4)), np.zeros((1, 2), np.int32), np.array([charge], np.float32),
            {"semantic": LabelColumn(np.array([1], np.int32), FIVE_CLASS)},
        )  # fmt: skip
        tally.add(image, np.array([1], np.int32))
    draw_energies(axes, report(tally)["by_energy"] if charges else [], "PIU")
    figure.canvas.draw()
    [(places, values)] = points_of(axes).values()
    assert places == sorted(charges)
    assert values == [1.0] * len(charges)
    assert axes.get_xlabel() == "charge of the event, PIU"
    assert axes.get_xscale() == ("log" if charges == (3e5, 7e6, 9e4) else "linear")
