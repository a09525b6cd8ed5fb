"""What of a file is not as in the training data of a model: told beside the predictions, which are made all the same."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

from argoscope.events import Event
from argoscope.events.charge_scale import signal_scale
from argoscope.files.source import EventFile
from argoscope.models.cards import Card

__all__ = ["misfits"]

LOOKED_EVENTS = 20
"""Events in which thresholds and empty planes are looked for."""
THRESHOLD_TOLERANCE = 1.2
"""Smallest charge of a plane, in that of the model's window, from which on a warning is given."""
SCALE_TOLERANCE = 1.15
"""Ratio to the card's scale, or of that to it, beyond the errors of both, from which on a warning is given."""
SIGMAS = 2.0
"""Errors that a ratio must be off beside."""


def misfits(file: EventFile, card: Card, gain: float | None, numbers: Sequence[int]) -> list[str]:
    """Say how a file differs from what a model was trained on; each event is read once for all of it.

    Parameters
    ----------
    file : EventFile
    card : Card
        Of the model.
    gain : float or None
        Multiplied to the charge.
    numbers : sequence of int
        Events of the file that are predicted.

    Returns
    -------
    list of str
        A sentence for each difference: detector, charge scale, threshold, planes without charge.
    """
    factor = 1.0 if gain is None else gain
    looked = [file.charge_event(index) for index in numbers[:LOOKED_EVENTS]]
    more = (file.charge_event(index) for index in numbers[LOOKED_EVENTS:])
    return [
        *_other_detector(file, card),
        *_other_scale(file, card, factor, chain(looked, more)),
        *_other_threshold(file, card, factor, looked),
        *_empty_planes(file, card, looked),
    ]


def _other_detector(file: EventFile, card: Card) -> list[str]:
    """Say so where the file names another detector; cubes of all sizes are one, and so are states of a detector."""
    found = file.describe().detector
    if not found or not card.detector or found.split("-")[0] == card.detector.split("-")[0]:
        return []
    return [
        f"{file.path} is of the detector {found}, and {card.name} was trained on {card.detector}: its wires, pixels and charge "
        "differ, and predictions may mean nothing; `argoscope models` lists other models"
    ]


def _other_scale(file: EventFile, card: Card, gain: float, events: Iterable[Event]) -> list[str]:
    """Say so where the file's charge scale is not that of the training data (paper 2's 3-pixel peaks)."""
    expected, preparation = card.charge_scale, card.preparation
    if expected is None:
        return []
    least = preparation.least / preparation.charge_factor
    found = signal_scale(events, preparation.planes, least=least, gain=gain)
    if found is None:
        return []
    ratio = found.value / expected
    error = math.hypot(found.error / found.value, (card.charge_scale_error or 0.0) / expected)
    if abs(math.log(ratio)) <= math.log(SCALE_TOLERANCE) + SIGMAS * error:
        return []
    return [
        f"the signal peaks of {file.path} are {ratio:.2f} times (+- {ratio * error:.2f}) as high as in the training data of "
        f"{card.name}: if the detector's gain differs, --gain {gain / ratio:.2f} (+- {gain / ratio * error:.2f}) evens it; other "
        "kinds of particles shift them too, and need no other gain"
    ]


def _other_threshold(file: EventFile, card: Card, gain: float, looked: Sequence[Event]) -> list[str]:
    """Say so where the file lacks small charges that the network was trained on."""
    preparation = card.preparation
    if preparation.least <= 0:
        return []
    wanted = preparation.least / (gain * preparation.charge_factor)
    least: dict[int, float] = {}
    for event in looked:
        for image in event.images:
            if len(image) and (not preparation.planes or image.grid.projection in preparation.planes):
                found = float(image.charge.min())
                least[image.grid.projection] = min(found, least.get(image.grid.projection, found))
    cut = {plane: found for plane, found in sorted(least.items()) if found > THRESHOLD_TOLERANCE * wanted}
    if not cut:
        return []
    plane, found = next(iter(cut.items()))
    return [
        f"{file.path} has no charge below {found:.3g} on plane {plane}, and {card.name} was trained on all from {wanted:.3g} in "
        "the file's unit, its gain taken into account: predictions may be off; make the file with that threshold"
    ]


def _empty_planes(file: EventFile, card: Card, looked: Sequence[Event]) -> list[str]:
    """Say so where a plane that the network reads has no charge in any of the first events, and others have."""
    pixels: Counter[int] = Counter()
    for event in looked:
        for image in event.images:
            pixels[image.grid.projection] += len(image)
    planes = card.preparation.planes or tuple(pixels)
    empty = sorted(plane for plane in planes if not pixels[plane])
    if not empty or len(empty) == len(planes):
        return []
    listed = ", ".join(map(str, empty))
    return [
        f"{file.path} has no charge on plane {listed} in the first {len(looked)} events, and {card.name} was trained on "
        "planes with charge: predictions may be off"
    ]
