"""Wire planes with true interactions and predicted instances, event by event from files.

One plane of an event is looked at: the one asked for, else the only one of the
charge, else the collection plane. Truth and predictions are read only where
they are wanted, so that data without truth can be selected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from argoscope.analyses.plane_event import PlaneEvent
from argoscope.analyses.true_instances import interaction_classes, traits_of, true_instances
from argoscope.errors import InvalidArgument
from argoscope.events import Clusters, Event, Image, Record, empty_particles
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.layouts import event_from_record
from argoscope.inference.instance_products import INSTANCES, predicted_instances
from argoscope.inference.products import each_once
from argoscope.inference.tagged import interaction_in
from argoscope.typing import PathLike

__all__ = ["COLLECTION", "Truth", "plane_events"]

Truth = Literal["needed", "if there", "none"]
"""Whether true interactions are read, and a file without them is refused."""

COLLECTION = 2
"""Projection of the collection plane where a detector has three: the last to be passed."""


def plane_events(
    paths: Sequence[PathLike],
    *,
    truth: Truth,
    plane: int | None = None,
    obey: Callable[[], None] = lambda: None,
) -> Iterator[PlaneEvent]:
    """Every event of some files, in their order.

    Parameters
    ----------
    paths : sequence of path
        With predicted instances.
    truth : {"needed", "if there", "none"}
        Whether true interactions are read.
    plane : int, optional
        Projection.
    obey : callable
        Called before each event; what it raises ends the reading.

    Yields
    ------
    PlaneEvent

    Raises
    ------
    InvalidArgument
        If a file is given twice, has no predicted instances, not that plane, or no truth where it is needed.
    """
    for path in each_once(paths):
        with Larcv3File(path) as file:
            _require_roles(file, truth)
            for index in range(len(file)):
                obey()
                yield _plane_event(file, index, truth, plane)
                say("reading events", index + 1, len(file))


def _require_roles(file: Larcv3File, truth: Truth) -> None:
    roles = file.header.roles
    if "charge" not in roles:
        raise InvalidArgument(f"{file.path}: none of its products is known to be the charge")
    if len(file) and "predicted_interaction" not in roles:
        raise InvalidArgument(
            f"{file.path} has no predicted instances ({INSTANCES}): run `argoscope predict` with a model for instances "
            "on it first"
        )
    if truth == "needed" and not _has_truth(file):
        raise InvalidArgument(
            f"{file.path} has no true interactions: its instances cannot be evaluated; "
            "`argoscope select veto` works without truth"
        )


def _has_truth(file: Larcv3File) -> bool:
    return bool({"interaction", "ancestor"} & set(file.header.roles))


def _plane_event(file: Larcv3File, index: int, truth: Truth, plane: int | None) -> PlaneEvent:
    roles = file.header.roles
    names = ["charge", "predicted_interaction", "predicted_interaction_scores", "neutrino", "particles"]
    true = truth != "none" and _has_truth(file)
    names += ["interaction", "ancestor"] if true else []
    record = file.record(index, sorted({roles[name] for name in names if name in roles}))
    event = event_from_record(record, file.header)
    image = _chosen(event, plane, str(file.path))
    said = predicted_instances(record, file.header, image.grid.projection)
    where = {"file": file.path.name, "entry": index, **record.id._asdict()}
    found = PlaneEvent(where, event, image, said, interaction=interaction_in(file, record))
    return _with_truth(found, record, file) if true else found


def _chosen(event: Event, plane: int | None, path: str) -> Image:
    """The plane to look at."""
    if event.dimensions != 2:
        raise InvalidArgument(f"{path} has volumes; instances are those of wire planes")
    if plane is None:
        plane = event.images[0].grid.projection if len(event.images) == 1 else COLLECTION
    return event.image(plane)


def _with_truth(found: PlaneEvent, record: Record, file: Larcv3File) -> PlaneEvent:
    """The event with the true instances of its plane."""
    neutrino = record.products.get(file.header.roles.get("neutrino", ""))
    table = neutrino if isinstance(neutrino, np.ndarray) else empty_particles()
    truth = true_instances(found.image, interaction_classes(found.event.particles, table))
    energies = None
    for part in record.products.get(file.header.roles.get("interaction", ""), ()):
        if isinstance(part, Clusters) and part.grid.projection == found.image.grid.projection:
            energies = part
    traits = traits_of(found.image, truth, energies)
    return replace(found, truth=truth, traits=traits)
