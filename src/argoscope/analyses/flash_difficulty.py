"""How difficult a true interaction is for a simulated tagger: where it stands among others of its kind.

An interaction with many dead wires and few pixels is difficult. A place is a part of the interval from 0 to 1: of
`n` interactions sorted by difficulty, the easiest is [0, 1/n], the most difficult [1 - 1/n, 1], and those that are
equally difficult share theirs. A number drawn evenly from the place of an interaction that was picked by chance is
even from 0 to 1, however many there are: so a mistake that depends on it is as frequent as it is without.

Cosmic rays out of time stand among those of their event. An event has one interaction in time, or none, so that it
stands among those of its sample; and only among those that left as much energy, since how often it is lost depends
on that too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata

from argoscope.analyses.plane_event import PlaneEvent
from argoscope.simulation.presets import BNB_SPILL_US
from argoscope.units import GEV, NS

__all__ = ["FULL_MEV", "deposited_mev", "in_time", "in_time_table", "places_among", "places_in_samples"]

FULL_MEV = 200.0
"""Deposited energy from which the efficiency of the in-time object is full; it falls to 0 at 0."""
ALIKE = 10
"""Interactions of neighbouring energy that are compared, below; [E], a few steps of rank and a narrow range of energy."""


def in_time(particles: np.ndarray) -> np.ndarray:
    """Numbers of the interactions that happened in the beam's spill.

    Parameters
    ----------
    particles : ndarray, shape (p,), `PARTICLE_DTYPE`
        Times in ns after the trigger.

    Examples
    --------
    >>> from argoscope.events import empty_particles
    >>> table = empty_particles(2)
    >>> table["mct_index"], table["ancestor_vtx"]["t"] = [0, 1], [800.0, -5e5]
    >>> in_time(table)
    array([0], dtype=uint16)
    """
    low, high = (time / NS for time in BNB_SPILL_US)
    times = particles["ancestor_vtx"]["t"]
    return np.unique(particles["mct_index"][(times >= low) & (times <= high)])


def deposited_mev(event: PlaneEvent) -> np.ndarray:
    """Energy that the particles of each true instance left, in MeV, shape (t,)."""
    assert event.truth is not None
    particles = event.event.particles
    unit = GEV if event.event.energy_unit == "GeV" else 1.0
    numbers = event.truth.clusters.numbers
    count = int(max(particles["mct_index"].max(initial=0), numbers.max(initial=0))) + 1
    return np.bincount(particles["mct_index"], particles["energy_deposit"] * unit, count)[numbers]


def in_time_table(event: PlaneEvent) -> np.ndarray:
    """Energy in MeV, dead share and pixels of each true instance in time, shape (w, 3); empty without truth."""
    if event.truth is None or event.traits is None:
        return np.zeros((0, 3))
    wanted = np.isin(event.truth.clusters.numbers, in_time(event.event.particles))
    pixels = np.diff(event.truth.clusters.offsets)
    return np.stack([deposited_mev(event), event.traits.dead, pixels], axis=1)[wanted]


def places_among(dead: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """Place of each of some interactions among them.

    Parameters
    ----------
    dead : ndarray, shape (n,)
        Share of dead wires; not a number counts as none.
    pixels : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n, 2)
        Where each place begins and ends.

    Examples
    --------
    >>> places_among(np.array([0.5, 0.0, 0.0, 0.0]), np.array([10, 90, 50, 90]))
    array([[0.75, 1. ], [0. , 0.5 ], [0.5 , 0.75], [0. , 0.5 ]])
    """
    difficulty = rankdata(np.nan_to_num(dead)) + rankdata(-pixels)
    first, last = (rankdata(difficulty, method=method) for method in ("min", "max"))
    return np.stack([first - 1, last], axis=1) / max(len(difficulty), 1)


def places_in_samples(samples: Sequence[str], tables: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Places of the in-time interactions among those of their sample with as much energy.

    Parameters
    ----------
    samples : sequence of str
        Of each event.
    tables : sequence of ndarray, shape (w, 3)
        `in_time_table` of each.

    Returns
    -------
    list of ndarray, shape (w, 2)
    """
    sizes = [len(table) for table in tables]
    rows = np.concatenate([np.zeros((0, 3)), *tables])
    owner = np.repeat(np.array(samples, dtype=object), sizes)
    places = np.zeros((len(rows), 2))
    for sample in set(samples):
        own = np.flatnonzero(owner == sample)
        for alike in _alike(rows[own, 0]):
            group = own[alike]
            places[group] = places_among(rows[group, 1], rows[group, 2])
    return np.split(places, np.cumsum(sizes)[:-1]) if sizes else []


def _alike(energies: np.ndarray) -> list[np.ndarray]:
    """Rows of about the same energy, in MeV: all from the full one, and neighbours below it."""
    rising = np.argsort(energies, kind="stable")
    below = rising[energies[rising] < FULL_MEV]
    parts = np.array_split(below, max(1, len(below) // ALIKE))
    return [part for part in (rising[len(below) :], *parts) if len(part)]
