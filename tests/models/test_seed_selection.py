"""Instances from seeds: every fast part equals its definition by loops; crossing objects are both found."""

from __future__ import annotations

from collections import deque

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, Grid
from argoscope.models.instances import (
    FoundInstances,
    connected_pieces,
    owners,
    touching_pixels,
    with_fragments_moved,
)
from argoscope.models.seed_masks import SEED_LEVEL, SeedAnswer, monomials
from argoscope.models.seed_selection import (
    Selection,
    cells_of,
    kept_seeds,
    mean_of_cells,
    select_instances,
)
from argoscope.sparse import SiteIndex, SparseTensor

SHAPE = (40, 56)


def pixels_of(sizes, seed=0):
    rng = np.random.default_rng(seed)
    rows = [
        (event, *divmod(int(place), SHAPE[1]))
        for event, size in enumerate(sizes)
        for place in np.sort(rng.choice(SHAPE[0] * SHAPE[1], size, replace=False))
    ]
    return SiteIndex.from_coordinates(np.array(rows).reshape(-1, 3), shape=SHAPE, batch_size=len(sizes))


def coarse_of(index):
    for _ in range(SEED_LEVEL):
        index = index.coarser(2)[1]
    return index


@pytest.mark.parametrize("sizes", [(60, 0, 1, 200), (0,), (SHAPE[0] * SHAPE[1],)])
def test_cells_of_pixels_are_those_with_their_coordinates(sizes):
    pixels = pixels_of(sizes)
    cells = coarse_of(pixels)
    home = cells_of(pixels, cells)
    assert np.array_equal(cells.coordinates[home], pixels.coordinates >> SEED_LEVEL)
    assert np.array_equal(cells.events[home], pixels.events)


@pytest.mark.parametrize("count", [0, 1, 90])
def test_means_of_cells_are_means(count):
    rng = np.random.default_rng(count)
    terms, home = rng.normal(size=(count, 3)), rng.integers(0, 7, count)
    means, sizes = mean_of_cells(terms, home, 9)
    for cell in range(9):
        mine = terms[home == cell]
        assert sizes[cell] == len(mine)
        if len(mine):
            assert means[cell] == pytest.approx(mine.mean(axis=0))


def slow_kept(seeds, logits, sizes, overlap):
    """One candidate after the other against all that were kept, masks as sets."""
    kept = []
    for row, seed in enumerate(seeds):
        mask = set(np.flatnonzero(logits[row] > 0))
        if not sum(sizes[list(mask)]):
            continue

        def same(other, mask=mask, seed=seed):
            theirs = set(np.flatnonzero(logits[other] > 0))
            shared, union = sum(sizes[list(mask & theirs)]), sum(sizes[list(mask | theirs)])
            return shared / union > overlap or seed in theirs

        if not any(same(other) for other in kept):
            kept.append(row)
    return [int(seeds[row]) for row in kept]


@pytest.mark.parametrize("at_once", [1, 3, 256])
@pytest.mark.parametrize("seed", range(12))
def test_kept_seeds_are_those_of_the_loop(seed, at_once):
    rng = np.random.default_rng(seed)
    cells = int(rng.integers(1, 30))
    seeds = rng.permutation(cells)[: int(rng.integers(1, cells + 1))]
    kernels, means = rng.normal(size=(cells, 3)), rng.normal(size=(cells, 3))
    kernels[:, 0] += rng.choice([-1.5, -0.5, 0.5])
    means[:, 0] = 1.0
    sizes = rng.integers(1, 20, cells)
    selection = Selection(overlap=float(rng.choice([0.2, 0.5, 0.8])), at_once=at_once)
    wanted = slow_kept(seeds, kernels[seeds] @ means.T, sizes, selection.overlap)
    assert kept_seeds(seeds, kernels, means, sizes, selection).tolist() == wanted


def test_no_candidate_keeps_none():
    terms = np.zeros((4, 2))
    assert kept_seeds(np.zeros(0, np.int64), terms, terms, np.ones(4), Selection()).tolist() == []


