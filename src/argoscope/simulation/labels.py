"""Labels from the shares of particle groups in pixels: the rules of the five papers.

A *group* is a particle with its electromagnetic shower (TRACK_DTYPE.group). In
every pixel its share is known twice: the true energy, and its own charge
through the same response without noise. From these two every labelling can be
made again; here are those of the papers.

five classes   a pixel takes the class of a group whose own charge there is at least
               `own_charge`; where several meet, the lowest class wins on planes
               (paper 3) and the highest in volumes (paper 4)
origin         SBND: a group counts with at least 0.04 MeV in the pixel; neutrino
               overrides cosmic; a pixel without a group is background (paper 0)
instance       the group, ancestor the interaction, with the largest charge (paper 1)

The class of a group follows from its top particle alone (larcv
`SegLabelFiveTypes`): proton HIP; muon, pion, kaon MIP; photon, and e± that is
primary or from conversion, shower; e± from ionisation delta; e± from a muon
at rest Michel.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from argoscope.events import COSMIC, FIVE_CLASS, IDENTIFIER
from argoscope.simulation.records import Process
from argoscope.simulation.splat import Shares

__all__ = [
    "Overlap",
    "five_class_labels",
    "five_class_of_groups",
    "largest_owner",
    "merge_short_deltas",
    "on_pixels",
    "origin_labels",
    "regroup",
]

Overlap = Literal["lowest", "highest"]
"""Which class wins where several groups meet in a pixel."""

MUON = 13
_MIP = (13, 211, 321)
"""Charged particles heavier than the electron and lighter than the proton."""


def five_class_of_groups(tracks: np.ndarray) -> np.ndarray:
    """Class of the group that each track heads.

    Parameters
    ----------
    tracks : ndarray, shape (p,), `TRACK_DTYPE`

    Returns
    -------
    ndarray, shape (p,), int32
        In `FIVE_CLASS`; unlabelled for nuclei, neutrons and what else has no class.

    Examples
    --------
    >>> from argoscope.simulation.records import TRACK_DTYPE
    >>> tracks = np.zeros(3, TRACK_DTYPE)
    >>> tracks["pdg"], tracks["parent"] = [13, 11, 11], [-1, 0, 0]
    >>> tracks["process"] = [Process.primary, Process.muIoni, Process.Decay]
    >>> five_class_of_groups(tracks).tolist()
    [1, 3, 4]
    """
    pdg, process = tracks["pdg"], tracks["process"]
    parent_pdg = np.where(tracks["parent"] >= 0, pdg[np.maximum(tracks["parent"], 0)], 0)
    light = np.isin(pdg, (11, -11))
    out = np.full(len(tracks), FIVE_CLASS.unlabelled, dtype=np.int32)
    out[np.isin(np.abs(pdg), _MIP)] = FIVE_CLASS.index("MIP")
    out[np.abs(pdg) == 2212] = FIVE_CLASS.index("HIP")  # proton
    out[(pdg == 22) | light] = FIVE_CLASS.index("shower")
    out[light & np.isin(process, (Process.muIoni, Process.hIoni))] = FIVE_CLASS.index("delta")
    freed = (process == Process.muMinusCaptureAtRest) | (
        (process == Process.Decay) & (np.abs(parent_pdg) == MUON)
    )
    out[light & freed] = FIVE_CLASS.index("Michel")
    return out


def merge_short_deltas(
    planes: list[tuple[Shares, np.ndarray]], tracks: np.ndarray, least_pixels: int
) -> np.ndarray:
    """Group of each track after short delta rays have joined the particle that made them.

    A delta ray stays a group of its own if, on any plane, it counts in at
    least `least_pixels` pixels that its parent has no share in. Pixels that it
    reaches by the tails of the smearing alone do not make it long.

    Parameters
    ----------
    planes : list of (Shares, ndarray of bool)
        Of all planes, or of the one volume; and where a group counts, share by share.
    tracks : ndarray, shape (p,), `TRACK_DTYPE`
    least_pixels : int

    Returns
    -------
    ndarray, shape (p,), int64
        The new group of the group that each track heads: itself, or its parent's.

    References
    ----------
    Supera, as used for the samples of papers 3 and 4: ten pixels.
    """
    group_of = np.arange(len(tracks))
    delta = five_class_of_groups(tracks) == FIVE_CLASS.index("delta")
    parent = np.where(tracks["parent"] >= 0, tracks["group"][np.maximum(tracks["parent"], 0)], -1)
    own = np.zeros(len(tracks), dtype=np.int64)
    for shares, counts in planes:
        own = np.maximum(own, _own_pixels(shares, counts, delta, parent))
    short = delta & (own < least_pixels) & (parent >= 0)
    group_of[short] = parent[short]
    # A delta of a delta may join a group that itself joined: follow to the end.
    while (group_of[group_of] != group_of).any():
        group_of = group_of[group_of]
    return group_of


def _own_pixels(shares: Shares, counts: np.ndarray, delta: np.ndarray, parent: np.ndarray) -> np.ndarray:
    """Pixels in which each delta group counts and its parent's group has no share."""
    rows = np.flatnonzero(delta[shares.group] & counts)
    of_parent = _pair(parent[shares.group[rows]], shares.ids[rows])
    # Parents of deltas alone: a search among all shares takes longer than all other labels.
    parents = np.zeros(len(delta), dtype=bool)
    parents[parent[delta & (parent >= 0)]] = True
    among = parents[shares.group]
    alone = ~np.isin(of_parent, _pair(shares.group[among], shares.ids[among]))
    return np.bincount(shares.group[rows[alone]], minlength=len(delta))


