"""How a simulated event is stored: the products of each family of presets, by the originals' names.

=============  ============================================================================
sbnd           `sbndwire`, `sbnd_cosmicseg`, `sbndsegmerged` (a cluster a particle), `sbndneutrino` (3 x 3 pixels at
               the vertex), and the neutrino with its final state in `particle_sbndneutrino`; besides the
               original's, `semantic`, `interaction` and `particle_mcst`; tables in GeV
wire           `wire`, `semantic`, `origin`, `segment` (a cluster a particle), `interaction` (a cluster an
               ancestor), `particle_mcst`, and the neutrino with its final state in `particle_neutrino`, in MeV
volume         `sparse3d_data`, `sparse3d_fivetypes`, `sparse3d_fivetypes_relabelled` (paper 4),
               `cluster3d_mcst`, `particle_mcst`, in MeV
projection     as wire, one plane, with `sparse2d_semantic_relabelled`
=============  ============================================================================

Row `k` of `particle_mcst` is cluster `k` of the truth, and its `mct_index` the cluster of `interaction`.
"""

from __future__ import annotations

import numpy as np

from argoscope.detectors import Detector, VoxelVolume, pixels_of
from argoscope.events import (
    COSMIC,
    FIVE_CLASS,
    Clusters,
    Image,
    Product,
    Record,
    Voxels,
)
from argoscope.events.relabelling import relabel_detached
from argoscope.files.header import Header
from argoscope.simulation.chain import Simulated, Simulation
from argoscope.simulation.generators.records import InteractionKind
from argoscope.simulation.neutrino_truth import neutrino_table
from argoscope.units import GEV

__all__ = ["header_of", "record_of"]

Products = dict[str, tuple[Product, ...] | np.ndarray]

VERTEX_REACH = 1
"""Pixels around the vertex that SBND files mark, on each side."""


def header_of(simulation: Simulation) -> Header:
    """What the products of a run mean.

    Parameters
    ----------
    simulation : Simulation

    Returns
    -------
    Header
        Without provenance.
    """
    family = simulation.preset.family
    if family == "sbnd":
        return Header(
            roles={
                "charge": "sparse2d_sbndwire",
                "origin": "sparse2d_sbnd_cosmicseg",
                "semantic": "sparse2d_semantic",
                "truth": "cluster2d_sbndsegmerged",
                "interaction": "cluster2d_interaction",
                "particles": "particle_mcst",
                "neutrino": "particle_sbndneutrino",
            },
            schemes={"sparse2d_sbnd_cosmicseg": COSMIC, "sparse2d_semantic": FIVE_CLASS},
            charge_unit=simulation.charge_unit,
            energy_unit="GeV",
            detector=simulation.geometry.name,
        )
    if family == "volume":
        return Header(
            roles={
                "charge": "sparse3d_data",
                "semantic": "sparse3d_fivetypes",
                "truth": "cluster3d_mcst",
                "particles": "particle_mcst",
            },
            schemes={"sparse3d_fivetypes": FIVE_CLASS, "sparse3d_fivetypes_relabelled": FIVE_CLASS},
            charge_unit=simulation.charge_unit,
            detector=simulation.geometry.name,
        )
    schemes = {"sparse2d_semantic": FIVE_CLASS, "sparse2d_origin": COSMIC}
    roles = {
        "charge": "sparse2d_wire",
        "semantic": "sparse2d_semantic",
        "origin": "sparse2d_origin",
        "truth": "cluster2d_segment",
        "interaction": "cluster2d_interaction",
        "particles": "particle_mcst",
    }
    if family == "projection":
        schemes["sparse2d_semantic_relabelled"] = FIVE_CLASS
    else:
        roles["neutrino"] = "particle_neutrino"
    return Header(
        roles=roles,
        schemes=schemes,
        charge_unit=simulation.charge_unit,
        detector=simulation.geometry.name,
    )


def record_of(simulated: Simulated, simulation: Simulation) -> Record:
    """Products of one event.

    Parameters
    ----------
    simulated : Simulated
    simulation : Simulation
        The run that made it.

    Returns
    -------
    Record
    """
    families = {"sbnd": _sbnd, "wire": _wire, "volume": _volume, "projection": _projection}
    return Record(simulated.event.id, families[simulation.preset.family](simulated, simulation.geometry))


def _sbnd(simulated: Simulated, geometry: Detector | VoxelVolume) -> Products:
    images = simulated.event.images
    assert isinstance(geometry, Detector)
    return {
        "sparse2d_sbndwire": tuple(image.voxels() for image in images),
        "sparse2d_sbnd_cosmicseg": _labels(images, "origin"),
        "sparse2d_semantic": _labels(images, "semantic"),
        "cluster2d_sbndsegmerged": _truth(images),
        "cluster2d_sbndneutrino": tuple(_vertex(image, simulated.interactions, geometry) for image in images),
        "particle_sbndneutrino": neutrino_table(simulated.interactions, simulated.primaries, GEV),
        "cluster2d_interaction": tuple(_by_interaction(image, simulated.interaction) for image in images),
        "particle_mcst": _in_gev(simulated.event.particles),
    }


