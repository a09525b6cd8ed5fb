"""Figures 18 to 21: crops with what is true and what is said of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.track_shower import image_errors
from argoscope.display.scene import scene_of
from argoscope.display.static import figure_of
from argoscope.events import TRACK_SHOWER, Event, LabelColumn, convert_labels, map_images
from argoscope.events.labels import scheme_named
from argoscope.inference.segmentation import segment
from argoscope.models.weights import Model
from argoscope.papers import paper2_published as published
from argoscope.papers.paper2_studies.hand_samples import hand_sample
from argoscope.papers.paper2_studies.sizes import Sizes, crops
from argoscope.papers.paper2_studies.subjects import Subject, subject_for, tallied
from argoscope.papers.samples import Sample, events_of, sample_file
from argoscope.papers.study import Context, Figure, Section
from argoscope.training.tasks import as_track_shower

__all__ = ["find", "place_of", "said"]

LAYERS = ["charge", "semantic", "prediction"]


class Shown(NamedTuple):
    """A picture: number of the paper's figure, what it shows, of which sample, by which rank of the ICPF from 0 to 1."""

    number: int
    what: str
    sample: Sample
    rank: float


def find(context: Context, sizes: Sizes) -> Section:
    """Draw the worst neutral pion, and crops of median ICPF."""
    subject = subject_for(context, sizes)
    pions, muons = (hand_sample(sizes, preset) for preset in ("paper2-ccpi0", "paper2-michel"))
    listed = (
        Shown(18, "the neutral pion with the highest ICPF", pions, 1.0),
        Shown(19, "an electron neutrino of median ICPF", crops(sizes, "test", "paper2-nue"), 0.5),
        Shown(20, "a stopping muon of median ICPF", muons, 0.5),
        Shown(21, "a neutral pion of median ICPF", pions, 0.5),
    )
    worst = ", ".join(map(str, published.WORST))
    return Section(
        "Figures 18 to 21: events",
        f"The paper's figure 18 has the four neutral pions of its data with the highest ICPF ({worst}), by a physicist's labels; "
        "its other figures have events that were chosen. Ours are simulated.",
        figures=tuple(_figure(context, subject, shown) for shown in listed),
    )


def place_of(icpf: np.ndarray, rank: float) -> int:
    """Position of the image at a rank of the ICPF, among those that have one.

    Parameters
    ----------
    icpf : ndarray, shape (images,)
        At least one a number.
    rank : float
        0: the lowest, 1: the highest.

    Examples
    --------
    >>> place_of(np.array([0.3, np.nan, 0.1, 0.2]), 0.5), place_of(np.array([0.3, np.nan, 0.1]), 1.0)
    (3, 0)
    """
    order = np.argsort(icpf)[: int(np.isfinite(icpf).sum())]
    return int(order[int(rank * (len(order) - 1))])


def said(model: Model, event: Event) -> Event:
    """The event with its true tracks and showers, and what a model calls its pixels, pixels that it sees."""
    scheme = scheme_named(model.card.scheme)
    answers = iter(segment(model, event))
    labelled = as_track_shower(event)

    def with_answer(image: Any) -> Any:
        found = next(answers).labels
        called = convert_labels(found, scheme, TRACK_SHOWER, allow_lossy=True)
        seen = called != TRACK_SHOWER.unlabelled
        return image.with_labels(prediction=LabelColumn(called, TRACK_SHOWER)).take(seen)

    return map_images(labelled, with_answer)


def _figure(context: Context, subject: Subject, shown: Shown) -> Figure:
    icpf = image_errors(np.stack(tallied(context, subject.model, shown.sample).pixels))[:, 0]
    entry = place_of(icpf, shown.rank)
    path = sample_file(context, shown.sample)
    event = said(subject.model, list(events_of(path, entry + 1))[-1])
    scene = scene_of(event, source=path.name, number=entry, layers=LAYERS)
    note = f"{subject.how} Entry {entry} of {shown.sample.said()}; ICPF {icpf[entry]:.3f}."
    title = f"Figure {shown.number}: {shown.what}"
    return context.figure(f"figure{shown.number}", title, figure_of(scene), _data(event), note)


def _data(event: Event) -> dict[str, Any]:
    (image,) = event.images
    return {
        "event": list(event.id),
        "coordinates": image.coordinates.tolist(),
        "charge": np.round(image.charge, 2).tolist(),
        "truth": image.label("semantic").values.tolist(),
        "predicted": image.label("prediction").values.tolist(),
        "classes": list(TRACK_SHOWER.classes),
    }
