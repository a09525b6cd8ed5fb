"""The whole of Mask R-CNN, small: it learns one event, repeats itself, and answers the events nobody thinks of."""

from __future__ import annotations

import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models import mask_rcnn
from argoscope.models.boxes import box_iou
from argoscope.models.builders import build_network
from argoscope.models.detections import targets_of
from argoscope.models.mask_rcnn import LOSSES, sample_proposals
from argoscope.models.mask_rcnn_config import BoxHeadConfig, MaskRCNNConfig
from argoscope.sparse import SparseTensor

SIDES = (128, 112)  # unequal: swapped axes cannot pass unseen
SMALL = {
    "backbone": {"width": 16, "blocks": [1, 1, 1, 1], "norm": "batch"},
    "proposals": {"sizes": [16.0, 32.0, 64.0], "before": 200, "kept": 40, "sampled": 64},
    "boxes": {"sampled": 32},
    "masks": {"upsampling": 2},
}
KINDS = ("paper1", "paper1-sparse", "paper1-tuned")


def network_of(name, **changes):
    """A published network, an eighth or less of its size."""
    torch.manual_seed(0)
    description = {key: {**values, **changes.get(key, {})} for key, values in SMALL.items()}
    if name == "paper1-tuned":
        # Its own anchors are those of whole planes, and few of them lie within these.
        description["proposals"] |= {
            "shapes": [],
            "sizes": [32.0, 64.0, 128.0, 256.0, 512.0, 1024.0],
            "ratios": [0.25, 0.5, 1.0, 2.0, 4.0],
        }
    return build_network({"extends": name, **description})


def segment(first, last):
    """Pixels of a straight line between two pixels, two wide in time."""
    first, last = torch.tensor(first), torch.tensor(last)
    steps = torch.linspace(0, 1, int((last - first).abs().max()) + 1)[:, None]
    line = (first + steps * (last - first)).round().long()
    return torch.cat([line, line + torch.tensor([0, 1])])


def event(*lines, classes=None):
    """Sites, and the targets, of an event of straight lines; a pixel of two belongs to the later one."""
    owner = torch.full(SIDES, -1)
    for number, (first, last) in enumerate(lines):
        pixels = segment(first, last)
        owner[pixels[:, 0], pixels[:, 1]] = number
    coordinates = (owner >= 0).nonzero()
    numbers = classes or {number: 1 + number % 2 for number in range(len(lines))}
    return coordinates, targets_of(coordinates, owner[coordinates[:, 0], coordinates[:, 1]], numbers)


def batch(*events):
    """Images of charge 1, and their targets."""
    sites = [(coordinates, torch.ones(len(coordinates), 1)) for coordinates, _ in events]
    return SparseTensor.from_events(sites, shape=SIDES), [targets for _, targets in events]


CROSSING = event(((10, 10), (90, 95)), ((20, 80), (100, 20)), ((110, 60), (120, 100)))
ONE_PIXEL = event(((5, 7), (5, 7)))
AT_THE_BORDERS = event(((0, 0), (127, 0)), ((0, 109), (127, 109)), ((127, 3), (127, 100)))
EMPTY = event()
HUNDRED = event(*(((3 + 12 * i, 3 + 11 * j), (9 + 12 * i, 8 + 11 * j)) for i in range(10) for j in range(10)))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_one_event_is_learnt():
    """Three tracks, two of them crossing, found with their classes and their pixels after a hundred steps."""
    network = network_of("paper1-tuned", backbone={"width": 8}, boxes={"class_weights": [1.0, 2.0, 2.0]})
    x, targets = batch(CROSSING)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    rng = generator()
    history = []
    for _ in range(100):
        losses = network.losses(network(x), targets, [rng])
        total = sum(losses.values())
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        history.append(total.item())
    assert sum(history[-5:]) / 5 < 0.4 * history[0]
    (found,) = network.eval().detections(network(x))
    sure = found.chosen(found.scores >= 0.4)
    coordinates = CROSSING[0]
    for box, label, pixels in zip(targets[0].boxes, targets[0].classes, targets[0].pixels, strict=True):
        true = (coordinates[:, None] == pixels).all(2).any(1)
        shared = (sure.masks & true).sum(1) / (sure.masks | true).sum(1)
        best = int(shared.argmax())
        assert shared[best] > 0.5
        assert sure.classes[best] == label
        assert box_iou(sure.boxes, box[None])[best] > 0.5


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "events", [[EMPTY], [ONE_PIXEL], [AT_THE_BORDERS], [HUNDRED], [CROSSING, EMPTY]], ids=len
)
def test_odd_events_have_losses_and_detections(name, events):
    network = network_of(name)
    x, targets = batch(*events)
    losses = network.losses(network(x), targets, [generator() for _ in events])
    assert tuple(losses) == LOSSES
    for loss in losses.values():
        assert torch.isfinite(loss)
        assert loss >= 0
    sum(losses.values()).backward()
    for weight in network.parameters():
        assert weight.grad is None or torch.isfinite(weight.grad).all()
    network.eval()
    for found, (coordinates, _) in zip(network.detections(network(x)), events, strict=True):
        assert found.masks.shape == (len(found.scores), len(coordinates))
        assert len(found.boxes) == len(found.classes) == len(found.scores) <= network.config.boxes.most
        assert torch.equal(found.scores, found.scores.sort(descending=True).values)
        assert len(coordinates) or not len(found.scores)


