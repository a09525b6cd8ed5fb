"""Rejecting events of cosmic rays alone by what is left when cosmic pixels are taken away: paper 1's veto.

    residual = active pixels without the tagged ones
    n        = pixels of the largest DBSCAN cluster of the residual; 0 without a cluster
    kept     : n > X, with X none at all, 0, 10, 20, ...

An event that a tagger rejects as a whole has n = 0 and is rejected even without
a cut, so that the curve of such a tagger starts at its own point.

The ratio of signal to background after the veto is S/B = r efficiency / (1 - rejection), r being that of
electron neutrinos to off-beam events before it. Paper 1 prints 1.26 and 4.14; its table 3 gives 0.0478 and 0.159
(their quotient, 3.3, agrees): a factor of 26 is missing, which rounding cannot explain. We give the formula's.

References
----------
Paper 1: arXiv:2201.05705, section 5.2, table 3, figures 18 to 21.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from argoscope.analyses.grid_dbscan import EPS, MIN_POINTS, largest_cluster, require_rules
from argoscope.analyses.plane_event import PlaneEvent
from argoscope.analyses.selection import area_under_roc
from argoscope.analyses.statistics import LEVEL, bootstrap, fraction
from argoscope.analyses.taggers import CosmicTagger
from argoscope.analyses.true_instances import active_part
from argoscope.errors import InvalidArgument

__all__ = [
    "DEFAULT_CUT",
    "EFFICIENCIES",
    "PAPER_1",
    "RATIOS",
    "SAMPLES",
    "Left",
    "Rules",
    "cut_flow",
    "left_over",
    "passes",
    "removed_background",
    "signal_to_background",
    "tagger_report",
]

RATIOS = {"nue": 5.97e-4, "low_energy": 1.51e-5}
"""Electron-neutrino events an off-beam event, all and below 400 MeV (paper 1, table 3)."""
SAMPLES = ("nue", "low_energy", "offbeam")
"""General electron neutrinos, those below 400 MeV, events without a neutrino."""
DEFAULT_CUT = 130
"""X of the paper's working point, in pixels."""
EFFICIENCIES = (0.902, 0.801)
"""General efficiencies at which the paper gives rejections."""
STEP = 10
"""Pixels between two cuts of the curve."""
PAPER_1: dict[str, Any] = {
    "network and flash, X = 130": {"nue": 0.902, "low_energy": 0.605, "rejection": 0.949},
    "full tagger": {"nue": 0.801, "rejection": 0.990},
    "network and full tagger": {"nue": 0.801, "rejection": 0.997},
    "network and flash, n = 0": {"offbeam": 0.70, "low_energy": 0.16, "nue": 0.06},
    "background removed at equal efficiency": 0.70,
}
"""Paper 1, section 5.2, with Wire-Cell's charge-light matching as flash and its whole tagger as full tagger; on data."""


@dataclass(frozen=True)
class Rules:
    """How what is left is clustered.

    Parameters
    ----------
    eps : float
        Distance of neighbours, in pixels.
    min_points : int
        Neighbours that make a pixel a core.

    Raises
    ------
    InvalidArgument
        If either is out of its range.
    """

    eps: float = EPS
    min_points: int = MIN_POINTS

    def __post_init__(self) -> None:
        require_rules(self.eps, self.min_points)


@dataclass(frozen=True)
class Left:
    """What is left of an event.

    Parameters
    ----------
    largest : int
        Pixels of the largest cluster; 0 for a rejected event.
    vetoed : bool
        Whether a tagger rejects the event.
    active, tagged : int
        Active pixels, and those of them that are tagged.
    off_charge : int
        Tagged pixels without charge.
    """

    largest: int
    vetoed: bool
    active: int
    tagged: int
    off_charge: int = 0


