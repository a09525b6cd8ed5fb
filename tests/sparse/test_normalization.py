"""Batch normalization over active sites is torch's over their rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.multiprocessing
from torch import nn
from torch.testing import assert_close

from argoscope.errors import InvalidArgument
from argoscope.sparse import BatchNorm, SparseTensor
from argoscope.sparse.backends import batch_norm

# Sums of at most some hundred numbers of order 1 in double precision.
TOLERANCE = {"rtol": 0.0, "atol": 1e-12}


def twins(channels, relu):
    """Ours, and torch's with the same numbers."""
    torch.manual_seed(1)
    ours, theirs = (
        BatchNorm(channels, relu=relu).double(),
        nn.BatchNorm1d(channels, eps=1e-4, momentum=0.01).double(),
    )
    with torch.no_grad():
        for parameter in (ours.weight, ours.bias):
            parameter.normal_()
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("sites", [(2,), (0, 30, 0, 17), (126, 90)])
def test_training_is_torch_on_the_rows(make_batch, sites, relu):
    x = make_batch(2, sites, channels=5)
    x = x.with_features((3 * x.features + 2).requires_grad_())
    ours, theirs = twins(5, relu)
    got = ours(x).features
    want = theirs(x.features)
    want = want.relu() if relu else want
    assert_close(got, want, **TOLERANCE)
    upstream = torch.randn(want.shape, dtype=torch.float64)
    mine = torch.autograd.grad(got, (x.features, *ours.parameters()), upstream)
    reference = torch.autograd.grad(want, (x.features, *theirs.parameters()), upstream)
    for a, b in zip(mine, reference, strict=True):
        assert_close(a, b, rtol=1e-9, atol=1e-11)  # two sites: divided by their small variance
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        assert_close(getattr(ours, name), getattr(theirs, name), **TOLERANCE)


@pytest.mark.parametrize("gradients", [False, True])
def test_evaluation_is_torch_on_the_rows(make_batch, gradients):
    x = make_batch(2, (30, 0, 4), channels=5)
    ours, theirs = twins(5, relu=True)
    ours.running_mean.normal_()
    ours.running_var.uniform_(0.5, 2.0)
    theirs.load_state_dict(ours.state_dict())
    with torch.set_grad_enabled(gradients):
        got = ours.eval()(x).features
    assert got.requires_grad == gradients
    assert_close(got.detach(), theirs.eval()(x.features).relu().detach(), **TOLERANCE)


def test_gradcheck_of_both_branches(make_batch):
    x = make_batch(2, (7, 0, 6), channels=2)
    norm = BatchNorm(2, relu=True).double()

    def function(features, weight, bias):
        norm.weight, norm.bias = nn.Parameter(weight), nn.Parameter(bias)
        normalized, same = norm.branch(x.with_features(features))
        return normalized.features.square() + 3 * same.features.exp()

    features = x.features.requires_grad_()
    assert torch.autograd.gradcheck(
        lambda f: function(f, torch.ones(2).double(), torch.full((2,), 0.3).double()), features
    )


@pytest.mark.parametrize("sites", [(0, 0), (1,)])
def test_too_few_sites_leave_the_averages_alone(make_batch, sites):
    x = make_batch(2, sites, channels=4)
    norm = BatchNorm(4).double()
    out = norm(x.with_features(x.features.requires_grad_())).features
    out.sum().backward()
    assert torch.equal(norm.running_mean, torch.zeros(4).double())
    assert torch.equal(norm.running_var, torch.ones(4).double())
    assert int(norm.num_batches_tracked) == 0
    assert torch.equal(out, torch.zeros_like(out))


