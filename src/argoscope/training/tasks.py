"""The tasks a network of pixel classes can be trained for.

==============  ==================  ============================================================
task            truth               validation
==============  ==================  ============================================================
five-class      label "semantic"    accuracy of the event, all its images together, and of each
                                    class; best: ``accuracy``
cosmic-tagging  label "origin"      paper 0's numbers of the planes, at full resolution, of
                                    pixels with charge; a plane with nothing to count in a
                                    number is left out of it; best: ``mean_iou``
==============  ==================  ============================================================

References
----------
five-class: arXiv:1903.05663 and 2012.08513; cosmic-tagging: arXiv:2012.01301, section 6.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argoscope.analyses.confusion import rates
from argoscope.analyses.cosmic_tagging import image_metrics
from argoscope.errors import named
from argoscope.events import COSMIC, FIVE_CLASS, LabelScheme
from argoscope.events.image import LabelKind

__all__ = ["TASKS", "Task", "task_named"]


@dataclass(frozen=True)
class Task:
    """What is learned, and how its validation is told.

    Parameters
    ----------
    name : str
    scheme : LabelScheme
        Classes.
    truth : {"semantic", "origin"}
        Label that is learned.
    numbers : callable
        Numbers of a validation by name, from the confusion matrices of its events: one array an event, of shape
        (images, classes, classes).
    best : str
        The number by which validations are compared; more is better.
    """

    name: str
    scheme: LabelScheme
    truth: LabelKind
    numbers: Callable[[Sequence[np.ndarray]], dict[str, float]]
    best: str


def _five_class_numbers(events: Sequence[np.ndarray]) -> dict[str, float]:
    """Accuracy of events with its interval, pooled, and by class; a class that no event has is left out."""
    matrices = np.stack([images.sum(axis=0) for images in events])
    each = rates(matrices, pooled=False)
    return {
        "accuracy": each.accuracy.value,
        "low": each.accuracy.low,
        "high": each.accuracy.high,
        "pooled": rates(matrices, pooled=True).accuracy.value,
        **{
            name: estimate.value
            for name, estimate, having in zip(
                FIVE_CLASS.classes, each.class_accuracy, each.class_events, strict=True
            )
            if having
        },
    }


def _cosmic_numbers(events: Sequence[np.ndarray]) -> dict[str, float]:
    """Paper 0's averages over planes; a number that no plane has is 0."""
    found = image_metrics(np.concatenate(events))
    counted = np.isfinite(found)
    _, right, cosmic, neutrino = np.where(counted, found, 0.0).sum(0) / counted.sum(0).clip(min=1)
    return {
        "non_background_accuracy": float(right),
        "iou_cosmic": float(cosmic),
        "iou_neutrino": float(neutrino),
        "mean_iou": float((cosmic + neutrino) / 2),
    }


TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task("five-class", FIVE_CLASS, "semantic", _five_class_numbers, "accuracy"),
        Task("cosmic-tagging", COSMIC, "origin", _cosmic_numbers, "mean_iou"),
    )
}
"""Every task by name."""


def task_named(name: str) -> Task:
    """Find a task.

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.
    """
    return named(name, TASKS, "there is no task")
