"""How metrics change when the detector does: paired, event by event.

Each event gives, for each metric, a top and a bottom: right pixels and pixels,
shared pixels and pixels, Michel electrons found and there. A metric is the
mean over events of top / bottom (``per_event``), or the sum of tops over the
sum of bottoms (``pooled``). The same events, varied, give the varied metric;
its change is that of the same particles, so that both are resampled together
and what is common to them cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from argoscope.analyses.confusion import confusion_matrix
from argoscope.analyses.five_class import two_classes
from argoscope.analyses.instance_blocks import METRICS, Rules, measure_block
from argoscope.analyses.michel_matching import match_image
from argoscope.analyses.statistics import Estimate, bootstrap
from argoscope.analyses.true_instances import active_part, true_instances
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC, FIVE_CLASS, TRACK_SHOWER, Image
from argoscope.events.image import LabelKind
from argoscope.events.instances import Instances

__all__ = ["MEASURES", "Measure", "changes", "estimates"]

Averaging = Literal["per_event", "pooled"]

Labelled = Sequence[tuple[Image, np.ndarray]]
"""Images of an event with their true labels, and the predicted class of each pixel."""


def _counted(image: Image, predicted: np.ndarray, kind: LabelKind = "semantic") -> np.ndarray:
    """Which pixels have a true label and a prediction, shape (n,)."""
    column = image.label(kind)
    return np.asarray(column.labelled & (predicted != column.scheme.unlabelled))


@dataclass(frozen=True)
class Measure:
    """The metrics of a task.

    Parameters
    ----------
    averaging : dict of str to {"per_event", "pooled"}
        By metric, in the order of the columns.
    of : callable
        Gives top and bottom of each metric of an event, shape (2, metrics), from its images, each with what is
        predicted of it: the class of every pixel, or instances.
    counted : callable
        Which pixels of an image the metrics count, given what is predicted of it, shape (n,).
    """

    averaging: dict[str, Averaging]
    of: Any
    counted: Callable[[Image, Any], np.ndarray] = _counted

    def pixels(self, images: Sequence[tuple[Image, Any]]) -> int:
        """Pixels of an event that the metrics count."""
        return sum(int(self.counted(image, said).sum()) for image, said in images)


def _matrix(images: Labelled, classes: int, kind: LabelKind = "semantic") -> np.ndarray:
    """Confusion matrix of an event, of the pixels that the network saw."""
    matrix = np.zeros((classes, classes))
    for image, predicted in images:
        counted = _counted(image, predicted, kind)
        matrix += confusion_matrix(image.label(kind).values[counted], predicted[counted], classes)
    return matrix


def _five_class(images: Labelled) -> np.ndarray:
    matrix = _matrix(images, len(FIVE_CLASS.classes))
    (two,) = two_classes(matrix[None])
    parts = [_rights(matrix), _rights(two)[:, 1:]]
    michel = np.zeros((2, 5))
    for image, predicted in images:
        pairs, truths = match_image(image, predicted)
        matched = pairs.match >= 0
        shared = pairs.shared[matched]
        count = matched.sum()
        michel += [
            [
                (truths.found > 0).sum(), count, (shared / pairs.true_pixels[matched]).sum(),
                (shared / pairs.pixels[matched]).sum(), pairs.charge[matched].sum(),
            ],
            [len(truths.found), len(matched), count, count, pairs.true_charge[matched].sum()],
        ]  # fmt: skip
    return np.concatenate([*parts, michel], axis=1)


def _rights(matrix: np.ndarray) -> np.ndarray:
    """Right pixels and pixels, of all classes and of each, shape (2, 1 + classes)."""
    right = np.diagonal(matrix)
    return np.array([[right.sum(), *right], [matrix.sum(), *matrix.sum(axis=1)]])


def _track_shower(images: Labelled) -> np.ndarray:
    matrix = _matrix(images, len(TRACK_SHOWER.classes))
    shower, track = TRACK_SHOWER.index("shower"), TRACK_SHOWER.index("track")
    tops = [matrix.sum() - np.trace(matrix), matrix[shower, track], matrix[track, shower]]
    return np.array([tops, [matrix.sum(), matrix[shower].sum(), matrix[track].sum()]])


def _cosmic(images: Labelled) -> np.ndarray:
    matrix = _matrix(images, len(COSMIC.classes), "origin")
    right = np.diagonal(matrix)
    union = matrix.sum(axis=0) + matrix.sum(axis=1) - right
    names = [COSMIC.index("cosmic"), COSMIC.index("neutrino")]
    return np.array([[right[names].sum(), *right[names]], [matrix[names].sum(), *union[names]]])


def _instances(images: Sequence[tuple[Image, Instances]]) -> np.ndarray:
    """Of all classes together: the first of paper 1's blocks."""
    parts = np.zeros((2, len(METRICS)))
    for image, said in images:
        numbers = image.label("ancestor").values
        truth = true_instances(image, np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.int32))
        block = measure_block(active_part(image), truth, said, Rules())
        parts += [block.tops, block.bottoms]
    return parts


