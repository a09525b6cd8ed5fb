"""Laws of crop, flip, thresholds, gain and dead wires, on images of any odd kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argoscope.errors import InvalidArgument
from argoscope.events import Event, Grid, Image
from argoscope.events.transforms import (
    clip,
    crop,
    flip,
    map_images,
    mask_dead_wires,
    rescale,
    threshold,
    window,
)

seeds = st.integers(0, 2**20)
MakeImage = Callable[..., Image]


def as_dict(image: Image) -> dict[tuple[int, ...], tuple[float, ...]]:
    """Charge and labels of each pixel."""
    columns = [image.charge, *(image.labels[kind].values for kind in sorted(image.labels))]
    return {
        tuple(pixel): tuple(float(c[row]) for c in columns)
        for row, pixel in enumerate(image.coordinates.tolist())
    }


def truth_as_list(image: Image) -> list[dict[tuple[int, ...], float]]:
    """Energy in each pixel of each cluster."""
    assert image.truth is not None
    clusters = [image.truth.cluster(k) for k in range(len(image.truth))]
    return [dict(zip(map(tuple, c.coordinates.tolist()), c.values.tolist(), strict=True)) for c in clusters]


@given(seed=seeds, low=st.tuples(*[st.integers(-9, 20)] * 3), shape=st.tuples(*[st.integers(1, 20)] * 3))
def test_crop_keeps_what_lies_inside(
    make_image: MakeImage, seed: int, low: tuple[int, ...], shape: tuple[int, ...]
) -> None:
    image = make_image(seed)
    low, shape = low[: image.grid.dimensions], shape[: image.grid.dimensions]
    cropped = crop(image, low, shape)

    def moved(pixel: tuple[int, ...]) -> tuple[int, ...] | None:
        out = tuple(p - k for p, k in zip(pixel, low, strict=True))
        return out if all(0 <= p < n for p, n in zip(out, shape, strict=True)) else None

    assert cropped.grid.shape == shape
    assert as_dict(cropped) == {moved(p): v for p, v in as_dict(image).items() if moved(p)}
    assert truth_as_list(cropped) == [
        {moved(p): v for p, v in cluster.items() if moved(p)} for cluster in truth_as_list(image)
    ]


@given(seed=seeds, low=st.tuples(*[st.integers(-3, 5)] * 3))
def test_crop_leaves_positions_unchanged(make_image: MakeImage, seed: int, low: tuple[int, ...]) -> None:
    image = make_image(seed)
    low = low[: image.grid.dimensions]
    cropped = crop(image, low, image.grid.shape)
    inside = ((image.coordinates >= low) & (image.coordinates < np.add(low, image.grid.shape))).all(axis=1)
    np.testing.assert_allclose(
        cropped.grid.centres(cropped.coordinates), image.grid.centres(image.coordinates[inside]), atol=1e-12
    )


@given(seed=seeds)
def test_crop_of_everything_and_back(make_image: MakeImage, seed: int) -> None:
    image = make_image(seed)
    low = (0,) * image.grid.dimensions
    whole = crop(image, low, image.grid.shape)
    assert whole.grid.shape == image.grid.shape
    assert as_dict(whole) == as_dict(image)
    larger = crop(image, tuple(-2 for _ in low), tuple(n + 4 for n in image.grid.shape))
    assert as_dict(crop(larger, tuple(2 for _ in low), image.grid.shape)) == as_dict(image)


def test_crop_wants_a_number_for_each_axis(make_image: MakeImage) -> None:
    with pytest.raises(InvalidArgument, match="one number for each of the 2 axes"):
        crop(make_image(1, (8, 8)), (0, 0, 0), (4, 4))
    with pytest.raises(InvalidArgument, match="at least one pixel"):
        crop(make_image(1, (8, 8)), (0, 0), (0, 4))


@given(seed=seeds, axis=st.integers(0, 2))
def test_flip(make_image: MakeImage, seed: int, axis: int) -> None:
    image = make_image(seed)
    axis = min(axis, image.grid.dimensions - 1)
    n = image.grid.shape[axis]

    def mirrored(pixel: tuple[int, ...]) -> tuple[int, ...]:
        return (*pixel[:axis], n - 1 - pixel[axis], *pixel[axis + 1 :])

    turned = flip(image, axis)
    assert as_dict(turned) == {mirrored(p): v for p, v in as_dict(image).items()}
    assert truth_as_list(turned) == [{mirrored(p): v for p, v in c.items()} for c in truth_as_list(image)]
    assert flip(turned, axis) == image
    assert turned.truth is not None
    assert all((np.diff(turned.truth.cluster(k).ids) > 0).all() for k in range(len(turned.truth)))


@pytest.mark.parametrize("axis", [-1, 2])
def test_flip_of_no_axis(make_image: MakeImage, axis: int) -> None:
    with pytest.raises(InvalidArgument, match=rf"axis \(={axis}\) must be from 0 to 1"):
        flip(make_image(0, (8, 8)), axis)


@given(seed=seeds, least=st.floats(-5, 110), width=st.floats(0, 100))
def test_charge_cuts(make_image: MakeImage, seed: int, least: float, width: float) -> None:
    image = make_image(seed)
    most = least + width
    low, high = np.float32(least), np.float32(most)
    before = as_dict(image)
    assert as_dict(threshold(image, least)) == {p: v for p, v in before.items() if v[0] >= low}
    assert as_dict(window(image, least, most)) == {p: v for p, v in before.items() if low <= v[0] <= high}
    assert as_dict(clip(image, least, most)) == {
        p: (min(v[0], float(high)), *v[1:]) for p, v in before.items() if v[0] >= low
    }
    for cut in (threshold(image, least), window(image, least, most), clip(image, least, most)):
        assert cut.truth == image.truth


def test_cuts_at_the_border_keep_it() -> None:
    grid = Grid((1, 6))
    image = Image(grid, grid.coordinates(np.arange(6)), np.array([9.99, 10, 100, 100.5, 300, 300.5]))
    np.testing.assert_array_equal(threshold(image, 10).charge, np.float32([10, 100, 100.5, 300, 300.5]))
    np.testing.assert_array_equal(clip(image, 10, 100).charge, np.float32([10, 100, 100, 100, 100]))
    np.testing.assert_array_equal(window(image, 10, 300).charge, np.float32([10, 100, 100.5, 300]))


def test_cuts_refuse_what_is_no_range(make_image: MakeImage) -> None:
    image = make_image(3)
    for cut in (window, clip):
        with pytest.raises(InvalidArgument, match=r"least \(=300\) must not be above most \(=10\)"):
            cut(image, 300, 10)
        with pytest.raises(InvalidArgument, match="must not be above"):
            cut(image, float("nan"), 10)
    with pytest.raises(InvalidArgument, match=r"least \(=nan\) must be a number"):
        threshold(image, float("nan"))


@given(seed=seeds, power=st.integers(-3, 3))
def test_rescale_and_back(make_image: MakeImage, seed: int, power: int) -> None:
    image = make_image(seed)
    scaled = rescale(image, 2.0**power)
    assert scaled.charge.dtype == np.float32
    np.testing.assert_array_equal(scaled.charge, image.charge * np.float32(2.0**power))
    assert rescale(scaled, 2.0**-power) == image


def test_rescale_by_wire(make_image: MakeImage) -> None:
    image = make_image(11, (6, 12))
    gains = np.where(image.coordinates[:, 0] == 2, 0.5, 1.0)
    weak = rescale(image, gains)
    on_wire = image.coordinates[:, 0] == 2
    np.testing.assert_array_equal(weak.charge[on_wire], image.charge[on_wire] / 2)
    np.testing.assert_array_equal(weak.charge[~on_wire], image.charge[~on_wire])


@pytest.mark.parametrize("gain", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_gains(make_image: MakeImage, gain: float) -> None:
    with pytest.raises(InvalidArgument, match=r"gain \(=.*must be finite and positive"):
        rescale(make_image(1), gain)
    with pytest.raises(InvalidArgument, match=r"gain \(=.*must be finite and positive"):
        rescale(Image(Grid((2, 2)), np.array([[0, 0]]), np.array([1.0])), np.array([gain]))


def test_gains_of_another_image(make_image: MakeImage) -> None:
    with pytest.raises(InvalidArgument, match=r"gain \(shape \(999,\)\) must be one number or one for each"):
        rescale(make_image(1), np.ones(999))


@given(seed=seeds, columns=st.sets(st.integers(0, 5)), first=st.integers(0, 12), end=st.integers(0, 12))
def test_dead_wires(make_image: MakeImage, seed: int, columns: set[int], first: int, end: int) -> None:
    image = make_image(seed, (6, 12))
    dead = np.array(sorted(columns), dtype=np.int64)
    everywhere, somewhere = mask_dead_wires(image, dead), mask_dead_wires(image, dead, rows=(first, end))
    assert as_dict(everywhere) == {p: v for p, v in as_dict(image).items() if p[0] not in columns}
    assert as_dict(somewhere) == {
        p: v for p, v in as_dict(image).items() if not (p[0] in columns and first <= p[1] < end)
    }
    assert everywhere.truth == somewhere.truth == image.truth


def test_dead_wires_outside(make_image: MakeImage) -> None:
    with pytest.raises(InvalidArgument, match="columns has 6, outside the 6 columns"):
        mask_dead_wires(make_image(1, (6, 12)), np.array([3, 6]))
    with pytest.raises(InvalidArgument, match="only planes have wires"):
        mask_dead_wires(make_image(1, (4, 4, 4)), np.array([3]))


def test_map_images(make_event: Callable[..., Event]) -> None:
    event = make_event(5)
    turned = map_images(event, lambda image: flip(image, 0))
    assert [image.grid for image in turned.images] == [image.grid for image in event.images]
    assert turned.images[1] == flip(event.images[1], 0)
    assert (turned.id, turned.detector) == (event.id, event.detector)


def test_nothing_is_changed_in_place(make_image: MakeImage) -> None:
    image, same = make_image(8, (8, 8)), make_image(8, (8, 8))
    crop(image, (1, 1), (3, 3))
    flip(image, 1)
    clip(image, 10, 20)
    rescale(image, 3.0)
    assert image == same


def test_images_without_truth_or_labels() -> None:
    image = Image.from_points(Grid((4, 6)), np.array([[1, 2]]), np.array([3.0]))
    for made in (crop(image, (0, 0), (2, 3)), flip(image, 0), rescale(image, 1.0)):
        assert made.truth is None
        assert len(made) == 1


def test_fractions_are_no_pixels(make_image: Callable[..., Image]) -> None:
    image = make_image(1, (8, 8))
    with pytest.raises(InvalidArgument, match=r"must have whole numbers of pixels"):
        crop(image, (0, 0), (2.5, 2))
    with pytest.raises(InvalidArgument, match=r"must be whole numbers of wires"):
        mask_dead_wires(image, np.array([1.5]))
