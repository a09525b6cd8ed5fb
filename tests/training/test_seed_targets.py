"""What seeds are asked and what their answers cost: each equal to its definition by loops."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

from argoscope.training.seed_losses import embedding_loss, mask_losses, soft_overlaps
from argoscope.training.seed_targets import PURE, asked_cells, cell_objects, image_targets


def random_image(pixels, seed=0, instances=6):
    rng = np.random.default_rng(seed)
    ancestor = rng.choice([-1, *range(3, 3 + instances)], pixels, p=[0.1] + [0.9 / instances] * instances)
    semantic = np.where(ancestor < 0, 0, np.where(ancestor == 3, 2, 1))
    semantic[rng.random(pixels) < 0.2] = 0
    return ancestor, semantic, rng.uniform(5, 60, pixels), rng.random(pixels) < 0.9


def slow_targets(ancestor, semantic, charge, counts):
    member, classes = [-1] * len(ancestor), []
    for number in sorted(set(ancestor[ancestor >= 0].tolist())):
        rows = [k for k in range(len(ancestor)) if ancestor[k] == number and counts[k]]
        if sum(charge[k] >= 10 for k in rows) < 10:
            continue
        votes = [sum(semantic[k] == which for k in rows) for which in (1, 2)]
        for k in rows:
            member[k] = len(classes)
        classes.append(1 + votes.index(max(votes)))
    return member, classes


@pytest.mark.parametrize("pixels", [0, 1, 60, 400])
def test_targets_are_those_of_loops(pixels):
    image = random_image(pixels, seed=pixels)
    found = image_targets(*image)
    member, classes = slow_targets(*image)
    assert found.member.tolist() == member
    assert found.classes.tolist() == classes


def test_an_instance_needs_ten_pixels_of_at_least_ten():
    charge = np.array([10.0] * 9 + [9.99] * 5 + [10.0] * 10)
    ids = np.repeat([0, 1], [14, 10])
    found = image_targets(ids, np.ones(24, int), charge, np.ones(24, bool))
    assert found.member.tolist() == [-1] * 14 + [0] * 10


def slow_objects(member, home, cells):
    instance, share = [], []
    for cell in range(cells):
        own = member[home == cell].tolist()
        counts = {which: own.count(which) for which in sorted(set(own))}
        best = max(counts, key=lambda which: counts[which])
        instance.append(best)
        share.append(counts[best] / len(own))
    return instance, share


@pytest.mark.parametrize("seed", range(5))
def test_objects_of_cells_are_those_of_loops(seed):
    rng = np.random.default_rng(seed)
    home = np.concatenate([np.arange(20), rng.integers(0, 20, 100)])
    member = rng.integers(-1, 4, 120)
    found = cell_objects(member, home, 20)
    instance, share = slow_objects(member, home, 20)
    assert found.instance.tolist() == instance
    assert found.share.tolist() == pytest.approx(share)
    assert found.pure.tolist() == [i >= 0 and s >= PURE for i, s in zip(instance, share, strict=True)]


@pytest.mark.parametrize(("own", "pure"), [(3, False), (4, True), (5, True)])
def test_a_cell_is_pure_from_four_fifths_of_its_pixels(own, pure):
    found = cell_objects(np.array([0] * own + [1] * (5 - own)), np.zeros(5, int), 1)
    assert found.pure.tolist() == [pure]


@pytest.mark.parametrize("seed", range(8))
def test_asked_cells_obey_their_rules(seed):
    rng = np.random.default_rng(seed)
    home = np.concatenate([np.arange(30), rng.integers(0, 30, 60)])
    member = np.where(rng.random(90) < 0.8, (home // 6) - 1, rng.integers(-1, 4, 90))
    member[-1] = 4  # an instance of a single pixel, in a cell of others
    objects = cell_objects(member, home, 30)
    cells, instance = asked_cells(objects, 5, np.random.default_rng(seed), seeds=3, others=4)
    assert len(set(cells.tolist())) == len(cells)
    for number in range(5):
        own = cells[instance == number]
        there = np.flatnonzero(objects.instance == number)
        pure = there[objects.pure[there]]
        if len(pure):
            assert len(own) == min(3, len(pure))
            assert objects.pure[own].all()
        else:
            assert len(own) == min(1, len(there))
            assert (objects.share[own] == objects.share[there].max(initial=0)).all()
    assert not objects.pure[cells[instance < 0]].any()
    assert (instance < 0).sum() <= 4
    again = asked_cells(objects, 5, np.random.default_rng(seed), seeds=3, others=4)
    assert np.array_equal(again[0], cells)


def test_all_pure_cells_are_asked_in_turn():
    objects = cell_objects(np.zeros(40, int), np.arange(40), 40)
    asked = {
        int(asked_cells(objects, 1, np.random.default_rng(k), seeds=1, others=0)[0][0]) for k in range(400)
    }
    assert len(asked) == 40


def slow_mask_loss(logits, truth):
    total, shared, likely, true = 0.0, 0.0, 0.0, 0.0
    for score, right in zip(logits, truth, strict=True):
        p = 1 / (1 + np.exp(-score))
        of_truth = p if right else 1 - p
        total += (1 - of_truth) ** 2 * -np.log(of_truth)
        shared, likely, true = shared + p * right, likely + p, true + right
    return 20 * total / len(logits) + 1 - (2 * shared + 1) / (likely + true + 1)


def test_mask_losses_are_their_formula():
    rng = np.random.default_rng(0)
    logits, truth = rng.normal(size=(4, 30)) * 3, rng.integers(0, 2, (4, 30)).astype(float)
    truth[3] = 0
    found = mask_losses(torch.from_numpy(logits), torch.from_numpy(truth))
    assert found.tolist() == pytest.approx(
        [slow_mask_loss(*pair) for pair in zip(logits, truth, strict=True)]
    )
    assert gradcheck(
        lambda x: mask_losses(x, torch.from_numpy(truth)), torch.from_numpy(logits).requires_grad_()
    )


def test_soft_overlaps_of_sure_masks_are_overlaps():
    mask, truth = torch.tensor([[1.0, 1, 0, 0], [0, 0, 0, 0]]), torch.tensor([[0.0, 1, 1, 0], [0, 0, 0, 0]])
    found = soft_overlaps((80 * mask - 40).double().requires_grad_(), truth.double())
    assert found.tolist() == pytest.approx([1 / 3, 0.0])
    assert not found.requires_grad


def slow_embedding_loss(embedding, member, instances):
    there = [k for k in range(instances) if (member == k).any()]
    means = {k: embedding[member == k].mean(axis=0) for k in there}
    pull = [
        np.mean([max(0, np.linalg.norm(e - means[k]) - 0.5) ** 2 for e in embedding[member == k]])
        for k in there
    ]
    push = [max(0, 3 - np.linalg.norm(means[a] - means[b])) ** 2 for a in there for b in there if a < b]
    return (np.mean(pull) if pull else 0.0) + (np.mean(push) if push else 0.0)


@pytest.mark.parametrize("instances", [0, 1, 4])
def test_the_embedding_loss_is_its_formula(instances):
    rng = np.random.default_rng(instances)
    embedding = rng.normal(size=(25, 3)) * 2
    member = rng.integers(-1, max(instances - 1, 0), 25)  # the last instance has no pixel
    member[0] = -1 if instances == 0 else 0
    found = embedding_loss(torch.from_numpy(embedding), torch.from_numpy(member), instances)
    assert float(found) == pytest.approx(slow_embedding_loss(embedding, member, instances))
