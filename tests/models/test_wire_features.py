"""What a network is told of a pixel depends on the pixels of its image alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.models.wire_features import FARTHEST_GAP, feature_count, gap_distances, wire_features
from argoscope.sparse import SiteIndex, SparseTensor


def random_rows(sites, shape, seed, events=2):
    rng = np.random.default_rng(seed)
    places = rng.choice(events * shape[0] * shape[1], sites, replace=False)
    return np.stack(np.unravel_index(np.sort(places), (events, *shape)), axis=1)


def slow_gaps(index):
    """Step from wire to wire until one is without a pixel: the definition."""
    used = set(zip(index.events.tolist(), index.coordinates[:, 0].tolist(), strict=True))
    found = np.zeros((len(index), 2), dtype=np.int64)
    for row, (event, wire) in enumerate(
        zip(index.events.tolist(), index.coordinates[:, 0].tolist(), strict=True)
    ):
        for side, step in enumerate((-1, 1)):
            distance = 1
            while (event, wire + step * distance) in used and distance < FARTHEST_GAP:
                distance += 1
            found[row, side] = distance
    return found


@pytest.mark.parametrize("sites", [0, 1, 30, 120])
def test_gaps_are_those_found_by_steps(sites):
    index = SiteIndex.from_coordinates(random_rows(sites, (37, 5), seed=sites), shape=(37, 5), batch_size=2)
    assert np.array_equal(gap_distances(index), slow_gaps(index))


def test_beyond_the_border_no_wire_has_charge():
    rows = [[0, wire, 0] for wire in range(20)]
    found = gap_distances(SiteIndex.from_coordinates(rows, shape=(20, 1)))
    assert found[:3].tolist() == [[1, 8], [2, 8], [3, 8]]
    assert found[-1].tolist() == [8, 1]


def test_neither_the_grid_nor_other_images_change_a_number():
    rows = random_rows(60, (30, 7), seed=3)
    charge = torch.rand(60, 1) * 900
    both = wire_features(SparseTensor.from_coordinates(rows, charge, shape=(30, 7)), position=True, gaps=True)
    for event in (0, 1):
        here = rows[:, 0] == event
        alone = SparseTensor.from_coordinates(rows[here] * [0, 1, 1], charge[here], shape=(64, 96))
        assert torch.equal(wire_features(alone, position=True, gaps=True).features, both.split()[event])


@pytest.mark.parametrize("position", [True, False])
@pytest.mark.parametrize("gaps", [True, False])
def test_the_count_is_that_of_the_numbers(position, gaps):
    x = SparseTensor.from_coordinates([[0, 1, 1]], torch.tensor([[700.0]]), shape=(4, 4))
    found = wire_features(x, position=position, gaps=gaps).features
    assert found.shape == (1, feature_count(position=position, gaps=gaps))
    assert found[0, :2].tolist() == pytest.approx([5.0, np.log(71)])
