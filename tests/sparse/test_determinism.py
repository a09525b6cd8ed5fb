"""The bits of a result depend on the event and the weights, on nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import (
    BatchNorm,
    SparseTensor,
    map_events,
    pointwise_convolution,
    submanifold_convolution,
)


@pytest.fixture
def network():
    torch.set_num_threads(2)
    torch.manual_seed(3)
    network = UResNet(UResNetConfig(filters=16, depth=3, blocks=1))
    for module in network.modules():
        if isinstance(module, BatchNorm):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2.0)
    return network.eval()


def gradients(network, x):
    network.train()
    network.zero_grad()
    network(x).features.square().mean().backward()
    return [p.grad.clone() for p in network.parameters()]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_threads_and_runs_give_the_same_bits(make_batch, network, dtype):
    network.to(dtype)
    x = make_batch(2, (900, 0, 400), channels=1, dtype=dtype, shape=(80, 60))
    state = {name: value.clone() for name, value in network.state_dict().items()}
    results = []
    for threads in (2, 1, 2, 3):
        torch.set_num_threads(threads)
        network.load_state_dict(state)
        with torch.no_grad():
            scores = network.eval()(x).features
        results.append([scores, *gradients(network, x)])
    for other in results[1:]:
        assert all(torch.equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_other_events_of_the_batch_do_not_change_a_bit(make_batch, network):
    x = make_batch(2, (700, 1, 0, 1300), channels=1, dtype=torch.float32, shape=(80, 60))
    with torch.no_grad():
        together = network(x).split()
        for event in range(4):
            mine = x.index.events == event
            rows = np.column_stack([np.zeros(mine.sum(), np.int64), x.index.coordinates[mine]])
            alone = SparseTensor.from_coordinates(rows, x.split()[event], shape=x.index.shape, batch_size=1)
            assert torch.equal(network(alone).features, together[event])


def test_fused_evaluation_is_the_definition(make_batch, network):
    x = make_batch(2, (300, 0, 500), channels=1, dtype=torch.float32, shape=(80, 60))
    with torch.no_grad():
        fused = network(x).features
    plain = network(x).features
    slow = UResNet(network.config, backend="torch").eval()
    slow.load_state_dict(network.state_dict())
    with torch.no_grad():
        other = slow(x).features
    assert plain.requires_grad
    # Twenty layers of single precision, values of order 1.
    torch.testing.assert_close(fused, plain.detach(), rtol=0.0, atol=1e-5 * float(fused.abs().max()))
    torch.testing.assert_close(fused, other, rtol=0.0, atol=1e-5 * float(fused.abs().max()))


def test_several_events_at_once_are_one_after_the_other(make_batch, network):
    events = [
        make_batch(2, (200 + 50 * seed,), channels=1, seed=seed, dtype=torch.float32, shape=(40, 50))
        for seed in range(2)
    ]
    events += [make_batch(2, (0,), channels=1, dtype=torch.float32, shape=(40, 50))]
    with torch.no_grad():
        expected = [network(event).features for event in events]
    got = [result.features for result in map_events(network, events, workers=2)]
    assert all(torch.equal(a, b) for a, b in zip(got, expected, strict=True))
    assert torch.get_num_threads() == 2


def test_a_kernel_without_tasks_returns(make_batch):
    empty = make_batch(2, (0, 0))
    assert submanifold_convolution(empty, torch.ones(9, 3, 4, dtype=torch.float64)).features.shape == (0, 4)


def with_threads(function):
    """Results of a function on 2, 1, 2 and 3 threads."""
    results = []
    for threads in (2, 1, 2, 3):
        torch.set_num_threads(threads)
        results.append(function())
    return results


def test_the_gradient_of_repeated_rows_is_summed_in_order():
    torch.set_num_threads(2)
    generator = torch.Generator().manual_seed(4)
    rows = torch.randint(0, 50, (100_000, 3), generator=generator)
    rows[:, 0] = 0
    given = torch.randn(100_000, 3, generator=generator)
    upstream = torch.randn(100_000, 3, generator=generator)
    x = SparseTensor.from_coordinates(rows, given, shape=(50, 50), duplicates="sum")
    features = x.features.clone().requires_grad_()

    def gradient():
        back = x.with_features(features).in_given_order()
        return torch.autograd.grad(back, features, upstream)[0]

    first, *others = with_threads(gradient)
    assert all(torch.equal(first, other) for other in others)


@pytest.fixture
def many(make_batch):
    """More sites than torch sums with one thread."""
    return make_batch(2, (30_000, 0, 20_000), channels=1, dtype=torch.float32, shape=(200, 200))


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_the_gradient_of_one_bias_has_the_same_bits(many, backend):
    weight, bias = torch.ones(1, 1, requires_grad=True), torch.zeros(1, requires_grad=True)
    upstream = many.features.flip(0)

    def gradient():
        scores = pointwise_convolution(many, weight, bias, backend=backend).features
        return torch.autograd.grad(scores, bias, upstream)[0]

    first, *others = with_threads(gradient)
    assert all(torch.equal(first, other) for other in others)
    assert torch.equal(first, upstream.double().sum(0).float())


def test_the_gradients_of_a_normalization_of_one_channel_have_the_same_bits(many):
    norm = BatchNorm(1, relu=True).eval()
    features = many.features.clone().requires_grad_()
    upstream = many.features.flip(0)

    def gradient():
        out = norm(many.with_features(features)).features
        return torch.autograd.grad(out, (features, norm.weight, norm.bias), upstream)

    first, *others = with_threads(gradient)
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_a_network_of_one_class_has_the_same_gradients(many):
    torch.manual_seed(3)
    network = UResNet(UResNetConfig(filters=4, depth=1, blocks=1, classes=1))
    state = {name: value.clone() for name, value in network.state_dict().items()}
    upstream = many.features.flip(0)

    def all_gradients():
        network.load_state_dict(state)
        network.zero_grad()
        network.train()(many).features.backward(upstream)
        return [p.grad.clone() for p in network.parameters()]

    first, *others = with_threads(all_gradients)
    for other in others:
        assert all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_makes_its_own_helpers():
    """Threads do not survive a fork; a child that waited for the parent's would hang."""
    script = (
        "import os, torch; torch.set_num_threads(2)\n"
        "from argoscope.sparse import SparseTensor, submanifold_convolution as convolve\n"
        "rows = torch.cartesian_prod(torch.zeros(1, dtype=torch.long), torch.arange(40), torch.arange(40))\n"
        "x = SparseTensor.from_coordinates(rows, torch.ones(1600, 16), shape=(40, 40))\n"
        "w = torch.ones(9, 16, 16)\n"
        "first = convolve(x, w, backend='numba').features.numpy()\n"
        "pid = os.fork()\n"
        "if pid == 0: os._exit(int(not (convolve(x, w, backend='numba').features.numpy() == first).all()))\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))\n"
    )
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    assert (
        subprocess.run([sys.executable, "-c", script], check=False, timeout=120, env=environment).returncode
        == 0
    )


@pytest.mark.parametrize("_", range(3))
def test_a_process_ends_cleanly_while_helpers_wait(_):
    """Python aborts where it ends a thread inside compiled code."""
    script = (
        "import torch; torch.set_num_threads(3)\n"
        "from argoscope.sparse import SparseTensor, submanifold_convolution as convolve\n"
        "rows = torch.cartesian_prod(torch.zeros(1, dtype=torch.long), torch.arange(40), torch.arange(40))\n"
        "x = SparseTensor.from_coordinates(rows, torch.ones(1600, 16), shape=(40, 40))\n"
        "for _ in range(20): convolve(x, torch.ones(9, 16, 16), backend='numba')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], check=False, timeout=120, capture_output=True
    )
    assert (done.returncode, done.stderr) == (0, b"")
