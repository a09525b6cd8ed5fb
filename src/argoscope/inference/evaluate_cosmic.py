"""Cosmic tagging of whole files: its metrics, and those of the selection of events with a neutrino."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from argoscope.analyses import cosmic_tagging, selection
from argoscope.analyses.cosmic_counts import EventCounts, count_plane
from argoscope.analyses.interactions import Interaction
from argoscope.errors import InvalidArgument
from argoscope.events import Image
from argoscope.files.guard import say
from argoscope.files.larcv3 import Larcv3File
from argoscope.inference.products import described_model, each_once
from argoscope.inference.tagged import PLANES, interaction_in, tagged_planes, tagged_products
from argoscope.typing import PathLike

__all__ = ["evaluate_cosmic_tagging", "evaluate_selection"]


def evaluate_cosmic_tagging(paths: Sequence[PathLike]) -> dict[str, Any]:
    """Evaluate the predictions of some files against their true origins.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict` with true origins.

    Returns
    -------
    dict
        See `argoscope.analyses.cosmic_tagging.report`; also ``models``.

    Raises
    ------
    InvalidArgument
        If a file has no predictions, no truth, other labels or not three planes; or the files together no event, or
        other planes.
    """
    models: set[str] = set()
    counts = [
        EventCounts(where, interaction or Interaction("other"), tuple(map(count_plane, planes)))
        for where, interaction, planes in _events(paths, models, truth=True)
    ]
    if not counts:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    _require_same_planes(counts)
    return {**cosmic_tagging.report(counts), "models": sorted(models)}


def evaluate_selection(
    paths: Sequence[PathLike],
    *,
    least_pixels: int = selection.PAPER_CUTS.least_pixels,
    most_separation: float = selection.PAPER_CUTS.most_separation,
    centre: selection.Centre = selection.PAPER_CUTS.centre,
) -> dict[str, Any]:
    """Evaluate the selection of events with a neutrino.

    Parameters
    ----------
    paths : sequence of path
        Outputs of `predict`, with the table of the neutrino; those of several samples together.
    least_pixels : int
        Neutrino pixels that every plane must have.
    most_separation : float
        Largest difference of the drift between two planes, in pixels of the pooled image.
    centre : {"mean", "median"}
        Drift of a plane: of its neutrino pixels the mean, as in the paper, or the median, which stray pixels hardly move.

    Returns
    -------
    dict
        See `argoscope.analyses.selection.report`; also ``models``.

    Raises
    ------
    InvalidArgument
        If a cut is out of its range, the centre unknown, or a file has no predictions, other labels, not three planes,
        or no table of the neutrino.
    """
    cuts = selection.Cuts(least_pixels, most_separation, centre)
    models: set[str] = set()
    kinds, found = [], []
    for where, interaction, planes in _events(paths, models, truth=False):
        if interaction is None:
            raise InvalidArgument(
                f"{where['file']} has no table of the neutrino, which tells what an event is of: "
                "`argoscope select cosmic-tagging` works without truth"
            )
        kinds.append(interaction.kind)
        found.append(selection.event_neutrino_pixels(planes, cuts.centre))
    if not kinds:
        raise InvalidArgument("the files hold no event: there is nothing to evaluate")
    numbers = np.array(found, dtype=np.float64).reshape(len(kinds), PLANES, 2)
    return {
        **selection.report(kinds, numbers[..., 0], numbers[..., 1], cuts),
        "models": sorted(models),
    }


def _events(
    paths: Sequence[PathLike], models: set[str], *, truth: bool
) -> Iterator[tuple[dict[str, Any], Interaction | None, tuple[Image, ...]]]:
    """Every event of the files: where it is, what it is of, its planes; notes the models that predicted."""
    for path in each_once(paths):
        with Larcv3File(path) as file:
            products = tagged_products(file, truth=truth)
            models.add(described_model(file.header)["name"])
            neutrino = file.header.roles.get("neutrino")
            names = [*products.names, *([neutrino] if neutrino else [])]
            for index in range(len(file)):
                record = file.record(index, names)
                where = {"file": file.path.name, "entry": index, **record.id._asdict()}
                yield where, interaction_in(file, record), tagged_planes(record, products)
                say("evaluating events", index + 1, len(file))


def _require_same_planes(counts: Sequence[EventCounts]) -> None:
    """Refuse events of different planes, whose images would be averaged plane by plane."""
    first = [plane.projection for plane in counts[0].planes]
    for event in counts:
        planes = [plane.projection for plane in event.planes]
        if planes != first:
            raise InvalidArgument(
                f"{event.where['file']}, event {event.where['entry']} has the planes {planes} and the first event "
                f"{first}: evaluate them apart"
            )
