"""Paper 0's counting on hand-made events: what a network says of a plane, and what the studies make of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.tagged_files import SAID, event, truth_itself, with_prediction, write

from argoscope.analyses.cosmic_tagging import METRICS as ALL_METRICS
from argoscope.analyses.cosmic_tagging import report
from argoscope.analyses.interactions import Interaction
from argoscope.detectors.yaml_text import parse_yaml
from argoscope.events import COSMIC, Clusters, Event, EventId, Grid, Image, LabelColumn, empty_particles
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.evaluate_cosmic import evaluate_cosmic_tagging, evaluate_selection
from argoscope.models.builders import build_network, parameter_count, resolved
from argoscope.models.cards import Card
from argoscope.models.preparation import Preparation
from argoscope.models.weights import Model
from argoscope.papers import paper0_published as published
from argoscope.papers.paper0_studies import tagging
from argoscope.papers.paper0_studies.blurring import LOSSES, busiest
from argoscope.papers.paper0_studies.parameters import PROGRAM, READINGS, layers
from argoscope.papers.paper0_studies.pictures import chosen
from argoscope.papers.paper0_studies.rows import METRICS
from argoscope.papers.paper0_studies.sample import overlaps
from argoscope.papers.paper0_studies.selection import numbers_of
from argoscope.papers.paper0_studies.sizes import FULL, SMALL, dense_recipe, reduced, sparse_recipe, whole
from argoscope.papers.paper0_studies.subjects import Subject
from argoscope.papers.paper0_studies.tagging import Tagged, counted, matrices, tagged_events
from argoscope.papers.paper0_studies.variants import FOCAL, REFERENCE, recipes
from argoscope.papers.scan import EPSILONS
from argoscope.training.config import LossConfig, config_from

SHAPE = (32, 16)  # unequal sides: swapped axes cannot pass unseen


def model_of(description, **preparation):
    torch.manual_seed(3)
    network = build_network(description).eval()
    card = Card(
        name="toy", task="cosmic-tagging", network=dict(description), preparation=Preparation(**preparation), scheme="cosmic",
        charge_unit="ADC",
    )  # fmt: skip
    return Model(network, replace(card, network={"dimensions": 2, **description}), None, "0" * 64)


@pytest.fixture
def dense():
    return model_of({"kind": "multiplane-dense", "filters": 2, "depth": 2, "deepest": 4, "deepest_blocks": 1})


@pytest.fixture
def sparse():
    return model_of({"kind": "multiplane", "filters": 2, "depth": 2})


@pytest.fixture
def file(tmp_path):
    kinds = ("nue", "numu", "nc", "cosmic")
    records = [
        with_prediction(event(s, kind=kind, shape=SHAPE), truth_itself) for s, kind in enumerate(kinds)
    ]
    return write(tmp_path / "events.h5", records)


def labels_of(image):
    labels = np.zeros(image.grid.shape, int)
    labels[tuple(image.coordinates.T)] = image.label("prediction").values.clip(0)
    return labels


def test_a_dense_network_answers_pixels_without_charge_in_blocks(context, dense, file):
    """Its labels are those of its scores of all pixels, each for a block of 2 x 2."""
    (found, *_) = tagged_events(context, dense, file)
    planes = np.zeros((3, 1, *SHAPE), np.float32)
    for number, plane in enumerate(found.planes):
        planes[number, 0][tuple(plane.coordinates.T)] = plane.charge
    blocks = torch.from_numpy(planes.reshape(3, 1, 16, 2, 8, 2).mean((3, 5)))
    with torch.no_grad():
        wanted = dense.network.network(blocks).argmax(1).numpy()
    said = np.stack([labels_of(plane) for plane in found.planes])
    np.testing.assert_array_equal(said, np.kron(wanted, np.ones((1, 2, 2), int)))
    assert any((plane.charge == 0).any() for plane in found.planes)


def test_a_sparse_network_answers_pixels_with_charge_alone(context, sparse, file):
    for found in tagged_events(context, sparse, file):
        for plane in found.planes:
            assert ((plane.charge > 0) == plane.label("prediction").labelled).all()


def test_without_a_network_nothing_is_said(context, file):
    found = list(tagged_events(context, None, file, range(1, 3)))
    assert [row.interaction.kind for row in found] == ["numu", "nc"]
    assert not any(plane.label("prediction").labelled.any() for row in found for plane in row.planes)


def test_planes_in_another_order_are_answered_the_same(context, dense, tmp_path, file):
    turned = [with_prediction(event(0, shape=SHAPE, planes=(0, 1, 2)), truth_itself)]
    products = {
        name: tuple(reversed(value)) if isinstance(value, tuple) else value
        for name, value in turned[0].products.items()
    }
    other = write(tmp_path / "turned.h5", [replace(turned[0], products=products)])
    dense = replace(dense, card=replace(dense.card, preparation=Preparation(planes=(0, 1, 2))))
    (one, *_), (two, *_) = (tagged_events(context, dense, path) for path in (file, other))
    for first, second in zip(one.planes, two.planes, strict=True):
        assert first == second


def test_counts_are_those_of_evaluate(context, file, monkeypatch):
    """A network that says what the file's predictions say gets the numbers that `argoscope evaluate` prints."""
    answers = iter(_records(file))
    monkeypatch.setattr(tagging, "_said", lambda *_: next(answers)[SAID])
    events = counted(context, None, file)
    found = tagging_report(events)
    wanted = evaluate_cosmic_tagging([file])
    for name in ALL_METRICS:
        assert found["paper"][name] == wanted["paper"][name]
    kinds, pixels, drift = numbers_of(events)
    selection = evaluate_selection([file])
    assert selection["events"] == {**dict.fromkeys(selection["events"], 0), **dict.fromkeys(kinds, 1)}
    assert pixels.shape == drift.shape == (4, 3)


