"""Paper 1's figures of an evaluation: what is drawn is what was measured, with nothing to draw too."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.instance_files import event, nothing, truth_itself, with_prediction, write

from argoscope.display.error_bars import error_bars
from argoscope.display.instance_figures import (
    draw_covered,
    draw_distribution,
    draw_event_averages,
    draw_trait,
    save_instance_figures,
)
from argoscope.figures import bare_figure
from argoscope.inference.evaluate_instances import evaluate_instances

NAMES = {
    "event-averages", "per-event", "covered", "curve", "efficiency", "charge-efficiency", "purity", "length", "overlap",
    "dead",
}  # fmt: skip


@pytest.fixture
def axes():
    return bare_figure(4, 3).subplots()


def answer(folder, predict=truth_itself, lengths=(30, 20, 40)):
    return evaluate_instances([write(folder / "a.h5", [with_prediction(event(1, lengths), predict)])])


@pytest.mark.parametrize(("predict", "lengths"), [(truth_itself, (30, 20)), (nothing, (0, 0))])
def test_every_figure_has_a_picture_a_print_and_its_numbers(tmp_path, predict, lengths):
    found = answer(tmp_path, predict, lengths)
    made = save_instance_figures(found, tmp_path / "figures")
    assert {path.stem for path in made} == NAMES
    for name in NAMES:
        assert json.loads((tmp_path / "figures" / f"{name}.json").read_text()) is not None
        assert (tmp_path / "figures" / f"{name}.png").stat().st_size > 2000


def test_shares_of_a_distribution_add_to_one(axes, tmp_path):
    found = answer(tmp_path, lambda truth: truth.take(np.arange(len(truth)) > 0))
    draw_distribution(axes, found["histograms"], "efficiency")
    heights = {patch.get_label(): patch.get_data().values.sum() for patch in axes.patches}
    none = [line.get_ydata()[0] for line in axes.lines[:3]]
    assert heights == pytest.approx({"all, 3": 2 / 3, "cosmic, 2": 1.0, "neutrino, 1": 0.0})
    assert none == pytest.approx([1 / 3, 0.0, 1.0])


def test_covered_interactions_stand_at_their_number(axes):
    number = {"value": 2.5, "low": 2.0, "high": 4.0}
    draw_covered(axes, [{"interactions": 3, "covered_count": number}])
    assert axes.lines[1].get_xydata().tolist() == [[3.0, 2.5]]


def test_event_averages_leave_out_events_without_purity(axes):
    draw_event_averages(axes, [{"efficiency": 0.5, "purity": None}, {"efficiency": 0.25, "purity": 0.75}])
    assert axes.lines[0].get_xydata().tolist() == [[0.25, 0.75]]


def test_bins_of_a_trait_are_named_by_their_edges(axes):
    number = {"value": 0.5, "low": 0.4, "high": 0.7}
    rows = [{"low": 0, "high": 20}, {"low": 1600, "high": None}]
    draw_trait(
        axes,
        [{**row, **dict.fromkeys(("efficiency", "covered", "zero_efficiency"), number)} for row in rows],
        "length",
    )
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0-20", "1600+"]


def test_error_bars_reach_the_ends_and_never_backwards():
    values, lengths = error_bars(
        [
            {"value": 0.5, "low": 0.4, "high": 0.7},
            {"value": 1.0, "low": None, "high": None},
            {"value": 0.2, "low": 0.3, "high": 0.4},
        ]
    )
    assert values.tolist() == [0.5, 1.0, 0.2]
    assert lengths.T.tolist() == pytest.approx(np.array([[0.1, 0.2], [0, 0], [0, 0.2]]))
    assert error_bars([])[1].shape == (2, 0)
