"""Which wires are dead, weak or shorted in an event.

Known dead wires come from the detector's map or the user's file; random ones
fill each plane up to a fraction, in groups as electronics fail in groups.
Groups are drawn one after the other, so a larger fraction keeps the dead wires
of a smaller one and adds to them. Misconfigured wires have a known factor;
shorted regions lose a part of their charge that is drawn anew, and are slower.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from argoscope.detectors import DeadWires, Detector, dead_wires_of, gain_factors
from argoscope.detectors.dead_wire_maps import WEAK_WIRES
from argoscope.simulation.noisy_planes import Signal
from argoscope.simulation.response_settings import ResponseSettings

__all__ = ["SHORTED_WIDENING", "Channels", "draw_channels", "silenced", "weakened", "with_dead_groups"]

GROUP_SHARES = (0.4, 0.3, 0.3)  # none [E]: groups of one wire, of a chip, of a wide block
CHIP_WIRES = 16  # wires of a front-end chip
WIDE_WIRES = (32, 48)  # wires [E]: smallest and largest wide block
SHORTED_WIDENING = 1.5  # none [E]: factor on the time width of shorted wires


class Channels(NamedTuple):
    """State of every wire; for each plane an array of shape (volumes, wires)."""

    dead: tuple[np.ndarray, ...]
    """Which wires give nothing, bool."""
    gain: tuple[np.ndarray, ...]
    """Factor on the charge, float64; 1 for good wires."""
    shorted: tuple[np.ndarray, ...]
    """Which wires are shorted, bool."""

    def dead_wires(self) -> DeadWires:
        """The dead wires as a map that can be stored and joined."""
        volumes = range(len(self.dead[0]))
        return DeadWires(
            tuple(tuple(tuple(np.flatnonzero(dead[v]).tolist()) for dead in self.dead) for v in volumes)
        )


def draw_channels(
    detector: Detector, settings: ResponseSettings, rng: np.random.Generator, known: DeadWires | None = None
) -> Channels:
    """Draw the state of the wires.

    Parameters
    ----------
    detector : Detector
    settings : ResponseSettings
        `dead_map`, `dead_fraction` and `weak_wires`.
    rng : numpy.random.Generator
        The dead-wire stream of the event, or of a run period that shares its dead wires.
    known : DeadWires, optional
        Takes the place of the detector's own map.

    Returns
    -------
    Channels

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> from argoscope.simulation.response_presets import settings_for
    >>> microboone = detector_named("microboone")
    >>> drawn = draw_channels(microboone, settings_for(microboone), np.random.default_rng(1))
    >>> int(drawn.dead[2].sum()), float(drawn.gain[0][0, 2016])
    (346, 0.33)
    """
    known = known or (dead_wires_of(detector.name) if settings.dead_map else None)
    dead, gain, shorted = [], [], []
    for plane, (wires, stream) in enumerate(
        zip(detector.planes, rng.spawn(len(detector.planes)), strict=True)
    ):
        shape = (len(detector.volumes), wires.wires)
        dead.append(np.zeros(shape, dtype=bool))
        gain.append(np.ones(shape))
        shorted.append(np.zeros(shape, dtype=bool))
        for volume, (for_groups, for_factors) in enumerate(s.spawn(2) for s in stream.spawn(shape[0])):
            if known is not None:
                dead[plane][volume, known.plane(plane, volume)] = True
            dead[plane][volume] = with_dead_groups(dead[plane][volume], settings.dead_fraction, for_groups)
            if settings.weak_wires:
                _weaken(detector.name, plane, gain[plane][volume], shorted[plane][volume], for_factors)
    return Channels(tuple(dead), tuple(gain), tuple(shorted))


def with_dead_groups(dead: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    """Kill random groups of wires, as electronics fail, until a fraction is dead; the last group is cut.

    Parameters
    ----------
    dead : ndarray, shape (wires,), bool
        Wires that are dead before; they count.
    fraction : float
        Share of the wires that is dead in the end, from 0 to 1; more stay dead where more were before.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (wires,), bool

    Examples
    --------
    >>> int(with_dead_groups(np.zeros(200, dtype=bool), 0.1, np.random.default_rng(1)).sum())
    20
    """
    dead, target = dead.copy(), round(fraction * len(dead))
    while dead.sum() < target:
        kind = rng.choice(3, p=GROUP_SHARES)
        size = (1, CHIP_WIRES, int(rng.integers(WIDE_WIRES[0], WIDE_WIRES[1] + 1)))[kind]
        first = int(rng.integers(0, len(dead)))
        group = np.arange(first, min(first + size, len(dead)))
        dead[group[~dead[group]][: target - int(dead.sum())]] = True
    return dead


def _weaken(name: str, plane: int, gain: np.ndarray, shorted: np.ndarray, rng: np.random.Generator) -> None:
    """Factors of misconfigured wires, and one drawn factor for each shorted region."""
    gain *= gain_factors(name, plane, np.arange(len(gain)))
    for weak in WEAK_WIRES.get(name, ()):
        factor = rng.uniform(weak.least, weak.most)
        if weak.plane == plane and weak.least < weak.most:
            gain[weak.wires] = factor
            shorted[weak.wires] = True


def weakened(
    ids: np.ndarray, charge: np.ndarray, detector: Detector, plane: int, channels: Channels
) -> np.ndarray:
    """Charge of pixels times the factor of their wire.

    Parameters
    ----------
    ids : ndarray, shape (n,), int64
        Pixel numbers.
    charge : ndarray, shape (n,)
    detector : Detector
    plane : int
    channels : Channels

    Returns
    -------
    ndarray, shape (n,)
    """
    gain = channels.gain[plane]
    if (gain == 1.0).all():
        return charge
    return np.asarray(charge * gain[_wire_of(ids, detector, plane)])


def silenced(signal: Signal, detector: Detector, plane: int, channels: Channels) -> Signal:
    """The signal without the pixels of dead wires."""
    dead = channels.dead[plane]
    if not dead.any():
        return signal
    alive = ~dead[_wire_of(signal.ids, detector, plane)]
    return Signal(signal.ids[alive], signal.charge[alive])


def _wire_of(ids: np.ndarray, detector: Detector, plane: int) -> tuple[np.ndarray, np.ndarray]:
    """Drift volume and wire of pixels."""
    column, row = np.divmod(ids, detector.image.height(len(detector.volumes)))
    return row // detector.image.rows, column - detector.image.first_columns[plane]
