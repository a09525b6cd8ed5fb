"""Cosmic tagging of files: planes in any order, all of them, in the right size; what is not seen is background."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from argoscope.analyses.cosmic_counts import plane_confusion
from argoscope.drawn import drawn_event
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_events
from argoscope.inference.predict import predict_file
from argoscope.inference.segmentation import segment
from argoscope.inference.tagged import tagged_planes, tagged_products
from argoscope.models.builders import build_network, resolved
from argoscope.models.cards import Card
from argoscope.models.preparation import Preparation
from argoscope.models.weights import load_model, save_model
from argoscope.sparse import SparseTensor

SHAPE = (64, 32)
SBND = "sbnd_larcv3_events0-2.h5"


def event_of(seed=0, sizes=(90, 60, 40), shape=SHAPE, projections=(0, 1, 2), least=5.0):
    planes = []
    for number, size in zip(projections, sizes, strict=True):
        rng = np.random.default_rng((seed, number))
        rows = np.stack([rng.integers(0, side, size) for side in shape], axis=1)
        charges = least + rng.exponential(20.0, size).astype(np.float32)
        image = Image.from_points(Grid(shape, projection=number), rows, charges)
        labels = LabelColumn((image.charge > 20).astype(np.int32), COSMIC)
        planes.append(replace(image, labels={"origin": labels}))
    return Event(EventId(1, 0, seed), tuple(planes), detector="sbnd-2018", charge_unit="ADC")


@pytest.fixture
def make_tagger(tmp_path):
    """Write a small untrained model for cosmic tagging."""

    def make(network=None, **preparation):
        described = resolved(network or {"kind": "multiplane", "filters": 4, "depth": 3, "blocks": 1})
        wanted = {"planes": (0, 1, 2), "shape": SHAPE, "least": 5.0, **preparation}
        card = Card(
            name="tagger", task="cosmic-tagging", network=described, preparation=Preparation(**wanted),
            scheme="cosmic", charge_unit="ADC",
        )  # fmt: skip
        torch.manual_seed(5)
        return save_model(tmp_path, build_network(described), card, overwrite=True)

    return make


DENSE = {"kind": "multiplane-dense", "filters": 2, "depth": 2, "deepest": 4, "deepest_blocks": 1}


@pytest.mark.parametrize("network", [None, DENSE], ids=["sparse", "dense"])
def test_an_event_is_answered_as_its_network_does(make_tagger, network):
    model, event = load_model(make_tagger(network)), event_of()
    rows = [np.column_stack([np.full(len(i), n), i.coordinates]) for n, i in enumerate(event.images)]
    charges = torch.from_numpy(np.concatenate([i.charge for i in event.images])[:, None])
    x = SparseTensor.from_coordinates(np.concatenate(rows), charges, shape=SHAPE, batch_size=3)
    with torch.no_grad():
        scores = model.network(x, [3]).features.softmax(1).numpy()
    found = segment(model, event)
    assert np.array_equal(np.concatenate([answer.scores for answer in found]), scores)
    assert np.array_equal(np.concatenate([answer.labels for answer in found]), scores.argmax(1))


@pytest.mark.parametrize("network", [None, DENSE], ids=["sparse", "dense"])
def test_planes_in_another_order_are_answered_alike(make_tagger, network):
    model, event = load_model(make_tagger(network)), event_of()
    turned = replace(event, images=event.images[::-1])
    for one, other in zip(segment(model, event), reversed(segment(model, turned)), strict=True):
        assert np.array_equal(one.scores, other.scores)


@pytest.mark.parametrize("sizes", [(0, 0, 0), (1, 0, 0), (0, 40, 90)])
def test_planes_without_charge_are_allowed(make_tagger, sizes):
    event = event_of(sizes=sizes)
    found = segment(load_model(make_tagger()), event)
    assert [len(answer.labels) for answer in found] == [len(image) for image in event.images]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (lambda: event_of(sizes=(9, 9), projections=(0, 2)), r"has the planes \[0, 2\] and lacks \[1\]"),
        (
            lambda: event_of(shape=(32, 16)),
            r"plane 0 of .* has \(32, 16\) pixels, and images of \(64, 32\)",
        ),
        (lambda: replace(event_of(), charge_unit="PIU"), r"trained on charge in ADC .* has PIU: .*--gain"),
        (lambda: drawn_event(0), r"the model 'tagger' was trained on charge|planes"),
    ],
)
def test_other_events_are_refused(make_tagger, event, message):
    with pytest.raises(InvalidArgument, match=message):
        segment(load_model(make_tagger()), event())


@pytest.mark.parametrize(
    ("identifier", "said"),
    [(EventId(1, 2, 3), r"event \(1, 2, 3\)"), (EventId(), "an event without run number")],
)
def test_the_file_and_entry_that_cannot_be_read_are_named(make_tagger, tmp_path, identifier, said):
    """Files of other programs may not number their events."""
    path = tmp_path / "in.h5"
    write_events(path, [replace(event_of(shape=(32, 16)), id=identifier)])
    with pytest.raises(InvalidArgument, match=rf"in\.h5, entry 0: plane 0 of {said} has \(32, 16\) pixels"):
        predict_file(path, tmp_path / "out.h5", model=str(make_tagger()))


def test_a_network_without_its_planes_in_the_card_says_how_many_it_needs(make_tagger):
    model = load_model(make_tagger(planes=()))
    with pytest.raises(InvalidArgument, match=r"has 2 images, and the network reads 3 planes"):
        segment(model, event_of(sizes=(9, 9), projections=(0, 1)))


def test_files_get_labels_and_scores_of_the_scheme(make_tagger, tmp_path):
    events = [event_of(seed, least=4.0) for seed in range(3)]
    write_events(tmp_path / "in.h5", events)
    answer = predict_file(tmp_path / "in.h5", tmp_path / "out.h5", model=str(make_tagger()))
    assert answer["events"] == 3
    model = load_model(make_tagger())
    with Larcv3File(tmp_path / "out.h5") as file:
        names = [f"sparse2d_argoscope_score_{name}" for name in ("background", "cosmic", "neutrino")]
        assert {*names, "sparse2d_argoscope_label"} <= set(file.products)
        products = tagged_products(file, truth=True)
        for index, event in enumerate(events):
            planes = tagged_planes(file.record(index, products.names), products)
            for image, plane, said in zip(event.images, planes, segment(model, event), strict=True):
                seen = image.charge >= 5.0
                assert 0 < seen.sum() < len(seen)
                column = plane.label("prediction")
                assert np.array_equal(column.labelled, seen)
                assert np.array_equal(column.values[seen], said.labels[seen])
                # A pixel that the network does not see counts as background.
                assert plane_confusion(plane).sum() == SHAPE[0] * SHAPE[1]


@pytest.mark.parametrize(("least", "warned"), [(5.0, False), (4.0, False), (8.0, True)])
def test_a_higher_threshold_of_the_file_is_said(make_tagger, tmp_path, least, warned):
    events = [event_of(seed, sizes=(300, 300, 300), least=least) for seed in range(2)]
    write_events(tmp_path / "in.h5", events)
    found = predict_file(tmp_path / "in.h5", tmp_path / "out.h5", model=str(make_tagger()))["warnings"]
    said = [text for text in found if "has no charge below 8" in text and "trained on all from 5" in text]
    assert bool(said) is warned
    assert len(found) == len(said)


@pytest.mark.slow
def test_real_events_are_predicted_with_no_option_more(make_tagger, real_data, tmp_path):
    answer = predict_file(real_data / SBND, tmp_path / "out.h5", model=str(make_tagger(shape=(2048, 1280))))
    assert (answer["events"], answer["warnings"]) == (3, [])
    with Larcv3File(tmp_path / "out.h5") as file:
        products = tagged_products(file, truth=True)
        for index in range(3):
            for plane in tagged_planes(file.record(index, products.names), products):
                assert plane.grid.shape == (2048, 1280)
                charged = plane.charge > 0
                assert np.array_equal(plane.label("prediction").labelled, charged)
                assert charged.sum() > 3000


def test_planes_of_real_events_share_the_drift_and_not_the_wires(real_data):
    """Axis 1 is the drift: along it, what one plane sees of cosmic and neutrino the others see at the same place."""
    with Larcv3File(real_data / SBND) as file:
        events = [file.event(index) for index in range(3)]
    along = {0: [], 1: []}
    for event in events:
        for axis, found in along.items():
            profiles = []
            for image in event.images:
                true = image.labels["origin"].values > 0
                places = image.coordinates[true, axis] // 8
                profiles.append(np.bincount(places, np.minimum(image.charge[true], 50.0), 256))
            found += [float(np.corrcoef(profiles)[pair]) for pair in ((0, 1), (0, 2), (1, 2))]
    # Seen: 0.77 to 0.99 along the drift, -0.07 to 0.57 along the wires.
    assert min(along[1]) > 0.7
    assert np.mean(along[0]) < 0.4
