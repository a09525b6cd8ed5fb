"""Neutrino interactions in argon, good enough to tell the classes apart.

    energy and class   neutrino_beam   spectra, shares of the reactions
    the interaction    scattering      lepton, struck nucleons, first hadrons
    the nucleus        final_state     absorption, exchange, scattering
                       nucleus         Fermi motion, Pauli blocking, evaporation

The beam runs along +z. Particles of the same vertex share one interaction,
whose row also has the outgoing lepton (a neutrino in neutral currents) and
what the nucleus kept, so that energy, charge and baryon number can be added up.

Left out: antineutrinos, strange particles, gamma rays of the nucleus, a
generator's accuracy: for cross sections use a real one and its files.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from argoscope.errors import InvalidArgument
from argoscope.simulation.generators import final_state, scattering
from argoscope.simulation.generators.box import Box, hull, uniform_points
from argoscope.simulation.generators.kinematics import FourVector
from argoscope.simulation.generators.neutrino_beam import (
    Channel,
    ModeWeights,
    channel_mix,
    mode_weights,
)
from argoscope.simulation.generators.nucleus import ARGON_A, ARGON_Z, Hadron, evaporated
from argoscope.simulation.generators.records import (
    Ancestor,
    Current,
    Generated,
    InteractionKind,
    Mode,
    interactions_of,
    nothing,
    primaries_of,
)
from argoscope.simulation.generators.species import PION_ZERO, SPECIES
from argoscope.simulation.records import Origin

__all__ = ["NeutrinoSource", "dirt_neutrino", "neutrino"]

_TRIES = 1000  # attempts at a reaction before the energy is drawn again; near threshold most fail


@dataclass(frozen=True, kw_only=True)
class NeutrinoSource:
    """What decides which neutrino interactions are made.

    Raises
    ------
    InvalidArgument
        If there is no box, the interaction is unknown, a time or energy range is impossible.
    """

    boxes: tuple[Box, ...]
    """Where vertices lie, evenly."""
    interaction: str = "mixed"
    """"nue", "numu" (charged currents), "nc", "mixed" (a third each) or "bnb" (as in the beam)."""
    time_us: tuple[float, float] = (0.0, 1.6)
    """Times of the interaction, even in the range, in µs; the Booster beam's spill by default."""
    below_mev: float | None = None
    """Greatest neutrino energy, in MeV; None: the whole spectrum."""
    require_pi0: bool = False
    """Whether to make only events with a neutral pion outside the nucleus."""
    weights: tuple[tuple[float, ModeWeights], ...] = field(init=False, repr=False, compare=False)
    """Weight and reactions of each class, made from `interaction`."""

    def __post_init__(self) -> None:
        if not self.boxes:
            raise InvalidArgument("boxes is empty: give at least one box for the vertices")
        if not -math.inf < self.time_us[0] <= self.time_us[1] < math.inf:
            raise InvalidArgument(f"time_us (={self.time_us}) must be two finite times in rising order")
        mix = channel_mix(self.interaction)
        floor = max(channel.least for _, channel in mix) + 50.0  # MeV; room for the search to end
        if self.below_mev is not None and not floor <= self.below_mev < math.inf:
            raise InvalidArgument(
                f"below_mev (={self.below_mev}) must be a finite energy of at least {floor} MeV: "
                f"{self.interaction!r} has too few interactions below"
            )
        if self.require_pi0 and self.below_mev is not None and self.below_mev < 500:
            raise InvalidArgument(
                f"require_pi0 with below_mev (={self.below_mev}): hardly any pion is made below 500 MeV"
            )
        object.__setattr__(self, "weights", tuple((share, mode_weights(channel)) for share, channel in mix))


class _Outcome(NamedTuple):
    """What came of an interaction: the lepton, the hadrons outside, the nucleons taken from the nucleus."""

    channel: Channel
    mode: Mode
    energy: float
    lepton: FourVector
    hadrons: list[Hadron]
    taken: list[int]


def neutrino(source: NeutrinoSource, rng: np.random.Generator) -> Generated:
    """One neutrino interaction.

    Parameters
    ----------
    source : NeutrinoSource
    rng : numpy.random.Generator

    Returns
    -------
    Generated
        One interaction; its particles without outgoing neutrinos.

    Examples
    --------
    >>> source = NeutrinoSource(boxes=(Box((0.0, 0.0, 0.0), (100.0, 100.0, 100.0)),), interaction="nue")
    >>> event = neutrino(source, np.random.default_rng(1))
    >>> 11 in event.primaries["pdg"], Current(event.interactions["current"][0]).name
    (True, 'CC')
    """
    while True:
        weights = _class_of(source, rng)
        energy = weights.energy(source.below_mev, rng)
        mode = weights.mode(energy, rng)
        struck = _struck(mode, weights.channel, energy, rng)
        if struck is None:
            continue
        hadrons, taken = struck.hadrons, list(struck.taken)
        if mode is not Mode.COH:
            hadrons, more = final_state.through_nucleus(hadrons, struck.absorbed, rng)
            taken += more
        slow = evaporated(len(taken), rng)
        hadrons, taken = [*hadrons, *slow], [*taken, *(hadron.pdg for hadron in slow)]
        if source.require_pi0 and all(hadron.pdg != PION_ZERO for hadron in hadrons):
            continue
        return _event(source, _Outcome(weights.channel, mode, energy, struck.lepton, hadrons, taken), rng)


