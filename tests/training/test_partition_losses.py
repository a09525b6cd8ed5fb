"""Losses of edges and of condensation are their formulas, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from argoscope.training.partition_losses import condensation_loss, edge_loss


def sample(seed=0, pixels=20, instances=3):
    rng = np.random.default_rng(seed)
    member = rng.integers(-1, instances, pixels)
    return rng.normal(size=(pixels, 2)), rng.normal(size=pixels), member


def slow_condensation(places, certainty, member, instances):
    beta = 1 / (1 + np.exp(-certainty))
    charge = np.arctanh(beta) ** 2 + 0.1
    there = [k for k in range(instances) if (member == k).any()]
    surest = {k: max(np.flatnonzero(member == k), key=lambda row: charge[row]) for k in there}
    noise = beta[member < 0]
    total = noise.mean() if len(noise) else 0.0
    if not there:
        return total
    for row in range(len(places)):
        for k in there:
            distance = np.linalg.norm(places[row] - places[surest[k]])
            pull = distance**2 if member[row] == k else max(0, 1 - distance)
            total += charge[row] * charge[surest[k]] * pull / len(places)
    return total + np.mean([1 - beta[surest[k]] for k in there])


@pytest.mark.parametrize("instances", [0, 1, 4])
def test_condensation_is_its_formula(instances):
    places, certainty, member = sample(instances, instances=max(instances - 1, 0))
    found = condensation_loss(*map(torch.from_numpy, (places, certainty, member)), instances)
    assert float(found) == pytest.approx(slow_condensation(places, certainty, member, instances), abs=1e-9)


def test_condensation_has_the_gradient_of_its_formula():
    places, certainty, member = map(torch.from_numpy, sample(2))
    # Where a pixel is its instance's surest, what it is compared with moves with it.
    assert gradcheck(
        lambda p, c: condensation_loss(p, c, member, 3), (places.requires_grad_(), certainty.requires_grad_())
    )


def slow_edges(scores, edges, member, counts):
    losses = []
    for score, (a, b) in zip(scores, edges, strict=True):
        if counts[a] and counts[b]:
            likely = 1 / (1 + np.exp(-score))
            losses.append(-np.log(likely if member[a] == member[b] >= 0 else 1 - likely))
    return np.mean(losses) if losses else 0.0


@pytest.mark.parametrize("labelled", [0.0, 0.7, 1.0])
def test_edges_cost_their_formula(labelled):
    rng = np.random.default_rng(1)
    scores, edges, member = rng.normal(size=40), rng.integers(0, 20, (40, 2)), rng.integers(-1, 3, 20)
    counts = rng.random(20) < labelled
    found = edge_loss(*map(torch.from_numpy, (scores, edges, member, counts)))
    assert float(found) == pytest.approx(slow_edges(scores, edges, member, counts))
