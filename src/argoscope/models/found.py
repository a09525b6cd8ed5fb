"""Instances from whatever a network of instances answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from argoscope.models.condensation import CondensationAnswer, instances_of_condensation
from argoscope.models.instances import FoundInstances
from argoscope.models.mask_rcnn import BoxAnswer
from argoscope.models.pixel_edges import EdgeAnswer, instances_of_edges
from argoscope.models.seed_masks import SeedAnswer
from argoscope.models.seed_selection import select_instances

__all__ = ["Answer", "found_instances"]

Answer = SeedAnswer | EdgeAnswer | CondensationAnswer | BoxAnswer
"""What a network says of a batch."""


def _instances_of_boxes(answer: BoxAnswer) -> list[FoundInstances]:
    scheme = answer.network.config.boxes.scheme
    return [found.found(scheme) for found in answer.network.detections(answer)]


_FOUND: Mapping[type, Callable[[Any], list[FoundInstances]]] = {
    SeedAnswer: select_instances,
    EdgeAnswer: instances_of_edges,
    CondensationAnswer: instances_of_condensation,
    BoxAnswer: _instances_of_boxes,
}
"""By the kind of answer."""


def found_instances(answer: Answer) -> list[FoundInstances]:
    """Instances of every image of a batch, by the way of the network's head."""
    return _FOUND[type(answer)](answer)
