"""Batches: events of several sizes together, each answered as if alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from argoscope.errors import InvalidArgument
from argoscope.events import Event, EventId, Grid, Image
from argoscope.models.builders import build_network
from argoscope.training.data import collate, tensors_of
from argoscope.training.pixels import PixelScores


def _item(seed, sides):
    rng = np.random.default_rng(seed)
    places = np.unique(rng.integers(0, sides, (60, len(sides))), axis=0)
    # A pixel in the last corner: what a larger grid adds begins beside it.
    places = np.unique(np.concatenate([places, [np.array(sides) - 1]]), axis=0)
    image = Image.from_points(Grid(sides), places, rng.random(len(places)) + 1.0)
    return tensors_of(Event(EventId(event=seed), (image,)))


@pytest.mark.parametrize("sides", [((8, 8, 8), (16, 16, 16)), ((7, 9, 5), (16, 3, 21)), ((9, 5), (4, 13))])
def test_events_of_several_sizes_are_answered_as_if_alone(sides):
    torch.manual_seed(0)
    description = {"kind": "uresnet", "dimensions": len(sides[0]), "filters": 4, "depth": 3, "blocks": 1}
    answering = PixelScores(build_network(description).eval())
    items = [_item(seed, size) for seed, size in enumerate(sides)]
    batch = collate(items)
    assert batch["shape"] == tuple(np.max(sides, axis=0))
    with torch.no_grad():
        together = answering(batch)
        alone = torch.cat([answering(collate([item])) for item in items])
    assert torch.equal(together, alone)


def test_planes_and_volumes_make_no_batch():
    with pytest.raises(InvalidArgument, match=r"one number of axes, but these have \[2, 3\]"):
        collate([_item(0, (8, 8)), _item(1, (8, 8, 8))])


def test_no_event_makes_no_batch():
    with pytest.raises(InvalidArgument, match="these have none"):
        collate([])
