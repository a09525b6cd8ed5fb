"""Events of a file with what a network says of every pixel, counted as `argoscope evaluate` counts.

A dense network answers all pixels of its pooled images, those without charge
too, so that what it blurs is seen; each answer holds for the block of pixels
that was pooled. A sparse network answers the pixels with charge. What was
counted is kept in the reproduction's folder, as several studies need it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from argoscope.analyses.cosmic_counts import EventCounts, PlaneCounts, count_plane
from argoscope.analyses.interactions import Interaction
from argoscope.analyses.selection import event_neutrino_pixels
from argoscope.events import COSMIC, Event, Image, Record, Voxels
from argoscope.files.atomic import atomic_output
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.layouts import label_product
from argoscope.inference.products import segmentation_record
from argoscope.inference.segmentation import seen_pixels, segment
from argoscope.inference.tagged import TaggedProducts, interaction_in, tagged_planes
from argoscope.models.multiplane_dense import OnPooledPlanes
from argoscope.models.weights import Model
from argoscope.papers.study import Context
from argoscope.training.data import collate
from argoscope.training.pixels import tensor_of

__all__ = ["Counted", "Tagged", "counted", "matrices", "tagged_events"]

PREDICTION = label_product(2)
ARRAYS = ("full", "full_baseline", "pooled", "pooled_baseline", "blur")
"""What of `PlaneCounts` is a matrix."""


class Tagged(NamedTuple):
    """An event as `tagged_planes` has it: where it is, what it is of, its planes with truth and prediction."""

    where: dict[str, Any]
    interaction: Interaction
    planes: tuple[Image, ...]


@dataclass(frozen=True)
class Counted:
    """What is counted of an event.

    Parameters
    ----------
    counts : EventCounts
    pixels : tuple of int
        Predicted neutrino pixels of each plane, pooled.
    drift : tuple of float
        Their mean drift coordinate, in pooled pixels; not a number where there are none.
    """

    counts: EventCounts
    pixels: tuple[int, ...]
    drift: tuple[float, ...]


def matrices(events: list[Counted]) -> np.ndarray:
    """Confusion of the pooled planes, shape (events, planes, 3, 3)."""
    return np.array([[plane.pooled for plane in event.counts.planes] for event in events])


def tagged_events(
    context: Context, model: Model | None, path: Path, entries: range | None = None
) -> Iterator[Tagged]:
    """The events of a file with what a network says of them.

    Parameters
    ----------
    context : Context
    model : Model, optional
        For cosmic tagging; None leaves every pixel unlabelled.
    path : Path
        larcv3, with true origins of three planes.
    entries : range, optional
        Which events; all by default.

    Raises
    ------
    Stopped
        If the work was asked to stop.
    """
    with Larcv3File(path) as file:
        roles = file.header.roles
        products = TaggedProducts(roles["charge"], PREDICTION, roles["origin"])
        read = [roles[role] for role in ("charge", "origin", "neutrino") if role in roles]
        for index in entries or range(len(file)):
            context.obey()
            context.report(f"looking at {path.stem}", index, len(file))
            record = file.record(index, read)
            said = _said(model, file.charge_of(record))
            full = Record(record.id, {**record.products, PREDICTION: said})
            where = {"file": path.name, "entry": index, **record.id._asdict()}
            interaction = interaction_in(file, record) or Interaction("other")
            yield Tagged(where, interaction, tagged_planes(full, products))


def _said(model: Model | None, event: Event) -> tuple[Voxels, ...]:
    """Predicted labels of the planes of an event."""
    if model is None:
        return tuple(Voxels(image.grid, image.ids[:0], image.charge[:0]) for image in event.images)
    if isinstance(model.network, OnPooledPlanes):
        return _dense(model, model.network, event)
    found: tuple[Voxels, ...] = segmentation_record(event, segment(model, event), COSMIC)[PREDICTION]  # type: ignore[assignment]
    return found


def _dense(model: Model, network: OnPooledPlanes, event: Event) -> tuple[Voxels, ...]:
    """Every pixel that a dense network calls cosmic or neutrino, with charge or without."""
    seen, item = seen_pixels(model, event, gain=1.0)
    batch = collate([item])
    with torch.no_grad():
        scores = network.image_scores(tensor_of(batch, network), batch["images_of"])
    blocks = scores.argmax(dim=1).numpy().astype(np.uint8)
    side = network.config.pooling
    planes = blocks.repeat(side, axis=1).repeat(side, axis=2).reshape(len(blocks), -1)
    return tuple(
        Voxels(image.grid, ids := np.flatnonzero(plane), plane[ids].astype(np.float32))
        for image, plane in zip(seen.images, planes, strict=True)
    )


def counted(context: Context, model: Model | None, path: Path) -> list[Counted]:
    """What is counted of the events of a file; from the reproduction's folder where that was done.

    Parameters
    ----------
    context : Context
    model : Model, optional
        None leaves every pixel unlabelled: truth and baseline are counted all the same.
    path : Path
        See `tagged_events`.
    """
    weights = "none" if model is None else model.sha256
    name = hashlib.sha256(f"{path.resolve()} {weights}".encode()).hexdigest()[:16]
    kept = context.folder / "runs" / "counts" / f"{path.stem}-{name}.json"
    if kept.exists():
        return [_from_plain(row) for row in json.loads(kept.read_text())]
    events = [_count(event) for event in tagged_events(context, model, path)]
    kept.parent.mkdir(parents=True, exist_ok=True)
    with atomic_output(kept) as temporary:
        temporary.write_text(json.dumps(list(map(_plain, events))))
    return events


def _count(event: Tagged) -> Counted:
    pixels, drift = zip(*event_neutrino_pixels(event.planes), strict=True)
    counts = EventCounts(event.where, event.interaction, tuple(map(count_plane, event.planes)))
    return Counted(counts, pixels, drift)


def _plain(event: Counted) -> dict[str, Any]:
    """As JSON has it; its numbers may be NaN, which Python reads back."""
    values = asdict(event)
    for plane in values["counts"]["planes"]:
        plane.update({name: plane[name].tolist() for name in ARRAYS})
    return values


def _from_plain(values: dict[str, Any]) -> Counted:
    counts = values["counts"]
    planes = tuple(
        PlaneCounts(**{**plane, **{name: np.array(plane[name]) for name in ARRAYS}})
        for plane in counts["planes"]
    )
    event = EventCounts(counts["where"], Interaction(**counts["interaction"]), planes)
    return Counted(event, tuple(values["pixels"]), tuple(values["drift"]))
