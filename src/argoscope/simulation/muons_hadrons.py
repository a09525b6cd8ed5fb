"""How muons, pions, kaons and protons lose energy in liquid argon.

Mean loss       Bethe with density effect; for muons the losses on electrons
                with their radiative correction, bremsstrahlung and pairs besides;
                slower than a 20 MeV proton, PSTAR at the same velocity
Knock-ons       d2N/dT/dx = C/beta² /T² (1 - beta² T/Wmax + T²/2E²), C = 0.0966 MeV/cm
Restricted      full loss less the knock-ons above a cut
Most probable   Landau and Vavilov

These are the definitions; `heavy_tables` samples them on a grid for the kernels
and tests hold the kernels to them. Energies in MeV, lengths in cm.

Left out: Barkas and Bloch corrections (below PSTAR's 0.6 %), pion decay in flight.

References
----------
PDG (2022), equations 34.5, 34.8, 34.12; Groom, Mokhov, Striganov (2001), equations 5 and 6.
"""

from __future__ import annotations

import numpy as np

from argoscope.simulation.argon import (
    BETHE_K,
    DENSITY,
    ELECTRON_MASS,
    MEAN_EXCITATION,
    MUON_MASS,
    PROTON_MASS,
    RUTHERFORD,
    Z_OVER_A,
    density_effect,
)
from argoscope.simulation.stopping_tables import (
    MUON_ENERGY,
    MUON_RADIATIVE,
    PROTON_ENERGY,
    PROTON_RANGE,
    PROTON_STOPPING,
)

__all__ = [
    "bethe",
    "csda_range",
    "ionization",
    "knock_on_loss",
    "knock_on_rate",
    "landau_width",
    "largest_transfer",
    "most_probable_loss",
    "muon_radiation",
    "restricted",
]

PSTAR_BELOW = 20.0 / PROTON_MASS
"""Kinetic energy over mass below which PSTAR holds: a 20 MeV proton."""
FINE_STRUCTURE = 1.0 / 137.036  # CODATA


def _kinematics(kinetic: np.ndarray, mass: float) -> tuple[np.ndarray, np.ndarray]:
    """beta² and (beta gamma)²."""
    gamma = 1.0 + np.asarray(kinetic, dtype=np.float64) / mass
    return 1.0 - gamma**-2, gamma**2 - 1.0


def largest_transfer(kinetic: np.ndarray, mass: float) -> np.ndarray:
    """Largest energy that one collision gives an electron, MeV (PDG equation 34.4).

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    mass : float
        Mass in MeV.

    Examples
    --------
    >>> largest_transfer(np.array([1000.0]), 105.658).round(0).tolist()
    [101.0]
    """
    _, momentum2 = _kinematics(kinetic, mass)
    gamma, ratio = 1.0 + np.asarray(kinetic) / mass, ELECTRON_MASS / mass
    return 2.0 * ELECTRON_MASS * momentum2 / (1.0 + 2.0 * gamma * ratio + ratio**2)


def bethe(kinetic: np.ndarray, mass: float, *, cut: float = np.inf, spin_half: bool = True) -> np.ndarray:
    """Mean ionization loss by collisions that give less than `cut`, MeV/cm.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    mass : float
        Mass in MeV.
    cut : float
        Largest energy of a counted knock-on, MeV; infinite for the full loss.
    spin_half : bool
        Whether the knock-on spectrum has the term T²/2E².

    Returns
    -------
    ndarray, shape (n,)

    References
    ----------
    PDG (2022) equations 34.5 and 34.12.

    Examples
    --------
    A 270 MeV muon and the part of it below 0.1 MeV:

    >>> bethe(np.array([270.0]), 105.658).round(2).tolist()
    [2.1]
    >>> bethe(np.array([270.0]), 105.658, cut=0.1).round(2).tolist()
    [1.7]
    """
    beta2, momentum2 = _kinematics(kinetic, mass)
    largest = largest_transfer(kinetic, mass)
    limit = np.minimum(cut, largest)
    bracket = (
        0.5 * np.log(2.0 * ELECTRON_MASS * momentum2 * limit / MEAN_EXCITATION**2)
        - 0.5 * beta2 * (1.0 + limit / largest)
        - 0.5 * density_effect(np.sqrt(momentum2))
    )
    if spin_half:
        bracket = bracket + (limit / (np.asarray(kinetic) + mass)) ** 2 / 8.0
    return 2.0 * RUTHERFORD / beta2 * bracket


