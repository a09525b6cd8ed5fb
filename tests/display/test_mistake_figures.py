"""The gallery of worst events: what its panels show."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.display.mistake_figures import PALE, draw_gallery, save_mistake_figures
from argoscope.events import FIVE_CLASS
from argoscope.figures import bare_figure


def worst_of(dimensions):
    """Four pixels along the last axis, of which the second is mistaken."""
    pixels = np.zeros((4, dimensions), int)
    pixels[:, -1] = np.arange(4) * 7
    return {
        "event": 5, "plane": 0, "right": 0.75, "mistakes": [], "charge": [1.0, 2.0, 3.0, 4.0],
        "coordinates": pixels.tolist(), "truth": [1, 1, 1, 1], "predicted": [1, 0, 1, 1],
    }  # fmt: skip


@pytest.mark.parametrize(("dimensions", "title"), [(2, "charge, event 5, plane 0"), (3, "charge, event 5")])
def test_what_is_mistaken_stands_out_and_classes_are_named(dimensions, title):
    figure = bare_figure(9, 3)
    draw_gallery(figure, [worst_of(dimensions)])
    figure.canvas.draw()  # points in space have their colours then
    charge, _, predicted = figure.axes
    assert (charge.get_title(), predicted.get_title()) == (title, "prediction, 75.0% right")
    assert predicted.get_xlabel() == ("wire" if dimensions == 2 else "x")
    (drawn,) = predicted.collections
    strong = (1 - drawn.get_facecolor()[:, :3]).max(axis=1) > PALE
    assert strong.sum() == 1
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(FIVE_CLASS.classes)


def test_without_an_event_to_show_there_is_no_gallery(tmp_path):
    answer = {"by_border": [], "by_energy": [], "by_length": [], "worst": []}
    made = {path.name for path in save_mistake_figures(answer, tmp_path)}
    assert made == {
        f"{name}.{kind}"
        for name in ("border", "particle-energy", "particle-length")
        for kind in ("png", "pdf")
    }
    assert "worst.png" not in {path.name for path in tmp_path.iterdir()}
