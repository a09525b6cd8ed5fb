"""The network of instances: masks as their formula says, every image answered as if alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.models.builders import build_network, resolved
from argoscope.models.instance_network import InstanceConfig, InstanceNetwork
from argoscope.models.seed_masks import SEED_LEVEL, from_origin, monomials, seed_centres
from argoscope.models.seed_selection import select_instances
from argoscope.sparse import SiteIndex, SparseTensor

SHAPE = (160, 96)
PARTS = ("semantic", "terms", "classes", "quality", "kernels")


def small(**changes):
    """A small network none of whose parts answers 0."""
    torch.manual_seed(3)
    network = InstanceNetwork(InstanceConfig(filters=4, depth=5, embedding=6, **changes))
    for weight in network.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.2)
    return network.eval()


def planes(sizes=(300, 0, 1, 500), seed=0):
    """Coordinates and charge of some planes, an empty one and one of a single pixel among them."""
    rng = np.random.default_rng(seed)
    rows = []
    for event, size in enumerate(sizes):
        places = np.sort(rng.choice(SHAPE[0] * SHAPE[1], size, replace=False))
        rows += [(event, *divmod(int(place), SHAPE[1])) for place in places]
    return np.array(rows).reshape(-1, 3), torch.from_numpy(
        rng.exponential(40, (len(rows), 1)).astype(np.float32)
    )


def batch_of(rows, charge, events, shape=SHAPE):
    return SparseTensor.from_coordinates(rows, charge, shape=shape, batch_size=events)


def columns(answer):
    found = {name: getattr(answer, name) for name in PARTS}
    return {
        name: value.features if isinstance(value, SparseTensor) else value for name, value in found.items()
    }


@pytest.mark.parametrize("threads", [1, 2])
def test_an_image_is_answered_bit_for_bit_as_if_alone(threads):
    network, (rows, charge) = small(), planes()
    before = torch.get_num_threads()
    with torch.no_grad():
        together = columns(network(batch_of(rows, charge, 4)))
        torch.set_num_threads(threads)
        try:
            alone = []
            for event in range(4):
                here = rows[:, 0] == event
                # The largest image of a batch decides its grid.
                alone.append(columns(network(batch_of(rows[here] * [0, 1, 1], charge[here], 1, (320, 200)))))
        finally:
            torch.set_num_threads(before)
    for name in PARTS:
        assert torch.equal(torch.cat([answer[name] for answer in alone]), together[name]), name


@pytest.mark.parametrize("attention", [0, 2])
def test_the_fused_pass_computes_what_the_layers_do(attention):
    network, (rows, charge) = small(attention=attention).double(), planes()
    x = batch_of(rows, charge.double(), 4)
    with torch.no_grad():
        fused = columns(network(x))
    layered = columns(network(x))
    for name in PARTS:
        torch.testing.assert_close(fused[name], layered[name], rtol=1e-9, atol=1e-9)


def test_cells_are_the_blocks_of_8_pixels_with_charge():
    network, (rows, charge) = small(), planes()
    answer = network(batch_of(rows, charge, 4))
    wanted = np.unique(np.column_stack([rows[:, 0], rows[:, 1:] >> SEED_LEVEL]), axis=0)
    assert np.array_equal(np.column_stack([answer.cells.events, answer.cells.coordinates]), wanted)


def test_a_mask_is_its_formula_seen_from_the_cell():
    """Mask score = k . e + c . (1, u, v, uu, uv, vv) with (u, v) from the cell's middle, in units of 512 pixels."""
    rng = np.random.default_rng(0)
    curves = torch.from_numpy(rng.normal(size=(4, 6)))
    cells = SiteIndex.from_coordinates([[0, 0, 0], [0, 1, 7], [0, 400, 3], [0, 431, 125]], shape=(432, 126))
    pixels = torch.from_numpy(rng.integers(0, [3456, 1008], (50, 2)).astype(float))
    expanded = from_origin(curves, seed_centres(cells)) @ monomials(pixels / 512).T
    for seed in range(4):
        middle = 8 * cells.coordinates[seed] + 3.5
        for pixel in range(50):
            u, v = (pixels[pixel].numpy() - middle) / 512
            wanted = (curves[seed].numpy() * [1, u, v, u * u, u * v, v * v]).sum()
            assert float(expanded[seed, pixel]) == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_every_weight_has_a_gradient():
    network, (rows, charge) = small().train(), planes()
    sum(column.square().sum() for column in columns(network(batch_of(rows, charge, 4))).values()).backward()
    assert not [
        name for name, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()
    ]


@pytest.mark.parametrize("position", [True, False])
@pytest.mark.parametrize("gaps", [True, False])
def test_features_are_switched(position, gaps):
    network, (rows, charge) = small(position=position, gaps=gaps), planes()
    assert network.config.backbone.features == 2 + 2 * position + 2 * gaps
    assert len(network(batch_of(rows, charge, 4)).quality)


def test_without_position_a_shifted_plane_has_shifted_answers():
    """By 16 pixels, a multiple of all strides but the attention's position, which is off."""
    network, (rows, charge) = small(position=False, attention=0), planes(sizes=(200,))
    shifted = network(batch_of(np.add(rows, [0, 32, 16]), charge, 1, (320, 200)))
    there = network(batch_of(rows, charge, 1))
    torch.testing.assert_close(shifted.semantic.features, there.semantic.features)
    torch.testing.assert_close(shifted.classes, there.classes)


def test_a_batch_without_any_pixel():
    answer = small()(batch_of(np.zeros((0, 3), np.int64), torch.zeros(0, 1), 2))
    assert [len(found) for found in select_instances(answer)] == [0, 0]


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"depth": 4}, r"depth \(=4\) must be more than 4"),
        ({"depth": 3, "attention": 0}, r"depth \(=3\) must be more than 3"),
        ({"attention": -1}, r"attention \(=-1\) must not be negative"),
        ({"embedding": 0}, r"embedding \(=0\)"),
        ({"momentum": 2.0}, "momentum"),
    ],
)
def test_impossible_shapes_are_refused(changes, match):
    with pytest.raises(InvalidArgument, match=match):
        InstanceConfig(**changes)


def test_the_description_builds_it():
    assert resolved({"extends": "seed-masks"})["embedding"] == 32
    assert isinstance(build_network({"extends": "seed-masks", "filters": 4}), InstanceNetwork)
