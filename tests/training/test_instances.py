"""The task "instances": what it costs and counts, that it is learned, and that a run goes on as undisturbed."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.training.listed import Listed

from argoscope.analyses.instance_blocks import METRICS
from argoscope.errors import InvalidArgument, Stopped
from argoscope.events import COSMIC, IDENTIFIER, Event, EventId, Grid, Image, LabelColumn
from argoscope.files.larcv3_write import write_events
from argoscope.models.builders import build_network
from argoscope.models.instances import FoundInstances
from argoscope.models.preparation import Preparation
from argoscope.training.augmentation import Augmentation
from argoscope.training.config import SeedConfig, config_from
from argoscope.training.data import collate
from argoscope.training.instances import (
    InstanceLoss,
    measured_instances,
    require_instances,
    validate_instances,
)
from argoscope.training.log import read_log
from argoscope.training.plan import Place
from argoscope.training.run import train
from argoscope.training.samples import Samples
from argoscope.training.tasks import task_named
from argoscope.training.weighting import weighting_named

SHAPE = (96, 64)
NETWORK = {"extends": "seed-masks", "filters": 4, "depth": 5, "embedding": 8}


def plane_of(seed=0, tracks=3, noise=5, shape=SHAPE):
    """Straight tracks of cosmics from side to side; the last is a short one of the neutrino."""
    rng = np.random.default_rng(seed)
    owner = np.full(shape, -1)
    owner[rng.integers(0, shape[0], noise), rng.integers(0, shape[1], noise)] = -2
    for track in range(tracks):
        short = track == tracks - 1
        wires = np.arange(20, 40) if short else np.arange(shape[0])
        ends = rng.uniform(0.1, 0.9, 2) * shape[1]
        times = np.linspace(*ends, len(wires)).astype(int)
        owner[wires, times] = owner[wires, np.minimum(times + 1, shape[1] - 1)] = track
    rows = np.argwhere(owner != -1)
    ids = owner[rows[:, 0], rows[:, 1]]
    charge = rng.uniform(10, 60, len(rows)).astype(np.float32)
    labels = {
        "ancestor": LabelColumn(np.where(ids < 0, -1, ids + 7), IDENTIFIER),
        "origin": LabelColumn(np.where(ids < 0, 0, np.where(ids == tracks - 1, 2, 1)), COSMIC),
    }
    return Image(Grid(shape, projection=2), rows, charge, labels)


def event_of(seed=0, **options):
    return Event(EventId(1, 0, seed), (plane_of(seed, **options),), detector="microboone", charge_unit="PIU")


def samples(events, **options):
    options = {"task": task_named("instances"), "seed": 3, **options}
    return Samples(Listed(events), Preparation(least=10.0), weighting_named("none"), **options)


def config_of(**changes):
    values = {
        "name": "tiny", "task": "instances", "network": NETWORK, "batch": 2, "steps": 6,
        "data": {"train": {"files": ["a.h5"]}}, "preparation": {"least": 10.0}, "accelerator": "cpu",
        "optimizer": {"rate": 1.0e-2}, **changes,
    }  # fmt: skip
    return config_from(values, "tiny.yaml")


def network_of(seed=1):
    torch.manual_seed(seed)
    return build_network(NETWORK)


EVENTS = [
    event_of(0),
    event_of(1, tracks=1, noise=0),
    event_of(2, tracks=0, noise=0),
    event_of(3, tracks=0, noise=9),
]


@pytest.mark.parametrize(
    ("head", "step"),
    [
        ("seeds", 0),
        ("seeds", 5),
        ("edges", 0),
        ("condensation", 0),
    ],  # with the embedding's loss, and after it
)
def test_the_loss_of_a_batch_is_the_sum_of_its_images_alone(head, step):
    fed = samples(EVENTS)
    torch.manual_seed(1)
    loss = InstanceLoss(build_network({**NETWORK, "head": head}).eval().double(), config_of())
    items = [fed[Place(step, slot, slot)] for slot in range(len(EVENTS))]
    alone = sum(float(loss(collate([item])).detach()) for item in items)
    assert float(loss(collate(items)).detach()) == pytest.approx(alone, rel=1e-12)
    assert alone > 0


def test_the_same_place_asks_the_same_and_another_step_asks_others():
    config = config_of(seeds={"of_instance": 1, "others": 2, "pixels": 40})
    loss, fed = InstanceLoss(network_of().eval(), config), samples(EVENTS)
    first, again, later = (float(loss(collate([fed[Place(step, 0, 0)]])).detach()) for step in (3, 3, 4))
    assert first == again
    assert first != later


def test_the_order_of_rows_does_not_matter():
    loss, item = InstanceLoss(network_of().eval().double(), config_of()), samples(EVENTS)[Place(2, 0, 0)]
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(item["coordinates"])))
    turned = {
        name: value[order] if isinstance(value, torch.Tensor) and name != "place" else value for name, value in item.items()
    }  # fmt: skip
    costs = [float(loss(collate([one])).detach()) for one in (turned, item)]
    assert costs[0] == pytest.approx(costs[1], rel=1e-12)


def test_pixels_without_a_label_cost_nothing():
    """Whatever they would be said to be: they are neither asked nor counted."""
    image = EVENTS[0].images[0]
    hidden = image.coordinates[:, 0] < 30
    origin = np.where(hidden, COSMIC.unlabelled, image.label("origin").values)
    losses = []
    for number in (100, 200):
        ancestor = np.where(hidden, number, image.label("ancestor").values)
        labels = {"origin": LabelColumn(origin, COSMIC), "ancestor": LabelColumn(ancestor, IDENTIFIER)}
        fed = samples([replace(EVENTS[0], images=(replace(image, labels=labels),))])
        loss = InstanceLoss(network_of().eval(), config_of())
        losses.append(float(loss(collate([fed[Place(0, 0, 0)]])).detach()))
    assert losses[0] == losses[1]


def found_of(image, sets, classes, scores):
    claims = np.zeros((len(sets), len(image)), np.float32)
    for row, (mask, score) in enumerate(zip(sets, scores, strict=True)):
        claims[row, mask] = score
    return FoundInstances(claims, np.array(scores, np.float32), np.array(classes, np.int32))


def measured(found, image):
    return dict(zip(METRICS, measured_instances(found, image).tolist(), strict=True))


def test_the_truth_measures_1():
    image = plane_of()
    ids = image.label("ancestor").values
    numbers = measured(found_of(image, [ids == 7, ids == 8, ids == 9], [1, 1, 2], [1.0, 0.9, 0.5]), image)
    assert {name: numbers[name] for name in ("efficiency", "purity", "covered", "panoptic_quality", "ap50")} == {
        "efficiency": 1.0, "purity": 1.0, "covered": 1.0, "panoptic_quality": 1.0, "ap50": 1.0,
    }  # fmt: skip


def test_half_of_one_and_a_mixture_measure_what_they_are():
    image = plane_of(noise=0)
    ids = image.label("ancestor").values
    seven, eight = np.flatnonzero(ids == 7), np.flatnonzero(ids == 8)
    sets = [seven[: len(seven) // 2], np.concatenate([eight, seven[:10]]), np.flatnonzero(ids == 9)]
    found = measured(
        found_of(image, sets, [1, 1, 2], [0.9, 0.9, 0.39]), image
    )  # the last is not sure enough to count
    half = (len(seven) // 2) / len(seven)
    pure = len(eight) / (len(eight) + 10)
    assert half <= 0.5
    assert found["efficiency"] == pytest.approx((half + 1 + 0) / 3)
    assert found["purity"] == pytest.approx((1 + pure) / 2)
    assert found["covered"] == pytest.approx(1 / 3)
    assert found["panoptic_quality"] == pytest.approx(pure / (1 + (2 + 1) / 2))


def test_finding_an_instance_that_is_too_short_to_count_is_no_mistake():
    image = plane_of(noise=0)
    short = np.flatnonzero(image.label("ancestor").values == 9)[9:]  # its neutrino keeps 9 pixels
    kept = image.take(np.setdiff1d(np.arange(len(image)), short))
    ids = kept.label("ancestor").values
    found = measured(found_of(kept, [ids == 7, ids == 8, ids == 9], [1, 1, 2], [1.0, 1.0, 1.0]), kept)
    assert found["panoptic_quality"] == 1.0


def test_a_plane_with_nothing_is_left_out():
    image = plane_of(tracks=0, noise=3)
    nothing = measured_instances(found_of(image, [], [], []), image)
    assert np.isnan(nothing).all()
    other = np.arange(9) / 10
    numbers = task_named("instances").numbers([nothing[None], other[None]])
    assert numbers == pytest.approx({**dict(zip(METRICS, other, strict=True)), "mean_of_both": 0.05})


def test_a_validation_without_instances_is_refused():
    with pytest.raises(InvalidArgument, match=r"the 1 events of data\.validation have no instance"):
        validate_instances(network_of(), samples([EVENTS[2]]), config_of())


@pytest.mark.parametrize("numbers", [(2,), (3,), (2, 3)])
def test_a_sample_is_refused_before_a_network_is_trained_for_it(numbers):
    events = [EVENTS[number] for number in numbers]
    with pytest.raises(
        InvalidArgument, match=rf"the {len(events)} events of data\.validation have no instance"
    ):
        require_instances(samples(events))
    require_instances(samples([*events, EVENTS[0]]))


def test_too_short_an_instance_is_none_for_a_validation():
    image = plane_of(tracks=1, noise=0)
    for pixels, counts in ((9, False), (10, True)):
        event = replace(event_of(1), images=(image.take(np.arange(pixels)),))
        for refuses in (require_instances, lambda fed: validate_instances(network_of(), fed, config_of())):
            with nullcontext() if counts else pytest.raises(InvalidArgument, match="have no instance"):
                refuses(samples([event]))


def test_an_event_is_learned_to_pixels():
    """Two crossing cosmics and a neutrino, from nothing: instances, classes and scores."""
    event, config = event_of(5), config_of(steps=100)
    torch.manual_seed(1)
    fed, network = samples([event]), build_network({**NETWORK, "filters": 8})
    loss = InstanceLoss(network, config)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
    for step in range(config.steps):
        optimizer.param_groups[0]["lr"] = 1e-2 * (1 - step / config.steps)
        optimizer.zero_grad()
        loss(collate([fed[Place(step, 0, 0)]])).backward()
        optimizer.step()
    numbers = validate_instances(network, fed, config)
    assert numbers["efficiency"] > 0.9
    assert numbers["purity"] > 0.9


def test_mirrors_overlays_and_dead_wires_keep_the_instances_apart():
    changes = Augmentation(mirror=True, overlay=1.0, gain=0.1, dead_wires=0.1)
    item = samples([EVENTS[0], event_of(9)], augmentation=changes)[Place(0, 0, 0)]
    assert len(set(item["ancestor"].tolist()) - {-1}) == 6
    assert len(item["ancestor"]) == len(item["coordinates"]) == len(item["semantic"])
    assert item["place"].tolist() == [[0, 0, 0]]


def test_a_single_pixel_keeps_its_place():
    grid = Grid(SHAPE, projection=2)
    labels = {
        "ancestor": LabelColumn(np.array([0]), IDENTIFIER),
        "origin": LabelColumn(np.array([1]), COSMIC),
    }
    image = Image(grid, np.array([[3, 4]]), np.array([9.0]), labels)  # below the window: nothing is left
    item = samples([replace(EVENTS[0], images=(image,))])[Place(1, 2, 0)]
    assert item["place"].tolist() == [[1, 2, 0]]
    assert float(InstanceLoss(network_of().eval(), config_of())(collate([item])).detach()) == 0.0


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("instances")
    for name, seed, numbers in (("train.h5", 7, range(4)), ("check.h5", 900_007, range(4, 6))):
        write_events(
            folder / name, [event_of(k) for k in numbers], provenance={"seeds": {"simulation": seed}}
        )
    return folder


def run_config(files, **changes):
    data = {
        "train": {"files": [str(files / "train.h5")]},
        "validation": {"files": [str(files / "check.h5")]},
        "augmentation": {"mirror": True, "overlay": 0.3},
    }
    return config_of(data=data, validate_every=3, checkpoint_every=2, **changes)


def test_a_run_that_stopped_goes_on_to_the_weights_of_an_undisturbed_one(files, tmp_path):
    whole = train(run_config(files), tmp_path / "whole")
    calls = iter(range(100))
    with pytest.raises(Stopped):
        train(run_config(files), tmp_path / "parts", stop=lambda: next(calls) >= 2)
    parts = train(run_config(files), tmp_path / "parts", resume=True)
    first, second = load_file(whole["model"]), load_file(parts["model"])
    assert all(torch.equal(first[name], second[name]) for name in first)
    rows = read_log(tmp_path / "whole" / "validation.csv")
    assert set(rows[-1]) >= {"efficiency", "purity", "panoptic_quality", "mean_of_both", "loss"}


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"seeds": {"of_instance": 0}}, r"seeds of_instance \(=0\) must be at least 1"),
        ({"seeds": {"pixels": 0}}, r"seeds pixels \(=0\) must be at least 1"),
        ({"network": {**NETWORK, "classes": 4}}, r"network.classes \(=4\) must be 3"),
    ],
)
def test_impossible_settings_are_refused(changes, match):
    with pytest.raises(InvalidArgument, match=match):
        config_of(**changes)


def test_the_steps_look_at_no_more_than_they_are_told():
    assert SeedConfig() == SeedConfig(of_instance=4, others=16, pixels=8192)
