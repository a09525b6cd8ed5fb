"""The papers' networks: as many weights as their figures have, and dense twins that answer sparse images."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.builders import PUBLISHED, build_network, parameter_count, resolved
from argoscope.sparse import SparseTensor

RELATION = {"kind": "uresnet", "dimensions": 2, "filters": 3, "depth": 3, "classes": 2}


def module_weights(kernel, before, after):
    """Two norms and two convolutions; the addend through one of 1 pixel where widths differ."""
    return (
        2 * before
        + kernel * before * after
        + 2 * after
        + kernel * after**2
        + before * after * (before != after)
    )


def uresnet_weights(dimensions, m, levels, classes=5):
    """Counted along figure 2 of arXiv:1903.05663: filters m, 2m, ..., each module twice."""
    kernel, total = 3**dimensions, 3**dimensions * m
    for level in range(1, levels + 1):
        c, deeper = level * m, (level + 1) * m
        total += 2 * module_weights(kernel, c, c)
        if level < levels:
            total += 2 * c + 2**dimensions * c * deeper  # down
            total += 2 * deeper + 2**dimensions * deeper * c  # up
            total += module_weights(kernel, 2 * c, c) + module_weights(kernel, c, c)
    return total + 2 * m + m * classes + classes


def paper4_dense_weights(dimensions, m, downsamplings, classes=5):
    """Every convolution is followed by a norm of 2 numbers a filter; filters double."""
    kernel = 3**dimensions

    def convolution(before, after, size):
        return size * before * after + 2 * after

    def module(before, after, changed):
        through = convolution(before, after, kernel) + convolution(after, after, kernel)
        return through + convolution(before, after, 1) * changed

    total = convolution(1, m, kernel) + convolution(m, m, kernel) + convolution(m, classes, kernel)
    for level in range(downsamplings):
        fine, coarse = m * 2**level, m * 2 ** (level + 1)
        total += module(fine, coarse, True) + module(coarse, coarse, False)
        total += convolution(coarse, fine, kernel) + module(2 * fine, fine, True) + module(fine, fine, False)
    return total


RESNET_50_CONVOLUTIONS = 25_557_032 - 2_049_000 - 53_120
"""Of the published network's weights, without its last layer (2048 * 1000 + 1000) and its norms (2 * 26,560)."""


def mask_rcnn_weights(anchors, classes, norms=0):
    """ResNet-50 on one channel in place of three; two proposal layers beside a convolution; box; mask."""
    resnet = RESNET_50_CONVOLUTIONS - 2 * 7**2 * 64 + norms
    proposal = 3**2 * 1024**2 + 1024 + (1024 + 1) * 5 * anchors
    box = (2048 + 1) * 5 * classes
    mask = 2**2 * 2048 * 256 + 256 + (256 + 1) * classes
    return resnet + proposal + box + mask


@pytest.mark.parametrize(
    ("description", "count"),
    [
        ({"extends": "paper1"}, mask_rcnn_weights(15, 7)),
        ({"extends": "paper1-sparse"}, mask_rcnn_weights(15, 7)),
        ({"extends": "paper1-tuned"}, mask_rcnn_weights(30, 3, norms=53_120)),
        ({"extends": "paper4"}, uresnet_weights(3, 16, 5)),
        ({"extends": "paper4", "filters": 32}, uresnet_weights(3, 32, 5)),
        ({"extends": "paper3"}, uresnet_weights(2, 32, 5)),
        ({"extends": "paper3", "depth": 6}, uresnet_weights(2, 32, 6)),
        ({"extends": "paper4-dense"}, paper4_dense_weights(3, 16, 5)),
        ({"extends": "paper4-dense", "dimensions": 2}, paper4_dense_weights(2, 16, 5)),
    ],
)
def test_number_of_weights(description, count):
    with torch.device("meta"):
        network = build_network(description)
    assert parameter_count(network) == count


def test_numbers_of_the_papers():
    """Megabytes of single precision, as the budgets of the shipped weights have them."""
    assert uresnet_weights(3, 16, 5) * 4 / 1e6 == pytest.approx(11, abs=0.5)
    assert uresnet_weights(2, 32, 5) * 4 / 1e6 == pytest.approx(15, abs=0.5)
    assert uresnet_weights(3, 32, 5) * 4 / 1e6 == pytest.approx(44, abs=0.5)
    filters = {name: resolved(values).get("filters") for name, values in PUBLISHED.items()}
    assert {name: number for name, number in filters.items() if number} == {
        "paper0": 8, "paper0-sparse": 16, "paper2": 32, "paper2-deployed": 16, "paper2-particles": 32,
        "paper2-sparse": 16, "paper2-sparse-particles": 16, "paper3": 32, "paper4": 16, "paper4-dense": 16,
        "seed-masks": 16,
    }  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_resolved_description_is_its_own(name):
    full = resolved({"extends": name})
    assert "extends" not in full
    assert resolved(full) == full


