"""Scores beside the truth, and the temperature that mends them."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.analyses.reliability import (
    BINS,
    ReliabilityTally,
    best_temperature,
    reliability_report,
    tempered,
)
from argoscope.errors import InvalidArgument


def drawn(rng, count, temperature=1.0, classes=3):
    """Scores that are right as often as they say, then made surer or less sure by a temperature."""
    logits = 2 * rng.normal(size=(count, classes))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (honest.cumsum(axis=1) < rng.uniform(size=(count, 1))).sum(axis=1)
    return tempered(honest, temperature), truth


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_was_put_in_is_found(rng, temperature):
    scores, truth = drawn(rng, 40_000, 1 / temperature)
    assert best_temperature(scores, truth) == pytest.approx(temperature, rel=0.03)


def test_a_temperature_changes_no_label_and_one_after_another_multiply(rng):
    scores, _ = drawn(rng, 500)
    assert (tempered(scores, 3.0).argmax(axis=1) == scores.argmax(axis=1)).all()
    np.testing.assert_allclose(tempered(tempered(scores, 3.0), 0.5), tempered(scores, 1.5), rtol=1e-9)
    np.testing.assert_allclose(tempered(scores, 1.0), scores, rtol=1e-9)


def test_honest_scores_lie_on_the_diagonal_and_too_sure_ones_below(rng):
    found = {}
    for name, temperature in (("honest", 1.0), ("sure", 0.4)):
        tally = ReliabilityTally(("a", "b", "c"))
        for _ in range(20):
            tally.add(*drawn(rng, 2000, temperature))
        found[name] = reliability_report(tally)
    assert found["honest"]["ece"]["value"] < 0.01
    assert found["sure"]["ece"]["value"] > 0.1
    assert found["honest"]["likelihood"]["value"] < found["sure"]["likelihood"]["value"]
    for one in found["sure"]["bins"]:
        if one["pixels"] > 500:
            assert one["share"]["value"] < one["score"]


def slow_ece(scores, truth):
    """The definition, bin by bin and pixel by pixel."""
    total = 0.0
    for number in range(BINS):
        inside = [
            (score.max(), score.argmax() == true)
            for score, true in zip(scores, truth, strict=True)
            if number / BINS <= score.max() < (number + 1) / BINS or (number == BINS - 1 and score.max() == 1)
        ]
        if inside:
            told, right = np.mean(inside, axis=0)
            total += len(inside) / len(truth) * abs(told - right)
    return total


def test_the_error_is_its_definition(rng):
    scores, truth = drawn(rng, 400, 0.6)
    scores[:3] = [[1.0, 0.0, 0.0]] * 3
    tally = ReliabilityTally(("a", "b", "c"))
    tally.add(scores[:150], truth[:150])
    tally.add(scores[150:], truth[150:])
    found = reliability_report(tally)
    assert found["ece"]["value"] == pytest.approx(slow_ece(scores, truth))
    assert (found["pixels"], found["events"]) == (400, 2)
    share = np.mean((truth == 1)[(scores[:, 1] >= 1 / BINS) & (scores[:, 1] < 2 / BINS)])
    (one,) = (b for b in found["classes"]["b"]["bins"] if b["low"] == 1 / BINS)
    assert one["share"]["value"] == pytest.approx(share)


def test_an_event_without_pixels_is_borne():
    tally = ReliabilityTally(("a", "b"))
    tally.add(np.zeros((0, 2)), np.zeros(0, int))
    tally.add(np.array([[0.9, 0.1]]), np.array([0]))
    assert reliability_report(tally)["pixels"] == 1


def test_what_cannot_be_calibrated_is_refused():
    with pytest.raises(InvalidArgument, match="no labelled pixel"):
        best_temperature(np.zeros((0, 2)), np.zeros(0, int))
    with pytest.raises(InvalidArgument, match=r"temperature \(=0.0\) must be finite and positive"):
        tempered(np.ones((1, 2)) / 2, 0.0)
