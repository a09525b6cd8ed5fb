"""Configurations: whole after a round trip, and refused by the key that is wrong."""

from __future__ import annotations

import pytest

from argoscope.errors import InvalidArgument, UnreadableFile
from argoscope.training.config import config_from, config_to_yaml, load_config

VALUES = {
    "name": "a",
    "steps": 10,
    "network": {"extends": "paper4"},
    "data": {"train": {"preset": "cube-192", "events": 9}},
}


def test_a_written_configuration_is_read_back(tmp_path, make_config):
    config = make_config(tensorboard=True, optimizer={"clip": 1.0, "betas": [0.8, 0.9]})
    (tmp_path / "a.yaml").write_text(config_to_yaml(config))
    assert load_config(tmp_path / "a.yaml") == config


def test_changes_from_the_command_line(tmp_path, make_config):
    (tmp_path / "a.yaml").write_text(config_to_yaml(make_config()))
    changes = [
        "optimizer.rate=1.0e-4",
        "data.train.files=[x.h5]",
        "loss.weighting=paper3",
        "optimizer.clip=2.0",
    ]
    config = load_config(tmp_path / "a.yaml", changes)
    assert (config.optimizer.rate, config.optimizer.clip) == (1e-4, 2.0)
    assert (config.data.train.files, config.loss.weighting) == (("x.h5",), "paper3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stesp": 3}, r"no key 'stesp' here. Did you mean 'steps'"),
        ({"steps": -1}, r"steps \(=-1\) must be from 0"),
        ({"steps": 1e3}, r"steps \(=1000.0\) must be a whole number"),
        ({"batch": 6, "accumulate": 2, "devices": 2}, r"batch \(=6\) must be divisible by accumulate \(=2\)"),
        ({"name": "a/b"}, r"name \(='a/b'\) must be a file name"),
        ({"name": "init"}, r"name \(='init'\) must be .* none of init, provenance: the folder of a run"),
        ({"seed": -1}, r"seed \(=-1\) must be from 0"),
        ({"seed": 2**64}, rf"seed \(={2**64}\) must be from 0 to {2**64 - 1}"),
        ({"precision": "8-true"}, r"precision \(='8-true'\) must be one of '32-true'"),
        ({"network": {"extends": "paper5"}}, "no published network 'paper5'. Did you mean 'paper"),
        ({"network": {"filter": 3}}, "no key 'filter' here. Did you mean 'filters'"),
        ({"network": {"classes": 3}}, r"network.classes \(=3\) must be 5, as the task five-class has"),
        ({"network": None}, r"network \(=None\) must be a mapping"),
        ({"schema_version": 2}, r"schema_version \(=2\) must be 1; install"),
        ({"loss": {"weighting": "paper33"}}, "no weighting 'paper33'. Did you mean 'paper3'"),
        ({"loss": {"gamma": -1.0}}, r"gamma \(=-1.0\) must not be negative"),
        ({"loss": {"reduction": "mean"}}, r"reduction \(='mean'\) must be one of"),
        ({"data": {"train": {}}}, "needs files or a preset, and not both"),
        ({"data": {"train": {"preset": "cube-192"}}}, r"events \(=0\) must say how many"),
        ({"data": {"train": {"files": ["a"], "events": -1}}}, r"events \(=-1\) must not be negative"),
        ({"data": {"train": {"files": ["a"]}, "workers": -1}}, r"workers \(=-1\) must not be negative"),
        ({"data": {}}, "the key 'train' is missing"),
    ],
)
def test_what_is_wrong_is_named(change, message):
    with pytest.raises(InvalidArgument, match=message):
        config_from({**VALUES, **change}, "a.yaml")


@pytest.mark.parametrize("change", ["steps", "=3", "a..b=3"])
def test_a_change_needs_key_and_value(tmp_path, make_config, change):
    (tmp_path / "a.yaml").write_text(config_to_yaml(make_config()))
    with pytest.raises(InvalidArgument, match="must be KEY=VALUE"):
        load_config(tmp_path / "a.yaml", [change])


def test_a_change_below_a_value_is_refused(tmp_path, make_config):
    (tmp_path / "a.yaml").write_text(config_to_yaml(make_config()))
    with pytest.raises(InvalidArgument, match="'steps' holds a value, not keys"):
        load_config(tmp_path / "a.yaml", ["steps.more=1"])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"none\.yaml"):
        load_config(tmp_path / "none.yaml")
