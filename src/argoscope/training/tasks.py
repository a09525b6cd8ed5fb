"""The tasks a network of pixel classes can be trained for.

==============  ==================  ============================================================
task            truth               validation
==============  ==================  ============================================================
five-class      label "semantic"    accuracy of the event, all its images together, and of each
                                    class; best: ``accuracy``
cosmic-tagging  label "origin"      paper 0's numbers of the planes, at full resolution, of
                                    pixels with charge; a plane with nothing to count in a
                                    number is left out of it; best: ``mean_iou``
track-shower    label "semantic",   paper 2's errors, averaged over images that have such pixels;
                mapped from five    best: ``accuracy``, 1 - ICPF
                classes or shapes
particle        the one primary     accuracy of events, all and of each particle; best:
                particle            ``accuracy``. All pixels of an image are labelled so, and with
                                    the loss ``event-mean`` that is the cross entropy of images
instances       labels "ancestor",  efficiency, purity, panoptic quality and others of the instances
                "origin"            of each plane, averaged over planes; best: ``mean_of_both``
==============  ==================  ============================================================

References
----------
five-class: arXiv:1903.05663 and 2012.08513; cosmic-tagging: arXiv:2012.01301, section 6.1;
track-shower and particle: arXiv:1808.07269, sections IV and VI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from argoscope.analyses.confusion import rates
from argoscope.analyses.cosmic_tagging import image_metrics
from argoscope.analyses.instance_blocks import METRICS
from argoscope.analyses.track_shower import image_errors, quantile_90
from argoscope.errors import named
from argoscope.events import COSMIC, FIVE_CLASS, PARTICLE, TRACK_SHOWER, Event, LabelScheme
from argoscope.events.image import LabelKind
from argoscope.events.labels import CONVERSIONS
from argoscope.events.single_particle import with_particle_class
from argoscope.files.convert import relabel

__all__ = ["TASKS", "Task", "as_track_shower", "task_named"]


def _as_it_is(event: Event) -> Event:
    """The event; by name, since tasks travel to the processes that load."""
    return event


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
        (images, classes, classes). Of instances: from what `measured_instances` says of each image.
    best : str
        The number by which validations are compared; more is better.
    learns : {"pixels", "instances"}
        What the network answers with: `argoscope.training.learning`.
    labelled : callable
        Says the truth of an event in `scheme`, where the event has it in other words.
    whole_images : bool
        Whether all pixels of an image have one class.
    """

    name: str
    scheme: LabelScheme
    truth: LabelKind
    numbers: Callable[[Sequence[np.ndarray]], dict[str, float]]
    best: str
    learns: Literal["pixels", "instances"] = "pixels"
    labelled: Callable[[Event], Event] = _as_it_is
    whole_images: bool = False


def _accuracies(scheme: LabelScheme, events: Sequence[np.ndarray]) -> dict[str, float]:
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
                scheme.classes, each.class_accuracy, each.class_events, strict=True
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


def _instance_numbers(events: Sequence[np.ndarray]) -> dict[str, float]:
    """Averages over planes (paper 1's event average); planes with nothing to find or nothing said are left out."""
    found = np.concatenate(events)
    counted = np.isfinite(found)
    means = np.where(counted, found, 0.0).sum(0) / counted.sum(0).clip(min=1)
    numbers = dict(zip(METRICS, means.tolist(), strict=True))
    return {**numbers, "mean_of_both": (numbers["efficiency"] + numbers["purity"]) / 2}


def _track_shower_numbers(events: Sequence[np.ndarray]) -> dict[str, float]:
    """Paper 2's errors; one that no image has is 0."""
    errors = image_errors(np.concatenate(events))
    counted = np.isfinite(errors)
    icpf, shower, track = np.where(counted, errors, 0.0).sum(0) / counted.sum(0).clip(min=1)
    return {
        "accuracy": float(1 - icpf),
        "icpf_mean": float(icpf),
        "icpf_90": float(np.nan_to_num(quantile_90(errors[:, 0], np.ones((1, len(errors))))[0])),
        "shower_error": float(shower),
        "track_error": float(track),
    }


def as_track_shower(event: Event) -> Event:
    """The event with classes that are known to be a track's or a shower's said so; others stay.

    Examples
    --------
    >>> from argoscope.drawn import drawn_event
    >>> as_track_shower(drawn_event()).images[0].labels["semantic"].scheme.name
    'track-shower'
    """
    names = {image.label("semantic").scheme.name for image in event.images}
    known = all((name, TRACK_SHOWER.name) in CONVERSIONS for name in names)
    return relabel(event, TRACK_SHOWER, lossy=True) if known else event


TASKS: Mapping[str, Task] = {
    task.name: task
    for task in (
        Task("five-class", FIVE_CLASS, "semantic", partial(_accuracies, FIVE_CLASS), "accuracy"),
        Task("cosmic-tagging", COSMIC, "origin", _cosmic_numbers, "mean_iou"),
        Task(
            "track-shower",
            TRACK_SHOWER,
            "semantic",
            _track_shower_numbers,
            "accuracy",
            labelled=as_track_shower,
        ),
        Task(
            "particle",
            PARTICLE,
            "semantic",
            partial(_accuracies, PARTICLE),
            "accuracy",
            labelled=with_particle_class,
            whole_images=True,
        ),
        Task("instances", COSMIC, "origin", _instance_numbers, "mean_of_both", learns="instances"),
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
