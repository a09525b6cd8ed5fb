"""Instances from whatever a network of instances answers."""

from __future__ import annotations

from argoscope.models.condensation import CondensationAnswer, instances_of_condensation
from argoscope.models.instance_network import Answer
from argoscope.models.instances import FoundInstances
from argoscope.models.pixel_edges import EdgeAnswer, instances_of_edges
from argoscope.models.seed_selection import select_instances

__all__ = ["found_instances"]


def found_instances(answer: Answer) -> list[FoundInstances]:
    """Instances of every image of a batch, by the way of the network's head."""
    if isinstance(answer, EdgeAnswer):
        return instances_of_edges(answer)
    if isinstance(answer, CondensationAnswer):
        return instances_of_condensation(answer)
    return select_instances(answer)
