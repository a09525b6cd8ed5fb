"""Layers: the charge, every kind of label, and where prediction and truth differ, with legend and colours.

A legend is made for the whole event, so that a class, or a particle, has the
same colour on every plane. Particles are ranked by their charge: the largest
get the colours that tell apart best, and names in the legend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from argoscope.display.difference import difference_of, truth_kind
from argoscope.display.palette import GREY, class_colour, identifier_colour
from argoscope.display.scores import SCORE
from argoscope.events import Event, Image, LabelColumn, LabelScheme

__all__ = [
    "Entry",
    "Layer",
    "as_in",
    "coloured_alike",
    "label_values",
    "layers_of",
    "legend_counts",
    "telling_layers",
]

_TITLES = {
    "semantic": "class (truth)",
    "origin": "origin (truth)",
    "instance": "particle (truth)",
    "ancestor": "interaction (truth)",
    "prediction": "class (prediction)",
    "predicted_ancestor": "interaction (prediction, any score)",
    "difference": "prediction against truth",
    "called": "class of the predicted interaction",
    "score": "score of the prediction",
}
"""What a layer of labels shows, in the order of layers."""
_NAMES = {
    "semantic": "class",
    "instance": "particle",
    "ancestor": "interaction",
    "predicted_ancestor": "predicted interaction",
}
"""Short names of layers whose key says too little."""
_BEHIND = ("background", SCORE.classes[-1])
"""Classes that stand behind all others."""
_WITHOUT = {"prediction": "not read", "called": "no prediction", "score": "no prediction"}
"""What pixels without a label are: a network reads charge within its window alone."""
_LEFT_OUT = (*_BEHIND, "missed", "false")
"""Classes that have no line where no pixel has them: many an event cannot have any."""
_NOTHING: Mapping[str, Sequence[LabelColumn]] = MappingProxyType({})
_IDENTITY = {"instance": "particle", "ancestor": "interaction", "predicted_ancestor": "prediction"}
_NO_IDENTITY = {
    "instance": "no particle",
    "ancestor": "no interaction",
    "predicted_ancestor": "no prediction",
}


@dataclass(frozen=True)
class Entry:
    """A label: its name, its colour, and how much of it there is.

    Parameters
    ----------
    value : int
        The label.
    name : str
    colour : str
        As "#rrggbb".
    pixels : int
        How many pixels of the event have it.
    background : bool
        Whether it stands behind all others where pixels share a spot of the picture.
    """

    value: int
    name: str
    colour: str
    pixels: int
    background: bool


@dataclass(frozen=True)
class Layer:
    """One thing that can be shown on every panel.

    Parameters
    ----------
    key : str
        "charge", the kind of label, "difference", "called", or "score".
    title : str
        What it shows, with its unit or its scheme.
    kind : {"charge", "classes", "identifiers"}
    entries : tuple of Entry
        All classes of the scheme, or the particles from the largest down; empty for charge.
    missing : int
        Value of pixels without a label.
    """

    key: str
    title: str
    kind: Literal["charge", "classes", "identifiers"]
    entries: tuple[Entry, ...] = ()
    missing: int = -1

    @property
    def name(self) -> str:
        """A word or two, for a button; no two layers of an event have the same."""
        return _NAMES.get(self.key, self.key)

    @property
    def legend(self) -> tuple[Entry, ...]:
        """The entries, without those that say nothing of this event."""
        # A scheme of interactions has many classes that no network for them knows.
        return tuple(
            entry
            for entry in self.entries
            if entry.pixels or (self.key != "called" and entry.name not in _LEFT_OUT)
        )


def legend_counts(values: np.ndarray) -> dict[int, int]:
    """How many pixels have each label.

    Examples
    --------
    >>> legend_counts(np.array([2, 2, -1]))
    {-1: 1, 2: 2}
    """
    found, counts = np.unique(values, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def _column(image: Image, kind: str) -> LabelColumn | None:
    """Labels of a layer, or None where the image has none."""
    return difference_of(image) if kind == "difference" else image.labels.get(kind)


def label_values(image: Image, kind: str, missing: int) -> np.ndarray:
    """Labels of an image, shape (n,), int32; `missing` for all pixels where it has none of the kind."""
    column = _column(image, kind)
    return np.full(len(image), missing, dtype=np.int32) if column is None else column.values


def layers_of(event: Event, beside: Mapping[str, Sequence[LabelColumn]] = _NOTHING) -> dict[str, Layer]:
    """Every layer an event has, by its key: the charge first, then the labels, their difference, what stands beside.

    Parameters
    ----------
    event : Event
    beside : mapping of str to sequence of LabelColumn
        ``called`` and ``score``, one column an image, as `calls.read_calls` and `scores.read_scores` give them, where
        there are any.

    Examples
    --------
    >>> from argoscope.events import COSMIC, EventId, Grid, LabelColumn
    >>> image = Image.from_points(Grid((4, 6)), np.array([[1, 2], [3, 5]]), np.array([7.0, 9.0]))
    >>> image = image.with_labels(origin=LabelColumn(np.array([1, 1]), COSMIC))
    >>> layers = layers_of(Event(EventId(), (image,)))
    >>> [(entry.name, entry.pixels) for entry in layers["origin"].entries]
    [('background', 0), ('cosmic', 2), ('neutrino', 0)]
    """
    layers = {"charge": Layer("charge", f"charge [{event.charge_unit}]", "charge")}
    for kind in _TITLES:
        columns = [column for image in event.images if (column := _column(image, kind)) is not None]
        if not columns:
            continue
        scheme = columns[0].scheme
        values = np.concatenate([label_values(image, kind, scheme.unlabelled) for image in event.images])
        charge = np.concatenate([image.charge for image in event.images])
        named = bool(scheme.classes)
        layers[kind] = _classes(kind, scheme, values) if named else _identifiers(kind, scheme, values, charge)
    if "ancestor" in layers and "predicted_ancestor" in layers:
        layers["predicted_ancestor"] = coloured_alike(event, layers["predicted_ancestor"], layers["ancestor"])
    for kind, given in beside.items():
        values = np.concatenate([column.values for column in given])
        layers[kind] = _classes(kind, given[0].scheme, values)
    return layers


def coloured_alike(event: Event, said: Layer, true: Layer) -> Layer:
    """The layer of predicted interactions in the colours of the true ones.

    A true interaction lends its colour to the prediction that shares most charge with it; a prediction that gets
    none this way has a colour that no true one has.

    Parameters
    ----------
    event : Event
    said, true : Layer
        Of `predicted_ancestor` and of `ancestor`.
    """
    known = {entry.value: entry.colour for entry in true.entries if not entry.background}
    columns = [
        (label_values(i, said.key, said.missing), label_values(i, true.key, true.missing), i.charge)
        for i in event.images
    ]
    said_values, true_values, charge = map(np.concatenate, zip(*columns, strict=True))
    labelled = (said_values != said.missing) & (true_values != true.missing)
    pairs, which = np.unique(
        np.stack([true_values[labelled], said_values[labelled]], 1), axis=0, return_inverse=True
    )
    shared = np.bincount(which.ravel(), charge[labelled], len(pairs))
    lent: dict[int, str] = {}
    given: set[int] = set()
    for true_value, said_value in pairs[np.argsort(-shared, kind="stable")].tolist():
        if true_value not in given and said_value not in lent:
            lent[said_value] = known[true_value]
            given.add(true_value)
    entries, rank = [], len(known)
    for entry in said.entries:
        colour = entry.colour if entry.background else lent.get(entry.value, "")
        if not colour:
            colour, rank = identifier_colour(rank), rank + 1
        entries.append(replace(entry, colour=colour))
    return replace(said, entries=tuple(entries))


def as_in(layers: Mapping[str, Layer], whole: Mapping[str, Layer]) -> dict[str, Layer]:
    """Layers of a part of an event, each particle and interaction in the colour that it has in the whole.

    Parameters
    ----------
    layers, whole : mapping of str to Layer
        Of the part, and of the whole.
    """
    found = {}
    for key, layer in layers.items():
        known = {entry.value: entry.colour for entry in whole[key].entries} if key in whole else {}
        entries = (replace(entry, colour=known.get(entry.value, entry.colour)) for entry in layer.entries)
        found[key] = replace(layer, entries=tuple(entries))
    return found


def telling_layers(event: Event, room: int, known: Sequence[str] = ()) -> list[str]:
    """The layers that say most of an event where there is no room for all.

    Parameters
    ----------
    event : Event
    room : int
        How many layers there is room for.
    known : sequence of str
        The layers there are; by default those of the event alone.

    Returns
    -------
    list of str
        Truth, prediction and difference where an event has all three; without truth charge and prediction; true and
        predicted interactions and their class, or else the charge, where only those are predicted; else the layers in
        their order.
    """
    known = known or list(layers_of(event))
    truth = next((kind for image in event.images if (kind := truth_kind(image)) is not None), None)
    first = [truth, "prediction", "difference"] if truth else ["charge", "prediction"]
    if "predicted_ancestor" in known and "prediction" not in known:
        first = ["ancestor", "predicted_ancestor", "called"]
        first = first if "called" in known else ["charge", *first]
    order = [*(key for key in first if key in known), *(key for key in known if key not in first)]
    return order[:room]


def _classes(kind: str, scheme: LabelScheme, values: np.ndarray) -> Layer:
    counts = legend_counts(values)
    entries = [
        Entry(value, name, class_colour(scheme, value), counts.get(value, 0), name in _BEHIND)
        for value, name in enumerate(scheme.classes)
    ]
    if counts.get(scheme.unlabelled):
        entries.append(
            Entry(scheme.unlabelled, _WITHOUT.get(kind, "unlabelled"), GREY, counts[scheme.unlabelled], True)
        )
    return Layer(kind, _TITLES[kind], "classes", tuple(entries), scheme.unlabelled)


def _identifiers(kind: str, scheme: LabelScheme, values: np.ndarray, charge: np.ndarray) -> Layer:
    found, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    total = np.bincount(which, weights=charge, minlength=len(found))
    entries, rank = [], 0
    for row in np.lexsort((found, -total)).tolist():
        value, pixels = int(found[row]), int(counts[row])
        if value == scheme.unlabelled:
            continue
        entries.append(Entry(value, f"{_IDENTITY[kind]} {value}", identifier_colour(rank), pixels, False))
        rank += 1
    if scheme.unlabelled in found:
        pixels = int(counts[found == scheme.unlabelled][0])
        entries.append(Entry(scheme.unlabelled, _NO_IDENTITY[kind], GREY, pixels, True))
    return Layer(kind, _TITLES[kind], "identifiers", tuple(entries), scheme.unlabelled)