def left_over(event: PlaneEvent, tagger: CosmicTagger, rules: Rules) -> Left:
    """Take the tagged pixels away and cluster the rest.

    Parameters
    ----------
    event : PlaneEvent
    tagger : CosmicTagger
    rules : Rules

    Raises
    ------
    InvalidArgument
        If the tagger answers for another number of pixels than the image has.
    """
    tag = tagger.tag(event)
    if tag.pixels.shape != (len(event.image),):
        raise InvalidArgument(
            f"{tagger.name} answers for {len(tag.pixels)} pixels of {event.event.id}, whose image has {len(event.image)}"
        )
    active, rest = active_part(event.image), active_part(event.image.take(~tag.pixels))
    largest = largest_cluster(rest.coordinates, eps=rules.eps, min_points=rules.min_points)
    return Left(
        0 if tag.event_veto else largest, tag.event_veto, len(active), len(active) - len(rest), tag.off_charge
    )


def passes(left: Sequence[Left], cut: int | None) -> np.ndarray:
    """Which events are kept.

    Parameters
    ----------
    left : sequence of Left
    cut : int or None
        The largest cluster must have more pixels; None keeps all that no tagger rejects.

    Returns
    -------
    ndarray, shape (events,), bool

    Examples
    --------
    >>> events = [Left(0, True, 9, 9), Left(0, False, 9, 9), Left(5, False, 9, 1)]
    >>> passes(events, None).tolist(), passes(events, 0).tolist()
    ([False, True, True], [False, False, True])
    """
    largest = np.array([event.largest for event in left], dtype=np.int64)
    allowed = ~np.array([event.vetoed for event in left], dtype=bool)
    return allowed if cut is None else allowed & (largest > cut)


def cut_flow(left: Sequence[Left], cut: int | None) -> list[dict[str, Any]]:
    """How many events are left after each cut."""
    steps = [("all events", len(left)), ("rejected by no tagger", int(passes(left, None).sum()))]
    if cut is not None:
        steps.append((f"largest cluster above {cut} pixels", int(passes(left, cut).sum())))
    return [{"cut": name, "events": events} for name, events in steps]


def signal_to_background(ratio: float, efficiency: float, rejection: float) -> float:
    """Signal over background after the veto, from that before it.

    Parameters
    ----------
    ratio : float
        Signal events a background event, before.
    efficiency : float
        Share of the signal that is kept.
    rejection : float
        Share of the background that is rejected.

    Returns
    -------
    float
        Not a number where all background is rejected.

    Examples
    --------
    With table 3 and the paper's working points, with and without the network:

    >>> round(signal_to_background(5.97e-4, 0.801, 0.99), 4), round(signal_to_background(5.97e-4, 0.801, 0.997), 3)
    (0.0478, 0.159)
    """
    return ratio * efficiency / (1 - rejection) if rejection < 1 else float("nan")


def tagger_report(tagger: CosmicTagger, samples: Sequence[str], left: Sequence[Left]) -> dict[str, Any]:
    """Numbers of one tagger, with intervals.

    Parameters
    ----------
    tagger : CosmicTagger
    samples : sequence of str
        Of each event, one of `SAMPLES` or another name, whose events only count as they are.
    left : sequence of Left

    Returns
    -------
    dict
        ``name``, ``provenance``, ``roc``, ``working_points``, ``area`` (by signal), ``largest`` (of each event, by
        sample), ``zero`` (share of events with n = 0), ``vetoed``, ``tagged_share`` and ``off_charge``.
    """
    which = np.array(samples, dtype=object)
    cuts = _cuts(left)
    largest = np.array([-1 if event.vetoed else event.largest for event in left], dtype=np.float64)
    active, tagged = (sum(getattr(event, name) for event in left) for name in ("active", "tagged"))
    return {
        "name": tagger.name,
        "provenance": tagger.provenance,
        "roc": [_point(which, left, cut) for cut in cuts],
        "working_points": _working_points(which, left, cuts),
        "area": {signal: _area(which, largest, signal) for signal in RATIOS},
        "largest": {
            sample: [event.largest for event, mine in zip(left, which == sample, strict=True) if mine]
            for sample in SAMPLES
        },
        "zero": {sample: _share(which == sample, largest <= 0) for sample in SAMPLES},
        "vetoed": {sample: _share(which == sample, largest < 0) for sample in SAMPLES},
        "tagged_share": tagged / active if active else None,
        "off_charge": sum(event.off_charge for event in left),
    }


def _cuts(left: Sequence[Left]) -> list[int | None]:
    """None, 0 and every tenth pixel until no event is kept."""
    most = max((event.largest for event in left), default=0)
    return [None, *range(0, most + STEP, STEP)]


