"""The card of a training says what it was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.events import peak_values
from argoscope.files.catalogue import open_events
from argoscope.training.cards import SCALE_EVENTS, card_of
from argoscope.training.checkpoints import Progress


def test_the_charge_scale_of_volumes_is_the_median_of_their_peaks(make_config, samples_folder):
    card = card_of(make_config(), Progress(step=3, seconds=7.0), {})
    with open_events(samples_folder / "train.h5") as file:
        images = [image for n in range(min(SCALE_EVENTS, len(file))) for image in file.event(n).images]
    peaks = np.concatenate([peak_values(image) for image in images])
    assert card.charge_scale == pytest.approx(float(np.median(peaks)))
    assert 0.5 < card.charge_scale < 2.0
    assert card.charge_unit == "MeV"
