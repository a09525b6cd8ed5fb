"""The formulas of `muons_hadrons`, `electrons_photons` and `hadronic` on grids, for the kernels.

Every table is one array, so that a kernel has all it needs of one energy in
neighbouring memory:

    heavy    (4 masses, GRID, columns)   grid in ln(T / mass): muon, pion, kaon, proton
    light    (2, GRID, columns)          grid in ln T: electron, positron
    photon   (GRID, columns)             grid in ln E
    inverse  (6, GRID)                   T at a restricted range, grid in ln R; rows as above

Linear interpolation in the logarithm errs by less than 0.01 % (ranges: 0.004 % of R).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from argoscope.simulation import electrons_photons as light_formulas
from argoscope.simulation import hadronic
from argoscope.simulation import muons_hadrons as heavy_formulas
from argoscope.simulation.argon import (
    ELECTRON_MASS,
    KAON_MASS,
    MUON_MASS,
    PION_MASS,
    PROTON_MASS,
    RADIATION_LENGTH,
    RUTHERFORD,
)
from argoscope.simulation.photon_tables import attenuation
from argoscope.simulation.settings import TransportSettings

__all__ = [
    "ANNIHILATION",
    "BREMS",
    "COMPTON_SHARE",
    "ELASTIC",
    "GRID",
    "HARD",
    "HEAVY_FIRST",
    "HEAVY_STEP",
    "INELASTIC",
    "LIGHT_FIRST",
    "LIGHT_STEP",
    "LOSS",
    "MASSES",
    "MEDIUM_LOSS",
    "MEDIUM_RATE",
    "PHOTON_FIRST",
    "PHOTON_STEP",
    "PHOTO_SHARE",
    "RADIATED",
    "RANGE",
    "SCATTER",
    "SOFT_VARIANCE",
    "TOTAL_RANGE",
    "Tables",
    "highland_variance",
    "tables",
]

GRID = 2048
"""Points of every grid."""
MASSES = np.array([MUON_MASS, PION_MASS, KAON_MASS, PROTON_MASS])

# Columns of the tables of charged particles.
LOSS = 0  # MeV/cm deposited: ionization below electron_cut, photons below brems_cut
RANGE = 1  # cm, under LOSS and RADIATED
HARD = 2  # knock-ons above electron_cut, per cm
MEDIUM_RATE = 3  # knock-ons between soft_cut and electron_cut before rejection, per cm
MEDIUM_LOSS = 4  # their mean loss, MeV/cm
SOFT_VARIANCE = 5  # variance of the loss below soft_cut, MeV²/cm
SCATTER = 6  # Highland's projected angle squared, per cm
TOTAL_RANGE = 7  # cm, CSDA
RADIATED = 8  # heavy: radiation that leaves the track, MeV/cm
INELASTIC = 9  # heavy: reactions per cm
ELASTIC = 10  # heavy: elastic kinks per cm
BREMS = 8  # light: photons above brems_cut, per cm
ANNIHILATION = 9  # light: annihilations in flight, per cm

PHOTO_SHARE = 1  # photon table: photoelectric over total; column 0 is the total, 1/cm
COMPTON_SHARE = 2  # photoelectric and Compton over total

HEAVY_FIRST, HEAVY_STEP = float(np.log(1e-4)), float(np.log(1e9) / (GRID - 1))  # ln(T/M): 1e-4 to 1e5
LIGHT_FIRST, LIGHT_STEP = float(np.log(5e-3)), float(np.log(2e9) / (GRID - 1))  # ln T: 5 keV to 10 TeV
PHOTON_FIRST, PHOTON_STEP = float(np.log(5e-3)), float(np.log(2e9) / (GRID - 1))  # ln E, likewise


class Tables(NamedTuple):
    """What the kernels look up; see the head of this module.

    Parameters
    ----------
    heavy, light, photon, inverse : ndarray, float64
    inverse_grid : ndarray, shape (6, 2)
        First ln R and step of each row of `inverse`.
    """

    heavy: np.ndarray
    light: np.ndarray
    photon: np.ndarray
    inverse: np.ndarray
    inverse_grid: np.ndarray


def highland_variance(kinetic: np.ndarray, mass: float, reference: float | np.ndarray) -> np.ndarray:
    """Highland's projected scattering angle squared per cm, its logarithm taken at one length.

    The logarithm of Highland's formula does not add up over steps; taken at
    `reference` the angle is within 5 % of Highland's from 1 to 10 cm, whatever
    the steps.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    mass : float
        Mass in MeV.
    reference : float or ndarray, shape (n,)
        Length in cm; the tables take the remaining range where that is shorter.

    References
    ----------
    PDG (2022) equation 34.16.

    Examples
    --------
    A muon of 500 MeV/c over 10 cm, in mrad (Highland: 23.2):

    >>> kinetic = np.array([(500**2 + 105.658**2) ** 0.5 - 105.658])
    >>> (1e3 * (10 * highland_variance(kinetic, 105.658, 3.0)) ** 0.5).round(1).tolist()
    [22.2]
    """
    momentum2 = kinetic * (kinetic + 2.0 * mass)
    beta2 = momentum2 / (kinetic + mass) ** 2
    logarithm = 1.0 + 0.038 * np.log(reference / (RADIATION_LENGTH * beta2))
    return (13.6 * np.maximum(logarithm, 0.0)) ** 2 / (beta2 * momentum2 * RADIATION_LENGTH)


def _heavy(index: int, settings: TransportSettings) -> np.ndarray:
    """Columns of one heavy particle."""
    mass, scale = float(MASSES[index]), settings.dedx_scale
    spin_half = index in (0, 3)
    kinetic = mass * np.exp(HEAVY_FIRST + HEAVY_STEP * np.arange(GRID))
    largest = heavy_formulas.largest_transfer(kinetic, mass)
    beta2 = 1.0 - (1.0 + kinetic / mass) ** -2
    high = np.minimum(settings.electron_cut, largest)
    low = np.minimum(settings.soft_cut, high)
    out = np.zeros((GRID, 11))
    full = scale * heavy_formulas.ionization(kinetic, mass)
    hard = scale * heavy_formulas.knock_on_loss(kinetic, mass, settings.electron_cut, spin_half=spin_half)
    out[:, LOSS] = full - hard
    out[:, RADIATED] = heavy_formulas.muon_radiation(kinetic) if index == 0 else 0.0
    out[:, RANGE] = heavy_formulas.csda_range(kinetic, out[:, LOSS] + out[:, RADIATED], mass)
    out[:, TOTAL_RANGE] = heavy_formulas.csda_range(kinetic, full + out[:, RADIATED], mass)
    out[:, HARD] = scale * heavy_formulas.knock_on_rate(
        kinetic, mass, settings.electron_cut, spin_half=spin_half
    )
    strength = scale * RUTHERFORD / beta2
    out[:, MEDIUM_RATE] = strength * (1.0 / low - 1.0 / high)
    out[:, MEDIUM_LOSS] = strength * (np.log(high / low) - beta2 * (high - low) / largest)
    out[:, SOFT_VARIANCE] = strength * low * (1.0 - 0.5 * beta2 * low / largest)
    reference = np.minimum(settings.scattering_reference, out[:, TOTAL_RANGE])
    out[:, SCATTER] = highland_variance(kinetic, mass, reference)
    if index == 1:
        out[:, INELASTIC] = settings.pion_reaction_scale * hadronic.pion_reaction_rate(kinetic)
        out[:, ELASTIC] = hadronic.PION_ELASTIC_SHARE * out[:, INELASTIC]
    elif index == 3:
        out[:, INELASTIC] = hadronic.proton_reaction_rate(kinetic)
    return out


def _light(charge: int, settings: TransportSettings) -> np.ndarray:
    """Columns of the electron (charge -1) or the positron (charge 1)."""
    scale = settings.dedx_scale
    kinetic = np.exp(LIGHT_FIRST + LIGHT_STEP * np.arange(GRID))
    beta2 = 1.0 - (1.0 + kinetic / ELECTRON_MASS) ** -2
    largest = kinetic / 2.0 if charge < 0 else kinetic
    high = np.minimum(settings.electron_cut, largest)
    low = np.minimum(settings.soft_cut, high)
    moments = light_formulas.moller_moments if charge < 0 else light_formulas.bhabha_moments
    hard_rate, hard_loss = moments(kinetic, high, largest)
    _, medium_loss = moments(kinetic, low, high)
    collisions = light_formulas.collision_stopping(kinetic, -1 if charge < 0 else 1)
    photons, soft_photons = light_formulas.brems_moments(kinetic, settings.brems_cut)
    out = np.zeros((GRID, 10))
    out[:, LOSS] = scale * (collisions - hard_loss) + soft_photons
    out[:, HARD] = scale * hard_rate
    strength = scale * RUTHERFORD / beta2
    out[:, MEDIUM_RATE] = strength * (1.0 / low - 1.0 / high) * medium_envelope(kinetic, high, charge)
    out[:, MEDIUM_LOSS] = scale * medium_loss
    out[:, SOFT_VARIANCE] = strength * low
    out[:, BREMS] = photons
    out[:, ANNIHILATION] = light_formulas.annihilation_rate(kinetic) if charge > 0 else 0.0
    total = scale * collisions + light_formulas.radiative_stopping(kinetic)
    for column, loss in ((RANGE, out[:, LOSS]), (TOTAL_RANGE, total)):
        steps = LIGHT_STEP * 0.5 * (kinetic[1:] / loss[1:] + kinetic[:-1] / loss[:-1])
        start = kinetic[0] / loss[0] / 1.75  # the loss falls as T**-0.75 below 20 keV (ESTAR)
        out[:, column] = start + np.concatenate([[0.0], np.cumsum(steps)])
    reference = np.minimum(settings.scattering_reference, out[:, TOTAL_RANGE])
    out[:, SCATTER] = highland_variance(kinetic, ELECTRON_MASS, reference)
    return out


def medium_envelope(kinetic: np.ndarray, high: np.ndarray, charge: int) -> np.ndarray:
    """Bound of W² times the knock-on spectrum up to `high`, over RUTHERFORD / beta².

    Parameters
    ----------
    kinetic, high : ndarray, shape (n,)
        Kinetic energy and largest transfer, MeV.
    charge : int
        -1 for electrons (Møller), 1 for positrons (Bhabha, whose bound is 1).

    Examples
    --------
    >>> medium_envelope(np.array([0.2, 10.0]), np.array([0.1, 0.1]), -1).round(2).tolist()
    [1.1, 1.0]
    """
    if charge > 0:
        return np.ones_like(kinetic)
    gamma, e = 1.0 + kinetic / ELECTRON_MASS, high / kinetic
    c1, c2 = ((gamma - 1.0) / gamma) ** 2, (2.0 * gamma - 1.0) / gamma**2
    at_high = 1.0 + (e / (1.0 - e)) ** 2 + c1 * e**2 - c2 * e / (1.0 - e)
    return np.maximum(at_high, 1.0)


def _photon() -> np.ndarray:
    energy = np.exp(PHOTON_FIRST + PHOTON_STEP * np.arange(GRID))
    photo, compton, pair = attenuation(energy)
    total = photo + compton + pair
    return np.stack([total, photo / total, (photo + compton) / total], axis=1)


@lru_cache(maxsize=8)
def tables(settings: TransportSettings) -> Tables:
    """Tables of the transport under given settings.

    Parameters
    ----------
    settings : TransportSettings

    Returns
    -------
    Tables
        Shared between calls; the arrays are read only.

    Examples
    --------
    >>> tables(TransportSettings()).heavy.shape
    (4, 2048, 11)
    """
    heavy = np.stack([_heavy(index, settings) for index in range(4)])
    light = np.stack([_light(charge, settings) for charge in (-1, 1)])
    heavy_log = np.log(MASSES)[:, None] + HEAVY_FIRST + HEAVY_STEP * np.arange(GRID)
    light_log = LIGHT_FIRST + LIGHT_STEP * np.arange(GRID)
    logs = [
        *((heavy_log[i], heavy[i, :, RANGE]) for i in range(4)),
        *((light_log, t[:, RANGE]) for t in light),
    ]
    grids = np.array([(np.log(r[0]), (np.log(r[-1]) - np.log(r[0])) / (GRID - 1)) for _, r in logs])
    inverse = np.stack(
        [
            np.exp(np.interp(first + step * np.arange(GRID), np.log(r), log_t))
            for (log_t, r), (first, step) in zip(logs, grids, strict=True)
        ]
    )
    out = Tables(heavy, light, _photon(), inverse, grids)
    for array in out:
        array.flags.writeable = False
    return out