def test_a_small_object_is_found_behind_hundreds_of_better_seeds_of_a_large_one():
    """300 cells of one object, all of them surer than the single cell of another."""
    terms = np.repeat([[1.0, -1.0], [-1.0, 1.0]], [300, 1], axis=0)
    seeds = np.arange(301)
    assert kept_seeds(seeds, terms, terms, np.ones(301), Selection()).tolist() == [0, 300]


def neighbours_of(places):
    """Pairs of touching pixels by comparing all."""
    return [
        (a, b)
        for a in range(len(places))
        for b in range(a + 1, len(places))
        if np.abs(places[a] - places[b]).max() == 1
    ]


def flooded(pairs, count):
    """Pieces by flooding from each pixel in turn."""
    around = {row: [] for row in range(count)}
    for a, b in pairs:
        around[a].append(b)
        around[b].append(a)
    piece = [-1] * count
    found = 0
    for start in range(count):
        if piece[start] >= 0:
            continue
        waiting = deque([start])
        while waiting:
            row = waiting.popleft()
            if piece[row] < 0:
                piece[row] = found
                waiting.extend(around[row])
        found += 1
    return piece


@pytest.mark.parametrize("count", [0, 1, 150])
def test_touching_pixels_and_pieces_are_those_of_loops(count):
    index = pixels_of((count,), seed=count)
    pairs = touching_pixels(index)
    assert sorted(map(tuple, pairs.tolist())) == neighbours_of(index.coordinates)
    assert connected_pieces(pairs, count).tolist() == flooded(pairs.tolist(), count)


def slow_moved(claims, places, least):
    owner = owners(claims)
    pairs = [(a, b) for a, b in neighbours_of(places) if owner[a] == owner[b]]
    piece = np.array(flooded(pairs, len(owner)))
    large = [row for row in range(len(owner)) if owner[row] >= 0 and (piece == piece[row]).sum() >= least]
    moved = claims.copy()
    for row in range(len(owner)):
        if owner[row] >= 0 and large and row not in large:
            distances = ((places[large] - places[row]) ** 2).sum(axis=1)
            nearest = {int(owner[large[k]]) for k in np.flatnonzero(distances == distances.min())}
            moved[owner[row], row] = 0
            taker = nearest.pop()
            moved[taker, row] = np.nan if nearest else claims[owner[row], row]
    return moved


@pytest.mark.parametrize("seed", range(6))
def test_fragments_go_to_the_nearest_larger_piece(seed):
    index = pixels_of((260,), seed=seed)
    rng = np.random.default_rng(seed)
    claims = np.where(rng.random((3, 260)) < 0.6, rng.random((3, 260)), 0).astype(np.float32)
    claims[:, index.coordinates[:, 1] < 30] *= np.array([[1.0], [0.01], [0.02]], np.float32)
    moved = with_fragments_moved(claims, index.coordinates, touching_pixels(index), least=4)
    wanted = slow_moved(claims, index.coordinates, least=4)
    clear = ~np.isnan(wanted).any(axis=0)  # where two owners are equally near either will do
    assert clear.mean() > 0.8
    assert np.array_equal(moved[:, clear], wanted[:, clear])
    assert ((owners(moved) >= 0) == (owners(claims) >= 0)).all()
    assert moved.max(axis=0) == pytest.approx(claims.max(axis=0))


def test_without_a_larger_piece_all_stay():
    claims = np.array([[0.5, 0.0], [0.0, 0.6]])
    assert with_fragments_moved(claims, np.array([[0, 0], [9, 9]]), np.zeros((0, 2), np.int64), 5) is claims


