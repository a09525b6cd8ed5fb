"""Mistakes in whole files: by particle, by the distance to the border, and the worst events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from argoscope.analyses.five_class import Tally, report
from argoscope.analyses.mistakes import MistakeTally, mistake_report
from argoscope.errors import InvalidArgument
from argoscope.inference.labelled import labelled_events
from argoscope.inference.products import models_in
from argoscope.models.preparation import Truth
from argoscope.typing import PathLike

__all__ = ["evaluate_mistakes"]

MEV = {"MeV": 1.0, "GeV": 1000.0}


def evaluate_mistakes(
    paths: Sequence[PathLike], *, truth: Truth | None = None, worst: int = 4
) -> dict[str, Any]:
    """Look at the mistakes in the predictions of some files.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict` with true semantic labels and instances.
    truth : {"regular", "relabelled"}, optional
        By default what the model was trained on, as the file says.
    worst : int
        Events that are kept whole.

    Returns
    -------
    dict
        See `argoscope.analyses.mistakes.mistake_report`; also ``by_border`` (`argoscope.analyses.five_class.report`),
        ``charge_unit``, ``models``.

    Raises
    ------
    InvalidArgument
        If a file has no predictions, no true classes or no instances, or the files together no event.
    """
    tally, border = MistakeTally(most=worst), Tally()
    unit = ""
    for path, entry, _, event, images, labels in labelled_events(paths, truth, doing="looking at events"):
        if any("instance" not in image.labels for image in images):
            raise InvalidArgument(f"{path} has no instances: whose pixels were mistaken is not known")
        where = {"file": path.name, "entry": entry, **event.id._asdict()}
        tally.add_event(images, labels, event.particles, unit=MEV[event.energy_unit], where=where)
        border.add_event(images, labels)
        unit = event.charge_unit
    if not tally.events:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    return {
        **mistake_report(tally),
        "by_border": report(border)["by_border"],
        "charge_unit": unit,
        "models": models_in(paths),
    }
