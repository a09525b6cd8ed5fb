"""The benchmarks of the engine run and say what they promise; speed itself is not tested here."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from argoscope.benchmarks import _spconv, _work, convolution, network, scaling, training
from argoscope.benchmarks._sites import SBND_SHAPE, noisy_tracks, tracks
from argoscope.models.uresnet import UResNetConfig
from argoscope.sparse import SiteIndex

KEYS = {
    "name", "dimensions", "filters", "levels", "sites", "backend", "threads", "index_seconds", "network_seconds",
    "limit_seconds", "ratio_to_limit", "gflop", "peak_mb",
}  # fmt: skip


@pytest.fixture
def nowhere(tmp_path):
    """Folder without the SBND sample."""
    return tmp_path


def test_network_rows_have_the_agreed_keys(nowhere, monkeypatch):
    monkeypatch.setattr(network, "NETWORKS", (replace(network.NETWORKS[0], filters=4, levels=2),))
    monkeypatch.setattr(network, "peak_of", lambda _: {"result": 1, "peak_mb": 1.0})
    monkeypatch.setattr(_spconv, "available", lambda: False)
    rows = network.measure(quick=True, data=nowhere, threads=(1,))
    assert set(rows[0]) >= KEYS
    assert rows[0]["sites"] == 10_191
    assert rows[0]["data"] == "generated"
    assert rows[0]["ratio_to_limit"] == pytest.approx(rows[0]["network_seconds"] / rows[0]["limit_seconds"])
    assert json.loads(json.dumps(rows)) == rows
    assert "collection-4" in network.table(rows)


def test_peak_memory_counts_what_the_evaluation_takes():
    from argoscope.benchmarks._timing import peak_of

    small = peak_of("result = 1")["peak_mb"]
    large = peak_of("x = torch.ones(25_000_000); result = float(x[0])")
    assert large["result"] == 1.0
    # 25 million float32 are 100 MB.
    assert large["peak_mb"] - small == pytest.approx(100, abs=10)


def test_operations_are_counted_on_real_pairs():
    """One site alone: one pair at each level, so the count is the sum of the weights it meets."""
    config = UResNetConfig(filters=2, depth=2, blocks=1, classes=3)
    index = SiteIndex.from_coordinates([[0, 4, 4]], shape=(8, 8))
    stem, head = 1 * 2, 2 * 3
    fine = 2 * (2 * 2) + (4 * 2 + 2 * 2 + 4 * 2)  # encoder, then decoder: 4 -> 2, 2 -> 2 and the shortcut
    coarse = 2 * (4 * 4)
    between = 2 * 4 + 4 * 2
    assert _work.gflop(config, index) == pytest.approx(2e-9 * (stem + head + fine + coarse + between))


@pytest.mark.parametrize(
    ("sites", "neighbours", "spread"),
    [
        (lambda: (tracks(SBND_SHAPE, 10_191, seed=1, thickness=3), SBND_SHAPE), 5.9, 0.5),
        (lambda: (noisy_tracks(SBND_SHAPE, 25_094, seed=2), SBND_SHAPE), 4.4, 1.1),
        (lambda: (tracks((512,) * 3, 13_600, seed=3, thickness=2), (512,) * 3), 9.9, 0.7),
    ],
)
def test_generated_sites_have_the_statistics_of_the_detector(sites, neighbours, spread):
    """Mean neighbours: measured on the SBND sample, event 1, planes 2 and 0; docs/engine.md for the cubes."""
    rows, shape = sites()
    assert len(np.unique(rows, axis=0)) == len(rows)
    index = SiteIndex.from_coordinates(rows, shape=shape)
    mean = (index.neighbours(3).table >= 0).sum() / len(index)
    assert mean == pytest.approx(neighbours, abs=spread)


def test_convolution_training_and_scaling_say_their_tables(nowhere, monkeypatch):
    monkeypatch.setattr(convolution, "CHANNELS", (0, 8, 16))
    rows = convolution.measure(quick=True, data=nowhere, threads=(1,))
    assert {row["backend"] for row in rows} == {"numba", "torch"}
    assert "generated" in convolution.table(rows)

    small = (replace(network.NETWORKS[0], filters=4, levels=2),)
    monkeypatch.setattr(training, "NETWORKS", small)
    steps = training.measure(quick=True, data=nowhere, threads=(1,))
    assert steps[0]["step_over_inference"] > 1
    assert "collection-4" in training.table(steps)

    monkeypatch.setattr(scaling, "SITES", (100, 300, 1000))
    monkeypatch.setattr(scaling, "OCCUPANCIES", (0.01,))
    answer = scaling.measure(quick=True, threads=(1,))
    assert [row["sites"] for row in answer["sites"]] == [100, 300, 1000]
    assert "time ~ sites" in scaling.table(answer)
    assert json.loads(json.dumps(answer)) == answer


def test_cubes_are_evaluated_dense_and_sparse_alike(monkeypatch):
    monkeypatch.setattr(scaling, "VOXELS", {16: 40})
    before = torch.get_num_threads()
    assert scaling.evaluate_cubes("dense", 16, 2, 1) > 0
    assert scaling.evaluate_cubes("sparse", 16, 2, 1) > 0
    assert torch.get_num_threads() == before
