"""The other ways to tell objects apart, edges and condensation: pieces, owners and classes as loops find them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.models.condensation import LEAST_CERTAINTY, REACH, CondensationAnswer, condensed
from argoscope.models.found import found_instances
from argoscope.models.instance_network import InstanceConfig, InstanceNetwork
from argoscope.models.instances import partitioned, touching_pixels, without_small
from argoscope.models.pixel_edges import EdgeAnswer
from argoscope.sparse import SiteIndex, SparseTensor

SHAPE = (160, 96)


@pytest.fixture
def bars():
    """Two bars of 12 pixels and one of 3 in the second of three images; the others are empty."""
    rows = [(1, 5, k) for k in range(12)] + [(1, 20, k) for k in range(12)] + [(1, 30, k) for k in range(3)]
    index = SiteIndex.from_coordinates(np.array(rows), shape=SHAPE, batch_size=3)
    semantic = torch.full((27, 3), -9.0)
    semantic[:12, 1], semantic[12:, 2] = 9.0, 9.0
    return SparseTensor(semantic, index)


def test_edges_join_pieces_and_the_small_go_to_the_nearest(bars):
    edges = torch.from_numpy(touching_pixels(bars.index))
    found = found_instances(EdgeAnswer(bars, edges, torch.ones(len(edges))))
    assert [len(image) for image in found] == [0, 2, 0]
    owner = found[1].owner
    assert len(set(owner[:12])) == len(set(owner[12:])) == 1
    assert found[1].classes[[owner[0], owner[12]]].tolist() == [1, 2]
    assert found[1].scores.tolist() == pytest.approx([1.0, 1.0], abs=1e-6)


def test_a_cut_edge_parts_a_bar(bars):
    edges = torch.from_numpy(touching_pixels(bars.index))
    cut = ((edges == 5).any(dim=1) & (edges == 6).any(dim=1)).double()
    found = found_instances(EdgeAnswer(bars, edges, 1 - 2 * cut))[1]
    assert len(found) == 1  # halves of six pixels are no instances: all goes to the whole bar
    assert (found.owner == 0).all()


def slow_condensed(places, certainty):
    owner, count = [-1] * len(places), 0
    for pixel in sorted(range(len(places)), key=lambda k: (-certainty[k], k)):
        if certainty[pixel] < LEAST_CERTAINTY or owner[pixel] >= 0:
            continue
        for other in range(len(places)):
            if owner[other] < 0 and np.linalg.norm(places[other] - places[pixel]) <= REACH:
                owner[other] = count
        count += 1
    return owner


@pytest.mark.parametrize("pixels", [0, 1, 60])
def test_condensation_is_that_of_loops(pixels):
    rng = np.random.default_rng(pixels)
    places, certainty = rng.normal(size=(pixels, 2)), rng.random(pixels) * 0.4
    assert condensed(places, certainty).tolist() == slow_condensed(places, certainty)


def test_condensation_finds_the_bars(bars):
    places = torch.zeros(27, 2)
    places[12:] = 5.0
    found = found_instances(CondensationAnswer(bars, places, torch.full((27,), 3.0)))
    assert [len(image) for image in found] == [0, 2, 0]
    assert sorted(found[1].masks.sum(axis=1).tolist()) == [12, 15]


def test_owners_with_few_pixels_leave_them_to_the_nearest():
    rng = np.random.default_rng(0)
    places = np.stack([np.arange(60), rng.integers(0, 9, 60) * 0], axis=1) * 1.0
    owner = rng.choice([-1, 3, 8, 9], 60, p=[0.1, 0.5, 0.3, 0.1])
    found = without_small(owner, places, least=10)
    numbers = [k for k in (3, 8, 9) if (owner == k).sum() >= 10]
    staying = np.flatnonzero(np.isin(owner, numbers))
    for row in range(60):
        distances = np.abs(places[staying, 0] - places[row, 0])
        nearest = {numbers.index(owner[k]) for k in staying[distances == distances.min()]}
        assert int(found[row]) in nearest


def test_where_no_owner_is_large_there_is_none():
    assert without_small(np.array([0, 1]), np.zeros((2, 2)), least=2).tolist() == [-1, -1]
    assert len(partitioned(np.array([-1, -1]), np.ones((2, 3)) / 3)) == 0


@pytest.mark.parametrize("head", ["edges", "condensation"])
def test_an_image_is_parted_as_if_alone(head):
    torch.manual_seed(3)
    network = InstanceNetwork(InstanceConfig(filters=4, depth=5, embedding=6, head=head)).eval()
    rng = np.random.default_rng(1)
    sizes = (300, 0, 500)
    places = [np.sort(rng.choice(SHAPE[0] * SHAPE[1], size, replace=False)) for size in sizes]
    rows = np.concatenate(
        [np.column_stack([np.full(len(p), k), p // SHAPE[1], p % SHAPE[1]]) for k, p in enumerate(places)]
    )
    charge = torch.from_numpy(rng.exponential(40, (len(rows), 1)).astype(np.float32))
    with torch.no_grad():
        together = found_instances(
            network(SparseTensor.from_coordinates(rows, charge, shape=SHAPE, batch_size=3))
        )
        for event in range(3):
            here = rows[:, 0] == event
            x = SparseTensor.from_coordinates(rows[here] * [0, 1, 1], charge[here], shape=SHAPE, batch_size=1)
            (alone,) = found_instances(network(x))
            assert np.array_equal(alone.claims, together[event].claims)
            assert np.array_equal(alone.classes, together[event].classes)