@pytest.mark.parametrize("name", KINDS)
def test_every_weight_is_taught(name):
    """With interactions, each part gets a gradient; frozen norms have none to get."""
    network = network_of(name, boxes={"foreground": 0.3})
    x, targets = batch(CROSSING)
    sum(network.losses(network(x), targets, [generator()]).values()).backward()
    for part, weight in network.named_parameters():
        assert weight.grad is not None, part
        assert weight.grad.abs().sum() > 0, part


def test_each_loss_reaches_its_own_parts():
    network = network_of("paper1-sparse")
    x, targets = batch(CROSSING)
    losses = network.losses(network(x), targets, [generator()])
    reached = {}
    for name, loss in losses.items():
        gradients = torch.autograd.grad(
            loss, list(network.parameters()), retain_graph=True, allow_unused=True
        )
        names = [part for part, _ in network.named_parameters()]
        reached[name] = {
            part.split(".")[0] + "." + part.split(".")[1]
            for part, g in zip(names, gradients, strict=True)
            if g is not None and g.any()
        }
    heads = {
        "proposals.score",
        "proposals.delta",
        "box_head.score",
        "box_head.delta",
        "mask_head.up",
        "mask_head.maps",
    }
    assert {name: parts & heads for name, parts in reached.items()} == {
        "proposal_score": {"proposals.score"},
        "proposal_box": {"proposals.delta"},
        "class": {"box_head.score"},
        "box": {"box_head.delta"},
        "mask": {"mask_head.up", "mask_head.maps"},
    }
    assert all("backbone.stem" in parts for parts in reached.values())


@pytest.mark.parametrize(
    ("names", "parts"),
    [(LOSSES[:2], ("backbone", "proposals")), (LOSSES[2:], ("stage", "box_head", "mask_head"))],
    ids=["proposals", "heads"],
)
def test_gradients_are_those_of_small_steps(names, parts):
    """In double precision along a random direction; the sample, and the proposals' boxes, stay the same."""
    network = network_of("paper1-sparse", backbone={"norm": "affine"}).double()
    x, targets = batch(CROSSING)
    # No equal charges and no biases at 0: there the maximum of windows and ReLU have no slope.
    x = x.with_features(torch.rand(x.features.shape, generator=generator(), dtype=torch.float64))
    torch.nn.init.normal_(network.proposals.convolution.bias, std=0.1)
    weights = [weight for name, weight in network.named_parameters() if name.split(".")[0] in parts]

    def value():
        losses = network.losses(network(x), targets, [generator()])
        return sum(losses[name] for name in names)

    rng = generator(1)
    direction = [torch.randn(weight.shape, generator=rng, dtype=torch.float64) for weight in weights]
    gradients = torch.autograd.grad(value(), weights)
    want = sum((g * d).sum() for g, d in zip(gradients, direction, strict=True)).item()
    step, ends = 1e-9, []
    with torch.no_grad():
        for factor in (step, -2 * step):
            torch._foreach_add_(weights, direction, alpha=factor)
            ends.append(value().item())
    # A longer step meets a kink of ReLU; rounding is about 1e-15 / 1e-9, of slopes of 0.01.
    assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(want, rel=1e-3)


