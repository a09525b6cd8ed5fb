"""How well showers are told from tracks: paper 2's numbers.

A `Tally` takes images one by one; `report` turns it into numbers with
intervals. Of one image, over its active pixels with a true label:

ICPF           pixels called anything but what they are, background included
shower error   shower pixels called track, of its shower pixels
track error    track pixels called shower, of its track pixels

Each is averaged over the images that have any such pixel; `icpf_90` is the
smallest ICPF that 90 % of the images do not exceed. Intervals resample events,
whose planes are not independent of one another. "Weighted" counts every
pixel with a weight that is given, for instance paper 2's 1 / pixels of its
particle: then the shortest track of an image counts as much as its longest.

References
----------
Paper 2: arXiv:1808.07269, section VI, table I and figures 6 to 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from argoscope.analyses.confusion import confusion_matrix
from argoscope.analyses.statistics import LEVEL, Estimate, bootstrap
from argoscope.analyses.vertex_kinematics import Kinematics
from argoscope.errors import InvalidArgument
from argoscope.events import TRACK_SHOWER, Image

__all__ = ["ERRORS", "NUMBERS", "Tally", "changes", "image_errors", "quantile_90", "report"]

ERRORS = ("icpf", "shower_error", "track_error")
"""Errors of an image, in the order of `image_errors`."""
NUMBERS = ("icpf_mean", "icpf_90", "shower_error", "track_error")
"""Numbers of a sample, in the order of table I."""
QUANTILE = 0.9
"""Share of the images in paper 2's quantile (table I)."""
ICPF_EDGES = tuple(np.linspace(0.0, 1.0, 51).round(2).tolist())
"""Edges of the distribution of the ICPF (figure 6); [E], steps of 2 %."""
SCORE_EDGES = tuple(np.linspace(0.0, 1.0, 21).round(2).tolist())
"""Edges of the distributions of scores (figure 8); [E]."""
BINS: dict[str, tuple[float, ...]] = {
    "opening_angle_deg": (0, 20, 40, 60, 80, 100, 120, 140, 160, 180),
    "lepton_mev": (0, 20, 30, 40, 50, 60, 70, 80, 90, 100, 150, 200, 300, 400, 500, 1000, np.inf),
    "proton_mev": (0, 50, 60, 70, 80, 90, 100, 150, 200, 250, 300, np.inf),
}
"""Edges of the kinematics (figure 7); [E], fine where its low-energy samples are."""
WORST = 8
"""Images with the largest ICPF that a report names (figure 18 has four)."""

_BACKGROUND, _SHOWER, _TRACK = range(3)
_CLASSES = len(TRACK_SHOWER.classes)


@dataclass
class Tally:
    """What is known of the images seen so far.

    Parameters
    ----------
    pixels, weighted : list of ndarray, shape (3, 3)
        Confusion matrices, rows truth, columns prediction; one an image.
    kinematics : list of Kinematics
        Of the event of each image.
    event : list of int
        Number of the event of each image.
    where : list of dict
        Which image it is, for the list of the worst.
    scores : ndarray, shape (2, bins)
        True shower and true track pixels by their score of that class.
    unseen : int
        Labelled pixels that the network did not see; no number counts them.
    """

    pixels: list[np.ndarray] = field(default_factory=list)
    weighted: list[np.ndarray] = field(default_factory=list)
    kinematics: list[Kinematics] = field(default_factory=list)
    event: list[int] = field(default_factory=list)
    where: list[dict[str, Any]] = field(default_factory=list)
    scores: np.ndarray = field(default_factory=lambda: np.zeros((2, len(SCORE_EDGES) - 1), dtype=np.int64))
    unseen: int = 0

    def add(
        self,
        image: Image,
        predicted: np.ndarray,
        *,
        weights: np.ndarray | None = None,
        scores: np.ndarray | None = None,
        kinematics: Kinematics | None = None,
        event: int | None = None,
        where: dict[str, Any] | None = None,
    ) -> None:
        """Count one image.

        Parameters
        ----------
        image : Image
            With true semantic labels of the scheme of tracks and showers.
        predicted : ndarray, shape (n,), int32
            Predicted class of each pixel; `TRACK_SHOWER.unlabelled` where there is none.
        weights : ndarray, shape (n,), optional
            What each pixel counts in the weighted numbers; 1 by default.
        scores : ndarray, shape (n, 3), optional
            Score of each class.
        kinematics : Kinematics, optional
        event : int, optional
            Number of its event; by default every image is one of its own.
        where : dict, optional

        Raises
        ------
        InvalidArgument
            If the labels are of another scheme.
        """
        column = image.label("semantic")
        if column.scheme != TRACK_SHOWER:
            raise InvalidArgument(
                f"image has labels of the scheme {column.scheme.name!r}: relabel it to {TRACK_SHOWER.name!r} first"
            )
        seen = predicted != TRACK_SHOWER.unlabelled
        self.unseen += int((column.labelled & ~seen).sum())
        truth = np.where(seen, column.values, TRACK_SHOWER.unlabelled)
        self.pixels.append(confusion_matrix(truth, predicted, _CLASSES))
        self.weighted.append(confusion_matrix(truth, predicted, _CLASSES, weights))
        self.kinematics.append(kinematics or Kinematics())
        self.event.append(len(self.event) if event is None else event)
        self.where.append(where or {})
        if scores is not None:
            for row, one in enumerate((_SHOWER, _TRACK)):
                self.scores[row] += np.histogram(scores[truth == one, one], SCORE_EDGES)[0]


