"""The benchmark of instances measures what it says, of every network in one table."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.benchmarks import instances
from argoscope.models.weights import load_model

SHAPE = (160, 96)


@pytest.fixture
def plane_file(tmp_path):
    """Three straight tracks on a small plane."""
    wires = np.arange(SHAPE[0])
    rows = np.concatenate([np.column_stack([wires, 10 + wires * k // 4]) for k in (0, 1, 2)])
    rows = np.unique(rows, axis=0)
    path = tmp_path / "plane.npz"
    np.savez(path, rows=rows, charge=np.full(len(rows), 40.0), shape=SHAPE)
    return path


SMALL = {
    "paper1": {"extends": "paper1", "backbone": {"width": 32}, "proposals": {"kept": 8}},
    "paper1-sparse": {"extends": "paper1-sparse", "backbone": {"width": 32}, "proposals": {"kept": 8}},
}


@pytest.mark.parametrize("name", [*SMALL, instances.SHIPPED, "dbscan"])
def test_a_row_has_the_parts_and_their_sum(monkeypatch, plane_file, name):
    monkeypatch.setattr(instances, "NETWORKS", SMALL)
    monkeypatch.setattr(instances, "peak_of", lambda _: {"peak_mb": 7.0, "process_mb": 31.0})
    row = instances._row(name, plane_file, threads=1, repeats=3)
    assert row["heads_seconds"] == row["answer_seconds"] + row["found_seconds"]
    assert (row["backbone_seconds"] > 0) == (row["answer_seconds"] > 0) == (name != "dbscan")
    assert row["repeats"] == (1 if name == "paper1" else 3)
    assert row["seconds"] > 0
    assert row["cpu_seconds"] > 0
    assert row["parameters"] == sum(w.numel() for w in network_of(name))
    said = instances.table([row])
    assert name in said
    assert f"{row['found']:>7}{31:>7}" in said


def network_of(name):
    if name == "dbscan":
        return []
    network = instances.build_network(SMALL[name]) if name in SMALL else load_model(name).network
    return list(network.parameters())


def test_trained_seeds_find_the_three_tracks_or_join_them(plane_file):
    assert 1 <= instances.find_once(instances.SHIPPED, str(plane_file), 1) <= 6


def test_dbscan_finds_what_touches(plane_file):
    """The tracks start at one pixel and part: clusters of 10 pixels' reach keep them as one."""
    assert instances.find_once("dbscan", str(plane_file), 1) == 1


def test_the_number_of_threads_is_given_back(monkeypatch, plane_file):
    monkeypatch.setattr(instances, "NETWORKS", SMALL)
    before = torch.get_num_threads()
    instances.find_once(instances.SHIPPED, str(plane_file), before + 1)
    assert torch.get_num_threads() == before


@pytest.mark.slow
def test_the_published_networks_of_a_simulated_plane():
    rows = instances.measure(quick=True, threads=(1,))
    assert [row["name"] for row in rows] == ["paper1-sparse", "paper1-tuned", instances.SHIPPED, "dbscan"]
    assert {row["pixels"] for row in rows} == {rows[0]["pixels"]}
    assert all(row["process_mb"] > row["peak_mb"] > 50 for row in rows)
