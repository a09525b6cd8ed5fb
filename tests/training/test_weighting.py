"""Weightings on images small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.errors import InvalidArgument
from argoscope.training.weighting import WEIGHTINGS, ImagePixels, near_another_class, weighting_named

ROWS = np.array([[0, 0], [0, 1], [0, 2], [0, 9], [4, 2], [4, 13]])
LABELS = np.array([1, 1, 1, 1, 0, 0])
INSTANCES = np.array([7, 7, 7, 3, 3, 3])


def weigh(name, rows=ROWS, labels=LABELS, instances=INSTANCES, at_vertex=None):
    at_vertex = np.zeros(len(rows), bool) if at_vertex is None else at_vertex
    return weighting_named(name).weigh(ImagePixels(rows, labels, instances, at_vertex)).tolist()


def test_every_class_counts_the_same():
    """4 and 2 pixels of two classes: 6 / (2 * 4) and 6 / (2 * 2)."""
    assert weigh("inverse") == [0.75] * 4 + [1.5] * 2
    assert weigh("root-inverse") == pytest.approx([0.75**0.5] * 4 + [1.5**0.5] * 2)
    assert weigh("none") == [1.0] * 6


def test_paper3_is_cluster_plus_border():
    """Clusters of 3 pixels: 1/3, cut to 0.02. Only class distances of at most 3 pixels are borders."""
    assert weigh("paper3") == pytest.approx([0.02] * 6)
    near = ROWS.copy()
    near[4] = [3, 2]  # 3 pixels below (0, 2), and 2 columns from (0, 0)
    border = [0.04, 0.04, 0.04, 0.02, 0.04, 0.02]
    assert weigh("paper3", rows=near) == pytest.approx(border)
    assert weigh("paper3-code", rows=near) == [2.0, 2.0, 2.0, 0.5, 2.0, 0.5]


@pytest.mark.parametrize(("size", "weight"), [(10, 0.02), (100, 0.01), (1000, 0.001), (10_000, 0.0002)])
def test_cluster_weights_are_inverse_sizes_between_the_papers_ends(size, weight):
    rows = np.column_stack([np.arange(size), np.zeros(size, dtype=np.int64)])
    same = np.zeros(size, dtype=np.int64)
    assert weigh("paper3", rows, same, same) == pytest.approx([weight] * size)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_near_another_class_is_every_pair_within_the_box(dimensions):
    rng = np.random.default_rng(5)
    rows, labels = rng.integers(0, 40 if dimensions == 2 else 14, (120, dimensions)), rng.integers(0, 3, 120)
    apart = np.abs(rows[:, None] - rows[None]).max(axis=2)
    want = ((apart <= 3) & (labels[:, None] != labels[None])).any(axis=1)
    assert 0 < want.sum() < len(want)
    assert (near_another_class(rows, labels) == want).all()


@pytest.mark.parametrize("name", WEIGHTINGS)
def test_one_pixel_has_a_weight(name):
    [weight] = weigh(name, ROWS[:1], LABELS[:1], INSTANCES[:1])
    assert weight == {"paper3": 0.02, "paper3-code": 0.5, "light": 1.5, "even": 1 / 6}.get(name, 1.0)


def test_paper0s_weights():
    """Section 7: 1, 1.5, 10; or a third for each class over its pixels, of which the program counts one more."""
    labels = np.array([0, 2, 1, 1, 0, 0])
    assert weigh("light", labels=labels) == [1.0, 10.0, 1.5, 1.5, 1.0, 1.0]
    assert weigh("even", labels=labels) == pytest.approx([1 / 12, 1 / 6, 1 / 9, 1 / 9, 1 / 12, 1 / 12])
    many = np.repeat([0, 1, 2], [5000, 1000, 3000])
    weights = np.array(weigh("even", np.zeros((9000, 2), int), many, many))
    # The one more takes a thousandth.
    assert np.bincount(many, weights) == pytest.approx([1 / 3] * 3, rel=1.1e-3)


@pytest.mark.parametrize("name", WEIGHTINGS)
def test_weights_follow_their_pixels(name):
    order = np.random.default_rng(1).permutation(len(ROWS))
    moved = weigh(name, ROWS[order], LABELS[order], INSTANCES[order])
    assert moved == pytest.approx(np.array(weigh(name))[order].tolist())


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(InvalidArgument, match=r"no weighting 'inverse_'\. Did you mean 'inverse'"):
        weighting_named("inverse_")
