"""The dead and weak wires of the detectors we know.

Dead wires give nothing. Weak wires are kept apart: the misconfigured U wires
of MicroBooNE have a known factor, the shorted ones lose a part of their
charge that differs from event to event.

Sources: MicroBooNE's and SBND's public channel maps and bad-channel lists
(ubcore, sbndcode, WireCell `cfg/experiment`). Channel numbers of SBND become
wires by subtracting the first channel of the plane (U 0, V 1984, Y 3968; the
western volume starts at 5632).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from argoscope.detectors.dead_wires import DeadWires
from argoscope.detectors.microboone import MICROBOONE
from argoscope.detectors.sbnd import SBND
from argoscope.errors import InvalidArgument

__all__ = ["DEAD_WIRE_MAPS", "WEAK_WIRES", "WeakWires", "dead_wires_of", "gain_factors"]


@dataclass(frozen=True, kw_only=True)
class WeakWires:
    """Wires that give less than their charge.

    Parameters
    ----------
    reason : str
        Why.
    plane : int
    runs : tuple of (int, int)
        First and last wire of each run, both included.
    least, most : float
        The factor on the charge lies between them; equal where it is known.

    Raises
    ------
    InvalidArgument
        If the factors are not in (0, 1] and in order.
    """

    reason: str
    plane: int
    runs: tuple[tuple[int, int], ...]
    least: float
    most: float

    def __post_init__(self) -> None:
        if not 0 < self.least <= self.most <= 1:
            raise InvalidArgument(
                f"least (={self.least}) and most (={self.most}) must lie in (0, 1], in this order"
            )

    @property
    def wires(self) -> np.ndarray:
        """Their numbers, shape (k,), int64, rising."""
        return np.concatenate([np.arange(first, last + 1) for first, last in self.runs])


def _microboone() -> DeadWires:
    return DeadWires.of(
        MICROBOONE,
        (
            (0, 446, 446),  # U wire; channel 446
            (2, 2336, 2399),  # Y wires; channels 7136-7199
            (2, 2401, 2414),  # Y wires; channels 7201-7214
            (2, 2416, 2463),  # Y wires; channels 7216-7263
        ),
    )


def _sbnd() -> DeadWires:
    return DeadWires.of(
        SBND,
        (
            (1, 1248, 1279, 0),  # V wires; channels 3232-3263, eastern volume
            (2, 192, 223, 0),  # Y wires; channels 4160-4191, eastern volume
            (2, 832, 837, 0),  # Y wires; channels 4800-4805, jumpered, eastern volume
            (2, 838, 843, 1),  # Y wires; channels 10438-10443, jumpered, western volume
        ),
    )


DEAD_WIRE_MAPS: dict[str, Callable[[], DeadWires]] = {"microboone": _microboone, "sbnd": _sbnd}
"""What makes the known map of each detector; the four missing Y wires of SBND have no published number here."""

WEAK_WIRES: dict[str, tuple[WeakWires, ...]] = {
    "microboone": (
        WeakWires(
            reason="misconfigured",
            plane=0,
            runs=((2016, 2095), (2192, 2303), (2352, 2399)),  # U wires; ubcore, low-gain electronics
            least=0.33,  # none; ratio of the gains
            most=0.33,  # none; ratio of the gains
        ),
        WeakWires(
            reason="shorted",
            plane=0,
            runs=((296, 671),),  # U wires; region where wires of two planes touch
            least=0.3,  # none; assumed range of the charge that is left
            most=0.7,  # none; assumed range of the charge that is left
        ),
    )
}
"""Wires with less than their charge, by detector."""


def dead_wires_of(detector_name: str) -> DeadWires | None:
    """The known dead wires of a detector; None where there is no map.

    Examples
    --------
    >>> int(dead_wires_of("microboone").plane(2)[0]), dead_wires_of("sbnd-2018")
    (2336, None)
    """
    make = DEAD_WIRE_MAPS.get(detector_name)
    return make() if make else None


def gain_factors(detector_name: str, plane: int, wires: np.ndarray) -> np.ndarray:
    """Known factor on the charge of each wire: 1, or less on misconfigured wires.

    Parameters
    ----------
    detector_name : str
    plane : int
    wires : ndarray, shape (n,), integer

    Returns
    -------
    ndarray, shape (n,), float64
        Wires whose factor is only known as a range (shorted ones) have 1.

    Examples
    --------
    >>> gain_factors("microboone", 0, np.array([2015, 2016, 300]))
    array([1.  , 0.33, 1.  ])
    """
    factors = np.ones(np.shape(wires))
    for weak in WEAK_WIRES.get(detector_name, ()):
        if weak.plane == plane and weak.least == weak.most:
            factors[np.isin(wires, weak.wires)] = weak.least
    return factors
