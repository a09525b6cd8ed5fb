"""Whole events of a sample with what a network says of each image, as `argoscope predict` has it."""

from __future__ import annotations

from collections.abc import Iterator

from argoscope.events import Event
from argoscope.inference.segmentation import Segmentation, segment
from argoscope.models.preparation import chosen_planes
from argoscope.models.weights import Model
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.study import Context

__all__ = ["predicted"]


def predicted(
    context: Context, model: Model, sample: Sample, planes: tuple[int, ...] = ()
) -> Iterator[tuple[Event, tuple[Segmentation, ...]]]:
    """The events of a sample, one at a time, each with the answers to its images.

    Parameters
    ----------
    context : Context
    model : Model
    sample : Sample
        Made if it is not there.
    planes : tuple of int
        Projection numbers of the images wanted; all if empty.

    Raises
    ------
    Stopped
        If the work was asked to stop.
    """
    for number, event in enumerate(events_of(sample_file(context, sample))):
        context.obey()
        context.report(f"predicting {sample.name}", number, sample.events)
        chosen = chosen_planes(event, planes)
        yield chosen, segment(model, chosen)