def _active(image: Image, _said: Instances) -> np.ndarray:
    """Which pixels are active and of an interaction, shape (n,)."""
    return np.asarray(image.label("ancestor").labelled & np.isin(image.ids, active_part(image).ids))


MEASURES: dict[str, Measure] = {
    "five-class": Measure(
        {
            "accuracy": "per_event",
            **dict.fromkeys(FIVE_CLASS.classes, "per_event"),
            "track": "pooled",
            "shower_like": "pooled",
            "michel_id_efficiency": "pooled",
            "michel_id_purity": "pooled",
            "michel_cluster_efficiency": "pooled",
            "michel_cluster_purity": "pooled",
            "michel_energy": "pooled",
        },
        _five_class,
    ),
    "track-shower": Measure(
        dict.fromkeys(("icpf_mean", "shower_error", "track_error"), "per_event"), _track_shower
    ),
    "cosmic-tagging": Measure(
        dict.fromkeys(("non_background_accuracy", "iou_cosmic", "iou_neutrino"), "per_event"),
        _cosmic,
        partial(_counted, kind="origin"),
    ),
    "instances": Measure(dict.fromkeys(METRICS, "per_event"), _instances, _active),
}
"""By task. ``track`` and ``shower_like`` are paper 3's two classes; ``michel_...`` paper 4's numbers, the energy over the
true one of matched candidates. An event is all its planes; cosmic tagging is counted at the network's own resolution."""


def estimates(measure: Measure, parts: np.ndarray) -> dict[str, Estimate]:
    """Every metric with its interval over events.

    Parameters
    ----------
    measure : Measure
    parts : ndarray, shape (events, 2, metrics)
        Tops and bottoms.

    Examples
    --------
    >>> share = Measure({"accuracy": "per_event"}, None)
    >>> estimates(share, np.array([[[1.0], [2.0]], [[3.0], [3.0]]]))["accuracy"].value
    0.75
    """
    found = bootstrap(lambda times: _values(measure, parts, times), len(parts))
    return dict(zip(measure.averaging, found, strict=True))


def changes(measure: Measure, central: np.ndarray, varied: np.ndarray) -> dict[str, Estimate]:
    """Change of every metric, varied less central, of the same events, with its interval over events.

    Parameters
    ----------
    measure : Measure
    central, varied : ndarray, shape (events, 2, metrics)
        Tops and bottoms of the same events.

    Raises
    ------
    InvalidArgument
        If the numbers of events differ.

    Examples
    --------
    What is common cancels:

    >>> share = Measure({"accuracy": "per_event"}, None)
    >>> central = np.array([[[1.0], [4.0]], [[3.0], [4.0]]])
    >>> found = changes(share, central, central - [[1.0], [0.0]])["accuracy"]
    >>> found.value, found.low, found.high
    (-0.25, -0.25, -0.25)
    """
    if central.shape != varied.shape:
        raise InvalidArgument(
            f"central ({len(central)} events) and varied ({len(varied)}) must be the same events"
        )
    found = bootstrap(
        lambda times: _values(measure, varied, times) - _values(measure, central, times), len(central)
    )
    return dict(zip(measure.averaging, found, strict=True))


def _values(measure: Measure, parts: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Every metric of resampled events, shape (samples, metrics)."""
    tops, bottoms = parts[:, 0], parts[:, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        each = tops / bottoms
        present = bottoms > 0
        mean = (times @ np.where(present, each, 0.0)) / (times @ present)
        pooled = (times @ tops) / (times @ bottoms)
    return np.where([how == "pooled" for how in measure.averaging.values()], pooled, mean)
