"""One event from its number: generator, transport, response, labels.

    generator -> transport -> recombination, drift, response, noise -> labels

A `Simulation` holds what all events of a run share. `event(n)` depends on the
seed and `n` alone: not on the events before, nor on the worker. Variations of
the detector change the drift and noise streams' use only, so that the
particles of a varied run are those of the nominal one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from argoscope.detectors import DeadWires, Detector, VoxelVolume, pixels_of
from argoscope.errors import InvalidArgument, require_known
from argoscope.events import Event, EventId, Grid, crop_around_vertex
from argoscope.simulation.generators.box import active_boxes
from argoscope.simulation.generators.particle_gun import ParticleGun
from argoscope.simulation.neutrino_truth import with_interactions
from argoscope.simulation.presets import Generator, Preset, generator_for, geometry_of, preset_named
from argoscope.simulation.records import Transported
from argoscope.simulation.response import WireResponse, respond, response_streams
from argoscope.simulation.response_presets import electronics_of, settings_for
from argoscope.simulation.response_settings import ResponseSettings
from argoscope.simulation.splat import Shares
from argoscope.simulation.streams import Stage, stream
from argoscope.simulation.transport import TransportSettings, World, transport
from argoscope.simulation.truth import Labelled, LabelRules, label_images
from argoscope.simulation.variations import varied_response
from argoscope.simulation.voxel_response import VoxelResponse, VoxelSettings, respond_in_voxels

__all__ = ["TRANSPORTS", "Simulated", "Simulation", "simulation_named"]

TRANSPORTS = ("own", "geant4")
"""Who may carry the particles: this package, or Geant4, which is experimental."""

_Transport = Callable[[np.ndarray, World, np.random.Generator, TransportSettings], Transported]
_Plane = tuple[Grid, np.ndarray, np.ndarray, Shares]


@dataclass(frozen=True)
class Simulated:
    """One event with all its truth.

    Parameters
    ----------
    event : Event
        Charge, labels, truth clusters and particles.
    interaction : ndarray, shape (k,), int64
        Interaction of each slot of the particle table.
    interactions : ndarray, shape (i,), `INTERACTION_DTYPE`
        What the generator made.
    primaries : ndarray, shape (p,), `PRIMARY_DTYPE`
        Particles as the generator made them.
    """

    event: Event
    interaction: np.ndarray
    interactions: np.ndarray
    primaries: np.ndarray


@dataclass(frozen=True)
class Simulation:
    """What the events of a run share.

    Parameters
    ----------
    preset : Preset
    geometry : Detector or VoxelVolume
    seed : int
    settings : ResponseSettings or VoxelSettings
        Of the detector's response.
    transport_settings : TransportSettings
    interaction : str, optional
        Neutrino class in place of the preset's.
    gun : ParticleGun, optional
    cosmic_rate : float
        Factor on the rate of cosmic muons.
    dead_wires : DeadWires, optional
        In place of the detector's own map.
    transport_name : str
        One of `TRANSPORTS`.
    """

    preset: Preset
    geometry: Detector | VoxelVolume
    seed: int
    settings: ResponseSettings | VoxelSettings
    transport_settings: TransportSettings
    interaction: str | None = None
    gun: ParticleGun | None = None
    cosmic_rate: float = 1.0
    dead_wires: DeadWires | None = None
    transport_name: str = "own"

    @cached_property
    def generator(self) -> Generator:
        """The generator, its tables made once."""
        return generator_for(
            self.preset,
            self.geometry,
            interaction=self.interaction,
            gun=self.gun,
            cosmic_rate=self.cosmic_rate,
        )

    @cached_property
    def world(self) -> World:
        """Argon in which particles are followed."""
        boxes = active_boxes(self.geometry)
        return World(low=np.array([box.low for box in boxes]), high=np.array([box.high for box in boxes]))

    @cached_property
    def carry(self) -> _Transport:
        """The transport; Geant4 is started, and refused here where it cannot run."""
        if self.transport_name == "own":
            return transport
        from argoscope.simulation.geant4 import geant4_transport, require_geant4

        require_geant4(self.world, self.transport_settings)
        return geant4_transport

    @property
    def charge_unit(self) -> str:
        """Unit of the images: energy in volumes that are not drifted, else image units, which SBND's files call ADC."""
        if isinstance(self.settings, VoxelSettings) and not self.settings.drifted:
            return "MeV"
        return "ADC" if self.preset.family == "sbnd" else "PIU"

    @property
    def rules(self) -> LabelRules:
        """What decides the labels; in drifted volumes a group counts by its charge, as in wire images."""
        if isinstance(self.settings, VoxelSettings) and self.settings.drifted:
            return replace(self.preset.rules, own_charge=LabelRules().own_charge)
        return self.preset.rules

    @property
    def carrier(self) -> dict[str, str]:
        """Name of the transport, for the provenance; Geant4's versions and physics too."""
        if self.transport_name == "own":
            return {"name": "own"}
        from argoscope.simulation.geant4 import description

        return description()

    def event(self, number: int) -> Simulated:
        """Simulate one event.

        Parameters
        ----------
        number : int
            Number of the event, from 0.

        Returns
        -------
        Simulated

        Examples
        --------
        >>> simulation = simulation_named("cube-192", seed=5)
        >>> simulation.event(3).event == simulation.event(3).event
        True
        """
        made = self.generator(stream(self.seed, number, Stage.GENERATOR))
        moved = self.carry(
            made.primaries, self.world, stream(self.seed, number, Stage.TRANSPORT), self.transport_settings
        )
        detector = self.geometry
        if isinstance(self.geometry, VoxelVolume):
            volume = respond_in_voxels(moved, self.geometry, _voxel_settings(self.settings))
            planes = [_plane_of(volume, self.preset)]
        else:
            wires = respond(
                moved, self.geometry, _wire_settings(self.settings), response_streams(self.seed, number),
                dead_wires=self.dead_wires,
            )  # fmt: skip
            planes = _planes_of(wires)
            detector = wires.detector
        labelled = label_images(planes, moved.tracks, self.rules)
        if self.preset.crop and isinstance(detector, Detector):
            labelled = _cropped(labelled, made.interactions, detector, self.preset.crop)
        event = Event(
            EventId(1, 0, number),
            labelled.images,
            with_interactions(labelled.particles, labelled.interaction, made.interactions),
            detector=detector.name,
            charge_unit=self.charge_unit,
        )
        return Simulated(event, labelled.interaction, made.interactions, made.primaries)


