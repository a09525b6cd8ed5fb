"""Which events have a neutrino: paper 0's selection on the predicted neutrino pixels.

On images pooled 2 x 2 an event is kept if every plane has at least 100
neutrino pixels, and their mean drift coordinate, which the planes share, is
the same within 50 pixels for each pair of planes. The paper calls neither cut
well tuned: `scan` has others. A few pixels called neutrino far from all others
pull the mean of a plane away; the median in its place they hardly move.

An event is two rows of numbers, one a plane: pixels, and the mean (or median)
drift of them (not a number where there are none). Fractions of events have
Clopper-Pearson intervals.

References
----------
Paper 0: arXiv:2012.01301, section 8 and table 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from argoscope.analyses.cosmic_counts import NEUTRINO, pooled
from argoscope.analyses.interactions import KINDS, NEUTRINO_KINDS
from argoscope.analyses.statistics import LEVEL, bootstrap, fraction
from argoscope.errors import InvalidArgument, named, require_known
from argoscope.events import Image

__all__ = [
    "PAPER_CUTS",
    "TABLE_3",
    "Centre",
    "Cuts",
    "area_under_roc",
    "cut_flow",
    "event_neutrino_pixels",
    "neutrino_pixels",
    "passes",
    "report",
]

TABLE_3 = {"nue": 0.915, "numu": 0.786, "nc": 0.373, "cosmic_rejection": 0.911}
"""Paper 0, table 3."""
CLASSICAL = {"cosmic_muon_rejection": 0.74}
"""Share of single cosmic muons that MicroBooNE's classical tagger rejects (Eur. Phys. J. C 78, 82; paper 0, section 8)."""
SCANNED_PIXELS = (1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000)
"""Least pixels of the points of a ROC; [E], two to four a factor of two around the paper's 100."""
SCANNED_SEPARATIONS = (10.0, 20.0, 50.0, 100.0, 200.0, 640.0)
"""Largest separations of the scan, in pixels; 640 is the height of the paper's image: no cut at all."""

Centre = Literal["mean", "median"]
"""Where the neutrino pixels of a plane lie along the drift."""
_CENTRES: dict[str, Callable[[np.ndarray], Any]] = {"mean": np.mean, "median": np.median}


@dataclass(frozen=True)
class Cuts:
    """What an event must pass.

    Parameters
    ----------
    least_pixels : int
        Neutrino pixels on every plane of the pooled image; at least 1.
    most_separation : float
        Largest difference of the drift coordinate between two planes, in pixels of the pooled image.
    centre : {"mean", "median"}
        What of the drift coordinates is compared; the paper has the mean, which stray pixels pull.

    Raises
    ------
    InvalidArgument
        If a cut is out of its range, or the centre unknown.
    """

    least_pixels: int = 100
    most_separation: float = 50.0
    centre: Centre = "mean"

    def __post_init__(self) -> None:
        if self.least_pixels < 1:
            raise InvalidArgument(
                f"least_pixels (={self.least_pixels}) must be at least 1: without a pixel there is no drift to compare"
            )
        if not self.most_separation >= 0:
            raise InvalidArgument(f"most_separation (={self.most_separation}) must be a number from 0 up")
        require_known(self.centre, _CENTRES, "there is no centre")


PAPER_CUTS = Cuts()
"""Paper 0, section 8."""


def neutrino_pixels(image: Image, centre: Centre = "mean") -> tuple[int, float]:
    """Predicted neutrino pixels of a pooled plane, and their mean drift coordinate (axis 1), or the median.

    Parameters
    ----------
    image : Image
        With the label "prediction" of the scheme `COSMIC`.
    centre : {"mean", "median"}

    Returns
    -------
    pixels : int
    drift : float
        In pixels; not a number where there are none.

    Raises
    ------
    InvalidArgument
        If the centre is unknown.

    Examples
    --------
    >>> from argoscope.events import COSMIC, Grid, LabelColumn
    >>> image = Image.from_points(Grid((4, 8)), np.array([[0, 2], [1, 5], [3, 7]]), np.ones(3))
    >>> neutrino_pixels(image.with_labels(prediction=LabelColumn(np.array([2, 2, 1]), COSMIC)))
    (2, 3.5)
    """
    drift = image.coordinates[image.label("prediction").values == NEUTRINO, 1]
    of = named(centre, _CENTRES, "there is no centre")
    return len(drift), float(of(drift)) if len(drift) else float("nan")


def event_neutrino_pixels(planes: Iterable[Image], centre: Centre = "mean") -> list[tuple[int, float]]:
    """What the cuts act on: `neutrino_pixels` of each plane of an event, as the paper's images are.

    Parameters
    ----------
    planes : iterable of Image
        At full resolution, with the label "prediction" of the scheme `COSMIC`.
    centre : {"mean", "median"}

    Returns
    -------
    list of (int, float)
        Pixels and their mean or median drift of each plane, in pixels of the pooled image.

    Raises
    ------
    InvalidArgument
        If a side of an image is odd, or the centre unknown.

    Examples
    --------
    >>> from argoscope.events import COSMIC, Grid, LabelColumn
    >>> image = Image.from_points(Grid((4, 8)), np.array([[0, 2], [1, 3], [3, 7]]), np.ones(3))
    >>> event_neutrino_pixels([image.with_labels(prediction=LabelColumn(np.array([2, 2, 2]), COSMIC))])
    [(2, 2.0)]
    """
    return [neutrino_pixels(pooled(plane), centre) for plane in planes]


