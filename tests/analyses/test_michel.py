"""Michel electrons: the reconstruction beside its definition, and odd events by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn.cluster import DBSCAN

from argoscope.analyses.michel import MICHEL, MIP, MichelRules, find_michels
from argoscope.errors import InvalidArgument

HIP, SHOWER = 0, 2


def slow_clusters(coordinates, labels, wanted, eps, points):
    """Rows of each cluster, by scikit-learn."""
    rows = np.flatnonzero(labels == wanted)
    if not len(rows):
        return []
    found = DBSCAN(eps=eps, min_samples=points).fit(coordinates[rows].astype(float)).labels_
    return [rows[found == k] for k in range(found.max() + 1)]


def slow_find(coordinates, labels, rules):
    """Paper 4's reconstruction as one writes it down: every distance of every pair."""
    mips = slow_clusters(coordinates, labels, MIP, rules.eps, rules.mip_points)
    track = sorted(int(row) for mip in mips for row in mip)
    found = []
    for michel in slow_clusters(coordinates, labels, MICHEL, rules.eps, rules.michel_points):
        pairs = [(int(((coordinates[a] - coordinates[b]) ** 2).sum()), a, b) for a in michel for b in track]
        if not pairs:
            continue
        squared, a, contact = min(pairs)
        step = np.abs(coordinates[a] - coordinates[contact]).max() <= 1
        if not (step if rules.attached == "step" else np.sqrt(squared) < np.sqrt(8) - 1e-9):
            continue
        (mip,) = (m for m in mips if contact in m)
        left = [
            row for row in mip if np.linalg.norm(coordinates[row] - coordinates[contact]) > rules.edge_radius
        ]
        pieces = slow_clusters(coordinates[left], np.full(len(left), MIP), MIP, rules.eps, rules.mip_points)
        if len(pieces) <= 1:
            found.append((michel.tolist(), contact, len(mip)))
    return found


def fast_find(coordinates, labels, rules):
    return [(c.rows.tolist(), c.contact, c.mip_pixels) for c in find_michels(coordinates, labels, rules)]


def walk(rng, start, steps, dimensions):
    """Pixels of a crooked track."""
    moves = rng.normal(size=(steps, dimensions)) * 0.5 + rng.normal(size=dimensions)
    return np.round(start + np.cumsum(moves, axis=0)).astype(int)


def crooked_event(rng, dimensions):
    """Tracks with electrons at their ends, in their middles and nowhere, on sides of unequal length."""
    pixels, labels = [], []
    for _ in range(3):
        track = walk(rng, rng.uniform(0, 25, dimensions), int(rng.integers(5, 40)), dimensions)
        at = track[int(rng.integers(len(track)))] + rng.integers(-3, 4, dimensions)
        electron = walk(rng, at, int(rng.integers(1, 14)), dimensions)
        pixels += [track, electron]
        labels += [np.full(len(track), MIP), np.full(len(electron), MICHEL)]
    points = np.concatenate(pixels)
    classes = np.concatenate(labels)
    kept, first = np.unique(points, axis=0, return_index=True)
    return kept, np.where(rng.random(len(kept)) < 0.05, SHOWER, classes[first])


@pytest.mark.parametrize("attached", ["step", "reach"])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_what_is_found_is_what_the_definition_finds(rng, dimensions, attached):
    seen = 0
    for number in range(60):
        coordinates, labels = crooked_event(rng, dimensions)
        rules = MichelRules(
            attached=attached,
            mip_points=(3, 5)[number % 2],
            michel_points=(1, 3, 5)[number % 3],
            edge_radius=(4.0, 8.0)[number % 2],
        )
        found = fast_find(coordinates, labels, rules)
        assert found == slow_find(coordinates, labels, rules)
        seen += len(found)
    assert seen > 10  # the events hold what is looked for