def _pair(group: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """One number for a group and a pixel: groups are below 2**24 and pixels below 2**39 in every image."""
    return (group.astype(np.int64) << 39) | ids


def regroup(shares: Shares, group_of: np.ndarray) -> Shares:
    """Shares with groups joined; a joined group's shares in one pixel are added.

    Parameters
    ----------
    shares : Shares
    group_of : ndarray, shape (p,), int64
        New group of each.

    Returns
    -------
    Shares
        Sorted by group, then pixel.

    Examples
    --------
    >>> shares = Shares(np.array([0, 1]), np.array([5, 5]), np.array([1.0, 0.5]), np.array([10.0, 5.0]))
    >>> regroup(shares, np.array([0, 0])).energy.tolist()
    [1.5]
    """
    key, which = np.unique(_pair(group_of[shares.group], shares.ids), return_inverse=True)
    energy = np.bincount(which, weights=shares.energy, minlength=len(key))
    charge = np.bincount(which, weights=shares.charge, minlength=len(key))
    return Shares(key >> 39, key & ((1 << 39) - 1), energy, charge)


def five_class_labels(
    ids: np.ndarray, shares: Shares, classes: np.ndarray, own_charge: float, overlap: Overlap
) -> np.ndarray:
    """Five-class label of each pixel.

    Parameters
    ----------
    ids : ndarray, shape (n,), int64
        Pixels with charge, rising.
    shares : Shares
    classes : ndarray, shape (p,), int32
        Class of each group; see `five_class_of_groups`.
    own_charge : float
        A group counts where its own charge is at least this, in image units.
    overlap : {"lowest", "highest"}

    Returns
    -------
    ndarray, shape (n,), int32
        In `FIVE_CLASS`; unlabelled where no group counts.
    """
    rows, at = _at_pixels(ids, shares, shares.charge >= own_charge)
    found = classes[shares.group[rows]].astype(np.int32)
    classed = found != FIVE_CLASS.unlabelled
    at, found = at[classed], found[classed]
    out = np.full(len(ids), FIVE_CLASS.unlabelled, dtype=np.int32)
    if overlap == "lowest":
        np.minimum.at(out, at, found)
        return out
    highest = np.full(len(ids), -1, dtype=np.int32)
    np.maximum.at(highest, at, found)
    return np.where(highest >= 0, highest, out)


def origin_labels(ids: np.ndarray, shares: Shares, tracks: np.ndarray, least_mev: float) -> np.ndarray:
    """Background, cosmic or neutrino in each pixel; neutrino overrides cosmic.

    Parameters
    ----------
    ids : ndarray, shape (n,), int64
        Pixels with charge, rising.
    shares : Shares
    tracks : ndarray, shape (p,), `TRACK_DTYPE`
    least_mev : float
        A group counts where it left at least this energy, in MeV.

    Returns
    -------
    ndarray, shape (n,), int32
        In `COSMIC`.
    """
    rows, at = _at_pixels(ids, shares, shares.energy >= least_mev)
    out = np.full(len(ids), COSMIC.index("background"), dtype=np.int32)
    # The numbers of `Origin` are those of the scheme, and neutrino is the largest.
    np.maximum.at(out, at, tracks["origin"][shares.group[rows]].astype(np.int32))
    return out


def largest_owner(ids: np.ndarray, shares: Shares, owner: np.ndarray, own_charge: float) -> np.ndarray:
    """Number of the owner with the largest charge in each pixel.

    Parameters
    ----------
    ids : ndarray, shape (n,), int64
        Pixels with charge, rising.
    shares : Shares
    owner : ndarray, shape (p,), int64
        Owner of each group: its slot, or its interaction; negative ones own nothing.
    own_charge : float
        An owner counts where its charge is at least this, in image units.

    Returns
    -------
    ndarray, shape (n,), int32
        -1 where nobody counts; of equal charges the smaller number.
    """
    rows, at = _at_pixels(ids, shares, np.ones(len(shares.ids), dtype=bool))
    owners = owner[shares.group[rows]]
    kept = owners >= 0
    key, which = np.unique(_pair(owners[kept], at[kept]), return_inverse=True)
    charge = np.bincount(which, weights=shares.charge[rows[kept]], minlength=len(key))
    number, pixel = key >> 39, key & ((1 << 39) - 1)
    counts = charge >= own_charge
    number, pixel, charge = number[counts], pixel[counts], charge[counts]
    largest = np.full(len(ids), -np.inf)
    np.maximum.at(largest, pixel, charge)
    winners = np.flatnonzero(charge == largest[pixel])[::-1]
    out = np.full(len(ids), IDENTIFIER.unlabelled, dtype=np.int32)
    out[pixel[winners]] = number[winners]
    return out


def on_pixels(ids: np.ndarray, shares: Shares) -> np.ndarray:
    """Which shares lie on charged pixels, shape (m,), bool.

    Parameters
    ----------
    ids : ndarray, shape (n,), int64
        Pixels with charge, rising.
    shares : Shares
    """
    at = np.searchsorted(ids, shares.ids)
    here = at < len(ids)
    here[here] = ids[at[here]] == shares.ids[here]
    return here


def _at_pixels(ids: np.ndarray, shares: Shares, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the shares that count and lie on charged pixels, and which pixel each lies on."""
    at = np.searchsorted(ids, shares.ids)
    here = counts & (at < len(ids))
    here[here] = ids[at[here]] == shares.ids[here]
    rows = np.flatnonzero(here)
    return rows, at[rows]
