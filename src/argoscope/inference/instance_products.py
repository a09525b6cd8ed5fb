"""Predicted instances as products of a file, beside those it has, in place of earlier ones.

===================================  ================================================================
`cluster2d_argoscope_instances`      a cluster an instance: its pixels, each with the score of the
                                     instance times the probability that its mask gives the pixel (of
                                     a fragment that was moved to it: its former owner's value, but
                                     at most the score);
                                     its number is larcv's "ID"
`sparse2d_argoscope_instance_score`  no image but a table: axis 0 is the number of the instance, axis 1
                                     the class; the one entry of an instance is its score
===================================  ================================================================

Both have one part a plane of the charge, empty on planes that a network does not
read; numbers count from 0 on each. Instances may share pixels, and an instance
without any pixel has its place. The scheme of the classes stands in
`/argoscope`. So a reader of larcv3 files needs nothing new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import Clusters, Grid, LabelScheme, Product, Record, Voxels
from argoscope.events.instances import Instances
from argoscope.files.header import Header

__all__ = [
    "INSTANCES",
    "SCORES",
    "instances_header",
    "no_instances",
    "predicted_instances",
    "with_instances",
]

INSTANCES = "cluster2d_argoscope_instances"
"""Product of the pixels."""
SCORES = "sparse2d_argoscope_instance_score"
"""Product of the classes and scores."""
ROLES = {"predicted_interaction": INSTANCES, "predicted_interaction_scores": SCORES}
"""What the two are."""
MOST = 2**16
"""Instances that a plane may have, thousands of times what it shows: the height of the table of scores."""


def no_instances(grid: Grid, scheme: LabelScheme) -> Instances:
    """A plane on which nothing is found, or looked for.

    Examples
    --------
    >>> from argoscope.events import ANCESTOR
    >>> len(no_instances(Grid((4, 4)), ANCESTOR))
    0
    """
    return Instances.of_sets(grid, [], [], [], scheme=scheme)


def instances_header(header: Header, scheme: LabelScheme) -> Header:
    """Header of a file, and what its predicted instances are."""
    return replace(header, roles={**header.roles, **ROLES}, schemes={**header.schemes, SCORES: scheme})


def with_instances(record: Record, planes: Sequence[Instances]) -> Record:
    """A record with predicted instances, in place of earlier ones.

    Parameters
    ----------
    record : Record
    planes : sequence of Instances
        One a plane of the charge, in its order, with scores and numbers of their own on each.

    Raises
    ------
    InvalidArgument
        If a plane has two instances of one number, or a number that has no place in the table.
    """
    products: dict[str, tuple[Product, ...]] = {
        INSTANCES: tuple(instances.clusters for instances in planes),
        SCORES: tuple(map(_table, planes)),
    }
    return Record(record.id, {**record.products, **products})


def _table(instances: Instances) -> Voxels:
    """Scores by number and class."""
    numbers = instances.clusters.numbers
    if len(np.unique(numbers)) < len(numbers) or (numbers < 0).any() or (numbers >= MOST).any():
        raise InvalidArgument(
            f"instances (numbered {numbers.tolist()[:8]}...) must have numbers from 0 to {MOST - 1}, each once a plane"
        )
    grid = Grid((MOST, len(instances.scheme.classes)), projection=instances.clusters.grid.projection)
    order = np.argsort(numbers)
    ids = grid.ids(np.stack([numbers, instances.classes], axis=1)[order])
    return Voxels(grid, ids, instances.scores[order])


def predicted_instances(record: Record, header: Header, projection: int) -> Instances:
    """Instances that a file's predictions have on one plane.

    Parameters
    ----------
    record : Record
        With the two products.
    header : Header
        Of the file.
    projection : int
        Number of the plane.

    Returns
    -------
    Instances

    Raises
    ------
    InvalidArgument
        If the record has no predicted instances on this plane, or clusters and scores do not belong together.
    """
    clusters = _plane(record, header, "predicted_interaction", projection)
    table = _plane(record, header, "predicted_interaction_scores", projection)
    scheme = header.schemes.get(header.roles["predicted_interaction_scores"])
    if not isinstance(clusters, Clusters) or not isinstance(table, Voxels) or scheme is None:
        raise InvalidArgument(
            f"{record.id}: predicted instances must be clusters with a table of scores whose classes have a scheme"
        )
    number, of_class = table.coordinates.T
    order = np.argsort(number, kind="stable")
    wanted = np.argsort(clusters.numbers, kind="stable")
    if not np.array_equal(number[order], clusters.numbers[wanted]):
        raise InvalidArgument(
            f"{record.id}, plane {projection}: {len(number)} scores do not belong to the {len(clusters)} predicted "
            "instances: each has one, under its number; predict again"
        )
    rows = np.empty(len(clusters), dtype=np.int64)
    rows[wanted] = order
    return Instances(clusters, of_class[rows], table.values[rows], scheme)


def _plane(record: Record, header: Header, role: str, projection: int) -> Product:
    """The part of a product that is of one plane."""
    if role not in header.roles:
        raise InvalidArgument(
            f"{record.id} has no predicted instances ({INSTANCES}): run `argoscope predict` with a model for instances first"
        )
    for part in record[header.roles[role]]:
        if not isinstance(part, np.void) and part.grid.projection == projection:
            return part
    raise InvalidArgument(
        f"{record.id}: {header.roles[role]} has no plane {projection}: predict on that plane"
    )
