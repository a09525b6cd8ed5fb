"""Several events at once: how far ahead they are read, and what is left behind."""

from __future__ import annotations

import threading

import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.models.uresnet import UResNet, UResNetConfig
from argoscope.sparse import joining, map_events, warm_up
from argoscope.sparse.backends import normalization, workers
from argoscope.sparse.backends import numba as numba_backend


def test_events_are_read_a_little_ahead():
    read = []

    def events():
        for number in range(100):
            read.append(number)
            yield number

    results = map_events(lambda number: -number, events(), workers=2)
    assert next(results) == 0
    assert len(read) <= 5
    assert list(results) == [-number for number in range(1, 100)]


def test_no_thread_but_the_workers_is_limited():
    def threads_of_a_new_one():
        found = []
        thread = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
        thread.start()
        thread.join()
        return found[0]

    torch.set_num_threads(2)
    results = map_events(lambda _: torch.get_num_threads(), range(20), workers=3)
    assert next(results) == 1
    assert (torch.get_num_threads(), threads_of_a_new_one()) == (2, 2)
    torch.set_num_threads(3)
    assert set(results) == {1}
    assert torch.get_num_threads() == 3


def test_whoever_stops_reading_waits_for_no_more_than_what_is_running():
    done = []
    results = map_events(done.append, range(1000), workers=1)
    next(results)
    results.close()
    assert len(done) <= 3


def modes():
    """What a thread is told about precision and gradients."""
    return (
        torch.is_autocast_enabled("cpu"),
        torch.get_autocast_dtype("cpu"),
        torch.is_inference_mode_enabled(),
        torch.is_grad_enabled(),
    )


def test_the_callers_autocast_holds_for_every_event():
    with torch.autocast("cpu", dtype=torch.float16):
        results = map_events(lambda _: modes(), range(5), workers=2)
    assert set(results) == {(True, torch.float16, False, False)}


def test_the_callers_inference_mode_holds_for_every_event():
    with torch.inference_mode():
        results = map_events(lambda _: modes(), range(5), workers=2)
        made = map_events(lambda _: torch.ones(1).is_inference(), range(5), workers=2)
    assert {mode[2:] for mode in results} == {(True, False)}
    assert set(made) == {True}


def test_events_are_mapped_without_gradients():
    weight = torch.ones(1, requires_grad=True)
    assert [result.requires_grad for result in map_events(lambda n: n * weight, range(3))] == [False] * 3
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("part", [None, "level.deeper.up_norm"])
def test_a_network_in_training_is_refused(part):
    network = UResNet(UResNetConfig(filters=4, depth=3)).eval()
    (network if part is None else network.get_submodule(part)).train()
    with pytest.raises(InvalidArgument, match=r"function \(=UResNet\) is in training mode.*\.eval\(\)"):
        map_events(network, [])
    assert list(map_events(network.eval(), [])) == []


@pytest.mark.parametrize("workers", [1.5, 0, -1, True, "2"])
def test_workers_that_are_no_number_are_refused_at_once(workers):
    with pytest.raises(InvalidArgument, match=rf"workers \(={workers}\) must be at least 1"):
        map_events(abs, [1], workers=workers)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_warm_up_calls_what_a_network_calls(dtype, monkeypatch):
    """The kernels are compiled for each kind of arguments when first called with it."""
    monkeypatch.setattr(workers, "cores", lambda: 2)
    torch.set_num_threads(2)
    called = set()
    run = workers.run_tasks

    def watched(kernel, tasks, *arguments, alone=False):
        called.add((kernel.__name__, tasks > 1 and not alone))
        run(kernel, tasks, *arguments, alone=alone)

    for module in (joining, normalization, numba_backend):
        monkeypatch.setattr(module, "run_tasks", watched)
    warm_up(dtype)
    assert {("convolve", True), ("join", True)} <= called
    warm_up(dtype, training=True)
    assert {("part", True), ("weight_gradient", True), ("plain_sums", True)} <= called
    assert workers.await_tasks.signatures
