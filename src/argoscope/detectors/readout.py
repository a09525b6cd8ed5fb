"""How electrons drift and how their signals become rows of an image.

The three small values here are what a detector's time axis is made of:

    tick = trigger_tick + (t0 + d / v + delay) / tick_us
    row  = floor((tick - first_tick) / ticks_per_row)

with d the drift distance, v the drift velocity and t0 the time of the deposit
after the trigger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from argoscope.detectors.planes import require_finite
from argoscope.errors import InvalidArgument

__all__ = ["Drift", "ImageFormat", "Readout"]


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Properties of the argon that electrons cross on their way.

    Raises
    ------
    InvalidArgument
        If a number is not finite, negative, or (but for diffusion) zero.
    """

    velocity_cm_us: float
    """Drift velocity, in cm/µs."""
    field_kv_cm: float
    """Electric field, in kV/cm."""
    temperature_k: float
    """Temperature of the argon, in K."""
    lifetime_us: float
    """Mean time until an electron is caught by an impurity, in µs."""
    longitudinal_cm2_s: float
    """Diffusion along the drift, in cm²/s."""
    transverse_cm2_s: float
    """Diffusion across the drift, in cm²/s."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            require_finite(**{name: value})
            if value < 0:
                raise InvalidArgument(f"{name} (={value}) must not be negative")
            if value == 0 and not name.endswith("cm2_s"):  # an ideal detector has no diffusion
                raise InvalidArgument(f"{name} (={value}) must be positive")


@dataclass(frozen=True, kw_only=True)
class Readout:
    """How signals are sampled.

    Raises
    ------
    InvalidArgument
        If a number is not finite, or a duration or count not positive.
    """

    tick_us: float
    """Length of a tick, in µs."""
    ticks: int
    """Ticks of one event."""
    trigger_tick: float = 0.0
    """Tick at which an undrifted charge of time 0 arrives."""
    adc_per_electron: float | None = None
    """Gain, in ADC counts per electron at the peak; None where no one number is published."""

    def __post_init__(self) -> None:
        require_finite(tick_us=self.tick_us, trigger_tick=self.trigger_tick)
        if self.tick_us <= 0:
            raise InvalidArgument(f"tick_us (={self.tick_us}) must be positive")
        if self.ticks < 1:
            raise InvalidArgument(f"ticks (={self.ticks}) must be at least 1")
        if self.adc_per_electron is not None:
            require_finite(adc_per_electron=self.adc_per_electron)
            if self.adc_per_electron <= 0:
                raise InvalidArgument(f"adc_per_electron (={self.adc_per_electron}) must be positive")


@dataclass(frozen=True, kw_only=True)
class ImageFormat:
    """How wires and ticks are put into the columns and rows of an image.

    Drift volumes share the rows: volume i has the rows from ``i * rows`` to
    ``(i + 1) * rows``, counted upwards where electrons drift towards smaller
    x and downwards where they drift towards larger x, so that rows run with x
    and two volumes meet at their cathode.

    Raises
    ------
    InvalidArgument
        If a side is not positive, a column negative, or a plane is listed twice.

    Examples
    --------
    >>> paper1 = ImageFormat(name="paper1", width=3456, rows=1008, ticks_per_row=6, first_tick=2400.0,
    ...                      first_columns=(0, 0, 0), planes=(2,))
    >>> paper1.height(volumes=1)
    1008
    """

    name: str
    """Name of the format."""
    width: int
    """Columns."""
    rows: int
    """Rows of each drift volume."""
    ticks_per_row: int
    """Ticks summed into a row."""
    first_columns: tuple[int, ...]
    """Column of wire 0 of each plane of the detector."""
    first_tick: float = 0.0
    """Tick at which the first row starts."""
    planes: tuple[int, ...] = (0, 1, 2)
    """Planes that have an image."""
    threshold: float = 0.0
    """Smallest charge kept in such images, in the image's own unit."""
    unit: Literal["unknown", "cm", "wire-time"] = "unknown"
    """Unit of the grid: pixels, cm, or wires and ticks."""

    def __post_init__(self) -> None:
        require_finite(first_tick=self.first_tick, threshold=self.threshold)
        for name in ("width", "rows", "ticks_per_row"):
            if getattr(self, name) < 1:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be at least 1")
        if any(column < 0 for column in self.first_columns):
            raise InvalidArgument(f"first_columns (={self.first_columns}) must not be negative")
        if not self.planes or len(set(self.planes)) < len(self.planes):
            raise InvalidArgument(f"planes (={self.planes}) must list at least one plane, each once")
        if any(not 0 <= plane < len(self.first_columns) for plane in self.planes):
            raise InvalidArgument(
                f"planes (={self.planes}) must be numbers below {len(self.first_columns)}, the length of first_columns"
            )
        if self.unit not in {"unknown", "cm", "wire-time"}:
            raise InvalidArgument(f"unit (={self.unit!r}) must be 'unknown', 'cm' or 'wire-time'")

    def height(self, volumes: int) -> int:
        """Rows of the whole image of a detector with so many drift volumes."""
        return self.rows * volumes
