"""What a prediction is pixel by pixel, and that an event with one is shown so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from argoscope.display.difference import DIFFERENCE, difference_of, truth_kind
from argoscope.display.layers import layers_of, telling_layers
from argoscope.display.render import render_events
from argoscope.display.scene import scene_of
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, FIVE_CLASS, TRACK_SHOWER, Event, EventId, Grid, Image, LabelColumn

PAIRS = [(t, s) for t in (-1, 0, 1, 2) for s in (-1, 0, 1, 2)]


def slow_difference(truth: int, said: int) -> str:
    """One pixel, in words."""
    if -1 in (truth, said):
        return "unlabelled"
    if truth == said:
        return "right" if truth else "background"
    if said == 0:
        return "missed"
    return "confused" if truth else "false"


def image(truth, said, *, kind="origin", scheme=COSMIC, said_scheme=None) -> Image:
    plane = Image.from_points(
        Grid((8, 6)),
        np.column_stack([np.arange(len(truth)) // 6, np.arange(len(truth)) % 6]),
        np.ones(len(truth)),
    )
    labels = {kind: LabelColumn(np.array(truth), scheme)}
    return plane.with_labels(**labels, prediction=LabelColumn(np.array(said), said_scheme or scheme))


def names(column: LabelColumn) -> list[str]:
    return [DIFFERENCE.classes[v] if v >= 0 else "unlabelled" for v in column.values]


def test_every_pair_of_labels_has_its_word() -> None:
    truth, said = zip(*PAIRS, strict=True)
    found = difference_of(image(truth, said))
    assert names(found) == [slow_difference(*pair) for pair in PAIRS]


def test_without_background_there_is_right_and_confused() -> None:
    found = difference_of(image([0, 0, 4, 5], [0, 3, 4, 1], kind="semantic", scheme=FIVE_CLASS))
    assert names(found) == ["right", "confused", "right", "unlabelled"]


def test_truth_of_finer_classes_is_taken_to_those_of_the_prediction() -> None:
    """HIP called track, delta called shower, Michel called track, MIP called background, no truth."""
    found = image(
        [0, 3, 4, 1, 5], [2, 1, 2, 0, 1], kind="semantic", scheme=FIVE_CLASS, said_scheme=TRACK_SHOWER
    )
    assert truth_kind(found) == "semantic"
    assert names(difference_of(found)) == ["right", "right", "confused", "missed", "unlabelled"]
    assert telling_layers(Event(EventId(), (found,)), 3) == ["semantic", "prediction", "difference"]


def test_the_truth_is_the_kind_in_the_predictions_scheme() -> None:
    both = image([1, 2], [1, 1]).with_labels(semantic=LabelColumn(np.array([0, 4]), FIVE_CLASS))
    assert truth_kind(both) == "origin"
    assert truth_kind(image([1], [1], said_scheme=FIVE_CLASS)) is None
    assert difference_of(image([1], [1], said_scheme=FIVE_CLASS)) is None
    assert difference_of(Image.from_points(Grid((2, 2)), np.array([[0, 0]]), np.ones(1))) is None


def test_an_image_without_pixels_differs_nowhere() -> None:
    assert len(difference_of(image([], [])).values) == 0


@pytest.fixture
def predicted(planes: Event, rng: np.random.Generator) -> Event:
    images = [
        plane.with_labels(prediction=LabelColumn(rng.integers(0, 3, len(plane)), COSMIC))
        for plane in planes.images
    ]
    return replace(planes, images=tuple(images))


def test_layers_of_a_predicted_event_end_with_prediction_and_difference(predicted: Event) -> None:
    layers = layers_of(predicted)
    assert list(layers) == ["charge", "origin", "instance", "prediction", "difference"]
    assert layers["prediction"].title == "class (prediction)"
    assert layers["difference"].title == "prediction against truth"
    want = Counter(
        slow_difference(int(t), int(s))
        for plane in predicted.images
        for t, s in zip(plane.labels["origin"].values, plane.labels["prediction"].values, strict=True)
    )
    assert {e.name: e.pixels for e in layers["difference"].entries if e.pixels} == want
    assert [e.name for e in layers["difference"].entries if e.background] == ["background"]


def test_a_legend_leaves_out_what_no_pixel_can_be() -> None:
    """Five classes without background: nothing is missed or false; a class of the scheme is told though none has it."""
    plane = image([0, 1, 2], [0, 1, 1], kind="semantic", scheme=FIVE_CLASS)
    layers = layers_of(Event(EventId(), (plane,)))
    assert [entry.name for entry in layers["difference"].legend] == ["right", "confused"]
    assert [entry.name for entry in layers["semantic"].legend] == list(FIVE_CLASS.classes)


def test_a_picture_without_room_shows_truth_prediction_and_difference(
    predicted: Event, planes: Event
) -> None:
    assert telling_layers(predicted, 3) == ["origin", "prediction", "difference"]
    assert telling_layers(predicted, 9) == ["origin", "prediction", "difference", "charge", "instance"]
    assert telling_layers(planes, 3) == ["charge", "origin", "instance"]
    data = replace(
        predicted,
        images=tuple(replace(i, labels={"prediction": i.labels["prediction"]}) for i in predicted.images),
    )
    assert telling_layers(data, 3) == ["charge", "prediction"]


def test_panels_carry_the_difference(predicted: Event) -> None:
    scene = scene_of(predicted, layers=["difference"])
    for panel, plane in zip(scene.panels, predicted.images, strict=True):
        np.testing.assert_array_equal(panel.labels["difference"], difference_of(plane).values)


def test_a_picture_of_a_predicted_file_counts_its_mistakes(predicted: Event, memory_file, tmp_path) -> None:
    found = render_events(memory_file(predicted), 0, str(tmp_path / "a.png"))
    assert found["layers"] == ["origin", "prediction", "difference"]
    assert found["left_out"] == ["charge", "instance"]
    assert sum(found["classes"][0]["difference"].values()) == predicted.pixels
    page = render_events(memory_file(predicted), 0, str(tmp_path / "a.html"))
    assert page["layers"] == ["charge", "origin", "instance", "prediction", "difference"]


def test_a_difference_that_is_not_there_is_refused(planes: Event) -> None:
    with pytest.raises(InvalidArgument, match="no layer 'difference'"):
        scene_of(planes, layers=["difference"])
    assert "difference" not in layers_of(Event(EventId(), planes.images))
