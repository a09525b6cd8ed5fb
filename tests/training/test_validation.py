"""A validation counts events, however many images each has and however they are batched."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.training.listed import Listed

from argoscope.analyses.confusion import confusion_matrix
from argoscope.errors import InvalidArgument
from argoscope.files.larcv3_write import write_events
from argoscope.models.builders import build_network
from argoscope.models.preparation import Preparation
from argoscope.training.data import tensors_of
from argoscope.training.pixels import PixelScores
from argoscope.training.samples import Samples, open_sample
from argoscope.training.tasks import task_named
from argoscope.training.validation import require_counted, validate
from argoscope.training.weighting import weighting_named

PLANES = (3, 1, 2)
"""Images of each event: a plane that is counted as an event moves every number."""


@pytest.fixture
def planes_config(make_config, make_event, tmp_path):
    """Function that makes a configuration whose validation events have several planes."""
    events = [
        make_event(number, pixels=12 + 9 * number, shape=(16, 12), images=images)
        for number, images in enumerate(PLANES)
    ]
    for number, event in enumerate(events):
        write_events(tmp_path / f"{number}.h5", [event])
    files = [str(tmp_path / f"{number}.h5") for number in range(len(events))]

    def make(batch):
        network = {"extends": "paper3", "filters": 4, "depth": 2}
        return make_config(data={"validation": {"files": files}}, network=network, batch=batch)

    return make, events


def samples_of(config):
    return Samples(
        open_sample(config.data.validation, training=False), config.preparation, weighting_named("none")
    )


def test_planes_of_an_event_count_together_in_every_batch(planes_config):
    make, events = planes_config
    torch.manual_seed(3)
    network = build_network(make(1).network)
    matrices = []
    for event in events:
        item = tensors_of(event, ["semantic"])
        with torch.no_grad():
            found = PixelScores(network.eval())(item).argmax(1).numpy()
        matrices.append(confusion_matrix(item["semantic"].numpy(), found, 5))
    accuracies = [np.trace(matrix) / matrix.sum() for matrix in matrices]
    assert len(set(accuracies)) > 1
    for batch in (1, 2, 3):
        config = make(batch)
        numbers = validate(network, samples_of(config), config)
        assert numbers["accuracy"] == pytest.approx(np.mean(accuracies))
        assert numbers["pooled"] == pytest.approx(np.trace(sum(matrices)) / np.sum(matrices))


def test_planes_that_say_the_same_narrow_no_interval():
    """Three planes with the same mistakes are one event's worth of them."""
    numbers = task_named("five-class").numbers
    rng = np.random.default_rng(2)
    once = [rng.integers(0, 9, (1, 5, 5)).astype(float) for _ in range(6)]
    assert numbers([np.repeat(images, 3, axis=0) for images in once]) == numbers(once)


def test_a_sample_without_labels_is_refused(planes_config):
    make, _ = planes_config
    config = make(2)
    samples = samples_of(config)
    network = build_network(config.network)

    class Unlabelled(type(samples)):
        def __getitem__(self, index):
            item = super().__getitem__(index)
            return {**item, "weight": torch.zeros_like(item["weight"])}

    samples.__class__ = Unlabelled
    with pytest.raises(
        InvalidArgument, match=r"the 3 events of data\.validation have no labelled pixel that counts"
    ):
        validate(network, samples, config)


@pytest.mark.parametrize(("pixels", "read"), [((0, 1, 12, 12), 3), ((12, 0, 0), 1), ((0, 0, 2), 3)])
def test_a_sample_is_read_up_to_the_first_event_that_counts(make_config, make_event, pixels, read):
    """Late ones count as well: only a sample of which a validation could count nothing is refused."""
    listed = Listed([make_event(number, count) for number, count in enumerate(pixels)])
    require_counted(Samples(listed, Preparation(), weighting_named("none"), least_pixels=2), make_config())
    assert listed.asked == list(range(read))


@pytest.mark.parametrize("pixels", [(0,), (0, 1), (1, 1, 1)])
def test_a_sample_of_which_nothing_counts_is_refused(make_config, make_event, pixels):
    listed = Listed([make_event(number, count) for number, count in enumerate(pixels)])
    samples = Samples(listed, Preparation(), weighting_named("none"), least_pixels=2)
    with pytest.raises(
        InvalidArgument, match=rf"the {len(pixels)} events of data\.validation have no labelled"
    ):
        require_counted(samples, make_config())