def line(length, label, start=0, across=0):
    """A straight track of two pixels' width along the first axis."""
    pixels = np.array([(start + k, across + w, 0) for k in range(length) for w in (0, 1)])
    return pixels, np.full(len(pixels), label)


def together(*parts):
    pixels, labels = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort(pixels.T[::-1])
    return pixels[order], labels[order]


def test_an_electron_at_the_end_is_found_and_one_in_the_middle_is_not():
    muon = line(60, MIP)
    assert len(find_michels(*together(muon, line(8, MICHEL, start=60)))) == 1
    assert find_michels(*together(muon, line(8, MICHEL, start=26, across=2))) == []


def test_both_ends_of_one_track_may_have_an_electron():
    found = find_michels(
        *together(line(60, MIP, start=20), line(8, MICHEL, start=12), line(8, MICHEL, start=80))
    )
    assert [len(c.rows) for c in found] == [16, 16]


def test_a_track_within_the_radius_is_all_end():
    """Masked as a whole, it leaves nothing: the paper's program takes that as an end."""
    assert len(find_michels(*together(line(8, MIP), line(8, MICHEL, start=8)))) == 1


@pytest.mark.parametrize(("gap", "step", "reach"), [(1, 1, 1), (2, 0, 1), (3, 0, 0)])
def test_the_two_readings_of_attached(gap, step, reach):
    event = together(line(60, MIP), line(8, MICHEL, start=59 + gap))
    assert len(find_michels(*event, MichelRules(attached="step"))) == step
    assert len(find_michels(*event, MichelRules(attached="reach"))) == reach


def test_a_diagonal_of_squared_length_8_is_not_attached():
    """The program asks for less than sqrt(8)."""
    event = together(line(60, MIP), line(8, MICHEL, start=61, across=3))
    assert find_michels(*event, MichelRules(attached="reach")) == []


def test_the_text_s_eps_and_the_program_s_link_the_same_pixels():
    """2.8 and 2.828: no two pixels are as far apart as something between."""
    squares = {sum(s) for d in (2, 3) for s in itertools.product((0, 1, 4, 9), repeat=d)}
    assert not [s for s in squares if 2.8**2 < s <= 2.828**2]


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("labels", [[], [MICHEL], [MIP], [MICHEL, MIP]])
def test_events_with_next_to_nothing(labels, dimensions):
    coordinates = np.array([[k] * dimensions for k in range(len(labels))], dtype=np.int32).reshape(
        -1, dimensions
    )
    assert find_michels(coordinates, np.array(labels, dtype=np.int32)) == []


def test_one_pixel_is_found_where_one_is_enough():
    rules = MichelRules(michel_points=1, mip_points=1)
    found = find_michels(np.array([[0, 0], [0, 1]]), np.array([MICHEL, MIP]), rules)
    assert [(c.rows.tolist(), c.contact, c.mip_pixels) for c in found] == [([0], 1, 1)]


def test_only_muons_count_as_tracks():
    assert find_michels(*together(line(60, HIP), line(8, MICHEL, start=60))) == []


def test_the_order_of_axes_does_not_matter(rng):
    coordinates, labels = crooked_event(rng, 3)
    rules = MichelRules(michel_points=2, mip_points=3, edge_radius=5.0)
    sizes = sorted(len(c.rows) for c in find_michels(coordinates, labels, rules))
    for axes in itertools.permutations(range(3)):
        turned = coordinates[:, axes]
        assert sorted(len(c.rows) for c in find_michels(turned, labels, rules)) == sizes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attached": "near"}, r"no reading of attached 'near'"),
        ({"michel_points": 0}, r"michel_points \(=0\) must be at least 1"),
        ({"eps": float("nan")}, r"eps \(=nan\) must be a positive number of pixels"),
        ({"edge_radius": 0.0}, r"edge_radius \(=0.0\)"),
    ],
)
def test_impossible_rules_are_refused(change, message):
    with pytest.raises(InvalidArgument, match=message):
        MichelRules(**change)
