"""Axes: from pixel numbers to what a physicist reads, with its unit."""

from __future__ import annotations

from dataclasses import dataclass

from argoscope.events import Grid

__all__ = ["Axis", "axes_of"]


@dataclass(frozen=True)
class Axis:
    """One axis of a panel.

    Parameters
    ----------
    name : str
        What is measured.
    unit : str
        "" for plain numbers, as of wires.
    low : float
        Value at the low side of pixel 0.
    pitch : float
        Length of a pixel.
    count : int
        Number of pixels.
    centred : bool
        Whether the position of a pixel is its middle (lengths), or its low side (numbers of wires and ticks).

    Examples
    --------
    >>> axis = Axis("drift time", "tick", 2400.0, 6.0, 1008)
    >>> axis.high, axis.value(2), axis.label
    (8448.0, 2412.0, 'drift time [tick]')
    """

    name: str
    unit: str
    low: float
    pitch: float
    count: int
    centred: bool = False

    @property
    def high(self) -> float:
        """Value at the high side of the last pixel."""
        return self.low + self.pitch * self.count

    @property
    def label(self) -> str:
        """Name with unit."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    def value(self, index: int) -> float:
        """Value that stands for a pixel."""
        return self.low + self.pitch * (index + (0.5 if self.centred else 0.0))


_PLANE = {
    "unknown": (("wire number", ""), ("drift tick", "")),
    "wire-time": (("wire number", ""), ("drift time", "tick")),
    "cm": (("distance across the wires", "cm"), ("drift distance", "cm")),
}
_VOLUME = ("x, drift", "y, up", "z, beam")


def axes_of(grid: Grid) -> tuple[Axis, ...]:
    """The axes of a plane or a volume.

    Examples
    --------
    >>> [axis.label for axis in axes_of(Grid((2048, 1280)))]
    ['wire number', 'drift tick']
    >>> [axis.label for axis in axes_of(Grid((9, 9, 9), unit="cm"))]
    ['x, drift [cm]', 'y, up [cm]', 'z, beam [cm]']
    """
    if grid.dimensions == 2:
        names = _PLANE[grid.unit]
    else:
        names = tuple((name, "cm" if grid.unit == "cm" else "voxel") for name in _VOLUME)  # type: ignore[assignment]
    return tuple(
        Axis(name, unit, low, pitch, count, centred=grid.unit == "cm")
        for (name, unit), low, pitch, count in zip(names, grid.origin, grid.pitch, grid.shape, strict=True)
    )
