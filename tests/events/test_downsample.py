"""Pooling against dense blocks, and its laws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.events import Image
from argoscope.events.downsample import downsample

MakeImage = Callable[..., Image]
seeds = st.integers(0, 2**20)


def blocks(pixels: np.ndarray, factor: int) -> np.ndarray:
    """A dense image cut into blocks, shape (*coarse, factor**d), the pixels of a block in the order of their ids."""
    d = pixels.ndim
    split = pixels.reshape([n for side in pixels.shape for n in (side // factor, factor)])
    return split.transpose([*range(0, 2 * d, 2), *range(1, 2 * d, 2)]).reshape(
        *(side // factor for side in pixels.shape), -1
    )


def dense(image: Image, values: np.ndarray, fill: float) -> np.ndarray:
    out = np.full(image.grid.shape, fill, dtype=np.float64)
    out[tuple(image.coordinates.T)] = values
    return out


@given(seed=seeds, factor=st.sampled_from([1, 2]), pooling=st.sampled_from(["average", "sum", "maximum"]))
def test_charge_is_that_of_dense_blocks(make_image: MakeImage, seed: int, factor: int, pooling: str) -> None:
    image = make_image(seed)
    made = downsample(image, factor, pooling)  # type: ignore[arg-type]
    cut = blocks(dense(image, image.charge, 0), factor)
    expected = {"average": cut.mean(axis=-1), "sum": cut.sum(axis=-1), "maximum": cut.max(axis=-1)}[pooling]
    np.testing.assert_array_equal(made.dense().pixels, expected.astype(np.float32))
    assert len(made) == (cut.max(axis=-1) > 0).sum()


@given(seed=seeds, kind=st.sampled_from(["semantic", "origin", "instance"]))
def test_labels_by_maximum(make_image: MakeImage, seed: int, kind: str) -> None:
    """larcv3's maximum, unlabelled pixels (5 in the five classes) left out of it."""
    image = make_image(seed)
    column = image.labels[kind]
    made = downsample(image, 2)
    low = np.where(column.labelled, column.values, -99)
    best = blocks(dense(image, low, -100), 2).max(axis=-1)[tuple(made.coordinates.T)]
    np.testing.assert_array_equal(
        made.labels[kind].values, np.where(best == -99, column.scheme.unlabelled, best).astype(np.int32)
    )
    assert made.labels[kind].scheme == column.scheme


@given(seed=seeds)
def test_labels_of_the_largest_charge(make_image: MakeImage, seed: int) -> None:
    image = make_image(seed)
    made = downsample(image, 2, labels="largest-charge")
    first = blocks(dense(image, image.charge, -1), 2).argmax(axis=-1)[tuple(made.coordinates.T)]
    for kind, column in image.labels.items():
        labels = blocks(dense(image, column.values, -100), 2)[tuple(made.coordinates.T)]
        np.testing.assert_array_equal(made.labels[kind].values, labels[np.arange(len(made)), first])


def test_labels_dropped(make_image: MakeImage) -> None:
    assert downsample(make_image(2), 2, labels="drop").labels == {}


@given(seed=seeds)
def test_charge_and_truth_are_conserved(make_image: MakeImage, seed: int) -> None:
    image = make_image(seed)
    made = downsample(image, 2)
    size = 2**image.grid.dimensions
    assert made.charge.sum(dtype=np.float64) * size == pytest.approx(
        image.charge.sum(dtype=np.float64), rel=1e-6
    )
    assert image.truth is not None
    assert made.truth is not None
    assert len(made.truth) == len(image.truth)
    for k in range(len(image.truth)):
        fine, coarse = image.truth.cluster(k), made.truth.cluster(k)
        assert coarse.values.sum(dtype=np.float64) == pytest.approx(
            fine.values.sum(dtype=np.float64), rel=1e-6
        )
        expected = np.unique(made.grid.ids(fine.coordinates // 2))
        np.testing.assert_array_equal(coarse.ids, expected)


@given(seed=seeds)
def test_extent_stays_and_factor_one_is_the_identity(make_image: MakeImage, seed: int) -> None:
    image = make_image(seed)
    made = downsample(image, 2)
    assert (made.grid.size, made.grid.origin) == (image.grid.size, image.grid.origin)
    assert downsample(image, 1) == image


def test_sides_must_be_divisible(make_image: MakeImage) -> None:
    with pytest.raises(InvalidArgument, match=r"factor \(=5\) must divide .* crop it to \(10, 15\) first"):
        downsample(make_image(1, (6, 12)), 5)
    with pytest.raises(InvalidArgument, match=r"factor \(=0\) must be at least 1"):
        downsample(make_image(1, (6, 12)), 0)


def test_unknown_rules(make_image: MakeImage) -> None:
    with pytest.raises(InvalidArgument, match=r"pooling \(='mean'\) must be one of"):
        downsample(make_image(1), 2, "mean")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match=r"labels \(='first'\) must be one of"):
        downsample(make_image(1), 2, labels="first")  # type: ignore[arg-type]
