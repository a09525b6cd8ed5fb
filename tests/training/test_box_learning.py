"""Mask R-CNN learns through the same training as every network: its targets, its losses, a run, and what a run's end finds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tests.training.test_instances import EVENTS, config_of, event_of, files, measured, run_config, samples

from argoscope.errors import InvalidArgument, Stopped
from argoscope.events import ANCESTOR, COSMIC
from argoscope.files.larcv3_write import write_events
from argoscope.models.builders import build_network
from argoscope.models.found import found_instances
from argoscope.models.weights import load_model
from argoscope.training.box_learning import box_targets
from argoscope.training.config import TrainingConfig
from argoscope.training.data import collate
from argoscope.training.instance_pixels import sorted_columns
from argoscope.training.instances import InstanceLoss
from argoscope.training.log import read_log
from argoscope.training.pixels import tensor_of
from argoscope.training.plan import Place
from argoscope.training.run import train

__all__ = ["files"]

SMALL = {
    "backbone": {"width": 16, "blocks": [1, 1, 1, 1], "norm": "batch"},
    "proposals": {"shapes": [[96.0, 30.0], [20.0, 20.0], [96.0, 10.0]], "before": 200, "kept": 40, "sampled": 64},
    "boxes": {"sampled": 32},
    "masks": {"upsampling": 2},
}  # fmt: skip
SPARSE = {"extends": "paper1-tuned", **SMALL}
SPARSE["boxes"] = {"sampled": 32, "class_weights": [1.0, 2.0, 2.0]}
DENSE = {"extends": "paper1", **SMALL, "backbone": {**SMALL["backbone"], "sparse": False}}
NETWORKS = {"sparse, three classes": SPARSE, "dense, seven classes": DENSE}


def network_of(description, seed=1):
    torch.manual_seed(seed)
    return build_network(description)


@pytest.mark.parametrize("description", NETWORKS.values(), ids=NETWORKS)
def test_the_loss_of_a_batch_is_the_sum_of_its_images_alone(description):
    fed = samples(EVENTS)
    config = config_of(network=description)
    loss = InstanceLoss(network_of(config.network).eval().double(), config)
    items = [fed[Place(5, slot, slot)] for slot in range(len(EVENTS))]
    alone = sum(float(loss(collate([item])).detach()) for item in items)
    assert float(loss(collate(items)).detach()) == pytest.approx(alone, rel=1e-12)
    assert alone > 0


def test_the_same_place_draws_the_same_proposals_and_another_step_others():
    config = config_of(network=SPARSE)
    loss, fed = InstanceLoss(network_of(SPARSE).eval(), config), samples(EVENTS)
    first, again, later = (float(loss(collate([fed[Place(step, 0, 0)]])).detach()) for step in (3, 3, 4))
    assert first == again
    assert first != later


@pytest.mark.parametrize(("scheme", "neutrino"), [(COSMIC, 2), (ANCESTOR, 5)])
def test_targets_are_the_counted_instances_of_their_own_image(scheme, neutrino):
    """Rows of the batch in any order; boxes and pixels are those of the labels, classes those of the network."""
    fed = samples(EVENTS)
    batch = collate([fed[Place(0, slot, slot)] for slot in (0, 2, 1)])
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(batch["coordinates"])))
    turned = {
        name: value[order] if isinstance(value, torch.Tensor) and name != "place" else value
        for name, value in batch.items()
    }
    index = tensor_of(turned, network_of(SPARSE)).index
    columns = sorted_columns(turned, index.given)
    found = [
        box_targets(columns.part(first, last), index.coordinates[first:last], scheme)
        for first, last in pairwise(index.event_starts.tolist())
    ]
    assert [each.classes.tolist() for each in found] == [[1, 1, neutrino], [], [neutrino]]
    for event, each in zip((0, 1), (found[0], found[2]), strict=True):
        image = EVENTS[event].images[0]
        ids = image.label("ancestor").values
        for number, (box, pixels) in enumerate(zip(each.boxes, each.pixels, strict=True)):
            mine = image.coordinates[ids == 7 + number]
            assert box.tolist() == [*mine.min(axis=0), *mine.max(axis=0)]
            assert sorted(map(tuple, pixels.tolist())) == sorted(map(tuple, mine.tolist()))


@pytest.mark.parametrize(("description", "scheme"), [(SPARSE, COSMIC), (DENSE, ANCESTOR)])
def test_what_is_found_is_told_in_the_classes_of_the_network(description, scheme):
    network = network_of(description).eval()
    with torch.no_grad():
        answer = network(tensor_of(collate([samples(EVENTS[:1])[0]]), network))
    (found,), (boxes,) = found_instances(answer), network.detections(answer)
    assert found.scheme == scheme
    assert found.classes.tolist() == boxes.classes.tolist()
    assert found.claims.shape == (len(found), len(EVENTS[0].images[0]))


def test_other_numbers_of_classes_are_refused_before_a_run(files, tmp_path):
    network = {**SPARSE, "boxes": {"class_weights": [1.0, 1.0]}}
    with pytest.raises(
        InvalidArgument, match=r"boxes.class_weights \(=\[1.0, 1.0\]\) must be three \(background"
    ):
        train(run_config(files, network=network), tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("task", "network", "match"),
    [
        ("instances", {"extends": "paper2-sparse"}, r"\(='uresnet'\) answers with pixels, and the task instances"),
        ("cosmic-tagging", {"extends": "paper1-tuned"}, r"\(='mask-rcnn'\) answers with interactions"),
        ("cosmic-tagging", {"extends": "seed-masks"}, "learns pixels: take none of the kinds instances, mask-rcnn"),
    ],
)  # fmt: skip
def test_networks_of_other_answers_are_refused(task, network, match):
    with pytest.raises(InvalidArgument, match=match):
        config_of(task=task, network=network)


def of_run(files, **changes) -> TrainingConfig:
    optimizer = {"name": "adam", "rate": 2.0e-3}
    return run_config(files, network=SPARSE, optimizer=optimizer, **changes)


def test_a_run_learns_a_plane_and_its_weights_find_its_interactions(tmp_path):
    """Train, write, load, find: two long tracks, whose boxes overlap, each in a mask of its own.

    The third, a neutrino of 20 x 8 pixels, is two cells of the network at most.
    """
    event = event_of(0)
    for name, seed in (("train.h5", 7), ("check.h5", 900_007)):
        write_events(tmp_path / name, [event], provenance={"seeds": {"simulation": seed}})
    data = {part: {"files": [str(tmp_path / name)]} for part, name in
            (("train", "train.h5"), ("validation", "check.h5"))}  # fmt: skip
    config = config_of(
        network=SPARSE, data=data, batch=1, steps=150, validate_every=150, optimizer={"rate": 3.0e-3},
        schedule={"name": "cosine"}, freeze_norms_after=75,
    )  # fmt: skip
    done = train(config, tmp_path / "run")
    losses = [float(row["loss"]) for row in read_log(tmp_path / "run" / "steps.csv")]
    assert losses[-1] < 0.5 * losses[0]
    network = load_model(done["model"]).network
    with torch.no_grad():
        (found,) = found_instances(network(tensor_of(collate([samples([event])[0]]), network)))
    numbers = measured(found, event.images[0])
    assert {name: done["validation"][name] for name in numbers} == pytest.approx(numbers)
    assert numbers["efficiency"] > 0.5
    assert numbers["purity"] > 0.8


def test_a_run_that_stopped_goes_on_to_the_weights_of_an_undisturbed_one(files, tmp_path):
    whole = train(of_run(files), tmp_path / "whole")
    calls = iter(range(100))
    with pytest.raises(Stopped):
        train(of_run(files), tmp_path / "parts", stop=lambda: next(calls) >= 2)
    parts = train(of_run(files), tmp_path / "parts", resume=True)
    first, second = load_file(whole["model"]), load_file(parts["model"])
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert whole["validation"] == parts["validation"]
