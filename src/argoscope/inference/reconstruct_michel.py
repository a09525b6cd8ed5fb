"""Michel electrons of a file of predictions as a table: for data, where no truth says which they are.

One row a candidate:

=========================  ==================================================================
entry, run, subrun, event  the event, and its place in the file
plane                      projection of the image
candidate                  its number in the image
pixels                     how many it has
charge                     their sum, in the file's unit
energy                     the same in MeV; not a number where the factor is unknown
score                      mean score of the Michel class; not a number where the file has no scores
mip_pixels                 pixels of the MIP cluster that it is attached to
contact_x, ...             indices of the MIP pixel nearest to it (contact_wire, contact_tick in planes)
middle_x, ...              its charge-weighted middle, in indices
=========================  ==================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.michel import MICHEL, Attached, Candidate, MichelRules, find_michels
from argoscope.errors import InvalidArgument
from argoscope.events import FIVE_CLASS, Event, Image, Record, Voxels
from argoscope.files.finished import require_order
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.files.provenance import file_facts, provenance_block
from argoscope.files.table import AXES, about_table, new_table, require_table
from argoscope.inference.evaluate_michel import energy_factor
from argoscope.inference.products import predicted_labels, predicted_product, require_scheme
from argoscope.typing import PathLike

__all__ = ["reconstruct_michel"]

TABLE = "michel"
"""Name of the group or tree."""


def reconstruct_michel(
    source: PathLike,
    target: PathLike,
    *,
    least_pixels: int = 0,
    mev_per_unit: float | None = None,
    eps: float = 2.8,
    michel_points: int = 5,
    mip_points: int = 10,
    attached: Attached = "reach",
    edge_radius: float = 15.0,
    command: str = "",
    resume: bool = False,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the Michel electrons of a file as a table.

    Parameters
    ----------
    source : path
        Output of `predict`; it needs no truth.
    target : path
        ``.h5``, ``.root`` or ``.parquet``; it appears when it is complete.
    least_pixels : int
        Candidates with fewer are left out; the paper's quality cut is 10.
    mev_per_unit : float, optional
        Energy of one unit of charge, in MeV; 1 where the charge is in MeV, else unknown.
    eps, michel_points, mip_points, attached, edge_radius
        See `argoscope.analyses.michel.MichelRules`.
    command : str
        The command line, for the provenance.
    resume : bool
        A finished table of the same order is left as it is.
    overwrite : bool

    Returns
    -------
    dict
        ``input``, ``output``, ``events``, ``candidates``, ``rules``, ``kept`` (whether the table was there).

    Raises
    ------
    InvalidArgument
        If a parameter breaks its rule, the output exists or is of another order, the file has no event, no predictions
        or other labels.
    """
    rules = MichelRules(
        eps=eps,
        michel_points=michel_points,
        mip_points=mip_points,
        attached=attached,
        edge_radius=edge_radius,
    )
    target = Path(target)
    kept = resume and not overwrite and target.exists()
    if not kept:
        require_table(target, overwrite=overwrite)
    with Larcv3File(source) as file:
        if not len(file):
            raise InvalidArgument(f"{source} has no event: a table without rows would have no columns")
        facts = {**file_facts(file.path), "provenance": file.header.provenance}
        factor = energy_factor(file.charge_event(0).charge_unit, mev_per_unit)
        configuration = {"rules": asdict(rules), "least_pixels": least_pixels, "mev_per_unit": factor}
        answer = {
            "input": str(source), "output": str(target), "events": len(file), "rules": asdict(rules), "kept": kept,
        }  # fmt: skip
        if kept:
            about = about_table(target)
            require_order(target, _asked(facts, configuration), lambda: _asked_in(about["provenance"]))
            return {**answer, "candidates": about["candidates"]}
        columns = _columns(file, _Wanted(rules, factor, least_pixels))
    count = len(columns["pixels"])
    about = {
        "charge_unit": file.header.charge_unit,
        "detector": file.header.detector,
        "candidates": count,
        "provenance": provenance_block(command, inputs=[facts], configuration=configuration),
    }
    with new_table(target, TABLE, overwrite=overwrite) as (append, note):
        note(json.dumps(about))
        append(columns)
    return {**answer, "candidates": count}


