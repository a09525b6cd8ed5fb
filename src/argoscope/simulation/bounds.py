"""Limits of the settings that users change: outside of them a number is a slip, or no event would ever end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.simulation.recombination import Model, survival

__all__ = ["Limits", "require_share", "require_within"]

HIGHEST_DEDX = 100.0  # MeV/cm: beyond it the surviving share only falls


class Limits(NamedTuple):
    """Where a number must lie, both ends included unless said."""

    low: float
    high: float
    above: bool = False
    """Whether `low`, which is 0, is left out."""

    @property
    def rule(self) -> str:
        """What a number must do."""
        return f"be {self.words}" if self.above else f"lie {self.words}"

    @property
    def words(self) -> str:
        """The limits in words."""
        if self.above:
            return f"positive and at most {self.high:g}"
        return f"between {self.low:g} and {self.high:g}"

    def hold(self, value: float) -> bool:
        """Whether a number lies within; one that is not a number does not."""
        return (self.low < value if self.above else self.low <= value) and value <= self.high


def require_within(settings: object, limits: Mapping[str, Limits]) -> None:
    """Refuse settings of which a number, also one in a tuple, lies outside its limits.

    Raises
    ------
    InvalidArgument
        Naming the first setting, its value and its limits.
    """
    for name, limit in limits.items():
        value = getattr(settings, name)
        if not all(map(limit.hold, _numbers(value))):
            raise InvalidArgument(f"{name} (={value}) must {limit.rule}")


def require_share(scale: float, model: Model, field_kv_cm: float, lowest_dedx: float) -> None:
    """Refuse a scale of recombination with which more electrons would survive than were freed.

    Raises
    ------
    InvalidArgument
    """
    dedx = np.geomspace(max(lowest_dedx, 0.1), HIGHEST_DEDX, 300)
    most = 1.0 / max(float(survival(dedx, field_kv_cm, cosine, model).max()) for cosine in (0.0, 1.0))
    if scale > most:
        raise InvalidArgument(
            f"recombination_scale (={scale}) must be at most {most:.3f} with {model!r} at {field_kv_cm} kV/cm: "
            "more electrons would survive than were freed"
        )


def _numbers(value: Any) -> Iterator[float]:
    """The numbers of a value, of nested tuples too."""
    if isinstance(value, tuple):
        for item in value:
            yield from _numbers(item)
    else:
        yield value
