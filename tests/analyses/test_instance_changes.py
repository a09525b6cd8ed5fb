"""Differences of two evaluations of the same events."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.analyses.instance_blocks import METRICS
from argoscope.analyses.instance_changes import paired_changes
from argoscope.errors import InvalidArgument


def rows_of(values, start=0):
    """One row an event, every metric the same."""
    return [
        {"run": 1, "subrun": 0, "event": start + number, **dict.fromkeys(METRICS, value)}
        for number, value in enumerate(values)
    ]


def test_a_constant_gain_is_known_exactly_however_far_events_differ():
    hard = np.random.default_rng(1).uniform(0, 0.8, 40)
    found = paired_changes(rows_of(hard.tolist()), rows_of((hard + 0.1).tolist()))
    for change in found.values():
        assert (change.value, change.low, change.high) == pytest.approx((0.1, 0.1, 0.1))


def test_the_difference_is_that_of_the_two_means_and_turns_with_them():
    before, after = rows_of([0.2, 0.4, 0.9]), rows_of([0.5, 0.3, 0.4])
    forward, backward = paired_changes(before, after)["purity"], paired_changes(after, before)["purity"]
    assert forward.value == pytest.approx(0.4 - 0.5)
    assert (backward.value, backward.low, backward.high) == pytest.approx(
        (-forward.value, -forward.high, -forward.low)
    )
    assert forward.low < forward.value < forward.high


def test_events_with_nothing_to_average_are_left_out_of_that_mean_alone():
    found = paired_changes(rows_of([0.5, None, 0.7]), rows_of([0.5, 0.9, None]))
    assert found["efficiency"].value == pytest.approx((0.5 + 0.9) / 2 - (0.5 + 0.7) / 2)


def test_without_any_number_there_is_no_difference():
    found = paired_changes(rows_of([None, None]), rows_of([0.5, 0.5]))
    assert all(np.isnan(change.value) for change in found.values())
    assert all(np.isnan(change.value) for change in paired_changes([], []).values())


@pytest.mark.parametrize("other", [rows_of([0.5, 0.5], start=1), rows_of([0.5]), rows_of([0.5, 0.5])[::-1]])
def test_other_events_are_refused(other):
    with pytest.raises(
        InvalidArgument, match=r"before \(2 events\) and after \(\d events\) must be of the same"
    ):
        paired_changes(rows_of([0.5, 0.5]), other)
