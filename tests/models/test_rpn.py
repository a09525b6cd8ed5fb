"""The proposal network is the dense one on every cell; its losses are counted by hand."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from argoscope.models.anchors import placed
from argoscope.models.boxes import box_iou, encode, inside
from argoscope.models.mask_rcnn_config import ProposalConfig
from argoscope.models.rpn import ProposalNetwork, proposal_losses, proposals
from argoscope.sparse import SparseTensor

CELLS, CHANNELS = (9, 6), 5
SHAPES = ((32.0, 32.0), (16.0, 64.0), (64.0, 16.0))
SIDES = (140, 90)  # the last cells reach beyond the image
CONFIG = ProposalConfig(shapes=SHAPES, sampled=20, before=40, kept=12)


def cells(part, seed=0):
    """Features of a part of the cells of two maps; a map's border is among them."""
    rng = torch.Generator().manual_seed(seed)
    active = torch.rand(2, *CELLS, generator=rng) < part
    features = torch.randn(2, CHANNELS, *CELLS, generator=rng, dtype=torch.float64)
    return SparseTensor.from_dense(features, active)


@pytest.fixture
def network():
    torch.manual_seed(1)
    network = ProposalNetwork(CHANNELS, SHAPES).double()
    for weight in network.parameters():
        torch.nn.init.normal_(weight)
    return network


def dense_answers(network, x):
    """The published network: dense convolutions of every cell."""
    kernel = network.convolution.weight.reshape(3, 3, CHANNELS, CHANNELS).permute(3, 2, 0, 1)
    hidden = F.conv2d(x.to_dense(), kernel, network.convolution.bias, padding=1).relu()
    answers = [
        F.conv2d(hidden, layer.weight[:, :, None, None], layer.bias).movedim(1, -1)
        for layer in (network.score, network.delta)
    ]
    return answers[0].flatten(1), answers[1].reshape(len(hidden), -1, 4)


@pytest.mark.parametrize("part", [0.0, 0.03, 0.4, 1.0])
def test_every_cell_gets_the_answer_of_the_dense_network(network, part):
    x = cells(part)
    got, want = network(x), dense_answers(network, x)
    # Two products of 45 and 5 numbers of order 1 in double precision.
    for mine, theirs in zip(got, want, strict=True):
        assert_close(mine, theirs, rtol=0.0, atol=1e-11)
    upstream = [
        torch.randn(answer.shape, generator=torch.Generator().manual_seed(2)).double() for answer in want
    ]
    gradients = [
        torch.autograd.grad(answers, list(network.parameters()), upstream) for answers in (got, want)
    ]
    for mine, theirs in zip(*gradients, strict=True):
        assert_close(mine, theirs, rtol=0.0, atol=1e-9)
    assert torch.equal(network.anchors(x), placed(torch.tensor(SHAPES).double(), CELLS).flatten(0, 1))


def answers(seed=0):
    rng = torch.Generator().manual_seed(seed)
    anchors = placed(torch.tensor(SHAPES).double(), CELLS).flatten(0, 1)
    scores = torch.randn(len(anchors), generator=rng, dtype=torch.float64, requires_grad=True)
    deltas = torch.randn(len(anchors), 4, generator=rng, dtype=torch.float64) / 3
    return scores, deltas.requires_grad_(), anchors


def test_proposals_are_the_best_that_do_not_overlap():
    scores, deltas, anchors = answers()
    boxes = proposals(scores, deltas, anchors, SIDES, CONFIG, training=False)
    assert 1 < len(boxes) <= CONFIG.kept
    assert inside(boxes, SIDES).all()
    assert not boxes.requires_grad
    overlaps = box_iou(boxes, boxes).fill_diagonal_(0)
    assert overlaps.max() < CONFIG.overlap
    apart = proposals(scores, deltas, anchors, SIDES, CONFIG, training=True)
    assert box_iou(apart, apart).fill_diagonal_(0).max() < CONFIG.training_overlap
    assert torch.equal(boxes[0], apart[0])


