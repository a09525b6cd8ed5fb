"""Predictions as products of a file, beside those it has, in place of earlier predictions.

``sparse2d_argoscope_label`` (or 3d) has the class of each pixel, one product
``sparse2d_argoscope_score_CLASS`` a class its score. Pixels that the network
did not see are left out of all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import Event, LabelScheme, Record, Voxels
from argoscope.events.grid import rows_in
from argoscope.files.header import Header
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.layouts import label_product
from argoscope.inference.segmentation import Segmentation
from argoscope.typing import PathLike

__all__ = [
    "PREDICTION",
    "described_model",
    "each_once",
    "is_prediction",
    "label_product",
    "models_in",
    "predicted_header",
    "predicted_labels",
    "predicted_product",
    "require_scheme",
    "require_true_classes",
    "segmentation_record",
    "with_predictions",
    "without_predictions",
]

PREDICTION = "prediction"
"""Role of the predicted label product."""
_PREDICTION = re.compile(
    r"sparse[23]d_argoscope_(label|score_.*|instance_score)|cluster2d_argoscope_instances"
)


def is_prediction(product: str) -> bool:
    """Whether a product of this name is one of the predictions.

    Examples
    --------
    >>> is_prediction("sparse2d_argoscope_score_Michel"), is_prediction("sparse2d_wire")
    (True, False)
    """
    return _PREDICTION.fullmatch(product) is not None


def predicted_header(header: Header, dimensions: int, scheme: LabelScheme) -> Header:
    """Header of a file, and what its predictions are; earlier predictions are left out."""
    name, kept = label_product(dimensions), without_predictions(header)
    return replace(kept, roles={**kept.roles, PREDICTION: name}, schemes={**kept.schemes, name: scheme})


def described_model(header: Header) -> dict[str, Any]:
    """What a file says of the model that made its predictions; its ``name`` is "unknown" where it says none.

    Examples
    --------
    >>> described_model(Header())
    {'name': 'unknown'}
    """
    said = header.provenance.get("configuration", {}).get("model", {})
    return {**said, "name": str(said.get("name", "unknown"))}


def each_once(paths: Sequence[PathLike]) -> list[Path]:
    """The files of an evaluation.

    Raises
    ------
    InvalidArgument
        If a file stands twice among them, under whatever path: its events would count twice.

    Examples
    --------
    >>> each_once(["a.h5", "./a.h5"])
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: a.h5 is given twice, and its events would count twice: give each file once
    """
    found: dict[Path, Path] = {}
    for path in map(Path, paths):
        if path.resolve() in found:
            raise InvalidArgument(
                f"{path} is given twice, and its events would count twice: give each file once"
            )
        found[path.resolve()] = path
    return list(found.values())


def models_in(paths: Sequence[PathLike]) -> list[str]:
    """Names of the models that made the predictions of some files, sorted, each once."""
    models = set()
    for path in paths:
        with Larcv3File(path) as file:
            models.add(described_model(file.header)["name"])
    return sorted(models)


def without_predictions(header: Header) -> Header:
    """Header of a file, earlier predictions left out."""
    roles = {role: product for role, product in header.roles.items() if not is_prediction(product)}
    schemes = {product: known for product, known in header.schemes.items() if not is_prediction(product)}
    return replace(header, roles=roles, schemes=schemes)


def with_predictions(record: Record, said: Record) -> Record:
    """A record with the predictions of its event, in place of earlier ones.

    Parameters
    ----------
    record : Record
    said : Record
        The predictions alone.
    """
    kept = {name: product for name, product in record.products.items() if not is_prediction(name)}
    return Record(record.id, {**kept, **said.products})


def segmentation_record(event: Event, found: tuple[Segmentation, ...], scheme: LabelScheme) -> Record:
    """The predicted classes of an event alone."""
    name = label_product(event.dimensions)
    columns: dict[str, list[Voxels]] = {name: []}
    for image, answer in zip(event.images, found, strict=True):
        seen = answer.labels != scheme.unlabelled
        ids = image.ids[seen]
        columns[name].append(Voxels(image.grid, ids, answer.labels[seen].astype(np.float32)))
        for number, title in enumerate(scheme.classes):
            scores = Voxels(image.grid, ids, answer.scores[seen, number])
            columns.setdefault(f"sparse{event.dimensions}d_argoscope_score_{title}", []).append(scores)
    return Record(event.id, {key: tuple(planes) for key, planes in columns.items()})


MEASURED_BY = {
    "five-class": "`argoscope evaluate five-class`",
    "track-shower": "`argoscope evaluate track-shower` (`worst` in its --json: the events in which most is wrong)",
    "cosmic": "`argoscope evaluate cosmic-tagging`",
}
"""What measures predictions of a scheme."""


def require_scheme(scheme: LabelScheme | None, wanted: LabelScheme, what: str) -> None:
    """Refuse labels of another scheme than what is to be measured: their numbers mean other classes.

    Parameters
    ----------
    scheme : LabelScheme or None
        Of the labels; None where a file does not say.
    wanted : LabelScheme
    what : str
        The labels, for the message.

    Raises
    ------
    InvalidArgument
        If the schemes differ.

    Examples
    --------
    >>> from argoscope.events import COSMIC, FIVE_CLASS
    >>> require_scheme(COSMIC, FIVE_CLASS, "the predictions of a.h5")
    Traceback (most recent call last):
    argoscope.errors.InvalidArgument: the predictions of a.h5 are in the scheme 'cosmic', and 'five-class' (HIP, MIP,
    shower, delta, Michel) is measured here: predict with a model of that scheme, give a file with such truth, or measure
    these by `argoscope evaluate cosmic-tagging`
    """
    if scheme != wanted:
        name = "an unknown scheme" if scheme is None else f"the scheme {scheme.name!r}"
        other = "choose another task of `argoscope evaluate`"
        if scheme is not None and scheme.name in MEASURED_BY:
            other = f"measure these by {MEASURED_BY[scheme.name]}"
        raise InvalidArgument(
            f"{what} are in {name}, and {wanted.name!r} ({', '.join(wanted.classes)}) is measured here: predict with a "
            f"model of that scheme, give a file with such truth, or {other}"
        )


def predicted_product(file: Larcv3File, dimensions: int) -> str:
    """Name of a file's product with the predicted classes.

    Raises
    ------
    InvalidArgument
        If the file has no such product.
    """
    product = label_product(dimensions)
    if product not in file.products:
        raise InvalidArgument(
            f"{file.path} has no predictions ({product}): run `argoscope predict` on it first"
        )
    return product


def require_true_classes(event: Event, path: Path) -> None:
    """Refuse an event of the file `path` that has an image without true classes."""
    if any("semantic" not in image.labels for image in event.images):
        raise InvalidArgument(f"{path} has no true classes: its predictions cannot be evaluated")


def predicted_labels(record: Record, event: Event, scheme: LabelScheme) -> list[np.ndarray]:
    """Predicted class of every pixel of every image of an event.

    Parameters
    ----------
    record : Record
        With the predicted labels.
    event : Event
    scheme : LabelScheme

    Returns
    -------
    list of ndarray, shape (n,), int32
        `scheme.unlabelled` where there is no prediction.

    Raises
    ------
    InvalidArgument
        If the record has no predictions, or they are of other images.
    """
    planes = record[label_product(event.dimensions)]
    if isinstance(planes, np.ndarray) or len(planes) != len(event.images):
        raise InvalidArgument(f"the predictions of {event.id} are not of its {len(event.images)} images")
    found = []
    for image, voxels in zip(event.images, planes, strict=True):
        if not isinstance(voxels, Voxels) or voxels.grid.shape != image.grid.shape:
            raise InvalidArgument(f"the predictions of {event.id} are of another image than its charge")
        labels = np.full(len(image), scheme.unlabelled, np.int32)
        rows = rows_in(image.ids, voxels.ids)
        if (rows < 0).any():
            raise InvalidArgument(f"{event.id} has predictions on pixels without charge")
        labels[rows] = scheme.require_valid(voxels.values)
        found.append(labels)
    return found
