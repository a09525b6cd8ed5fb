"""Events answered together are answered as each alone, in whatever company; paper 4's dense network excepted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, Event, EventId, Grid, Image
from argoscope.inference.segmentation import segment, segment_together
from argoscope.models.builders import build_network, resolved
from argoscope.models.cards import Card
from argoscope.models.preparation import Preparation
from argoscope.models.weights import Model, load_model


def same(ones, others):
    return all(
        np.array_equal(one.labels, other.labels) and np.array_equal(one.scores, other.scores)
        for one, other in zip(ones, others, strict=True)
    )


def square(charge, number=0):
    """An event of one plane with pixels of these charges along a diagonal."""
    rows = np.repeat(np.arange(len(charge)), 2).reshape(-1, 2)
    image = Image.from_points(Grid((16, 16)), rows, np.array(charge, np.float32))
    return Event(EventId(1, 0, number), (image,), charge_unit="MeV")


def dense_model():
    """Paper 4's dense network, small and untrained, whose norms take the statistics of the batch."""
    network = resolved({"extends": "paper4-dense", "dimensions": 2, "filters": 2, "depth": 1})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        built = build_network(network).eval()
    card = Card(
        name="dense", task="five-class", network=network, preparation=Preparation(most=9.0),
        scheme="five-class", charge_unit="MeV",
    )  # fmt: skip
    return Model(built, card, Path("dense.safetensors"), "")


FULL, OTHER, EMPTY, ABOVE = square([1, 2, 3]), square([4, 5]), square([]), square([10, 11])


def test_planes_answered_together_have_the_bits_of_each_event_alone(make_model):
    model, events = load_model(make_model()), [drawn_event(number) for number in range(3)]
    together = segment_together(model, events)
    assert all(same(found, segment(model, event)) for found, event in zip(together, events, strict=True))


@pytest.mark.parametrize("unseen", [EMPTY, ABOVE], ids=["empty", "above the window"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_events_without_seen_pixels_join_no_batch(unseen, at):
    model, events = dense_model(), [FULL, OTHER]
    pair = segment_together(model, events)
    assert not same(pair[0], segment(model, FULL))
    found = segment_together(model, [*events[:at], unseen, *events[at:]])
    (alone,) = found.pop(at)
    assert all(same(one, other) for one, other in zip(found, pair, strict=True))
    assert (alone.labels == FIVE_CLASS.unlabelled).all()
    assert alone.scores.shape == (len(unseen.images[0]), 5)
    assert not alone.scores.any()


def test_no_events_have_no_answers():
    assert segment_together(dense_model(), []) == []


def test_one_event_of_another_kind_is_named(make_model):
    model = load_model(make_model())
    with pytest.raises(
        InvalidArgument, match=r"was trained on charge in PIU and run 1 subrun 0 event 7 has MeV"
    ):
        segment_together(model, [drawn_event(0), square([20], number=7)])
