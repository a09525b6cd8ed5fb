"""Which particles a network mistakes, by their energy and length, and the events in which it errs most.

A particle is the pixels that belong to it in an image; they may be of several
classes, as those of a Michel electron that radiates. Its energy is the kinetic
one it began with, its length the diagonal of the box around its pixels, in
pixels. Particles without labelled pixels are in no number.

References
----------
Paper 4, arXiv:1903.05663, section V C, figure 13; paper 2, arXiv:1808.07269, figure 18.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from argoscope.analyses.statistics import LEVEL, bootstrap
from argoscope.events import FIVE_CLASS, Image

__all__ = ["ENERGY_EDGES", "LENGTH_EDGES", "MistakeTally", "mistake_report", "particles_of", "with_if_bad"]

ENERGY_EDGES = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Edges of the kinetic energy, in MeV; [E]."""
LENGTH_EDGES = (0.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Edges of the length, in pixels; [E]."""
LEAST_PIXELS = 100
"""Smallest event among the worst: in a smaller one there is nothing to see; [E]."""
LARGEST = 3
"""Mistakes that are named of one of the worst events."""
_CLASSES = len(FIVE_CLASS.classes)
_MASSES = {
    11: 0.511,
    13: 105.658,
    22: 0.0,
    111: 134.977,
    211: 139.570,
    321: 493.677,
    2112: 939.565,
    2212: 938.272,
}
"""MeV, by PDG number (Particle Data Group 2024)."""


class Particles(NamedTuple):
    """The particles of an image; shapes (particles,), but for `confusion`, (particles, 5, 5)."""

    number: np.ndarray
    pdg: np.ndarray
    """0 where the table does not have it."""
    energy: np.ndarray
    """Kinetic, MeV; not a number where it is unknown."""
    length: np.ndarray
    confusion: np.ndarray
    """Pixels, rows truth, columns prediction."""


def particles_of(
    image: Image, predicted: np.ndarray, table: np.ndarray | None = None, *, unit: float = 1.0
) -> Particles:
    """The particles of an image, and what their pixels are called.

    Parameters
    ----------
    image : Image
        With true semantic labels of the five-class scheme, and instances.
    predicted : ndarray, shape (n,), int32
        Predicted classes.
    table : ndarray, optional
        Of the true particles.
    unit : float
        Energy unit of the table, in MeV.

    Examples
    --------
    >>> from argoscope.drawn import drawn_event
    >>> image = drawn_event(0).images[0]
    >>> found = particles_of(image, image.label("semantic").values)
    >>> int(found.confusion.sum()) == int(found.confusion.trace(axis1=1, axis2=2).sum())
    True
    """
    truth, owner = image.label("semantic").values, image.label("instance").values
    counted = (truth != FIVE_CLASS.unlabelled) & (predicted != FIVE_CLASS.unlabelled)
    counted &= image.label("instance").labelled
    numbers, which = np.unique(owner[counted], return_inverse=True)
    flat = (which * _CLASSES + truth[counted]) * _CLASSES + predicted[counted]
    confusion = np.bincount(flat, minlength=len(numbers) * _CLASSES**2).reshape(-1, _CLASSES, _CLASSES)
    low = np.full((len(numbers), image.grid.dimensions), np.iinfo(np.int64).max)
    high = np.full_like(low, -1)
    np.minimum.at(low, which, image.coordinates[counted])
    np.maximum.at(high, which, image.coordinates[counted])
    pdg, energy = _from_table(numbers, table, unit)
    length = np.linalg.norm(high - low + 1.0, axis=1)
    return Particles(numbers, pdg, energy, length, confusion)


def _from_table(numbers: np.ndarray, table: np.ndarray | None, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """PDG number and kinetic energy of particles, in MeV."""
    pdg, energy = np.zeros(len(numbers), np.int64), np.full(len(numbers), np.nan)
    rows = {} if table is None else {int(number): row for row, number in enumerate(table["id"])}
    for place, number in enumerate(numbers):
        if table is not None and int(number) in rows:
            row = table[rows[int(number)]]
            pdg[place] = row["pdg"]
            energy[place] = max(0.0, row["energy_init"] * unit - _MASSES.get(abs(int(row["pdg"])), 0.0))
    return pdg, energy


@dataclass
class MistakeTally:
    """The particles of the events so far, and the worst events.

    Parameters
    ----------
    most : int
        Worst events that are kept.
    events : int
    particles : list of (int, Particles)
        Of each image, with the number of its event.
    worst : list of dict
        What is kept of the worst images, the worst first (`with_if_bad`).
    """

    most: int = 4
    events: int = 0
    particles: list[tuple[int, Particles]] = field(default_factory=list)
    worst: list[dict[str, Any]] = field(default_factory=list)

    def add_event(
        self,
        images: Sequence[Image],
        predicted: Sequence[np.ndarray],
        table: np.ndarray | None = None,
        *,
        unit: float = 1.0,
        where: dict[str, Any] | None = None,
    ) -> None:
        """Count one event; see `particles_of`. `where` says which it is."""
        for image, labels in zip(images, predicted, strict=True):
            found = particles_of(image, labels, table, unit=unit)
            self.particles.append((self.events, found))
            self.worst = with_if_bad(self.worst, image, labels, found, most=self.most, where=where or {})
        self.events += 1


def with_if_bad(
    worst: Sequence[dict[str, Any]],
    image: Image,
    predicted: np.ndarray,
    found: Particles | None = None,
    *,
    most: int,
    where: dict[str, Any],
) -> list[dict[str, Any]]:
    """The worst images so far, with another one if it is among them.

    Parameters
    ----------
    worst : sequence of dict
        What is kept of each, the worst first: `where`, ``plane``, ``right`` (share of the pixels), ``mistakes`` and the pixels.
    image : Image
        With true semantic labels of the five-class scheme.
    predicted : ndarray, shape (n,), int32
        Predicted classes.
    found : Particles, optional
        Of the image; without them no mistake is named.
    most : int
        Images that are kept.
    where : dict
        Says which image it is.
    """
    truth = image.label("semantic").values
    counted = (truth != FIVE_CLASS.unlabelled) & (predicted != FIVE_CLASS.unlabelled)
    right = float((truth == predicted)[counted].mean()) if counted.any() else 1.0
    if counted.sum() < LEAST_PIXELS or (len(worst) == most and (not most or right >= worst[-1]["right"])):
        return list(worst)
    kept = {
        **where,
        "plane": image.grid.projection,
        "right": right,
        "mistakes": _largest(found) if found else [],
        "coordinates": image.coordinates[counted].tolist(),
        "charge": image.charge[counted].tolist(),
        "truth": truth[counted].tolist(),
        "predicted": predicted[counted].tolist(),
    }
    return sorted([*worst, kept], key=lambda one: one["right"])[:most]


def _largest(found: Particles) -> list[dict[str, Any]]:
    """The mistakes of an image with most pixels: which particle, and what it was taken for."""
    wrong = found.confusion * (1 - np.eye(_CLASSES, dtype=np.int64))
    flat = np.argsort(-wrong, axis=None, kind="stable")[:LARGEST]
    return [
        {
            "pdg": int(found.pdg[row]),
            "energy": None if np.isnan(found.energy[row]) else float(found.energy[row]),
            "class": FIVE_CLASS.classes[true],
            "called": FIVE_CLASS.classes[called],
            "pixels": int(wrong[row, true, called]),
            "of": int(found.confusion[row].sum()),
        }
        for row, true, called in zip(*np.unravel_index(flat, wrong.shape), strict=True)
        if wrong[row, true, called]
    ]


def mistake_report(tally: MistakeTally) -> dict[str, Any]:
    """Numbers with intervals, and the worst events.

    Parameters
    ----------
    tally : MistakeTally

    Returns
    -------
    dict
        ``by_energy`` and ``by_length``: a row a bin with ``low``, ``high``, ``particles``, ``confusion`` (pixels, rows truth) and
        ``wrong`` (of each class, with interval over events); ``worst``; ``events``, ``interval``.
    """
    event = np.concatenate([np.full(len(p.number), n) for n, p in tally.particles] or [np.zeros(0, int)])
    columns = [np.concatenate(column) for column in zip(*(p for _, p in tally.particles), strict=True)]
    found = Particles(*columns) if columns else None
    return {
        "by_energy": _binned(found, event, "energy", ENERGY_EDGES, tally.events),
        "by_length": _binned(found, event, "length", LENGTH_EDGES, tally.events),
        "worst": tally.worst,
        "events": tally.events,
        "interval": f"central {LEVEL:.1%}, bootstrap over events",
    }


def _binned(
    found: Particles | None, event: np.ndarray, by: str, edges: Sequence[float], events: int
) -> list[dict[str, Any]]:
    """Confusion and wrong shares in bins of a property; the last bin has no end."""
    if found is None:
        return []
    value = getattr(found, by)
    bins = np.where(np.isnan(value), -1, np.searchsorted(edges, value, side="right") - 1)
    rows = []
    for number, (low, high) in enumerate(zip(edges, (*edges[1:], None), strict=True)):
        here = bins == number
        matrices = np.zeros((events, _CLASSES, _CLASSES))
        np.add.at(matrices, event[here], found.confusion[here])
        rows.append(
            {
                "low": low,
                "high": high,
                "particles": int(here.sum()),
                "confusion": matrices.sum(axis=0).tolist(),
                "wrong": _wrong(matrices),
            }
        )
    return rows


def _wrong(matrices: np.ndarray) -> dict[str, Any]:
    """Wrong share of each class, with its interval over events; without one where a single event has such pixels."""
    totals = matrices.sum(axis=2)
    wrong = totals - np.diagonal(matrices, axis1=1, axis2=2)

    def of(times: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            share: np.ndarray = (times @ wrong) / (times @ totals)
        return share

    several = (totals > 0).sum(axis=0) > 1
    found = (
        estimate if enough else replace(estimate, low=np.nan, high=np.nan)
        for estimate, enough in zip(bootstrap(of, len(matrices)), several, strict=True)
    )
    return {name: estimate.to_json() for name, estimate in zip(FIVE_CLASS.classes, found, strict=True)}
