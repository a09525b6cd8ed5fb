"""Paper 2's tasks: what is fed, what it costs by hand, what a validation says, and that both are learned."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.training.listed import Listed
from torch.testing import assert_close

from argoscope.detectors import detector_named, image_format_named
from argoscope.detectors.geometry import pixels_of
from argoscope.errors import InvalidArgument
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    PARTICLE,
    SHAPE,
    TRACK_SHOWER,
    Event,
    EventId,
    Image,
    LabelColumn,
    crop,
    empty_particles,
)
from argoscope.files.larcv3_write import write_events
from argoscope.models.builders import build_network
from argoscope.models.preparation import Preparation
from argoscope.models.weights import load_model
from argoscope.training.augmentation import Augmentation
from argoscope.training.config import LossConfig, config_from
from argoscope.training.data import collate
from argoscope.training.pixels import PixelLoss, batch_divisor
from argoscope.training.run import train
from argoscope.training.samples import Samples
from argoscope.training.tasks import as_track_shower, task_named
from argoscope.training.weighting import weighting_named

SHAPE_PX = (32, 16)
VERTEX_CM = (100.0, 0.0, 500.0)
FIRST_PX = (1650, 829)
"""First pixel of the crop; the vertex is (16, 7) in it."""
DENSE = {"kind": "ubssnet", "filters": 2, "depth": 2}
SPARSE = {"kind": "uresnet", "dimensions": 2, "classes": 3, "filters": 4, "depth": 2, "blocks": 1}
PARTICLES = {**SPARSE, "kind": "uresnet-particles", "classes": 5}
TASK, PARTICLE_TASK = task_named("track-shower"), task_named("particle")


def event_of(seed=0, pixels=60, pdg=11, scheme=FIVE_CLASS):
    """Random pixels around a vertex; the larger its charge, the higher the class."""
    rng = np.random.default_rng(seed)
    whole = detector_named("microboone").with_image(image_format_named("paper2")).grid(2)
    rows = np.stack([rng.integers(0, side, pixels) for side in SHAPE_PX], axis=1)
    blank = Image.from_points(whole, np.zeros((0, 2), int), np.zeros(0))
    grid = crop(blank, FIRST_PX, SHAPE_PX).grid
    image = Image.from_points(grid, rows, rng.uniform(1.0, 30.0, pixels).astype(np.float32))
    classes = np.minimum(image.charge / 6.0, len(scheme.classes) - 1).astype(np.int32)
    owners = (image.coordinates[:, 0] // 8).astype(np.int32)
    table = empty_particles(2)
    table["process"], table["pdg"] = [b"primary", b"Decay"], [pdg, 22]
    for axis, value in zip("xyz", VERTEX_CM, strict=True):
        table["vtx"][axis] = value
    labels = {"semantic": LabelColumn(classes, scheme), "instance": LabelColumn(owners, IDENTIFIER)}
    return Event(EventId(1, 0, seed), (replace(image, labels=labels),), table, "microboone", "PIU")


def samples(events, weighting="none", **options):
    return Samples(Listed(events), Preparation(), weighting_named(weighting), **{"task": TASK, **options})


@pytest.mark.parametrize("scheme", [FIVE_CLASS, SHAPE])
def test_other_schemes_are_mapped(scheme):
    image = as_track_shower(event_of(scheme=scheme)).images[0]
    was = event_of(scheme=scheme).images[0].labels["semantic"].values
    names = np.array(scheme.classes)[was]
    shower = np.isin(names, ["shower", "delta", "Michel", "LED"])
    now = np.array(TRACK_SHOWER.classes)[image.labels["semantic"].values]
    assert (now[np.isin(names, ["HIP", "MIP", "track"])] == "track").all()
    assert (now[shower] == "shower").all()
    assert shower.any()


def test_the_presets_own_classes_stay_and_strange_ones_are_refused():
    event = as_track_shower(event_of())
    assert as_track_shower(event) == event
    item = samples([event])[0]
    assert item["semantic"].tolist() == event.images[0].labels["semantic"].values.tolist()
    with pytest.raises(InvalidArgument, match="'cosmic', and the task needs 'track-shower'"):
        samples([event_of(scheme=COSMIC)])[0]


def slow_categories(event, background):
    """Category of every place, as section IV B has it; the vertex by the map of the whole image."""
    image = as_track_shower(event).images[0]
    whole = detector_named("microboone").with_image(image_format_named("paper2"))
    [vertex] = pixels_of(whole, np.array([VERTEX_CM]), 2).coordinates - FIRST_PX
    owners = dict(zip(map(tuple, image.coordinates.tolist()), image.labels["instance"].values, strict=True))
    category = {}
    for place in np.ndindex(SHAPE_PX) if background else owners:
        apart = min(max(abs(place[0] - a), abs(place[1] - b)) for a, b in owners)
        if place not in owners:
            category[place] = "around" if apart <= 2 else "empty"
        elif max(abs(place[0] - vertex[0]), abs(place[1] - vertex[1])) <= 4:
            category[place] = "vertex"
        else:
            category[place] = int(owners[place])
    return category


@pytest.mark.parametrize("background", [False, True])
def test_paper2s_weights_are_one_over_the_pixels_of_their_category(background):
    event = event_of(pixels=25)
    category = slow_categories(event, background)
    counts = {name: list(category.values()).count(name) for name in set(category.values())}
    assert set(counts) > ({"vertex", "around", "empty"} if background else {"vertex"})
    item = samples([event], "paper2", pooling=int(background))[0]
    if background:
        found = {place: float(item["image_weight"][(0, *place)]) for place in category}
    else:
        rows = map(tuple, item["coordinates"][:, 1:].tolist())
        found = dict(zip(rows, item["weight"].tolist(), strict=True))
    # Single precision.
    assert found == pytest.approx({place: 1.0 / counts[name] for place, name in category.items()}, rel=1e-6)


def test_weights_follow_a_mirrored_event():
    """The vertex is mirrored with the pixels around it."""
    event = event_of(pixels=40)
    plain = samples([event], "paper2")[0]
    # Of the first seeds, one that mirrors.
    changed = (
        samples([event], "paper2", augmentation=Augmentation(mirror=True), seed=k)[0] for k in range(9)
    )
    mirrored = next(
        item
        for item in changed
        if item["coordinates"][0, 1:].tolist() != plain["coordinates"][0, 1:].tolist()
    )
    assert not torch.equal(plain["coordinates"], mirrored["coordinates"])
    assert torch.equal(plain["weight"], mirrored["weight"])


@pytest.mark.parametrize("pixels", [0, 1])
@pytest.mark.parametrize("pooling", [0, 1])
def test_the_smallest_events_have_weights(pixels, pooling):
    item = samples([event_of(pixels=pixels)], "paper2", pooling=pooling)[0]
    assert item["weight"].tolist() == [1.0] * pixels
    if pooling:
        assert item["image_semantic"].shape == (1, *SHAPE_PX)
        assert item["image_weight"].sum() == pytest.approx(1 + 2 * pixels)


def test_the_loss_of_all_pixels_is_the_papers_sum():
    """Sum over the pixels of an image, mean over images; background is a class."""
    fed = samples([event_of(1), event_of(2, pixels=9)], "paper2", pooling=1)
    batch = collate([fed[0], fed[1]])
    loss = LossConfig(weighting="paper2", reduction="image-mean", pixels="all")
    torch.manual_seed(0)
    network = build_network(DENSE).double().eval()
    got = PixelLoss(network, loss)(batch) / batch_divisor(batch, loss)
    x = torch.zeros(2, 1, *SHAPE_PX, dtype=torch.float64)
    rows = batch["coordinates"]
    x[rows[:, 0], 0, rows[:, 1], rows[:, 2]] = batch["features"][:, 0].double()
    chance = network.network(x).softmax(dim=1).detach()
    total = 0.0
    for image in range(2):
        for place in np.ndindex(SHAPE_PX):
            label = int(batch["image_semantic"][(image, *place)])
            total -= float(batch["image_weight"][(image, *place)]) * float(
                chance[(image, label, *place)].log()
            )
    # A thousand terms of double precision, weights of single.
    assert got.item() == pytest.approx(total / 2, rel=1e-6)
    assert (batch["image_semantic"] == 0).sum() > 500


def test_every_pixel_says_the_particle_of_its_image():
    for pdg, name in ((11, "electron"), (22, "photon"), (-13, "muon"), (-211, "pion"), (2212, "proton")):
        item = samples([event_of(pdg=pdg)], task=PARTICLE_TASK)[0]
        assert item["semantic"].unique().tolist() == [PARTICLE.index(name)]


@pytest.mark.parametrize(("pdgs", "said"), [([11, 2212], r"\[11, 2212\]"), ([321], r"\[321\]")])
def test_events_of_no_single_particle_are_refused(pdgs, said):
    table = empty_particles(len(pdgs))
    table["process"], table["pdg"] = b"primary", pdgs
    with pytest.raises(
        InvalidArgument, match=rf"^a list: .* has the primary particles {said}.*paper2-particles"
    ):
        samples([replace(event_of(), particles=table)], task=PARTICLE_TASK)[0]


def test_an_image_whose_particle_left_no_trace_has_none():
    """A photon may leave the detector unseen, and the table has rows of what was seen."""
    item = samples([replace(event_of(), particles=empty_particles())], task=PARTICLE_TASK)[0]
    assert item["semantic"].unique().tolist() == [PARTICLE.unlabelled]
    assert not item["weight"].any()


def test_the_classifiers_loss_is_the_cross_entropy_of_images():
    fed = samples([event_of(1, pdg=13), event_of(2, pixels=9, pdg=2212)], task=PARTICLE_TASK)
    batch = collate([fed[0], fed[1]])
    torch.manual_seed(0)
    network = build_network(PARTICLES).eval()
    loss = LossConfig()
    got = PixelLoss(network, loss)(batch) / batch_divisor(batch, loss)
    alone = []
    for number, label in ((0, 2), (1, 4)):
        one = collate([fed[number]])
        scores = PixelLoss(network, loss).answering(one)[0]
        alone.append(-scores.log_softmax(dim=0)[label])
    assert_close(got, torch.stack(alone).mean(), rtol=1e-5, atol=1e-6)


def test_a_validation_says_paper_2s_numbers():
    """Two images: a shower pixel of two called track, and no mistake but one of background."""
    first = np.array([[0, 0, 0], [0, 1, 1], [0, 0, 2]])
    second = np.array([[0, 0, 0], [0, 0, 0], [1, 0, 4]])
    found = TASK.numbers([first[None], second[None]])
    assert found["icpf_mean"] == pytest.approx((1 / 4 + 1 / 5) / 2)
    assert found["accuracy"] == pytest.approx(1 - found["icpf_mean"])
    assert found["icpf_90"] == 0.25
    assert found["shower_error"] == 0.5
    assert found["track_error"] == 0.0
    nothing = TASK.numbers([np.zeros((1, 3, 3))])
    assert (nothing["icpf_mean"], nothing["shower_error"]) == (0.0, 0.0)


def make_config(folder, **changes):
    values = {
        "name": "tiny",
        "task": "track-shower",
        "network": SPARSE,
        "data": {
            "train": {"files": [str(folder / "train.h5")]},
            "validation": {"files": [str(folder / "check.h5")]},
            "augmentation": {"mirror": True, "gain": 0.05},
            "least_pixels": 1,
            "keep": True,
        },
        "loss": {"weighting": "paper2", "reduction": "image-mean"},
        "optimizer": {"name": "rmsprop", "rate": 1.0e-2},
        "schedule": {"name": "steps", "milestones": [50], "factor": 0.1},
        "steps": 60,
        "batch": 4,
        "accelerator": "cpu",
        "validate_every": 60,
        "checkpoint_every": 60,
        **changes,
    }
    return config_from(values, "tiny.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("crops")
    codes = [11, 22, 13, -211, 2212]
    training = [
        event_of(seed, pixels, codes[seed % 5]) for seed, pixels in enumerate([60, 0, 40, 1, 60, 80, 30, 50])
    ]
    write_events(made / "train.h5", training, provenance={"seeds": {"simulation": 7}})
    checking = [event_of(100 + seed, pdg=codes[seed % 5]) for seed in range(5)]
    write_events(made / "check.h5", checking, provenance={"seeds": {"simulation": 900_007}})
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"loss": {"weighting": "inverse"}},
        {"network": DENSE, "loss": {"weighting": "paper2", "reduction": "image-mean", "pixels": "all"}},
    ],
)
def test_tracks_and_showers_are_learned(folder, tmp_path, changes):
    """The class is the charge, of which three fifths are a shower's: all shower has an ICPF of 0.4 or more."""
    answer = train(make_config(folder, **changes), tmp_path / "run")
    assert set(answer["validation"]) >= {
        "accuracy",
        "icpf_mean",
        "icpf_90",
        "shower_error",
        "track_error",
        "loss",
    }
    assert answer["validation"]["icpf_mean"] < 0.35
    card = load_model(tmp_path / "run").card
    assert (card.task, card.scheme) == ("track-shower", "track-shower")


