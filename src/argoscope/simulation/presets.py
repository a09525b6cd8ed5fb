"""The presets of `simulate`: what is generated, in which detector, labelled how, stored how.

A preset is made into a `Recipe` once (tables of fluxes are computed then); a
recipe makes any number of events. Names and contents are those of the papers'
samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from argoscope.detectors import Detector, VoxelVolume, detector_named, image_format_named, voxel_volume_named
from argoscope.errors import InvalidArgument, named
from argoscope.simulation.generators.box import WORLD_MARGIN_CM, Box, active_boxes, hull
from argoscope.simulation.generators.cosmic_muons import cosmic_muons, cosmic_source
from argoscope.simulation.generators.cubes import cube_sample
from argoscope.simulation.generators.multi_particle_vertex import multi_particle_vertex
from argoscope.simulation.generators.neutrinos import NeutrinoSource, dirt_neutrino, neutrino
from argoscope.simulation.generators.particle_gun import ParticleGun, particle_gun
from argoscope.simulation.generators.published import PAPER3, sample_named
from argoscope.simulation.generators.records import Generated, merged
from argoscope.simulation.generators.through_muons import PAPER3_COSMICS, through_muons
from argoscope.simulation.truth import LabelRules

__all__ = [
    "PRESETS",
    "SBND_PROTON_SHARE",
    "Family",
    "Generator",
    "Preset",
    "described",
    "generator_for",
    "geometry_of",
    "preset_named",
]

Generator = Callable[[np.random.Generator], Generated]
"""Draws the particles of one event from the generator stream."""

Family = Literal["sbnd", "wire", "volume", "projection"]
"""How the products are named and what the image is."""

SBND_TIMES_US = (0.0, 10.0)
"""Times of SBND's neutrinos, in µs: the spread of the 2018 sample's true vertices."""
BNB_SPILL_US = (0.0, 1.6)
"""The Booster beam's spill, in µs."""
SBND_PROTON_SHARE = 0.747
"""Share of the muons in the 2018 sample: its air showers start from protons alone, as far as is known.

Of the primary nuclei (constant mass composition, LArSoft's settings of CORSIKA: p 17,200, He 9,200, N 6,200, Mg 9,200, Fe
6,200 m-2 s-1 sr-1 GeV-1 at 1 GeV, each with E^-2.7) a nucleus of A nucleons counts as A protons of E / A, hence with
A^-0.7; protons are 17,200 of 23,030. SBND's neutrino samples with electron neutrinos were made with protons alone, and
five public events and paper 0's mean have 0.83 and 0.66 of the pixels that the whole flux gives.
"""
SBND_VERTEX_CM = ((-200.0, -200.0, 0.0), (200.0, 200.0, 500.0))
"""Where SBND's vertices lie, the cathode included, in cm (the sample has x = 0.88)."""

