"""The weights in the package: what their cards promise, quoted in docs, and seen again on events simulated here."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from argoscope.inference.evaluate import evaluate_five_class
from argoscope.inference.evaluate_cosmic import evaluate_cosmic_tagging
from argoscope.inference.evaluate_instances import evaluate_instances
from argoscope.inference.evaluate_track_shower import evaluate_track_shower
from argoscope.inference.predict import predict_file
from argoscope.models.cards import shipped_models
from argoscope.models.weights import load_model
from argoscope.simulation.run import Order, simulate
from argoscope.simulation.streams import TEST_SEEDS_FROM

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {
    "cosmic-tagger-sbnd": "cosmic-tagging.md",
    "five-class-2d": "papers/paper3.md",
    "five-class-3d": "papers/paper4.md",
    "instances-microboone": "instances.md",
    "track-shower-2d": "papers/paper2.md",
}
"""Page that quotes the card of each model; models of one page share the budget of a system."""
BUDGET = 45e6
"""Bytes of a system."""
SBND = "sbnd_larcv3_events0-2.h5"
METRICS = ("non_background_accuracy", "iou_cosmic", "iou_neutrino")
ERRORS = ("icpf_mean", "icpf_90", "shower_error", "track_error")
OF_INSTANCES = ("efficiency", "purity", "covered", "zero_efficiency", "panoptic_quality")
FEWER = {
    "cube-192": 60, "cube-512": 30, "microboone": 5, "paper2": 40, "paper2-1e1p-low": 40, "paper2-nue": 40, "paper3": 2, "sbnd": 3,
}  # fmt: skip
"""Events of a sample that are simulated anew, the first of those that the card was measured on."""


def held_out(name):
    return json.loads(shipped_models()[name].read_text())["metrics"]["held_out"]


def samples_of(task):
    """Name of a shipped model and number of a sample of its card, of every model of a task."""
    names = [name for name in PAGES if load_model(name).card.task == task]
    return [(name, place) for name in names for place in range(len(held_out(name)))]


def predicted_anew(name, sample, folder):
    """The first events of a sample, simulated and predicted."""
    order = Order(preset=sample["preset"], events=FEWER[sample["preset"]], seed=sample["seed"])
    simulate(order, folder / "events.h5")
    predict_file(folder / "events.h5", folder / "predicted.h5", model=name)
    return folder / "predicted.h5"


def of_few(number, sample):
    """The error of a card's number, which is of all events of the sample, if it were of those simulated anew."""
    return (number["high"] - number["low"]) / 2 * math.sqrt(sample["events"] / FEWER[sample["preset"]])


def quoted(number):
    """A fraction as docs write it, in percent with its interval."""
    value, low, high = (100 * number[key] for key in ("value", "low", "high"))
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"


def test_every_shipped_model_is_known_here():
    assert set(shipped_models()) == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_shipped_model_is_measured_and_says_its_limits(name):
    model = load_model(name)
    assert not model.network.training
    assert model.card.limits
    assert model.card.charge_scale
    for measured in model.card.metrics["held_out"]:
        assert measured["sample"]["seed"] >= TEST_SEEDS_FROM
        assert measured["sample"]["events"] >= 100


@pytest.mark.parametrize("page", sorted(set(PAGES.values())))
def test_the_weights_of_a_system_stay_in_their_budget(page):
    paths = [load_model(name).path for name in PAGES if PAGES[name] == page]
    assert sum(path.stat().st_size for path in paths) <= BUDGET


@pytest.mark.parametrize(("name", "place"), samples_of("five-class"))
def test_docs_quote_the_accuracies_of_five_class_cards(name, place):
    card = held_out(name)[place]
    headline = card[card["headline"]]
    page = (DOCS / PAGES[name]).read_text()
    assert quoted(headline["accuracy"]) in page
    for numbers in headline["classes"].values():
        assert quoted(numbers["accuracy"]) in page


