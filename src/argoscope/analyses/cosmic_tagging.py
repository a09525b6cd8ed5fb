"""How well cosmic and neutrino pixels are told apart: paper 0's numbers.

Everything follows from one 3 x 3 matrix an image (a plane of an event; see
`cosmic_counts`), rows truth, columns prediction:

    accuracy                  of all pixels, the share with the true label
    non-background accuracy   the same, of pixels whose true label is not background
    IoU of a class            true and predicted / true or predicted

averaged over the images, mean IoU being the mean of the two averages. Three
conventions:

=================  ====================================================================
`paper`            after 2 x 2 pooling (charge mean, truth and predicted label maximum);
                   an IoU of an image with neither true nor predicted pixels is 1
`strict`           the same images; such an image is left out, and counted
`full_resolution`  as `paper`, without pooling
=================  ====================================================================

Beside them stands what calling every pixel above 10 cosmic gives: without it
0.7 looks like something. Intervals resample events, as planes of one event are
not independent.

References
----------
Paper 0: arXiv:2012.01301, section 6.1 (metrics), 7 (figures 7, 8), 8 (figure 9). Its code, CosmicTagger, counts an
empty union as 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from argoscope.analyses.cosmic_counts import (
    BLUR_REACH,
    COSMIC_RAY,
    NEUTRINO,
    EventCounts,
    PlaneCounts,
)
from argoscope.analyses.interactions import KINDS, NEUTRINO_KINDS
from argoscope.analyses.statistics import LEVEL, Estimate, bootstrap
from argoscope.errors import InvalidArgument
from argoscope.events import COSMIC

__all__ = ["METRICS", "averages", "changes", "image_metrics", "report"]

METRICS = ("accuracy", "non_background_accuracy", "iou_cosmic", "iou_neutrino", "mean_iou")
ENERGIES_GEV = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Edges of the neutrino's energy; [E], figure 9 spans up to some GeV, where its events (figure 3) grow few."""
CLASSICAL = {"non_background_accuracy": 0.77}
"""Paper 0, section 8: estimated from the 74 % of cosmic muons that MicroBooNE's classical tagger rejects."""


def image_metrics(matrices: np.ndarray) -> np.ndarray:
    """Metrics of each image.

    Parameters
    ----------
    matrices : ndarray, shape (..., 3, 3)

    Returns
    -------
    ndarray, shape (..., 4), float64
        Accuracy, non-background accuracy, IoU of cosmic and of neutrino; not a number where nothing was there to
        take a share of.

    Examples
    --------
    >>> image_metrics(np.array([[14, 0, 0], [0, 1, 0], [0, 1, 0]])).tolist()
    [0.9375, 0.5, 0.5, 0.0]
    """
    matrices = np.asarray(matrices, dtype=np.float64)
    right = np.diagonal(matrices, axis1=-2, axis2=-1)
    true, said = matrices.sum(axis=-1), matrices.sum(axis=-2)
    signal = [COSMIC_RAY, NEUTRINO]
    tops = [right.sum(-1), right[..., signal].sum(-1), *np.moveaxis(right[..., signal], -1, 0)]
    unions = (true + said - right)[..., signal]
    bottoms = [true.sum(-1), true[..., signal].sum(-1), *np.moveaxis(unions, -1, 0)]
    with np.errstate(invalid="ignore"):
        return np.stack(tops, axis=-1) / np.stack(bottoms, axis=-1)


def averages(matrices: np.ndarray, *, empty_is_one: bool, seed: int = 0) -> dict[str, Any]:
    """Metrics averaged over images, with intervals over events.

    Parameters
    ----------
    matrices : ndarray, shape (events, planes, 3, 3)
    empty_is_one : bool
        Whether the IoU of an image with an empty union counts as 1 (the paper's convention) or is left out.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        Each of `METRICS` as value and interval; ``images``; ``left_out``, how many images a metric had nothing to
        average in; ``empty_unions``, images in which a class is neither true nor predicted.

    Examples
    --------
    >>> nothing = np.array([[[[16, 0, 0], [0, 0, 0], [0, 0, 0]]]])
    >>> found = averages(nothing, empty_is_one=True)
    >>> found["iou_neutrino"]["value"], found["non_background_accuracy"]["value"], found["left_out"]["iou_neutrino"]
    (1.0, None, 0)
    """
    strict = image_metrics(matrices)
    empty = np.isnan(strict[..., 2:])
    values = _paper_metrics(matrices) if empty_is_one else strict
    there = np.isfinite(values)
    found = bootstrap(lambda counts: _means(values, counts), len(values), seed=seed)
    return {
        **{name: estimate.to_json() for name, estimate in zip(METRICS, found, strict=True)},
        "images": int(there[..., 0].size),
        "left_out": dict(zip(METRICS[:4], (~there).sum(axis=(0, 1)).tolist(), strict=True)),
        "empty_unions": dict(zip(METRICS[2:4], empty.sum(axis=(0, 1)).tolist(), strict=True)),
    }


