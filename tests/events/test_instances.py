"""Instances: what is kept when some are taken, and what is refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, Clusters, Grid
from argoscope.events.instances import Instances

GRID = Grid((4, 7), projection=2)


def three() -> Instances:
    return Instances.of_sets(GRID, [[5, 1], [], [1, 27, 3]], classes=[1, 5, 1], scores=[0.5, 1.0, 0.25])


def test_taking_keeps_pixels_numbers_classes_and_scores():
    found = three().take(np.array([2, 1]))
    assert found.clusters.ids.tolist() == [1, 27, 3]
    assert found.clusters.offsets.tolist() == [0, 3, 3]
    assert found.clusters.numbers.tolist() == [2, 1]
    assert (found.classes.tolist(), found.scores.tolist()) == ([1, 5], [0.25, 1.0])
    assert three().take(np.ones(3, bool)) == three()
    assert len(three().take(np.zeros(3, bool))) == 0


def test_one_class_is_taken_by_its_name():
    assert three().of_class("cosmic").clusters.numbers.tolist() == [0, 2]
    assert three().of_class("neutrino").scores.tolist() == [1.0]
    with pytest.raises(InvalidArgument, match=r"no class 'neutrinos'. Did you mean 'neutrino'"):
        three().of_class("neutrinos")


def test_claims_are_scores_times_probabilities():
    sets, chances = [[5, 1], [2]], [np.array([1.0, 0.5]), np.array([0.75])]
    found = Instances.of_sets(GRID, sets, [1, 1], [0.5, 1.0], probabilities=chances)
    assert found.clusters.values.tolist() == [0.5, 0.25, 0.75]
    assert three().clusters.values.tolist() == [0.5, 0.5, 0.25, 0.25, 0.25]


def test_no_instance_at_all_is_a_value():
    none = Instances.of_sets(GRID, [], [], [])
    assert len(none) == 0
    assert none == none.take(np.zeros(0, bool))


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_scores_are_from_zero_to_one(score):
    with pytest.raises(InvalidArgument, match=r"scores must be from 0 to 1; instance 1 has"):
        Instances.of_sets(GRID, [[1], [2]], [1, 1], [0.5, score])


def test_columns_of_another_length_and_unknown_classes_are_refused():
    clusters = Clusters(GRID, np.array([1]), np.ones(1), np.array([0, 1]), np.array([0]))
    with pytest.raises(
        InvalidArgument, match=r"classes \(shape \(2,\)\) must have one value for each of the 1"
    ):
        Instances(clusters, np.array([1, 1]), np.ones(1))
    with pytest.raises(InvalidArgument, match=r"label 9 .* means nothing in the scheme 'ancestor'"):
        Instances(clusters, np.array([9]), np.ones(1))


def test_instances_are_frozen_and_travel():
    found = copy.deepcopy(three())
    assert found == three()
    assert found.scheme == ANCESTOR
    with pytest.raises(ValueError, match="read-only"):
        found.scores[0] = 1.0
