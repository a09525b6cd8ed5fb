"""Charge-light matching imitated from truth with smearing. It is not Wire-Cell, and no reconstruction of light.

A detector with light sensors can tell which charge came with the flash in the
beam's spill: that object is left untagged, all others are tagged as cosmic. This
tagger looks up in the truth which object that is, and makes the mistakes of a
real one by chance:

    in-time object     stays untagged with probability eps_in, less below 200 MeV
    every other        is missed altogether with probability f_out
    a tagged object    loses a part of its pixels at one end (completeness), and
                       takes along pixels of others that lie near it (purity)

A network errs where an interaction has many dead wires and few pixels. So that
the union of both does not look too good, this tagger errs there too: a normal
number decides on each mistake, and the part `rho` of its variance is how
difficult the interaction is among those of its kind (`flash_difficulty`): other
objects among those of their event, the one in time among those of its sample.
So the probabilities stay what they are, on average over either kind. What the
sample is an event cannot know: where nobody says it (`PlaneEvent.places`),
mistakes on the object in time fall anywhere.

With `extra_vetoes` events are rejected as the complete tagger of that experiment
does: if the in-time object is a muon that enters through a wall and leaves
through one, or stops.

Left out: objects split at dead wires, and objects joined because they are close
in space and not in the image.

References
----------
MicroBooNE, arXiv:2011.01375, abstract: 95 % efficient preselection of charged-current neutrinos, 30-fold reduction
of cosmic rays out of time; four in five objects with 70 % completeness and 80 % purity. Stopped and through-going
muons: arXiv:2012.07928.
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import ndtr, ndtri

from argoscope.analyses.flash_difficulty import FULL_MEV, deposited_mev, in_time, places_among
from argoscope.analyses.plane_event import PlaneEvent
from argoscope.analyses.taggers import Provenance, Tag
from argoscope.detectors import Detector, detector_named
from argoscope.errors import InvalidArgument

__all__ = ["SimulatedFlashTagger", "leaves_or_stops"]

GOOD = 0.8
"""Share of tagged objects with both at least (arXiv:2011.01375):"""
COMPLETENESS, PURITY = 0.7, 0.8
TAIL = 3.0
"""How steeply good objects crowd at 1: loss is the largest allowed times a number with density TAIL (1 - x)^(TAIL - 1); [E]."""
REACH = 10.0
"""Pixels of others so far from an object may be tagged with it, in pixels; [E], DBSCAN's distance in the veto."""
WALL_CM = 10.0
"""An end of a track so close to a wall counts as outside."""
VETO_FOUND = 0.9
"""Share of such muons that the extra vetoes recognize; [E], the rest have an end in dead wires or no clear rise."""


