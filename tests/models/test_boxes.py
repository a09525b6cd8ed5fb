"""Boxes by counting their pixels, and suppression by its definition."""

from __future__ import annotations

import math

import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.boxes import box_iou, box_sizes, check_boxes, clip, decode, encode, enlarged, inside
from argoscope.models.suppression import BLOCK, mask_iou, mask_nms, nms

WEIGHTS = (10.0, 10.0, 5.0, 5.0)


def random_boxes(count, seed, side=30, whole=False):
    rng = torch.Generator().manual_seed(seed)
    corners = torch.rand(count, 2, generator=rng, dtype=torch.float64) * side
    boxes = torch.cat([corners, corners + torch.rand(count, 2, generator=rng, dtype=torch.float64) * side], 1)
    return boxes.floor() if whole else boxes


def pixels_of(box):
    first_wire, first_time, last_wire, last_time = (int(end) for end in box)
    return {(w, t) for w in range(first_wire, last_wire + 1) for t in range(first_time, last_time + 1)}


def test_overlap_is_that_of_the_pixels():
    first, second = random_boxes(9, 0, side=8, whole=True), random_boxes(7, 1, side=8, whole=True)
    got = box_iou(first, second)
    for i, one in enumerate(first):
        for j, two in enumerate(second):
            a, b = pixels_of(one), pixels_of(two)
            assert got[i, j].item() == pytest.approx(len(a & b) / len(a | b), abs=1e-15)
    assert box_sizes(first).prod(1).tolist() == [len(pixels_of(box)) for box in first]


def test_overlap_of_areas():
    """Without the last pixel: a unit square shares half of another, and nothing with a point."""
    boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0], [0.5, 0.0, 1.5, 1.0], [0.0, 0.0, 0.0, 0.0]])
    got = box_iou(boxes, boxes, inclusive=False)
    assert_close(got[0, 1], torch.tensor(1 / 3))
    assert got[2].tolist() == [0.0, 0.0, 0.0]


def test_no_boxes():
    none, some = torch.zeros(0, 4), random_boxes(3, 0).float()
    assert box_iou(none, some).shape == (0, 3)
    assert encode(none, none).shape == decode(none, none).shape == (0, 4)
    assert nms(none, torch.zeros(0), 0.5).tolist() == []
    assert mask_nms(torch.zeros(0, 5, dtype=torch.bool), torch.zeros(0), 0.5).tolist() == []


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0, 1.0), WEIGHTS])
def test_decoding_undoes_encoding(weights):
    boxes, anchors = random_boxes(50, 2), random_boxes(50, 3)
    # Exponential and logarithm of numbers of order 1, times sides of order 100.
    assert_close(decode(encode(boxes, anchors, weights), anchors, weights), boxes, rtol=0.0, atol=1e-11)


def test_deltas_by_hand():
    """An anchor of 10 x 20 pixels; a box twice as long in wires, moved by 3 pixels of the centre in time."""
    anchor = torch.tensor([[100.0, 200.0, 109.0, 219.0]])
    box = torch.tensor([[95.0, 203.0, 114.0, 222.0]])
    assert_close(encode(box, anchor, WEIGHTS), torch.tensor([[0.0, 10 * 3 / 20, 5 * math.log(2), 0.0]]))


