"""Figures 7 to 9: charge, truth and prediction of events around their interaction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from argoscope.display.palette import class_colour
from argoscope.display.plane_panels import draw_plane
from argoscope.display.scene import scene_of
from argoscope.display.telling import richness
from argoscope.events import COSMIC, FIVE_CLASS, Event, Image, LabelColumn, map_images
from argoscope.events.transforms import crop
from argoscope.events.vertex_crop import vertex_window
from argoscope.figures import bare_figure
from argoscope.inference.segmentation import segment
from argoscope.models.preparation import chosen_planes
from argoscope.models.weights import Model
from argoscope.papers.paper3_studies.predictions import model_for, planes_of
from argoscope.papers.paper3_studies.sizes import COLLECTION, PLANES, Sizes, whole
from argoscope.papers.samples import events_of, sample_file
from argoscope.papers.study import Context, Figure, Section

__all__ = ["central_crop", "find"]

LOOKED_AT = 40
"""Events among which one is chosen."""


class Shown(NamedTuple):
    """A figure of the paper: its preset, plane, side of the crop, and what it shows."""

    number: int
    preset: str
    plane: int
    side: int
    what: str


FIGURES = (
    Shown(7, "paper3", COLLECTION, 512, "an event of the test sample"),
    Shown(8, "paper3-nue", 0, 300, "an electron neutrino"),
    Shown(9, "paper3-bnb", COLLECTION, 300, "a beam neutrino"),
)
"""Planes and crops as in the paper."""


def find(context: Context, sizes: Sizes) -> Section:
    """Draw the events with the most to be seen."""
    model, how = model_for(context, sizes)
    figures = tuple(_figure(context, sizes, shown, model, how) for shown in FIGURES)
    return Section(
        "Figures 7 to 9: events",
        f"Of the first {LOOKED_AT} events the one whose crop has the most classes and, of those, the most pixels of the rarest. "
        "The paper shows figure 7 in crops of 512 x 512 pixels, figures 8 and 9 of 300 x 300 around the interaction, truth "
        "without cosmics; here cosmics without labels are grey.",
        figures=figures,
    )


def _figure(context: Context, sizes: Sizes, shown: Shown, model: Model, how: str) -> Figure:
    plane = shown.plane if shown.plane in planes_of(model) else COLLECTION
    sample = whole(sizes, shown.preset)
    events = [chosen_planes(event, (plane,)) for event in events_of(sample_file(context, sample), LOOKED_AT)]
    best = max(events, key=lambda event: richness(central_crop(event, shown.side).images, "semantic"))
    (answer,) = segment(model, best)
    (image,) = best.images
    labelled = image.with_labels(semantic=LabelColumn(answer.labels, FIVE_CLASS))
    truth = central_crop(best, shown.side)
    predicted = _cut(replace(best, images=(labelled,)), _corner(image, shown.side), shown.side)
    note = f"{how} Event {best.id.event} of {sample.said()}, plane {PLANES[plane]}."
    title = f"Figure {shown.number}: {shown.what}, {shown.side} x {shown.side} pixels"
    return context.figure(
        f"figure{shown.number}", title, _drawn(truth, predicted), _data(truth, predicted), note
    )


def central_crop(event: Event, side: int) -> Event:
    """The event's only image in the square around its interaction.

    Parameters
    ----------
    event : Event
        With origin labels. Of the squares inside the image that hold the middle of the interaction (its pixel nearest to
        the median of all) the one with most of its pixels; without such pixels the square in the middle of the image.
    side : int
        In pixels.
    """
    return _cut(event, _corner(event.images[0], side), side)


def _cut(event: Event, low: tuple[int, ...], side: int) -> Event:
    return map_images(event, lambda image: crop(image, low, (side, side)))


def _corner(image: Image, side: int) -> tuple[int, ...]:
    """First pixel of the square around the interaction."""
    own = image.take(image.label("origin").values == COSMIC.index("neutrino"))
    if not len(own):
        return tuple((n - side) // 2 for n in image.grid.shape)
    far = np.abs(own.coordinates - np.median(own.coordinates, axis=0)).max(axis=1)
    middle = tuple(int(n) for n in own.coordinates[far.argmin()])
    return vertex_window(own, middle, (side, side))


def _drawn(truth: Event, predicted: Event) -> Any:
    """Charge, truth and prediction side by side, and the colours of the classes below."""
    from matplotlib.patches import Patch

    figure = bare_figure(10.5, 4.2)
    panels: Any = figure.subplots(1, 3, sharey=True)
    for axes, event, key, title in zip(
        panels, (truth, truth, predicted), ("charge", "semantic", "semantic"),
        (f"charge [{truth.charge_unit}]", "truth", "prediction"), strict=True,
    ):  # fmt: skip
        scene = scene_of(event)
        draw_plane(axes, scene, scene.panels[0], scene.layer(key))
        axes.set(title=title, xlabel=scene.panels[0].axes[0].label)
    panels[0].set_ylabel(scene.panels[0].axes[1].label)
    entries = [(FIVE_CLASS.index(name), name) for name in FIVE_CLASS.classes]
    patches = [
        Patch(color=class_colour(FIVE_CLASS, value), label=name)
        for value, name in [*entries, (FIVE_CLASS.unlabelled, "no label, or not seen")]
    ]
    figure.legend(handles=patches, loc="outside lower center", ncols=len(patches), frameon=False)
    return figure


def _data(truth: Event, predicted: Event) -> dict[str, Any]:
    (image,), (answer,) = truth.images, predicted.images
    return {
        "event": list(truth.id),
        "coordinates": image.coordinates.tolist(),
        "charge": image.charge.tolist(),
        "truth": image.label("semantic").values.tolist(),
        "predicted": answer.label("semantic").values.tolist(),
        "classes": list(FIVE_CLASS.classes),
    }