_WIRE_RULES = LabelRules()
_SBND_RULES = LabelRules(origin_mev=0.04)  # MeV; measured on the 2018 sample
_VOLUME_RULES = LabelRules(overlap="highest", own_charge=0.01)  # MeV; [E], a fifth of the voxels' threshold


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A sample by name.

    Parameters
    ----------
    name, what : str
        Its name, and what it is in a few words.
    family : Family
    geometry : str
        Detector, or voxel volume.
    image : str
        Image format of the detector; "" for its own.
    source : str
        What is generated: "cosmic", "dirt", "gun", "neutrino:CLASS", "vertex:SAMPLE" or "vertex:SAMPLE+SAMPLE", "cube".
    cosmics : bool
        Whether cosmic muons are added.
    rules : LabelRules
    crop : int
        Pixels of the square window around the vertex; 0: the whole image.
    below_mev : float, optional
        Greatest neutrino energy.
    cosmic_rate : float
        Factor on the rate of cosmic muons, where the sample that is imitated has not the measured rate.
    """

    name: str
    what: str
    family: Family
    geometry: str
    source: str
    image: str = ""
    cosmics: bool = False
    rules: LabelRules = _WIRE_RULES
    crop: int = 0
    below_mev: float | None = None
    cosmic_rate: float = 1.0


def _cube(name: str) -> Preset:
    return Preset(
        name=name, what="paper 4's voxels", family="volume", geometry=name, source="cube", rules=_VOLUME_RULES
    )


def _sbnd(name: str, what: str, source: str, geometry: str = "sbnd-2018") -> Preset:
    sample = geometry == "sbnd-2018"  # what was measured on the sample of 2018 holds for its response alone
    return Preset(
        name=name, what=what, family="sbnd", geometry=geometry, source=source, cosmics=True,
        rules=_SBND_RULES if sample else _WIRE_RULES, cosmic_rate=SBND_PROTON_SHARE if sample else 1.0,
    )  # fmt: skip


def _microboone(name: str, what: str, source: str, **more: float) -> Preset:
    return Preset(
        name=name, what=what, family="wire", geometry="microboone", image="paper1", source=source,
        cosmics=True, below_mev=more.get("below_mev"),
    )  # fmt: skip


def _paper2(name: str, what: str, source: str) -> Preset:
    return Preset(
        name=name, what=what, family="wire", geometry="microboone", image="paper2", source=source, crop=512
    )


def _paper3(name: str, what: str, source: str, *, hidden: bool) -> Preset:
    return Preset(
        name=name, what=what, family="wire", geometry="microboone", image="paper3", source=source,
        cosmics=hidden, rules=LabelRules(hide_cosmics=hidden),
    )  # fmt: skip


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        _cube("cube-192"),
        _cube("cube-512"),
        _cube("cube-768"),
        Preset(
            name="square-512", what="paper 4's 2D samples: a 512 px cube seen along one axis",
            family="projection", geometry="cube-512", source="cube", rules=_VOLUME_RULES,
        ),
        _sbnd("sbnd", "paper 0: a neutrino over cosmics, 2018 geometry", "neutrino:mixed"),
        _sbnd("sbnd-cosmic", "cosmics alone", "cosmic"),
        _sbnd("sbnd-dirt", "cosmics, and a neutrino outside of which nothing is seen", "dirt"),
        _sbnd("sbnd-now", "today's SBND geometry", "neutrino:mixed", "sbnd"),
        Preset(
            name="sbnd-vertices", what="SBN's learning samples: particles from a vertex, others that rain in",
            family="wire", geometry="sbnd", source="vertex:sbn-mpv+sbn-mpr+sbn-rain",
        ),
        Preset(
            name="icarus", what="ICARUS", family="wire", geometry="icarus", source="neutrino:mixed", cosmics=True
        ),
        _microboone("microboone", "paper 1: an electron neutrino with cosmics", "neutrino:nue"),
        _microboone("microboone-low", "electron neutrinos below 400 MeV", "neutrino:nue", below_mev=400.0),
        _microboone("microboone-offbeam", "cosmics alone, one of them in the beam spill", "cosmic-in-spill"),
        _paper2("paper2", "paper 2's training sample", "vertex:paper2"),
        _paper2("paper2-nue", "electron neutrinos", "neutrino:nue"),
        _paper2("paper2-numu", "muon neutrinos", "neutrino:numu"),
        _paper2("paper2-1e1p", "one electron and one proton", "vertex:paper2-1e1p"),
        _paper2("paper2-1e1p-low", "the same at low energy", "vertex:paper2-1e1p-low"),
        _paper2("paper2-1mu1p-low", "one muon and one proton at low energy", "vertex:paper2-1mu1p-low"),
        _paper2("paper2-michel", "stopping muons", "vertex:paper2-michel"),
        _paper2("paper2-ccpi0", "a muon and a neutral pion", "vertex:paper2-ccpi0"),
        _paper2("paper2-particles", "single particles for the classifier", "vertex:paper2-particles"),
        _paper3("paper3", "paper 3's training sample", "paper3", hidden=False),
        _paper3("paper3-nue", "electron neutrinos over unlabelled cosmics", "neutrino:nue", hidden=True),
        _paper3("paper3-bnb", "beam neutrinos over unlabelled cosmics", "neutrino:bnb", hidden=True),
        Preset(
            name="gun", what="single particles: --particle, --energy, --position, --direction, --count, --detector",
            family="wire", geometry="microboone", source="gun",
        ),
    )
}  # fmt: skip
"""Every preset by name."""


def preset_named(name: str) -> Preset:
    """Find a preset.

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.
    """
    return named(name, PRESETS, "there is no preset")


def geometry_of(preset: Preset) -> Detector | VoxelVolume:
    """Detector with the preset's image format, or voxel volume.

    Examples
    --------
    >>> geometry_of(PRESETS["microboone"]).image.planes, geometry_of(PRESETS["cube-192"]).voxels
    ((2,), 192)
    """
    if preset.family in {"volume", "projection"}:
        return voxel_volume_named(preset.geometry)
    detector = detector_named(preset.geometry)
    return detector.with_image(image_format_named(preset.image)) if preset.image else detector


def described(preset: Preset) -> str:
    """What a preset is, with what its images leave out: the size of a volume, planes that are not made.

    Examples
    --------
    >>> described(PRESETS["cube-192"]), described(PRESETS["paper2-nue"])
    ("paper 4's voxels, 192 x 192 x 192 of 3 mm", 'electron neutrinos; collection plane only')
    """
    geometry = geometry_of(preset)
    if isinstance(geometry, VoxelVolume):
        sides = " x ".join([str(geometry.voxels)] * 3)
        return preset.what + (
            f", {sides} of {10 * geometry.voxel_cm:g} mm" if preset.family == "volume" else ""
        )
    return preset.what + (
        "; collection plane only" if geometry.image.planes == (len(geometry.planes) - 1,) else ""
    )


def generator_for(
    preset: Preset,
    geometry: Detector | VoxelVolume,
    *,
    interaction: str | None = None,
    gun: ParticleGun | None = None,
    cosmic_rate: float = 1.0,
) -> Generator:
    """Generator of a preset's particles; its tables are made here, once.

    Parameters
    ----------
    preset : Preset
    geometry : Detector or VoxelVolume
    interaction : {"nue", "numu", "nc", "mixed", "bnb"}, optional
        Neutrino class, in place of the preset's.
    gun : ParticleGun, optional
        For the preset "gun".
    cosmic_rate : float
        Factor on the preset's rate of cosmic muons.

    Returns
    -------
    callable
        From a random generator to `Generated`.

    Raises
    ------
    InvalidArgument
        If an option does not go with the preset.
    """
    if interaction is not None and not preset.source.startswith("neutrino"):
        raise InvalidArgument(
            f"interaction (={interaction!r}) goes with presets of neutrinos, not with {preset.name!r}"
        )
    if (gun is not None) != (preset.source == "gun"):
        raise InvalidArgument("a particle and its energy go with the preset 'gun', and it needs both")
    if cosmic_rate != 1.0 and not preset.cosmics:
        raise InvalidArgument(
            f"cosmic_rate (={cosmic_rate}) goes with presets that have cosmic muons over the rest, not with "
            f"{preset.name!r}: leave it out"
        )
    boxes = active_boxes(geometry)
    parts = _parts(preset, geometry, boxes, interaction, gun)
    in_spill = preset.source == "cosmic-in-spill"
    if preset.cosmics and isinstance(geometry, Detector):
        source = cosmic_source(
            geometry,
            rate_factor=cosmic_rate * preset.cosmic_rate,
            spill_us=BNB_SPILL_US if in_spill else None,
        )
        parts.append(partial(cosmic_muons, source))
    return lambda rng: merged([part(rng) for part in parts])


def _parts(
    preset: Preset,
    geometry: Detector | VoxelVolume,
    boxes: tuple[Box, ...],
    interaction: str | None,
    gun: ParticleGun | None,
) -> list[Generator]:
    """Generators of all but the cosmic muons."""
    kind, _, name = preset.source.partition(":")
    if kind in {"neutrino", "dirt"}:
        sbnd = preset.family == "sbnd"
        source = NeutrinoSource(
            boxes=(Box(*SBND_VERTEX_CM),) if sbnd else boxes,
            interaction=interaction or name or "mixed",
            time_us=SBND_TIMES_US if sbnd else BNB_SPILL_US,
            below_mev=preset.below_mev,
        )
        world = hull(boxes).expanded(WORLD_MARGIN_CM)
        return [partial(neutrino, source) if kind == "neutrino" else partial(dirt_neutrino, source, world)]
    parts: dict[str, Callable[[], list[Generator]]] = {
        "vertex": lambda: [
            partial(multi_particle_vertex, sample_named(one), boxes) for one in name.split("+")
        ],
        "cube": lambda: [partial(multi_particle_vertex, cube_sample(_volume(geometry)), boxes)],
        "paper3": lambda: [
            partial(multi_particle_vertex, PAPER3, boxes),
            partial(through_muons, PAPER3_COSMICS, boxes),
        ],
        "gun": lambda: [partial(particle_gun, gun)] if gun else [],
    }
    return parts.get(kind, list)()


def _volume(geometry: Detector | VoxelVolume) -> VoxelVolume:
    if not isinstance(geometry, VoxelVolume):
        raise InvalidArgument(f"cubes need a voxel volume, and {geometry.name!r} is a wire chamber")
    return geometry