def dirt_neutrino(
    source: NeutrinoSource, world: Box, rng: np.random.Generator, *, reach_cm: float = 300.0
) -> Generated:
    """A neutrino that interacts around the detector; nothing of it is seen.

    Parameters
    ----------
    source : NeutrinoSource
        Its classes, energies and times.
    world : Box
        Box in which particles would be followed: the vertex lies outside.
    rng : numpy.random.Generator
    reach_cm : float
        How far from the world the vertex may lie, in cm.

    Returns
    -------
    Generated
        One interaction, no particles.

    Raises
    ------
    InvalidArgument
        If the reach is not positive.
    """
    if not 0 < reach_cm < math.inf:
        raise InvalidArgument(f"reach_cm (={reach_cm}) must be a positive, finite length")
    weights = _class_of(source, rng)
    energy = weights.energy(source.below_mev, rng)
    around = hull((world,)).expanded(reach_cm)
    position = uniform_points((around,), 1, rng)
    while world.inside(position)[0]:
        position = uniform_points((around,), 1, rng)
    time = source.time_us[0] + rng.random() * (source.time_us[1] - source.time_us[0])
    row = _row(InteractionKind.DIRT, weights.channel, energy, position, time)
    row["mode"] = weights.mode(energy, rng)
    return Generated(nothing().primaries, row)


def _class_of(source: NeutrinoSource, rng: np.random.Generator) -> ModeWeights:
    """A class of interactions, by weight."""
    ends = np.cumsum([share for share, _ in source.weights])
    return source.weights[int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))][1]


def _struck(
    mode: Mode, channel: Channel, energy: float, rng: np.random.Generator
) -> scattering.Struck | None:
    """The reaction, tried again until Pauli's principle and phase space allow it."""
    incoming, mass = FourVector(energy, 0.0, 0.0, energy), channel.lepton_mass
    charged = channel.current is Current.CC
    reactions: dict[Mode, Callable[[], scattering.Struck | None]] = {
        Mode.QE: lambda: scattering.quasi_elastic(incoming, mass, charged, rng),
        Mode.MEC: lambda: scattering.two_nucleon(incoming, mass, rng),
        Mode.RES: lambda: scattering.resonant(incoming, mass, charged, rng),
        Mode.DIS: lambda: scattering.inelastic(incoming, mass, charged, rng),
        Mode.COH: lambda: scattering.coherent(incoming, mass, charged, rng),
    }
    for _ in range(_TRIES):
        struck = reactions[mode]()
        if struck is not None:
            return struck
    return None


def _row(
    kind: InteractionKind, channel: Channel, energy: float, position: np.ndarray, time: float
) -> np.ndarray:
    """Row of the table of interactions, without what the nucleus kept."""
    row = interactions_of(
        kind,
        Origin.NEUTRINO,
        channel.neutrino,
        ancestor=Ancestor.NEUTRINO,
        energy=energy,
        position=position,
        time=time,
    )
    row["current"] = channel.current
    return row


def _event(source: NeutrinoSource, outcome: _Outcome, rng: np.random.Generator) -> Generated:
    """Tables of the interaction and of what leaves the nucleus."""
    channel, lepton = outcome.channel, outcome.lepton
    position = uniform_points(source.boxes, 1, rng)
    time = source.time_us[0] + rng.random() * (source.time_us[1] - source.time_us[0])
    row = _row(InteractionKind.NEUTRINO, channel, outcome.energy, position, time)
    row["mode"], row["lepton_pdg"] = outcome.mode, channel.lepton
    row["lepton_px"], row["lepton_py"], row["lepton_pz"] = lepton.x, lepton.y, lepton.z
    masses = sum(SPECIES[nucleon].mass for nucleon in outcome.taken)
    left = lepton.energy + sum(hadron.vector.energy for hadron in outcome.hadrons)
    row["missing_energy"] = outcome.energy + masses - left
    row["remnant_a"] = ARGON_A - len(outcome.taken)
    row["remnant_z"] = ARGON_Z - sum(SPECIES[nucleon].charge for nucleon in outcome.taken)
    seen = [Hadron(channel.lepton, lepton)] if channel.current is Current.CC else []
    seen += outcome.hadrons
    pdg = np.array([particle.pdg for particle in seen], np.int64)
    momentum = np.array([particle.vector[1:] for particle in seen], np.float64).reshape(-1, 3)
    owner = np.zeros(len(pdg), np.int64)
    position = np.repeat(position, len(pdg), axis=0)
    return Generated(
        primaries_of(pdg, owner, Origin.NEUTRINO, position=position, time=time, momentum=momentum), row
    )
