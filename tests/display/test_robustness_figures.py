"""Curves of robustness as pictures: what is drawn where, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.display.robustness_figures import draw_changes, draw_curve, save_robustness_figures
from argoscope.figures import bare_figure

NAMES = ("accuracy", "michel_id_efficiency")


def number(value, width=0.01):
    return {"value": value, "low": value - width, "high": value + width}


def curve_of(name, values):
    points = [
        {
            "value": value,
            "metrics": {metric: number(0.9 - 0.1 * row) for metric in NAMES},
            "change": {metric: number(-0.1 * row) for metric in NAMES},
        }
        for row, value in enumerate(values)
    ]
    return {"name": name, "points": points}


def drawn(axes):
    """Places and values by name."""
    return {one.get_label(): one[0].get_xydata() for one in axes.containers}


@pytest.mark.parametrize(("part", "first"), [("metrics", 0.9), ("change", 0.0)])
def test_metrics_and_changes_stand_beside_their_value(part, first):
    axes = bare_figure(4, 3).subplots()
    draw_curve(axes, curve_of("threshold", ["1", "2", "4"]), NAMES, part, unit="PIU")
    found = drawn(axes)
    assert set(found) == {"accuracy", "Michel ID efficiency"}
    for places in found.values():
        np.testing.assert_allclose(places[:, 0], [1, 2, 4], atol=0.05)
        np.testing.assert_allclose(places[:, 1], [first, first - 0.1, first - 0.2], atol=1e-9)
    # The two lie beside each other, so that both intervals are seen.
    assert (found["accuracy"][:, 0] < found["Michel ID efficiency"][:, 0]).all()
    assert axes.get_xlabel() == "threshold, PIU"


def test_variations_with_names_have_rows():
    axes = bare_figure(4, 3).subplots()
    draw_changes(axes, curve_of("paper3", ["noise", "diffusion"]), NAMES)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["noise", "diffusion"]
    np.testing.assert_allclose(drawn(axes)["accuracy"][:, 0], [0.0, -0.1], atol=1e-9)


@pytest.mark.parametrize("known", [True, False])
def test_numbers_that_are_none_make_no_picture(known, tmp_path):
    nothing = {"value": None, "low": None, "high": None}
    answer = {
        "averaging": dict.fromkeys(NAMES, "pooled"),
        "central": {"accuracy": number(0.9), "michel_id_efficiency": number(0.8) if known else nothing},
        "curves": [curve_of("gain", ["1", "1.1"]), curve_of("paper3", ["noise"])],
        "charge_unit": "PIU",
    }
    save_robustness_figures(answer, tmp_path)
    wanted = {"gain", "gain-change", "paper3"}
    wanted |= {"gain-michel", "gain-michel-change", "paper3-michel"} if known else set()
    assert {path.stem for path in tmp_path.glob("*.png")} == wanted