def knock_on_loss(kinetic: np.ndarray, mass: float, cut: float, *, spin_half: bool = True) -> np.ndarray:
    """Mean loss by knock-ons of `cut` and more, MeV/cm: the integral of T d2N/dT/dx.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    mass : float
        Mass in MeV.
    cut : float
        Smallest counted knock-on, MeV.
    spin_half : bool
        Whether the spectrum has the term T²/2E².

    Examples
    --------
    >>> knock_on_loss(np.array([270.0]), 105.658, 0.1).round(2).tolist()
    [0.4]
    """
    beta2, _ = _kinematics(kinetic, mass)
    largest = largest_transfer(kinetic, mass)
    low = np.minimum(cut, largest)
    loss = np.log(largest / low) - beta2 * (1.0 - low / largest)
    if spin_half:
        loss = loss + (largest**2 - low**2) / (4.0 * (np.asarray(kinetic) + mass) ** 2)
    return RUTHERFORD / beta2 * loss


def knock_on_rate(kinetic: np.ndarray, mass: float, cut: float, *, spin_half: bool = True) -> np.ndarray:
    """Knock-ons of `cut` and more per cm: the integral of d2N/dT/dx.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    mass : float
        Mass in MeV.
    cut : float
        Smallest counted knock-on, MeV.
    spin_half : bool
        Whether the spectrum has the term T²/2E².

    Examples
    --------
    Per metre of a 4 GeV muon, above 1 MeV:

    >>> (100 * knock_on_rate(np.array([4000.0]), 105.658, 1.0)).round(1).tolist()
    [9.6]
    """
    beta2, _ = _kinematics(kinetic, mass)
    largest = largest_transfer(kinetic, mass)
    low = np.minimum(cut, largest)
    rate = 1.0 / low - 1.0 / largest - beta2 / largest * np.log(largest / low)
    if spin_half:
        rate = rate + (largest - low) / (2.0 * (np.asarray(kinetic) + mass) ** 2)
    return RUTHERFORD / beta2 * rate


def muon_radiation(kinetic: np.ndarray) -> np.ndarray:
    """Bremsstrahlung, pairs and photonuclear loss of muons, MeV/cm (PDG's table).

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV; below 1.2 MeV the first value holds.

    Examples
    --------
    >>> muon_radiation(np.array([4000.0])).round(4).tolist()
    [0.0102]
    """
    found = np.interp(np.log(kinetic), np.log(MUON_ENERGY), np.log(MUON_RADIATIVE))
    return DENSITY * np.exp(found)


def _muon_electron_correction(kinetic: np.ndarray) -> np.ndarray:
    """Radiative correction of the muon's collisions with electrons, MeV/cm (Groom 2001, equation 6)."""
    energy = kinetic + MUON_MASS
    ratio = np.maximum(2.0 * largest_transfer(kinetic, MUON_MASS) / ELECTRON_MASS, 1.0)
    bracket = np.log(2.0 * energy / MUON_MASS) - np.log(ratio) / 3.0
    return DENSITY * BETHE_K / (4.0 * np.pi) * Z_OVER_A * FINE_STRUCTURE * bracket * np.log(ratio) ** 2


