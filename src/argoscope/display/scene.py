"""The scene: what is drawn, as data. The renderers only draw it.

A scene is one event: a panel for each plane or volume, and layers that can be
shown on every panel (the charge, and each kind of label). Colours, names,
counts, axes and units are decided here, so that a picture and a page agree.

Wires run horizontally and drift time vertically; in volumes x is the drift,
y points up and z along the beam.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from argoscope.display.axes import Axis, axes_of
from argoscope.display.layers import Layer, as_in, label_values, layers_of
from argoscope.display.scale import ChargeScale, charge_scale_of
from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.events import Event, Image, LabelColumn

__all__ = ["Panel", "Scene", "scene_of"]


@dataclass(frozen=True, eq=False)
class Panel:
    """One plane or volume.

    Parameters
    ----------
    name : str
        "plane 0", "plane 2 (collection)", "volume".
    axes : tuple of Axis
        Wire and drift time; or x, y, z.
    coordinates : ndarray, shape (n, d), int32
        Pixel indices.
    charge : ndarray, shape (n,), float32
    labels : mapping of str to ndarray, shape (n,), int32
        Values of each label layer.
    """

    name: str
    axes: tuple[Axis, ...]
    coordinates: np.ndarray
    charge: np.ndarray
    labels: Mapping[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.charge)


@dataclass(frozen=True, eq=False)
class Scene:
    """One event, ready to be drawn.

    Parameters
    ----------
    title : str
        File and event.
    subtitle : str
        Run, subrun and event number, detector.
    panels : tuple of Panel
    layers : tuple of Layer
        In the order in which they are shown; the first is the charge unless it was left out.
    scale : ChargeScale
        Of the charge, common to all panels.
    dimensions : {2, 3}
    shows : str
        What its pixels are all of: the event, or the part that is shown.
    """

    title: str
    subtitle: str
    panels: tuple[Panel, ...]
    layers: tuple[Layer, ...]
    scale: ChargeScale
    dimensions: Literal[2, 3]
    shows: str = "the event"

    @property
    def counted(self) -> str:
        """What is counted: "pixels" of planes, "voxels" of volumes."""
        return "pixels" if self.dimensions == 2 else "voxels"

    @property
    def pixels(self) -> int:
        """Charged pixels on all panels."""
        return sum(map(len, self.panels))

    def layer(self, key: str) -> Layer:
        """One layer by its key.

        Raises
        ------
        InvalidArgument
            If the scene has none of that name.
        """
        for layer in self.layers:
            if layer.key == key:
                return layer
        raise InvalidArgument(_no_layer(key, [layer.key for layer in self.layers]))

    def with_layers(self, layers: tuple[Layer, ...]) -> Scene:
        """The same scene with some of its layers."""
        return replace(self, layers=layers)


def scene_of(
    event: Event,
    *,
    source: str = "",
    number: int = 0,
    layers: list[str] | None = None,
    beside: Mapping[str, Sequence[LabelColumn]] = MappingProxyType({}),
    whole: Event | None = None,
) -> Scene:
    """Decide what an event looks like.

    Parameters
    ----------
    event : Event
    source : str
        Name of the file, for the title.
    number : int
        Position of the event in the file.
    layers : list of str, optional
        "charge" and kinds of labels, in the order wanted; all by default.
    beside : mapping of str to sequence of LabelColumn
        What a network says beside its labels, one column an image; see `layers.layers_of`.
    whole : Event, optional
        The event that `event` is a part of: its particles and interactions have the same colours.

    Returns
    -------
    Scene

    Raises
    ------
    InvalidArgument
        If a layer is not in the event, or is listed twice.

    Examples
    --------
    >>> from argoscope.events import EventId, Grid
    >>> image = Image.from_points(Grid((4, 6)), np.array([[1, 2], [3, 5]]), np.array([7.0, 9.0]))
    >>> scene = scene_of(Event(EventId(1, 0, 7), (image,)), source="a.h5")
    >>> scene.title, [layer.key for layer in scene.layers], scene.panels[0].axes[1].label
    ('a.h5, event 0', ['charge'], 'drift tick')
    """
    known = layers_of(event, beside)
    if whole is not None:
        known = as_in(known, layers_of(whole))
    wanted = list(known) if layers is None else layers
    for key in wanted:
        if key not in known:
            raise InvalidArgument(_no_layer(key, list(known)))
    if not wanted or len(set(wanted)) < len(wanted):
        raise InvalidArgument(f"layers (={wanted}) must name at least one layer, each once")
    return Scene(
        title=f"{source or 'event'}, event {number}",
        subtitle=_subtitle(event),
        panels=tuple(_panel(event, row, known, beside) for row in range(len(event.images))),
        layers=tuple(known[key] for key in wanted),
        scale=charge_scale_of((image.charge for image in event.images), event.charge_unit),
        dimensions=3 if event.dimensions == 3 else 2,
        shows="the event" if whole is None else "the part shown",
    )


def _no_layer(key: str, known: list[str]) -> str:
    return f"layers: this event has no layer {key!r}. {nearest_hint(key, known)}"


def _panel(
    event: Event, row: int, layers: Mapping[str, Layer], beside: Mapping[str, Sequence[LabelColumn]]
) -> Panel:
    image = event.images[row]
    labels = {
        key: beside[key][row].values if key in beside else label_values(image, key, layer.missing)
        for key, layer in layers.items()
        if layer.kind != "charge"
    }
    return Panel(
        name=_name(image, event),
        axes=axes_of(image.grid),
        coordinates=image.coordinates,
        charge=image.charge,
        labels=MappingProxyType(labels),
    )


def _name(image: Image, event: Event) -> str:
    if event.dimensions == 3:
        return "volume" if len(event.images) == 1 else f"volume {image.grid.projection}"
    projection = image.grid.projection
    # Of three planes the last to be passed is the collection plane, in every detector we know.
    return f"plane {projection}" + (" (collection)" if len(event.images) == 3 and projection == 2 else "")


def _subtitle(event: Event) -> str:
    known = [f"{name} {number}" for name, number in event.id._asdict().items() if number >= 0]
    parts = [" ".join(known) or "no run number in the file"]
    if event.detector:
        parts.append(event.detector)
    what = "voxels" if event.dimensions == 3 else "pixels"
    parts.append(f"{event.pixels:,} charged {what}" if event.pixels else "no charge")
    return "  ·  ".join(parts)