def _asked(facts: Mapping[str, Any], configuration: Mapping[str, Any]) -> dict[str, Any]:
    """What decides the rows of a table."""
    return {"input": facts["sha256"], **configuration}


def _asked_in(provenance: Mapping[str, Any]) -> dict[str, Any]:
    """The same, from the provenance of a table."""
    return _asked(provenance["inputs"][0], provenance["configuration"])


class _Wanted(NamedTuple):
    """What makes a row of a table."""

    rules: MichelRules
    factor: float | None
    least_pixels: int


def _columns(file: Larcv3File, wanted: _Wanted) -> dict[str, np.ndarray]:
    """Columns of all candidates of a file."""
    dimensions = file.charge_event(0).dimensions
    product = predicted_product(file, dimensions)
    scheme = file.header.schemes.get(product)
    require_scheme(scheme, FIVE_CLASS, f"the predictions of {file.path} ({product})")
    score = product.replace("label", f"score_{FIVE_CLASS.classes[MICHEL]}")
    read = [name for name in (product, score) if name in file.products]
    rows: list[tuple[Any, ...]] = []
    for index in range(len(file)):
        event, record = file.charge_event(index), file.record(index, read)
        labels = predicted_labels(record, event, FIVE_CLASS)
        scores = _scores(record, score, event)
        for image, called, said in zip(event.images, labels, scores, strict=True):
            rows += [(index, *event.id, *row) for row in _rows(image, called, said, wanted)]
        say("reconstructing events", index + 1, len(file))
    kinds = _kinds(AXES[dimensions])
    columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
    return {name: np.array(values, kinds[name]) for name, values in zip(kinds, columns, strict=True)}


def _kinds(axes: Sequence[str]) -> dict[str, str]:
    """Names of the columns, and their types."""
    return {
        **dict.fromkeys(("entry", "run", "subrun", "event"), "i8"),
        **dict.fromkeys(("plane", "candidate", "pixels"), "i4"),
        **dict.fromkeys(("charge", "energy", "score"), "f8"),
        "mip_pixels": "i4",
        **{f"contact_{axis}": "i4" for axis in axes},
        **{f"middle_{axis}": "f8" for axis in axes},
    }


def _scores(record: Record, product: str, event: Event) -> list[np.ndarray]:
    """Score of the Michel class of every pixel of every image; not a number where there is none."""
    planes = record.products.get(product, (None,) * len(event.images))
    found = []
    for image, voxels in zip(event.images, planes, strict=True):
        scores = np.full(len(image), np.nan)
        if isinstance(voxels, Voxels):
            scores[np.searchsorted(image.ids, voxels.ids)] = voxels.values
        found.append(scores)
    return found


def _rows(image: Image, labels: np.ndarray, scores: np.ndarray, wanted: _Wanted) -> Iterator[tuple[Any, ...]]:
    """Rows of the candidates of an image, from its projection on."""
    found = find_michels(image.coordinates, labels, wanted.rules)
    kept = [one for one in found if len(one.rows) >= wanted.least_pixels]
    for number, one in enumerate(kept):
        charge = image.charge[one.rows].sum(dtype=np.float64)
        energy = np.nan if wanted.factor is None else wanted.factor * charge
        measured = (len(one.rows), charge, energy, scores[one.rows].mean(), one.mip_pixels)
        places = (*image.coordinates[one.contact], *_middle(image, one))
        yield (image.grid.projection, number, *measured, *places)


def _middle(image: Image, candidate: Candidate) -> np.ndarray:
    """Charge-weighted middle of a candidate; the plain one where its charge is not positive."""
    charge = image.charge[candidate.rows].astype(np.float64)
    weights = charge if charge.sum() > 0 else np.ones(len(charge))
    middle: np.ndarray = weights @ image.coordinates[candidate.rows] / weights.sum()
    return middle
