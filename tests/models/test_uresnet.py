"""U-ResNet: shape, definition, weights from SparseConvNet."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.dense import DenseUResNet
from argoscope.models.sparseconvnet import convert_sparseconvnet, sparseconvnet_names
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import BatchNorm, SparseTensor

SMALL = UResNetConfig(filters=4, depth=3, blocks=2, classes=3)


def full_image(shape, seed=0):
    rows = np.array([(0, *np.unravel_index(cell, shape)) for cell in range(math.prod(shape))])
    features = torch.from_numpy(np.random.default_rng(seed).normal(size=(len(rows), 1)))
    return SparseTensor.from_coordinates(rows, features, shape=shape)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_on_a_full_image_it_is_the_dense_network(dimensions):
    """Every pixel active: the sparse network must be the dense one, weight by weight."""
    config = UResNetConfig(dimensions=dimensions, filters=3, depth=3, classes=2)
    sparse, dense = UResNet(config).double(), DenseUResNet(config).double()
    with torch.no_grad():
        *weights, head_bias = sparse.parameters()  # the last starts at 0; the dense head has none
        assert not head_bias.any()
        for mine, theirs in zip(weights, dense.parameters(), strict=True):
            kernel = round((len(mine) if mine.ndim == 3 else 1) ** (1 / dimensions))
            if mine.ndim == 1:
                theirs.copy_(mine)
                continue
            spread = mine.reshape(*[kernel] * dimensions, *mine.shape[-2:])
            turned = spread.movedim((-1, -2), (0, 1))
            theirs.copy_(turned if theirs.shape == turned.shape else turned.transpose(0, 1))
    x = full_image((8, 12, 4)[:dimensions])
    want = dense(x.to_dense())
    # Ten layers of double precision, normalized to order 1 in between; training mode on both sides.
    assert_close(sparse(x).to_dense(), want, rtol=0.0, atol=1e-9)


def test_parameters_of_the_papers_network():
    """Five levels of 32 filters, two blocks each way, kernel 3: 3.8 million."""
    network = UResNet(UResNetConfig())
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(3.8e6, rel=0.02)


@pytest.mark.parametrize("sites", [0, 1])
def test_the_smallest_events(sites):
    network = UResNet(SMALL)
    x = SparseTensor.from_coordinates([[0, 3, 4]][:sites], torch.ones(sites, 1), shape=(9, 7), batch_size=2)
    out = network(x).features
    out.sum().backward()
    assert out.shape == (sites, 3)
    with torch.no_grad():
        assert network.eval()(x).features.shape == (sites, 3)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"filter": 8}, r"no key 'filter'. Did you mean 'filters'"),
        ({"depth": 0}, r"depth \(=0\) must be at least 1"),
        ({"dimensions": 4}, r"dimensions \(=4\)"),
        ({"dimensions": 2.0}, r"dimensions \(=2.0\) must be an integer"),
        ({"depth": 2.5}, r"depth \(=2.5\) must be an integer, not float"),
        ({"filters": "32"}, r"filters \(='32'\) must be an integer, not str"),
        ({"blocks": True}, r"blocks \(=True\) must be an integer"),
    ],
)
def test_configuration_refuses(values, message):
    with pytest.raises(InvalidArgument, match=message):
        UResNetConfig.from_dict(values)


def sparseconvnet_state(network, config, grouped):
    """State dict as SparseConvNet would write it, from hand-made arrays in our network."""
    state = {}
    ours = network.state_dict()
    for mine, theirs in sparseconvnet_names(config).items():
        value = ours[mine]
        if mine == "head.weight":
            value = value.T
        elif grouped and value.ndim == 3:
            value = value.unsqueeze(1)
        state[theirs] = value.clone().numpy()
    return state


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_weights_of_sparseconvnet_are_read_back(dimensions, grouped):
    config = UResNetConfig(dimensions=dimensions, filters=4, depth=3, classes=3)
    network = UResNet(config)
    for module in network.modules():
        if isinstance(module, BatchNorm):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
    other = UResNet(config)
    other.load_state_dict(convert_sparseconvnet(sparseconvnet_state(network, config, grouped), config))
    for name, value in network.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name


def test_sparseconvnet_names_are_those_its_unet_makes():
    """Counted by hand in `scn.UNet` with reps=2, two levels: see the module's text."""
    names = sparseconvnet_names(UResNetConfig(depth=2))
    assert names["stem.weight"] == "sparseModel.1.weight"
    assert names["level.encoder.1.norm1.running_mean"] == "sparseModel.2.2.1.0.runningMean"
    assert names["level.down.weight"] == "sparseModel.2.4.1.1.weight"
    assert names["level.up_norm.weight"] == "sparseModel.2.4.1.3.weight"
    assert names["level.up.weight"] == "sparseModel.2.4.1.4.weight"
    assert names["level.decoder.0.shortcut.weight"] == "sparseModel.2.6.0.weight"
    assert names["level.decoder.1.conv2.weight"] == "sparseModel.2.8.1.3.weight"
    assert names["norm.bias"] == "sparseModel.3.bias"


