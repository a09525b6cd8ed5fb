"""Boxes of a sample's interactions, and anchors found among them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.training.test_instances import EVENTS, event_of, samples

from argoscope.errors import InvalidArgument
from argoscope.models.anchors import TUNED_ANCHORS, anchor_shapes, kmeans_shapes
from argoscope.models.boxes import box_iou
from argoscope.models.builders import resolved
from argoscope.models.preparation import Preparation
from argoscope.training.anchor_boxes import best_overlaps, sample_anchors, sample_boxes
from argoscope.training.config import SampleConfig
from argoscope.training.samples import Samples, open_sample
from argoscope.training.tasks import task_named
from argoscope.training.weighting import weighting_named


def test_boxes_are_those_of_the_labels():
    """Two events with interactions between two without."""
    wanted = []
    for event in EVENTS:
        image = event.images[0]
        ids = image.label("ancestor").values
        for number in sorted(set(ids[ids >= 0].tolist())):
            pixels = image.coordinates[ids == number]
            wanted.append((pixels.max(axis=0) - pixels.min(axis=0) + 1).tolist())
    assert len(wanted) == 4
    assert sample_boxes(samples(EVENTS)).tolist() == wanted


def test_anchors_are_the_clusters_of_the_boxes_in_whole_pixels():
    fed = samples([event_of(seed) for seed in range(8)])
    found = np.array(sample_anchors(fed, 4))
    clusters = kmeans_shapes(sample_boxes(fed), 4, np.random.default_rng(0))
    np.testing.assert_array_equal(found, clusters.round())
    with pytest.raises(
        InvalidArgument, match=r"count \(=4\) is more than the 0 different sizes among 0 boxes"
    ):
        sample_anchors(samples(EVENTS[2:]), 4)


def test_overlaps_are_those_of_boxes_around_one_centre():
    rng = np.random.default_rng(0)
    sizes, shapes = rng.uniform(3, 400, (40, 2)), np.array(anchor_shapes([32, 128], [0.5, 1, 2]))

    def centred(of):
        # Pixels are counted with their far edge: a box of size s reaches s - 1 further.
        return torch.tensor(np.concatenate([-(of - 1) / 2, (of - 1) / 2], axis=1))

    wanted = box_iou(centred(sizes), centred(shapes)).amax(dim=1).numpy()
    np.testing.assert_allclose(best_overlaps(sizes, shapes), wanted, rtol=1e-12)


def test_the_tuned_network_has_the_anchors_that_were_found():
    shapes = resolved({"extends": "paper1-tuned"})["proposals"]["shapes"]
    assert [tuple(shape) for shape in shapes] == list(TUNED_ANCHORS)
    assert len(set(TUNED_ANCHORS)) == 30


@pytest.mark.slow
def test_tuned_anchors_stand_for_other_events_better_than_the_papers():
    """On 12 events of another seed: more than 200 interactions, shares of 0.96 and 0.78 to 0.03."""
    source = open_sample(SampleConfig(preset="microboone", events=12, seed=900_041), training=False)
    fed = Samples(
        source, Preparation(planes=(2,), least=10.0), weighting_named("none"), task=task_named("instances")
    )
    sizes = sample_boxes(fed)
    assert len(sizes) > 150
    tuned, published = (
        float((best_overlaps(sizes, np.array(shapes)) >= 0.5).mean())
        for shapes in (TUNED_ANCHORS, anchor_shapes((32, 64, 128, 256, 512), (0.5, 1, 2)))
    )
    assert tuned > 0.9
    assert published < 0.88