def _in_gev(particles: np.ndarray) -> np.ndarray:
    """The table with momenta and energies in GeV, as SBND's files have them."""
    out = particles.copy()
    for name in ("px", "py", "pz", "energy_init", "energy_deposit"):
        out[name] /= GEV
    return out


def _wire(simulated: Simulated, geometry: Detector | VoxelVolume) -> Products:
    products = _planes(simulated, geometry)
    products["particle_neutrino"] = neutrino_table(simulated.interactions, simulated.primaries)
    return products


def _planes(simulated: Simulated, _geometry: Detector | VoxelVolume) -> Products:
    images = simulated.event.images
    return {
        "sparse2d_wire": tuple(image.voxels() for image in images),
        "sparse2d_semantic": _labels(images, "semantic"),
        "sparse2d_origin": _labels(images, "origin"),
        "cluster2d_segment": _truth(images),
        "cluster2d_interaction": tuple(_by_interaction(image, simulated.interaction) for image in images),
        "particle_mcst": simulated.event.particles,
    }


def _projection(simulated: Simulated, geometry: Detector | VoxelVolume) -> Products:
    products = _planes(simulated, geometry)
    products["sparse2d_semantic_relabelled"] = _relabelled(simulated.event.images)
    return products


def _volume(simulated: Simulated, _geometry: Detector | VoxelVolume) -> Products:
    images = simulated.event.images
    return {
        "sparse3d_data": tuple(image.voxels() for image in images),
        "sparse3d_fivetypes": _labels(images, "semantic"),
        "sparse3d_fivetypes_relabelled": _relabelled(images),
        "cluster3d_mcst": _truth(images),
        "particle_mcst": simulated.event.particles,
    }


def _labels(images: tuple[Image, ...], kind: str) -> tuple[Voxels, ...]:
    return tuple(Voxels(i.grid, i.ids, i.labels[kind].values.astype(np.float32)) for i in images)


def _relabelled(images: tuple[Image, ...]) -> tuple[Voxels, ...]:
    return tuple(
        Voxels(i.grid, i.ids, relabel_detached(i.coordinates, i.labels["semantic"].values).astype(np.float32))
        for i in images
    )


def _truth(images: tuple[Image, ...]) -> tuple[Clusters, ...]:
    return tuple(image.truth for image in images if image.truth is not None)


def _by_interaction(image: Image, interaction: np.ndarray) -> Clusters:
    """Truth clusters joined by interaction: cluster `i` is interaction `i`."""
    assert image.truth is not None
    truth = image.truth
    count = int(interaction.max(initial=-1)) + 1
    owner = interaction[truth.cluster_of_row] if len(truth) else np.zeros(0, dtype=np.int64)
    order = np.lexsort((truth.ids, owner))
    ids, owner, energy = truth.ids[order], owner[order], truth.values[order]
    first = np.ones(len(ids), dtype=bool)
    first[1:] = (ids[1:] != ids[:-1]) | (owner[1:] != owner[:-1])
    total = np.add.reduceat(energy, np.flatnonzero(first)) if len(ids) else energy
    sizes = np.bincount(owner[first], minlength=count)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    return Clusters(truth.grid, ids[first], total.astype(np.float32), offsets, np.arange(count))


def _vertex(image: Image, interactions: np.ndarray, geometry: Detector) -> Clusters:
    """Pixels around the neutrino's vertex on one plane; an empty cluster where it lies outside."""
    neutrino = interactions[interactions["kind"] == InteractionKind.NEUTRINO]
    ids = np.zeros(0, dtype=np.int64)
    if len(neutrino):
        point = np.array([[neutrino[axis][0] for axis in ("x", "y", "z")]])
        # The original's product ignores the time of the interaction.
        at = pixels_of(geometry, point, image.grid.projection).coordinates
        reach = np.arange(-VERTEX_REACH, VERTEX_REACH + 1)
        around = (
            at[:, None, :] + np.stack(np.meshgrid(reach, reach, indexing="ij"), -1).reshape(-1, 2)
        ).reshape(-1, 2)
        inside = ((around >= 0) & (around < image.grid.shape)).all(axis=1)
        ids = np.sort(image.grid.ids(around[inside]))
    return Clusters(image.grid, ids, np.ones(len(ids), np.float32), np.array([0, len(ids)]), np.array([0]))
