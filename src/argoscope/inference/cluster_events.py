"""Clusters of pixels written as predicted instances: what DBSCAN alone finds, with no network."""

from __future__ import annotations

from typing import Any

from argoscope.analyses.grid_dbscan import EPS, MIN_POINTS
from argoscope.analyses.instances import dbscan_instances
from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR
from argoscope.files.atomic import require_new
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.larcv3_write import Larcv3Writer
from argoscope.inference.instance_products import instances_header, with_instances
from argoscope.typing import PathLike

__all__ = ["cluster_file"]


def cluster_file(
    source: PathLike,
    target: PathLike,
    *,
    eps: float = EPS,
    min_points: int = MIN_POINTS,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write a file with its DBSCAN clusters as predicted instances, all called cosmic.

    Parameters
    ----------
    source : path
        File of wire planes.
    target : path
        larcv3 file with all products of the source, and the instances.
    eps : float
        Distance of neighbours, in pixels.
    min_points : int
        Neighbours that make a pixel a core.
    overwrite : bool

    Returns
    -------
    dict
        ``output``, ``events``, ``instances``.

    Raises
    ------
    InvalidArgument
        If the file has no planes, or the output exists.
    """
    target = require_new(target, overwrite=overwrite)
    count = 0
    with Larcv3File(source) as file, Larcv3Writer(target, overwrite=overwrite) as writer:
        for index in range(len(file)):
            record = file.record(index)
            event = file.charge_of(record)
            if event.dimensions != 2:
                raise InvalidArgument(f"{file.path} has volumes; instances are those of wire planes")
            planes = [dbscan_instances(image, eps=eps, min_points=min_points) for image in event.images]
            writer.append(with_instances(record, planes))
            count += sum(map(len, planes))
            say("clustering events", index + 1, len(file))
        events = len(file)
        if events:  # without, there are no products that could have a role
            writer.header = instances_header(file.header, ANCESTOR)
    return {"output": str(target), "events": events, "instances": count}
