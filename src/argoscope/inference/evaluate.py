"""Metrics of files that hold both truth and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast, get_args

import numpy as np

from argoscope.analyses.confusion import rates
from argoscope.analyses.five_class import Tally, report
from argoscope.errors import InvalidArgument, require_known
from argoscope.events import FIVE_CLASS
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.products import label_product, predicted_labels, require_scheme
from argoscope.models.preparation import Truth, with_truth
from argoscope.typing import PathLike

__all__ = ["evaluate_five_class"]


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
        See `argoscope.analyses.five_class.report`; also ``truth``, ``models``, ``planes`` (``pooled`` of each
        projection, of wire planes) and ``headline``.

    Raises
    ------
    InvalidArgument
        If `truth` is unknown, a file has no predictions or no truth, either is in another scheme than `FIVE_CLASS`, or
        the files are of models with different truths.
    """
    if truth is not None:
        require_known(truth, get_args(Truth), "there is no truth")
    tallies: dict[int, Tally] = {}
    models, truths, dimensions = set(), set(), set()
    for path in paths:
        with Larcv3File(path) as file:
            described = file.describe().provenance.get("configuration", {}).get("model", {})
            models.add(str(described.get("name", "unknown")))
            wanted = truth or cast("Truth", described.get("truth", "regular"))
            truths.add(wanted)
            for index in range(len(file)):
                dimensions.add(_count(file, index, wanted, tallies))
                say("evaluating events", index + 1, len(file))
    if len(truths) > 1 or len(dimensions) > 1:
        raise InvalidArgument(
            f"the files have the truths {sorted(truths)}, dimensions {sorted(dimensions)}: evaluate them apart"
        )
    if not tallies:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    whole = _joined(list(tallies.values()))
    volume = dimensions == {3}
    planes = [] if volume else sorted(tallies)
    return {
        **report(whole),
        "truth": truths.pop(),
        "models": sorted(models),
        "planes": {str(plane): _pooled(tallies[plane]) for plane in planes},
        "headline": "per_event" if volume else "pooled",
    }


def _count(file: Larcv3File, index: int, truth: Truth, tallies: dict[int, Tally]) -> int:
    """Count one event; returns the dimensions of its images."""
    event = file.event(index)
    product = label_product(event.dimensions)
    if product not in file.products:
        raise InvalidArgument(
            f"{file.path} has no predictions ({product}): run `argoscope predict` on it first"
        )
    require_scheme(
        file.header.schemes.get(product), FIVE_CLASS, f"the predictions of {file.path} ({product})"
    )
    for image in event.images:
        if "semantic" not in image.labels:
            raise InvalidArgument(f"{file.path} has no true classes: its predictions cannot be evaluated")
        require_scheme(image.labels["semantic"].scheme, FIVE_CLASS, f"the true classes of {file.path}")
    found = predicted_labels(file.record(index, [product]), event, FIVE_CLASS)
    for image, labels in zip(with_truth(event, truth).images, found, strict=True):
        if len(labels) and (labels == FIVE_CLASS.unlabelled).all():
            continue  # a plane that the network does not read
        tallies.setdefault(image.grid.projection, Tally()).add(image, labels)
    return event.dimensions


def _pooled(tally: Tally) -> dict[str, Any]:
    """``pooled`` of a report, without the rest of it."""
    return rates(np.stack(tally.pixels), pooled=True).to_json(FIVE_CLASS.classes)


def _joined(tallies: list[Tally]) -> Tally:
    """All images of several tallies in one."""
    whole = Tally()
    for tally in tallies:
        whole.pixels += tally.pixels
        whole.charge += tally.charge
        whole.energies += tally.energies
        whole.clusters += tally.clusters
        whole.border = whole.border + tally.border
        whole.unseen += tally.unseen
    return whole