def test_a_hand_made_sparseconvnet_convolution_acts_as_written():
    """Offset 1 of 9 is (-1, 0): the pixel above, row-major, the last axis fastest."""
    config = UResNetConfig(filters=1, depth=1, blocks=1, classes=1)
    state = sparseconvnet_state(UResNet(config), config, grouped=False)
    state["sparseModel.1.weight"] = np.zeros((9, 1, 1), np.float32)
    state["sparseModel.1.weight"][1] = 2.0
    network = UResNet(config)
    network.load_state_dict(convert_sparseconvnet(state, config))
    x = SparseTensor.from_coordinates([[0, 1, 1], [0, 2, 1]], torch.tensor([[5.0], [7.0]]), shape=(4, 4))
    assert network.stem(x).features.tolist() == [[0.0], [10.0]]


def test_missing_and_spare_weights_are_named():
    state = sparseconvnet_state(UResNet(SMALL), SMALL, grouped=False)
    with pytest.raises(InvalidArgument, match=r"1 entries .* 'sparseModel.9.weight'"):
        convert_sparseconvnet({**state, "sparseModel.9.weight": np.zeros(3)}, SMALL)
    state.pop("sparseModel.2.4.1.1.weight")
    with pytest.raises(InvalidArgument, match=r"lacks 'sparseModel.2.4.1.1.weight'"):
        convert_sparseconvnet(state, SMALL)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda s: s.update({"sparseModel.2.4.1.1.weight": np.zeros((4, 4, 6), np.float32)}),
            r"'sparseModel.2.4.1.1.weight' has shape \(4, 4, 6\).* \(4, 4, 8\).*filters",
        ),
        (
            lambda s: s.update({"sparseModel.1.weight": np.zeros((9, 4), np.float32)}),
            r"'sparseModel.1.weight' has shape \(9, 4\).*older.*\.reshape\(9, 1, 4\)",
        ),
        (
            lambda s: s.update({"linear.weight": np.zeros((4, 3), np.float32)}),
            r"'linear.weight' has shape \(4, 3\).* \(3, 4\)",
        ),
        (
            lambda s: s.update({"sparseModel.3.runningMean": np.zeros(5, np.float32)}),
            r"'sparseModel.3.runningMean' has shape \(5,\)",
        ),
        (lambda s: s.pop("linear.bias"), r"lacks 'linear.bias'.*state\['linear.bias'\] = torch.zeros\(3\)"),
    ],
)
def test_weights_of_another_shape_are_named_as_the_original_names_them(change, message):
    state = sparseconvnet_state(UResNet(SMALL), SMALL, grouped=False)
    change(state)
    with pytest.raises(InvalidArgument, match=message):
        convert_sparseconvnet(state, SMALL)


def test_a_whole_checkpoint_is_told_from_its_weights():
    state = sparseconvnet_state(UResNet(SMALL), SMALL, grouped=False)
    message = r"state \(with 'epoch', 'state_dict'\) is a whole checkpoint; pass state\['state_dict'\]"
    with pytest.raises(InvalidArgument, match=message):
        convert_sparseconvnet({"state_dict": state, "epoch": 3}, SMALL)


def test_weights_of_another_network_are_not_all_listed():
    state = {f"module.{number}": np.zeros(3) for number in range(50)}
    with pytest.raises(InvalidArgument, match=r"lacks .*It has 50, such as 'module.0', 'module.1'") as raised:
        convert_sparseconvnet(state, SMALL)
    assert len(str(raised.value)) < 300
    with pytest.raises(InvalidArgument, match=r"It has none"):
        convert_sparseconvnet({}, SMALL)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ([("linear.weight", 1)], r"state \(=list\) must be a mapping of names to arrays"),
        (
            {"sparseModel.1.weight": None},
            r"state entry 'sparseModel.1.weight' \(=NoneType\) is no array of numbers",
        ),
    ],
)
def test_states_that_are_none(state, message):
    with pytest.raises(InvalidArgument, match=message):
        convert_sparseconvnet(state, SMALL)


def test_weights_for_something_else_than_a_configuration_are_refused():
    with pytest.raises(InvalidArgument, match=r"config \(=dict\) must be a UResNetConfig"):
        sparseconvnet_names({"depth": 2})


def test_weights_of_a_network_of_other_filters_are_refused():
    wide = UResNetConfig(filters=8, depth=3, blocks=2, classes=3)
    state = sparseconvnet_state(UResNet(wide), wide, grouped=True)
    with pytest.raises(InvalidArgument, match=r"'sparseModel.1.weight' has shape \(9, 1, 1, 8\)"):
        convert_sparseconvnet(state, SMALL)
