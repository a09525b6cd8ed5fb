"""Figures of cosmic tagging show the numbers of the evaluation."""

from __future__ import annotations

import json

import numpy as np
import pytest

from argoscope.display import cosmic_tagging_figures as figures
from argoscope.figures import bare_figure


def number(value, width=0.1):
    return {
        "value": value,
        "low": None if value is None else value - width,
        "high": None if value is None else value + width,
    }


@pytest.fixture
def axes():
    return bare_figure(4, 3).subplots()


def plane(cosmic, neutrino, charged=500, whole=10_000):
    return {"pixels": {"charged": charged, "cosmic": cosmic, "neutrino": neutrino, "all": whole}}


EVENTS = [
    {"interaction": "nue", "energy_gev": 0.7, "planes": [plane(100, 10), plane(200, 0)]},
    {"interaction": "nue", "energy_gev": 2.2, "planes": [plane(100, 40)]},
    {"interaction": "nc", "energy_gev": 1.1, "planes": [plane(50, 5)]},
    {"interaction": "cosmic", "energy_gev": None, "planes": [plane(300, 0)]},
]
ROWS = [
    {"interaction": kind, "low_gev": low, "high_gev": high, "iou_cosmic": number(0.9), "iou_neutrino": number(value)}
    for kind, low, high, value in [("nue", 0.0, 0.5, 0.4), ("nue", 5.0, None, 0.8), ("nc", 0.5, 1.0, 0.3)]
]  # fmt: skip
POINTS = [
    {
        "least_pixels": least,
        "efficiency": {"nue": number(1 - least / 300), "numu": number(None), "nc": number(0.4)},
        "cosmic_rejection": number(least / 200),
    }
    for least in (1, 100, 200)
]
SELECTION = {"roc": POINTS, "published": {"nue": 0.9, "numu": 0.8, "nc": 0.4, "cosmic_rejection": 0.9}}
METRICS = {name: number(0.5 + 0.1 * k) for k, name in enumerate(figures.METRICS)}
TAGGING = {
    **dict.fromkeys(("paper", "strict", "full_resolution"), METRICS),
    "baseline_all_cosmic": {**METRICS, "iou_neutrino": number(0.0)},
    "events": EVENTS,
    "by_energy": ROWS,
}


def lines(axes):
    """Data of the drawn points, by label."""
    handles, labels = axes.get_legend_handles_labels()
    return {
        label: handle.lines[0].get_xydata()
        for handle, label in zip(handles, labels, strict=True)
        if hasattr(handle, "lines")
    }


def test_every_neutrino_has_its_energy_and_cosmic_events_none(axes):
    figures.draw_energies(axes, EVENTS)
    assert set(axes.get_legend_handles_labels()[1]) == {"$\\nu_e$ CC, 2", "NC, 1"}
    assert axes.get_xlim()[1] > 2.2


def test_an_image_without_a_label_is_counted_in_words(axes):
    figures.draw_occupancy(axes, EVENTS)
    assert "neutrino (2 images without)" in axes.get_legend_handles_labels()[1]
    counts = {patch.get_label(): patch for patch in axes.patches}
    assert len(counts) == 3


def test_each_metric_of_each_convention_is_a_point(axes):
    figures.draw_metrics(axes, TAGGING)
    drawn = lines(axes)
    assert set(drawn) == {"paper's convention", "strict", "full resolution", "all above 10 cosmic"}
    np.testing.assert_allclose(drawn["strict"][:, 1], [0.5, 0.6, 0.7, 0.8, 0.9])
    assert drawn["all above 10 cosmic"][3, 1] == 0


def test_iou_stands_at_the_middle_of_its_energies(axes):
    figures.draw_iou(axes, ROWS)
    drawn = lines(axes)
    np.testing.assert_allclose(drawn["$\\nu_e$ CC, neutrino"], [[0.25, 0.4], [6.25, 0.8]])
    np.testing.assert_allclose(drawn["NC, cosmic"], [[0.75, 0.9]])
    assert not any("mu" in label for label in drawn)


def test_the_roc_shows_each_kind_that_is_there_and_table_3_of_all(axes):
    figures.draw_roc(axes, SELECTION)
    labels = axes.get_legend_handles_labels()[1]
    assert sum("table 3" in label for label in labels) == 3
    np.testing.assert_allclose(lines(axes)["$\\nu_e$ CC"][:, 1], [0.005, 0.5, 1.0])
    assert "$\\nu_\\mu$ CC" not in labels


def test_figures_without_events_are_drawn_too(axes):
    figures.draw_energies(axes, [])
    figures.draw_iou(axes, [])
    figures.draw_roc(axes, {**SELECTION, "roc": []})


def test_figures_are_files_with_their_numbers(tmp_path):
    made = figures.save_tagging_figures(TAGGING, tmp_path / "new")
    assert {path.name for path in made} == {
        f"{name}.{kind}" for name in ("energies", "occupancy", "metrics", "iou") for kind in ("png", "pdf")
    }
    assert all(path.stat().st_size > 1000 for path in made)
    assert json.loads((tmp_path / "new" / "iou.json").read_text()) == ROWS
    figures.save_selection_figures(SELECTION, tmp_path / "new")
    assert json.loads((tmp_path / "new" / "roc.json").read_text()) == POINTS
