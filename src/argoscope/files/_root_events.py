"""From larcv's products to an event: which product is the charge, which are labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from argoscope.errors import InvalidArgument, nearest_hint
from argoscope.events import FIVE_CLASS, SHAPE, TRACK_SHOWER, DenseImage, Image, LabelColumn, Product, Voxels
from argoscope.events.labels import LabelScheme

__all__ = ["LABELS", "charge_unit", "find_charge", "images_of", "label_products", "particle_product"]

LABELS: dict[str, LabelScheme] = {
    "sparse3d_fivetypes": FIVE_CLASS,
    "sparse3d_fivetypes_relabelled": FIVE_CLASS,
    "sparse2d_fivetypes": FIVE_CLASS,
    "sparse2d_label": FIVE_CLASS,
    "sparse3d_pcluster_semantics": SHAPE,
    "image2d_segment": TRACK_SHOWER,
}
"""Products that are semantic labels, with their schemes.

fivetypes           arXiv:1903.05663 and 2006.01993
sparse2d_label      arXiv:2012.08513
pcluster_semantics  larcv `ShapeType`
image2d_segment     the public 2D sets of 2018, as in arXiv:1808.07269
"""

CHARGES = (
    "sparse3d_pcluster", "sparse3d_data", "sparse3d_mcst", "sparse2d_wire", "sparse2d_data", "image2d_wire",
    "image2d_data", "image2d_adc", "image2d_tpc",
)  # fmt: skip
"""Products that are the charge where a file has several images, the first that is there."""
PARTICLES = ("particle_mcst", "particle_corrected", "particle_pcluster", "particle_mctruth")
"""Likewise for particles."""
IMAGES = {"sparse3d", "sparse2d", "image2d"}


def find_charge(kinds: Mapping[str, str], wanted: str | None, labels: Mapping[str, LabelScheme]) -> str:
    """The product that is the charge of an event.

    Raises
    ------
    InvalidArgument
        If there is none, the wanted one is no image, or several may be and none was named.
    """
    images = [name for name, kind in kinds.items() if kind in IMAGES]
    if wanted is not None:
        if wanted not in images:
            raise InvalidArgument(
                f"charge (={wanted!r}) must be an image of the file. {nearest_hint(wanted, images)}"
            )
        return wanted
    candidates = [name for name in images if name not in labels]
    known = [name for name in CHARGES if name in candidates]
    if not candidates:
        raise InvalidArgument("the file holds no image with charge; its products can be read one by one")
    if not known and len(candidates) > 1:
        raise InvalidArgument(f"any of {candidates} may be the charge of an event: name one with charge=...")
    return (known or candidates)[0]


def particle_product(kinds: Mapping[str, str]) -> str | None:
    """The product that is the particle table of an event, if there is one."""
    tables = [name for name, kind in kinds.items() if kind == "particle"]
    return next((name for name in PARTICLES if name in tables), tables[0] if tables else None)


def label_products(kinds: Mapping[str, str], charge: str, labels: Mapping[str, LabelScheme]) -> list[str]:
    """The semantic labels on the pixels of `charge`: at most one product, the first that is there.

    Labels of a volume do not fit planes; dense and sparse planes fit each other.
    """
    dimensions = "3d" if kinds[charge] == "sparse3d" else "2d"
    fitting = [n for n in labels if n != charge and kinds.get(n) in IMAGES and kinds[n].endswith(dimensions)]
    # A file of both kinds of planes has the labels of each in its own kind.
    return sorted(fitting, key=lambda name: kinds[name] != kinds[charge])[:1]


def charge_unit(kind: str) -> str:
    """Unit of the charge: deposited energy in volumes, pixel intensity units in planes."""
    return "MeV" if kind == "sparse3d" else "PIU"


def images_of(
    planes: Any, threshold: float, labels: Any | None = None, scheme: LabelScheme | None = None
) -> tuple[Image, ...]:
    """The images of an event.

    Parameters
    ----------
    planes : tuple of DenseImage or Voxels
        The charge; dense images keep their pixels of at least `threshold`.
    threshold : float
    labels : tuple of DenseImage or Voxels, optional
        Labels of the same planes, in any order.
    scheme : LabelScheme, optional
        What the labels mean.

    Raises
    ------
    InvalidArgument
        If a label means nothing, or lies on another grid than the charge.
    """
    images = tuple(
        Image.from_voxels(plane.above(threshold) if isinstance(plane, DenseImage) else plane)
        for plane in planes
    )
    if labels is None or scheme is None:
        return images
    by_plane = {label.grid.projection: label for label in labels}
    return tuple(image.with_labels(semantic=_column(image, by_plane, scheme)) for image in images)


def _column(image: Image, labels: Mapping[int, Product], scheme: LabelScheme) -> LabelColumn:
    plane = image.grid.projection
    if plane not in labels or labels[plane].grid.shape != image.grid.shape:
        shapes = {number: label.grid.shape for number, label in labels.items()}
        raise InvalidArgument(
            f"plane {plane} has charge on {image.grid.shape} pixels, the labels lie on {shapes}"
        )
    label = labels[plane]
    if isinstance(label, DenseImage):
        valid = scheme.require_valid(label.pixels.ravel())
        return LabelColumn(valid[image.ids], scheme)
    assert isinstance(label, Voxels)
    return LabelColumn(_aligned(image.ids, label, scheme), scheme)


def _aligned(ids: np.ndarray, label: Voxels, scheme: LabelScheme) -> np.ndarray:
    """Label of each charged pixel, the scheme's default where the label product has none."""
    values = scheme.require_valid(label.values)
    numbers, first = np.unique(label.ids, return_index=True)
    if len(numbers) != len(label.ids):
        raise InvalidArgument(
            f"{len(label.ids) - len(numbers)} pixels of plane {label.grid.projection} have two labels"
        )
    out = np.full(len(ids), scheme.default, dtype=np.int32)
    _, here, there = np.intersect1d(ids, numbers, assume_unique=True, return_indices=True)
    out[here] = values[first[there]]
    return out
