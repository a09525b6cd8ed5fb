"""What a file holds: the facts that `argoscope info` prints.

Events are read one by one; nothing is kept but counts, and peaks of the signal of the first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict
from typing import Any

import numpy as np

from argoscope.errors import UnknownCharge
from argoscope.events import Event
from argoscope.events.charge_scale import are_enough, peak_values, scale_of
from argoscope.files.catalogue import open_events
from argoscope.files.guard import say
from argoscope.typing import PathLike

__all__ = ["survey"]

MAX_EVENTS = 1000
"""Events that are read unless more are asked for: enough for occupancies to a few percent."""


def survey(path: PathLike, *, max_events: int = MAX_EVENTS, verify: bool = False) -> dict[str, Any]:
    """Survey a file of events.

    Parameters
    ----------
    path : path
        The file, in any known format.
    max_events : int
        At most so many events are read, from the first.
    verify : bool
        Whether to compare every dataset with its checksum, where the file has them.

    Returns
    -------
    dict
        ``format``, ``events``, ``planes``, ``products``, ``surveyed`` (events read),
        ``active`` (pixels per event and plane), ``classes`` (pixels per kind of label and class),
        ``images`` (shape, occupancy, smallest and largest charge, charge scale per plane),
        ``ids``, ``detector``, ``units``, ``schemes``, ``provenance``, ``checksums`` (datasets checked, None
        where not asked for or where the format has none), ``note`` (why pixels were not counted).

    Raises
    ------
    UnreadableFile
        If the file or one of these events cannot be read.
    IntegrityError
        If a checksum differs.
    """
    with open_events(path) as file:
        facts = asdict(file.describe())
        checked = _verified(file) if verify else None
        counts = _Counts()
        total = min(len(file), max_events)
        note = ""
        for index in range(total):
            try:
                counts.add(file.event(index))
            except UnknownCharge as error:
                # The products can still be told; their pixels cannot be counted.
                note = str(error)
                break
            say("reading events", index + 1, total)
    return {"path": str(path), **facts, **counts.summary(), "checksums": checked, "note": note}


def _verified(file: Any) -> int | None:
    from argoscope.files.header import verify
    from argoscope.files.larcv3 import Larcv3File

    return verify(file.handle.file, file.path) if isinstance(file, Larcv3File) else None


class _Counts:
    """Running counts over events."""

    def __init__(self) -> None:
        self.active: list[list[int]] = []
        self.ids: list[tuple[int, ...]] = []
        self.classes: dict[str, Counter[str]] = defaultdict(Counter)
        self.order: dict[str, dict[str, int]] = defaultdict(dict)
        self.planes: dict[int, dict[str, Any]] = {}

    def add(self, event: Event) -> None:
        """Count one event."""
        self.active.append([len(image) for image in event.images])
        self.ids.append(tuple(event.id))
        for position, image in enumerate(event.images):
            plane = self.planes.setdefault(
                position,
                {"projection": image.grid.projection, "shape": image.grid.shape, "peaks": [], "range": []},
            )
            plane.setdefault("pixels", 0)
            plane["pixels"] += len(image)
            plane["peaks"] += [] if are_enough(plane["peaks"]) else [peak_values(image)]
            plane["range"] += [float(image.charge.min()), float(image.charge.max())] if len(image) else []
            for kind, column in image.labels.items():
                self.order[kind].update({name: at for at, name in enumerate(column.scheme.classes)})
                for value, number in zip(*np.unique(column.values, return_counts=True), strict=True):
                    names = column.scheme.classes
                    if value == column.scheme.unlabelled:
                        self.classes[kind]["unlabelled"] += int(number)
                    elif names:
                        self.classes[kind][names[value]] += int(number)
                    else:
                        self.classes[kind]["labelled"] += int(number)

    def summary(self) -> dict[str, Any]:
        """Say what was counted, as JSON carries it."""
        return {
            "surveyed": len(self.active),
            "active": self.active,
            "ids": self.ids,
            "classes": {kind: self._ordered(kind) for kind in self.classes},
            "images": [self._plane(plane) for _, plane in sorted(self.planes.items())],
        }

    def _ordered(self, kind: str) -> dict[str, int]:
        """Counts of a kind of label in the order of its scheme, what has no label last."""
        order = self.order[kind]
        return dict(sorted(self.classes[kind].items(), key=lambda item: order.get(item[0], len(order))))

    def _plane(self, plane: dict[str, Any]) -> dict[str, Any]:
        scale = scale_of(plane["peaks"])
        possible = float(np.prod(plane["shape"], dtype=np.float64)) * len(self.active)
        return {
            "projection": plane["projection"],
            "shape": list(plane["shape"]),
            "occupancy": plane["pixels"] / possible,
            "smallest_charge": min(plane["range"], default=None),
            "largest_charge": max(plane["range"], default=None),
            "charge_scale": scale.value if scale else None,
        }
