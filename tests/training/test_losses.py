"""Losses are their formulas, pixel by pixel, with all gradients, however a batch is cut."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from argoscope.training.losses import divisor, pixel_losses, reduced

REDUCTIONS = ("event-sum", "event-mean", "image-mean", "pixel-sum", "pixel-mean")
TOLERANCE = {"rtol": 0.0, "atol": 1e-12}
"""Double precision leaves the rounding of a few hundred additions of order 1."""


def slow_pixel(scores, label, gamma):
    """-(1 - p)^gamma log p of one pixel, as written."""
    chance = torch.exp(scores[label]) / sum(torch.exp(score) for score in scores)
    return -((1 - chance) ** gamma) * torch.log(chance)


def slow_loss(scores, labels, weights, images, count, reduction, gamma):
    """The module's table, one pixel after the other."""
    costs = [w * slow_pixel(s, k, gamma) for s, k, w in zip(scores, labels, weights, strict=True)]
    if reduction.startswith(("pixel", "image")):
        total = sum(costs, torch.zeros((), dtype=torch.float64))
        total = total / count if reduction == "image-mean" else total
        return total / float(sum(weights)) if reduction == "pixel-mean" and costs else total
    total = torch.zeros((), dtype=torch.float64)
    for image in range(count):
        here = [row for row in range(len(costs)) if images[row] == image]
        pixels = sum(1 for row in here if weights[row] != 0)
        for row in here:
            total = total + (costs[row] / pixels if pixels else 0.0)
    return total / count if reduction == "event-mean" else total


def batch(pixels, seed=0, count=4):
    """Scores, labels, weights (some of them 0) and images; the last image has no pixel."""
    rng = np.random.default_rng(seed)
    scores = torch.from_numpy(rng.normal(scale=2.0, size=(pixels, 5))).requires_grad_()
    labels = torch.from_numpy(rng.integers(0, 4, pixels))  # one class is missing
    weights = torch.from_numpy(rng.uniform(0.2, 3.0, pixels) * (rng.random(pixels) < 0.8))
    images = torch.from_numpy(np.sort(rng.integers(0, count - 1, pixels)))
    return scores, labels, weights, images, count


@pytest.mark.parametrize("pixels", [0, 1, 37])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_loss_and_gradient_are_the_definition(reduction, gamma, pixels):
    scores, labels, weights, images, count = batch(pixels)
    whole = divisor(weights, count, reduction) or 1.0
    got = reduced(pixel_losses(scores, labels, gamma), weights, images, count, reduction) / whole
    want = slow_loss(scores, labels, weights, images, count, reduction, gamma)
    assert_close(got, want, **TOLERANCE)
    if pixels:
        one, other = (torch.autograd.grad(value, scores, retain_graph=True)[0] for value in (got, want))
        assert_close(one, other, **TOLERANCE)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_parts_of_a_batch_add_up_to_the_whole(reduction):
    scores, labels, weights, images, count = batch(50, seed=3)
    losses = pixel_losses(scores, labels)
    whole = reduced(losses, weights, images, count, reduction)
    total, share = torch.zeros((), dtype=torch.float64), 0.0
    for image in range(count):
        here = images == image
        total = total + reduced(losses[here], weights[here], torch.zeros_like(images[here]), 1, reduction)
        share += divisor(weights[here], 1, reduction)
    assert_close(total, whole, **TOLERANCE)
    assert share == pytest.approx(divisor(weights, count, reduction), abs=1e-12)


@pytest.mark.parametrize("gamma", [0.3, 1.0, 2.0])
def test_a_pixel_that_is_certainly_right_has_a_finite_slope(gamma):
    """The root of 0 has none: an event that is learned by heart must not end the training."""
    scores = torch.tensor([[200.0, 0.0], [0.0, 0.1]], requires_grad=True)
    pixel_losses(scores, torch.tensor([0, 0]), gamma).sum().backward()
    assert scores.grad.isfinite().all()
    assert not scores.grad[0].any()


def test_half_precision_scores_cost_in_single():
    scores = torch.zeros(3, 5, dtype=torch.bfloat16)
    losses = pixel_losses(scores, torch.tensor([0, 1, 4]))
    assert losses.dtype == torch.float32
    assert losses.tolist() == pytest.approx([math.log(5)] * 3, rel=1e-6)