def _cropped(labelled: Labelled, interactions: np.ndarray, detector: Detector, side: int) -> Labelled:
    """The window around the vertex where this detector, with its variations, sees it (paper 2)."""
    vertex = np.array([[interactions[axis][0] for axis in ("x", "y", "z")]])
    images = []
    for image in labelled.images:
        seen = pixels_of(detector, vertex, image.grid.projection, t0=float(interactions["t"][0]))
        at = tuple(int(n) for n in seen.coordinates[0]) if len(seen.coordinates) else (0, 0)
        images.append(crop_around_vertex(image, at, (side, side)))
    return replace(labelled, images=tuple(images))


def simulation_named(
    preset: str,
    *,
    seed: int,
    vary: Sequence[str] = (),
    detector: Detector | None = None,
    interaction: str | None = None,
    gun: ParticleGun | None = None,
    cosmic_rate: float = 1.0,
    dead_wires: DeadWires | None = None,
    transport_settings: TransportSettings | None = None,
    transport_name: str = "own",
) -> Simulation:
    """Prepare a run.

    Parameters
    ----------
    preset : str
        Name of the preset.
    seed : int
        Seed of the run; from 990,000 up the events are held out for tests.
    vary : sequence of str
        NAME=VALUE for parameters of the response.
    detector : Detector, optional
        In place of the preset's. Its response is that of the detector whose name it has; else of the one whose
        wires and readout it has; else that of the preset's own detector.
    interaction, gun, cosmic_rate, dead_wires, transport_settings, transport_name
        See `Simulation`.

    Returns
    -------
    Simulation

    Raises
    ------
    InvalidArgument
        If the preset, the transport or a parameter is unknown, or an option does not go with the preset.
    """
    found = preset_named(preset)
    geometry = geometry_of(found)
    if detector is not None:
        if isinstance(geometry, VoxelVolume):
            raise InvalidArgument(f"the preset {preset!r} has voxels and takes no detector")
        geometry = detector
    if seed < 0:
        raise InvalidArgument(f"seed (={seed}) must not be negative")
    require_known(transport_name, TRANSPORTS, "there is no transport")
    if isinstance(geometry, VoxelVolume):
        nominal: ResponseSettings | VoxelSettings = VoxelSettings()
    else:
        nominal = settings_for(geometry, like=electronics_of(geometry, otherwise=found.geometry))
    return Simulation(
        preset=found,
        geometry=geometry,
        seed=seed,
        settings=varied_response(nominal, vary, geometry),
        transport_settings=transport_settings or TransportSettings(),
        interaction=interaction,
        gun=gun,
        cosmic_rate=cosmic_rate,
        dead_wires=dead_wires,
        transport_name=transport_name,
    )


def _voxel_settings(settings: ResponseSettings | VoxelSettings) -> VoxelSettings:
    assert isinstance(settings, VoxelSettings)
    return settings


def _wire_settings(settings: ResponseSettings | VoxelSettings) -> ResponseSettings:
    assert isinstance(settings, ResponseSettings)
    return settings


def _planes_of(wires: WireResponse) -> list[_Plane]:
    return [(plane.grid, plane.ids, plane.charge, plane.truth) for plane in wires.planes.values()]


def _plane_of(volume: VoxelResponse, preset: Preset) -> _Plane:
    """The volume, or its projection along the last axis (square-512)."""
    if preset.family == "volume":
        return volume.grid, volume.ids, volume.values, volume.truth
    side = volume.grid.shape[-1]
    grid = Grid(volume.grid.shape[:2], volume.grid.size[:2], volume.grid.origin[:2], unit=volume.grid.unit)
    ids, which = np.unique(volume.ids // side, return_inverse=True)
    charge = np.bincount(which, weights=volume.values, minlength=len(ids)).astype(np.float32)
    # Shares of one group in voxels behind one another are joined when groups are.
    truth = volume.truth._replace(ids=volume.truth.ids // side)
    return grid, ids, charge, truth
