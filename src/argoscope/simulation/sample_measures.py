"""What the checks measure in images of the 2018 SBND sample, event by event.

The same functions take simulated events and the public file. An event is
reduced to a `PlaneTally` for each plane; `sample_statistics` joins tallies of
any number of events into the numbers that are compared.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from argoscope.events import COSMIC, Image
from argoscope.simulation.image_measures import (
    CATHODE_ROW,
    LEAST_MEV,
    LEAST_PIXELS,
    LabelCounts,
    label_counts,
    mode,
    pixel_values,
    segments_by_slope,
)

__all__ = [
    "ABOVE",
    "PERCENTILES",
    "SLOPES",
    "PlaneTally",
    "dead_band",
    "halo_counts",
    "narrow_columns",
    "outside_charge",
    "overlapping",
    "particle_counts",
    "rows_in_time",
    "sample_statistics",
    "tally_plane",
]

PERCENTILES = (5, 25, 50, 75, 95, 99)
"""Of pixel values."""
ABOVE = (100, 200, 300)
"""Image units; shares of labelled pixels above them."""
SLOPES = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""Edges of the bins of slope, in rows per wire."""
AROUND, ALONE = 4, 9
"""Rows before and after a run that hold its charge (the kernel's reach), and rows without another run."""
LEAST_CHARGE, LEAST_PEAK, LEAST_ENERGY = 30.0, 20.0, 0.2
"""Image units and MeV, above which modes are looked for: below are faint photons, as many as the threshold lets in."""
_US_PER_ROW = 2.0
"""Length of a row of the sample, in µs."""
LEAST_PARTICLE_MEV = 10.0
"""Energy of a particle in a plane from which it counts as large, in MeV."""


@dataclass(frozen=True)
class PlaneTally:
    """One plane of one event, reduced.

    Parameters
    ----------
    counts : LabelCounts
    values : tuple of tuple of ndarray
        Charges of pixels by origin label and TPC half.
    halo : ndarray, shape (2, 3), int64
        By TPC half: labelled pixels, background pixels beside one, and three rows away.
    halo_values : ndarray, shape (h,)
        Charges of the background pixels beside a labelled one.
    columns : ndarray, shape (c, 3)
        Charge, largest pixel and true MeV of narrow columns.
    outside : ndarray, shape (4, 2)
        By rows of truth: charge outside labelled pixels, and in all.
    segments : tuple of ndarray, shape (s, 2)
        By slope: rows and largest pixel.
    truth_pixels, truth_below : int
        Pixels with a true particle, and those of them below threshold.
    energy : float
        True energy in the plane, in MeV.
    hit_wires : ndarray, shape (wires,), bool
        Wires with any pixel.
    """

    counts: LabelCounts
    values: tuple[tuple[np.ndarray, ...], ...]
    halo: np.ndarray
    halo_values: np.ndarray
    columns: np.ndarray
    outside: np.ndarray
    segments: tuple[np.ndarray, ...]
    truth_pixels: int
    truth_below: int
    energy: float
    hit_wires: np.ndarray


def tally_plane(image: Image) -> PlaneTally:
    """Reduce one plane with origin labels and truth clusters."""
    truth = _counted_truth(image)
    pixels = np.unique(truth.ids)
    halo, halo_values = halo_counts(image)
    hit = np.bincount(image.coordinates[:, 0], minlength=image.grid.shape[0]) > 0
    return PlaneTally(
        counts=label_counts(image),
        values=tuple(tuple(pixel_values(image, kind, half) for half in range(2)) for kind in range(3)),
        halo=halo,
        halo_values=halo_values,
        columns=narrow_columns(image),
        outside=outside_charge(image),
        segments=tuple(segments_by_slope(image, np.array(SLOPES))),
        truth_pixels=len(pixels),
        truth_below=int((~np.isin(pixels, image.ids)).sum()),
        energy=float(truth.values.sum()),
        hit_wires=hit,
    )


@dataclass(frozen=True)
class _Truth:
    """Pixels in which a particle has enough energy to count, a particle after the other."""

    ids: np.ndarray
    values: np.ndarray
    cluster: np.ndarray


def _counted_truth(image: Image) -> _Truth:
    truth = image.truth
    if truth is None:
        none = np.zeros(0, dtype=np.int64)
        return _Truth(none, np.zeros(0), none)
    counts = truth.values >= LEAST_MEV
    return _Truth(truth.ids[counts], truth.values[counts], truth.cluster_of_row[counts])


