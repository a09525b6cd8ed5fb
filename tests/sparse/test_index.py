"""The index: sorting, sharing, lifetime."""

from __future__ import annotations

import copy
import gc
import itertools
import pickle
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.sparse import SiteIndex, SparseTensor, submanifold_convolution
from argoscope.sparse.index import tile_bounds


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("kernel", [1, 3, 5, 7])
def test_neighbours_are_those_found_by_coordinates(make_batch, dimensions, kernel):
    index = make_batch(dimensions, (30, 0, 25)).index
    sites = np.column_stack([index.events, index.coordinates])
    row_of = {tuple(site): row for row, site in enumerate(sites.tolist())}
    steps = itertools.product(range(-(kernel // 2), kernel // 2 + 1), repeat=dimensions)
    for step, found in zip(steps, index.neighbours(kernel).table, strict=True):
        moved = (sites + np.array([0, *step])).tolist()
        assert found.tolist() == [row_of.get(tuple(site), -1) for site in moved]


def test_sites_are_sorted_and_events_counted(make_batch):
    index = make_batch(3, (0, 11, 0, 5, 0)).index
    assert index.event_starts.tolist() == [0, 0, 11, 11, 16, 16]
    sites = np.column_stack([index.events, index.coordinates]).tolist()
    assert sites == sorted(sites)
    assert index.batch_size == 5


def test_maps_are_made_once(make_batch):
    index = make_batch(2, (20,)).index
    assert index.neighbours(3) is index.neighbours(3)
    assert index.coarser(2) is index.coarser(2)
    assert index.neighbours(3).pairs[0] is index.neighbours(3).pairs[0]


def test_the_reverse_holds_the_same_pairs(make_batch):
    kernel_map, _ = make_batch(3, (40, 12)).index.coarser(3)
    forward = {
        (offset, site, row)
        for offset, sites in enumerate(kernel_map.table.tolist())
        for row, site in enumerate(sites)
        if site >= 0
    }
    backward = {
        (offset, row, site)
        for offset, rows in enumerate(kernel_map.reverse.table.tolist())
        for site, row in enumerate(rows)
        if row >= 0
    }
    assert {(o, i, j) for o, j, i in backward} == forward
    assert len(kernel_map.pairs[1]) == len(forward)


def test_no_tile_spans_two_events():
    starts = np.array([0, 0, 700, 701, 701, 5000], np.int64)
    tiles = tile_bounds(starts)
    assert set(starts.tolist()) <= set(tiles.tolist())
    assert tiles[0] == 0
    assert tiles[-1] == 5000
    assert (np.diff(tiles) > 0).all()


def test_tiles_of_an_event_do_not_depend_on_the_others():
    alone = tile_bounds(np.array([0, 3000], np.int64))
    second = tile_bounds(np.array([0, 100, 3100], np.int64))
    np.testing.assert_array_equal(second[second >= 100] - 100, alone)


def test_an_index_is_freed_with_its_last_user(make_batch):
    gc.disable()
    try:
        x = make_batch(2, (40,))
        weight = torch.ones(9, 3, 3, dtype=torch.float64, requires_grad=True)
        submanifold_convolution(x, weight).features.sum().backward()
        x.index.coarser(2)[0].reverse.pairs  # noqa: B018  # makes everything the index keeps
        freed = weakref.ref(x.index)
        del x
        assert freed() is None
    finally:
        gc.enable()


def test_large_images_are_indexed_by_their_sites(make_batch):
    """Positions beyond 32 bits, at both ends of the image."""
    side = 1 << 17
    rows = [[0, 0, 0, 0], [3, side - 1, side - 1, side - 1], [3, side - 1, side - 1, side - 2]]
    index = SiteIndex.from_coordinates(rows, shape=(side,) * 3)
    assert (index.neighbours(3).table >= 0).sum() == 3 + 2


@pytest.mark.parametrize(("kernel", "sites"), [(2, 1), (3, 2), (5, 4), (7, 6)])
def test_the_far_edge_of_the_longest_image(kernel, sites):
    """Positions just below 2**31, past which a window reaches."""
    side = 2**31 - 1
    _, coarse = SiteIndex.from_coordinates([[0, side - 1, 1]], shape=(side, 5)).coarser(kernel)
    near = SiteIndex.from_coordinates([[0, 100, 1]], shape=(101, 5)).coarser(kernel)[1]
    assert len(coarse) == sites
    np.testing.assert_array_equal(coarse.coordinates - [2**30 - 1, 0], near.coordinates - [50, 0])


def test_duplicates_are_summed_on_request():
    x = SparseTensor.from_coordinates(
        [[0, 1, 1], [0, 0, 2], [0, 1, 1]], torch.tensor([[1.0], [2.0], [4.0]]), shape=(2, 3), duplicates="sum"
    )
    assert x.features.tolist() == [[2.0], [5.0]]
    assert x.in_given_order().tolist() == [[5.0], [2.0], [5.0]]


def test_threads_that_share_an_index_get_the_same_objects():
    rows = np.column_stack([np.zeros(400, np.int64), *np.divmod(np.arange(400), 20)])
    asks = [
        lambda index: index.events,
        lambda index: index.neighbours(3),
        lambda index: index.neighbours(3).pairs,
        lambda index: index.neighbours(3).tiles,
        lambda index: index.neighbours(3).table_on(torch.device("cpu")),
        lambda index: index.coarser()[1],
        lambda index: index.coarser(3)[0].reverse,
    ]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            for _ in range(100):
                index = SiteIndex.from_coordinates(rows, shape=(20, 20))
                start = threading.Barrier(8)

                def ask(_, index=index, start=start):
                    start.wait(10)
                    return [one(index) for one in asks]

                answers = list(pool.map(ask, range(8)))
                assert all(a is b for other in answers[1:] for a, b in zip(answers[0], other, strict=True))
    finally:
        sys.setswitchinterval(interval)


def test_an_index_with_its_maps_is_copied_and_pickled(make_batch):
    index = make_batch(2, (9, 4)).index
    index.neighbours(3)
    coarse = index.coarser()[1]
    for other in (copy.deepcopy(index), pickle.loads(pickle.dumps(index))):  # noqa: S301
        np.testing.assert_array_equal(other.keys, index.keys)
        np.testing.assert_array_equal(other.coarser()[1].keys, coarse.keys)
        np.testing.assert_array_equal(other.neighbours(3).table, index.neighbours(3).table)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([[0, 2**31, 1]], {"shape": (2**31 + 1, 5)}, r"shape \(=\(2147483649, 5\)\) .* below 2\*\*31"),
        ([[0, 1, 1]], {"shape": (4.9, 5)}, r"shape \(=\(4.9, 5\)\) must be 2 or 3 positive whole numbers"),
        ([[0, 1, 1]], {"shape": 5}, r"shape \(=5\) must be 2 or 3 positive whole numbers"),
        ([[10**8, 1, 1]], {"shape": (4, 5)}, r"event 100000000; the first column .* batch_size"),
        ([[0, 1, 1]], {"shape": (4, 5), "batch_size": -1}, r"batch_size \(=-1\) must be a whole number"),
        ([[0, 1, 1]], {"shape": (4, 5), "batch_size": 2.5}, r"batch_size \(=2.5\) must be a whole number"),
        ([[0, 1, 1]], {"shape": (4, 5), "duplicates": "mean"}, r"duplicates \(='mean'\) must be 'refuse' or"),
    ],
)
def test_what_an_index_cannot_be_made_of(rows, options, message):
    with pytest.raises(InvalidArgument, match=message):
        SiteIndex.from_coordinates(rows, **options)
    with pytest.raises(InvalidArgument, match=message):
        SparseTensor.from_coordinates(rows, torch.ones(1, 1), **options)


def test_a_large_batch_may_be_asked_for():
    index = SiteIndex.from_coordinates([[1_500_000, 1, 1]], shape=(4, 5), batch_size=1_500_001)
    assert index.batch_size == 1_500_001