@dataclass(frozen=True)
class SimulatedFlashTagger:
    """The tagger.

    Parameters
    ----------
    eps_in : float
        Probability that the in-time object stays untagged.
    f_out : float
        Probability that another object is missed.
    rho : float
        Correlation of mistakes with difficulty.
    extra_vetoes : bool
        Whether events are rejected for an in-time muon.
    seed : int
        Every event has its own chance from it and its run, subrun and event number.

    Raises
    ------
    InvalidArgument
        If a probability or the correlation is not from 0 to 1.
    """

    eps_in: float = 0.95
    f_out: float = 1 / 30
    rho: float = 0.5
    extra_vetoes: bool = False
    seed: int = 0
    provenance: Provenance = "truth-simulated"

    def __post_init__(self) -> None:
        for name in ("eps_in", "f_out", "rho"):
            if not 0 <= getattr(self, name) <= 1:
                raise InvalidArgument(f"{name} (={getattr(self, name)}) must be from 0 to 1")

    @property
    def name(self) -> str:
        """As plots and tables show it."""
        return f"sim. flash{' and vetoes' if self.extra_vetoes else ''} (truth-smeared)"

    def tag(self, event: PlaneEvent) -> Tag:
        """Tag the pixels of one plane.

        Parameters
        ----------
        event : PlaneEvent
            With truth.

        Returns
        -------
        Tag

        Raises
        ------
        InvalidArgument
            If the event has no truth.
        """
        if event.truth is None:
            raise InvalidArgument(
                f"{event.event.id} has no truth, and {self.name} looks up in it which object is in time: data need "
                "external tags"
            )
        rng = self._rng(event)
        numbers = event.truth.clusters.numbers
        wanted = np.isin(numbers, in_time(event.event.particles))
        fails = self._fails(event, wanted, rng)
        pixels = np.zeros(len(event.image), dtype=bool)
        for position in range(len(event.truth)):
            drawn = _quality(rng), bool(rng.random() < 0.5)
            if wanted[position] == fails[position]:
                pixels |= _object(event, position, *drawn[0], from_start=drawn[1])
        veto = self.extra_vetoes and _has_in_time_muon(event) and rng.random() < VETO_FOUND
        return Tag(pixels, bool(veto))

    def _rng(self, event: PlaneEvent) -> np.random.Generator:
        """Of this event alone: its particles tell it from one of the same number in another sample."""
        particles = event.event.particles
        digest = crc32(particles["energy_init"].tobytes() + particles["ancestor_vtx"]["t"].tobytes())
        return np.random.default_rng([self.seed, digest, *(number % 2**32 for number in event.event.id)])

    def _fails(self, event: PlaneEvent, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Which objects are taken for the opposite, shape (t,), bool."""
        chance = np.full(len(wanted), self.f_out)
        energy = deposited_mev(event)[wanted]
        chance[wanted] = 1 - self.eps_in * np.minimum(energy / FULL_MEV, 1.0)
        own = rng.standard_normal(len(wanted))
        low, high = _places(event, wanted).T
        difficulty = ndtri(low + (high - low) * rng.random(len(wanted)))
        latent = np.sqrt(self.rho) * difficulty + np.sqrt(1 - self.rho) * own
        return np.asarray(ndtr(latent) > 1 - chance)


def leaves_or_stops(start: np.ndarray, end: np.ndarray, detector: Detector) -> bool:
    """Whether a straight track enters the chamber through a wall.

    Parameters
    ----------
    start, end : ndarray, shape (3,)
        In cm, in the chamber or outside.
    detector : Detector

    Returns
    -------
    bool
        Whether, of the part inside, an end lies within 10 cm of a wall: it then leaves at the other, or stops inside.
        False for a track that misses the chamber.
    """
    low = np.min([volume.low_cm for volume in detector.volumes], axis=0)
    high = np.max([volume.high_cm for volume in detector.volumes], axis=0)
    step = end - start
    with np.errstate(divide="ignore", invalid="ignore"):
        walls = np.stack([(low - start) / step, (high - start) / step])
    along = step == 0
    if (along & ((start < low) | (start > high))).any():
        return False
    walls = np.sort(np.where(along, np.array([[-np.inf], [np.inf]]), walls), axis=0)
    first, last = max(walls[0].max(), 0.0), min(walls[1].min(), 1.0)
    if first >= last:
        return False
    ends = start + np.array([[first], [last]]) * step
    return bool((np.minimum(ends - low, high - ends).min(axis=1) <= WALL_CM).any())


def _has_in_time_muon(event: PlaneEvent) -> bool:
    """Whether the primary of an in-time interaction is a muon through a wall."""
    particles = event.event.particles
    own = np.isin(particles["mct_index"], in_time(particles)) & (np.abs(particles["pdg"]) == 13)
    detector = detector_named(event.event.detector)
    for row in particles[own & (particles["process"] == b"primary")]:
        start, end = (np.array([row[name][axis] for axis in "xyz"]) for name in ("first_step", "last_step"))
        if leaves_or_stops(start, end, detector):
            return True
    return False


def _places(event: PlaneEvent, wanted: np.ndarray) -> np.ndarray:
    """Place in difficulty of each true instance, those in time being `wanted`, shape (t, 2)."""
    assert event.truth is not None
    assert event.traits is not None
    places = np.tile([0.0, 1.0], (len(wanted), 1))
    if event.places is not None:
        places[wanted] = event.places
    pixels = np.diff(event.truth.clusters.offsets)
    places[~wanted] = places_among(event.traits.dead[~wanted], pixels[~wanted])
    return places


def _quality(rng: np.random.Generator) -> tuple[float, float]:
    """Completeness and purity of a tagged object."""
    bad, which, one, other = rng.random(4)
    losses = (1 - COMPLETENESS) * (1 - one ** (1 / TAIL)), (1 - PURITY) * (1 - other ** (1 / TAIL))
    completeness, purity = 1 - losses[0], 1 - losses[1]
    if bad >= GOOD:
        # One of the two is anything below its bound.
        completeness, purity = (COMPLETENESS * one, purity) if which < 0.5 else (completeness, PURITY * other)
    return float(completeness), float(purity)


def _object(
    event: PlaneEvent, position: int, completeness: float, purity: float, *, from_start: bool
) -> np.ndarray:
    """Pixels tagged for one object: a part of its own, and the nearest of others."""
    assert event.truth is not None
    own = event.truth.clusters.cluster(position)
    coordinates = own.coordinates.astype(np.float64)
    axis = int(np.ptp(coordinates, axis=0).argmax())
    order = coordinates[:, axis].argsort(kind="stable")
    kept = round(completeness * len(order))
    part = order[len(order) - kept :] if from_start else order[:kept]
    tagged = np.zeros(len(event.image), dtype=bool)
    rows = np.searchsorted(event.image.ids, own.ids)
    tagged[rows[part]] = True
    wrong = round(kept * (1 / max(purity, 1e-3) - 1))
    if not wrong or not kept:
        return tagged
    near = _around(event.image.coordinates, coordinates[part])
    near = near[~np.isin(near, rows)]
    distance, _ = cKDTree(coordinates[part]).query(event.image.coordinates[near], distance_upper_bound=REACH)
    nearest = distance.argsort(kind="stable")[:wrong]
    tagged[near[nearest[np.isfinite(distance[nearest])]]] = True
    return tagged


def _around(coordinates: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Rows of the pixels, which are sorted by wire, in reach of the box around some."""
    low, high = (part.min(axis=0) - REACH).astype(int), (part.max(axis=0) + REACH).astype(int)
    first, last = np.searchsorted(coordinates[:, 0], [low[0], high[0] + 1])
    ticks = coordinates[first:last, 1]
    return first + np.flatnonzero((ticks >= low[1]) & (ticks <= high[1]))
