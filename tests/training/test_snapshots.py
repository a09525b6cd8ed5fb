"""Weights that are kept for good after chosen steps of a training."""

from __future__ import annotations

import pytest
import torch

from argoscope.errors import InvalidArgument, Stopped
from argoscope.models.weights import load_model
from argoscope.training.run import train


def weights_at(folder):
    return torch.cat([w.flatten() for w in load_model(folder).network.state_dict().values()])


def test_snapshots_are_the_weights_of_their_step(make_config, tmp_path):
    train(make_config(snapshots=[2, 8]), tmp_path / "long")
    train(make_config(steps=2), tmp_path / "short")
    assert sorted(path.name for path in (tmp_path / "long/snapshots").iterdir()) == ["2", "8"]
    assert torch.equal(
        weights_at(tmp_path / "long/snapshots/2"), weights_at(tmp_path / "short/tiny.safetensors")
    )
    assert load_model(tmp_path / "long/snapshots/2").card.training["steps"] == 2


def test_snapshots_of_an_interrupted_run_are_those_of_an_undisturbed_one(make_config, tmp_path):
    config = make_config(snapshots=[3, 7])
    train(config, tmp_path / "whole")
    with pytest.raises(Stopped):
        train(config, tmp_path / "broken", stop=iter([False] * 4 + [True]).__next__)
    train(config, tmp_path / "broken", resume=True)
    for step in ("3", "7"):
        ours, theirs = (weights_at(tmp_path / name / "snapshots" / step) for name in ("broken", "whole"))
        assert torch.equal(ours, theirs)


def test_a_new_start_leaves_no_snapshot_of_the_old_one(make_config, tmp_path):
    train(make_config(snapshots=[2]), tmp_path / "run")
    train(make_config(), tmp_path / "run", overwrite=True)
    assert not list(tmp_path.glob("run/snapshots/*/*"))


@pytest.mark.parametrize("step", [0, 9])
def test_snapshots_must_be_steps_of_the_run(make_config, step):
    with pytest.raises(InvalidArgument, match=rf"snapshots \(=\[{step}\]\) must be steps from 1 to 8"):
        make_config(snapshots=[step])