def test_the_numbers_of_paper_1():
    """The two networks of the paper differ in the backbone and in one suppression; the tuned one is another."""
    dense, sparse, tuned = (
        resolved({"extends": name}) for name in ("paper1", "paper1-sparse", "paper1-tuned")
    )
    assert (dense["backbone"].pop("sparse"), sparse["backbone"].pop("sparse")) == (False, True)
    assert (dense["boxes"].pop("overlap"), sparse["boxes"].pop("overlap")) == (0.1, 0.3)
    assert dense == sparse
    assert sparse["boxes"]["class_weights"] == [1.0, 2.0, 0.0, 0.0, 0.0, pytest.approx(36.06, abs=0.005), 0.0]
    assert sparse["masks"]["upsampling"] * 14 == 448
    assert tuned["boxes"]["mask_overlap"] == 0.5
    assert tuned["backbone"]["norm"] == "batch"


def test_nested_numbers_are_extended_one_by_one():
    small = resolved({"extends": "paper1", "backbone": {"width": 8}, "masks": {"upsampling": 4}})
    want = resolved({"extends": "paper1"})
    want["backbone"]["width"], want["masks"]["upsampling"] = 8, 4
    assert small == want
    with pytest.raises(InvalidArgument, match=r"no key 'widht' here. Did you mean 'width'"):
        resolved({"extends": "paper1", "backbone": {"widht": 8}})


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ({"extends": "paper44"}, "no published network 'paper44'. Did you mean 'paper4"),
        ({"kind": "uresnett"}, "no network kind 'uresnett'. Did you mean 'uresnet'"),
        ({"extends": "paper4", "filter": 2}, "no key 'filter' here. Did you mean 'filters'"),
        ({"kind": "paper4-dense", "dimensions": 4}, r"dimensions \(=4\)"),
        ({"kind": "paper4-dense", "depth": 0}, r"depth \(=0\) must be at least 1"),
    ],
)
def test_impossible_networks_are_refused(description, message):
    with pytest.raises(InvalidArgument, match=message):
        build_network(description)


def image(shape, pixels, events=2, seed=0, full=False):
    rng = np.random.default_rng(seed)
    count = math.prod(shape)
    rows = [
        (event, *np.unravel_index(cell, shape))
        for event in range(events)
        for cell in (range(count) if full else rng.permutation(count)[:pixels])
    ]
    features = torch.from_numpy(rng.uniform(0.5, 2.0, (len(rows), 1)))
    return SparseTensor.from_coordinates(
        np.array(rows).reshape(-1, 1 + len(shape)), features, shape=shape, batch_size=events
    )


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("kind", ["dense-uresnet", "paper4-dense"])
def test_dense_networks_answer_at_the_active_pixels(kind, dimensions):
    torch.manual_seed(0)
    network = build_network({"kind": kind, "dimensions": dimensions, "filters": 2, "depth": 2}).double()
    x = image((8, 12, 4)[:dimensions], pixels=9)
    out, scores = network(x), network.network(x.to_dense())
    rows = np.column_stack([x.index.events, x.index.coordinates])
    assert len(out.features) == 18
    for row, got in zip(rows, out.features, strict=True):
        # The same convolutions of the same numbers.
        assert_close(got, scores[(row[0], slice(None), *row[1:])], rtol=0.0, atol=1e-12)
    out.features.sum().backward()
    assert all(weight.grad is not None for weight in network.parameters())


def test_on_a_full_image_the_dense_network_is_the_sparse_one():
    """Weight by weight; the sparse head's bias starts at 0, and the dense one has none."""
    torch.manual_seed(3)
    sparse, dense = (
        build_network({**RELATION, "kind": kind}).double() for kind in ("uresnet", "dense-uresnet")
    )
    with torch.no_grad():
        *weights, _ = sparse.parameters()
        for mine, theirs in zip(weights, dense.parameters(), strict=True):
            if mine.ndim == 1:
                continue
            side = math.isqrt(len(mine)) if mine.ndim == 3 else 1
            turned = mine.reshape(side, side, *mine.shape[-2:]).movedim((-1, -2), (0, 1))
            theirs.copy_(turned if theirs.shape == turned.shape else turned.transpose(0, 1))
    x = image((8, 12), pixels=0, full=True)
    # Ten layers of double precision, normalized to order 1 in between.
    assert_close(dense(x).features, sparse(x).features, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("pixels", [0, 1])
def test_the_smallest_images(pixels):
    network = build_network({"kind": "paper4-dense", "dimensions": 2, "filters": 2, "depth": 2})
    x = image((8, 8), pixels=pixels)
    assert network(x.with_features(x.features.float())).features.shape == (2 * pixels, 5)


def test_sides_must_halve_often_enough():
    network = build_network({"kind": "paper4-dense", "dimensions": 2, "filters": 2, "depth": 3})
    with pytest.raises(InvalidArgument, match=r"sides \(8, 12\) must be divisible by 8"):
        network(image((8, 12), pixels=3))


def test_paper4_dense_norms_use_the_batch_in_evaluation_too():
    network = build_network({"kind": "paper4-dense", "dimensions": 2, "filters": 2, "depth": 2}).double()
    x = image((8, 8), pixels=20)
    training = network(x).features
    assert torch.equal(network.eval()(x).features, training)
    assert {name.split(".")[-1] for name in network.state_dict()} == {"weight", "bias"}
