"""Trainings of a scan: each once, named by all that decides it, and their evaluation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from argoscope.errors import Stopped
from argoscope.inference.segmentation import segment
from argoscope.models.preparation import Preparation
from argoscope.papers.evaluation import answers, tallied
from argoscope.papers.paper4_studies.sizes import Place, recipe_of, sample_of
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.scan import checks_of, trained

NETWORK = {"extends": "paper4", "filters": 2, "depth": 2}


@pytest.fixture
def recipe(tiny_sizes):
    return recipe_of(tiny_sizes, tiny_sizes.scan, NETWORK, steps=4, checks=2, snapshots=(1, 4))


def test_a_recipe_is_trained_once(context, recipe):
    first = trained(context, recipe)
    written = (first.folder / f"{recipe.name}.safetensors").stat().st_mtime_ns
    second = trained(context, recipe)
    assert (second.folder / f"{recipe.name}.safetensors").stat().st_mtime_ns == written
    assert [check.step for check in second.checks] == [2, 4]
    assert all(0 <= check.low <= check.accuracy <= check.high <= 1 for check in second.checks)
    assert 0 < second.checks[0].seconds <= second.checks[1].seconds


def test_snapshots_and_last_weights_are_those_of_their_steps(context, recipe):
    run = trained(context, recipe)
    assert [run.model(step).card.training["steps"] for step in (1, 4, None)] == [1, 4, 4]


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 3}, {"batch": 1}, {"rate": 0.1}, {"weighting": "inverse"}, {"events": 2},
        {"preparation": Preparation(truth="relabelled")}, {"preparation": Preparation(planes=(2,))},
        {"preparation": Preparation(most=300.0)}, {"reduction": "pixel-sum"},
        {"seed": 1}, {"cosine": False}, {"snapshots": ()}, {"network": {**NETWORK, "filters": 3}},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_whatever_decides_the_weights_is_in_the_name(recipe, change):
    assert replace(recipe, **change).name != recipe.name


def test_a_network_has_one_name_however_it_is_described(recipe):
    described = {"depth": 2, "filters": 2, "extends": "paper4", "dimensions": 3}
    assert replace(recipe, network=described).name == recipe.name


def test_an_interrupted_training_goes_on(context, recipe):
    for sample in (recipe.train, recipe.validation):
        sample_file(context, sample)
    asked = iter([False, True])
    with pytest.raises(Stopped):
        trained(replace(context, stop=lambda: next(asked)), recipe)
    assert [check.step for check in trained(context, recipe).checks] == [2, 4]


def test_a_folder_without_run_has_no_checks(tmp_path):
    assert checks_of(tmp_path) == []


@pytest.fixture
def answered(context, recipe, tiny_sizes):
    """Model and file of test events, some of them empty."""
    path = sample_file(context, sample_of(tiny_sizes, Place("cube-192", 16), "test", 12))
    return trained(context, recipe).model(), path


def test_batches_change_no_answer_of_a_sparse_network(answered):
    model, path = answered
    together = list(answers(model, events_of(path), batch=5))
    for event, answer in zip(events_of(path), together, strict=True):
        (alone,) = segment(model, event)
        assert answer.event.id == event.id
        np.testing.assert_array_equal(answer.labels, alone.labels)
        np.testing.assert_allclose(answer.scores, alone.scores, rtol=0, atol=1e-6)


def test_tallies_count_against_the_truth_asked_for(answered):
    model, path = answered
    found = tallied(model, path, truths=("regular", "relabelled"), most=6)
    events = list(events_of(path, 6))
    for tally in found.values():
        assert len(tally.pixels) == 6
        assert sum(matrix.sum() for matrix in tally.pixels) == sum(len(event.images[0]) for event in events)
    regular = sum(found["regular"].pixels).sum(axis=1)
    truth = np.concatenate([event.images[0].label("semantic").values for event in events])
    np.testing.assert_array_equal(regular, np.bincount(truth, minlength=5))
