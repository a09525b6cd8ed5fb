"""Logarithmic axes have numbers that are read at a glance, whatever they span."""

from __future__ import annotations

import itertools

import pytest

from argoscope.figures import bare_figure, log_axes

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
