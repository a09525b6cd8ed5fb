"""What the demo shows of each network that may ship with the package: events of its kind, and what it does."""

from __future__ import annotations

from dataclasses import dataclass

from argoscope.simulation.streams import TEST_SEEDS_FROM

__all__ = ["SEED", "STOPS", "Stop"]

SEED = TEST_SEEDS_FROM
"""Of all simulated events of the demo: no network was trained or tuned on such."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Events of one kind, and the network that reads them.

    Parameters
    ----------
    model : str
        Name of the shipped network.
    task : str
        Key of `argoscope.tour.measures.TASKS`.
    preset : str
        Of the simulation.
    events : int
        Simulated.
    detectors : tuple of str
        Those whose real files the network may read.
    title : str
    events_are : str
        The events in a physicist's words; what is simulated.
    network_does : str
        What the network makes of them.
    """

    model: str
    task: str
    preset: str
    events: int
    detectors: tuple[str, ...]
    title: str
    events_are: str
    network_does: str


STOPS = (
    Stop(
        model="five-class-3d",
        task="five-class",
        preset="cube-512",
        events=100,
        detectors=("cube-192", "cube-512", "cube-768"),
        title="Particles in a block of argon, voxel by voxel",
        events_are="electrons, photons, muons, pions and protons from one point, and muons that cross, in 512 x 512 x 512 "
        "voxels of 3 mm",
        network_does="tells each charged voxel as proton (HIP), minimum-ionizing (MIP), shower, delta ray or Michel electron",
    ),
    Stop(
        model="five-class-2d",
        task="five-class",
        preset="paper3",
        events=10,
        detectors=("microboone",),
        title="Particles on MicroBooNE's three wire planes, pixel by pixel",
        events_are="particles from a vertex, and cosmic muons, on the wires of MicroBooNE, noise and dead wires included",
        network_does="tells each pixel with charge as proton (HIP), minimum-ionizing (MIP), shower, delta ray or Michel electron",
    ),
    Stop(
        model="track-shower-2d",
        task="track-shower",
        preset="paper2",
        events=100,
        detectors=(),
        title="Tracks and showers around a vertex, pixel by pixel",
        events_are="one to four particles from a vertex, in 512 x 512 pixels of MicroBooNE's collection plane",
        network_does="calls each pixel track or shower",
    ),
    Stop(
        model="instances-microboone",
        task="instances",
        preset="microboone",
        events=10,
        detectors=(),
        title="Twenty interactions on a whole plane of MicroBooNE, each by itself",
        events_are="a nu_e CC interaction among some twenty cosmic rays, on MicroBooNE's collection plane, dead wires included",
        network_does="gives each interaction a mask, a score, and calls it cosmic or neutrino",
    ),
    Stop(
        model="cosmic-tagger-sbnd",
        task="cosmic-tagging",
        preset="sbnd",
        events=12,
        detectors=("sbnd-2018",),
        title="A neutrino among cosmic rays, on SBND's three wire planes",
        events_are="nu_e CC, nu_mu CC and NC interactions under a rain of cosmic rays, at SBND's full resolution",
        network_does="reads the three planes together and calls each pixel cosmic, neutrino or background",
    ),
)
"""In the order of the demo; the last is the main job on real data too."""