@pytest.mark.parametrize(("name", "place"), samples_of("cosmic-tagging"))
def test_docs_quote_the_metrics_of_cosmic_tagging_cards(name, place):
    page = (DOCS / PAGES[name]).read_text()
    for metric in METRICS:
        assert quoted(held_out(name)[place]["paper"][metric]) in page


@pytest.mark.parametrize(("name", "place"), samples_of("track-shower"))
def test_docs_quote_the_errors_of_track_shower_cards(name, place):
    page = (DOCS / PAGES[name]).read_text()
    for error in ERRORS:
        assert quoted(held_out(name)[place][error]) in page


@pytest.mark.parametrize(("name", "place"), samples_of("instances"))
def test_docs_quote_the_metrics_of_cards_of_instances(name, place):
    page, card = (DOCS / PAGES[name]).read_text(), held_out(name)[place]
    for metric in OF_INSTANCES:
        assert quoted(card["overall"][metric]) in page
        assert quoted(card["baseline_dbscan"]["overall"][metric]) in page
    for of_class in card["classes"].values():
        for metric in ("efficiency", "purity"):
            assert quoted(of_class["pooled"][metric]) in page


@pytest.mark.slow
@pytest.mark.parametrize(("name", "place"), samples_of("five-class"))
def test_five_class_cards_say_what_evaluate_prints(name, place, tmp_path):
    card = held_out(name)[place]
    answer = evaluate_five_class([predicted_anew(name, card["sample"], tmp_path)])
    assert answer["truth"] == card["truth"]
    here, there = (each["per_event"] for each in (answer, card))
    error = there["spread"] / math.sqrt(answer["events"])
    assert here["accuracy"]["value"] == pytest.approx(there["accuracy"]["value"], abs=3 * error)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "place"), samples_of("cosmic-tagging"))
def test_cosmic_tagging_cards_say_what_evaluate_prints(name, place, tmp_path):
    card = held_out(name)[place]
    answer = evaluate_cosmic_tagging([predicted_anew(name, card["sample"], tmp_path)])
    here, there = (each["paper"]["non_background_accuracy"] for each in (answer, card))
    assert here["value"] == pytest.approx(there["value"], abs=3 * of_few(there, card["sample"]))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "place"), samples_of("track-shower"))
def test_track_shower_cards_say_what_evaluate_prints(name, place, tmp_path):
    card = held_out(name)[place]
    answer = evaluate_track_shower([predicted_anew(name, card["sample"], tmp_path)])
    here, there = (each["icpf_mean"] for each in (answer, card))
    assert here["value"] == pytest.approx(there["value"], abs=3 * of_few(there, card["sample"]))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "place"), samples_of("instances"))
def test_cards_of_instances_say_what_evaluate_prints(name, place, tmp_path):
    card = held_out(name)[place]
    answer = evaluate_instances([predicted_anew(name, card["sample"], tmp_path)])
    for metric in ("efficiency", "purity", "panoptic_quality"):
        here, there = (each["overall"][metric] for each in (answer, card))
        assert here["value"] == pytest.approx(there["value"], abs=3 * of_few(there, card["sample"]))


@pytest.mark.slow
def test_docs_say_how_real_events_are_tagged(real_data, tmp_path):
    predict_file(real_data / SBND, tmp_path / "predicted.h5", model="cosmic-tagger-sbnd")
    answer = evaluate_cosmic_tagging([tmp_path / "predicted.h5"])
    page = (DOCS / PAGES["cosmic-tagger-sbnd"]).read_text()
    for metric in METRICS:
        assert answer["paper"][metric]["value"] > answer["baseline_all_cosmic"][metric]["value"] + 0.05
        assert quoted(answer["paper"][metric]) in page
        assert quoted(answer["baseline_all_cosmic"][metric]) in page
    first, second, third = (event["iou_neutrino"] for event in answer["events"])
    assert f"(neutrino IoU {first:.2f}, {second:.2f} and {third:.2f})" in page
