"""Metrics of files that hold both truth and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

import numpy as np

from argoscope.analyses.confusion import rates
from argoscope.analyses.five_class import Tally, report
from argoscope.errors import InvalidArgument, require_known
from argoscope.events import FIVE_CLASS, Event, Image
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.products import (
    described_model,
    predicted_labels,
    predicted_product,
    require_scheme,
    require_true_classes,
)
from argoscope.models.preparation import Truth, with_truth
from argoscope.typing import PathLike

__all__ = ["evaluate_five_class", "labelled_images"]


def evaluate_five_class(paths: Sequence[PathLike], *, truth: Truth | None = None) -> dict[str, Any]:
    """Evaluate the predictions of some files.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict` with true semantic labels.
    truth : {"regular", "relabelled"}, optional
        By default what the model was trained on, as the file says.

    Returns
    -------
    dict
        See `argoscope.analyses.five_class.report`; an event is all its planes that the network reads, and a pixel of
        them that it did not see, because its charge is outside the network's window, is counted as ``unseen``. Also
        ``charge_unit``, ``truth``, ``models``, ``planes`` (``pooled`` of each projection, of wire planes) and
        ``headline``.

    Raises
    ------
    InvalidArgument
        If `truth` is unknown, a file has no predictions or no truth, either is in another scheme than `FIVE_CLASS`, or
        the files are of models with different truths, or of different dimensions or units of charge.
    """
    if truth is not None:
        require_known(truth, get_args(Truth), "there is no truth")
    tally = Tally()
    models: set[str] = set()
    kinds: set[tuple[str, int, str]] = set()
    for path in paths:
        with Larcv3File(path) as file:
            described = described_model(file.header)
            models.add(described["name"])
            wanted = truth or cast("Truth", described.get("truth", "regular"))
            for index in range(len(file)):
                event = _count(file, index, wanted, described.get("planes"), tally)
                kinds.add((wanted, event.dimensions, event.charge_unit))
                say("evaluating events", index + 1, len(file))
    if not kinds:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    if len(kinds) > 1:
        listed = "; ".join(f"{name} truth, {axes}D, charge in {unit}" for name, axes, unit in sorted(kinds))
        raise InvalidArgument(f"the files are of several kinds ({listed}): evaluate them apart")
    [(found_truth, dimensions, unit)] = kinds
    planes = {} if dimensions == 3 else tally.by_plane
    return {
        **report(tally),
        "charge_unit": unit,
        "truth": found_truth,
        "models": sorted(models),
        "planes": {str(plane): _pooled(planes[plane]) for plane in sorted(planes)},
        "headline": "per_event" if dimensions == 3 else "pooled",
    }


def _count(file: Larcv3File, index: int, truth: Truth, planes: Sequence[int] | None, tally: Tally) -> Event:
    """Count one event, of some planes (of all if none is named), and return it."""
    event, read = labelled_images(file, index, truth, planes)
    tally.add_event([image for image, _ in read], [labels for _, labels in read])
    return event


def labelled_images(
    file: Larcv3File, index: int, truth: Truth, planes: Sequence[int] | None = None
) -> tuple[Event, list[tuple[Image, np.ndarray]]]:
    """An event of a file with predictions, and its images with the truth asked for, each with its predicted classes.

    Parameters
    ----------
    file : Larcv3File
    index : int
    truth : {"regular", "relabelled"}
    planes : sequence of int, optional
        Projections wanted; all if none is named.

    Raises
    ------
    InvalidArgument
        If the file has no predictions or no truth, or either is in another scheme than `FIVE_CLASS`.
    """
    event = file.event(index)
    product = predicted_product(file, event.dimensions)
    require_scheme(
        file.header.schemes.get(product), FIVE_CLASS, f"the predictions of {file.path} ({product})"
    )
    require_true_classes(event, file.path)
    for image in event.images:
        require_scheme(image.labels["semantic"].scheme, FIVE_CLASS, f"the true classes of {file.path}")
    found = predicted_labels(file.record(index, [product]), event, FIVE_CLASS)
    read = [
        (image, labels)
        for image, labels in zip(with_truth(event, truth).images, found, strict=True)
        if not planes or image.grid.projection in planes
    ]
    return event, read


def _pooled(matrices: list[np.ndarray]) -> dict[str, Any]:
    """``pooled`` of a report, of one plane."""
    return rates(np.stack(matrices), pooled=True).to_json(FIVE_CLASS.classes)
