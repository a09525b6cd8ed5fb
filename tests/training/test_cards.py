"""The card of a training says what it was trained on."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.drawn import drawn_event
from argoscope.events import peak_values
from argoscope.files.catalogue import open_events
from argoscope.files.larcv3_write import write_events
from argoscope.training.cards import card_of
from argoscope.training.checkpoints import Progress


def test_the_charge_scale_of_volumes_is_the_median_of_their_peaks(make_config, samples_folder):
    card = card_of(make_config(), Progress(step=3, seconds=7.0), {})
    with open_events(samples_folder / "train.h5") as file:
        images = [image for n in range(len(file)) for image in file.event(n).images]
    peaks = np.concatenate([peak_values(image) for image in images])
    assert card.charge_scale == pytest.approx(float(np.median(peaks)))
    assert 0.5 < card.charge_scale < 2.0
    assert 0 < card.charge_scale_error < card.charge_scale
    assert card.charge_unit == "MeV"


def test_the_charge_scale_is_that_of_the_planes_that_are_read(make_config, tmp_path):
    """`predict` compares it with the last of these planes of a file; the others have another scale."""
    write_events(tmp_path / "drawn.h5", [drawn_event(n) for n in range(3)])
    data = {"train": {"files": [str(tmp_path / "drawn.h5")]}, "validation": None, "augmentation": {}}
    scales = {}
    for planes in ((), (1,), (2,)):
        config = make_config(
            network={"extends": "paper3", "filters": 4, "depth": 2},
            data=data,
            preparation={"planes": list(planes)},
        )
        scales[planes] = card_of(config, Progress(), {}).charge_scale
    with open_events(tmp_path / "drawn.h5") as file:
        peaks = np.concatenate([peak_values(file.event(n).images[2]) for n in range(3)])
    assert scales[2,] == pytest.approx(float(np.median(peaks)))
    assert scales[()] == scales[2,] != scales[1,]
