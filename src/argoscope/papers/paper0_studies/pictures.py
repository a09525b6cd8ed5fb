"""Figures 4 and 5 and appendix A: charge, truth, and what a network says of an event."""

from __future__ import annotations

from typing import Any

import numpy as np

from argoscope.analyses.cosmic_counts import NEUTRINO
from argoscope.display.scene import scene_of
from argoscope.display.static import figure_of
from argoscope.events import Event, EventId
from argoscope.papers.paper0_studies.sizes import Sizes
from argoscope.papers.paper0_studies.subjects import subject_for
from argoscope.papers.paper0_studies.tagging import Tagged, tagged_events
from argoscope.papers.study import Context, Figure, Section

__all__ = ["chosen", "find"]

LOOKED_AT = 40
"""Events among which one is chosen."""
SHOWN = {
    "figure4": ("Figure 4: charge of the planes of an event", ["charge"]),
    "figure5": ("Figure 5: labels of the same planes", ["origin"]),
    "appendix-a": ("Appendix A: prediction, and where it differs", ["prediction", "difference"]),
}


def find(context: Context, sizes: Sizes) -> Section:
    """Draw an event of an electron neutrino."""
    subject = subject_for(context, sizes)
    path = subject.file(context, sizes)
    entry = chosen(list(tagged_events(context, None, path, range(min(LOOKED_AT, sizes.test_events)))))
    (event,) = tagged_events(context, subject.model, path, range(entry, entry + 1))
    note = f"{subject.how} Entry {entry} of {subject.sample(sizes).said()}, {event.interaction.kind}."
    return Section(
        "Figures 4 and 5, appendix A: an event",
        f"Of the first {LOOKED_AT} events the electron neutrino (any neutrino, where there is none) with the most pixels on its "
        "poorest plane; the paper's figures 4 and 5 show one too.",
        figures=tuple(_figure(context, name, event, note) for name in SHOWN),
    )


def chosen(events: list[Tagged]) -> int:
    """Position of the event to be shown.

    Parameters
    ----------
    events : list of Tagged
        At least one.
    """

    def worth(event: Tagged) -> tuple[bool, int]:
        pixels = [int((plane.label("origin").values == NEUTRINO).sum()) for plane in event.planes]
        return event.interaction.kind == "nue", min(pixels)

    return int(max(range(len(events)), key=lambda at: worth(events[at])))


def _figure(context: Context, name: str, event: Tagged, note: str) -> Figure:
    title, layers = SHOWN[name]
    numbers = EventId(*(event.where[part] for part in EventId._fields))
    scene = scene_of(
        Event(numbers, event.planes), source=event.where["file"], number=event.where["entry"], layers=layers
    )
    return context.figure(name, title, figure_of(scene), _data(event), note)


def _data(event: Tagged) -> list[dict[str, Any]]:
    return [
        {
            "projection": plane.grid.projection,
            "coordinates": plane.coordinates.tolist(),
            "charge": np.round(plane.charge, 2).tolist(),
            "truth": plane.label("origin").values.tolist(),
            "predicted": plane.label("prediction").values.tolist(),
        }
        for plane in event.planes
    ]
