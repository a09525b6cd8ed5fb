"""Metrics of files that hold both truth and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from argoscope.analyses.confusion import rates
from argoscope.analyses.five_class import Tally, report
from argoscope.errors import InvalidArgument, require_known
from argoscope.events import FIVE_CLASS
from argoscope.inference.labelled import labelled_events
from argoscope.inference.products import models_in
from argoscope.models.preparation import Truth
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
    kinds: set[tuple[str, int, str]] = set()
    for each in labelled_events(paths, truth):
        tally.add_event(each.images, each.labels)
        kinds.add((each.truth, each.event.dimensions, each.event.charge_unit))
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
        "models": models_in(paths),
        "planes": {str(plane): _pooled(planes[plane]) for plane in sorted(planes)},
        "headline": "per_event" if dimensions == 3 else "pooled",
    }


def _pooled(matrices: list[np.ndarray]) -> dict[str, Any]:
    """``pooled`` of a report, of one plane."""
    return rates(np.stack(matrices), pooled=True).to_json(FIVE_CLASS.classes)
