"""Reliability of the scores in files of predictions, and the temperature that mends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np

from argoscope.analyses.reliability import ReliabilityTally, best_temperature, reliability_report, tempered
from argoscope.errors import InvalidArgument
from argoscope.events import Event, LabelScheme, Voxels
from argoscope.events.image import LabelKind
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.products import described_model, each_once, predicted_product
from argoscope.models.preparation import Truth, with_truth
from argoscope.training.tasks import as_track_shower
from argoscope.typing import PathLike

__all__ = ["evaluate_reliability", "file_temperature"]

MOST_PIXELS = 2_000_000
"""Pixels that a temperature is fitted on: more move it by less than a per mille [E]."""


def evaluate_reliability(paths: Sequence[PathLike], *, temperature: float = 1.0) -> dict[str, Any]:
    """Compare the scores in some files with the truth there.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict` with scores and true classes, of one scheme.
    temperature : float
        The scores are taken at this temperature times the one that they have.

    Returns
    -------
    dict
        See `argoscope.analyses.reliability.reliability_report`; also ``scheme``, ``models``.

    Raises
    ------
    InvalidArgument
        If a file has no predictions, no scores or no true classes, the files have several schemes or no pixel.
    """
    tally: ReliabilityTally | None = None
    schemes, models = set[str](), set[str]()
    for path in each_once(paths):
        with Larcv3File(path) as file:
            models.add(described_model(file.header)["name"])
            for scheme, scores, truth in _scored(file):
                schemes.add(scheme.name)
                if len(schemes) > 1:
                    raise InvalidArgument(
                        f"the files have the schemes {', '.join(sorted(schemes))}: evaluate them apart"
                    )
                tally = tally or ReliabilityTally(scheme.classes)
                tally.add(tempered(scores, temperature) if temperature != 1 else scores, truth)
    if tally is None or not any(part.any() for part in tally.counts):
        raise InvalidArgument("the files hold no labelled pixel: there is nothing to evaluate")
    return {**reliability_report(tally), "scheme": schemes.pop(), "models": sorted(models)}


def file_temperature(path: PathLike) -> float:
    """Temperature that makes the true classes of a file's predicted pixels likeliest; see `evaluate_reliability`.

    Events are taken in order, until there are `MOST_PIXELS` pixels.
    """
    parts, seen = [], 0
    with Larcv3File(path) as file:
        for _, scores, truth in _scored(file):
            parts.append((scores, truth))
            seen += len(truth)
            if seen > MOST_PIXELS:
                break
    if not parts:
        raise InvalidArgument(f"{path} holds no event: a temperature needs some")
    return best_temperature(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _scored(file: Larcv3File) -> Iterator[tuple[LabelScheme, np.ndarray, np.ndarray]]:
    """Scheme, scores and true classes of the labelled pixels of each event that have scores."""
    model = described_model(file.header)
    truth = cast("Truth", model.get("truth", "regular"))
    for index in range(len(file)):
        event = with_truth(file.event(index), truth)
        product = predicted_product(file, event.dimensions)
        scheme = file.header.schemes[product]
        names = [product.replace("label", f"score_{name}") for name in scheme.classes]
        missing = [name for name in names if name not in file.products]
        if missing:
            raise InvalidArgument(
                f"{file.path} has no scores ({missing[0]}): run `argoscope predict` on it again"
            )
        record = file.record(index, names)
        tables = [cast("tuple[Voxels, ...]", record[name]) for name in names]
        yield scheme, *_labelled(event, scheme, tables)
        say("reading scores", index + 1, len(file))


def _labelled(
    event: Event, scheme: LabelScheme, tables: Sequence[tuple[Voxels, ...]]
) -> tuple[np.ndarray, np.ndarray]:
    """Scores and true classes of the labelled pixels of an event."""
    mapped = as_track_shower(event) if scheme.name == "track-shower" else event
    kind: LabelKind = "origin" if scheme.name == "cosmic" else "semantic"
    scores, truth = [np.zeros((0, len(scheme.classes)))], [np.zeros(0, np.int64)]
    for position, image in enumerate(mapped.images):
        column = image.label(kind)
        if column.scheme != scheme:
            raise InvalidArgument(
                f"{event.id} has true classes of the scheme {column.scheme.name!r}, the scores are of {scheme.name!r}"
            )
        rows = np.searchsorted(image.ids, tables[0][position].ids)
        labelled = column.labelled[rows]
        scores.append(np.column_stack([table[position].values for table in tables])[labelled])
        truth.append(column.values[rows][labelled].astype(np.int64))
    return np.concatenate(scores), np.concatenate(truth)
