"""Which neutrinos interact, with what energy and how: a beam like Fermilab's Booster beam.

Energies are those of *interacting* neutrinos: 50 MeV plus a Gamma distribution
(muon neutrinos: shape 3.3, 300 MeV; electron neutrinos: shape 3, 450 MeV).
All numbers are engineering values, made to look like the experiments' spectra.

The design gives the share of each reaction averaged over the spectrum. But a
reaction needs energy: two pions above 1.8 GeV of hadronic mass cannot come
from a 1 GeV neutrino. So a reaction's weight is zero below its threshold, and
the weights above it are set such that the shares averaged over the spectrum
are the given ones; then energies keep their spectrum and reactions their shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import gammaincinv

from argoscope.errors import InvalidArgument, named
from argoscope.simulation.generators.records import Current, Mode
from argoscope.simulation.generators.species import ELECTRON, MUON, NU_E, NU_MU, SPECIES

__all__ = ["MIXES", "NC", "NUE_CC", "NUMU_CC", "Channel", "ModeWeights", "channel_mix", "mode_weights"]


class Channel(NamedTuple):
    """A class of interactions.

    Parameters
    ----------
    name : str
    neutrino : int
        PDG number.
    current : Current
    lepton : int
        PDG number of the outgoing lepton.
    offset, shape, scale : float
        Spectrum: offset + Gamma(shape, scale), in MeV.
    least : float
        Least energy that is made, in MeV: below it too little phase space is left.
    shares : tuple of (Mode, float)
        Reactions and their shares averaged over the spectrum.
    """

    name: str
    neutrino: int
    current: Current
    lepton: int
    offset: float
    shape: float
    scale: float
    least: float
    shares: tuple[tuple[Mode, float], ...]

    @property
    def lepton_mass(self) -> float:
        """Mass of the outgoing lepton, in MeV."""
        return SPECIES[self.lepton].mass


_CC_SHARES = (
    (Mode.QE, 0.50),  # share; engineering value
    (Mode.MEC, 0.13),  # share; engineering value
    (Mode.RES, 0.29),  # share; engineering value
    (Mode.DIS, 0.07),  # share; engineering value
    (Mode.COH, 0.01),  # share; engineering value
)
_NC_SHARES = (
    (Mode.QE, 0.33),  # share; engineering value
    (Mode.RES, 0.45),  # share; engineering value
    (Mode.DIS, 0.20),  # share; engineering value
    (Mode.COH, 0.02),  # share; engineering value
)

# MeV, no unit, MeV, MeV; engineering values
NUMU_CC = Channel("numu", NU_MU, Current.CC, MUON, 50.0, 3.3, 300.0, 200.0, _CC_SHARES)
"""Charged current of muon neutrinos."""
NUE_CC = Channel("nue", NU_E, Current.CC, ELECTRON, 50.0, 3.0, 450.0, 100.0, _CC_SHARES)
"""Charged current of electron neutrinos."""
NC = Channel("nc", NU_MU, Current.NC, NU_MU, 50.0, 3.3, 300.0, 150.0, _NC_SHARES)
"""Neutral current, energies as the muon neutrinos'."""

MIXES: dict[str, tuple[tuple[float, Channel], ...]] = {
    "nue": ((1.0, NUE_CC),),
    "numu": ((1.0, NUMU_CC),),
    "nc": ((1.0, NC),),
    "mixed": ((1.0, NUMU_CC), (1.0, NUE_CC), (1.0, NC)),  # paper 0: a third each
    "bnb": (
        (0.72, NUMU_CC),
        (0.01, NUE_CC),
        (0.27, NC),
    ),  # shares; engineering value: interactions in the beam
}
"""Classes of interactions by the names of the command line, with their weights."""

