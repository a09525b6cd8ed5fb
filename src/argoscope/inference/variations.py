"""Events varied as a detector might vary them: their images, or the simulation of the same particles.

Of images, on any file:

==========  =====================================================================
gain        charge times the value (paper 2, figures 10 and 17)
noise       a normal number of this deviation added to each charged pixel, in the
            unit of charge; pixels left without charge are lost
threshold   pixels with less charge are lost
dead_wires  this share of the wires of each plane is dead, in the groups in which
            the simulation has them; never of a volume
==========  =====================================================================

Noise and dead wires of an event are drawn from its own stream, the same for
every value: the points of a curve differ in the value alone. Noise on pixels
without charge is for a varied simulation.

Of the simulation, on a preset: every setting that ``simulate --vary`` knows,
with the particles of the central events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument, require_known
from argoscope.events import Event, Image, map_images, threshold
from argoscope.events.transforms import mask_dead_wires, rescale
from argoscope.simulation.dead_channels import with_dead_groups

__all__ = ["IMAGE_VARIATIONS", "Curve", "parsed_curve", "varied_images"]

LEAST_CHARGE = 1e-9
"""Pixels with less after noise are without charge."""


@dataclass(frozen=True)
class Curve:
    """A variation, and the values it is given.

    Parameters
    ----------
    name : str
        Of an image variation, or a setting of the simulation.
    values : tuple of str
        As texts.
    """

    name: str
    values: tuple[str, ...]


def parsed_curve(text: str) -> Curve:
    """A curve from NAME=VALUE,VALUE,...; values that have commas themselves are parted by slashes.

    Raises
    ------
    InvalidArgument
        If the text has another form.

    Examples
    --------
    >>> parsed_curve("gain=0.75,1.25").values, parsed_curve("shift_wires=1,0,0/0,1,0").values
    (('0.75', '1.25'), ('1,0,0', '0,1,0'))
    """
    name, equals, rest = text.partition("=")
    values = tuple(value.strip() for value in rest.split("/" if "/" in rest else ","))
    if not (name.strip() and equals and all(values)):
        raise InvalidArgument(
            f"curve (={text!r}) must have the form NAME=VALUE,VALUE,..., such as gain=0.9,1,1.1"
        )
    return Curve(name.strip(), values)


def _gain(image: Image, value: float, _rng: np.random.Generator) -> Image:
    return rescale(image, value)


def _noise(image: Image, value: float, rng: np.random.Generator) -> Image:
    charge = image.charge + value * rng.standard_normal(len(image))
    kept = charge > LEAST_CHARGE
    left = image.take(kept)
    return rescale(left, charge[kept] / left.charge) if len(left) else left


def _threshold(image: Image, value: float, _rng: np.random.Generator) -> Image:
    return threshold(image, value)


def _dead_wires(image: Image, value: float, rng: np.random.Generator) -> Image:
    if not 0 <= value < 1:
        raise InvalidArgument(f"dead_wires (={value}) must be a share from 0 to below 1")
    dead = with_dead_groups(np.zeros(image.grid.shape[0], dtype=bool), value, rng)
    return mask_dead_wires(image, np.flatnonzero(dead))


IMAGE_VARIATIONS: Mapping[str, Callable[[Image, float, np.random.Generator], Image]] = {
    "gain": _gain,
    "noise": _noise,
    "threshold": _threshold,
    "dead_wires": _dead_wires,
}
"""By name."""


def varied_images(event: Event, name: str, value: str, stream: Sequence[int]) -> Event:
    """The event with its images varied; labels and truth follow the pixels.

    Parameters
    ----------
    event : Event
    name : str
        One of `IMAGE_VARIATIONS`.
    value : str
    stream : sequence of int
        Of the random numbers of this event.

    Raises
    ------
    InvalidArgument
        If there is no such variation, or the value is none for it.

    Examples
    --------
    >>> from argoscope.drawn import drawn_event
    >>> event = drawn_event(0)
    >>> doubled = varied_images(event, "gain", "2", (0,))
    >>> float(doubled.images[0].charge.sum() / event.images[0].charge.sum())
    2.0
    """
    require_known(name, IMAGE_VARIATIONS, "there is no variation of images")
    try:
        number = float(value)
    except ValueError:
        raise InvalidArgument(f"{name} (={value!r}) must be a number") from None
    if not (np.isfinite(number) and number >= 0):
        raise InvalidArgument(f"{name} (={value}) must be finite and not negative")
    rng = np.random.default_rng(tuple(stream))
    return map_images(event, lambda image: IMAGE_VARIATIONS[name](image, number, rng))
