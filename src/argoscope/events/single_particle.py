"""Images of single particles: which particle it is, said by each of their pixels.

References
----------
Paper 2: arXiv:1808.07269, section IV A.
"""

from __future__ import annotations

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events.event import Event
from argoscope.events.image import Image, LabelColumn
from argoscope.events.labels import PARTICLE
from argoscope.events.transforms import map_images

__all__ = ["with_particle_class"]

CLASSES = {11: "electron", 22: "photon", 13: "muon", 211: "pion", 2212: "proton"}
"""Class of each PDG code without its sign."""


def with_particle_class(event: Event) -> Event:
    """The event with its one primary particle as the semantic label of every pixel; without label if it left no trace.

    Parameters
    ----------
    event : Event

    Returns
    -------
    Event

    Raises
    ------
    InvalidArgument
        If there are several primary particles, or one that is none of the five.

    Examples
    --------
    >>> from argoscope.events import EventId, Grid, empty_particles
    >>> table = empty_particles(1)
    >>> table["process"], table["pdg"] = b"primary", -211
    >>> image = Image.from_points(Grid((4, 4)), np.array([[1, 2], [2, 2]]), np.ones(2))
    >>> with_particle_class(Event(EventId(), (image,), table)).images[0].labels["semantic"].values.tolist()
    [3, 3]
    """
    codes = event.particles["pdg"][event.particles["process"] == b"primary"].tolist()
    if len(codes) > 1 or any(abs(code) not in CLASSES for code in codes):
        raise InvalidArgument(
            f"{event.id} has the primary particles {codes} (PDG codes), and the task needs one of {sorted(CLASSES)}: give "
            "a sample such as paper2-particles"
        )
    label = PARTICLE.index(CLASSES[abs(codes[0])]) if codes else PARTICLE.unlabelled

    def labelled(image: Image) -> Image:
        return image.with_labels(semantic=LabelColumn(np.full(len(image), label, np.int32), PARTICLE))

    return map_images(event, labelled)