_RES_LEAST = 350.0  # MeV; design: resonances need so much
_DIS_MARGIN = 100.0  # MeV; engineering value: above the threshold on a nucleon at rest
_DIS_MASS, _NUCLEON_MASS = 1800.0, 939.0  # MeV; least hadronic mass of DIS, mean of proton and neutron
_QUANTILES = 2000  # number; points of the spectrum over which shares are averaged


def channel_mix(name: str) -> tuple[tuple[float, Channel], ...]:
    """Classes and weights by name: "nue", "numu", "nc", "mixed" or "bnb".

    Raises
    ------
    InvalidArgument
        If there is none; the message names the nearest.

    Examples
    --------
    >>> [channel.name for _, channel in channel_mix("mixed")]
    ['numu', 'nue', 'nc']
    """
    return named(name, MIXES, "there is no interaction")


def _least_energy(mode: Mode, channel: Channel) -> float:
    """Least neutrino energy of a reaction, in MeV."""
    if mode is Mode.RES:
        return _RES_LEAST
    if mode is Mode.DIS:
        threshold = ((_DIS_MASS + channel.lepton_mass) ** 2 - _NUCLEON_MASS**2) / (2 * _NUCLEON_MASS)
        return threshold + _DIS_MARGIN
    if mode is Mode.COH:
        return channel.lepton_mass + 200.0  # MeV; engineering value: a pion and room to move
    if mode is Mode.MEC:
        return channel.least + 250.0  # MeV; engineering value: the greatest extra transfer
    return channel.least


@dataclass(frozen=True, eq=False)
class ModeWeights:
    """Weights of the reactions of a class, zero below their thresholds.

    Parameters
    ----------
    channel : Channel
    modes : tuple of Mode
    least : ndarray, shape (modes,), float64
        Thresholds, in MeV.
    weights : ndarray, shape (modes,), float64
        Relative weights above them.
    """

    channel: Channel
    modes: tuple[Mode, ...]
    least: np.ndarray
    weights: np.ndarray

    def energy(self, below: float | None, rng: np.random.Generator) -> float:
        """Energy of an interacting neutrino, in MeV; with `below`, one under it."""
        channel = self.channel
        while True:
            drawn = channel.offset + float(rng.standard_gamma(channel.shape)) * channel.scale
            if drawn >= channel.least and (below is None or drawn < below):
                return drawn

    def mode(self, energy: float, rng: np.random.Generator) -> Mode:
        """Reaction of a neutrino of an energy in MeV."""
        ends = np.cumsum(np.where(energy >= self.least, self.weights, 0.0))
        return self.modes[int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))]


def mode_weights(channel: Channel) -> ModeWeights:
    """Set the weights of the reactions so that their shares over the spectrum are the given ones.

    Each turn multiplies a weight by the share wanted over the share found; it
    converges because a reaction's share rises with its own weight only.

    Parameters
    ----------
    channel : Channel

    Returns
    -------
    ModeWeights

    Examples
    --------
    Quasi-elastic events are the only ones that a 250 MeV neutrino makes:

    >>> mode_weights(NUMU_CC).mode(250.0, np.random.default_rng(1)).name
    'QE'
    """
    modes = tuple(mode for mode, _ in channel.shares)
    wanted = np.array([share for _, share in channel.shares])
    least = np.array([_least_energy(mode, channel) for mode in modes])
    quantiles = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    energies = channel.offset + gammaincinv(channel.shape, quantiles) * channel.scale
    energies = energies[energies >= channel.least]
    open_to = energies[:, None] >= least
    weights = wanted.copy()
    for _ in range(100):
        shares = open_to * weights
        found = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(found - wanted).max() < 1e-6:
            break
        weights = weights * wanted / found
        weights /= weights.max()
    else:
        raise InvalidArgument(
            f"the shares {channel.shares} of {channel.name!r} cannot hold: reactions are asked for more often "
            "than the spectrum reaches their thresholds; lower their shares"
        )
    for array in (least, weights):
        array.flags.writeable = False
    return ModeWeights(channel, modes, least, weights)
