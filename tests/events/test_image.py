"""Images: sorted, frozen, with columns that belong to their pixels."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, FIVE_CLASS, Clusters, Grid, Image, LabelColumn, Voxels

GRID = Grid((4, 5))
GOOD = Image(GRID, np.array([[0, 3], [2, 1]]), np.array([1.0, 2.0]))


@given(seed=st.integers(0, 2**20))
def test_points_are_sorted_and_summed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.integers(0, [4, 5], size=(rng.integers(0, 40), 2)).astype(np.int32)
    charge = rng.integers(1, 100, len(points)) / 4  # quarters add exactly
    image = Image.from_points(GRID, points, charge)
    expected = np.zeros((4, 5))
    for pixel, value in zip(points, charge, strict=True):
        expected[tuple(pixel)] += value
    np.testing.assert_array_equal(image.dense().pixels, expected.astype(np.float32))
    assert (np.diff(image.ids) > 0).all()
    shuffled = rng.permutation(len(points))
    assert Image.from_points(GRID, points[shuffled], charge[shuffled]) == image


@given(seed=st.integers(0, 2**20))
def test_voxels_there_and_back(make_image: Callable[..., Image], seed: int) -> None:
    image = make_image(seed)
    back = Image.from_voxels(image.voxels())
    np.testing.assert_array_equal(back.coordinates, image.coordinates)
    np.testing.assert_array_equal(back.charge, image.charge)
    assert image.dense().above(0.25) == image.voxels()


def test_unsorted_voxels_are_sorted() -> None:
    image = Image.from_voxels(Voxels(GRID, np.array([7, 3, 7]), np.array([1.0, 2.0, 4.0])))
    assert (image.ids.tolist(), image.charge.tolist()) == ([3, 7], [2.0, 5.0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"coordinates": np.array([[2, 1], [0, 3]])}, r"rows 0 and 1 are \[2, 1\] and \[0, 3\]"),
        ({"coordinates": np.array([[0, 3], [0, 3]])}, "stand once each"),
        ({"coordinates": np.array([[0, 3], [0, 5]])}, "1 of 2 pixels lie outside"),
        (
            {"charge": np.array([1.0])},
            r"charge \(shape \(1,\)\) must have one number for each of the 2 pixels",
        ),
        ({"charge": np.array([1.0, np.nan])}, r"charge is nan in pixel \[2, 1\] \(row 1\)"),
        ({"charge": np.array([np.inf, 1.0])}, r"charge is inf in pixel \[0, 3\]"),
        ({"labels": {"semantics": LabelColumn(np.zeros(2), FIVE_CLASS)}}, "Did you mean 'semantic'"),
        (
            {"labels": {"semantic": LabelColumn(np.zeros(3), FIVE_CLASS)}},
            r"labels\['semantic'\] \(3 of them\)",
        ),
        (
            {"truth": Clusters(Grid((5, 5)), np.zeros(0), np.zeros(0), np.zeros(1), np.zeros(0))},
            r"truth lies in a \(5, 5\) image, the charge in \(4, 5\)",
        ),
    ],
)
def test_impossible_images(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        replace(GOOD, **change)


def test_labels_outside_their_scheme() -> None:
    with pytest.raises(InvalidArgument, match=r"label 3 \(row 1\) means nothing in the scheme 'cosmic'"):
        LabelColumn(np.array([2, 3]), COSMIC)


def test_images_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        GOOD.charge = np.zeros(2)  # type: ignore[misc]
    for array in (GOOD.charge, GOOD.coordinates):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    labelled = GOOD.with_labels(origin=LabelColumn(np.array([1, 2]), COSMIC))
    with pytest.raises(TypeError):
        labelled.labels["origin"] = LabelColumn(np.array([1, 1]), COSMIC)  # type: ignore[index]
    assert "origin" not in GOOD.labels


@given(seed=st.integers(0, 2**20))
def test_some_pixels(make_image: Callable[..., Image], seed: int) -> None:
    image = make_image(seed)
    rows = np.random.default_rng(seed).random(len(image)) < 0.5
    some = image.take(rows)
    np.testing.assert_array_equal(some.charge, image.charge[rows])
    for kind in image.labels:
        np.testing.assert_array_equal(some.label(kind).values, image.labels[kind].values[rows])  # type: ignore[arg-type]
    assert some == image.take(np.flatnonzero(rows))
    assert image.take(np.ones(len(image), dtype=bool)) == image


def test_equality_looks_at_every_part(make_image: Callable[..., Image]) -> None:
    image = make_image(9, (8, 8))
    assert len(image) > 0
    assert image == make_image(9, (8, 8))
    assert image != replace(image, charge=image.charge + 1)
    assert image != replace(image, truth=None)
    assert image != image.with_labels(origin=LabelColumn(np.full(len(image), 1), FIVE_CLASS))
    assert image != "image"


def test_a_pickled_image_is_the_same(make_image: Callable[..., Image]) -> None:
    image = make_image(9, (8, 8))
    back = pickle.loads(pickle.dumps(image))  # noqa: S301 - our own bytes, as worker processes send them
    assert back == image
    with pytest.raises(TypeError):
        back.labels["origin"] = image.labels["origin"]


def test_a_missing_label_kind() -> None:
    labelled = GOOD.with_labels(origin=LabelColumn(np.array([-1, 2]), COSMIC))
    assert labelled.label("origin").labelled.tolist() == [False, True]
    with pytest.raises(InvalidArgument, match=r"this image has no 'semantic' labels. Known: 'origin'"):
        labelled.label("semantic")


def test_an_empty_image() -> None:
    empty = Image.from_points(GRID, np.zeros((0, 2), dtype=np.int32), np.zeros(0))
    assert (len(empty), empty.dense().pixels.sum()) == (0, 0)
    assert Image.from_voxels(empty.voxels()) == empty