def _records(path):
    with Larcv3File(path) as file:
        return [file.record(index) for index in range(len(file))]


def tagging_report(events):
    return report([each.counts for each in events])


def test_counts_are_kept_and_read_back_the_same(context, dense, file, monkeypatch):
    first = counted(context, dense, file)
    monkeypatch.setattr(tagging, "tagged_events", lambda *_: pytest.fail("counted twice"))
    second = counted(context, dense, file)
    np.testing.assert_array_equal(matrices(first), matrices(second))
    assert tagging_report(first) == tagging_report(second)
    for one, other in zip(first, second, strict=True):
        assert one.pixels == other.pixels
        np.testing.assert_array_equal(one.drift, other.drift)
    assert first[3].counts.interaction.kind == second[3].counts.interaction.kind == "cosmic"


def test_counts_of_another_network_or_file_are_others(context, dense, file, tmp_path):
    first = counted(context, dense, file)
    other = replace(dense, sha256="1" * 64, network=build_network(dense.card.network).eval())
    assert len(list((context.folder / "runs" / "counts").iterdir())) == 1
    counted(context, other, file)
    counted(context, dense, write(tmp_path / "more.h5", _records(file)[:2]))
    assert len(list((context.folder / "runs" / "counts").iterdir())) == 3
    assert len(first) == 4


def tagged(kind, neutrinos):
    grid = Grid((4, 4))
    planes = []
    for number in neutrinos:
        values = np.array([2] * number + [1] * (5 - number))
        image = Image.from_points(grid, np.argwhere(np.ones((4, 4)))[:5], np.ones(5))
        planes.append(image.with_labels(origin=LabelColumn(values, COSMIC)))
    return Tagged({}, Interaction(kind), tuple(planes))


def test_the_event_shown_is_an_electron_neutrino_seen_on_every_plane():
    events = [
        tagged("numu", (5, 5, 5)),
        tagged("nue", (5, 5, 0)),
        tagged("nue", (2, 2, 3)),
        tagged("nc", (4, 4, 4)),
    ]
    assert chosen(events) == 2
    assert chosen(events[::3]) == 0


def test_the_busiest_plane_has_the_most_of_the_neutrino():
    assert busiest(list(tagged("nue", (1, 4, 3)).planes)) == 1


def test_an_overlap_needs_cosmic_energy_in_a_pixel_of_the_neutrino():
    particles = empty_particles(2)
    particles["current_type"] = [0, -1]

    def with_cosmic_at(pixel):
        grid = Grid((4, 4))
        image = Image.from_points(grid, np.array([[0, 0], [1, 1]]), np.ones(2))
        image = image.with_labels(origin=LabelColumn(np.array([2, 1]), COSMIC))
        truth = Clusters(grid, np.array([0, pixel]), np.ones(2), np.array([0, 1, 2]), np.arange(2))
        return Event(EventId(), (replace(image, truth=truth),), particles)

    assert overlaps(with_cosmic_at(0))
    assert not overlaps(with_cosmic_at(5))


@pytest.mark.parametrize(("reduction", "pixels", "apart"), [(1, 100, 50.0), (4, 25, 12.5)])
def test_cuts_shrink_with_the_image(reduction, pixels, apart):
    cuts = Subject(None, "", reduction).cuts
    assert (cuts.least_pixels, cuts.most_separation) == (pixels, apart)


def test_layers_are_those_of_table_1():
    """But for its last row, which no network of 8 filters has."""
    (found, *_) = (layers(**changes) for changes in READINGS.values())
    assert list(found) == list(published.TABLE_1)
    assert {name for name, count in found.items() if count != published.TABLE_1[name]} == {"Final"}


def test_the_papers_last_row_is_of_16_filters_with_a_norm():
    assert published.TABLE_1["Final"] == 16 * 3 + 3 + 2 * 3


@pytest.mark.parametrize("name", [name for name in PROGRAM if name != "as table 1"])
def test_networks_of_the_program_have_its_parameters(name):
    changes, count = PROGRAM[name]
    assert sum(layers(**changes).values()) == count


def test_every_row_of_table_2_is_trained_and_each_is_another_training():
    for sizes in (SMALL, FULL):
        found = recipes(sizes)
        assert list(found) == [*published.TABLE_2, FOCAL]
        assert len({recipe.name for recipe in found.values()}) == len(found)
        assert len({recipe.train for recipe in found.values()}) == 1