def ionization(kinetic: np.ndarray, mass: float) -> np.ndarray:
    """Mean ionization loss of a heavy charged particle, MeV/cm.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    mass : float
        Mass in MeV.

    Returns
    -------
    ndarray, shape (n,)
        PSTAR below the velocity of a 20 MeV proton, Bethe above.

    Examples
    --------
    PSTAR has 12.26 MeV/cm for a proton of 50 MeV and 42.7 for one of 10 MeV:

    >>> ionization(np.array([50.0, 10.0]), 938.272).round(1).tolist()
    [12.3, 42.7]
    """
    kinetic = np.asarray(kinetic, dtype=np.float64)
    as_proton = kinetic * (PROTON_MASS / mass)
    slow = DENSITY * np.exp(np.interp(np.log(as_proton), np.log(PROTON_ENERGY), np.log(PROTON_STOPPING)))
    muon = abs(mass - MUON_MASS) < 0.01
    fast = bethe(kinetic, mass, spin_half=muon or abs(mass - PROTON_MASS) < 1.0)
    if muon:
        fast = fast + _muon_electron_correction(kinetic)
    return np.where(kinetic < PSTAR_BELOW * mass, slow, fast)


def restricted(kinetic: np.ndarray, mass: float, cut: float, *, spin_half: bool = True) -> np.ndarray:
    """Mean ionization loss by collisions that give less than `cut`, MeV/cm, corrections included.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    mass : float
        Mass in MeV.
    cut : float
        Largest energy of a counted knock-on, MeV.
    spin_half : bool
        Whether the spectrum has the term T²/2E².

    Examples
    --------
    >>> restricted(np.array([270.0]), 105.658, 0.1).round(2).tolist()
    [1.7]
    """
    return ionization(kinetic, mass) - knock_on_loss(kinetic, mass, cut, spin_half=spin_half)


def csda_range(kinetic: np.ndarray, loss: np.ndarray, mass: float) -> np.ndarray:
    """Range under a mean loss, cm: the integral of dT / loss, started from PSTAR.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV, increasing, the first slower than a 20 MeV proton.
    loss : ndarray, shape (n,)
        Loss at each, MeV/cm.
    mass : float
        Mass in MeV.

    Examples
    --------
    PDG has 30.4 cm for a muon of 100 MeV:

    >>> t = np.geomspace(1, 100, 500)
    >>> float(csda_range(t, ionization(t, 105.658), 105.658)[-1].round(1))
    30.4
    """
    kinetic = np.asarray(kinetic, dtype=np.float64)
    scaled = kinetic[0] * PROTON_MASS / mass
    start = np.exp(np.interp(np.log(scaled), np.log(PROTON_ENERGY), np.log(PROTON_RANGE)))
    steps = np.diff(np.log(kinetic)) * 0.5 * (kinetic[1:] / loss[1:] + kinetic[:-1] / loss[:-1])
    return start * mass / PROTON_MASS / DENSITY + np.concatenate([[0.0], np.cumsum(steps)])


def most_probable_loss(kinetic: float, mass: float, length: float) -> float:
    """Most probable loss over a length, MeV (PDG equation 34.12, Landau and Vavilov).

    Parameters
    ----------
    kinetic, mass : float
        Kinetic energy and mass, MeV.
    length : float
        Path in cm.

    Examples
    --------
    >>> round(most_probable_loss(270.0, 105.658, 0.3) / 0.3, 2)
    1.6
    """
    beta2, momentum2 = (float(v[0]) for v in _kinematics(np.array([kinetic]), mass))
    xi = RUTHERFORD / beta2 * length
    delta = float(density_effect(np.array([momentum2**0.5]))[0])
    logs = np.log(2.0 * ELECTRON_MASS * momentum2 / MEAN_EXCITATION) + np.log(xi / MEAN_EXCITATION)
    return float(xi * (logs + 0.200 - beta2 - delta))


def landau_width(kinetic: float, mass: float, length: float) -> float:
    """Full width at half maximum of Landau's law, MeV: 4.018 xi.

    Examples
    --------
    >>> round(landau_width(270.0, 105.658, 0.3) / 0.3, 2)
    0.42
    """
    beta2, _ = _kinematics(np.array([kinetic]), mass)
    return float(4.018 * RUTHERFORD / beta2[0] * length)
