"""Heads, losses and masks of the second stage, each against its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, COSMIC
from argoscope.events.grid import Grid
from argoscope.models.detections import Detections, Targets, best_boxes, no_detections, targets_of
from argoscope.models.mask_pixels import mask_target, on_pixels
from argoscope.models.mask_rcnn_config import BoxHeadConfig
from argoscope.models.mask_rcnn_heads import upsampled
from argoscope.models.mask_rcnn_losses import box_loss, class_loss, mask_loss

ROUNDING = {"rtol": 0.0, "atol": 1e-12}


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("factor", [2, 4, 32])
def test_upsampling_is_the_fixed_transposed_convolution(factor):
    """Detectron's filter: a triangle of 2 * factor pixels, stride factor, padding factor / 2."""
    maps = normal(3, 14, 14)
    steps = torch.arange(2 * factor, dtype=torch.float64)
    triangle = 1 - (steps - (factor - 0.5)).abs() / factor
    want = F.conv_transpose2d(
        maps[:, None], (triangle[:, None] * triangle)[None, None], stride=factor, padding=factor // 2
    )
    assert_close(upsampled(maps, factor), want[:, 0], **ROUNDING)


def test_class_loss_weighs_each_proposal_by_its_class():
    scores, labels = normal(6, 4).requires_grad_(), torch.tensor([0, 1, 3, 3, 2, 0])
    weights = torch.tensor([1.0, 2.0, 0.0, 36.0], dtype=torch.float64)
    costs = [-scores[row].log_softmax(0)[label] for row, label in enumerate(labels)]
    want = sum(weights[label] * cost for label, cost in zip(labels, costs, strict=True)) / (
        1 + 2 + 36 + 36 + 0 + 1
    )
    assert_close(class_loss(scores, labels, weights), want, **ROUNDING)
    gradient = torch.autograd.grad(class_loss(scores, labels, weights), scores)[0]
    assert not gradient[4].any()
    assert class_loss(scores[:1], torch.tensor([2]), weights) == 0


def test_box_loss_reads_the_deltas_of_the_true_class():
    deltas, wanted, labels = (
        normal(4, 3, 4).requires_grad_(),
        2 * normal(4, 4, seed=1),
        torch.tensor([2, 0, 1, 2]),
    )
    off = [(deltas[row, label] - wanted[row]).abs() for row, label in enumerate(labels) if label > 0]
    want = sum(torch.where(each < 1, each**2 / 2, each - 0.5).sum() for each in off) / 4
    assert_close(box_loss(deltas, labels, wanted), want, **ROUNDING)
    gradient = torch.autograd.grad(box_loss(deltas, labels, wanted), deltas)[0]
    read = torch.zeros(4, 3, dtype=torch.bool)
    read[[0, 2, 3], [2, 1, 2]] = True
    assert torch.equal(gradient.ne(0).any(2), read)
    assert box_loss(deltas, torch.zeros(4, dtype=torch.long), wanted) == 0


def test_mask_loss_balances_on_and_off_over_the_batch():
    scores, truth = normal(3, 5, 5), torch.zeros(3, 5, 5, dtype=torch.bool)
    truth[0, 2, :] = truth[1, 1, 1] = True  # the third has none
    total, on = truth.numel(), int(truth.sum())
    want = torch.zeros((), dtype=torch.float64)
    for score, is_on in zip(scores.flatten().tolist(), truth.flatten().tolist(), strict=True):
        probability = 1 / (1 + math.exp(-score))
        weight = total / on if is_on else total / (total - on)
        want -= weight * math.log(probability if is_on else 1 - probability)
    assert_close(mask_loss(scores, truth), want / total, **ROUNDING)
    for uniform in (torch.ones_like(truth), torch.zeros_like(truth)):
        assert mask_loss(torch.zeros_like(scores), uniform).item() == pytest.approx(math.log(2))
    assert mask_loss(scores[:0], truth[:0]) == 0


def pixels_of(mask):
    return mask.nonzero()