def test_each_class_has_its_own_deltas():
    anchors = random_boxes(6, 4)
    deltas = torch.randn(6, 3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    together = decode(deltas, anchors, WEIGHTS)
    for number in range(3):
        assert torch.equal(together[:, number], decode(deltas[:, number], anchors, WEIGHTS))


def test_sizes_that_are_not_believed():
    huge = decode(torch.tensor([[0.0, 0.0, 50.0, 0.0]]), torch.tensor([[0.0, 0.0, 15.0, 15.0]]))
    assert_close(box_sizes(huge), torch.tensor([[1000.0, 16.0]]))


def test_borders():
    sides = (40, 25)
    boxes = random_boxes(200, 5, whole=True) - 10
    cut = clip(boxes, sides)
    assert inside(cut, sides).all()
    kept = inside(boxes, sides)
    assert 0 < kept.sum() < len(boxes)
    assert torch.equal(cut[kept], boxes[kept])
    a_pixel_outside = torch.tensor([[-1.0, 0.0, 5.0, 25.0]])
    assert inside(a_pixel_outside, sides, margin=0.5).tolist() == [False]
    assert inside(a_pixel_outside, sides, margin=1.0).tolist() == [True]


def test_enlarging_keeps_the_centre():
    boxes = random_boxes(9, 6)
    grown = enlarged(boxes, 1.05)
    assert_close(grown[:, :2] + grown[:, 2:], boxes[:, :2] + boxes[:, 2:])
    assert_close(grown[:, 2:] - grown[:, :2], 1.05 * (boxes[:, 2:] - boxes[:, :2]))


def test_wrong_boxes_are_named():
    with pytest.raises(
        InvalidArgument, match=r"targets: row 1, \[3.0, 0.0, 2.0, 9.0\], ends before it begins"
    ):
        check_boxes("targets", torch.tensor([[0.0, 0.0, 0.0, 0.0], [3.0, 0.0, 2.0, 9.0]]))
    with pytest.raises(InvalidArgument, match=r"shape \(4,\)"):
        check_boxes("targets", torch.zeros(4))
    with pytest.raises(InvalidArgument, match="row 0"):
        check_boxes("targets", torch.tensor([[0.0, 0.0, math.nan, 1.0]]))


def slow_nms(overlap, scores, threshold, groups):
    """One after the other, by decreasing score."""
    kept = []
    for row in sorted(range(len(scores)), key=lambda row: -scores[row]):
        if all(groups[row] != groups[other] or overlap[row][other] < threshold for other in kept):
            kept.append(row)
    return kept


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.7])
@pytest.mark.parametrize("count", [1, 40, BLOCK + 150])
def test_suppression_is_that_of_the_definition(count, threshold):
    boxes = random_boxes(count, count)
    rng = torch.Generator().manual_seed(count)
    scores = torch.rand(count, generator=rng).round(decimals=3)  # some are equal
    groups = torch.randint(0, 2, (count,), generator=rng)
    overlap = box_iou(boxes, boxes).tolist()
    alone, by_group = [0] * count, groups.tolist()
    assert nms(boxes, scores, threshold).tolist() == slow_nms(overlap, scores.tolist(), threshold, alone)
    want = slow_nms(overlap, scores.tolist(), threshold, by_group)
    assert nms(boxes, scores, threshold, groups=groups).tolist() == want
    assert nms(boxes, scores, threshold, groups=groups, most=5).tolist() == want[:5]


def test_a_chain_of_overlaps():
    """Each overlaps the next only: every second one stays, however long the chain."""
    count = 61
    first = torch.arange(count) * 5.0
    boxes = torch.stack([first, torch.zeros(count), first + 9, torch.full((count,), 9.0)], dim=1)
    assert nms(boxes, torch.arange(count, 0, -1.0), 0.3).tolist() == list(range(0, count, 2))


def test_an_overlap_equal_to_the_threshold_suppresses():
    boxes = torch.tensor([[0.0, 0.0, 2.0, 3.0], [1.0, 0.0, 3.0, 3.0]])
    assert nms(boxes, torch.tensor([0.9, 0.8]), 0.5).tolist() == [0]
    assert nms(boxes, torch.tensor([0.9, 0.8]), 0.51).tolist() == [0, 1]


def test_crossing_tracks_share_a_box_but_no_mask():
    """Two diagonals of one square cross in one pixel."""
    square = torch.eye(9, dtype=torch.bool)
    masks = torch.stack([square.flatten(), square.flip(0).flatten()])
    boxes, scores = torch.tensor([[0.0, 0.0, 8.0, 8.0]] * 2), torch.tensor([0.4, 0.6])
    assert_close(mask_iou(masks, masks), torch.tensor([[1.0, 1 / 17], [1 / 17, 1.0]]))
    assert nms(boxes, scores, 0.3).tolist() == [1]
    assert mask_nms(masks, scores, 0.3).tolist() == [1, 0]
    assert mask_nms(masks, scores, 1 / 17).tolist() == [1]


def test_empty_masks_overlap_with_nothing():
    masks = torch.tensor([[False, False], [False, False], [True, False]])
    assert not mask_iou(masks, masks)[:2].any()
    assert mask_nms(masks, torch.tensor([0.1, 0.2, 0.3]), 0.5).tolist() == [2, 1, 0]
