"""The task of cosmic tagging: what is fed, what it costs, what a validation says, and that it is learned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.training.listed import Listed
from torch.testing import assert_close

from argoscope.errors import InvalidArgument, Stopped
from argoscope.events import COSMIC, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.larcv3_write import write_events
from argoscope.models.builders import build_network
from argoscope.models.preparation import Preparation
from argoscope.models.weights import load_model
from argoscope.training.augmentation import Augmentation
from argoscope.training.config import LossConfig, config_from
from argoscope.training.data import collate
from argoscope.training.log import read_log
from argoscope.training.pixels import PixelLoss, batch_divisor
from argoscope.training.run import train
from argoscope.training.samples import Samples, pooled_labels
from argoscope.training.tasks import TASKS, task_named
from argoscope.training.weighting import weighting_named

SHAPE = (32, 16)
SPARSE = {"kind": "multiplane", "filters": 4, "depth": 2, "blocks": 1}
DENSE = {"kind": "multiplane-dense", "filters": 2, "depth": 2, "deepest": 4, "deepest_blocks": 1}
COSMIC_TASK = task_named("cosmic-tagging")


def plane_of(number, pixels, seed, unlabelled=False):
    """Random pixels; above 20 neutrino, above 10 cosmic."""
    rng = np.random.default_rng((seed, number))
    rows = np.stack([rng.integers(0, side, pixels) for side in SHAPE], axis=1)
    image = Image.from_points(
        Grid(SHAPE, projection=number), rows, rng.uniform(1.0, 30.0, pixels).astype(np.float32)
    )
    classes = (image.charge > 10).astype(np.int32) + (image.charge > 20)
    if unlabelled:
        classes[::2] = COSMIC.unlabelled
    return replace(image, labels={"origin": LabelColumn(classes, COSMIC)})


def event_of(seed=0, sizes=(60, 40, 30), **options):
    planes = tuple(plane_of(number, size, seed, **options) for number, size in enumerate(sizes))
    return Event(EventId(1, 0, seed), planes, detector="sbnd-2018", charge_unit="ADC")


def samples(events, weighting="none", **options):
    options = {"task": COSMIC_TASK, **options}
    return Samples(Listed(events), Preparation(), weighting_named(weighting), **options)


def batch_of(*events, weighting="light", pooling=2):
    fed = samples(list(events), weighting, pooling=pooling)
    return collate([fed[number] for number in range(len(fed))])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("planes")
    training = [
        event_of(seed, sizes)
        for seed, sizes in enumerate([(60, 40, 30), (0, 0, 0), (80, 1, 0), (50, 50, 50)])
    ]
    write_events(made / "train.h5", training, provenance={"seeds": {"simulation": 7}})
    checking = [event_of(100 + seed) for seed in range(3)]
    write_events(made / "check.h5", checking, provenance={"seeds": {"simulation": 900_007}})
    return made


@pytest.fixture
def make_config(folder):
    def make(**changes):
        values = {
            "name": "tagger",
            "task": "cosmic-tagging",
            "network": SPARSE,
            "data": {
                "train": {"files": [str(folder / "train.h5")]},
                "validation": {"files": [str(folder / "check.h5")]},
                "augmentation": {"mirror_axes": [1], "plane_gain": 0.05, "noise": 0.1, "threshold": 2.0},
                "least_pixels": 0,
                "keep": True,
            },
            "preparation": {"planes": [0, 1, 2]},
            "loss": {"weighting": "light", "reduction": "pixel-mean"},
            "optimizer": {"rate": 1.0e-2},
            "steps": 6,
            "batch": 2,
            "accelerator": "cpu",
            "validate_every": 3,
            "checkpoint_every": 2,
            **changes,
        }
        return config_from(values, "tagger.yaml")

    return make


def test_the_origin_is_what_is_learned():
    event = event_of()
    item = samples([event])[0]
    want = np.concatenate([image.labels["origin"].values for image in event.images])
    assert item["semantic"].tolist() == want.tolist()
    assert item["images_of"] == (3,)
    assert collate([item, item, item])["images_of"] == (3, 3, 3)


def test_events_of_another_task_are_refused(make_event):
    with pytest.raises(InvalidArgument, match="origin"):
        samples([make_event()])[0]
    with pytest.raises(InvalidArgument, match="semantic"):
        samples([event_of()], task=TASKS["five-class"])[0]


def slow_pooled(item, factor):
    """Block by block, the largest class in it, 0 where there is none."""
    found = np.zeros((item["images"], *(side // factor for side in SHAPE)), int)
    for (image, wire, time), label in zip(
        item["coordinates"].tolist(), item["semantic"].tolist(), strict=True
    ):
        block = (image, wire // factor, time // factor)
        found[block] = max(found[block], label)
    return found


@pytest.mark.parametrize("factor", [1, 2, 4])
@pytest.mark.parametrize("sizes", [(60, 40, 30), (0, 0, 0), (1, 0, 300)])
def test_labels_are_pooled_by_their_maximum(factor, sizes):
    item = samples([event_of(sizes=sizes)])[0]
    assert (pooled_labels(item, factor, COSMIC) == slow_pooled(item, factor)).all()


@pytest.mark.parametrize("weighting", ["none", "light", "even"])
def test_every_pixel_of_the_pooled_planes_has_its_weight(weighting):
    batch = batch_of(event_of(1), event_of(2, sizes=(5, 0, 90)), weighting=weighting)
    assert batch["image_weight"].shape == batch["image_semantic"].shape == (6, 16, 8)
    for labels, weights in zip(batch["image_semantic"], batch["image_weight"], strict=True):
        counts = [int((labels == c).sum()) for c in range(3)]
        by_class = {
            "none": [1.0, 1.0, 1.0], "light": [1.0, 1.5, 10.0], "even": [1 / 3 / (count + 1) for count in counts]
        }[weighting]  # fmt: skip
        for number, weight in enumerate(by_class):
            assert_close(weights[labels == number].unique(), torch.tensor([weight] * bool(counts[number])))


def test_pixels_without_label_cost_nothing():
    event = event_of(1, unlabelled=True)
    batch = batch_of(event, pooling=1)
    hidden = batch["semantic"] == COSMIC.unlabelled
    assert hidden.any()
    assert (batch["weight"][hidden] == 0).all()
    # Without pooling, a pixel with charge and no label is in no image background.
    image, wire, time = batch["coordinates"][hidden].T
    assert (batch["image_weight"][image, wire, time] == 0).all()
    assert int((batch["image_weight"] == 0).sum()) == int(hidden.sum())


@pytest.mark.parametrize("reduction", ["pixel-mean", "event-mean"])
def test_the_loss_of_all_pixels_is_their_mean(reduction):
    """Weighted, over all pixels; or over the pixels of each image, then the images."""
    loss = LossConfig(weighting="light", reduction=reduction, pixels="all")
    torch.manual_seed(0)
    net = build_network(DENSE).double().eval()
    batch = batch_of(event_of(1), event_of(2))
    got = PixelLoss(net, loss)(batch) / batch_divisor(batch, loss)

    x = torch.zeros(6, 1, *SHAPE, dtype=torch.float64)
    image, wire, time = batch["coordinates"].T
    x[image, 0, wire, time] = batch["features"][:, 0].double()
    scores = net.network(x.reshape(6, 1, 16, 2, 8, 2).mean((3, 5))).softmax(1)
    top, bottom = 0.0, 0.0 if reduction == "pixel-mean" else 6 * 16 * 8
    for (n, i, j), label in np.ndenumerate(batch["image_semantic"].numpy()):
        weight = (1.0, 1.5, 10.0)[label]
        top -= weight * torch.log(scores[n, label, i, j])
        bottom += weight * (reduction == "pixel-mean")
    assert_close(got, top / bottom, rtol=1e-10, atol=0.0)


def test_the_loss_of_an_accumulated_step_is_that_of_the_whole():
    loss = LossConfig(weighting="light", reduction="pixel-mean", pixels="all")
    torch.manual_seed(0)
    module = PixelLoss(build_network(DENSE).double().eval(), loss)
    events = [event_of(seed) for seed in range(4)]
    whole, parts = batch_of(*events), [batch_of(*events[:1]), batch_of(*events[1:])]
    joined = sum(module(part) for part in parts) / sum(batch_divisor(part, loss) for part in parts)
    assert_close(joined, module(whole) / batch_divisor(whole, loss), rtol=1e-10, atol=0.0)


def test_numbers_of_a_validation_are_averages_over_planes():
    """Two planes by hand, of which the second has no neutrino, truly or predicted."""
    matrices = np.array([[[5, 1, 0], [0, 3, 1], [1, 0, 2]], [[4, 2, 0], [0, 6, 0], [0, 0, 0]]], float)
    assert COSMIC_TASK.numbers([matrices[:1], matrices[1:]]) == pytest.approx(
        {
            "non_background_accuracy": (5 / 7 + 1) / 2,
            "iou_cosmic": (3 / 5 + 6 / 8) / 2,
            "iou_neutrino": 2 / 4,
            "mean_iou": ((3 / 5 + 6 / 8) / 2 + 2 / 4) / 2,
        }
    )
    nothing = np.array([[[5, 0, 0], [0, 0, 0], [0, 0, 0]]], float)
    assert set(COSMIC_TASK.numbers([nothing]).values()) == {0.0}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"network": {**SPARSE, "mixed_levels": 0}, "loss": {"gamma": 2.0}},
        {"network": DENSE, "loss": {"weighting": "light", "reduction": "pixel-mean", "pixels": "all"}},
        {"network": DENSE, "loss": {"weighting": "even", "reduction": "pixel-sum", "pixels": "all"}},
    ],
    ids=["sparse", "blocked-focal", "dense", "dense-even"],
)
def test_a_training_is_logged_and_resumes_to_the_same_bytes(make_config, tmp_path, changes):
    paper0 = {
        "optimizer": {"name": "rmsprop", "rate": 3.0e-4, "epsilon": 1.0e-4},
        "schedule": {"name": "exponential", "warmup": 2, "warmup_from": 1.0e-5, "flat": 1, "factor": 0.999},
        "accumulate": 2,
    }
    config = make_config(**paper0, **changes)
    train(config, tmp_path / "whole")
    calls = iter(range(100))
    with pytest.raises(Stopped):
        train(config, tmp_path / "again", stop=lambda: next(calls) == 2)
    train(config, tmp_path / "again", resume=True)
    for name in ("tagger.safetensors", "best/tagger.safetensors"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    rows = read_log(tmp_path / "whole" / "validation.csv")
    assert [row["step"] for row in rows] == ["3", "6"]
    wanted = {"step", "non_background_accuracy", "iou_cosmic", "iou_neutrino", "mean_iou", "loss"}
    assert all(set(row) == wanted for row in rows)
    card = load_model(tmp_path / "whole").card
    assert (card.task, card.scheme, card.charge_unit) == ("cosmic-tagging", "cosmic", "ADC")


@pytest.mark.parametrize("network", [SPARSE, DENSE], ids=["sparse", "dense"])
def test_frozen_norms_keep_their_averages_and_weights_learn_on(make_config, tmp_path, network):
    config = make_config(network=network, freeze_norms_after=3, snapshots=[3, 6], validate_every=100)
    train(config, tmp_path / "run")
    calls = iter(range(100))
    with pytest.raises(Stopped):
        train(config, tmp_path / "again", stop=lambda: next(calls) == 4)
    train(config, tmp_path / "again", resume=True)
    names = ("snapshots/3/tagger.safetensors", "snapshots/6/tagger.safetensors")
    before, after, resumed = (
        load_file(tmp_path / f) for f in (f"run/{names[0]}", f"run/{names[1]}", f"again/{names[1]}")
    )
    for name, tensor in after.items():
        assert torch.equal(tensor, resumed[name])
        averaged = "running" in name or "tracked" in name
        assert torch.equal(tensor, before[name]) is (averaged or not tensor.is_floating_point()), name


def test_classes_that_the_charge_tells_are_learned(make_config, tmp_path):
    events = [event_of(200 + seed, sizes=(150, 150, 150)) for seed in range(20)]
    write_events(tmp_path / "many.h5", events, provenance={"seeds": {"simulation": 8}})
    config = make_config(steps=150, validate_every=150, checkpoint_every=150)
    train_on = replace(config.data.train, files=(str(tmp_path / "many.h5"),))
    config = replace(config, data=replace(config.data, train=train_on, augmentation=Augmentation()))
    numbers = train(config, tmp_path / "run")["validation"]
    # Untrained networks have 0.2 to 0.4 and 0.1 to 0.6; this one reaches 0.79 and 0.9.
    assert numbers["mean_iou"] > 0.65
    assert numbers["non_background_accuracy"] > 0.8


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "cosmic"}, r"task .*must be one of 'five-class', 'cosmic-tagging'"),
        ({"task": "five-class", "loss": {}}, r"network.classes \(=3\) must be 5"),
        ({"loss": {"weighting": "paper3", "pixels": "all"}}, r"weighting \(='paper3'\) needs particles"),
        ({"loss": {"pixels": "all"}}, r"loss.pixels \(='all'\) needs a network that answers all pixels"),
        ({"freeze_norms_after": 0}, r"freeze_norms_after \(=0\) must be at least 1"),
        ({"preparation": {"truth": "relabelled"}}, r"preparation.truth \(='relabelled'\) is of five classes"),
        (
            {"task": "five-class", "network": {"extends": "paper3"}, "loss": {"weighting": "light"}},
            r"loss.weighting \(='light'\) has weights of 3 classes, and the task five-class has 5",
        ),
    ],
)
def test_contradictions_are_refused(make_config, changes, message):
    with pytest.raises(InvalidArgument, match=message):
        make_config(**changes)


def test_an_event_without_one_of_its_planes_is_refused(make_config, tmp_path):
    """The file has planes 0 and 1."""
    write_events(tmp_path / "two.h5", [event_of(sizes=(60, 40))])
    config = make_config(preparation={})
    data = replace(config.data, train=replace(config.data.train, files=(str(tmp_path / "two.h5"),)))
    with pytest.raises(
        InvalidArgument, match=r"event 0 of the batch has 2 images, and the network reads 3 planes"
    ):
        train(replace(config, data=data), tmp_path / "run")


def test_unknown_tasks_are_answered_with_the_nearest():
    with pytest.raises(InvalidArgument, match=r"no task 'cosmic-taging'\. Did you mean 'cosmic-tagging'"):
        task_named("cosmic-taging")
