"""Two events in one: charges add, labels follow a stated rule, truth is kept side by side.

On pixels that only one event has, charge and labels are that event's. On
shared pixels charges add and the label of each kind follows its rule:

==================  ===========================================================
"larger-charge"     that of the event with more charge there; the first on a tie
"first", "second"   that of this event where it has one, else of the other
"highest"           the larger class number of those that are labelled
"lowest"            the smaller class number of those that are labelled
==================  ===========================================================

By default "highest" for the scheme of cosmics, so that neutrino goes over
cosmic over background as in larcv3's CosmicNeutrinoSegLabel, and
"larger-charge" for everything else.

Instance, ancestor and cluster numbers of the second event are shifted past
those of the first, by the same amount on every plane. Particle tables and truth
clusters are joined, the first event's first: cluster k of the second event
becomes cluster K + k on every plane, with K the clusters of the first. Track
numbers of the particle table stay as they are and may then stand twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from argoscope.errors import InvalidArgument, require_known
from argoscope.events.event import Event
from argoscope.events.grid import Grid
from argoscope.events.image import Image, LabelColumn, LabelKind
from argoscope.events.labels import COSMIC, LabelScheme
from argoscope.events.products import Clusters

__all__ = ["LabelRule", "overlay"]

LabelRule = Literal["larger-charge", "first", "second", "highest", "lowest"]
"""Whose label a shared pixel gets."""


def overlay(first: Event, second: Event, rules: Mapping[str, LabelRule] | None = None) -> Event:
    """The event that holds both.

    Parameters
    ----------
    first, second : Event
        With the same planes, units and label schemes. The result has the first one's number.
    rules : mapping of label kind to {"larger-charge", "first", "second", "highest", "lowest"}, optional
        Whose label of each kind a shared pixel gets, where not the default.

    Returns
    -------
    Event

    Raises
    ------
    InvalidArgument
        If planes, units or schemes differ, a rule is unknown, or one event's planes differ in their number of clusters.

    Examples
    --------
    >>> from argoscope.events import EventId
    >>> def event(charge, pixel):
    ...     return Event(EventId(), (Image.from_points(Grid((4, 4)), np.array([pixel]), np.array([charge])),))
    >>> overlay(event(1.0, [1, 1]), event(2.0, [1, 1])).images[0].charge.tolist()
    [3.0]
    """
    rules = dict(rules or {})
    for kind, rule in rules.items():
        require_known(kind, get_args(LabelKind), "rules has no label kind")
        if rule not in get_args(LabelRule):
            raise InvalidArgument(f"rules[{kind!r}] (={rule!r}) must be one of {get_args(LabelRule)}")
    _require_alike(first, second)
    second = _shifted(second, first)
    clusters = _cluster_numbers(first), _cluster_numbers(second)
    images = tuple(
        _overlay_image(a, b, rules, clusters) for a, b in zip(first.images, second.images, strict=True)
    )
    return replace(first, images=images, particles=np.concatenate([first.particles, second.particles]))


def _require_alike(first: Event, second: Event) -> None:
    for name in ("detector", "charge_unit", "energy_unit"):
        if getattr(first, name) != getattr(second, name):
            raise InvalidArgument(
                f"{name} must be the same in both events; it is {getattr(first, name)!r} and {getattr(second, name)!r}"
            )
    grids = [[image.grid for image in event.images] for event in (first, second)]
    if grids[0] != grids[1]:
        shapes = [[grid.shape for grid in event] for event in grids]
        raise InvalidArgument(
            f"both events must have the same images; theirs are {shapes[0]} and {shapes[1]} (or differ in extent or "
            "projection). Crop them to one window first."
        )


def _cluster_numbers(event: Event) -> np.ndarray | None:
    """Numbers of the clusters, the same on every image of the event; None where no image has truth."""
    truths = [image.truth for image in event.images if image.truth is not None]
    counts = sorted({len(truth) for truth in truths})
    if len(counts) > 1:
        raise InvalidArgument(
            f"the planes of {event.id} have {counts} clusters; they must have as many, empty ones included"
        )
    return truths[0].numbers if truths else None


def _shifted(second: Event, first: Event) -> Event:
    """The second event with identifiers and cluster numbers past those of the first."""
    known = _cluster_numbers(first)
    clusters = 0 if known is None else len(known)
    shifts = {kind: clusters for image in second.images for kind in image.labels}
    for kind in {kind for image in first.images for kind in image.labels}:
        values = [image.labels[kind].values for image in first.images if kind in image.labels]
        shifts[kind] = max([clusters, *(int(v.max()) + 1 for v in values if v.size)])
    numbers = [image.truth.numbers for image in first.images if image.truth is not None]
    number_shift = max([clusters, *(int(n.max()) + 1 for n in numbers if n.size)])
    return replace(second, images=tuple(_shift_image(i, shifts, number_shift) for i in second.images))


def _shift_image(image: Image, shifts: Mapping[str, int], number_shift: int) -> Image:
    labels = {}
    for kind, column in image.labels.items():
        values = column.values
        if not column.scheme.classes:  # only identifiers: a class means the same in both events
            shifted = values.astype(np.int64) + shifts[kind]
            if shifted.size and shifted.max() > np.iinfo(np.int32).max:
                raise InvalidArgument(
                    f"{kind} numbers of the two events do not fit into 32 bits together; renumber them"
                )
            values = np.where(column.labelled & (values >= 0), shifted, values)
        labels[kind] = replace(column, values=values)
    truth = image.truth
    if truth is not None:
        truth = replace(truth, numbers=truth.numbers + number_shift)
    return replace(image, labels=labels, truth=truth)


def _overlay_image(
    first: Image,
    second: Image,
    rules: Mapping[str, LabelRule],
    clusters: tuple[np.ndarray | None, np.ndarray | None],
) -> Image:
    ids = np.union1d(first.ids, second.ids)
    rows = [np.searchsorted(ids, image.ids) for image in (first, second)]
    charge = np.zeros((2, len(ids)))
    here = np.zeros((2, len(ids)), dtype=bool)
    for which, image in enumerate((first, second)):
        charge[which, rows[which]] = image.charge
        here[which, rows[which]] = True
    labels = {}
    for kind in sorted({*first.labels, *second.labels}):
        scheme = _scheme(kind, first, second)
        values = np.full((2, len(ids)), scheme.unlabelled, dtype=np.int32)
        for which, image in enumerate((first, second)):
            if kind in image.labels:
                values[which, rows[which]] = image.labels[kind].values
        rule = rules.get(kind, "highest" if scheme == COSMIC else "larger-charge")
        take_second = _second_wins(values, charge, here, scheme.unlabelled, rule)
        labels[kind] = LabelColumn(np.where(take_second, values[1], values[0]), scheme)
    truth = _joined_truth(first.truth, second.truth, first.grid, clusters)
    return Image(
        first.grid, first.grid.coordinates(ids), charge.sum(axis=0).astype(np.float32), labels, truth
    )


def _scheme(kind: str, first: Image, second: Image) -> LabelScheme:
    """The scheme of one kind of label, refusing two that differ."""
    schemes = [image.labels[kind].scheme for image in (first, second) if kind in image.labels]
    if schemes[0] != schemes[-1]:
        raise InvalidArgument(
            f"labels[{kind!r}] are in the schemes {schemes[0].name!r} and {schemes[1].name!r}; convert one first"
        )
    return schemes[0]


def _second_wins(
    values: np.ndarray, charge: np.ndarray, here: np.ndarray, unlabelled: int, rule: LabelRule
) -> np.ndarray:
    """Which pixels get the label of the second event, shape (n,), bool."""
    labelled = here & (values != unlabelled)
    both = labelled.all(axis=0)
    if rule == "larger-charge":
        return np.where(here.all(axis=0), charge[1] > charge[0], here[1])
    if rule in {"highest", "lowest"}:
        better = values[1] > values[0] if rule == "highest" else values[1] < values[0]
        return np.where(both, better, labelled[1])
    return labelled[1] if rule == "second" else labelled[1] & ~labelled[0]


def _joined_truth(
    first: Clusters | None,
    second: Clusters | None,
    grid: Grid,
    clusters: tuple[np.ndarray | None, np.ndarray | None],
) -> Clusters | None:
    """Clusters of both, those of the second after those of the first."""
    if clusters[0] is None and clusters[1] is None:
        return None
    one, other = (
        truth if truth is not None else _empty(grid, numbers)
        for truth, numbers in zip((first, second), clusters, strict=True)
    )
    return Clusters(
        grid,
        np.concatenate([one.ids, other.ids]),
        np.concatenate([one.values, other.values]),
        np.concatenate([one.offsets, other.offsets[1:] + one.offsets[-1]]),
        np.concatenate([one.numbers, other.numbers]),
    )


def _empty(grid: Grid, numbers: np.ndarray | None) -> Clusters:
    """Clusters with these numbers and without a pixel."""
    none = np.zeros(0, dtype=np.int64)
    numbers = none if numbers is None else numbers
    return Clusters(grid, none, none, np.zeros(len(numbers) + 1, dtype=np.int64), numbers)
