"""Intervals: against tables and scipy, and as often right as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from argoscope.analyses.statistics import LEVEL, Estimate, bootstrap, fraction, mean
from argoscope.errors import InvalidArgument


@pytest.mark.parametrize(
    ("passed", "total", "low", "high"),
    [
        # Clopper-Pearson at 95 %, four digits: 1 - 0.025 ** (1 / 10) for none of ten, and its mirror.
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (5, 10, 0.1871, 0.8129),
        (1, 20, 0.0013, 0.2487),
    ],
)
def test_intervals_of_the_tables(passed, total, low, high):
    got = fraction(passed, total, level=0.95)
    assert (round(got.low, 4), got.value, round(got.high, 4)) == (low, passed / total, high)


@pytest.mark.parametrize("total", [1, 7, 40])
@pytest.mark.parametrize("level", [LEVEL, 0.9])
def test_every_interval_is_scipys(total, level):
    for passed in range(total + 1):
        want = binomtest(passed, total).proportion_ci(level, method="exact")
        got = fraction(passed, total, level=level)
        assert (got.low, got.high) == pytest.approx((want.low, want.high), abs=1e-9)


def test_a_fraction_is_covered_at_least_as_often_as_said():
    """The sum of the chances of all results whose interval holds the truth."""
    total = 25
    intervals = [fraction(passed, total) for passed in range(total + 1)]
    for truth in np.linspace(0.01, 0.99, 99):
        held = [passed for passed, e in enumerate(intervals) if e.low <= truth <= e.high]
        assert binom.pmf(held, total, truth).sum() >= LEVEL


@pytest.mark.parametrize(("passed", "total"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(passed, total):
    with pytest.raises(InvalidArgument, match=rf"passed \(={passed}\) must be from 0 to total \(=3\)"):
        fraction(passed, total)


def test_no_trial_has_no_fraction():
    assert fraction(0, 0).to_json() == {"value": None, "low": None, "high": None}


def test_the_interval_of_a_mean_holds_it_as_often_as_said():
    """600 samples of 50 normal numbers; 2 % is one deviation, and a bootstrap falls 1 % short at 50."""
    rng = np.random.default_rng(11)
    found = [mean(rng.normal(3.0, 2.0, 50)) for _ in range(600)]
    assert np.mean([e.low <= 3.0 <= e.high for e in found]) == pytest.approx(LEVEL, abs=0.06)
    widths = [e.high - e.low for e in found]
    # Two standard errors wide: the bootstrap's is the root of 49 / 50 of it.
    assert np.mean(widths) == pytest.approx(2 * 2.0 / np.sqrt(50), rel=0.03)


def test_a_wider_level_gives_a_wider_interval():
    values = np.random.default_rng(2).normal(size=60)
    one, two = mean(values), mean(values, level=0.95)
    assert two.low < one.low < one.value == two.value < one.high < two.high


def test_what_is_no_number_is_left_out():
    values = np.array([1.0, 2.0, 4.0])
    assert mean(np.array([1.0, np.nan, 2.0, np.inf, 4.0])) == mean(values)
    assert np.isnan(mean(np.array([np.nan])).value)


def test_one_event_gives_no_interval():
    """Drawn again and again it is always itself: that says nothing of how sure the number is."""
    assert mean(np.array([5.0, np.nan])).to_json() == {"value": 5.0, "low": None, "high": None}
    assert mean(np.array([5.0, 5.0])) == Estimate(5.0, 5.0, 5.0)


def test_the_bootstrap_resamples_events_whole():
    """A statistic that each resample fulfils shows what is given: counts that add up to the events."""
    seen = []

    def of(counts):
        seen.append(counts)
        return np.column_stack([counts.sum(1), np.full(len(counts), np.nan)])

    total, undefined = bootstrap(of, 6)
    assert (total.low, total.value, total.high) == (6.0, 6.0, 6.0)
    assert np.isnan([undefined.value, undefined.low, undefined.high]).all()
    drawn = np.concatenate(seen)
    assert (drawn[0] == 1).all()
    assert (drawn == drawn.round()).all()
    assert drawn[1:].mean() == pytest.approx(1.0)
    assert bootstrap(of, 6, seed=1) == bootstrap(of, 6, seed=1) or np.isnan(undefined.value)
