"""Cosmic muons through a detector, without a ground plane.

Exact sampling: per unit of cross section perpendicular to the direction every
place is hit with the same rate. So muons through the sphere around the boxes
come at the rate pi R² J (J: `MuonSpectrum.flux`), each on a line through an
even point of the disc of radius R across its direction; those that miss every
box are dropped. The muon starts where its line enters the world (the argon
around the boxes), at a time even over the window.

Left out: bundles, scattering in the building, muons that miss the active
boxes and only shower into them. The soft component is a rough share (option).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from argoscope.detectors.detector import Detector
from argoscope.errors import InvalidArgument
from argoscope.simulation.generators.box import WORLD_MARGIN_CM, Box, active_boxes, hull
from argoscope.simulation.generators.directions import from_zenith, perpendicular
from argoscope.simulation.generators.muon_flux import MuonSpectrum, muon_spectrum
from argoscope.simulation.generators.records import (
    Ancestor,
    Generated,
    InteractionKind,
    interactions_of,
    primaries_of,
)
from argoscope.simulation.generators.species import ELECTRON, MUON, NEUTRON, PHOTON, PROTON, SPECIES
from argoscope.simulation.generators.window import Window, window_of
from argoscope.simulation.records import Origin
from argoscope.units import US_PER_S, M

__all__ = ["CosmicSource", "cosmic_muons", "cosmic_source", "muons_through"]

_CHARGE_RATIO = 1.27
"""mu+ per mu- at sea level, no unit; measured around a few GeV (design, section 4.2)."""
_SOFT_ELECTROMAGNETIC = 0.05
"""Electrons, positrons and photons per muon, no unit; engineering value."""
_SOFT_HADRONIC = 0.01
"""Protons and neutrons per muon, no unit; engineering value (paper 1, table 2: 1.1 % as ancestors)."""
_SOFT_MEAN_MEV = 1000.0
"""Mean kinetic energy of the soft component, in MeV; engineering value."""


@dataclass(frozen=True, kw_only=True)
class CosmicSource:
    """What decides which cosmic muons an event has.

    Raises
    ------
    InvalidArgument
        If there is no target, the rate factor is negative or not finite, or the spill is reversed.
    """

    targets: tuple[Box, ...]
    """Boxes of which a muon must hit one."""
    world: Box
    """Box on whose surface a muon starts; holds the targets."""
    window: Window
    """Times over which muons come."""
    spectrum: MuonSpectrum
    """Energies and angles."""
    rate_factor: float = 1.0
    """Factor on the rate."""
    soft_component: bool = False
    """Whether to add electrons, photons, protons and neutrons."""
    spill_us: tuple[float, float] | None = None
    """Beam spill into which one muon of each event is moved (at least one is made), in µs; None: none is."""

    def __post_init__(self) -> None:
        if not self.targets:
            raise InvalidArgument("targets is empty: give at least one box that muons must hit")
        if not math.isfinite(self.rate_factor) or self.rate_factor < 0:
            raise InvalidArgument(f"rate_factor (={self.rate_factor}) must be a finite number from 0")
        if self.spill_us is not None and not -math.inf < self.spill_us[0] <= self.spill_us[1] < math.inf:
            raise InvalidArgument(f"spill_us (={self.spill_us}) must be two finite times in rising order")
        around = hull(self.targets)
        if not self.world.inside(np.array([around.low, around.high])).all():
            raise InvalidArgument(
                f"world (={self.world}) must hold every target; expand the hull of the targets"
            )

    @property
    def sphere_rate_hz(self) -> float:
        """Muons per second through the sphere around the targets."""
        return math.pi * (hull(self.targets).radius / M) ** 2 * self.spectrum.flux * self.rate_factor

    @property
    def sphere_count(self) -> float:
        """Mean number of muons through that sphere in one window."""
        return self.sphere_rate_hz * self.window.length_us / US_PER_S


def cosmic_source(
    detector: Detector,
    *,
    spectrum: MuonSpectrum | None = None,
    rate_factor: float = 1.0,
    soft_component: bool = False,
    spill_us: tuple[float, float] | None = None,
) -> CosmicSource:
    """Source for a detector and the window of its images.

    Parameters
    ----------
    detector : Detector
    spectrum : MuonSpectrum, optional
        By default that of Guan et al.
    rate_factor, soft_component, spill_us
        See `CosmicSource`.

    Returns
    -------
    CosmicSource

    Examples
    --------
    >>> from argoscope.detectors import detector_named
    >>> source = cosmic_source(detector_named("microboone"))
    >>> event = cosmic_muons(source, np.random.default_rng(1))
    >>> len(event.primaries) == len(event.interactions)
    True
    """
    targets = active_boxes(detector)
    return CosmicSource(
        targets=targets,
        world=hull(targets).expanded(WORLD_MARGIN_CM),
        window=window_of(detector),
        spectrum=muon_spectrum() if spectrum is None else spectrum,
        rate_factor=rate_factor,
        soft_component=soft_component,
        spill_us=spill_us,
    )


def cosmic_muons(source: CosmicSource, rng: np.random.Generator) -> Generated:
    """Cosmic muons of one event, each an interaction of its own.

    Parameters
    ----------
    source : CosmicSource
    rng : numpy.random.Generator

    Returns
    -------
    Generated
        Muons in no order of time.

    References
    ----------
    Guan et al., arXiv:1509.06176; Reyna, arXiv:hep-ph/0604145.
    """
    energy, start, direction = muons_through(source, int(rng.poisson(source.sphere_count)), rng)
    while source.spill_us is not None and not len(energy):
        energy, start, direction = muons_through(source, 16, rng)
        energy, start, direction = energy[:1], start[:1], direction[:1]
    time = source.window.first_us + rng.random(len(energy)) * source.window.length_us
    if source.spill_us is not None:
        low, high = source.spill_us
        time[rng.integers(len(time))] = low + rng.random() * (high - low)
    positive = rng.random(len(energy)) < _CHARGE_RATIO / (1 + _CHARGE_RATIO)
    pdg = np.where(positive, -MUON, MUON)
    if source.soft_component:
        soft = _soft_component(source, rng)
        pdg, energy, start, direction, time = (
            np.concatenate(pair) for pair in zip((pdg, energy, start, direction, time), soft, strict=True)
        )
    return _showers(pdg, energy, start, direction, time)


def muons_through(
    source: CosmicSource, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Those of `count` muons through the sphere around the targets that hit one.

    Parameters
    ----------
    source : CosmicSource
    count : int
        Muons through the sphere.
    rng : numpy.random.Generator

    Returns
    -------
    energy : ndarray, shape (n,), float64
        Total energy, in MeV; n is about `count` times the acceptance.
    start, direction : ndarray, shape (n, 3), float64
        Where the line enters the world, in cm, and its unit direction.
    """
    sphere = hull(source.targets)
    energy, cosine = source.spectrum.draw(count, rng)
    direction = from_zenith(cosine, 2 * np.pi * rng.random(count))
    one, other = perpendicular(direction)
    radius = sphere.radius * np.sqrt(rng.random((count, 1)))
    angle = 2 * np.pi * rng.random((count, 1))
    point = sphere.centre + radius * (np.cos(angle) * one + np.sin(angle) * other)
    hit = np.zeros(count, bool)
    for target in source.targets:
        enter, leave = target.crossing(point, direction)
        hit |= leave > enter
    entry, _ = source.world.crossing(point[hit], direction[hit])
    return energy[hit], point[hit] + entry[:, None] * direction[hit], direction[hit]