def image_errors(matrices: np.ndarray) -> np.ndarray:
    """ICPF, shower error and track error of each image.

    Parameters
    ----------
    matrices : ndarray, shape (images, 3, 3)
        Rows truth, columns prediction.

    Returns
    -------
    ndarray, shape (images, 3), float64
        Not a number where an image has no such pixel.

    Examples
    --------
    One of four pixels is wrong, a shower pixel called track; there is no true track:

    >>> image_errors(np.array([[[0, 0, 0], [0, 3, 1], [0, 0, 0]]]))
    array([[0.25, 0.25,  nan]])
    """
    total = matrices.sum(axis=(1, 2))
    wrong = total - np.trace(matrices, axis1=1, axis2=2)
    tops = [wrong, matrices[:, _SHOWER, _TRACK], matrices[:, _TRACK, _SHOWER]]
    bottoms = [total, matrices[:, _SHOWER].sum(axis=1), matrices[:, _TRACK].sum(axis=1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.stack(tops, axis=1) / np.stack(bottoms, axis=1)


def quantile_90(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Smallest value that 90 % of the images do not exceed.

    Parameters
    ----------
    values : ndarray, shape (images,)
        Those that are not a number are left out.
    counts : ndarray, shape (samples, images)
        How often each image counts.

    Returns
    -------
    ndarray, shape (samples,)
        Not a number where nothing is left.

    Examples
    --------
    >>> quantile_90(np.arange(1.0, 11.0), np.ones((1, 10)))
    array([9.])
    """
    order = np.argsort(values)[: int(np.isfinite(values).sum())]
    if not len(order):
        return np.full(len(counts), np.nan)
    below = np.cumsum(counts[:, order], axis=1)
    total = below[:, -1:]
    # Counts are whole: a thousandth of one keeps 0.9 of 10 from being missed by rounding.
    enough = below >= QUANTILE * total - 1e-3
    return np.where(total[:, 0] > 0, values[order][enough.argmax(axis=1)], np.nan)


def report(tally: Tally) -> dict[str, Any]:
    """Numbers with intervals, as `argoscope evaluate track-shower --json` prints them.

    Parameters
    ----------
    tally : Tally
        Of at least one image.

    Returns
    -------
    dict
        ``icpf_mean``, ``icpf_90``, ``shower_error``, ``track_error``, ``weighted`` (the same, weighted),
        ``called_background`` (share of the pixels), ``events``, ``images``, ``left_out`` (images without pixels of each
        error), ``distribution`` (of the ICPF), ``by_opening_angle_deg``, ``by_lepton_mev``, ``by_proton_mev``,
        ``scores``, ``confusion``, ``worst``, ``scheme``, ``unseen``, ``interval``.
    """
    pixels = np.stack(tally.pixels)
    errors, event = image_errors(pixels), np.array(tally.event)
    return {
        **_numbers(errors, event),
        "weighted": _numbers(image_errors(np.stack(tally.weighted)), event),
        "called_background": float(pixels[:, :, _BACKGROUND].sum() / max(pixels.sum(), 1.0)),
        "events": len(np.unique(event)),
        "images": len(pixels),
        "left_out": {name: int(np.isnan(errors[:, k]).sum()) for k, name in enumerate(ERRORS)},
        "distribution": _distribution(errors[:, 0]),
        **{f"by_{name}": _by(name, tally.kinematics, errors, event) for name in BINS},
        "scores": {"edges": list(SCORE_EDGES), **dict(zip(("shower", "track"), tally.scores.tolist(), strict=True))},
        "confusion": {"pixels": pixels.sum(axis=0).tolist(), "rows": "truth"},
        "worst": _worst(tally.where, pixels, errors),
        "scheme": TRACK_SHOWER.name,
        "unseen": tally.unseen,
        "interval": f"central {LEVEL:.1%}, bootstrap over events",
    }  # fmt: skip


def _numbers(errors: np.ndarray, event: np.ndarray) -> dict[str, Any]:
    """Means over images and the quantile of the ICPF, with intervals over events."""
    found = bootstrap(_over_events(errors, event), len(np.unique(event)))
    return {name: one.to_json() for name, one in zip(NUMBERS, found, strict=True)}


def _over_events(errors: np.ndarray, event: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """What gives `NUMBERS`, shape (samples, 4), from how often each event counts."""
    _, at = np.unique(event, return_inverse=True)
    present = np.isfinite(errors)
    filled = np.where(present, errors, 0.0)

    def of(counts: np.ndarray) -> np.ndarray:
        each = counts[:, at]
        with np.errstate(invalid="ignore"):
            icpf, shower, track = ((each @ filled) / (each @ present)).T
        return np.column_stack([icpf, quantile_90(errors[:, 0], each), shower, track])

    return of


def changes(central: Tally, varied: Tally) -> dict[str, Estimate]:
    """Change of `NUMBERS` from some events to the same ones varied, with intervals of the paired events.

    Parameters
    ----------
    central, varied : Tally
        Of the same events in the same order.

    Raises
    ------
    InvalidArgument
        If the numbers of their events differ.
    """
    if central.event != varied.event:
        raise InvalidArgument(
            f"central ({len(central.event)} images) and varied ({len(varied.event)}) must be of the same events"
        )
    before, after = (
        _over_events(image_errors(np.stack(tally.pixels)), np.array(tally.event))
        for tally in (central, varied)
    )
    found = bootstrap(lambda counts: after(counts) - before(counts), len(set(central.event)))
    return dict(zip(NUMBERS, found, strict=True))


def _distribution(icpf: np.ndarray) -> dict[str, Any]:
    counts, _ = np.histogram(icpf[np.isfinite(icpf)], ICPF_EDGES)
    return {"edges": list(ICPF_EDGES), "images": counts.tolist()}


def _by(
    name: str, kinematics: list[Kinematics], errors: np.ndarray, event: np.ndarray
) -> list[dict[str, Any]]:
    """Errors of the images in each bin of a kinematic variable (figure 7); bins without any are left out."""
    values = np.array([getattr(one, name) for one in kinematics], dtype=np.float64)
    edges, rows = BINS[name], []
    for low, high in pairwise(edges):
        # The last bin has its end: two particles may be back to back.
        here = (values >= low) & ((values < high) | ((high == edges[-1]) & (values == high)))
        if here.any():
            end = None if np.isinf(high) else high
            images = int(here.sum())
            rows.append({"low": low, "high": end, "images": images, **_numbers(errors[here], event[here])})
    return rows


def _worst(where: list[dict[str, Any]], pixels: np.ndarray, errors: np.ndarray) -> list[dict[str, Any]]:
    """Images with the largest ICPF, the worst first (figure 18)."""
    icpf = errors[:, 0]
    order = np.argsort(-icpf, kind="stable")[: min(WORST, int(np.isfinite(icpf).sum()))]
    return [{**where[k], "icpf": float(icpf[k]), "pixels": int(pixels[k].sum())} for k in order]