def test_a_classifier_is_trained_and_its_encoder_taken_over(folder, tmp_path):
    particles = make_config(folder, name="particles", task="particle", network=PARTICLES, loss={}, steps=4)
    first = train(particles, tmp_path / "particles")
    assert {"accuracy", "muon", "loss"} <= set(first["validation"])
    assert "init" not in first
    config = make_config(folder, init=str(tmp_path / "particles"), steps=0)
    answer = train(config, tmp_path / "run")
    note = json.loads((tmp_path / "run" / "init.json").read_text())
    assert answer["init"] == note["said"]
    mine, theirs = (load_model(tmp_path / name).network.state_dict() for name in ("run", "particles"))
    assert note["taken"]
    assert all(torch.equal(mine[name], theirs[name]) for name in note["taken"])
    assert {name.split(".")[0] for name in note["left"]} == {"particle", "particle_norm"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"loss": {"weighting": "paper2", "pixels": "all"}},
            r"network that answers all pixels, and 'uresnet'",
        ),
        ({"network": PARTICLES, "task": "particle", "loss": {"weighting": "inverse"}}, "one class an image"),
        (
            {"network": PARTICLES, "task": "particle", "loss": {"reduction": "pixel-mean"}},
            "one class an image",
        ),
        (
            {"network": {**DENSE, "classes": 5}, "task": "five-class", "loss": {"pixels": "all"}},
            "the task five-class has none",
        ),
        ({"network": {**SPARSE, "classes": 5}, "task": "five-class"}, "has weights of 3 classes"),
        ({"network": {**SPARSE, "classes": 2}}, r"network.classes \(=2\) must be 3"),
    ],
)
def test_what_does_not_fit_the_task_is_refused(folder, changes, message):
    with pytest.raises(InvalidArgument, match=message):
        make_config(folder, **changes)
