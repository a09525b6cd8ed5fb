"""Noise: three ways of drawing one process agree, and variations leave draws where they were."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import kstest, multivariate_normal

from argoscope.detectors import detector_named
from argoscope.simulation.noise import (
    NoiseField,
    NoiseShape,
    dense_noise,
    next_above,
    peaks,
    shaping_filter,
)
from argoscope.simulation.noisy_planes import Signal, add_noise, rows_around
from argoscope.simulation.response_presets import settings_for

CORRELATED = NoiseShape(1.6, (0.14, 1.0, 0.14))
SLOW = NoiseShape(2.11, (0.05, -0.10, 0.2, 1.0, 0.2, -0.10, 0.05), 0.69, 10.0)
NOTHING = Signal(np.zeros(0, np.int64), np.zeros(0))


def white_correlation(shape: NoiseShape, lag: int) -> float:
    """Correlation of the process by its definition: filter and exponential."""
    taps = np.array(shape.taps) / np.sqrt(np.square(shape.taps).sum())
    white = (taps[lag:] * taps[: len(taps) - lag]).sum() if lag < len(taps) else 0.0
    return float((1 - shape.slow_share) * white + shape.slow_share * np.exp(-lag / shape.slow_rows))


@pytest.mark.parametrize("shape", [CORRELATED, SLOW], ids=["white", "slow"])
def test_dense_noise_has_the_variance_and_correlations_of_its_definition(shape: NoiseShape) -> None:
    """3,000 wires of 640 rows: correlations are good to 0.003."""
    field = dense_noise(shape, 3000, 640, np.random.default_rng(1))
    assert field.std() == pytest.approx(shape.sigma, rel=0.005)
    for lag in range(1, 13):
        found = (field[:, lag:] * field[:, :-lag]).mean() / shape.sigma**2
        assert found == pytest.approx(white_correlation(shape, lag), abs=0.006), lag
    beside = (field[1:] * field[:-1]).mean() / shape.sigma**2
    assert abs(beside) < 0.006  # wires are independent
    ends = field[:, 0].std() / field[:, -1].std()
    assert ends == pytest.approx(1.0, abs=0.06)  # the memory is full from the first row


def test_shaping_filter_has_the_spectrum_of_the_sum() -> None:
    taps, memory = shaping_filter(SLOW)
    omega = np.linspace(0, np.pi, 7)
    phase = np.exp(-1j * omega[:, None] * np.arange(len(taps)))
    got = np.abs(phase @ taps) ** 2 / np.abs(1 - memory * np.exp(-1j * omega)) ** 2
    white = np.array(SLOW.taps) / np.sqrt(np.square(SLOW.taps).sum())
    want = 0.31 * np.abs(np.exp(-1j * omega[:, None] * np.arange(7)) @ white) ** 2
    want = want + 0.69 * (1 - memory**2) / np.abs(1 - memory * np.exp(-1j * omega)) ** 2
    np.testing.assert_allclose(got, 2.11**2 * want, rtol=1e-6)


def test_hashed_noise_is_normal_and_correlated_as_it_should_be() -> None:
    ids = np.arange(200_000)
    values = NoiseField(123, CORRELATED).at(ids)
    assert kstest(values[::3] / 1.6, "norm").pvalue > 0.001  # every third: independent
    assert np.corrcoef(values[1:], values[:-1])[0, 1] == pytest.approx(CORRELATED.lag1, abs=0.01)
    other = NoiseField(124, CORRELATED).at(ids)
    assert abs(np.corrcoef(values, other)[0, 1]) < 0.01


def test_hashed_noise_of_a_pixel_does_not_depend_on_the_others() -> None:
    field = NoiseField(99, CORRELATED)
    whole = field.at(np.arange(500))
    some = np.sort(np.random.default_rng(2).choice(500, 120, replace=False))
    np.testing.assert_array_equal(field.at(some), whole[some])


@pytest.mark.parametrize(("level", "correlation"), [(2.6, 0.27), (3.2, 0.27), (3.2, 0.0), (4.3, 0.08)])
def test_chance_of_the_next_row_is_that_of_the_normal_law(level: float, correlation: float) -> None:
    joint = multivariate_normal(cov=[[1, correlation], [correlation, 1]]).cdf([-level, -level])
    assert next_above(level, correlation) == pytest.approx(joint / ndtr(-level), rel=0.02)


def test_peaks_and_dense_noise_agree() -> None:
    """Same process, two ways: 3,200 peaks each, so counts agree to 5 % (two errors of their ratio)."""
    wires, rows, threshold = 4000, 640, 4.8
    dense = dense_noise(CORRELATED, wires, rows, np.random.default_rng(5))
    found = peaks(CORRELATED, wires * rows, rows, threshold, np.random.default_rng(6))
    on = dense >= threshold
    assert len(found.places) == pytest.approx(on.sum(), rel=0.06)
    both = (on[:, 1:] & on[:, :-1]).sum()
    neighbours = (np.diff(found.places) == 1).sum()
    assert neighbours == pytest.approx(both, abs=4 * np.sqrt(both))
    for percentile in (50, 75, 95):
        assert np.percentile(found.values, percentile) - 4.8 == pytest.approx(
            np.percentile(dense[on], percentile) - 4.8, rel=0.12
        )


def test_peaks_are_as_many_as_the_tail_says_and_end_with_their_wire() -> None:
    """18,600 peaks: 0.7 %. Correlated neighbours (0.34, and none after) must not come on top of them."""
    shape = NoiseShape(1.0, (0.4, 1.0))
    along, apart = (peaks(shape, 4_000_000, run, 2.6, np.random.default_rng(13)).places for run in (500, 1))
    assert len(along) == pytest.approx(4_000_000 * ndtr(-2.6), rel=0.02)
    chance = next_above(2.6, shape.lag1)
    assert chance > 0.03
    assert (np.diff(along) == 1).mean() == pytest.approx(chance, rel=0.1)
    assert (np.diff(apart) == 1).mean() == pytest.approx(float(ndtr(-2.6)), rel=0.4)


def test_a_lower_threshold_keeps_the_peaks_and_adds_to_them() -> None:
    low, high = (peaks(NoiseShape(1.6, (1.0,)), 10**6, 500, t, np.random.default_rng(7)) for t in (4.6, 5.2))
    # Row starts are thinned a little less where neighbours are rarer, so a few peaks move by 1e-3 units.
    kept = np.isin(high.places, low.places)
    assert kept.mean() > 0.98
    assert len(low.places) > 2 * len(high.places)


def test_no_pixels_and_impossible_thresholds_have_no_peaks() -> None:
    assert len(peaks(CORRELATED, 0, 10, 5.0, np.random.default_rng(1)).places) == 0
    assert len(peaks(CORRELATED, 100, 10, 500.0, np.random.default_rng(1)).places) == 0


@pytest.mark.parametrize(("name", "plane"), [("sbnd-2018", 0), ("sbnd-2018", 2), ("microboone", 1)])
def test_noise_of_pixels_far_from_a_change_stays(name: str, plane: int) -> None:
    """A signal somewhere changes no other pixel: differences between variations are paired."""
    detector, settings = detector_named(name), settings_for(name)
    height = detector.grid(plane).shape[1]
    signal = Signal(500 * height + 100 + np.arange(30), np.full(30, 60.0))
    without = add_noise(NOTHING, detector, plane, settings, np.random.default_rng(8))
    with_signal = add_noise(signal, detector, plane, settings, np.random.default_rng(8))
    far_without, far_with = (
        {i: c for i, c in zip(s.ids.tolist(), s.charge, strict=True) if abs(i - signal.ids[15]) > 40}
        for s in (without, with_signal)
    )
    assert far_without == far_with
    assert np.isin(signal.ids, with_signal.ids).all()
    brighter = add_noise(
        signal._replace(charge=signal.charge * 1.1), detector, plane, settings, np.random.default_rng(8)
    )
    difference = (
        brighter.charge[np.isin(brighter.ids, signal.ids)]
        - with_signal.charge[np.isin(with_signal.ids, signal.ids)]
    )
    np.testing.assert_allclose(difference, 6.0, atol=1e-4)  # same noise beneath; dense noise is float32


@pytest.mark.parametrize(("name", "plane"), [("sbnd-2018", 0), ("sbnd-2018", 2), ("microboone", 1)])
def test_pixels_with_signal_have_noise_once(name: str, plane: int) -> None:
    detector, settings = detector_named(name), settings_for(name)
    height = detector.grid(plane).shape[1]
    signal = Signal(np.arange(300 * height, 700 * height), np.ones(400 * height))
    found = add_noise(signal, detector, plane, settings, np.random.default_rng(14))
    assert (np.diff(found.ids) > 0).all()
    assert np.isin(found.ids, signal.ids).sum() > 20


def test_noise_is_the_same_for_the_same_stream_and_scales() -> None:
    detector, settings = detector_named("sbnd-2018"), settings_for("sbnd-2018")
    one, again = (add_noise(NOTHING, detector, 0, settings, np.random.default_rng(9)) for _ in range(2))
    assert one.ids.tobytes() == again.ids.tobytes()
    assert one.charge.tobytes() == again.charge.tobytes()
    assert (
        len(add_noise(NOTHING, detector, 0, replace(settings, noise_scale=0.0), np.random.default_rng(9)).ids)
        == 0
    )
    more = add_noise(NOTHING, detector, 0, replace(settings, noise_scale=1.1), np.random.default_rng(9))
    assert len(more.ids) > 1.5 * len(one.ids)
    assert np.isin(one.ids, more.ids).mean() > 0.98


def test_the_noisy_half_is_the_second_induction_plane() -> None:
    detector, settings = detector_named("sbnd-2018"), settings_for("sbnd-2018")
    for plane in (0, 1):
        rows = add_noise(NOTHING, detector, plane, settings, np.random.default_rng(10)).ids % 1280
        noisy, quiet = ((rows >= 640) == (plane == 0)).sum(), ((rows >= 640) != (plane == 0)).sum()
        assert noisy > 9 * quiet


def test_much_noise_falls_back_to_the_whole_field() -> None:
    """At five times the noise the threshold is below one sigma: half the field would be chains."""
    detector, settings = detector_named("sbnd"), replace(settings_for("sbnd"), noise_scale=5.0)
    found = add_noise(NOTHING, detector, 2, settings, np.random.default_rng(11))
    pixels = 2 * 1664 * 704
    assert len(found.ids) / pixels == pytest.approx(float(ndtr(-5.0 / (5 * 1.39))), rel=0.01)


@pytest.mark.parametrize(
    ("ids", "want"),
    [
        ([], []),
        ([25], [24, 25, 26]),
        ([20], [20, 21]),  # a border of the volume: rows 0 to 9 of columns of 20
        ([29], [28, 29]),
        ([23, 24, 25, 26], [23, 24, 25, 26]),
        ([22, 25], [21, 22, 23, 24, 25, 26]),
        ([22, 24], [21, 22, 23, 24, 25]),
    ],
)
def test_regions_are_made_up_to_their_least_length(ids: list[int], want: list[int]) -> None:
    assert rows_around(np.array(ids, dtype=np.int64), 20, 0, 10, 3).tolist() == want


def test_regions_leave_the_rest_of_the_plane_empty() -> None:
    """Without fakes, nothing stands outside the regions around the signal."""
    detector = detector_named("microboone")
    settings = replace(settings_for("microboone"), fake_roi_density=(0.0, 0.0, 0.0), noise_scale=2.0)
    signal = Signal(np.array([800 * 1008 + 500]), np.array([100.0]))
    found = add_noise(signal, detector, 0, settings, np.random.default_rng(12))
    assert found.ids.size > 1
    assert np.abs(found.ids - signal.ids[0]).max() <= 9
