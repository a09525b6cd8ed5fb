"""Instances of files: written beside what is there, in place of earlier predictions, read back as they were found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events
from argoscope.inference.instance_products import INSTANCES, SCORES, predicted_instances
from argoscope.inference.instances import find_instances
from argoscope.inference.predict import predict_file
from argoscope.models.builders import resolved
from argoscope.models.preparation import Preparation
from argoscope.models.weights import load_model
from argoscope.sparse import SparseTensor

NETWORK = {"extends": "seed-masks", "filters": 4, "depth": 5, "embedding": 6}


@pytest.fixture
def make_finder(make_model):
    """Write an untrained model of instances of two planes."""

    def make(name="finder", **preparation):
        wanted = {"planes": (2, 0), "least": 10.0, **preparation}
        return make_model(
            name, task="instances", network=resolved(NETWORK), scheme="cosmic", preparation=Preparation(**wanted)
        )  # fmt: skip

    return make


def test_a_file_gets_the_instances_that_are_found(make_finder, events_file, tmp_path):
    path, target = make_finder(), tmp_path / "said.h5"
    predict_file(events_file, target, model=str(path))
    model, found = load_model(path), 0
    with Larcv3File(events_file) as before, Larcv3File(target) as after:
        assert set(after.products) == {*before.products, INSTANCES, SCORES}
        for index in range(3):
            record, event = after.record(index), before.charge_event(index)
            for image, wanted in zip(event.images, find_instances(model, event), strict=True):
                said = predicted_instances(record, after.header, image.grid.projection)
                assert said == wanted
                assert set(said.clusters.ids) <= set(image.ids)
                found += len(said)
                assert not (image.grid.projection == 1 and len(said))
    assert found


def test_masks_are_on_the_pixels_the_network_said(make_finder):
    """Planes in another order than the file's, and a window that drops pixels."""
    event, model = drawn_event(4), load_model(make_finder(least=30.0))
    charges = {image.grid.projection: image for image in event.images}
    for image, said in zip(event.images, find_instances(model, event), strict=True):
        if image.grid.projection == 1:
            continue
        seen = charges[image.grid.projection].take(image.charge >= 30)
        x = SparseTensor.from_coordinates(
            np.column_stack([np.zeros(len(seen), int), seen.coordinates]),
            torch.from_numpy(seen.charge[:, None].copy()), shape=image.grid.shape,
        )  # fmt: skip
        with torch.no_grad():
            answer = model.network(x)
        assert set(said.clusters.ids) <= set(seen.ids)
        likely = torch.sigmoid(answer.terms.features @ answer.kernels.T).numpy()
        for number in range(len(said)):
            rows = np.searchsorted(seen.ids, said.clusters.cluster(number).ids)
            # One of the cells gave these pixels this mask, fragments of others aside.
            right = (likely[rows] > 0.5).mean(axis=0)
            assert right.max() > 0.9


def test_an_event_without_pixels_has_no_instances(make_finder):
    event = drawn_event(1)
    empty = replace(event, images=tuple(image.take(image.charge > 1e9) for image in event.images))
    assert [len(said) for said in find_instances(load_model(make_finder()), empty)] == [0, 0, 0]


def test_other_predictions_take_their_place_and_back(make_finder, make_model, events_file, tmp_path):
    names = [tmp_path / name for name in ("a.h5", "b.h5", "c.h5")]
    for source, target, model in zip(
        [events_file, *names], names, [make_finder("f"), make_model("m"), make_finder("g")], strict=False
    ):
        predict_file(source, target, model=str(model))
    with Larcv3File(names[0]) as first, Larcv3File(names[1]) as second, Larcv3File(names[2]) as third:
        assert INSTANCES not in second.products
        assert "predicted_interaction" not in second.header.roles
        assert "prediction" in second.header.roles
        assert third.header.roles == first.header.roles
        assert set(third.products) == set(first.products)
        assert third.header.schemes == first.header.schemes


def test_workers_and_one_process_write_the_same(make_finder, events_file, tmp_path):
    path = str(make_finder())
    for name, workers in (("one.h5", 1), ("two.h5", 2)):
        predict_file(events_file, tmp_path / name, model=path, workers=workers)
    with Larcv3File(tmp_path / "one.h5") as one, Larcv3File(tmp_path / "two.h5") as two:
        assert all(one.record(k).products[INSTANCES] == two.record(k).products[INSTANCES] for k in range(3))


def test_a_model_of_another_task_is_refused(make_model):
    with pytest.raises(
        InvalidArgument, match="the model 'small' is of the task 'five-class': choose one of 'instances'"
    ):
        find_instances(load_model(make_model()), drawn_event(0))


def test_predictions_of_formats_without_instances_stay_readable(make_finder, tmp_path):
    """A file of one plane, which the model reads; the other it misses."""
    event = drawn_event(2)
    path = tmp_path / "one-plane.h5"
    write_events(path, [replace(event, images=event.images[2:])])
    with pytest.raises(InvalidArgument, match=r"lacks \[0\]"):
        predict_file(path, tmp_path / "out.h5", model=str(make_finder()))
