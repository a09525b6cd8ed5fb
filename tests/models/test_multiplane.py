"""The sparse multi-plane network: planes belong to their events, events do not touch, blocked is single."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.multiplane import MultiplaneConfig, MultiplaneUResNet
from argoscope.models.planes import scores_of
from argoscope.models.uresnet import UResNet
from argoscope.sparse import BatchNorm, SparseTensor

SHAPE = (24, 20)


def network(seed=1, **changes):
    torch.manual_seed(seed)
    made = MultiplaneUResNet(MultiplaneConfig(**{"filters": 4, "depth": 3, "blocks": 1, **changes}))
    for module in made.modules():
        if isinstance(module, BatchNorm):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
    return made.eval()


def event_of(sizes, seed=0, dtype=np.float32):
    """Sites and charges of one event's planes, each a list by plane."""
    rng = np.random.default_rng(seed)
    cells = [np.sort(rng.permutation(SHAPE[0] * SHAPE[1])[:size]) for size in sizes]
    rows = [np.column_stack(np.divmod(found, SHAPE[1])).astype(np.int64) for found in cells]
    charges = [rng.uniform(5.0, 300.0, (len(found), 1)).astype(dtype) for found in cells]
    return list(zip(rows, charges, strict=True))


def batch_of(*events):
    planes = [plane for event in events for plane in event]
    numbered = [np.column_stack([np.full(len(r), n), r]) for n, (r, _) in enumerate(planes)]
    charges = torch.from_numpy(np.concatenate([c for _, c in planes]))
    return SparseTensor.from_coordinates(
        np.concatenate(numbered), charges, shape=SHAPE, batch_size=len(planes)
    )


def answers(net, *events):
    """Scores by event and plane, without gradients."""
    with torch.no_grad():
        parts = net(batch_of(*events), [3] * len(events)).split()
    return [parts[3 * n : 3 * n + 3] for n in range(len(events))]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


EVENTS = [
    event_of((90, 60, 40), 1), event_of((0, 70, 5), 2), event_of((1, 0, 0), 3), event_of((0, 0, 0), 4),
    event_of((480, 30, 200), 5),
]  # fmt: skip


@pytest.mark.parametrize("mixed", [0, 1, 3])
def test_what_else_the_batch_holds_changes_no_bit(mixed):
    net = network(mixed_levels=mixed)
    alone = [answers(net, event)[0] for event in EVENTS]
    for order in ([0, 1, 2, 3, 4], [3, 4, 1, 0, 2], [4, 4, 0, 3, 3]):
        together = answers(net, *(EVENTS[n] for n in order))
        assert all(same(found, alone[n]) for n, found in zip(order, together, strict=True))


@pytest.mark.parametrize("threads", [1, 2])
def test_the_number_of_threads_changes_no_bit(threads):
    net = network()
    before = answers(net, *EVENTS)
    torch.set_num_threads(threads)
    assert all(same(one, other) for one, other in zip(before, answers(net, *EVENTS), strict=True))


def test_exchanging_planes_exchanges_the_answers():
    net, [a, b, c] = network(), EVENTS[0]
    for order in ([1, 0, 2], [2, 0, 1]):
        [found] = answers(net, [[a, b, c][n] for n in order])
        [want] = answers(net, [a, b, c])
        assert same(found, [want[n] for n in order])


def test_planes_read_each_other_only_where_they_are_mixed():
    """Another charge in one plane changes the others' answers, and those of a blocked network's do not."""
    event = EVENTS[0]
    changed = [*event[:2], (event[2][0], event[2][1] * 3)]
    for mixed, touched in ((1, True), (0, False)):
        net = network(mixed_levels=mixed)
        [before], [after] = answers(net, event), answers(net, changed)
        assert same(before[:2], after[:2]) is not touched


def test_without_mixing_it_is_the_network_of_single_images():
    net = network(mixed_levels=0, compression=0.0, position=False)
    single = UResNet(net.config.single).eval()
    single.load_state_dict(net.network.state_dict())
    x = batch_of(*EVENTS)
    with torch.no_grad():
        assert torch.equal(net(x, [3] * len(EVENTS)).features, single(x).features)


@pytest.mark.parametrize("mixed", [1, 2])
def test_the_fused_pass_is_the_layers(mixed):
    net = network(mixed_levels=mixed)
    x = batch_of(*EVENTS)
    for made in (net, copy.deepcopy(net)):
        with torch.no_grad():
            fused = made(x, [3] * len(EVENTS)).features
        # A dozen layers in single precision, numbers of order 1.
        assert_close(fused, made(x, [3] * len(EVENTS)).features, rtol=1e-4, atol=1e-4)


def test_every_weight_learns():
    net = network(mixed_levels=2).train()
    net(batch_of(*EVENTS), [3] * len(EVENTS)).features.square().sum().backward()
    for name, weight in net.named_parameters():
        assert weight.grad is not None, name
        assert float(weight.grad.abs().max()) > 0, name


@pytest.mark.parametrize("changes", [{"compression": 0.0}, {"position": False}, {"compression": 100.0}])
def test_charge_and_position_reach_the_network_as_configured(changes):
    net = network(**changes)
    x = batch_of(EVENTS[0])
    prepared = net._prepared(x).features
    compression = changes.get("compression", 10.0)
    charge = x.features[:, :1]
    assert torch.equal(
        prepared[:, :1], torch.log(charge / compression + torch.sqrt((charge / compression) ** 2 + 1))
    ) or torch.allclose(
        prepared[:, 0], torch.asinh(charge[:, 0] / compression) if compression else charge[:, 0]
    )
    if changes.get("position", True):
        # Pixel centres, from border to border.
        want = (x.index.coordinates + 0.5) / np.array(SHAPE) * 2 - 1
        assert_close(prepared[:, 1:], torch.from_numpy(want).float(), rtol=0.0, atol=1e-6)
    else:
        assert prepared.shape[1] == 1


@pytest.mark.parametrize(
    ("images_of", "message"),
    [
        ([3, 2], r"event 1 of the batch has 2 images, and the network reads 3 planes"),
        ([5], r"event 0 of the batch has 5 images"),
        ([3], r"adds up to 3 images, and the batch has 5"),
    ],
)
def test_a_wrong_number_of_planes_is_refused(images_of, message):
    x = batch_of(EVENTS[0], EVENTS[1][:2])
    with pytest.raises(InvalidArgument, match=message):
        network()(x, images_of)


def test_networks_of_single_images_are_asked_as_before():
    net = UResNet(MultiplaneConfig(filters=4, depth=2, position=False).single).eval()
    x = batch_of(EVENTS[0])
    with torch.no_grad():
        assert torch.equal(scores_of(net, x, [3]).features, net(x).features)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mixed_levels": 4}, r"mixed_levels \(=4\) must be from 0 to the depth \(=3\)"),
        ({"mixed_levels": -1}, r"mixed_levels \(=-1\)"),
        ({"compression": -1.0}, r"compression \(=-1.0\) must not be negative"),
        ({"planes": 0}, r"planes \(=0\) must be at least 1"),
    ],
)
def test_impossible_shapes_are_refused(changes, message):
    with pytest.raises(InvalidArgument, match=message):
        network(**changes)
