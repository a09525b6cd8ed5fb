"""Mistakes in whole files: by particle, by the distance to the border, and the worst events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from argoscope.analyses.five_class import Tally, report
from argoscope.analyses.mistakes import MistakeTally, mistake_report
from argoscope.errors import InvalidArgument
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.evaluate import labelled_images
from argoscope.inference.products import described_model
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
    models, unit = set[str](), ""
    for path in paths:
        with Larcv3File(path) as file:
            described = described_model(file.header)
            models.add(described["name"])
            wanted = truth or cast("Truth", described.get("truth", "regular"))
            for index in range(len(file)):
                event, read = labelled_images(file, index, wanted, described.get("planes"))
                if any("instance" not in image.labels for image, _ in read):
                    raise InvalidArgument(
                        f"{file.path} has no instances: whose pixels were mistaken is not known"
                    )
                images, labels = [image for image, _ in read], [found for _, found in read]
                where = {"file": file.path.name, "entry": index, **event.id._asdict()}
                tally.add_event(images, labels, event.particles, unit=MEV[event.energy_unit], where=where)
                border.add_event(images, labels)
                unit = event.charge_unit
                say("looking at events", index + 1, len(file))
    if not tally.events:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    return {
        **mistake_report(tally),
        "by_border": report(border)["by_border"],
        "charge_unit": unit,
        "models": sorted(models),
    }