def _share(here: np.ndarray, passed: np.ndarray) -> dict[str, float | None]:
    return fraction(int(passed[here].sum()), int(here.sum())).to_json()


def _point(which: np.ndarray, left: Sequence[Left], cut: int | None) -> dict[str, Any]:
    """Efficiencies, rejection and what follows from them at one cut."""
    kept = passes(left, cut)
    efficiency = {signal: _share(which == signal, kept) for signal in RATIOS}
    rejection = _share(which == "offbeam", ~kept)
    return {
        "cut": cut,
        "efficiency": efficiency,
        "rejection": rejection,
        "signal_to_background": {
            signal: _ratio(RATIOS[signal], efficiency[signal]["value"], rejection["value"])
            for signal in RATIOS
        },
    }


def _ratio(ratio: float, efficiency: float | None, rejection: float | None) -> float | None:
    if efficiency is None or rejection is None:
        return None
    found = signal_to_background(ratio, efficiency, rejection)
    return None if np.isnan(found) else found


def _cut_at(which: np.ndarray, left: Sequence[Left], cuts: Sequence[int | None], target: float) -> int | None:
    """The tightest cut that keeps at least this share of the general neutrinos; none at all where even that does not."""
    general = which == "nue"
    good = [cut for cut in cuts if general.any() and passes(left, cut)[general].mean() >= target]
    return good[-1] if good else None


def _working_points(
    which: np.ndarray, left: Sequence[Left], cuts: Sequence[int | None]
) -> list[dict[str, Any]]:
    """The paper's cut, and the tightest cuts that reach the paper's efficiencies."""
    points = [{"point": f"X = {DEFAULT_CUT}", **_point(which, left, DEFAULT_CUT)}]
    for target in EFFICIENCIES:
        cut = _cut_at(which, left, cuts, target)
        points.append({"point": f"efficiency {target:.1%}", **_point(which, left, cut)})
    return points


def _area(which: np.ndarray, largest: np.ndarray, signal: str) -> dict[str, float | None]:
    """Probability that an event of the signal has more left than an off-beam event."""
    here = (which == signal) | (which == "offbeam")
    return area_under_roc(largest[here], which[here] == signal)


def removed_background(
    samples: Sequence[str], alone: Sequence[Left], joined: Sequence[Left], target: float = EFFICIENCIES[-1]
) -> dict[str, Any]:
    """Share of the background left by one tagger that a union with another removes, at about equal efficiency.

    Parameters
    ----------
    samples : sequence of str
        Of each event.
    alone, joined : sequence of Left
        Of one tagger and of the union; each is cut as tightly as keeps at least the target, and so may keep more.
    target : float
        Efficiency of general neutrinos.

    Returns
    -------
    dict
        ``efficiency`` that is aimed at; ``cut_alone``, ``cut_joined``; ``efficiency_alone``, ``efficiency_joined``, which
        they keep; and ``removed``, with an interval over off-beam events that holds cuts and neutrinos fixed: not a
        number where nothing is left, there is no general neutrino, or either keeps too few even without a cut.
    """
    which = np.array(samples, dtype=object)
    off, general = which == "offbeam", which == "nue"
    cuts = {
        name: _cut_at(which, left, _cuts(left), target)
        for name, left in (("alone", alone), ("joined", joined))
    }
    kept = {"alone": passes(alone, cuts["alone"]), "joined": passes(joined, cuts["joined"])}
    reached = general.any() and all(passed[general].mean() >= target for passed in kept.values())
    before, after = kept["alone"][off], kept["joined"][off]

    def removed(counts: np.ndarray) -> np.ndarray:
        here = counts @ before
        return np.where(reached & (here > 0), 1 - (counts @ after) / np.maximum(here, 1), np.nan)[:, None]

    estimate = bootstrap(removed, int(off.sum()))[0]
    return {
        "efficiency": target,
        "cut_alone": cuts["alone"],
        "cut_joined": cuts["joined"],
        **{f"efficiency_{name}": _share(general, passed) for name, passed in kept.items()},
        "removed": estimate.to_json(),
        "interval": f"central {LEVEL:.1%}, bootstrap over off-beam events; cuts and neutrinos are held",
    }
