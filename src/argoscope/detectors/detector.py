"""A detector: drift volumes, wire planes, readout and the format of its images.

The value only holds and checks what a detector is; `argoscope.detectors.geometry`
maps positions to pixels with it. Volumes stand above one another in the image
(see `ImageFormat`); the wires of all volumes share the columns, grouped by
orientation, so a plane of wires is the same in every volume.

Left out: detectors whose volumes have different wires, or stand side by side along y or z.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from argoscope.detectors.planes import WirePlane
from argoscope.detectors.readout import Drift, ImageFormat, Readout
from argoscope.detectors.volumes import DriftVolume
from argoscope.errors import InvalidArgument
from argoscope.events.grid import Grid

__all__ = ["Detector"]


@dataclass(frozen=True, kw_only=True)
class Detector:
    """A wire chamber with its readout and image format.

    Parameters
    ----------
    name : str
    volumes : tuple of DriftVolume
        In the order in which they stand in the image, as a rule that of x.
    planes : tuple of WirePlane
        Plane p is projection p of every image.
    drift : Drift
    readout : Readout
    image : ImageFormat

    Raises
    ------
    InvalidArgument
        If there is no volume or plane, volumes overlap, or the parts disagree on the number of planes or columns.

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> microboone = detector_named("microboone")
    >>> microboone.grid(2).shape, microboone.window_us, round(microboone.max_drift_us)
    ((3456, 1008), 3024.0, 2326)
    """

    name: str
    volumes: tuple[DriftVolume, ...]
    planes: tuple[WirePlane, ...]
    drift: Drift
    readout: Readout
    image: ImageFormat

    def __post_init__(self) -> None:
        if not self.volumes:
            raise InvalidArgument("volumes is empty: a detector needs at least one drift volume")
        if not self.planes:
            raise InvalidArgument("planes is empty: a detector needs at least one wire plane")
        for volume in self.volumes:
            if len(volume.plane_x_cm) != len(self.planes):
                raise InvalidArgument(
                    f"plane_x_cm of volume {volume.name!r} (={volume.plane_x_cm}) must have one number "
                    f"for each of the {len(self.planes)} planes"
                )
        for one, other in combinations(self.volumes, 2):
            if _overlap(one, other):
                raise InvalidArgument(
                    f"volumes {one.name!r} and {other.name!r} overlap; each point may belong to one only"
                )
        self._require_columns()

    def _require_columns(self) -> None:
        if len(self.image.first_columns) != len(self.planes):
            raise InvalidArgument(
                f"image.first_columns (={self.image.first_columns}) must have one number "
                f"for each of the {len(self.planes)} planes"
            )
        for plane in self.image.planes:
            last = self.image.first_columns[plane] + self.planes[plane].wires
            if last > self.image.width:
                raise InvalidArgument(
                    f"image.width (={self.image.width}) must hold the {self.planes[plane].wires} wires of plane {plane} "
                    f"from column {self.image.first_columns[plane]}: at least {last}"
                )

    @property
    def row_us(self) -> float:
        """Time covered by a row, in µs."""
        return self.image.ticks_per_row * self.readout.tick_us

    @property
    def row_cm(self) -> float:
        """Drift distance covered by a row, in cm."""
        return self.row_us * self.drift.velocity_cm_us

    @property
    def window_us(self) -> float:
        """Time covered by the rows of one drift volume, in µs."""
        return self.image.rows * self.row_us

    @property
    def max_drift_us(self) -> float:
        """Time of the longest drift, from a cathode to the last plane, in µs."""
        return max(v.drift_length_cm for v in self.volumes) / self.drift.velocity_cm_us

    def with_image(self, image: ImageFormat) -> Detector:
        """The same detector with its images in another format."""
        return replace(self, image=image)

    def with_drift_velocity(self, velocity_cm_us: float) -> Detector:
        """The same detector with another drift velocity, in cm/µs."""
        return replace(self, drift=replace(self.drift, velocity_cm_us=velocity_cm_us))

    def plane(self, projection: int) -> WirePlane:
        """The wires of one projection.

        Raises
        ------
        InvalidArgument
            If there is no such plane.
        """
        if not 0 <= projection < len(self.planes):
            raise InvalidArgument(
                f"projection (={projection}) must be one of the planes 0 to {len(self.planes) - 1} of {self.name!r}"
            )
        return self.planes[projection]

    def grid(self, projection: int) -> Grid:
        """Grid of the images of one plane.

        Raises
        ------
        InvalidArgument
            If the plane has no image in this format.
        """
        plane = self.plane(projection)
        if projection not in self.image.planes:
            raise InvalidArgument(
                f"projection (={projection}) has no image in the format {self.image.name!r}, "
                f"which shows the planes {self.image.planes}"
            )
        shape = (self.image.width, self.image.height(len(self.volumes)))
        if self.image.unit == "unknown":
            return Grid(shape, projection=projection)
        column, row, start = 1.0, float(self.image.ticks_per_row), self.image.first_tick
        if self.image.unit == "cm":
            column, row = plane.pitch_cm, self.row_cm
            start = (start - self.readout.trigger_tick) * self.readout.tick_us * self.drift.velocity_cm_us
        return Grid(
            shape,
            size=(shape[0] * column, shape[1] * row),
            origin=(-self.image.first_columns[projection] * column, start),
            projection=projection,
            unit=self.image.unit,
        )


def _overlap(one: DriftVolume, other: DriftVolume) -> bool:
    """Whether two boxes share more than a surface."""
    lows = np.maximum(one.low_cm, other.low_cm)
    highs = np.minimum(one.high_cm, other.high_cm)
    return bool((lows < highs).all())