def answer_of(pixels, seeds, background=-5.0):
    """An answer in which some cells, (event, place of cell), give masks near a line; all others are background."""
    cells = coarse_of(pixels)
    places = torch.from_numpy(pixels.coordinates / 512)
    kernels = torch.zeros(len(cells), 6, dtype=torch.float64)
    classes, quality = torch.zeros(len(cells), 3), torch.full((len(cells),), 0.0)
    classes[:, 0] = -background
    for (event, *cell), (of_class, score, kernel) in seeds.items():
        row = int(np.flatnonzero((cells.events == event) & (cells.coordinates == cell).all(axis=1))[0])
        kernels[row] = torch.tensor(kernel, dtype=torch.float64)
        classes[row] = torch.zeros(3)
        classes[row, of_class] = 20.0
        quality[row] = float(np.log(score / (1 - score)))
    semantic = SparseTensor(torch.zeros(len(pixels), 3), pixels)
    return SeedAnswer(semantic, SparseTensor(monomials(places), pixels), cells, classes, quality, kernels)


def near_wire(wire, width=1.5):
    """(width^2 - (x - wire)^2) in pixels, as coefficients of the monomials."""
    scale = 512.0
    return [width**2 - wire**2, 2 * wire * scale, 0, -(scale**2), 0, 0]


def near_time(time, width=1.5):
    one, x, _, xx, _, _ = near_wire(time, width)
    return [one, 0, x, 0, 0, xx]


@pytest.fixture
def cross():
    """Two tracks that cross, in the second of two images; the first is empty."""
    rows = [(1, 20, time) for time in range(50)] + [(1, wire, 12) for wire in range(40) if wire != 20]
    return SiteIndex.from_coordinates(np.array(rows), shape=SHAPE, batch_size=2)


def test_crossing_tracks_are_two_instances_that_share_their_crossing(cross):
    seeds = {
        (1, 2, 3): (1, 0.9, near_wire(20)),
        (1, 2, 4): (1, 0.8, near_wire(20)),
        (1, 0, 1): (2, 0.7, near_time(12)),
        (1, 4, 1): (2, 0.01, near_time(12)),
    }
    empty, found = select_instances(answer_of(cross, seeds))
    assert len(empty) == 0
    assert empty.masks.shape == (0, 0)
    assert found.classes.tolist() == [1, 2]
    assert found.scores.tolist() == pytest.approx([0.9, 0.7], abs=1e-4)
    wire, time = cross.coordinates.T
    assert np.array_equal(found.masks, [np.abs(wire - 20) <= 1, np.abs(time - 12) <= 1])
    crossing = (np.abs(wire - 20) <= 1) & (np.abs(time - 12) <= 1)
    assert (found.owner[~crossing] == np.where(np.abs(wire - 20) <= 1, 0, 1)[~crossing]).all()


def test_where_no_seed_is_sure_nothing_is_found(cross):
    found = select_instances(answer_of(cross, {}), Selection(least_score=0.05))[1]
    assert len(found) == 0
    assert (found.owner == -1).all()


def test_instances_are_sets_of_the_pixels_of_their_plane():
    found = FoundInstances(
        np.array([[0.45, 0.0, 0.3], [0.0, 0.4, 0.0]], np.float32),
        np.array([0.9, 0.5], np.float32),
        np.array([1, 2]),
    )
    said = found.on(Grid((4, 4)), np.array([3, 7, 9]))
    assert [said.clusters.cluster(k).ids.tolist() for k in (0, 1)] == [[3, 9], [7]]
    assert said.clusters.values.tolist() == pytest.approx([0.45, 0.3, 0.4])
    assert [ANCESTOR.classes[k] for k in said.classes] == ["cosmic", "neutrino"]
    assert found.owner.tolist() == [0, 1, 0]


@pytest.mark.parametrize("name", ["least_score", "overlap"])
def test_fractions_outside_0_to_1_are_refused(name):
    with pytest.raises(InvalidArgument, match=rf"{name} \(=1.5\) must be from 0 to 1"):
        Selection(**{name: 1.5})


@pytest.mark.parametrize(("name", "value", "least"), [("fragment", -1, 0), ("at_once", 0, 1)])
def test_numbers_that_are_too_small_are_refused(name, value, least):
    with pytest.raises(InvalidArgument, match=rf"{name} \(={value}\) must be at least {least}"):
        Selection(**{name: value})
