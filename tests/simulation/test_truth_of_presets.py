"""Every labelled pixel of every preset has its contributors in the truth clusters."""

from __future__ import annotations

import numpy as np
import pytest

from argoscope.events import Image
from argoscope.simulation.chain import Simulated, simulation_named
from argoscope.simulation.generators.particle_gun import ParticleGun
from argoscope.simulation.presets import PRESETS


def made_event(preset: str, number: int = 1) -> Simulated:
    """One event; the gun shoots a muon through the middle of its detector."""
    gun = ParticleGun(particle="mu-", position_cm=(128.0, 0.0, 500.0), kinetic_mev=300.0)
    return simulation_named(preset, seed=5, gun=gun if preset == "gun" else None).event(number)


def lacking(image: Image, labels: np.ndarray, label_of_slot: np.ndarray) -> int:
    """Labelled pixels in which no cluster of their own label has energy."""
    truth = image.truth
    assert truth is not None
    kinds = int(max(labels.max(initial=0), label_of_slot.max(initial=0))) + 1
    label = label_of_slot[truth.cluster_of_row].astype(np.int64)
    real = (label >= 0) & (truth.values > 0)
    has = truth.ids[real] * kinds + label[real]
    return int((~np.isin(image.ids[labels >= 0] * kinds + labels[labels >= 0], has)).sum())


@pytest.mark.parametrize("preset", PRESETS)
def test_every_labelled_pixel_has_a_contributor(preset: str) -> None:
    made = made_event(preset)
    slots = len(made.event.particles)
    for image in made.event.images:
        semantic = image.labels["semantic"]
        anybody = np.where(semantic.values == semantic.scheme.unlabelled, -1, 0)
        assert lacking(image, anybody, np.zeros(slots, np.int64)) == 0
        assert (
            lacking(image, np.minimum(image.labels["origin"].values, 1) - 1, np.zeros(slots, np.int64)) == 0
        )
        assert lacking(image, image.labels["instance"].values, np.arange(slots)) == 0
        assert lacking(image, image.labels["ancestor"].values, made.interaction) == 0


def test_origin_follows_charge_where_no_sample_says_otherwise() -> None:
    for image in made_event("sbnd-now").event.images:
        five = image.labels["semantic"]
        labelled = five.values != five.scheme.unlabelled
        assert labelled.any()
        assert (image.labels["origin"].values[labelled] > 0).all()
