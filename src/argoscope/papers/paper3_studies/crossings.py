"""Pixels that a cosmic muon and the neutrino's particles share: the paper's reason for its lower shower accuracy.

In the samples of neutrinos cosmics have no label, so that a shared pixel has
the neutrino's, where training would call it MIP if a muon crosses a shower.
Which pixels these are, the truth of simulated events tells.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from argoscope.events import FIVE_CLASS, Event, Image

__all__ = ["LEAST_MEV", "crossed", "without_crossings"]

LEAST_MEV = 0.04
"""Energy from which a particle counts in a pixel, in MeV, as in the checks of the simulation."""


def crossed(event: Event, image: Image) -> np.ndarray:
    """Which pixels hold energy of particles that no neutrino made, shape (n,), bool.

    Parameters
    ----------
    event : Event
        Row k of its particles is cluster k of the truth.
    image : Image
        One of the event; without truth clusters no pixel is known to be crossed.
    """
    truth = image.truth
    if truth is None:
        return np.zeros(len(image), dtype=bool)
    cosmic = event.particles["current_type"] < 0
    counted = cosmic[truth.cluster_of_row] & (truth.values >= LEAST_MEV)
    return np.isin(image.ids, truth.ids[counted])


def without_crossings(event: Event, image: Image) -> Image:
    """The image without class where a cosmic crosses."""
    column = image.label("semantic")
    values = np.where(crossed(event, image), FIVE_CLASS.unlabelled, column.values).astype(np.int32)
    return image.with_labels(semantic=replace(column, values=values))