def slow_target(mask, box, side):
    """Every point looks up the pixel it stands in."""
    first_wire, first_time, last_wire, last_time = box
    target = torch.zeros(side, side, dtype=torch.bool)
    for i in range(side):
        for j in range(side):
            wire = math.floor(first_wire + (i + 0.5) / side * (last_wire - first_wire + 1))
            time = math.floor(first_time + (j + 0.5) / side * (last_time - first_time + 1))
            target[i, j] = 0 <= wire < len(mask) and 0 <= time < mask.shape[1] and mask[wire, time]
    return target


@pytest.mark.parametrize(
    "box",
    [
        (0.0, 0.0, 8.0, 13.0),  # the image
        (2.0, 3.0, 5.0, 9.0),
        (1.3, 2.7, 6.1, 4.9),
        (4.0, 4.0, 4.0, 4.0),  # one pixel
        (6.5, 10.0, 20.0, 30.0),  # beyond the borders
    ],
)
def test_true_masks_are_read_in_the_frame_of_the_box(box):
    mask = torch.rand(9, 14, generator=torch.Generator().manual_seed(3)) < 0.4
    got = mask_target(pixels_of(mask), torch.tensor(box, dtype=torch.float64), 11)
    assert torch.equal(got, slow_target(mask, box, 11))


def test_a_mask_comes_back_from_the_frame_of_its_box():
    """Read finely in its own box and spread again, a mask is what it was."""
    mask = torch.rand(9, 14, generator=torch.Generator().manual_seed(3)) < 0.4
    pixels = pixels_of(torch.ones_like(mask))
    box = torch.tensor([0.0, 0.0, 8.0, 13.0], dtype=torch.float64)
    likely = mask_target(pixels_of(mask), box, 448).double()
    assert torch.equal(on_pixels(likely, box, pixels, 0.5) > 0, mask[pixels[:, 0], pixels[:, 1]])


def slow_paste(likely, box, wires, times):
    """Detectron: a ring of zeros, the box grown and cut to whole pixels, the image of it resized linearly."""
    side = len(likely)
    ringed = np.zeros((side + 2, side + 2))
    ringed[1:-1, 1:-1] = likely
    image = np.zeros((wires, times))
    corner, size = [], []
    for axis in (0, 1):
        centre, half = (box[axis] + box[axis + 2]) / 2, (box[axis + 2] - box[axis]) / 2 * (side + 2) / side
        corner.append(int(centre - half))
        size.append(max(int(centre + half) - corner[-1] + 1, 1))

    def taps(step, axis):
        place = min(max((step + 0.5) * (side + 2) / size[axis] - 0.5, 0.0), side + 1.0)
        low = min(int(place), side)
        return ((low, 1 - place + low), (low + 1, place - low))

    for i in range(size[0]):
        for j in range(size[1]):
            wire, time = corner[0] + i, corner[1] + j
            if 0 <= wire < wires and 0 <= time < times:
                image[wire, time] = sum(a * b * ringed[y, x] for y, a in taps(i, 0) for x, b in taps(j, 1))
    return torch.from_numpy(image)


