"""What is done to an event before a network sees it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, Event, EventId, Grid, Image, LabelColumn
from argoscope.models.preparation import Preparation, chosen_planes, with_truth
from argoscope.models.windows import select_rows, windowed
from argoscope.training.data import tensors_of


def event(charges=(5.0, 10.0, 11.0, 300.0, 301.0), planes=3):
    images = []
    for plane in range(planes):
        rows = np.column_stack([np.arange(len(charges)), np.full(len(charges), plane)])
        image = Image.from_points(Grid((16, 4), projection=plane), rows, np.array(charges))
        labels = {"semantic": LabelColumn(np.full(len(charges), plane, np.int32), FIVE_CLASS)}
        images.append(replace(image, labels=labels))
    return Event(EventId(), tuple(images))


def charges_after(preparation, **options):
    return windowed(tensors_of(event(**options), ("semantic",)), preparation)


@pytest.mark.parametrize(
    ("preparation", "left"),
    [
        (Preparation(), [5.0, 10.0, 11.0, 300.0, 301.0]),
        (Preparation(least=10.0, most=300.0), [10.0, 11.0, 300.0]),  # paper 3: both ends belong to it
        (Preparation(least=10.0, most=300.0, above="clip"), [10.0, 11.0, 300.0, 300.0]),
        (Preparation(charge_factor=2.0, least=20.0, most=600.0), [20.0, 22.0, 600.0]),
        (Preparation(least=1000.0), []),
    ],
)
def test_the_window(preparation, left):
    item = charges_after(preparation, planes=1)
    assert item["features"][:, 0].tolist() == left
    assert len(item["coordinates"]) == len(item["semantic"]) == len(left)


def test_rows_stay_with_their_pixels():
    item = charges_after(Preparation(least=10.0, most=300.0))
    assert item["coordinates"].tolist() == [[p, n, p] for p in range(3) for n in (1, 2, 3)]
    assert item["semantic"].tolist() == [p for p in range(3) for _ in range(3)]
    assert (item["images"], item["shape"]) == (3, (16, 4))


def test_the_item_given_is_not_touched():
    item = tensors_of(event(), ("semantic",))
    before = item["features"].clone()
    windowed(item, Preparation(charge_factor=3.0, least=10.0, most=20.0, above="clip"))
    assert torch.equal(item["features"], before)


@pytest.mark.parametrize("charges", [(), (7.0,)])
def test_the_smallest_events(charges):
    item = charges_after(Preparation(least=1.0), charges=charges)
    assert item["features"].shape == (3 * len(charges), 1)


def test_columns_as_long_as_the_event_are_cut_and_others_kept():
    item = {**tensors_of(event(planes=1)), "other": torch.arange(7), "text": "abcde"}
    got = select_rows(item, torch.tensor([True, False, False, True, False]))
    assert got["coordinates"][:, 1].tolist() == [0, 3]
    assert (got["other"].tolist(), got["text"]) == (list(range(7)), "abcde")


def test_planes_come_by_number_and_in_the_order_asked_for():
    whole = event()
    assert chosen_planes(whole, ()) is whole
    assert [image.grid.projection for image in chosen_planes(whole, (2, 0)).images] == [2, 0]
    with pytest.raises(
        InvalidArgument, match=r"has the planes \[0, 1, 2\] and lacks \[5\] of the planes \[2, 5\]"
    ):
        chosen_planes(whole, (2, 5))


def test_planes_have_the_size_asked_for():
    whole = event()
    sides = whole.images[0].grid.shape
    assert chosen_planes(whole, (1,), sides).images[0] is whole.images[1]
    assert chosen_planes(whole, (), sides) is whole
    with pytest.raises(InvalidArgument, match=r"plane 0 of .* pixels, and images of \(9, 9\) are read"):
        chosen_planes(whole, (), (9, 9))


def test_detached_deltas_are_showers_where_that_truth_is_asked_for():
    """A delta beside a track, another 8 pixels away from it (paper 4 asks for less than the root of 8)."""
    rows = np.array([[0, 0], [1, 0], [2, 0], [3, 1], [11, 1]])
    image = Image.from_points(Grid((16, 4)), rows, np.ones(5))
    labels = LabelColumn(np.array([1, 1, 1, 3, 3], np.int32), FIVE_CLASS)
    given = Event(EventId(), (replace(image, labels={"semantic": labels}),))
    assert with_truth(given, "regular") is given
    got = with_truth(given, "relabelled").images[0].labels["semantic"]
    assert got.values.tolist() == [1, 1, 1, 3, 2]
    assert given.images[0].labels["semantic"].values.tolist() == [1, 1, 1, 3, 3]
    bare = Event(EventId(), (image,))
    assert not with_truth(bare, "relabelled").images[0].labels


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"charge_factor": 0.0}, r"charge_factor \(=0.0\) must be finite and positive"),
        ({"charge_factor": float("inf")}, r"charge_factor \(=inf\)"),
        ({"least": 10.0, "most": 10.0}, r"least \(=10.0\) must be below most \(=10.0\)"),
        ({"least": float("nan"), "most": 10.0}, r"least \(=nan\)"),
        ({"least": float("nan")}, r"least \(=nan\)"),
        ({"planes": (0, 1, 0)}, r"planes \(=\[0, 1, 0\]\) must name each plane once"),
        ({"shape": (4, 0)}, r"shape \(=\[4, 0\]\) must have positive sides"),
    ],
)
def test_impossible_windows_are_refused(values, message):
    with pytest.raises(InvalidArgument, match=message):
        Preparation(**values)
