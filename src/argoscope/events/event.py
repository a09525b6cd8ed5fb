"""The event: planes or a volume with charge and labels, its particles, its number.

`Event` is what analyses, networks and displays work on. `Record` is what a
file holds, product by product; `argoscope.files.layouts` turns one into the
other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from argoscope.errors import InvalidArgument, named
from argoscope.events._frozen import equal_fields, read_only, refreeze
from argoscope.events.image import Image
from argoscope.events.particles import empty_particles, require_particles
from argoscope.events.products import Product

__all__ = ["Event", "EventId", "Record"]


class EventId(NamedTuple):
    """Run, subrun and event number; -1 where the file does not say."""

    run: int = -1
    subrun: int = -1
    event: int = -1

    def __str__(self) -> str:
        return f"run {self.run} subrun {self.subrun} event {self.event}"


@dataclass(frozen=True, eq=False)
class Event:
    """One event: three wire planes, or one volume.

    Parameters
    ----------
    id : EventId
        Run, subrun, event.
    images : tuple of Image
        One an anode plane, in the order in which the file has them; or one volume.
    particles : ndarray, shape (p,), `PARTICLE_DTYPE`
        True particles; empty where there is no truth.
    detector : str
        Name of the detector, "" where the file does not say.
    charge_unit : str
        What `Image.charge` is in: "ADC", "PIU", "MeV", "electrons".
    energy_unit : {"MeV", "GeV"}
        Unit of the particle table, as its file has it.

    Raises
    ------
    InvalidArgument
        If there is no image, or planes and volumes are mixed.
    """

    id: EventId
    images: tuple[Image, ...]
    particles: np.ndarray = field(default_factory=empty_particles)
    detector: str = ""
    charge_unit: str = "ADC"
    energy_unit: str = "MeV"

    def __post_init__(self) -> None:
        images = tuple(self.images)
        axes = {image.grid.dimensions for image in images}
        if axes not in ({2}, {3}):
            raise InvalidArgument(
                f"images ({len(images)} of them, with {sorted(axes)} axes) must be one or more, all planes (2 axes) or "
                "all volumes (3 axes)"
            )
        if self.energy_unit not in {"MeV", "GeV"}:
            raise InvalidArgument(f"energy_unit (={self.energy_unit!r}) must be 'MeV' or 'GeV'")
        object.__setattr__(self, "id", EventId(*map(int, self.id)))
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "particles", read_only(require_particles(self.particles)))

    __eq__ = equal_fields
    __setstate__ = refreeze
    __hash__ = None  # type: ignore[assignment]

    @property
    def dimensions(self) -> int:
        """2 for wire planes, 3 for a volume."""
        return self.images[0].grid.dimensions

    @property
    def pixels(self) -> int:
        """Number of charged pixels on all planes together."""
        return sum(map(len, self.images))

    def image(self, projection: int) -> Image:
        """The image of one plane, by its projection number.

        Raises
        ------
        InvalidArgument
            If the event has no such plane.
        """
        for image in self.images:
            if image.grid.projection == projection:
                return image
        raise InvalidArgument(
            f"projection (={projection}) must be one of {[i.grid.projection for i in self.images]}"
        )


@dataclass(frozen=True, eq=False)
class Record:
    """Everything a file holds of one event, product by product.

    Parameters
    ----------
    id : EventId
        Run, subrun, event.
    products : mapping of str to tuple of Product, or ndarray
        By larcv's name, ``"{kind}_{producer}"``: one value a projection for
        sparse2d, sparse3d, cluster2d, cluster3d, image2d, bbox2d, bbox3d and
        the tensors; the particle table for particle.

    Examples
    --------
    >>> record = Record(EventId(1, 0, 7), {"particle_mcst": empty_particles(2)})
    >>> len(record["particle_mcst"])
    2
    """

    id: EventId
    products: Mapping[str, tuple[Product, ...] | np.ndarray]

    def __post_init__(self) -> None:
        frozen = {
            name: read_only(require_particles(value)) if isinstance(value, np.ndarray) else tuple(value)
            for name, value in self.products.items()
        }
        object.__setattr__(self, "id", EventId(*map(int, self.id)))
        object.__setattr__(self, "products", MappingProxyType(frozen))

    def __getitem__(self, name: str) -> tuple[Product, ...] | np.ndarray:
        return named(name, self.products, "this event has no product")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Record):
            return NotImplemented
        return (
            self.id == other.id
            and set(self.products) == set(other.products)
            and all(_same(value, other.products[name]) for name, value in self.products.items())
        )

    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "products": dict(self.products)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Through the constructor, which freezes the particle tables again.
        self.__init__(**state)  # type: ignore[misc]


def _same(a: tuple[Product, ...] | np.ndarray, b: tuple[Product, ...] | np.ndarray) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and bool(np.array_equal(a, b))
    return a == b