def passes(pixels: np.ndarray, drift: np.ndarray, cuts: Cuts = PAPER_CUTS) -> np.ndarray:
    """Which events are kept.

    Parameters
    ----------
    pixels, drift : ndarray, shape (events, planes)
        Of `event_neutrino_pixels`, with the centre of the cuts.
    cuts : Cuts

    Returns
    -------
    ndarray, shape (events,), bool

    Examples
    --------
    >>> passes(np.array([[100, 120], [100, 99]]), np.array([[300.0, 350.0], [300.0, 300.0]]))
    array([ True, False])
    """
    return _score(pixels, drift, cuts.most_separation) >= cuts.least_pixels


def _score(pixels: np.ndarray, drift: np.ndarray, most_separation: float) -> np.ndarray:
    """Least pixels of any plane, 0 for events whose planes are too far apart: the larger, the more like a neutrino."""
    # The largest difference of any pair; a comparison with what is not a number is False, so such events have 0.
    apart = drift.max(axis=1) - drift.min(axis=1)
    return np.where(apart <= most_separation, pixels.min(axis=1), 0)


def cut_flow(pixels: np.ndarray, drift: np.ndarray, cuts: Cuts = PAPER_CUTS) -> list[dict[str, Any]]:
    """How many events are left after each cut.

    Examples
    --------
    >>> flow = cut_flow(np.array([[100, 120], [100, 99]]), np.array([[300.0, 360.0], [300.0, 300.0]]))
    >>> [step["events"] for step in flow]
    [2, 1, 0]
    """
    enough = pixels.min(axis=1) >= cuts.least_pixels
    steps = (
        ("all events", len(pixels)),
        (f"at least {cuts.least_pixels} neutrino pixels on every plane", int(enough.sum())),
        (
            f"{cuts.centre} drift of every two planes within {cuts.most_separation:g} pixels",
            int(passes(pixels, drift, cuts).sum()),
        ),
    )
    return [{"cut": name, "events": events} for name, events in steps]


def area_under_roc(score: np.ndarray, signal: np.ndarray) -> dict[str, float | None]:
    """Probability that a signal event has a larger score than a background event; equal ones count half.

    Parameters
    ----------
    score : ndarray, shape (events,)
    signal : ndarray, shape (events,), bool

    Returns
    -------
    dict
        Value and interval, by resampling events; None without events of both kinds.

    Examples
    --------
    >>> area_under_roc(np.array([3, 1, 2]), np.array([True, False, False]))["value"]
    1.0
    """
    difference = score[signal][:, None] - score[~signal]
    above = (difference > 0) + 0.5 * (difference == 0)

    def of(counts: np.ndarray) -> np.ndarray:
        yes, no = counts[:, signal], counts[:, ~signal]
        with np.errstate(invalid="ignore"):
            return (((yes @ above) * no).sum(1) / (yes.sum(1) * no.sum(1)))[:, None]

    return bootstrap(of, len(score))[0].to_json()


def report(
    kinds: Sequence[str], pixels: np.ndarray, drift: np.ndarray, cuts: Cuts = PAPER_CUTS
) -> dict[str, Any]:
    """Numbers with intervals, as `argoscope evaluate selection --json` prints them.

    Parameters
    ----------
    kinds : sequence of str, length events
        What each event is, of `analyses.interactions.KINDS`.
    pixels, drift : ndarray, shape (events, planes)
        Of `event_neutrino_pixels`, with the centre of the cuts.
    cuts : Cuts

    Returns
    -------
    dict
        ``efficiency`` (nue, numu, nc), ``cosmic_rejection``, ``dirt_rejection``, ``roc``, ``area``, ``scan``,
        ``cut_flow`` (by kind), ``cuts``, ``events`` (by kind), ``published``, ``classical``, ``interval``.
    """
    which = np.asarray(kinds)
    return {
        **_working_point(which, pixels, drift, cuts),
        "roc": [
            {
                "least_pixels": least,
                **_working_point(which, pixels, drift, replace(cuts, least_pixels=least)),
            }
            for least in SCANNED_PIXELS
        ],
        "area": _areas(which, _score(pixels, drift, cuts.most_separation)),
        "scan": [
            {
                "least_pixels": least,
                "most_separation": apart,
                **_working_point(
                    which, pixels, drift, replace(cuts, least_pixels=least, most_separation=apart)
                ),
            }
            for apart in SCANNED_SEPARATIONS
            for least in SCANNED_PIXELS
        ],
        "cut_flow": {
            kind: cut_flow(pixels[which == kind], drift[which == kind], cuts)
            for kind in KINDS
            if (which == kind).any()
        },
        "cuts": asdict(cuts),
        "events": {kind: int((which == kind).sum()) for kind in KINDS},
        "published": TABLE_3,
        "classical": CLASSICAL,
        "interval": f"central {LEVEL:.1%}: Clopper-Pearson for fractions of events, bootstrap over events for areas",
    }


def _working_point(which: np.ndarray, pixels: np.ndarray, drift: np.ndarray, cuts: Cuts) -> dict[str, Any]:
    """Efficiencies and rejections of one pair of cuts."""
    kept = passes(pixels, drift, cuts)

    def share(kind: str, passed: np.ndarray) -> dict[str, float | None]:
        here = which == kind
        return fraction(int(passed[here].sum()), int(here.sum())).to_json()

    return {
        "efficiency": {kind: share(kind, kept) for kind in NEUTRINO_KINDS},
        "cosmic_rejection": share("cosmic", ~kept),
        "dirt_rejection": share("dirt", ~kept),
    }


def _areas(which: np.ndarray, score: np.ndarray) -> dict[str, Any]:
    """Area under the ROC of each kind of neutrino against cosmic rays alone."""
    found = {}
    for kind in NEUTRINO_KINDS:
        here = np.isin(which, (kind, "cosmic"))
        found[kind] = area_under_roc(score[here], which[here] == kind)
    return found
