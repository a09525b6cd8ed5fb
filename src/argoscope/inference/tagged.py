"""Wire planes with true and predicted origins, as a file of cosmic-tagging predictions has them.

Charge, truth and prediction are three lists of pixels. Here they become one
image a plane, on every pixel that is in any of them: a label without charge
keeps its place, with charge 0. Planes are matched by their projection, in
whatever order a file has them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argoscope.analyses.interactions import Interaction, interaction_of
from argoscope.detectors import detector_named
from argoscope.detectors.presets import PRESETS
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, Image, LabelColumn, Record, Voxels
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.layouts import values_at
from argoscope.inference.products import require_scheme

__all__ = ["PLANES", "TaggedProducts", "interaction_in", "tagged_planes", "tagged_products"]

PLANES = 3
"""Wire planes of an event: paper 0's network reads three together, and its selection compares each pair."""


@dataclass(frozen=True)
class TaggedProducts:
    """Names of the products that are the charge, the predicted and (where asked for) the true origin.

    Parameters
    ----------
    charge, prediction : str
    origin : str or None
    """

    charge: str
    prediction: str
    origin: str | None

    @property
    def names(self) -> list[str]:
        """All of them."""
        return [self.charge, self.prediction, *([self.origin] if self.origin else [])]


def tagged_products(file: Larcv3File, *, truth: bool) -> TaggedProducts:
    """Find the products in a file.

    Parameters
    ----------
    file : Larcv3File
    truth : bool
        Whether the true origin is needed.

    Raises
    ------
    InvalidArgument
        If the file lacks one of them, or its labels are of another scheme than `COSMIC`.
    """
    roles = file.header.roles
    if "charge" not in roles:
        raise InvalidArgument(f"{file.path}: none of its products is known to be the charge")
    if "prediction" not in roles:
        raise InvalidArgument(
            f"{file.path} has no predictions: run `argoscope predict` with a model for cosmic tagging on it first"
        )
    if truth and "origin" not in roles:
        raise InvalidArgument(
            f"{file.path} has no true origin of its pixels: its predictions cannot be evaluated; "
            "`argoscope select cosmic-tagging` works without truth"
        )
    wanted = {"prediction": "predictions", **({"origin": "true origins"} if truth else {})}
    for role, what in wanted.items():
        scheme = file.header.schemes.get(roles[role])
        require_scheme(scheme, COSMIC, f"the {what} of {file.path} ({roles[role]})")
    return TaggedProducts(roles["charge"], roles["prediction"], roles["origin"] if truth else None)


def tagged_planes(record: Record, products: TaggedProducts) -> tuple[Image, ...]:
    """The planes of an event with their labels.

    Parameters
    ----------
    record : Record
        With these products.
    products : TaggedProducts

    Returns
    -------
    tuple of Image
        By rising projection, with the label "prediction" (unlabelled where there is none), and "origin" where the
        products have it.

    Raises
    ------
    InvalidArgument
        If there are not three planes, a product lacks one of them or has it in another size, or a label means
        nothing.
    """
    charge = _by_projection(record, products.charge)
    if len(charge) != PLANES:
        raise InvalidArgument(
            f"{record.id} has the planes {sorted(charge)} in {products.charge}: cosmic tagging is defined on {PLANES}"
        )
    said = _matching(record, products.prediction, charge)
    true = None if products.origin is None else _matching(record, products.origin, charge)
    return tuple(_plane(charge[p], said[p], None if true is None else true[p]) for p in sorted(charge))


def interaction_in(file: Larcv3File, record: Record) -> Interaction | None:
    """Which interaction an event is of, or None where the file has no table of the neutrino.

    Parameters
    ----------
    file : Larcv3File
    record : Record
        With the product of the role "neutrino".
    """
    table = record.products.get(file.header.roles.get("neutrino", ""))
    if not isinstance(table, np.ndarray):
        return None
    name = file.header.detector
    detector = detector_named(name) if name in PRESETS else None
    return interaction_of(table, energy_unit=file.header.energy_unit, detector=detector)


def _by_projection(record: Record, name: str) -> dict[int, Voxels]:
    """Planes of a product by their projection."""
    planes: dict[int, Voxels] = {}
    for plane in record[name]:
        if not isinstance(plane, Voxels):
            raise InvalidArgument(f"{record.id}: {name} must be sparse images of wire planes")
        if plane.grid.projection in planes:
            raise InvalidArgument(f"{record.id}: {name} has plane {plane.grid.projection} twice")
        planes[plane.grid.projection] = plane
    return planes


def _matching(record: Record, name: str, charge: dict[int, Voxels]) -> dict[int, Voxels]:
    """Planes of a product, which must be those of the charge."""
    planes = _by_projection(record, name)
    if set(planes) != set(charge):
        raise InvalidArgument(
            f"{record.id}: {name} has the planes {sorted(planes)} and the charge {sorted(charge)}: "
            "predict on all planes of the file"
        )
    for projection, plane in planes.items():
        if plane.grid.shape != charge[projection].grid.shape:
            raise InvalidArgument(
                f"{record.id}: plane {projection} of {name} is an image of {plane.grid.shape} pixels and its charge of "
                f"{charge[projection].grid.shape}: they must be of one image"
            )
    return planes


def _plane(charge: Voxels, said: Voxels, true: Voxels | None) -> Image:
    """One image on the pixels of all three."""
    deposits = Image.from_voxels(charge).voxels()
    lists = [deposits, said, *([true] if true is not None else [])]
    ids = np.unique(np.concatenate([voxels.ids for voxels in lists]))
    labels = {"prediction": LabelColumn(values_at(ids, said, COSMIC.unlabelled), COSMIC)}
    if true is not None:
        labels["origin"] = LabelColumn(values_at(ids, true, COSMIC.default), COSMIC)
    return Image(charge.grid, charge.grid.coordinates(ids), values_at(ids, deposits, 0), labels)
