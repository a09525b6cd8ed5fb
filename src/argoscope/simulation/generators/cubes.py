"""The events of paper 4's voxel cubes (arXiv:1903.05663), with every number that may need tuning.

The paper names two sources, isolated particles and multi-particle vertices,
but no share, energies or multiplicities. All numbers here are engineering
values, chosen so that the voxels above 0.05 MeV divide as in the paper's
table I: HIP 17 %, MIP 34 %, shower 47 %, delta 1 %, Michel 1 %. More protons
raise HIP, softer muons raise Michel at the cost of MIP, photons raise shower.
"""

from __future__ import annotations

from argoscope.detectors.volumes import VoxelVolume
from argoscope.simulation.generators.blocks import EnergyRange, ParticleBlock
from argoscope.simulation.generators.multi_particle_vertex import VertexMixture, VertexRecipe

__all__ = ["ISOLATED_SHARE", "cube_isolated", "cube_sample", "cube_vertex"]

ISOLATED_SHARE = 0.5
"""Share of events with isolated particles, no unit; the paper does not say."""

_OUTSIDE_SHARE = {192: 0.4, 512: 0.25, 768: 0.1}
"""How far outside the cube isolated particles may begin, in sides; the paper: "a larger volume"."""

_VERTEX_PARTICLES = {192: (1, 3), 512: (3, 7), 768: (4, 11)}
"""Least and greatest number of particles of a vertex; both by the cube's side in voxels, so that cubes of 192, 512
and 768 have 700, 2,500 to 3,300 and 4,300 to 6,500 voxels."""

_ELECTRON_MEV = (30.0, 500.0)  # MeV, kinetic; engineering value
_PHOTON_MEV = (30.0, 500.0)  # MeV; engineering value
_MUON_MEV = (50.0, 1000.0)  # MeV, kinetic; engineering value
_PION_MEV = (50.0, 800.0)  # MeV, kinetic; engineering value
_PROTON_MEV = (50.0, 500.0)  # MeV, kinetic; engineering value


def _nearest(voxels: int) -> int:
    """Side of paper 4's cube that is nearest to a cube's."""
    return min(_VERTEX_PARTICLES, key=lambda side: abs(side - voxels))


def cube_vertex(voxels: int = 512) -> VertexRecipe:
    """Multi-particle vertices: electrons, photons, muons, charged pions and protons.

    Parameters
    ----------
    voxels : int
        Side of the cube; the nearest of paper 4's three decides.

    Examples
    --------
    >>> cube_vertex(768).count[1] > cube_vertex(192).count[1]
    True
    """
    return VertexRecipe(
        name="cube-vertex",
        count=_VERTEX_PARTICLES[_nearest(voxels)],
        blocks=(
            # (least, greatest) number and weight of each kind: tuned until cubes of 512 voxels met table I
            ParticleBlock(pdgs=(11,), energy=EnergyRange(*_ELECTRON_MEV), count=(0, 3), weight=1.9),
            ParticleBlock(pdgs=(22,), energy=EnergyRange(*_PHOTON_MEV), count=(0, 3), weight=1.9),
            ParticleBlock(pdgs=(13, -13), energy=EnergyRange(*_MUON_MEV), count=(0, 2), weight=1.2),
            ParticleBlock(pdgs=(211, -211), energy=EnergyRange(*_PION_MEV), count=(0, 2), weight=1.2),
            ParticleBlock(pdgs=(2212,), energy=EnergyRange(*_PROTON_MEV), count=(0, 4), weight=1.7),
        ),
    )


def cube_isolated(volume: VoxelVolume) -> VertexRecipe:
    """Isolated electrons, muons, antimuons and protons, 1 to 10, in a volume larger than the cube.

    Examples
    --------
    >>> from argoscope.detectors import voxel_volume_named
    >>> cube_isolated(voxel_volume_named("cube-512")).inset_cm
    -38.4
    """
    return VertexRecipe(
        name="cube-isolated",
        count=(1, 10),  # particles; paper 4, section III A
        placement="isolated",
        inset_cm=-_OUTSIDE_SHARE[_nearest(volume.voxels)] * volume.side_cm,
        blocks=(
            # Paper 4's kinds; its table I has too few MIP voxels for muons of both signs as often as each other kind.
            ParticleBlock(pdgs=(11,), energy=EnergyRange(*_ELECTRON_MEV), count=(0, 10)),
            ParticleBlock(pdgs=(13, -13), energy=EnergyRange(*_MUON_MEV), count=(0, 10)),
            ParticleBlock(pdgs=(2212,), energy=EnergyRange(*_PROTON_MEV), count=(0, 10)),
        ),
    )


def cube_sample(volume: VoxelVolume) -> VertexMixture:
    """Both sources of paper 4 for one size of cube.

    Parameters
    ----------
    volume : VoxelVolume

    Returns
    -------
    VertexMixture

    Examples
    --------
    >>> from argoscope.detectors import voxel_volume_named
    >>> [recipe.name for _, recipe in cube_sample(voxel_volume_named("cube-512")).parts]
    ['cube-vertex', 'cube-isolated']
    """
    return VertexMixture(
        name=volume.name,
        parts=((1 - ISOLATED_SHARE, cube_vertex(volume.voxels)), (ISOLATED_SHARE, cube_isolated(volume))),
    )