def _soft_component(source: CosmicSource, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Columns of electrons, photons and hadrons, from the directions of muons."""
    shares = np.array([_SOFT_ELECTROMAGNETIC, _SOFT_HADRONIC])
    _, start, direction = muons_through(source, int(rng.poisson(source.sphere_count * shares.sum())), rng)
    count = len(start)
    kinds = np.array([ELECTRON, -ELECTRON, PHOTON, PROTON, NEUTRON])
    # A third each of e-, e+ and photons, a half each of p and n; engineering values.
    weights = np.repeat(shares / shares.sum() / [3, 2], [3, 2])
    pdg = rng.choice(kinds, size=count, p=weights)
    masses = np.array([SPECIES[int(number)].mass for number in pdg])
    energy = masses + rng.exponential(_SOFT_MEAN_MEV, count)
    return pdg, energy, start, direction, source.window.first_us + rng.random(count) * source.window.length_us


def _showers(
    pdg: np.ndarray, energy: np.ndarray, start: np.ndarray, direction: np.ndarray, time: np.ndarray
) -> Generated:
    """One interaction for each particle."""
    known = {
        MUON: Ancestor.COSMIC,
        ELECTRON: Ancestor.ELECTRON,
        PROTON: Ancestor.PROTON,
        NEUTRON: Ancestor.NEUTRON,
    }
    ancestor = np.array([known.get(abs(number), Ancestor.OTHER) for number in pdg.tolist()], np.uint8)
    mass = np.array([SPECIES[number].mass for number in pdg.tolist()])
    momentum = np.sqrt(np.maximum(energy**2 - mass**2, 0.0))[:, None] * direction
    return Generated(
        primaries_of(pdg, np.arange(len(pdg)), Origin.COSMIC, position=start, time=time, momentum=momentum),
        interactions_of(
            InteractionKind.COSMIC,
            Origin.COSMIC,
            pdg,
            ancestor=ancestor,
            energy=energy,
            position=start,
            time=time,
        ),
    )
