"""An image: the charged pixels of one plane or one volume, with their labels.

The sites are sorted by pixel id and each stands once; charge and every label
are columns beside them. This is what a network reads and a display shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from argoscope.errors import InvalidArgument, nearest_hint, require_known
from argoscope.events._frozen import equal_fields, read_only, refreeze
from argoscope.events.grid import Grid, require_inside
from argoscope.events.labels import LabelScheme
from argoscope.events.products import Clusters, DenseImage, Voxels

__all__ = ["Image", "LabelColumn", "LabelKind"]

LabelKind = Literal["semantic", "origin", "instance", "ancestor", "prediction", "predicted_ancestor"]
"""What a label tells: the class, cosmic or neutrino, which particle, which interaction; and what a network says of the
class, and of the interaction."""


@dataclass(frozen=True, eq=False)
class LabelColumn:
    """One label for each pixel of an image, and what the numbers mean.

    Parameters
    ----------
    values : ndarray, shape (n,), int32
    scheme : LabelScheme

    Raises
    ------
    InvalidArgument
        If a value means nothing in the scheme.
    """

    values: np.ndarray
    scheme: LabelScheme

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", read_only(self.scheme.require_valid(self.values)))

    __eq__ = equal_fields
    __setstate__ = refreeze
    __hash__ = None  # type: ignore[assignment]

    @property
    def labelled(self) -> np.ndarray:
        """Which pixels carry a label, shape (n,), bool."""
        return np.not_equal(self.values, self.scheme.unlabelled)

    def take(self, rows: np.ndarray) -> LabelColumn:
        """The labels of some rows."""
        return LabelColumn(self.values[rows], self.scheme)


@dataclass(frozen=True, eq=False)
class Image:
    """The charged pixels of one plane or volume.

    Parameters
    ----------
    grid : Grid
        Numbering and extent of the pixels.
    coordinates : ndarray, shape (n, d), int32
        Pixel indices, sorted by id, each pixel once; `Image.from_points` sorts and sums.
    charge : ndarray, shape (n,), float32
        Charge in the event's `charge_unit`.
    labels : mapping of {"semantic", "origin", "instance", "ancestor", "prediction", "predicted_ancestor"} to LabelColumn
        Truth, where there is any; and the class and the interaction that a network predicted.
    truth : Clusters, optional
        Energy of every particle in every pixel, from which any label can be made anew.

    Raises
    ------
    InvalidArgument
        If the sites are unsorted, repeated or outside, a charge is not finite, or a column has another length.

    Examples
    --------
    >>> image = Image.from_points(Grid((4, 4)), np.array([[2, 1], [0, 3], [2, 1]]), np.array([1.0, 2.0, 3.0]))
    >>> image.coordinates.tolist(), image.charge.tolist()
    ([[0, 3], [2, 1]], [2.0, 4.0])
    """

    grid: Grid
    coordinates: np.ndarray
    charge: np.ndarray
    labels: Mapping[str, LabelColumn] = field(default_factory=dict)
    truth: Clusters | None = None

    def __post_init__(self) -> None:
        coordinates = read_only(require_inside(self.coordinates, self.grid.shape), np.int32)
        charge = read_only(self.charge, np.float32)
        if charge.shape != (len(coordinates),):
            raise InvalidArgument(
                f"charge (shape {charge.shape}) must have one number for each of the {len(coordinates)} pixels"
            )
        if not np.isfinite(charge).all():
            row = int((~np.isfinite(charge)).argmax())
            raise InvalidArgument(
                f"charge is {charge[row]} in pixel {coordinates[row].tolist()} (row {row}); it must be finite. "
                "Mask such pixels before making the image."
            )
        self._require_sorted(coordinates)
        self._require_labels(len(coordinates))
        if self.truth is not None and self.truth.grid.shape != self.grid.shape:
            raise InvalidArgument(
                f"truth lies in a {self.truth.grid.shape} image, the charge in {self.grid.shape}: they must agree"
            )
        object.__setattr__(self, "coordinates", coordinates)
        object.__setattr__(self, "charge", charge)
        object.__setattr__(self, "labels", MappingProxyType(dict(self.labels)))

    def _require_sorted(self, coordinates: np.ndarray) -> None:
        ids = read_only(self.grid.ids(coordinates))
        object.__setattr__(self, "_ids", ids)
        steps = np.diff(ids)
        if (steps <= 0).any():
            row = int((steps <= 0).argmax())
            raise InvalidArgument(
                f"pixels must be sorted by id and stand once each; rows {row} and {row + 1} are "
                f"{coordinates[row].tolist()} and {coordinates[row + 1].tolist()}. Image.from_points() sorts and sums."
            )

    def _require_labels(self, pixels: int) -> None:
        kinds = get_args(LabelKind)
        for kind, column in self.labels.items():
            require_known(kind, kinds, "there is no label kind")
            if len(column.values) != pixels:
                raise InvalidArgument(
                    f"labels[{kind!r}] ({len(column.values)} of them) must have one value for each of the {pixels} pixels"
                )

    def __len__(self) -> int:
        return len(self.coordinates)

    __eq__ = equal_fields
    __hash__ = None  # type: ignore[assignment]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "labels": dict(self.labels)}

    def __setstate__(self, state: dict[str, object]) -> None:
        refreeze(self, state)
        self.__dict__["labels"] = MappingProxyType(dict(self.labels))

    @classmethod
    def from_points(cls, grid: Grid, coordinates: np.ndarray, charge: np.ndarray) -> Image:
        """Image of unsorted points; charges that fall into one pixel are added.

        Parameters
        ----------
        grid : Grid
        coordinates : ndarray, shape (m, d), integer
            A pixel may stand several times.
        charge : ndarray, shape (m,)
        """
        ids, which = np.unique(grid.ids(coordinates), return_inverse=True)
        total = np.bincount(which, weights=np.asarray(charge, dtype=np.float64), minlength=len(ids))
        return cls(grid, grid.coordinates(ids), total.astype(np.float32))

    @classmethod
    def from_voxels(cls, voxels: Voxels) -> Image:
        """Image of a sparse product; sorted where the file had it unsorted, repeated pixels added."""
        if (np.diff(voxels.ids) > 0).all():
            return cls(voxels.grid, voxels.coordinates, voxels.values)
        return cls.from_points(voxels.grid, voxels.coordinates, voxels.values)

    @property
    def ids(self) -> np.ndarray:
        """Pixel numbers, shape (n,), int64, rising."""
        ids: np.ndarray = self.__dict__["_ids"]
        return ids

    def label(self, kind: LabelKind) -> LabelColumn:
        """The labels of one kind.

        Raises
        ------
        InvalidArgument
            If the image has none of that kind.
        """
        if kind not in self.labels:
            raise InvalidArgument(f"this image has no {kind!r} labels. {nearest_hint(kind, self.labels)}")
        return self.labels[kind]

    def with_labels(self, **labels: LabelColumn) -> Image:
        """The same image with further label columns, or others in their place."""
        return replace(self, labels={**self.labels, **labels})

    def take(self, rows: np.ndarray) -> Image:
        """The image of some of its pixels.

        Parameters
        ----------
        rows : ndarray, shape (n,), bool, or rising row numbers
        """
        return replace(
            self,
            coordinates=self.coordinates[rows],
            charge=self.charge[rows],
            labels={kind: column.take(rows) for kind, column in self.labels.items()},
        )

    def voxels(self) -> Voxels:
        """The charge as a sparse product."""
        return Voxels(self.grid, self.ids, self.charge)

    def dense(self) -> DenseImage:
        """The charge as a full image, zero where there is none."""
        pixels = np.zeros(self.grid.shape, dtype=np.float32)
        pixels[tuple(self.coordinates.T)] = self.charge
        return DenseImage(self.grid, pixels)
