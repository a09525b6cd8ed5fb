"""Anchors of the paper's framework, which of them are taught what, and how a sample of them is drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.anchors import STRIDE, anchor_shapes, kmeans_shapes, placed
from argoscope.models.boxes import box_iou
from argoscope.models.matching import match, sample, with_best

PUBLISHED = [
    [-83, -39, 100, 56], [-175, -87, 192, 104], [-359, -183, 376, 200],
    [-55, -55, 72, 72], [-119, -119, 136, 136], [-247, -247, 264, 264],
    [-35, -79, 52, 96], [-79, -167, 96, 184], [-167, -343, 184, 360],
]  # fmt: skip
"""The table in the published code of Faster R-CNN: sizes 128, 256, 512 at ratios 0.5, 1, 2, pixels counted from 1."""


def test_shapes_are_the_published_ones():
    shapes = torch.tensor(anchor_shapes([128, 256, 512], [0.5, 1, 2]))
    assert placed(shapes, (1, 1))[0].tolist() == [[end - 1 for end in box] for box in PUBLISHED]


def test_anchors_stand_at_their_cells():
    shapes = torch.tensor(anchor_shapes([32, 64], [0.5, 2]), dtype=torch.float64)
    anchors = placed(shapes, (3, 5)).reshape(3, 5, 4, 4)
    shift = torch.tensor([2.0, 4.0, 2.0, 4.0], dtype=torch.float64) * STRIDE
    assert torch.equal(anchors[2, 4], anchors[0, 0] + shift)
    assert torch.equal(anchors[0, 0, :, 2:] - anchors[0, 0, :, :2] + 1, shapes)
    assert torch.equal(
        anchors[1, 0] - anchors[0, 0], torch.tensor([16.0, 0.0, 16.0, 0.0]).double().expand(4, 4)
    )


def test_extreme_ratios_keep_a_pixel():
    assert all(min(shape) > 0 for shape in anchor_shapes([16], [0.001, 1000.0]))
    with pytest.raises(InvalidArgument, match=r"ratios \(=\[0.5, -1\]\) must be positive"):
        anchor_shapes([32], [0.5, -1])


def test_clusters_are_found_and_repeat():
    rng = np.random.default_rng(2)
    centres = np.array([[20.0, 20.0], [15.0, 400.0], [600.0, 30.0]])
    sizes = np.concatenate([centre * np.exp(rng.normal(0, 0.1, (200, 2))) for centre in centres])
    found = kmeans_shapes(sizes, 3, np.random.default_rng(0))
    # The mean of 200 logarithms of spread 0.1 is good to 0.007.
    np.testing.assert_allclose(found, centres[[0, 1, 2]], rtol=0.03)
    np.testing.assert_array_equal(found, kmeans_shapes(sizes, 3, np.random.default_rng(0)))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        (np.ones((5, 2)), r"count \(=2\) is more than the 1 different sizes among 5 boxes"),
        (np.array([[1.0, 2.0], [3.0, 0.0]]), r"row 1, \[3.0, 0.0\], must be positive"),
        (np.zeros((0, 2)), "more than the 0 different sizes"),
    ],
)
def test_sizes_without_clusters_are_refused(sizes, message):
    with pytest.raises(InvalidArgument, match=message):
        kmeans_shapes(sizes, 2, np.random.default_rng(0))


def labels(boxes, truth, positive=0.7, negative=0.3):
    """1, 0 or -1 of each box, one after the other: the rules of arXiv:1506.01497, section 3.1.2."""
    overlaps = box_iou(boxes, truth)
    result = []
    for row in overlaps:
        is_best = any(o > 0 and o == overlaps[:, column].max() for column, o in enumerate(row))
        result.append(1 if is_best or row.max() >= positive else 0 if row.max() < negative else -1)
    return result


def test_anchors_are_labelled_by_the_rules():
    anchors = placed(torch.tensor(anchor_shapes([16, 32, 64], [0.5, 1, 2])), (6, 9)).flatten(0, 1)
    truth = torch.tensor(
        [[0.0, 0.0, 31.0, 31.0], [16.0, 24.0, 47.0, 119.0], [60.0, 3.0, 60.0, 3.0], [3.0, 80.0, 80.0, 84.0]]
    )
    matches, best = match(anchors, truth)
    positives, negatives = with_best(matches, best, 0.7, 0.3)
    want = labels(anchors, truth)
    assert positives.tolist() == [row for row, label in enumerate(want) if label == 1]
    assert negatives.tolist() == [row for row, label in enumerate(want) if label == 0]
    assert set(want) == {1, 0, -1}
    # Every true box has an anchor, the one thick pixel and the thin track too.
    assert set(box_iou(anchors, truth).argmax(0).tolist()) <= set(positives.tolist())
    assert_close(matches.overlap, box_iou(anchors, truth).amax(1))


def test_without_true_boxes_all_is_negative():
    anchors = placed(torch.tensor(anchor_shapes([16], [1])), (2, 2)).flatten(0, 1)
    positives, negatives = with_best(*match(anchors, torch.zeros(0, 4)), 0.7, 0.3)
    assert (positives.tolist(), negatives.tolist()) == ([], [0, 1, 2, 3])


def test_a_true_box_that_no_anchor_touches_has_none():
    anchors = placed(torch.tensor(anchor_shapes([16], [1])), (1, 1)).flatten(0, 1)
    _, best = match(anchors, torch.tensor([[100.0, 100.0, 110.0, 110.0]]))
    assert best.tolist() == [False]
    assert match(anchors[:0], torch.tensor([[100.0, 100.0, 110.0, 110.0]]))[1].tolist() == []


@pytest.mark.parametrize(
    ("positives", "negatives", "drawn"), [(5, 90, (2, 6)), (1, 90, (1, 7)), (5, 3, (2, 3)), (0, 0, (0, 0))]
)
def test_samples(positives, negatives, drawn):
    rows = torch.randperm(positives + negatives, generator=torch.Generator().manual_seed(1))
    groups = rows[:positives].sort().values, rows[positives:].sort().values
    chosen = sample(*groups, count=8, fraction=0.25, generator=torch.Generator().manual_seed(0))
    again = sample(*groups, count=8, fraction=0.25, generator=torch.Generator().manual_seed(0))
    for rows_drawn, repeated, group, count in zip(chosen, again, groups, drawn, strict=True):
        assert torch.equal(rows_drawn, repeated)
        assert len(set(rows_drawn.tolist())) == len(rows_drawn) == count
        assert set(rows_drawn.tolist()) <= set(group.tolist())


def test_every_row_is_drawn_as_often():
    """Of 10 rows 5 are drawn 400 times: each 200 +- 10 times; within five deviations."""
    rng = torch.Generator().manual_seed(0)
    none = torch.arange(0)
    drawn = torch.cat(
        [sample(none, torch.arange(10), count=5, fraction=0.5, generator=rng)[1] for _ in range(400)]
    )
    assert (drawn.bincount(minlength=10) - 200).abs().max() < 50
