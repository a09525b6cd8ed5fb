"""The time that an image covers, and the time before it from which charge still drifts in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from argoscope.detectors.detector import Detector
from argoscope.errors import InvalidArgument

__all__ = ["Window", "window_of"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """Times at which a particle may cross the detector and leave charge in the image.

    Raises
    ------
    InvalidArgument
        If a number is not finite, or a duration not positive.
    """

    start_us: float
    """Start of the image, in µs after the trigger."""
    image_us: float
    """Length of the image, in µs."""
    drift_us: float
    """Longest drift, in µs."""

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in vars(self).values()):
            raise InvalidArgument(f"the window {vars(self)} must have finite times in µs")
        if self.image_us <= 0 or self.drift_us < 0:
            raise InvalidArgument(
                f"image_us (={self.image_us}) must be positive and drift_us (={self.drift_us}) not negative"
            )

    @property
    def first_us(self) -> float:
        """Earliest time of a particle that can be seen, in µs."""
        return self.start_us - self.drift_us

    @property
    def length_us(self) -> float:
        """Time over which particles can be seen, in µs."""
        return self.image_us + self.drift_us


def window_of(detector: Detector) -> Window:
    """Window of a detector's images.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> window = window_of(detector_named("microboone"))
    >>> window.start_us, window.image_us, round(window.drift_us)
    (-400.0, 3024.0, 2326)
    """
    start = (detector.image.first_tick - detector.readout.trigger_tick) * detector.readout.tick_us
    return Window(start_us=start, image_us=detector.window_us, drift_us=detector.max_drift_us)
