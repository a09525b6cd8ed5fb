"""The scale on which charge becomes a colour, and the words that state it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from argoscope.errors import InvalidArgument

__all__ = ["ChargeScale", "charge_scale_of"]

CLIP_PERCENTILE = 99.8
"""A few saturated pixels must not take the colours from all others."""
LOW_PERCENTILE = 1.0
"""Likewise at the lower end of a logarithmic scale."""
LOGARITHMIC_FROM = 10.0
"""Charges that span at least this factor are shown on a logarithmic scale."""


@dataclass(frozen=True)
class ChargeScale:
    """From charge to a fraction of the colour ramp.

    Parameters
    ----------
    kind : {"log", "linear"}
    low, high : float
        Charge at both ends, in `unit`; what lies beyond has the end's colour.
    unit : str
    clipped_low, clipped_high : bool
        Whether there is charge beyond the end.

    Raises
    ------
    InvalidArgument
        If the ends do not rise, or a logarithmic scale starts at or below zero.

    Examples
    --------
    >>> scale = ChargeScale("log", 1.0, 100.0, "ADC", False, True)
    >>> scale.fraction(np.array([1.0, 10.0, 1000.0])).tolist(), scale.words
    ([0.0, 0.5, 1.0], 'charge [ADC], logarithmic, clipped at 100')
    """

    kind: Literal["log", "linear"]
    low: float
    high: float
    unit: str
    clipped_low: bool = False
    clipped_high: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InvalidArgument(f"low (={self.low}) must be below high (={self.high})")
        if self.kind == "log" and self.low <= 0:
            raise InvalidArgument(f"low (={self.low}) of a logarithmic scale must be positive")

    @property
    def words(self) -> str:
        """What a colour bar says: quantity, unit, kind of scale, where it is clipped."""
        parts = [f"charge [{self.unit}]", "logarithmic" if self.kind == "log" else "linear"]
        ends = [
            f"{end:.3g}"
            for end, clipped in ((self.low, self.clipped_low), (self.high, self.clipped_high))
            if clipped
        ]
        return ", ".join(parts + ([f"clipped at {' and '.join(ends)}"] if ends else []))

    def fraction(self, charge: np.ndarray) -> np.ndarray:
        """Place on the colour ramp, 0 to 1.

        Parameters
        ----------
        charge : ndarray, shape (n,)
            In `unit`.

        Returns
        -------
        ndarray, shape (n,), float64
        """
        charge = np.clip(np.asarray(charge, dtype=np.float64), self.low, self.high)
        if self.kind == "log":
            return np.asarray(np.log(charge / self.low) / np.log(self.high / self.low))
        return np.asarray((charge - self.low) / (self.high - self.low))


def charge_scale_of(charges: Iterable[np.ndarray], unit: str) -> ChargeScale:
    """One scale for all panels of a scene, so that their colours compare.

    Parameters
    ----------
    charges : iterable of ndarray
        Charge of each panel, in `unit`.
    unit : str

    Returns
    -------
    ChargeScale
        Logarithmic where all charge is positive and spans a factor of 10;
        0 to 1 where there is none.

    Examples
    --------
    >>> charge_scale_of([np.array([5.0, 500.0])], "ADC").kind
    'log'
    """
    charge = np.concatenate([np.empty(0), *charges]).astype(np.float64)
    if not len(charge):
        return ChargeScale("linear", 0.0, 1.0, unit)
    least, most = float(charge.min()), float(charge.max())
    high = float(np.percentile(charge, CLIP_PERCENTILE)) if len(charge) > 1000 else most
    if least > 0 and high / least >= LOGARITHMIC_FROM:
        # A few tiny deposits would stretch a logarithmic scale over decades that hold nothing.
        low = min(float(np.percentile(charge, LOW_PERCENTILE)), high / LOGARITHMIC_FROM)
        return ChargeScale("log", low, high, unit, least < low, most > high)
    low = min(0.0, float(np.percentile(charge, 100 - CLIP_PERCENTILE)) if len(charge) > 1000 else least)
    high = high if high > low else low + 1.0
    return ChargeScale("linear", low, high, unit, least < low, most > high)
