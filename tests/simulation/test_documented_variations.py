"""The documentation's variations are settings, and its nominal values those of MicroBooNE."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from argoscope.simulation.chain import simulation_named

PAGE = Path(__file__).resolve().parents[2] / "docs" / "physics" / "simulation.md"
EXAMPLES = re.findall(r"`(\w+=[\w.,;]+)`", PAGE.read_text())


def test_the_table_is_found() -> None:
    assert {text.partition("=")[0] for text in EXAMPLES} >= {
        "field_kv_cm", "space_charge", "response_width", "recombination_scale", "lifetime_us", "transverse_cm2_s",
        "noise_scale", "dead_fraction",
    }  # fmt: skip


@pytest.mark.parametrize("example", [text for text in EXAMPLES if not text.startswith("drifted")])
def test_documented_variations_change_a_setting(example: str) -> None:
    nominal, varied = (simulation_named("paper3", seed=5, vary=vary).settings for vary in ((), (example,)))
    assert varied != nominal
