"""Evaluation without gradients: the fused pass, which must be `forward`, to the errors and hooks."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import prune as prune_weights
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import BatchNorm, Linear, SparseTensor, SubmanifoldConvolution

CONFIG = UResNetConfig(filters=4, depth=3, blocks=2, classes=3)


def image(channels=1, dimensions=2, dtype=torch.float32, device="cpu"):
    generator = torch.Generator().manual_seed(2)
    rows = torch.randint(0, 12, (60, dimensions), generator=generator).unique(dim=0)
    rows = torch.cat([torch.zeros(len(rows), 1, dtype=torch.int64), rows], dim=1)
    features = torch.rand(len(rows), channels, generator=generator).to(device, dtype)
    return SparseTensor.from_coordinates(rows, features, shape=(12,) * dimensions)


def network(**changes):
    torch.manual_seed(1)
    made = UResNet(UResNetConfig(**{"filters": 4, "depth": 3, "blocks": 2, "classes": 3, **changes}))
    for module in made.modules():
        if isinstance(module, BatchNorm):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
    return made.eval()


def fused(net, x):
    with torch.no_grad():
        return net(x).features


def narrow(net):
    net.level.encoder[1].conv1.weight = nn.Parameter(torch.ones(9, 2, 4))


def lengthen_bias(net):
    net.head.bias = nn.Parameter(torch.ones(2))


@pytest.mark.parametrize(
    ("net", "x", "message"),
    [
        (network, lambda: image(3), r"features of 3 channels need \(9, 3, channels out\)"),
        (lambda: network(features=3), lambda: image(1), r"features of 1 channels need"),
        (network, lambda: image(dtype=torch.float64), r"weight is torch.float32 and features are torch.float64"),
        (lambda: network(dimensions=3), image, r"weight has shape \(27, 1, 4\)"),
        (network, lambda: image(dimensions=3), r"weight has shape \(9, 1, 4\)"),
        (lambda: network().half(), image, r"weight is torch.float16 and features are torch.float32"),
        (lambda: network().to("meta"), image, r"weight is on meta and features are on cpu"),
    ],
)  # fmt: skip
def test_refuses_without_gradients_as_with(net, x, message):
    made, given = net(), x()
    with pytest.raises(InvalidArgument, match=message):
        made(given)
    with pytest.raises(InvalidArgument, match=message):
        fused(made, given)


@pytest.mark.parametrize("change", [narrow, lengthen_bias])
def test_refuses_parameters_of_another_shape(change):
    made = network()
    change(made)
    with pytest.raises(InvalidArgument, match="has shape"):
        made(image())
    with pytest.raises(InvalidArgument, match="has shape"):
        fused(made, image())


def change_head(net):
    net.head = nn.Sequential(Linear(4, 8), Linear(8, 3))


def change_kernel(net):
    net.stem = SubmanifoldConvolution(1, 4, dimensions=2, kernel=5)


def change_bias(net):
    net.level.encoder[0].conv1 = SubmanifoldConvolution(4, 4, dimensions=2, kernel=3, bias=True)
    net.level.encoder[0].conv1.bias.data.fill_(0.5)


def change_rectification(net):
    net.norm.relu = False


def change_blocks(net):
    net.level.encoder.append(copy.deepcopy(net.level.encoder[0]))


def change_method(net):
    net.norm.forward = lambda x: x


def train_one(net):
    net.level.deeper.down_norm.train()


def prune(net):
    prune_weights.l1_unstructured(net.level.encoder[0].conv1, "weight", amount=0.5)


def parametrize(net):
    class Halved(nn.Module):
        def forward(self, weight):
            return weight / 2

    nn.utils.parametrize.register_parametrization(net.level.encoder[0].conv2, "weight", Halved())


def change_shortcut(net):
    net.level.encoder[0].shortcut = Linear(4, 4, bias=True)
    net.level.encoder[0].shortcut.bias.data.fill_(0.5)


@pytest.mark.parametrize(
    "change",
    [
        change_head,
        change_kernel,
        change_bias,
        change_rectification,
        change_blocks,
        change_method,
        train_one,
        prune,
        parametrize,
        change_shortcut,
    ],
)
def test_a_changed_network_is_evaluated_as_it_is(change):
    made = network()
    change(made)
    got = fused(made, image())
    # Six layers in single precision, numbers of order 1.
    assert_close(got, made(image()).features, rtol=1e-4, atol=1e-4)


def test_an_unchanged_network_takes_the_fused_pass(monkeypatch):
    made, calls = network(), []
    infer = UResNet._infer
    monkeypatch.setattr(UResNet, "_infer", lambda *given: calls.append(1) or infer(*given))
    for net in (made, copy.deepcopy(made), made.double()):
        x = image(dtype=next(net.parameters()).dtype)
        assert_close(fused(net, x), net(x).features, rtol=1e-4, atol=1e-4)
    assert len(calls) == 3


def test_hooks_are_called():
    called = []
    for register in ("register_forward_hook", "register_forward_pre_hook"):
        made = network()
        getattr(made.level.deeper.encoder[0].conv1, register)(lambda *_, name=register: called.append(name))
        fused(made, image())
    everywhere = nn.modules.module.register_module_forward_hook(lambda *_: called.append("everywhere"))
    fused(network(), image())
    everywhere.remove()
    assert called[:2] == ["register_forward_hook", "register_forward_pre_hook"]
    assert len(called) > 10


def test_backend_of_one_layer_is_heeded():
    made = network()
    made.stem.backend = "nubma"
    with pytest.raises(InvalidArgument, match=r"backend \(='nubma'\)"):
        fused(made, image())
