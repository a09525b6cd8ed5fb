"""Figures 1, 11 and 12: an event as a whole, and interactions of which nothing is found."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.instance_blocks import Rules
from argoscope.analyses.instance_metrics import efficiencies
from argoscope.analyses.instance_overlaps import overlaps_of
from argoscope.analyses.plane_event import PlaneEvent
from argoscope.analyses.true_instances import active_part
from argoscope.display.plane_panels import draw_plane
from argoscope.display.scene import scene_of
from argoscope.events import Event, Image, map_images
from argoscope.events.vertex_crop import crop_around_vertex
from argoscope.figures import bare_figure
from argoscope.inference.instance_planes import plane_events
from argoscope.papers.paper1_studies.predictions import predicted_file
from argoscope.papers.paper1_studies.sizes import Sizes, whole
from argoscope.papers.paper1_studies.subjects import subject_for
from argoscope.papers.samples import sample_file
from argoscope.papers.study import Context, Figure, Section

__all__ = ["Missed", "find", "missed_in"]

LOOKED_AT = 40
"""Events among which examples are looked for."""
LAYERS = {
    "charge": "charge",
    "ancestor": "true interactions",
    "predicted_ancestor": "predicted interactions, of any score",
}
SIDE = 256
"""Pixels of a close-up."""
DEAD = 0.3
"""Share of an interaction's wires that show nothing from which on dead wires are to blame; [E]."""


class Missed(NamedTuple):
    """A true interaction that no prediction touches.

    Parameters
    ----------
    event : PlaneEvent
    pixel : tuple of int
        One in its midst.
    pixels : int
        Its active pixels.
    dead : float
        Share of its wires that show nothing.
    """

    event: PlaneEvent
    pixel: tuple[int, int]
    pixels: int
    dead: float


def find(context: Context, sizes: Sizes) -> Section:
    """Draw an event, and one example of each way to find nothing."""
    model, how = subject_for(context, sizes)
    path = predicted_file(context, model, sample_file(context, whole(sizes)))
    events = list(islice(plane_events([path], truth="needed", obey=context.obey), LOOKED_AT))
    missed = [one for event in events for one in missed_in(event)]
    said = f"{how} {whole(sizes).said()}."
    figures = [_event(context, events, said)]
    dead = max((one for one in missed if one.dead >= DEAD), key=lambda one: one.dead, default=None)
    small = max((one for one in missed if one.dead < DEAD), key=lambda one: one.pixels, default=None)
    for number, words, one in (
        (11, "nothing found of an interaction on dead wires", dead),
        (12, "nothing found of a small interaction", small),
    ):
        if one is not None:
            figures.append(_close_up(context, number, words, one, said))
    return Section(
        "Figures 1, 11, 12: events",
        f"Among the first {min(LOOKED_AT, whole(sizes).events)} events: one with as many interactions as most have, and of the "
        f"interactions with at least {Rules.least_pixels} active pixels that no prediction of at least {Rules.least_score:g} touches the one with the most dead "
        f"wires and the largest of the others. There are {len(missed)} of them. A prediction has the colour of the true "
        "interaction that shares most charge with it; grey is what nobody claims.",
        figures=tuple(figures),
    )


def missed_in(event: PlaneEvent) -> list[Missed]:
    """The true interactions of an event that no prediction of at least the least score touches.

    Parameters
    ----------
    event : PlaneEvent
        With truth.
    """
    assert event.truth is not None
    assert event.traits is not None
    said = event.said.take(event.said.scores >= Rules.least_score)
    overlaps = overlaps_of(active_part(event.image), event.truth, said)
    nothing = (efficiencies(overlaps) == 0) & (overlaps.true_pixels >= Rules.least_pixels)
    found = []
    for row in np.flatnonzero(nothing):
        pixels = event.truth.clusters.cluster(int(row)).coordinates
        middle = pixels[np.abs(pixels - np.median(pixels, axis=0)).max(axis=1).argmin()]
        dead = float(np.nan_to_num(event.traits.dead[row]))
        found.append(Missed(event, (int(middle[0]), int(middle[1])), len(pixels), dead))
    return found


def _event(context: Context, events: Sequence[PlaneEvent], said: str) -> Figure:
    """The event with a median number of true interactions."""
    chosen = sorted(events, key=lambda one: 0 if one.truth is None else len(one.truth))[len(events) // 2]
    picture = _drawn(chosen.event, (9.5, 8.4), rows=3)
    note = f"Event {chosen.event.id.event}, plane Y. {said}"
    return context.figure("figure1", "Figure 1: an event", picture, _data(chosen.event), note)


def _close_up(context: Context, number: int, words: str, one: Missed, said: str) -> Figure:
    event = _cut(one.event.event, one.pixel)
    note = (
        f"Event {event.id.event}: an interaction of {one.pixels} active pixels, {one.dead:.0%} of its wires without signal, in the "
        f"middle of {SIDE} x {SIDE} pixels. {said}"
    )
    picture = _drawn(event, (10.5, 3.9), rows=1)
    return context.figure(f"figure{number}", f"Figure {number}: {words}", picture, _data(event), note)


def _cut(event: Event, pixel: tuple[int, int]) -> Event:
    def cut(image: Image) -> Image:
        return crop_around_vertex(image, pixel, (SIDE, SIDE))

    return map_images(event, cut)


def _drawn(event: Event, inches: tuple[float, float], *, rows: int) -> Any:
    """Charge, true and predicted interactions, one below another or side by side."""
    figure = bare_figure(*inches)
    panels: Any = figure.subplots(rows, len(LAYERS) // rows, sharex=True, sharey=True, squeeze=False)
    scene = scene_of(event)
    for axes, (key, title) in zip(panels.ravel(), LAYERS.items(), strict=True):
        draw_plane(axes, scene, scene.panels[0], scene.layer(key))
        axes.set(title=title)
    for axes in panels[-1]:
        axes.set_xlabel(scene.panels[0].axes[0].label)
    for axes in panels[:, 0]:
        axes.set_ylabel(scene.panels[0].axes[1].label)
    return figure


def _data(event: Event) -> dict[str, Any]:
    image = event.images[0]
    return {
        "event": list(event.id),
        "coordinates": image.coordinates.tolist(),
        "charge": image.charge.tolist(),
        "truth": image.label("ancestor").values.tolist(),
        "predicted": image.label("predicted_ancestor").values.tolist(),
    }
