"""Figures of tracks and showers show the numbers of the evaluation."""

from __future__ import annotations

import json

import numpy as np
import pytest

from argoscope.display import track_shower_figures as figures
from argoscope.figures import bare_figure


def number(value, width=0.05):
    ends = (None, None) if value is None else (value - width, value + width)
    return {"value": value, "low": ends[0], "high": ends[1]}


def row(low, high, icpf, shower, track):
    return {"low": low, "high": high, "images": 7, "icpf_mean": number(icpf), "shower_error": number(shower), "track_error": number(track)}  # fmt: skip


ANSWER = {
    "icpf_mean": number(0.11),
    "icpf_90": number(0.25),
    "distribution": {"edges": [0.0, 0.1, 0.2, 0.3, 1.0], "images": [300, 1, 2, 0]},
    "scores": {"edges": [0.0, 0.5, 1.0], "shower": [1, 3], "track": [0, 0]},
    "by_opening_angle_deg": [row(0, 20, 0.2, 0.3, 0.1), row(160, 180, 0.1, None, 0.05)],
    "by_lepton_mev": [row(1000, None, 0.2, 0.3, 0.1)],
    "by_proton_mev": [],
}
NOTHING = {**ANSWER, "icpf_mean": number(None), "icpf_90": number(None), "distribution": {"edges": [0.0, 1.0], "images": [0]}, "scores": {"edges": [0.0, 1.0], "shower": [0], "track": [0]}}  # fmt: skip


@pytest.fixture
def axes():
    return bare_figure(4, 3).subplots()


def test_the_distribution_has_its_mean_and_quantile_and_ends_where_images_end(axes):
    figures.draw_distribution(axes, ANSWER)
    np.testing.assert_array_equal(axes.patches[0].get_data().values, [300, 1, 2, 0])
    assert axes.get_legend_handles_labels()[1] == ["mean 0.110", "90 % quantile 0.250"]
    assert axes.get_xlim() == (0, 0.3)


def test_each_error_stands_in_its_bin(axes):
    rows = ANSWER["by_opening_angle_deg"]
    figures.draw_errors(axes, rows, "angle")
    handles, labels = axes.get_legend_handles_labels()
    drawn = {label: handle.lines[0].get_xydata() for label, handle in zip(labels, handles, strict=True)}
    assert list(drawn) == ["ICPF", "shower pixels called track", "track pixels called shower"]
    np.testing.assert_allclose(drawn["ICPF"][:, 1], [0.2, 0.1])
    np.testing.assert_allclose(drawn["shower pixels called track"][:, 1], [0.3, np.nan])
    for points in drawn.values():
        assert all(one["low"] < x < one["high"] for one, x in zip(rows, points[:, 0], strict=True))


def test_scores_are_shares_of_the_pixels_there_are(axes):
    figures.draw_scores(axes, ANSWER["scores"])
    assert axes.get_legend_handles_labels()[1] == ["shower pixels (4): shower score"]
    np.testing.assert_allclose(axes.patches[0].get_data().values, [0.25, 0.75])


def test_an_evaluation_without_pixels_is_drawn_too(axes):
    figures.draw_distribution(axes, NOTHING)
    figures.draw_scores(axes, NOTHING["scores"])
    figures.draw_errors(axes, [], "nothing")
    axes.figure.canvas.draw()


def test_figures_are_files_with_their_numbers(tmp_path):
    made = figures.save_track_shower_figures(ANSWER, tmp_path / "new")
    names = {"icpf", "scores", "opening_angle_deg", "lepton_mev"}
    assert {path.name for path in made} == {f"{name}.{kind}" for name in names for kind in ("png", "pdf")}
    assert json.loads((tmp_path / "new" / "lepton_mev.json").read_text()) == ANSWER["by_lepton_mev"]
