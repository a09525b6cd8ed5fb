"""The configurations in `configs/` are read, and say what to expect of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from argoscope.models.builders import build_network
from argoscope.training.config import load_config

CONFIGS = sorted((Path(__file__).resolve().parents[2] / "configs").glob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_configuration_is_read_and_explained(path):
    config = load_config(path)
    assert config.name == path.stem
    assert path.read_text().startswith("# ")
    assert f"argoscope train configs/{path.name}" in path.read_text()
    build_network(config.network)


def test_there_are_configurations():
    assert CONFIGS
