"""One wire plane of an event: its charge, what is predicted on it, and the truth where there is any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from argoscope.analyses.interactions import Interaction
from argoscope.analyses.true_instances import Traits
from argoscope.events import Event, Image
from argoscope.events.instances import Instances

__all__ = ["PlaneEvent"]


@dataclass(frozen=True, eq=False)
class PlaneEvent:
    """One plane of one event.

    Parameters
    ----------
    where : dict
        File, entry, run, subrun and event, for reports.
    event : Event
        All planes, and the particles where there is truth.
    image : Image
        The plane.
    said : Instances
        What is predicted on it.
    truth : Instances, optional
        Its true interactions.
    traits : Traits, optional
        Of the truth.
    interaction : Interaction, optional
        What the event is of; None where the file does not say.
    places : ndarray, shape (w, 2), optional
        Of its interactions in time: how difficult each is among those of its sample (`flash_difficulty`).
    """

    where: dict[str, Any]
    event: Event
    image: Image
    said: Instances
    truth: Instances | None = None
    traits: Traits | None = None
    interaction: Interaction | None = None
    places: np.ndarray | None = None