def test_the_plain_torch_path_agrees(make_batch, monkeypatch):
    """Other devices and dtypes take it."""
    x = make_batch(2, (30, 0, 9), channels=5)
    ours, _ = twins(5, relu=True)
    other, _ = twins(5, relu=True)
    results = []
    for norm, supported in ((ours, True), (other, False)):
        if not supported:
            monkeypatch.setattr("argoscope.sparse.normalization.supports", lambda _: False)
        features = x.features.clone().requires_grad_()
        y, same = norm.branch(x.with_features(features))
        (y.features.square().sum() + same.features.sum()).backward()
        results.append((y.features, features.grad, norm.weight.grad, norm.bias.grad, norm.running_var))
    for a, b in zip(*results, strict=True):
        assert_close(a, b, rtol=1e-11, atol=1e-11)


LOW = (torch.bfloat16, torch.float16)


@pytest.mark.parametrize("dtype", LOW)
@pytest.mark.parametrize("mode", ["training", "evaluation", "evaluation with gradients"])
def test_low_precision_is_rounded_once(make_batch, dtype, mode):
    """Scale and shift in the features' precision were wrong by the mean's rounding, here some tenths."""
    x = make_batch(2, (100, 90), channels=2)
    x = x.with_features((x.features + 30).to(dtype))
    norm, exact = BatchNorm(2).to(dtype), BatchNorm(2).double()
    if mode != "training":
        for each in (norm, exact):
            each.running_mean.fill_(30)
            each.running_var.fill_(1.375)  # held by bfloat16; the root of it is not
            each.eval()
    with torch.set_grad_enabled(mode != "evaluation"):
        got, want = norm(x), exact(x.to(torch.float64))
    assert got.features.dtype == dtype
    # Results up to 4 have steps of 2**-6 in bfloat16, half of which is lost.
    assert (got.features.double() - want.features).abs().max() < 0.02


def test_a_batch_of_large_numbers_leaves_the_averages_finite(make_batch):
    x = make_batch(2, (40,), channels=2)
    x = x.with_features((60_000 * x.features.sign()).half())
    norm = BatchNorm(2).half()
    norm(x)
    assert norm.running_var.isfinite().all()
    assert norm.running_var.min() > 10_000


def test_a_batch_moves_averages_whose_share_of_it_is_large(make_batch):
    """Its variance is beyond float16, a hundredth of it is not."""
    x = make_batch(2, (40,), channels=2)
    x = x.with_features((1000 * x.features.sign()).half())
    norm = BatchNorm(2).half()
    norm(x)
    variance = x.features.double().var(0)
    assert variance.min() > torch.finfo(torch.float16).max
    assert_close(norm.running_var.double(), 0.99 + 0.01 * variance, rtol=1e-3, atol=0.0)


