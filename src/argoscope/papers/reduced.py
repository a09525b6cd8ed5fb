"""Files of wire planes at a fraction of the resolution, for scans that a laptop can train.

As paper 0 halves its images: charges of a block of pixels are averaged, pixels
without charge counting as 0, and of its true origins the largest is taken, so
that a neutrino wins. The table of the neutrino stays.

References
----------
Paper 0: arXiv:2012.01301, section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, Image, LabelColumn, Record, Voxels, downsample
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import write_records
from argoscope.files.layouts import values_at

__all__ = ["reduced_plane", "write_reduced"]

ROLES = ("charge", "origin", "neutrino")
"""What is kept of a file."""


def reduced_plane(charge: Voxels, origin: Voxels, factor: int) -> tuple[Voxels, Voxels]:
    """Charge and true origin of a plane in blocks of pixels.

    Parameters
    ----------
    charge, origin : Voxels
        Of the same image; a pixel that one lists may be missing in the other.
    factor : int
        Pixels of a block along each axis.

    Returns
    -------
    charge, origin : Voxels
        The charge of blocks that have any, the origin of all that have either.

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> grid = Grid((2, 4))
    >>> charge, origin = Voxels(grid, *map(np.array, ([0, 5], [6.0, 2.0]))), Voxels(grid, *map(np.array, ([0, 1, 6], [1, 2, 1])))
    >>> [(blocks.ids.tolist(), blocks.values.tolist()) for blocks in reduced_plane(charge, origin, 2)]
    [([0], [2.0]), ([0, 1], [2.0, 1.0])]
    """
    deposits = Image.from_voxels(charge).voxels()
    ids = np.union1d(deposits.ids, origin.ids)
    truth = LabelColumn(values_at(ids, origin, COSMIC.default), COSMIC)
    image = Image(charge.grid, charge.grid.coordinates(ids), values_at(ids, deposits, 0), {"origin": truth})
    small = downsample(image, factor)
    charged = small.charge != 0
    return (
        Voxels(small.grid, small.ids[charged], small.charge[charged]),
        Voxels(small.grid, small.ids, small.label("origin").values.astype(np.float32)),
    )


def write_reduced(
    source: Path,
    target: Path,
    factor: int,
    provenance: dict[str, Any],
    *,
    obey: Callable[[], None] = lambda: None,
) -> None:
    """Write the planes of a file at a fraction of its resolution.

    Parameters
    ----------
    source : Path
        With charge and true origin of every plane.
    target : Path
    factor : int
        Pixels along each axis that become one.
    provenance : dict
    obey : callable
        Called before each event; what it raises ends the work without a file.

    Raises
    ------
    InvalidArgument
        If the file lacks charge or origins, or the factor does not divide the sides of its images.
    """
    with Larcv3File(source) as file:
        roles = {role: name for role, name in file.header.roles.items() if role in ROLES}
        missing = [role for role in ROLES[:2] if role not in roles]
        if missing:
            raise InvalidArgument(
                f"{source} has no product known to be the {missing[0]}: planes are reduced with their true origins; "
                "give a file that has them"
            )
        schemes = {name: scheme for name, scheme in file.header.schemes.items() if name in roles.values()}
        units = {name: unit for name, unit in file.header.grid_units.items() if name in roles.values()}
        header = replace(file.header, roles=roles, schemes=schemes, grid_units=units, provenance=provenance)

        def small(index: int) -> Record:
            obey()
            return _reduced(file.record(index, roles.values()), roles, factor)

        write_records(target, map(small, range(len(file))), header)


def _reduced(record: Record, roles: dict[str, str], factor: int) -> Record:
    charge, origin = roles["charge"], roles["origin"]
    pairs = [reduced_plane(*planes, factor) for planes in zip(record[charge], record[origin], strict=True)]
    charges, origins = zip(*pairs, strict=True)
    return Record(record.id, {**record.products, charge: charges, origin: origins})