def _paper_metrics(matrices: np.ndarray) -> np.ndarray:
    """As `image_metrics`; an IoU of nothing is 1."""
    values = image_metrics(matrices)
    values[..., 2:] = np.where(np.isnan(values[..., 2:]), 1.0, values[..., 2:])
    return values


def _means(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """`METRICS` of samples of events, shape (samples, 5), from those of the images, shape (events, planes, 4)."""
    there = np.isfinite(values)
    sums, numbers = np.where(there, values, 0.0).sum(axis=1), there.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = (counts @ sums) / (counts @ numbers)
    return np.column_stack([means, means[:, 2:].mean(axis=1)])


def changes(before: np.ndarray, after: np.ndarray, *, seed: int = 0) -> dict[str, Estimate]:
    """How much a second prediction of the same events is better than a first, in the paper's convention.

    Parameters
    ----------
    before, after : ndarray, shape (events, planes, 3, 3)
        Of the same events in the same order, so that what is hard in both cancels.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        Difference of each of `METRICS`, after less before, with its interval over events.

    Raises
    ------
    InvalidArgument
        If the two are not of as many events and planes.

    Examples
    --------
    >>> half, whole = (np.array([[[[9, 0, 0], [4 - n, n, 0], [0, 0, 3]]]]) for n in (2, 4))
    >>> changes(half, whole)["iou_cosmic"].value
    0.5
    """
    if before.shape != after.shape:
        raise InvalidArgument(
            f"before and after have shapes {before.shape} and {after.shape}: they must be of the same events and planes"
        )
    first, second = map(_paper_metrics, (before, after))
    found = bootstrap(lambda counts: _means(second, counts) - _means(first, counts), len(before), seed=seed)
    return dict(zip(METRICS, found, strict=True))


def report(events: Sequence[EventCounts]) -> dict[str, Any]:
    """Numbers with intervals, as `argoscope evaluate cosmic-tagging --json` prints them.

    Parameters
    ----------
    events : sequence of EventCounts
        At least one; all with the same planes.

    Returns
    -------
    dict
        ``paper``, ``strict``, ``full_resolution``; ``baseline_all_cosmic`` (in the paper's convention, and ``strict``
        and ``full_resolution`` inside it); ``by_plane``, ``by_interaction`` and ``by_energy`` in the paper's
        convention; ``occupancy``, ``blurring``, ``without_charge``, ``unseen``, ``classical``, ``events``,
        ``scheme``, ``interval``.
    """
    small, small_base, full, full_base = (
        np.array([[getattr(plane, name) for plane in event.planes] for event in events])
        for name in ("pooled", "pooled_baseline", "full", "full_baseline")
    )
    projections = [plane.projection for plane in events[0].planes]
    return {
        **_conventions(small, full),
        "baseline_all_cosmic": _flattened(_conventions(small_base, full_base)),
        "by_plane": {
            str(projection): averages(small[:, [at]], empty_is_one=True)
            for at, projection in enumerate(projections)
        },
        "by_interaction": _by_interaction(events, small),
        "by_energy": _by_energy(events, small),
        "occupancy": _occupancy(events),
        "blurring": _blurring(events),
        "without_charge": sum(plane.without_charge for event in events for plane in event.planes),
        "unseen": sum(plane.unseen for event in events for plane in event.planes),
        "classical": CLASSICAL,
        "events": [_event_row(event) for event in events],
        "scheme": COSMIC.name,
        "interval": f"central {LEVEL:.1%}, bootstrap over events",
    }


def _conventions(small: np.ndarray, full: np.ndarray) -> dict[str, Any]:
    return {
        "paper": averages(small, empty_is_one=True),
        "strict": averages(small, empty_is_one=False),
        "full_resolution": averages(full, empty_is_one=True),
    }


def _flattened(conventions: dict[str, Any]) -> dict[str, Any]:
    """The paper's convention, with the other two inside."""
    return {**conventions["paper"], **{name: conventions[name] for name in ("strict", "full_resolution")}}


def _by_interaction(events: Sequence[EventCounts], small: np.ndarray) -> dict[str, Any]:
    kinds = np.array([event.interaction.kind for event in events])
    return {
        kind: {"events": int((kinds == kind).sum()), **averages(small[kinds == kind], empty_is_one=True)}
        for kind in KINDS
        if (kinds == kind).any()
    }


def _by_energy(events: Sequence[EventCounts], small: np.ndarray) -> list[dict[str, Any]]:
    """IoU against the neutrino's energy, by interaction (figure 9)."""
    kinds = np.array([event.interaction.kind for event in events])
    energies = np.array([event.interaction.energy_gev for event in events])
    rows = []
    for kind in NEUTRINO_KINDS:
        for low, high in zip(ENERGIES_GEV, (*ENERGIES_GEV[1:], np.inf), strict=True):
            here = (kinds == kind) & (energies >= low) & (energies < high)
            if here.any():
                found = averages(small[here], empty_is_one=True)
                rows.append(
                    {
                        "interaction": kind,
                        "low_gev": low,
                        "high_gev": None if np.isinf(high) else high,
                        "events": int(here.sum()),
                        **{name: found[name] for name in ("iou_cosmic", "iou_neutrino")},
                    }
                )
    return rows


def _per_image(totals: np.ndarray, bottoms: np.ndarray) -> list[dict[str, float | None]]:
    """Ratios of sums over events, shape (events, k) each, with intervals."""

    def of(counts: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return (counts @ totals) / (counts @ bottoms)

    return [estimate.to_json() for estimate in bootstrap(of, len(totals))]


def _occupancy(events: Sequence[EventCounts]) -> dict[str, Any]:
    """Mean pixels of a pooled image by what they are (figure 7)."""
    names = ("charged", "cosmic", "neutrino", "predicted_cosmic", "predicted_neutrino")
    totals = np.array(
        [[sum(_pixels(plane)[name] for plane in event.planes) for name in names] for event in events],
        dtype=np.float64,
    )
    planes = np.array([[len(event.planes)] * len(names) for event in events], dtype=np.float64)
    return dict(zip(names, _per_image(totals, planes), strict=True))


def _blurring(events: Sequence[EventCounts]) -> dict[str, Any]:
    """Predicted over true pixels within reach of a track: 1 is sharp, more is a blur."""
    totals = np.array([sum(plane.blur for plane in event.planes) for event in events], dtype=np.float64)
    found = _per_image(totals[..., 0], totals[..., 1])
    return {"reach_pixels": BLUR_REACH, **dict(zip(("cosmic", "neutrino"), found, strict=True))}


def _pixels(plane: PlaneCounts) -> dict[str, int]:
    """Pixels of a pooled image."""
    true, said = plane.pooled.sum(axis=1), plane.pooled.sum(axis=0)
    return {
        "charged": plane.charged,
        "cosmic": int(true[COSMIC_RAY]),
        "neutrino": int(true[NEUTRINO]),
        "predicted_cosmic": int(said[COSMIC_RAY]),
        "predicted_neutrino": int(said[NEUTRINO]),
        "all": int(plane.pooled.sum()),
    }


def _mean_metrics(values: np.ndarray) -> dict[str, float | None]:
    """Means over some images of an event, shape (images, 4); None where none has anything to take a share of."""
    [means] = _means(values[None], np.ones((1, 1)))
    return {name: None if np.isnan(mean) else float(mean) for name, mean in zip(METRICS, means, strict=True)}


def _event_row(event: EventCounts) -> dict[str, Any]:
    """One event, in the paper's convention; None where an image has nothing to take a share of."""
    values = _paper_metrics(np.array([plane.pooled for plane in event.planes]))
    rows = [
        {"projection": plane.projection, **_mean_metrics(values[[number]]), "pixels": _pixels(plane)}
        for number, plane in enumerate(event.planes)
    ]
    energy = event.interaction.energy_gev
    return {
        **event.where,
        **_mean_metrics(values),
        "interaction": event.interaction.kind,
        "energy_gev": None if np.isnan(energy) else energy,
        "planes": rows,
    }