@pytest.mark.parametrize("features", [torch.float32, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("network", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("gradients", [True, False])
def test_autocast_takes_any_dtypes_and_keeps_that_of_the_features(
    make_batch, features, network, training, gradients
):
    x = make_batch(2, (30, 9), channels=2).to(features)
    norm = BatchNorm(2, relu=True).to(network).train(training)
    with torch.set_grad_enabled(gradients), torch.autocast("cpu", dtype=torch.bfloat16):
        out = norm(x).features
    assert out.dtype == features
    if gradients:
        out.sum().backward()
        assert norm.weight.grad.dtype == network
    want = BatchNorm(2, relu=True).double().train(training)(x.to(torch.float64)).features
    # Eight bits of numbers up to 4.
    assert_close(out.double(), want, rtol=0.0, atol=0.02)


@pytest.mark.parametrize("wanted", ["features", "weight", "bias"])
def test_only_the_gradient_asked_for_is_computed(make_batch, wanted, monkeypatch):
    x = make_batch(2, (30, 9), channels=2)
    norm, other = BatchNorm(2, relu=True).double(), BatchNorm(2, relu=True).double()
    upstream = torch.randn(39, 2, dtype=torch.float64)

    def gradient(norm, names):
        features = x.features.clone().requires_grad_("features" in names)
        norm.weight.requires_grad_("weight" in names)
        norm.bias.requires_grad_("bias" in names)
        operands = {"features": features, "weight": norm.weight, "bias": norm.bias}
        norm(x.with_features(features)).features.backward(upstream)
        return operands[wanted].grad

    want = gradient(other, ("features", "weight", "bias"))
    asked = []
    run = batch_norm.run_tasks
    monkeypatch.setattr(
        batch_norm, "run_tasks", lambda kernel, *rest: asked.append(kernel.__name__) or run(kernel, *rest)
    )
    assert torch.equal(gradient(norm, (wanted,)), want)
    assert ("input_gradient" in asked) == (wanted == "features")


def test_second_derivatives_in_evaluation_mode(make_batch):
    x = make_batch(2, (7, 0, 6), channels=2)
    norm = BatchNorm(2).double().eval()

    def function(features, weight, bias):
        moved = torch.func.functional_call(norm, {"weight": weight, "bias": bias}, x.with_features(features))
        return moved.features**2

    inputs = (x.features.clone(), torch.ones(2).double(), torch.full((2,), 0.3).double())
    assert torch.autograd.gradcheck(function, tuple(t.requires_grad_() for t in inputs))
    assert torch.autograd.gradgradcheck(function, tuple(t.requires_grad_() for t in inputs))


def rank(number, folder, sites, features, upstream):
    """One process of two: its event, its share of the result."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/rendezvous", rank=number, world_size=2
    )
    mine = sites[:, 0] == number
    rows = np.column_stack([np.zeros(mine.sum(), np.int64), sites[mine][:, 1:]])
    own = features[torch.from_numpy(mine)].clone().requires_grad_()
    x = SparseTensor.from_coordinates(rows, own, shape=(9, 14), batch_size=1)
    norm, _ = twins(3, relu=True)
    out = norm(x).features
    out.backward(upstream[torch.from_numpy(mine)])
    result = {
        "out": out.detach(),
        "grad": own.grad,
        "weight": norm.weight.grad,
        "bias": norm.bias.grad,
        "var": norm.running_var,
    }
    torch.save(result, f"{folder}/{number}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.parametrize("events", [(31, 12), (31, 0)])
def test_two_processes_are_one_with_the_joined_batch(make_batch, tmp_path, events):
    x = make_batch(2, events)
    sites = np.column_stack([x.index.events, x.index.coordinates])
    upstream = torch.randn(sum(events), 3, dtype=torch.float64)
    torch.multiprocessing.spawn(rank, (str(tmp_path), sites, x.features, upstream), nprocs=2)
    parts = [torch.load(tmp_path / f"{number}.pt") for number in range(2)]

    features = x.features.clone().requires_grad_()
    norm, _ = twins(3, relu=True)
    out = norm(x.with_features(features)).features
    out.backward(upstream)
    exact = {"rtol": 0.0, "atol": 1e-10}
    assert_close(torch.cat([part["out"] for part in parts]), out.detach(), **exact)
    assert_close(torch.cat([part["grad"] for part in parts]), features.grad, **exact)
    # Ranks add the gradients of parameters afterwards, as data-parallel training does.
    assert_close(parts[0]["weight"] + parts[1]["weight"], norm.weight.grad, **exact)
    assert_close(parts[0]["bias"] + parts[1]["bias"], norm.bias.grad, **exact)
    for part in parts:
        assert_close(part["var"], norm.running_var, **exact)


@pytest.mark.parametrize("training", [True, False])
def test_features_of_another_dtype_are_refused_but_not_under_autocast(make_batch, training):
    x = make_batch(2, (6, 3), channels=2, dtype=torch.float64)
    norm = BatchNorm(2).train(training)
    with (
        torch.no_grad(),
        pytest.raises(InvalidArgument, match=r"weight is torch.float32 and features are torch.float64"),
    ):
        norm(x)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        assert norm(x.to(torch.bfloat16)).features.dtype == torch.bfloat16