def test_images_of_a_batch_are_answered_as_if_alone():
    network = network_of("paper1-sparse").eval()
    for weight in network.box_head.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    both, alone = (
        network.detections(network(batch(CROSSING, HUNDRED)[0])),
        [network.detections(network(batch(each)[0]))[0] for each in (CROSSING, HUNDRED)],
    )
    for together, single in zip(both, alone, strict=True):
        assert len(single.scores) > 0
        assert_close(together.boxes, single.boxes, rtol=1e-4, atol=1e-3)
        assert_close(together.scores, single.scores, rtol=1e-4, atol=1e-5)
        assert torch.equal(together.classes, single.classes)


def test_the_same_seed_gives_the_same_losses():
    network = network_of("paper1-sparse")
    x, targets = batch(HUNDRED)
    first, again, other = (network.losses(network(x), targets, [generator(seed)]) for seed in (0, 0, 1))
    assert all(torch.equal(first[name], again[name]) for name in LOSSES)
    assert any(not torch.equal(first[name], other[name]) for name in LOSSES)


@pytest.mark.parametrize(("name", "times"), [("paper1-sparse", 1.0), ("paper1-tuned", 1.05)])
def test_masks_of_the_tuned_network_are_looked_for_in_larger_boxes(monkeypatch, name, times):
    network, seen = network_of(name).eval(), []
    whole = mask_rcnn.on_pixels

    def watched(probabilities, box, pixels, threshold):
        seen.append(box)
        return whole(probabilities, box, pixels, threshold)

    monkeypatch.setattr(mask_rcnn, "on_pixels", watched)
    with torch.no_grad():
        [found] = network.detections(network(batch(CROSSING)[0]))
    centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    wanted = torch.cat([centres, centres], 1) + times * (found.boxes - torch.cat([centres, centres], 1))
    assert len(found.boxes)
    for box in wanted:
        assert min((box - other).abs().max().item() for other in seen) < 1e-3


def test_masks_that_share_their_pixels_are_suppressed():
    """With scores that say nothing every proposal is found; suppression by masks leaves one of each set of pixels."""
    x, _ = batch(CROSSING)
    options = {"least_score": 0.0, "overlap": 1.0}
    network = network_of("paper1-tuned", boxes=options).eval()
    (found,) = network.detections(network(x))
    shared = found.masks.float() @ found.masks.float().T
    sizes = found.masks.sum(1)
    union = sizes[:, None] + sizes - shared
    assert (shared / union.clamp(min=1)).fill_diagonal_(0).max() < 0.5
    every = network_of("paper1-tuned", boxes={**options, "mask_overlap": None}).eval()
    assert len(every.detections(every(x))[0].scores) > len(found.scores)


def test_proposals_are_sampled_as_configured():
    config = MaskRCNNConfig(boxes=BoxHeadConfig(sampled=16))
    _, targets = CROSSING
    rng = generator()
    corners = torch.rand(200, 2, generator=rng) * 90
    boxes = torch.cat([corners, corners + 30], dim=1)
    sampled = sample_proposals(boxes, targets, config, rng)
    overlap = box_iou(sampled.boxes, targets.boxes)
    is_foreground = overlap.amax(1) >= 0.5
    assert len(sampled.boxes) == 16
    assert is_foreground.sum() <= 4
    assert torch.equal(sampled.labels > 0, is_foreground)
    rows = sampled.rows[is_foreground]
    assert torch.equal(rows, overlap.argmax(1)[is_foreground])
    assert torch.equal(sampled.labels[is_foreground], targets.classes[rows])
    # Without proposals the true boxes are there to learn from.
    assert sample_proposals(boxes[:0], targets, config).labels.tolist() == targets.classes.tolist()
    assert not sample_proposals(boxes, EMPTY[1], config).labels.any()


def test_wrong_batches_are_refused():
    network = network_of("paper1-tuned")
    x, targets = batch(CROSSING)
    with pytest.raises(InvalidArgument, match=r"targets \(=2 of them\) must be those of all 1 images"):
        network.losses(network(x), targets * 2)
    with pytest.raises(InvalidArgument, match="features have 3 channels; give the charge alone"):
        network(x.with_features(x.features.expand(-1, 3)))
    _, wrong = event(((5, 7), (9, 9)), classes={0: 5})
    with pytest.raises(
        InvalidArgument, match="targets of image 0 have class 5, and the network knows 1 to 2"
    ):
        network.losses(network(x), [wrong])
