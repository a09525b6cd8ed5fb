"""Events of files that hold both predicted and true classes of five, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np

from argoscope.events import FIVE_CLASS, Event, Image
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.products import (
    described_model,
    each_once,
    predicted_labels,
    predicted_product,
    require_scheme,
    require_true_classes,
)
from argoscope.models.preparation import Truth, with_truth
from argoscope.typing import PathLike

__all__ = ["LabelledEvent", "labelled_events"]


class LabelledEvent(NamedTuple):
    """An event with its truth and what a network says of it.

    Parameters
    ----------
    path : Path
        Of its file.
    entry : int
        Its place in the file.
    truth : {"regular", "relabelled"}
    event : Event
        As the file has it.
    images : list of Image
        Those that the network reads, with the truth asked for.
    labels : list of ndarray, shape (n,), int32
        Predicted class of every pixel of each image.
    """

    path: Path
    entry: int
    truth: Truth
    event: Event
    images: list[Image]
    labels: list[np.ndarray]


def labelled_events(
    paths: Sequence[PathLike], truth: Truth | None = None, *, doing: str = "evaluating events"
) -> Iterator[LabelledEvent]:
    """Read the events of some outputs of `predict`.

    Parameters
    ----------
    paths : sequence of path
    truth : {"regular", "relabelled"}, optional
        By default what each file's model was trained on.
    doing : str
        What is done with them, for the progress.

    Yields
    ------
    LabelledEvent

    Raises
    ------
    InvalidArgument
        If a file has no predictions or no truth, or either is in another scheme than `FIVE_CLASS`.
    """
    for path in each_once(paths):
        with Larcv3File(path) as file:
            described = described_model(file.header)
            wanted = truth or cast("Truth", described.get("truth", "regular"))
            for entry in range(len(file)):
                yield _labelled(file, entry, wanted, described.get("planes"))
                say(doing, entry + 1, len(file))


def _labelled(file: Larcv3File, entry: int, truth: Truth, planes: Sequence[int] | None) -> LabelledEvent:
    """One event, of some planes; of all if none is named."""
    event = file.event(entry)
    product = predicted_product(file, event.dimensions)
    require_scheme(
        file.header.schemes.get(product), FIVE_CLASS, f"the predictions of {file.path} ({product})"
    )
    require_true_classes(event, file.path)
    for image in event.images:
        require_scheme(image.labels["semantic"].scheme, FIVE_CLASS, f"the true classes of {file.path}")
    found = predicted_labels(file.record(entry, [product]), event, FIVE_CLASS)
    read = [
        (image, labels)
        for image, labels in zip(with_truth(event, truth).images, found, strict=True)
        if not planes or image.grid.projection in planes
    ]
    return LabelledEvent(
        file.path, entry, truth, event, [image for image, _ in read], [labels for _, labels in read]
    )
