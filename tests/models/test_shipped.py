"""The weights in the package: what their cards promise, seen again on events simulated here."""

from __future__ import annotations

import json
import math

import pytest

from argoscope.inference.evaluate import evaluate_five_class
from argoscope.inference.predict import predict_file
from argoscope.models.weights import load_model, shipped_models
from argoscope.simulation.run import Order, simulate
from argoscope.simulation.streams import TEST_SEEDS_FROM

SYSTEMS = {"five-class-3d": "paper 4"}
"""Of each shipped model: weights of one system share a budget."""
BUDGET = 45e6
"""Bytes of a system."""
FEWER = {"cube-192": 60, "cube-512": 30, "paper3": 2}
"""Events of a sample that are simulated anew, the first of those that the card was measured on."""


def held_out(name):
    return json.loads(shipped_models()[name].read_text())["metrics"]["held_out"]


def test_every_shipped_model_is_known_here():
    assert set(shipped_models()) == set(SYSTEMS)


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_shipped_model_is_measured_and_says_its_limits(name):
    model = load_model(name)
    assert not model.network.training
    assert model.card.limits
    assert model.card.charge_scale
    for measured in model.card.metrics["held_out"]:
        assert measured["sample"]["seed"] >= TEST_SEEDS_FROM
        assert measured["sample"]["events"] >= 100


@pytest.mark.parametrize("system", sorted(set(SYSTEMS.values())))
def test_the_weights_of_a_system_stay_in_their_budget(system):
    paths = [load_model(name).path for name in SYSTEMS if SYSTEMS[name] == system]
    assert sum(path.stat().st_size for path in paths) <= BUDGET


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name in SYSTEMS for place in range(len(held_out(name)))]
)
def test_five_class_cards_say_what_evaluate_prints(name, place, tmp_path):
    card = held_out(name)[place]
    preset, seed = card["sample"]["preset"], card["sample"]["seed"]
    simulate(Order(preset=preset, events=FEWER[preset], seed=seed), tmp_path / "events.h5")
    predict_file(tmp_path / "events.h5", tmp_path / "predicted.h5", model=name)
    answer = evaluate_five_class([tmp_path / "predicted.h5"])
    assert answer["truth"] == card["truth"]
    here, there = (each["per_event"] for each in (answer, card))
    error = there["spread"] / math.sqrt(answer["events"])
    assert here["accuracy"]["value"] == pytest.approx(there["accuracy"]["value"], abs=3 * error)