def test_only_the_best_scores_become_proposals():
    scores, deltas, anchors = answers()
    few = ProposalConfig(shapes=SHAPES, before=1, kept=12)
    (only,) = proposals(scores, torch.zeros_like(deltas), anchors, SIDES, few, training=False)
    low, high = anchors[scores.argmax()].split(2)
    ends = torch.tensor([side - 1.0 for side in SIDES]).double()
    assert_close(only, torch.cat([low.clamp(min=0), torch.minimum(high, ends)]))


def options(seed):
    return {"sides": SIDES, "config": CONFIG, "generator": torch.Generator().manual_seed(seed)}


def slow_losses(scores, deltas, anchors, truth, positives, negatives):
    """One anchor after the other."""
    score_loss = delta_loss = torch.zeros((), dtype=torch.float64)
    for row in positives + negatives:
        probability = scores[row].sigmoid()
        score_loss = score_loss - torch.log(probability if row in positives else 1 - probability)
    for row in positives:
        box = truth[box_iou(anchors[row][None], truth)[0].argmax()]
        off = (deltas[row] - encode(box[None], anchors[row][None])[0]).abs()
        delta_loss = delta_loss + torch.where(off < 1 / 9, 0.5 * off**2 * 9, off - 0.5 / 9).sum()
    return score_loss / len(positives + negatives), delta_loss / len(positives + negatives)


def test_losses_are_those_of_the_definition():
    scores, deltas, anchors = answers()
    truth = torch.tensor(
        [[10.0, 4.0, 45.0, 38.0], [60.0, 20.0, 76.0, 85.0], [100.0, 40.0, 101.0, 41.0]]
    ).double()
    config = ProposalConfig(shapes=SHAPES, sampled=1000, positive=0.5, negative=0.3)
    usable = [row for row, ok in enumerate(inside(anchors, SIDES).tolist()) if ok]
    overlaps = box_iou(anchors[usable], truth)
    best = set((overlaps == overlaps.amax(0)).any(1).nonzero().flatten().tolist())
    positives = [row for n, row in enumerate(usable) if n in best or overlaps[n].max() >= 0.5]
    negatives = [row for n, row in enumerate(usable) if row not in positives and overlaps[n].max() < 0.3]
    assert len(positives) >= 3
    got = proposal_losses(scores, deltas, anchors, truth, sides=SIDES, config=config)
    want = slow_losses(scores, deltas, anchors, truth, positives, negatives)
    for mine, theirs in zip(got, want, strict=True):
        assert_close(mine, theirs, rtol=1e-12, atol=0.0)
        gradients = [
            torch.autograd.grad(loss, (scores, deltas), allow_unused=True) for loss in (mine, theirs)
        ]
        for one, two in zip(*gradients, strict=True):
            assert (one is None) == (two is None)
            assert one is None or torch.allclose(one, two, rtol=1e-10, atol=1e-12)


def test_the_sample_is_as_large_as_asked_and_repeats():
    scores, deltas, anchors = answers()
    truth = torch.tensor([[10.0, 4.0, 45.0, 38.0]]).double()

    def counted(seed):
        loss, _ = proposal_losses(scores, deltas, anchors, truth, **options(seed))
        return torch.autograd.grad(loss, scores)[0]

    assert int((counted(0) != 0).sum()) == CONFIG.sampled
    assert torch.equal(counted(0), counted(0))
    assert not torch.equal(counted(0), counted(1))


def test_images_without_interactions_or_without_usable_anchors():
    scores, deltas, anchors = answers()
    none = torch.zeros(0, 4, dtype=torch.float64)
    score_loss, delta_loss = proposal_losses(scores, deltas, anchors, none, sides=SIDES, config=CONFIG)
    assert score_loss > 0
    assert delta_loss == 0
    assert [
        loss.item() for loss in proposal_losses(scores, deltas, anchors, none, sides=(5, 5), config=CONFIG)
    ] == [0.0, 0.0]


def test_random_scores_cost_what_they_should():
    scores, deltas, anchors = answers()
    loss, _ = proposal_losses(
        torch.zeros_like(scores), deltas, anchors, torch.zeros(0, 4).double(), **options(0)
    )
    assert loss.item() == pytest.approx(math.log(2))
