"""True interactions of a plane as instances, and what each of them is like.

An instance is all charge of one ancestor, a cosmic particle or the neutrino, on
the active pixels of a plane: those of at least 10 (papers 1 to 3). A pixel in
which several left energy belongs to the one that left most. An interaction
without any active pixel, because it missed the chamber or lies on dead wires,
is not there.

References
----------
Paper 1: arXiv:2201.05705, sections 3 (ancestors, table 2) and 4.1 (active pixels).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.events import ANCESTOR, Clusters, Image
from argoscope.events.grid import rows_in
from argoscope.events.instances import Instances
from argoscope.events.particles import INVALID_U2
from argoscope.files.layouts import DENSE_THRESHOLD
from argoscope.simulation.image_measures import LEAST_MEV, STRONG_MEV

__all__ = ["Traits", "active_part", "interaction_classes", "traits_of", "true_instances"]

CLASS_OF_PDG = {13: "cosmic", 11: "electron", 2212: "proton", 2112: "neutron"}
"""Class of a cosmic ancestor (paper 1, table 2) by its PDG code without sign; any other is "other"."""


def active_part(image: Image) -> Image:
    """The pixels of at least 10: W of equations 4.1 and 4.2.

    Examples
    --------
    >>> from argoscope.events import Grid
    >>> active_part(Image.from_points(Grid((4, 4)), np.array([[0, 1], [2, 2]]), np.array([9.9, 10.0]))).ids
    array([10])
    """
    return image.take(image.charge >= DENSE_THRESHOLD)


def interaction_classes(particles: np.ndarray, neutrino: np.ndarray) -> np.ndarray:
    """Class of each interaction, by its number.

    Parameters
    ----------
    particles : ndarray, shape (p,), `PARTICLE_DTYPE`
        `mct_index` is the interaction, `ancestor_pdg` what it came from.
    neutrino : ndarray, shape (k,), `PARTICLE_DTYPE`
        Row 0 is the neutrino; no row where there is none.

    Returns
    -------
    ndarray, shape (i,), int32
        In the scheme `ANCESTOR`, up to the largest number that a particle has; "other" for interactions without
        particles.

    Examples
    --------
    >>> from argoscope.events import empty_particles
    >>> table = empty_particles(2)
    >>> table["mct_index"], table["ancestor_pdg"] = [0, 2], [-13, 2112]
    >>> [ANCESTOR.classes[k] for k in interaction_classes(table, empty_particles())]
    ['cosmic', 'other', 'neutron']
    """
    known = particles["mct_index"] != INVALID_U2
    numbers, rows = np.unique(particles["mct_index"][known], return_index=True)
    of_neutrino = neutrino["mct_index"][:1].astype(np.int64)
    count = int(max(numbers.max(initial=0), of_neutrino.max(initial=0))) + 1
    classes = np.full(count, ANCESTOR.index("other"), dtype=np.int32)
    pdg = np.abs(particles["ancestor_pdg"][known][rows])
    for code, name in CLASS_OF_PDG.items():
        classes[numbers[pdg == code]] = ANCESTOR.index(name)
    classes[of_neutrino] = ANCESTOR.index("neutrino")
    return classes


def true_instances(image: Image, classes: np.ndarray) -> Instances:
    """The interactions that own active pixels.

    Parameters
    ----------
    image : Image
        With ancestor labels.
    classes : ndarray, shape (i,), int32
        Class of each interaction, of `interaction_classes`.

    Returns
    -------
    Instances
        Numbered as the interactions; with score 1.

    Raises
    ------
    InvalidArgument
        If a pixel belongs to an interaction without a class.

    Examples
    --------
    >>> from argoscope.events import Grid, IDENTIFIER, LabelColumn
    >>> image = Image.from_points(Grid((4, 4)), np.array([[0, 1], [2, 2], [3, 0]]), np.array([20.0, 9.0, 30.0]))
    >>> image = image.with_labels(ancestor=LabelColumn(np.array([1, 1, 0]), IDENTIFIER))
    >>> found = true_instances(image, np.array([5, 1]))
    >>> found.clusters.ids.tolist(), found.clusters.numbers.tolist(), found.classes.tolist()
    ([12, 1], [0, 1], [5, 1])
    """
    active = active_part(image)
    owner = active.label("ancestor")
    ids, owners = active.ids[owner.labelled], owner.values[owner.labelled]
    if len(owners) and int(owners.max()) >= len(classes):
        raise InvalidArgument(
            f"a pixel belongs to interaction {owners.max()}, and the particle table knows {len(classes)}: "
            "the file's interactions and particles are of different events"
        )
    order = np.argsort(owners, kind="stable")
    numbers, sizes = np.unique(owners, return_counts=True)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    clusters = Clusters(active.grid, ids[order], np.ones(len(ids)), offsets, numbers)
    return Instances(clusters, np.asarray(classes)[numbers], np.ones(len(numbers)))


@dataclass(frozen=True, eq=False)
class Traits:
    """What true instances are like, in their order; not a number where that is not known.

    Parameters
    ----------
    length : ndarray, shape (k,), float64
        From the first to the last active pixel, in pixels: diagonal of the box around them.
    overlap : ndarray, shape (k,), float64
        Share of the active pixels in which another interaction left energy too.
    dead : ndarray, shape (k,), float64
        Share of the wires with much true energy that show nothing.
    """

    length: np.ndarray
    overlap: np.ndarray
    dead: np.ndarray


def traits_of(image: Image, truth: Instances, energies: Clusters | None) -> Traits:
    """Length, overlap and dead share of true instances.

    Parameters
    ----------
    image : Image
        Charge of the plane.
    truth : Instances
        Of `true_instances`.
    energies : Clusters, optional
        Energy of every interaction in every pixel, in MeV, pixels of dead wires included: cluster `k` is
        interaction `k`.

    Returns
    -------
    Traits
    """
    unknown = np.full(len(truth), np.nan)
    if energies is None:
        return Traits(_lengths(truth), unknown, unknown)
    return Traits(_lengths(truth), _overlaps(truth, energies), _dead_shares(image, truth, energies))


def _lengths(truth: Instances) -> np.ndarray:
    if not len(truth):
        return np.zeros(0)
    coordinates, first = truth.clusters.coordinates, truth.clusters.offsets[:-1]
    sides = np.maximum.reduceat(coordinates, first) - np.minimum.reduceat(coordinates, first) + 1
    return np.asarray(np.hypot(*sides.T.astype(np.float64)))


def _overlaps(truth: Instances, energies: Clusters) -> np.ndarray:
    counts = energies.values >= LEAST_MEV
    owner = energies.numbers[energies.cluster_of_row]
    ids, present = np.unique(energies.ids[counts], return_counts=True)
    mine = truth.clusters.ids
    own = np.isin(
        _keys(mine, truth.clusters.numbers[truth.clusters.cluster_of_row]), _keys(energies.ids, owner)[counts]
    )
    # Where there is no energy the row is -1: the zero at the end.
    shared = np.append(present, 0)[rows_in(ids, mine)] > own
    rows = truth.clusters.cluster_of_row
    return np.bincount(rows, shared, len(truth)) / np.bincount(rows, minlength=len(truth))


def _keys(ids: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """One number for each pair of pixel and interaction; interactions are fewer than 65,536 (larcv's indices)."""
    return ids * (INVALID_U2 + 1) + owner


def _dead_shares(image: Image, truth: Instances, energies: Clusters) -> np.ndarray:
    strong = energies.values >= STRONG_MEV
    wires, width = image.grid.shape
    owner = energies.numbers[energies.cluster_of_row][strong]
    number, wire = np.divmod(np.unique(owner * wires + energies.ids[strong] // width), wires)
    silent = ~np.isin(wire, image.coordinates[:, 0])
    count = int(max(number.max(initial=0), truth.clusters.numbers.max(initial=0))) + 1
    with np.errstate(invalid="ignore"):
        share = np.bincount(number, silent, count) / np.bincount(number, minlength=count)
    return np.asarray(share[truth.clusters.numbers])