@pytest.mark.parametrize(
    "box", [(3.0, 2.0, 12.0, 9.0), (2.4, 5.1, 17.8, 7.9), (-4.0, -3.0, 30.0, 40.0), (6.0, 6.0, 6.0, 6.0)]
)
def test_answers_are_spread_as_published_at_the_pixels_asked_for(box):
    likely = torch.rand(12, 12, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    pixels = pixels_of(torch.ones(25, 31))
    image = slow_paste(likely.numpy(), box, 25, 31)[pixels[:, 0], pixels[:, 1]]
    got = on_pixels(likely, torch.tensor(box, dtype=torch.float64), pixels, 0.3)
    assert_close(got, torch.where(image > 0.3, image, 0), rtol=0.0, atol=1e-9)
    assert 0 < (got > 0).sum() < len(pixels)


def test_targets_from_the_instance_of_every_pixel():
    rng = torch.Generator().manual_seed(0)
    coordinates = (torch.rand(20, 30, generator=rng) < 0.2).nonzero().int()
    instances = torch.randint(0, 5, (len(coordinates),), generator=rng)
    targets = targets_of(coordinates, instances, {1: 1, 3: 5, 9: 1})
    assert targets.classes.tolist() == [1, 5]
    for number, box, pixels in zip((1, 3), targets.boxes, targets.pixels, strict=True):
        mine = coordinates[instances == number]
        assert torch.equal(pixels, mine.long())
        assert box.tolist() == [*mine.amin(0).tolist(), *mine.amax(0).tolist()]
    assert len(targets_of(coordinates, instances, {}).boxes) == 0


@pytest.mark.parametrize(
    ("boxes", "classes", "sets", "message"),
    [
        ([[0.0, 0.0, 1.0, 1.0]], [0], 1, "row 0 is 0; classes begin at 1"),
        ([[0.0, 5.0, 1.0, 1.0]], [1], 1, "row 0, .* ends before it begins"),
        ([[0.0, 0.0, 1.0, 1.0]], [1], 2, "1 boxes, 1 classes and 2 sets of pixels"),
    ],
)
def test_impossible_targets_are_refused(boxes, classes, sets, message):
    with pytest.raises(InvalidArgument, match=message):
        Targets(torch.tensor(boxes), torch.tensor(classes), (torch.zeros(1, 2, dtype=torch.long),) * sets)


def test_detections_are_sure_apart_and_not_too_many():
    rng = torch.Generator().manual_seed(0)
    corners = torch.rand(60, 3, 2, generator=rng) * 40
    boxes = torch.cat([corners, corners + 20], dim=2)
    probabilities = (3 * torch.randn(60, 3, generator=rng)).softmax(1)
    config = BoxHeadConfig(class_weights=(1.0, 1.0, 1.0), most=9)
    found, classes, scores = best_boxes(probabilities, boxes, config)
    assert len(found) == 9
    assert torch.equal(scores, scores.sort(descending=True).values)
    everything, all_classes, all_scores = best_boxes(
        probabilities, boxes, BoxHeadConfig(class_weights=(1.0, 1.0, 1.0), most=1000)
    )
    assert torch.equal(everything[:9], found)
    assert torch.equal(all_classes[:9], classes)
    assert all_scores.min() > 0.05
    assert set(all_classes.tolist()) == {1, 2}
    none = best_boxes(torch.tensor([[1.0, 0.0, 0.0]]), boxes[:1], config)
    assert [len(part) for part in none] == [0, 0, 0]


def test_detections_as_sets_of_pixels():
    grid, ids = Grid((4, 5)), np.array([3, 7, 12])
    found = Detections(
        torch.zeros(2, 4),
        torch.tensor([2, 1]),
        torch.tensor([0.8, 0.5]),
        torch.tensor([[0.5, 0.0, 1.0], [0.0] * 3]),
    )
    sets = found.found(COSMIC).on(grid, ids)
    assert [pixels.tolist() for pixels in np.split(sets.clusters.ids, sets.clusters.offsets[1:-1])] == [
        [3, 12],
        [],
    ]
    np.testing.assert_allclose(sets.clusters.values, [0.4, 0.8])
    assert [sets.scheme.classes[number] for number in sets.classes] == ["neutrino", "cosmic"]
    of_seven = found.found(ANCESTOR).on(grid, ids)
    assert [of_seven.scheme.classes[number] for number in of_seven.classes] == ["neutron", "cosmic"]
    assert len(found.chosen(torch.tensor([1])).scores) == 1
    assert len(no_detections(torch.zeros(1), 3).found(COSMIC).on(grid, ids)) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"class_weights": (0.0, 1.0)}, "must be those of the background, not 0"),
        ({"class_weights": (1.0,)}, "at least one class"),
        ({"overlap": 1.5}, r"overlap \(=1.5\) must be a number from 0 to 1"),
        ({"most": 0}, r"most \(=0\)"),
    ],
)
def test_impossible_settings_are_refused(options, message):
    with pytest.raises(InvalidArgument, match=message):
        BoxHeadConfig(**options)
