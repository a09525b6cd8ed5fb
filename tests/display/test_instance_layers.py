"""Predicted interactions as a layer: the true ones lend their colours."""

from __future__ import annotations

import numpy as np

from argoscope.display.layers import layers_of, telling_layers
from argoscope.events import IDENTIFIER, Event, EventId, Grid, Image, LabelColumn


def event(true, said, charge=None):
    count = len(true)
    image = Image.from_points(
        Grid((3, count)),
        np.stack([np.zeros(count, int), np.arange(count)], 1),
        np.ones(count) if charge is None else charge,
    )
    labels = {"ancestor": true, "predicted_ancestor": said}
    columns = {kind: LabelColumn(np.array(v), IDENTIFIER) for kind, v in labels.items() if v is not None}
    return Event(EventId(), (image.with_labels(**columns),))


def colours(layer):
    return {entry.value: entry.colour for entry in layer.entries}


def test_a_true_interaction_lends_its_colour_to_the_prediction_with_most_of_it():
    # True 0 is split into 7 (three pixels) and 8 (two); true 1 is found as 9; 6 lies on no interaction.
    found = layers_of(event([0, 0, 0, 0, 0, 1, 1, -1, -1], [7, 7, 7, 8, 8, 9, 9, 6, -1]))
    true, said = colours(found["ancestor"]), colours(found["predicted_ancestor"])
    assert said[7] == true[0]
    assert said[9] == true[1]
    assert len({said[6], said[8], *true.values()}) == 2 + len(true)
    assert said[-1] == true[-1]


def test_charge_and_not_pixels_decides_who_gets_the_colour():
    found = layers_of(event([0, 0, 0], [1, 1, 2], np.array([1.0, 1.0, 5.0])))
    assert colours(found["predicted_ancestor"])[2] == colours(found["ancestor"])[0]


def test_predictions_without_truth_have_colours_of_their_own():
    found = layers_of(event(np.full(4, -1), [3, 3, 5, -1]))
    said = colours(found["predicted_ancestor"])
    assert len(set(said.values())) == 3
    alone = layers_of(event([0, 0], None))
    assert "predicted_ancestor" not in alone


def test_a_picture_shows_charge_truth_and_prediction():
    shown = event([0, 0, 1], [1, 1, 0])
    assert telling_layers(shown, 3) == ["charge", "ancestor", "predicted_ancestor"]
    assert layers_of(shown)["predicted_ancestor"].title == "interaction (prediction, any score)"
    assert [entry.name for entry in layers_of(shown)["predicted_ancestor"].entries] == [
        "prediction 1",
        "prediction 0",
    ]