def particle_counts(image: Image, particles: np.ndarray | None = None) -> tuple[int, int]:
    """True particles with at least 10 pixels, above threshold or not, and those with more than 10 MeV.

    Parameters
    ----------
    image : Image
        With truth clusters.
    particles : ndarray, shape (k,), `PARTICLE_DTYPE`, optional
        Particle of each cluster: electrons knocked out by a particle join it, as in the sample, whose simulation
        keeps no daughters of electromagnetic processes. None: they have joined already.

    Examples
    --------
    >>> from argoscope.events import Clusters, Grid
    >>> grid = Grid((4, 20))
    >>> truth = Clusters(grid, np.arange(12), np.full(12, 0.9), np.array([0, 12]), np.array([7]))
    >>> particle_counts(Image(grid, np.zeros((0, 2), np.int64), np.zeros(0), truth=truth))
    (1, 1)
    """
    truth = _counted_truth(image)
    owner = truth.cluster if particles is None else _without_deltas(particles)[truth.cluster]
    size = np.bincount(np.unique(np.stack([owner, truth.ids]), axis=1)[0])
    energy = np.bincount(owner, weights=truth.values)
    return int((size >= LEAST_PIXELS).sum()), int((energy > LEAST_PARTICLE_MEV).sum())


def _without_deltas(particles: np.ndarray) -> np.ndarray:
    """Cluster that each cluster joins: a knocked-out electron that of its parent, where that has one."""
    slot = {int(track): at for at, track in enumerate(particles["trackid"])}
    knocked_out = np.char.endswith(particles["process"].astype("S"), b"Ioni")
    parents = particles["parent_trackid"]
    joins = [
        slot.get(int(parent), at) if out else at
        for at, (parent, out) in enumerate(zip(parents, knocked_out, strict=True))
    ]
    return np.array(joins, dtype=np.int64)