def test_what_the_rows_change():
    found = recipes(SMALL)
    base = found[REFERENCE]
    assert found["batch size x 2"].batch == found["batch size x 2"].parts == 2 * base.batch
    assert found["larger learning rate"].rate == 10 * base.rate
    assert found["Adam"].optimizer == "adam" != base.optimizer
    assert {name: found[name].weighting for name in LOSSES} == {
        REFERENCE: "light", "no loss balance": "none", "full balance": "even", FOCAL: "none",
    }  # fmt: skip
    assert found[FOCAL].gamma == 2
    assert found["half the filters"].network["filters"] * 2 == base.network["filters"]
    changed = {
        name: {key: value for key, value in recipe.network.items() if base.network.get(key) != value}
        for name, recipe in found.items()
    }
    assert {name: change for name, change in changed.items() if change} == {
        "concatenated connections": {"join": "concatenate"},
        "cross-plane blocked": {"blocked": True},
        "convolutional upsampling": {"upsampling": "transposed"},
        "half the filters": {"filters": base.network["filters"] // 2},
        "non residual": {"residual": False},
    }
    assert all(recipe.steps == base.steps for recipe in found.values())


def documented_rows():
    """Rows of the table in docs/training.md: name and what it sets, key by key."""
    text = (Path(__file__).resolve().parents[2] / "docs" / "training.md").read_text()
    table = text.split("| row of table 2 | configuration |\n|---|---|\n")[1].split("\n\n")[0]
    for line in table.splitlines():
        _, name, cell, _ = (part.strip() for part in line.split("|"))
        snippets = (
            "\n".join(re.findall(r"`([^`]*)`", cell)).replace("20 EPOCHS", "100000").replace("EPOCH", "5000")
        )
        yield name, parse_yaml(snippets, name)


def documented(name):
    """The configuration that a row asks for: the first row's with the keys of its own."""
    rows = dict(documented_rows())
    values = {"name": "a", "task": "cosmic-tagging", "steps": 1, "data": {"train": {"files": ["a.h5"]}}}
    for row in (rows[REFERENCE], rows[name]):
        for key, value in row.items():
            values[key] = {**values.get(key, {}), **value} if isinstance(value, dict) else value
    return config_from(values, name)


def test_the_documented_rows_are_those_of_table_2():
    assert [name for name, _ in documented_rows()] == list(published.TABLE_2)


@pytest.mark.parametrize("name", published.TABLE_2)
def test_a_row_of_table_2_is_asked_for_in_a_configuration_and_is_what_reproduce_trains(name):
    """From the documents alone, with no Python; each but the first differs from the reference."""
    config, recipe = documented(name), recipes(FULL)[name]
    assert config.network == resolved(recipe.network)
    assert config.loss == LossConfig(weighting=recipe.weighting, reduction="pixel-mean", pixels="all")
    optimizer = config.optimizer
    wanted = (recipe.optimizer, pytest.approx(recipe.rate), EPSILONS[recipe.optimizer])
    assert (optimizer.name, optimizer.rate, optimizer.epsilon) == wanted
    assert (config.batch, config.accumulate) == (recipe.batch, recipe.parts)
    assert (config == documented(REFERENCE)) == (name == REFERENCE)
    with torch.device("meta"):  # no memory for weights
        assert parameter_count(build_network(config.network)) > 0


def test_the_reference_training_is_the_papers():
    recipe = dense_recipe(FULL, {})
    assert (recipe.batch, recipe.rate, recipe.optimizer, recipe.cosine) == (8, 3e-4, "rmsprop", False)
    assert (recipe.weighting, recipe.reduction, recipe.pixels) == ("light", "pixel-mean", "all")
    assert recipe.parts == 8
    assert recipe.network["filters"] == 16
    assert recipe.network["deepest"] == 256


def test_small_networks_end_in_images_of_the_papers_size():
    """10 x 16 pixels at the bottom; an eighth of the resolution, a quarter of the filters."""
    side = 2 * SMALL.reduced * 2**SMALL.depth
    assert (2048 // side, 1280 // side) == (16, 10)
    assert (4 * SMALL.filters, SMALL.reduced) == (FULL.filters, 8)


def test_samples_of_the_scans_are_the_same_events_reduced():
    assert replace(reduced(SMALL, "test"), reduced=0) == whole(SMALL)
    assert reduced(FULL, "test") == whole(FULL)
    assert whole(SMALL).events >= 500
    assert reduced(SMALL, "train").name == "sbnd-train-300-r8"


def test_mixed_and_blocked_differ_in_the_mixing_alone():
    mixed, blocked = (sparse_recipe(SMALL, mixed=mixed) for mixed in (True, False))
    assert replace(blocked, network={**blocked.network, "mixed_levels": 1}) == mixed
    assert blocked.network["mixed_levels"] == 0


def test_columns_are_those_of_table_2():
    assert tuple(METRICS) == published.Metrics._fields
