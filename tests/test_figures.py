"""Logarithmic axes have numbers that are read at a glance, whatever they span."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from argoscope.figures import bare_figure, log_axes, print_ticks

ENDS = (0.003, 0.95, 1.44, 1.68, 9.0, 700.0)
"""Pairs of them lie within a decade, beside one, and over many."""


def labels_in_sight(axis):
    """Texts of the numbers of an axis, within its limits."""
    low, high = axis.get_view_interval()
    labels = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
    return [label.get_text() for place, label in labels if low <= place <= high]


@pytest.mark.parametrize("span", list(itertools.combinations(ENDS, 2)))
def test_log_axes_have_plain_numbers_at_every_span(span):
    axes = bare_figure(6, 4).subplots()
    axes.plot(span, span)
    log_axes(axes, "xy")
    for axis in (axes.xaxis, axes.yaxis):
        found = labels_in_sight(axis)
        assert 2 <= len(found) <= 20
        assert [f"{float(text):g}" for text in found] == found
        assert axis.get_minor_formatter()(1.65) == ""


@pytest.mark.parametrize(("along", "scales"), [("x", ("log", "linear")), ("y", ("linear", "log"))])
def test_the_other_axis_stays_as_it_is(along, scales):
    axes = bare_figure(6, 4).subplots()
    axes.plot([1, 5], [1, 5])
    log_axes(axes, along)
    assert (axes.get_xscale(), axes.get_yscale()) == scales


def test_ticks_are_printed_inwards_on_all_sides_and_pictures_are_left_alone():
    figure = bare_figure(8, 4)
    curve, words, picture, left = figure.subplots(1, 4)
    curve.plot([1, 5], [1, 5])
    words.bar(["a", "b"], [1, 2])
    picture.imshow(np.eye(3))
    right = left.twinx()
    right.plot([1, 2], [3, 4])
    print_ticks(figure)
    for axis, far in ((curve.xaxis, "top"), (curve.yaxis, "right")):
        assert axis.get_tick_params()["direction"] == "in"
        assert axis.get_tick_params()[far]
        assert len(axis.get_minorticklocs())
    assert words.yaxis.get_tick_params()["direction"] == "in"
    assert not len(words.xaxis.get_minorticklocs())
    for axes in (picture, left, right):
        assert "direction" not in axes.xaxis.get_tick_params()
