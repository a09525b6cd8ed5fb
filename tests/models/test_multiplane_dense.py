"""Paper 0's dense network: as many weights as its table and its code, and the options of its table 2."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.builders import build_network, parameter_count
from argoscope.models.multiplane_dense import DenseMultiplaneConfig, DenseMultiplaneUResNet, OnPooledPlanes
from argoscope.sparse import SparseTensor

SMALL = {"filters": 2, "depth": 2, "deepest": 4, "deepest_blocks": 1}
CODE = {"growth": "add", "stem": 5, "skip": "before"}
"""What the paper's code does where its table does otherwise."""


def bare(**changes):
    """The network without memory for its weights."""
    with torch.device("meta"):
        return DenseMultiplaneUResNet(DenseMultiplaneConfig(**changes))


def test_weights_of_table_1_row_for_row():
    """Its last row (57) fits no network of 8 filters, whose last layer has 8 x 3 + 3."""
    net = bare()
    downs = [parameter_count(a) + parameter_count(b) for a, b in zip(net.blocks, net.down, strict=True)]
    assert parameter_count(net.stem) == 416
    assert downs == [2_576, 10_016, 39_488, 156_800, 624_896, 2_494_976]
    assert [parameter_count(p) for p in net.deepest.through] == [393_984, 16_391_680, 397_824]
    assert [parameter_count(up) for up in net.up] == [2_494_208, 624_512, 156_608, 39_392, 9_968, 2_552]
    assert parameter_count(net.head) == 27
    assert parameter_count(net) == 23_839_923


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({**CODE, "residual": False}, 8_510_547),
        ({**CODE, "filters": 16, "join": "concatenate", "final_blocks": 5}, 18_382_131),
        ({"stem": 5, "filters": 16, "join": "concatenate", "final_blocks": 5}, 45_291_155),
        ({"stem": 5, "filters": 16, "final_blocks": 5}, 44_589_251),
    ],
)
def test_weights_of_the_codes_configurations(changes, count):
    assert parameter_count(bare(**changes)) == count


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"join": "concatenate"},
        {"blocked": True},
        {"upsampling": "transposed"},
        {"filters": 1},
        {"residual": False},
        {"skip": "before", "growth": "add", "stem": 5},
        {"final_blocks": 2},
    ],
    ids=str,
)
def test_every_variant_answers_and_learns(changes):
    torch.manual_seed(0)
    net = DenseMultiplaneUResNet(DenseMultiplaneConfig(**{**SMALL, **changes}))
    out = net(torch.rand(6, 1, 8, 12))
    assert out.shape == (6, 3, 8, 12)
    out.square().sum().backward()
    assert all(weight.grad is not None for weight in net.parameters())


def test_variants_are_other_networks():
    counts = {
        parameter_count(bare(**changes))
        for changes in ({}, {"join": "concatenate"}, {"blocked": True}, {"upsampling": "transposed"}, {"filters": 4},
                        {"residual": False})
    }  # fmt: skip
    assert len(counts) == 6


def network(**changes):
    torch.manual_seed(0)
    made = OnPooledPlanes(DenseMultiplaneUResNet(DenseMultiplaneConfig(**{**SMALL, **changes})))
    return made.double().eval()


def planes(sizes=(30, 8, 0, 1, 0, 60), shape=(16, 24), seed=0):
    rng = np.random.default_rng(seed)
    rows = [
        (image, *divmod(int(cell), shape[1]))
        for image, size in enumerate(sizes)
        for cell in np.sort(rng.permutation(shape[0] * shape[1])[:size])
    ]
    charges = torch.from_numpy(rng.uniform(5.0, 50.0, (len(rows), 1)))
    return SparseTensor.from_coordinates(np.array(rows), charges, shape=shape, batch_size=len(sizes))


def test_pixels_get_the_scores_of_their_block():
    net, x = network(), planes()
    with torch.no_grad():
        scores, found = net.image_scores(x, [3, 3]), net(x, [3, 3])
        blocks = x.to_dense().reshape(6, 1, 8, 2, 12, 2).mean((3, 5))
        assert_close(scores, net.network(blocks), rtol=0.0, atol=1e-12)
    assert found.index is x.index
    for image, (wire, drift), got in zip(x.index.events, x.index.coordinates, found.features, strict=True):
        assert torch.equal(got, scores[image, :, wire // 2, drift // 2])


@pytest.mark.parametrize("blocked", [True, False])
def test_events_never_touch_and_planes_only_where_not_blocked(blocked):
    net, x = network(blocked=blocked), planes()

    def with_charge(image, factor):
        charges = x.features.clone()
        charges[torch.from_numpy(x.index.events == image)] *= factor
        with torch.no_grad():
            return net.image_scores(x.with_features(charges), [3, 3])

    before, after = with_charge(0, 1.0), with_charge(0, 2.0)
    assert not torch.equal(before[0], after[0])
    assert torch.equal(before[1], after[1]) is blocked
    # Of the next event nothing changes but rounding, as torch may sum batches in another order.
    assert_close(before[3:], after[3:], rtol=0.0, atol=1e-12)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: network()(planes(), [3, 2]), r"event 1 of the batch has 2 images"),
        (lambda: network()(planes(shape=(16, 20)), [3, 3]), r"sides \(8, 10\) must be divisible by 4"),
        (lambda: network()(planes(shape=(17, 24)), [3, 3]), r"sides \(17, 24\) must be divisible by pooling"),
        (lambda: network(growth="triple"), r"growth \(='triple'\) must be double or add"),
        (lambda: network(stem=4), r"stem \(=4\)"),
        (lambda: network(final_blocks=-1), r"final_blocks \(=-1\)"),
        (lambda: network(deepest=0), r"deepest \(=0\) must be at least 1"),
    ],
)
def test_impossible_input_is_refused(make, message):
    with pytest.raises(InvalidArgument, match=message):
        make()


def test_published_networks_read_whole_sbnd_planes():
    """10 x 16 pixels at the bottom, as table 1 has it: 2048 x 1280 pooled by 2, halved six times."""
    with torch.device("meta"):
        built = build_network({"extends": "paper0"})
    config = built.config
    assert (2048 // config.pooling // 2**config.depth, 1280 // config.pooling // 2**config.depth) == (16, 10)


@pytest.mark.parametrize("skip", ["after", "before"])
@pytest.mark.parametrize("blocked", [True, False])
def test_one_level_is_what_the_text_says(skip, blocked):
    """Event by event, the planes of the deepest layers put together by hand."""
    torch.manual_seed(0)
    config = DenseMultiplaneConfig(**{**SMALL, "depth": 1, "skip": skip, "blocked": blocked})
    net = DenseMultiplaneUResNet(config).double().eval()
    images = torch.rand(6, 1, 4, 6, dtype=torch.float64)
    first = net.stem(images)
    deep = net.blocks[0](first)
    kept = deep if skip == "after" else first
    low = net.down[0][1](deep.reshape(6, 2, 2, 2, 3, 2).amax((3, 5)))
    found = []
    for event in (low[:3], low[3:]):
        groups = list(event) if blocked else [torch.cat(list(event), dim=0)]
        found += [part for g in groups for part in net.deepest.through(g[None])[0].split(4)]
    up = net.up[0]
    want = net.head(up.blocks(up.raised(torch.stack(found)) + kept))
    # The same convolutions, of images in another number.
    assert_close(net(images), want, rtol=0.0, atol=1e-12)
