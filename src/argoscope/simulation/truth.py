"""Truth of an event: images with labels, the energy of every particle in every pixel, the particle table.

Short delta rays join the particle that made them first; then each group that
left anything in an image gets a slot, the same on all planes. So do the
particles that it descends from, whose clusters may be empty: every parent and
ancestor has a row. Slot `k` is cluster `k` of every plane and row `k` of the
particle table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    IDENTIFIER,
    Clusters,
    Grid,
    Image,
    LabelColumn,
    empty_particles,
)
from argoscope.simulation.labels import (
    Overlap,
    five_class_labels,
    five_class_of_groups,
    largest_owner,
    merge_short_deltas,
    on_pixels,
    origin_labels,
    regroup,
)
from argoscope.simulation.machine import MASS_OF_KIND, PDG_OF_KIND
from argoscope.simulation.records import Origin, Process
from argoscope.simulation.splat import Shares
from argoscope.units import NS

__all__ = ["LabelRules", "Labelled", "label_images", "particle_table"]

REST_MASSES = dict(zip(PDG_OF_KIND.tolist(), MASS_OF_KIND.tolist(), strict=True))
"""Mass of every particle that is followed, in MeV, by its PDG code."""


@dataclass(frozen=True, kw_only=True)
class LabelRules:
    """What decides the labels of an image."""

    overlap: Overlap = "lowest"
    """Class that wins where several meet: lowest on planes (paper 3), highest in volumes (paper 4)."""
    own_charge: float = 1.0
    """A group counts where its own charge is at least this, in image units (MicroBooNE samples: 1)."""
    origin_mev: float = 0.0
    """Energy from which a group counts for the origin, in MeV (SBND: 0.04); 0: by `own_charge` instead."""
    least_delta_pixels: int = 10
    """Pixels of its own, above threshold, that keep a delta ray apart from its parent (Supera of the papers' samples)."""
    hide_cosmics: bool = False
    """Whether cosmics are without label, as beam-off data are (paper 3's validation samples)."""
    truth_floor_mev: float = 1e-4
    """Shares below it are left out of the truth clusters, in MeV; they are tails of the smearing. A group whose own
    charge counts in a pixel, but whose energy lies in the rows beside (2018 SBND), is listed there with this energy."""


@dataclass(frozen=True)
class Labelled:
    """Images with their truth.

    Parameters
    ----------
    images : tuple of Image
    particles : ndarray, shape (k,), `PARTICLE_DTYPE`
        Row `k` is cluster `k` of every image's truth.
    interaction : ndarray, shape (k,), int64
        Interaction of each slot.
    """

    images: tuple[Image, ...]
    particles: np.ndarray
    interaction: np.ndarray


def label_images(
    planes: list[tuple[Grid, np.ndarray, np.ndarray, Shares]], tracks: np.ndarray, rules: LabelRules
) -> Labelled:
    """Label the images of an event.

    Parameters
    ----------
    planes : list of (Grid, ids, charge, Shares)
        What the response gave for each plane, or for the volume.
    tracks : ndarray, shape (p,), `TRACK_DTYPE`
    rules : LabelRules

    Returns
    -------
    Labelled
    """
    charged = [on_pixels(ids, shares) for _, ids, _, shares in planes]
    counted = [(shares, _counts(shares, rules)) for shares in charged]
    group_of = merge_short_deltas(counted, tracks, rules.least_delta_pixels)
    charged = [regroup(shares, group_of) for shares in charged]
    truths = [
        _truth(ids, own, regroup(_with_energy(shares), group_of), tracks, rules)
        for (_, ids, _, shares), own in zip(planes, charged, strict=True)
    ]
    present = np.zeros(len(tracks), dtype=bool)
    for shares in truths:
        present[shares.group] = True
    heads = np.flatnonzero(_with_forebears(present, tracks))
    slot = np.full(len(tracks), -1, dtype=np.int64)
    slot[heads] = np.arange(len(heads))
    classes = five_class_of_groups(tracks)
    if rules.hide_cosmics:
        classes[tracks["origin"] == Origin.COSMIC] = FIVE_CLASS.unlabelled
    clusters = [
        _clusters(plane[0], truth, slot, len(heads)) for plane, truth in zip(planes, truths, strict=True)
    ]
    images = tuple(
        _labelled(_Charged(*plane[:3], shares, truth), tracks, slot, classes, rules)
        for plane, shares, truth in zip(planes, charged, clusters, strict=True)
    )
    deposited = np.bincount(group_of[tracks["group"]], weights=tracks["deposited"], minlength=len(tracks))
    particles = particle_table(tracks, heads, classes, deposited)
    return Labelled(images, particles, tracks["interaction"][heads].astype(np.int64))


def _with_forebears(present: np.ndarray, tracks: np.ndarray) -> np.ndarray:
    """Mark the parents of marked tracks, theirs, and so on up to the primaries."""
    out, added = present.copy(), np.flatnonzero(present)
    while len(added):
        above = np.unique(tracks["parent"][added])
        added = above[(above >= 0) & ~out[np.maximum(above, 0)]]
        out[added] = True
    return out


def _counts(shares: Shares, rules: LabelRules) -> np.ndarray:
    """Where a group counts by its own share."""
    if rules.origin_mev > 0:
        return np.asarray(shares.energy >= rules.origin_mev)
    return np.asarray(shares.charge >= rules.own_charge)


def _truth(
    ids: np.ndarray, charged: Shares, energies: Shares, tracks: np.ndarray, rules: LabelRules
) -> Shares:
    """Energy of every group in every pixel, and every group that a label of a charged pixel may name.

    The response moves charge into pixels without energy. Who counts there is
    listed with the least energy of a share, far below all that is compared.
    """
    kept = _rows(energies, energies.energy >= rules.truth_floor_mev)
    rows = np.flatnonzero(
        (charged.energy < rules.truth_floor_mev) & _contributing(len(ids), charged, tracks, rules)
    )
    pixels = 1 + int(max(ids.max(initial=0), kept.ids.max(initial=0)))
    keys, wanted = kept.group * pixels + kept.ids, charged.group[rows] * pixels + ids[charged.ids[rows]]
    new = np.setdiff1d(wanted, keys)
    if not len(new):
        return kept
    at, least = np.searchsorted(keys, new), np.full(len(new), rules.truth_floor_mev)
    more = (new // pixels, new % pixels, least, np.zeros(len(new)))
    return Shares(*(np.insert(column, at, values) for column, values in zip(kept, more, strict=True)))


def _contributing(pixels: int, shares: Shares, tracks: np.ndarray, rules: LabelRules) -> np.ndarray:
    """Where a group's own charge counts; or, where only the charges of an interaction's groups together do, each."""
    counts = shares.charge >= rules.own_charge
    interaction = tracks["interaction"].astype(np.int64)
    ancestor = largest_owner(pixels, shares, interaction, rules.own_charge)[shares.ids]
    together = interaction[shares.group] == ancestor
    alone = np.zeros(pixels, dtype=bool)
    alone[shares.ids[together & (counts | (shares.energy >= rules.truth_floor_mev))]] = True
    return np.asarray(counts | (together & ~alone[shares.ids] & (shares.charge > 0)))


def _with_energy(shares: Shares) -> Shares:
    """Without those that hold charge alone, which the response in time moved there."""
    return _rows(shares, shares.energy > 0)


def _rows(shares: Shares, kept: np.ndarray) -> Shares:
    rows = np.flatnonzero(kept)
    return Shares(*(column[rows] for column in shares))


class _Charged(NamedTuple):
    """A plane: its charged pixels, the shares on them, and the truth."""

    grid: Grid
    ids: np.ndarray
    charge: np.ndarray
    shares: Shares
    truth: Clusters


def _labelled(
    plane: _Charged, tracks: np.ndarray, slot: np.ndarray, classes: np.ndarray, rules: LabelRules
) -> Image:
    grid, ids, charge, shares, truth = plane
    hidden = rules.hide_cosmics & (tracks["origin"] == Origin.COSMIC)
    semantic = five_class_labels(len(ids), shares, classes, rules.own_charge, rules.overlap)
    interaction = np.where(hidden, -1, tracks["interaction"].astype(np.int64))
    instance = largest_owner(len(ids), shares, np.where(hidden, -1, slot), rules.own_charge)
    ancestor = largest_owner(len(ids), shares, interaction, rules.own_charge)
    image = Image(grid, grid.coordinates(ids), charge)
    return replace(
        image,
        labels={
            "semantic": LabelColumn(semantic, FIVE_CLASS),
            "origin": LabelColumn(_origin(len(ids), shares, tracks, rules), COSMIC),
            "instance": LabelColumn(instance, IDENTIFIER),
            "ancestor": LabelColumn(ancestor, IDENTIFIER),
        },
        truth=truth,
    )


def _origin(pixels: int, shares: Shares, tracks: np.ndarray, rules: LabelRules) -> np.ndarray:
    if rules.origin_mev > 0:
        return origin_labels(pixels, shares, tracks, rules.origin_mev)
    strong = _rows(shares, shares.charge >= rules.own_charge)
    origin = origin_labels(pixels, strong, tracks, 0.0)
    if rules.hide_cosmics:
        # Real beam-off charge has no truth: all that is not the neutrino's is unlabelled.
        origin = np.where(origin == COSMIC.index("neutrino"), origin, COSMIC.unlabelled)
    return origin.astype(np.int32)


def _clusters(grid: Grid, shares: Shares, slot: np.ndarray, slots: int) -> Clusters:
    """Energy of every slot in every pixel; `shares` as `regroup` orders them, and slots rise with the groups."""
    sizes = np.bincount(slot[shares.group], minlength=slots)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    return Clusters(grid, shares.ids, shares.energy.astype(np.float32), offsets, np.arange(slots))


def particle_table(
    tracks: np.ndarray, heads: np.ndarray, classes: np.ndarray, deposited: np.ndarray
) -> np.ndarray:
    """Particle table with a row for each slot.

    Parameters
    ----------
    tracks : ndarray, shape (p,), `TRACK_DTYPE`
    heads : ndarray, shape (k,), int64
        Track that heads each slot's group.
    classes : ndarray, shape (p,), int32
        Five-class label of each group.
    deposited : ndarray, shape (p,)
        Energy that each group left, in MeV.

    Returns
    -------
    ndarray, shape (k,), `PARTICLE_DTYPE`
        cm, ns and MeV; `energy_init` is the total energy, `trackid` the row in `tracks`.
    """
    rows = tracks[heads]
    table = empty_particles(len(heads))
    parent = rows["parent"]
    mother = np.maximum(parent, 0)
    table["mcst_index"] = np.minimum(np.arange(len(heads)), 65534)  # 65535 is larcv's "no such index"
    table["trackid"], table["pdg"] = heads, rows["pdg"]
    for name in ("px", "py", "pz"):
        table[name] = rows[name]
    table["energy_init"], table["energy_deposit"] = _total_energy(rows), deposited[heads]
    table["process"] = [Process(int(p)).larcv_name.encode() for p in rows["process"]]
    trackish = np.isin(classes[heads], (FIVE_CLASS.index("HIP"), FIVE_CLASS.index("MIP")))
    table["shape"] = np.where(trackish, 1, np.where(classes[heads] == FIVE_CLASS.unlabelled, 2, 0))
    _place(table["vtx"], rows, "")
    _place(table["first_step"], rows, "")
    _place(table["end_pt"], rows, "end_")
    _place(table["last_step"], rows, "end_")
    born = parent >= 0
    table["parent_trackid"][born] = parent[born]
    table["parent_pdg"] = np.where(born, tracks["pdg"][mother] if len(tracks) else 0, 0)
    _place(table["parent_vtx"], tracks[np.where(born, mother, heads)], "")
    ancestor = tracks[rows["ancestor"]]
    table["ancestor_trackid"], table["ancestor_pdg"] = rows["ancestor"], ancestor["pdg"]
    _place(table["ancestor_vtx"], ancestor, "")
    return table


def _total_energy(rows: np.ndarray) -> np.ndarray:
    """Kinetic energy and mass: the mass from p² = T² + 2 T m, and that of its kind for a particle at rest."""
    squared = rows["px"] ** 2 + rows["py"] ** 2 + rows["pz"] ** 2
    kinetic = rows["kinetic"]
    moving = kinetic > 0
    mass = (squared - kinetic**2) / (2.0 * np.where(moving, kinetic, 1.0))
    at_rest = [REST_MASSES.get(int(pdg), 0.0) for pdg in np.where(moving, 0, rows["pdg"])]
    return np.asarray(kinetic + np.where(moving, mass, at_rest))


def _place(vertex: np.ndarray, rows: np.ndarray, prefix: str) -> None:
    """Fill a column of points from tracks; our times are in µs, larcv's in ns."""
    for axis in ("x", "y", "z"):
        vertex[axis] = rows[f"{prefix}{axis}"]
    vertex["t"] = rows[f"{prefix}t"] / NS
