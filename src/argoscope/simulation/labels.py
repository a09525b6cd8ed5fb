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
from argoscope.simulation.compile import allocating
from argoscope.simulation.places import order_of, places_of
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
NOBODY = IDENTIFIER.unlabelled
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
    kind = np.abs(pdg)
    light = kind == 11
    out = np.full(len(tracks), FIVE_CLASS.unlabelled, dtype=np.int32)
    for heavy in _MIP:
        out[kind == heavy] = FIVE_CLASS.index("MIP")
    out[kind == 2212] = FIVE_CLASS.index("HIP")  # proton
    out[(pdg == 22) | light] = FIVE_CLASS.index("shower")
    out[light & ((process == Process.muIoni) | (process == Process.hIoni))] = FIVE_CLASS.index("delta")
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
        Of all planes, or of the one volume, as `on_pixels` gives them; and where a group counts,
        share by share.
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
    children = np.flatnonzero(delta & (parent >= 0))
    children = children[np.argsort(parent[children], kind="stable")]
    own = np.zeros(len(tracks), dtype=np.int64)
    for shares, counts in planes:
        pixels = int(shares.ids.max(initial=-1)) + 1
        begin = np.searchsorted(shares.group, np.arange(len(tracks) + 1))
        own = np.maximum(own, _own_pixels(begin, shares.ids, counts, children, parent, pixels))
    short = delta & (own < least_pixels) & (parent >= 0)
    group_of[short] = parent[short]
    # A delta of a delta may join a group that itself joined: follow to the end.
    while (group_of[group_of] != group_of).any():
        group_of = group_of[group_of]
    return group_of


@allocating
def _own_pixels(  # noqa: PLR0917  # Numba compiles functions of positional arguments only
    begin: np.ndarray,
    at: np.ndarray,
    counts: np.ndarray,
    children: np.ndarray,
    parent: np.ndarray,
    pixels: int,
) -> np.ndarray:
    """Pixels in which each child counts and its parent's group has no share; children in order of their parents."""
    out = np.zeros(len(begin) - 1, np.int64)
    seen_by = np.full(pixels, -1, np.int64)  # the last parent that has a share in the pixel
    current = -1
    for child in children:
        if parent[child] != current:
            current = parent[child]
            for k in range(begin[current], begin[current + 1]):
                seen_by[at[k]] = current
        for k in range(begin[child], begin[child + 1]):
            if counts[k] and seen_by[at[k]] != current:
                out[child] += 1
    return out


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
    group = group_of[shares.group]
    return Shares(*_joined(order_of(group, shares.ids), group, shares.ids, shares.energy, shares.charge))


@allocating
def _joined(
    order: np.ndarray, group: np.ndarray, ids: np.ndarray, energy: np.ndarray, charge: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Add up rows with the same group and pixel, which follow one another in `order`."""
    out_group, out_ids = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    out_energy, out_charge = np.empty(len(order)), np.empty(len(order))
    last = -1
    for k in order:
        if last < 0 or out_group[last] != group[k] or out_ids[last] != ids[k]:
            last += 1
            out_group[last], out_ids[last] = group[k], ids[k]
            out_energy[last], out_charge[last] = 0.0, 0.0
        out_energy[last] += energy[k]
        out_charge[last] += charge[k]
    end = last + 1
    return out_group[:end].copy(), out_ids[:end].copy(), out_energy[:end].copy(), out_charge[:end].copy()


def five_class_labels(
    pixels: int, shares: Shares, classes: np.ndarray, own_charge: float, overlap: Overlap
) -> np.ndarray:
    """Five-class label of each pixel.

    Parameters
    ----------
    pixels : int
        Pixels with charge.
    shares : Shares
        On them, as `on_pixels` gives them.
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
    found = classes[shares.group]
    rows = np.flatnonzero((shares.charge >= own_charge) & (found != FIVE_CLASS.unlabelled))
    at, found = shares.ids[rows], found[rows].astype(np.int32)
    out = np.full(pixels, FIVE_CLASS.unlabelled, dtype=np.int32)
    if overlap == "lowest":
        np.minimum.at(out, at, found)
        return out
    highest = np.full(pixels, -1, dtype=np.int32)
    np.maximum.at(highest, at, found)
    return np.where(highest >= 0, highest, out)


def origin_labels(pixels: int, shares: Shares, tracks: np.ndarray, least_mev: float) -> np.ndarray:
    """Background, cosmic or neutrino in each pixel; neutrino overrides cosmic.

    Parameters
    ----------
    pixels : int
        Pixels with charge.
    shares : Shares
        On them, as `on_pixels` gives them.
    tracks : ndarray, shape (p,), `TRACK_DTYPE`
    least_mev : float
        A group counts where it left at least this energy, in MeV.

    Returns
    -------
    ndarray, shape (n,), int32
        In `COSMIC`.
    """
    rows = np.flatnonzero(shares.energy >= least_mev)
    out = np.full(pixels, COSMIC.index("background"), dtype=np.int32)
    # The numbers of `Origin` are those of the scheme, and neutrino is the largest.
    np.maximum.at(out, shares.ids[rows], tracks["origin"].astype(np.int32)[shares.group[rows]])
    return out


def largest_owner(pixels: int, shares: Shares, owner: np.ndarray, own_charge: float) -> np.ndarray:
    """Number of the owner with the largest charge in each pixel.

    Parameters
    ----------
    pixels : int
        Pixels with charge.
    shares : Shares
        On them, as `on_pixels` gives them.
    owner : ndarray, shape (p,), int64
        Owner of each group: its slot, or its interaction; negative ones own nothing.
    own_charge : float
        An owner counts where its charge is at least this, in image units.

    Returns
    -------
    ndarray, shape (n,), int32
        -1 where nobody counts; of equal charges the smaller number.
    """
    owners = owner[shares.group]
    rows = np.flatnonzero(owners >= 0)
    owners = owners[rows]
    rows = rows[order_of(owners, np.zeros(len(rows), dtype=np.int64))]
    return _largest(pixels, owner[shares.group[rows]], shares.ids[rows], shares.charge[rows], own_charge)


@allocating
def _largest(
    pixels: int, owner: np.ndarray, at: np.ndarray, charge: np.ndarray, own_charge: float
) -> np.ndarray:
    """`largest_owner` with the rows of an owner behind one another, owners rising."""
    out, most = np.full(pixels, NOBODY, np.int32), np.full(pixels, -np.inf)
    total = np.zeros(pixels)
    first = 0
    while first < len(owner):
        end = first
        while end < len(owner) and owner[end] == owner[first]:
            total[at[end]] += charge[end]
            end += 1
        for k in range(first, end):
            pixel = at[k]
            if total[pixel] >= own_charge and total[pixel] > most[pixel]:
                most[pixel], out[pixel] = total[pixel], owner[first]
        for k in range(first, end):
            total[at[k]] = 0.0
        first = end
    return out


def on_pixels(ids: np.ndarray, shares: Shares) -> Shares:
    """Shares on charged pixels, numbered by the place of the pixel in the list of these.

    Parameters
    ----------
    ids : ndarray, shape (n,), int64
        Pixels with charge, each once.
    shares : Shares

    Returns
    -------
    Shares
        Its `ids` run from 0 to n - 1.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> shares = Shares(np.array([0, 0, 1]), np.array([9, 7, 9]), ones, ones)
    >>> on_pixels(np.array([4, 9]), shares).ids.tolist()
    [1, 1]
    """
    place = places_of(ids, shares.ids)
    rows = np.flatnonzero(place >= 0)
    return Shares(shares.group[rows], place[rows], shares.energy[rows], shares.charge[rows])