def halo_counts(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """Background pixels near labelled ones on the same wire.

    Returns
    -------
    counts : ndarray, shape (2, 3), int64
        By TPC half: labelled pixels; background pixels directly before or after one; background pixels exactly
        three rows before or after the nearest one.
    values : ndarray, shape (h,)
        Charges of those beside one.

    Examples
    --------
    >>> from argoscope.events import Grid, LabelColumn
    >>> points = np.array([[0, 3], [0, 4], [0, 6], [2, 4]])
    >>> image = Image.from_points(Grid((4, 1280)), points, np.array([9.0, 8.0, 7.0, 6.0]))
    >>> counts, values = halo_counts(image.with_labels(origin=LabelColumn(np.array([1, 0, 0, 0]), COSMIC)))
    >>> counts.tolist(), values.tolist()
    ([[1, 1, 1], [0, 0, 0]], [8.0])
    """
    labelled = image.label("origin").values != COSMIC.index("background")
    ids, row = image.ids, image.coordinates[:, 1]
    marked = ids[labelled]
    distance = np.full(len(ids), AROUND + 1)
    for step in range(AROUND, 0, -1):
        near = np.isin(ids - step, marked) & (row >= step)
        near |= np.isin(ids + step, marked) & (row < image.grid.shape[1] - step)
        distance[near] = step
    half = (row >= CATHODE_ROW).astype(np.int64)
    chosen = (labelled, ~labelled & (distance == 1), ~labelled & (distance == 3))
    counts = np.stack([np.bincount(half[which], minlength=2) for which in chosen], axis=1)
    return counts, image.charge[chosen[1]].astype(np.float64)


@dataclass(frozen=True)
class _Runs:
    """Runs of touching pixels on a wire that stand alone: first and last pixel, and what any pixels hold."""

    first: np.ndarray
    last: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        return np.asarray(self.last - self.first + 1)

    def sums(self, dense: np.ndarray, reach: int = 0) -> np.ndarray:
        """Sum of a plane over each run and `reach` rows before and after."""
        running = np.append(0.0, np.cumsum(dense, dtype=np.float64))
        return np.asarray(running[self.last + 1 + reach] - running[self.first - reach])


def _runs_alone(ids: np.ndarray, height: int) -> _Runs:
    """Runs of consecutive rising ids with no other pixel within 9 rows, away from the ends of the wire."""
    if not len(ids):
        return _Runs(ids, ids)
    at = np.flatnonzero((np.diff(ids, prepend=-9) > 1) | (ids % height == 0))
    first, last = ids[at], ids[np.append(at[1:], len(ids)) - 1]
    before = first - np.append(-height, last[:-1])
    after = np.append(first[1:], last[-1] + height) - last
    inside = (first % height >= AROUND) & (last % height < height - AROUND)
    alone = (before > ALONE) & (after > ALONE) & inside
    return _Runs(first[alone], last[alone])


def _dense(image: Image, ids: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.bincount(ids, weights=values, minlength=image.grid.pixels)


def narrow_columns(image: Image) -> np.ndarray:
    """Charge, largest pixel and true energy of columns of one or two labelled rows that stand alone.

    Parameters
    ----------
    image : Image
        With origin labels and truth clusters.

    Returns
    -------
    ndarray, shape (n, 3)
        Charge with four rows before and after; MeV of all particles in the labelled rows.
    """
    labelled = image.label("origin").values != COSMIC.index("background")
    runs = _runs_alone(image.ids[labelled], image.grid.shape[1])
    narrow = runs.rows <= 2
    runs = _Runs(runs.first[narrow], runs.last[narrow])
    charge = _dense(image, image.ids, image.charge)
    truth = _counted_truth(image)
    energy = runs.sums(_dense(image, truth.ids, truth.values))
    peak = np.maximum(charge[runs.first], charge[runs.last])
    return np.stack([runs.sums(charge, AROUND), peak, energy], axis=1)


def outside_charge(image: Image) -> np.ndarray:
    """Charge outside labelled pixels of columns with one to four rows of truth that stand alone.

    Returns
    -------
    ndarray, shape (4, 2)
        By rows of truth: charge of the background pixels up to four rows away, and charge of all.
    """
    runs = _runs_alone(np.unique(_counted_truth(image).ids), image.grid.shape[1])
    background = image.label("origin").values == COSMIC.index("background")
    everything = runs.sums(_dense(image, image.ids, image.charge), AROUND)
    outside = runs.sums(_dense(image, image.ids[background], image.charge[background]), AROUND)
    found = [(outside[runs.rows == n].sum(), everything[runs.rows == n].sum()) for n in range(1, AROUND + 1)]
    return np.array(found)


def overlapping(image: Image, cosmic: np.ndarray) -> bool:
    """Whether a cosmic particle counts in a pixel labelled as neutrino.

    Parameters
    ----------
    image : Image
        With origin labels and truth clusters.
    cosmic : ndarray, shape (k,), bool
        Whether each cluster is a cosmic particle.
    """
    truth = _counted_truth(image)
    neutrino = image.ids[image.label("origin").values == COSMIC.index("neutrino")]
    return bool(np.isin(truth.ids[cosmic[truth.cluster]], neutrino).any())


def rows_in_time(image: Image, time_us: float) -> np.ndarray:
    """Neutrino pixels by row, as they would lie had the neutrino come at time 0.

    Parameters
    ----------
    image : Image
        With origin labels.
    time_us : float
        Time of the neutrino: charge comes later by as much, two µs a row, in each TPC towards the cathode.

    Returns
    -------
    ndarray, shape (rows,), int64

    Examples
    --------
    >>> from argoscope.events import Grid, LabelColumn
    >>> image = Image.from_points(Grid((1, 1280)), np.array([[0, 100], [0, 1100]]), np.array([9.0, 9.0]))
    >>> image = image.with_labels(origin=LabelColumn(np.array([2, 2]), COSMIC))
    >>> np.flatnonzero(rows_in_time(image, 8.0)).tolist()
    [96, 1104]
    """
    row = image.coordinates[image.label("origin").values == COSMIC.index("neutrino"), 1].astype(np.int64)
    late = round(time_us / _US_PER_ROW)
    height = image.grid.shape[1]
    row = np.where(row < CATHODE_ROW, np.maximum(row - late, 0), np.minimum(row + late, height - 1))
    return np.bincount(row, minlength=height)


def dead_band(counts: np.ndarray) -> tuple[int, int]:
    """First and last row at the cathode with few pixels.

    Parameters
    ----------
    counts : ndarray, shape (rows,)
        Pixels of both TPCs by row, of particles in time with the trigger.

    Returns
    -------
    first, last : int
        Rows next to the cathode (row 640) with less than half of the pixels of a row 20 to 80 rows away.

    Examples
    --------
    >>> counts = np.full(1280, 50)
    >>> counts[631:649] = 2
    >>> dead_band(counts)
    (631, 648)
    """
    below, above = counts[:CATHODE_ROW][::-1], counts[CATHODE_ROW:]
    gaps = [int(np.argmax(side >= side[20:80].mean() / 2)) for side in (below, above)]
    return CATHODE_ROW - gaps[0], CATHODE_ROW + gaps[1] - 1


def sample_statistics(events: Sequence[Sequence[PlaneTally]]) -> dict[str, float]:
    """Join events into the numbers that are compared with the sample.

    Parameters
    ----------
    events : sequence of sequence of PlaneTally
        Three planes of each event.

    Returns
    -------
    dict of str to float
        By quantity. Shares and percentiles are those of all pixels together, not means over events.
    """
    found: dict[str, float] = {}
    for plane in range(len(events[0])):
        tallies = [event[plane] for event in events]
        found |= _count_statistics(f"plane {plane}", tallies)
        found |= _value_statistics(f"plane {plane}", tallies)
        found |= _halo_statistics(f"plane {plane}", tallies)
        found |= _column_statistics(f"plane {plane}", tallies)
    kinds = ("induction", "collection")
    for kind, planes in zip(kinds, ((0, 1), (2,)), strict=True):
        tallies = [event[plane] for event in events for plane in planes]
        found |= _slope_statistics(kind, tallies)
        outside = np.sum([tally.outside for tally in tallies], axis=0)
        for n, (part, whole) in enumerate(outside, start=1):
            found[f"{kind}: charge outside labelled pixels, {n} rows of truth"] = _ratio(part, whole)
    everything = [tally for event in events for tally in event]
    found["true energy in a plane, GeV"] = float(np.mean([t.energy for t in everything]) / 1000.0)
    energy, pixels = (
        sum(values) for values in zip(*((t.energy, t.truth_pixels) for t in everything), strict=True)
    )
    found["true MeV per pixel with truth"] = _ratio(energy, pixels)
    labelled = sum(int(t.counts.halves[:, 1:].sum()) for t in everything)
    found["labelled pixels per true MeV"] = _ratio(labelled, energy)
    found["share of pixels with truth below threshold"] = _ratio(
        sum(t.truth_below for t in everything), pixels
    )
    return found


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


def _count_statistics(name: str, tallies: Sequence[PlaneTally]) -> dict[str, float]:
    """Pixels per event by class."""
    halves = np.mean([tally.counts.halves for tally in tallies], axis=0)
    coarse = np.mean([tally.counts.coarse for tally in tallies], axis=0)
    found = {f"{name} TPC{half}: background pixels": float(halves[half, 0]) for half in range(2)}
    found |= {
        f"{name}: {kind} pixels": float(halves[:, at].sum()) for at, kind in ((1, "cosmic"), (2, "neutrino"))
    }
    for kind, pixels in zip(("active", "cosmic", "neutrino"), coarse, strict=True):
        found[f"{name}, half resolution: {kind} pixels"] = float(pixels)
    return found


def _value_statistics(name: str, tallies: Sequence[PlaneTally]) -> dict[str, float]:
    """Percentiles by class and TPC half, and shares of labelled pixels above some values."""
    found = {}
    for origin, kind in enumerate(("background", "cosmic", "neutrino")):
        for half in range(2):
            pixels = np.concatenate([tally.values[origin][half] for tally in tallies])
            levels = np.percentile(pixels, PERCENTILES) if len(pixels) else np.zeros(len(PERCENTILES))
            for percent, level in zip(PERCENTILES, levels, strict=True):
                found[f"{name} TPC{half}: percentile {percent} of {kind} pixels"] = float(level)
    labelled = np.concatenate([v for tally in tallies for kind in tally.values[1:] for v in kind])
    for level in ABOVE:
        found[f"{name}: share of labelled pixels above {level}"] = _ratio(
            (labelled > level).sum(), len(labelled)
        )
    return found


def _halo_statistics(name: str, tallies: Sequence[PlaneTally]) -> dict[str, float]:
    halo = np.sum([tally.halo for tally in tallies], axis=0)
    labelled, beside, third = halo.sum(axis=0)
    found = {f"{name}: halo pixels per labelled pixel": _ratio(beside, labelled)}
    found[f"{name}: background pixels three rows away, per labelled pixel"] = _ratio(third, labelled)
    values = np.concatenate([tally.halo_values for tally in tallies])
    for percent in (10, 50, 90):
        level = float(np.percentile(values, percent)) if len(values) else 0.0
        found[f"{name}: percentile {percent} of halo pixels"] = level
    return found


def _column_statistics(name: str, tallies: Sequence[PlaneTally]) -> dict[str, float]:
    columns = np.concatenate([tally.columns for tally in tallies])
    if not len(columns):
        return {}
    charge, peak, energy = columns.T
    return {
        f"{name}: most frequent charge of a narrow column": mode(charge[charge > LEAST_CHARGE], 4.0),
        f"{name}: median charge of a narrow column": float(np.median(charge)),
        f"{name}: most frequent peak of a narrow column": mode(peak[peak > LEAST_PEAK], 4.0),
        f"{name}: percentile 99 of peaks of narrow columns": float(np.percentile(peak, 99)),
        f"{name}: most frequent energy of a narrow column, MeV": mode(energy[energy > LEAST_ENERGY], 0.04),
    }


def _slope_statistics(kind: str, tallies: Sequence[PlaneTally]) -> dict[str, float]:
    found = {}
    for at, (low, high) in enumerate(itertools.pairwise(SLOPES)):
        parts = np.concatenate([tally.segments[at] for tally in tallies])
        if len(parts):
            where = f"{kind}: slope {low:g} to {high:g}"
            found[f"{where}: rows per wire"] = float(parts[:, 0].mean())
            found[f"{where}: median peak"] = float(np.median(parts[:, 1]))
    return found
