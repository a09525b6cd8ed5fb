"""How electrons, positrons and photons lose energy in liquid argon.

Collisions       Berger and Seltzer's stopping power with the liquid's density effect
Knock-ons        Møller (electrons, to half the energy), Bhabha (positrons)
Bremsstrahlung   dN/dk/dx = c(T) / (X0 k) (4/3 (1 - y) + y²), y = k/T; c(T) makes the mean ESTAR's
Annihilation     Heitler's two photons
Compton          Klein and Nishina

These are the definitions; `tables` samples them on a grid for the kernels, and
tests hold the kernels to them. Energies in MeV, lengths in cm, rates per cm.

Left out: the LPM effect (above 10 GeV), Doppler broadening, photonuclear
reactions (below 1 %).

References
----------
ICRU Report 37 (1984), Berger and Seltzer; Messel and Crawford (1970), Møller and Bhabha;
Heitler, Quantum Theory of Radiation, section 27; PDG (2022) equation 34.29.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from argoscope.simulation.argon import (
    CLASSICAL_RADIUS,
    DENSITY,
    ELECTRON_MASS,
    ELECTRONS_PER_CM3,
    MEAN_EXCITATION,
    RADIATION_LENGTH,
    RUTHERFORD,
    density_effect,
)
from argoscope.simulation.stopping_tables import ELECTRON_ENERGY, ELECTRON_RADIATIVE

__all__ = [
    "annihilation_rate",
    "bhabha_moments",
    "bhabha_spectrum",
    "brems_moments",
    "brems_shape",
    "collision_stopping",
    "klein_nishina",
    "moller_moments",
    "moller_spectrum",
    "radiative_stopping",
]


def _beta2(kinetic: np.ndarray) -> np.ndarray:
    return 1.0 - (1.0 + np.asarray(kinetic, dtype=np.float64) / ELECTRON_MASS) ** -2


def collision_stopping(kinetic: np.ndarray, charge: Literal[-1, 1] = -1) -> np.ndarray:
    """Mean collision loss of electrons or positrons, MeV/cm.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    charge : -1 or 1
        -1 for electrons.

    References
    ----------
    ICRU 37, equations 2.16 to 2.19.

    Examples
    --------
    >>> (collision_stopping(np.array([1.0, 100.0])) / 1.396).round(2).tolist()
    [1.37, 1.78]
    """
    tau = np.asarray(kinetic, dtype=np.float64) / ELECTRON_MASS
    beta2 = _beta2(kinetic)
    if charge < 0:
        shape = 1.0 - beta2 + (tau**2 / 8.0 - (2.0 * tau + 1.0) * np.log(2.0)) / (tau + 1.0) ** 2
    else:
        y = tau + 2.0
        shape = 2.0 * np.log(2.0) - beta2 / 12.0 * (23.0 + 14.0 / y + 10.0 / y**2 + 4.0 / y**3)
    logarithm = np.log(tau**2 * (tau + 2.0) / (2.0 * (MEAN_EXCITATION / ELECTRON_MASS) ** 2))
    return RUTHERFORD / beta2 * (logarithm + shape - density_effect(np.sqrt(tau * (tau + 2.0))))


def radiative_stopping(kinetic: np.ndarray) -> np.ndarray:
    """Mean radiative loss of electrons, MeV/cm (ESTAR; above 1 GeV in proportion to the energy).

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.

    Examples
    --------
    >>> (radiative_stopping(np.array([100.0, 2000.0])) / 1.396).round(1).tolist()
    [4.6, 100.1]
    """
    kinetic = np.asarray(kinetic, dtype=np.float64)
    found = np.exp(np.interp(np.log(kinetic), np.log(ELECTRON_ENERGY), np.log(ELECTRON_RADIATIVE)))
    return DENSITY * found * np.maximum(kinetic / ELECTRON_ENERGY[-1], 1.0)


def moller_spectrum(kinetic: float, transfer: np.ndarray) -> np.ndarray:
    """Knock-ons of an electron, per cm and MeV, for transfers up to half its energy.

    Parameters
    ----------
    kinetic : float
        Kinetic energy of the electron, MeV.
    transfer : ndarray, shape (n,)
        Kinetic energies of the knock-on, MeV.

    Examples
    --------
    >>> moller_spectrum(10.0, np.array([1.0])).round(3).tolist()
    [0.098]
    """
    gamma, beta2, e = 1.0 + kinetic / ELECTRON_MASS, _beta2(np.array([kinetic])), transfer / kinetic
    bracket = (
        e**-2
        + (1.0 - e) ** -2
        + ((gamma - 1.0) / gamma) ** 2
        - (2.0 * gamma - 1.0) / (gamma**2 * e * (1.0 - e))
    )
    return RUTHERFORD / (beta2 * kinetic**2) * bracket


def moller_moments(kinetic: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number and energy of Møller knock-ons between two energies, per cm and MeV/cm.

    Parameters
    ----------
    kinetic, low, high : ndarray, shape (n,)
        Kinetic energy and the bounds of the knock-on's, MeV; `high` at most half the first.

    Examples
    --------
    >>> [float(v.round(2)) for v in moller_moments(np.array(10.0), np.array(0.1), np.array(5.0))]
    [0.96, 0.41]
    """
    gamma, beta2 = 1.0 + kinetic / ELECTRON_MASS, _beta2(kinetic)
    c1, c2 = ((gamma - 1.0) / gamma) ** 2, (2.0 * gamma - 1.0) / gamma**2

    def number(e: np.ndarray) -> np.ndarray:
        return -1.0 / e + 1.0 / (1.0 - e) + c1 * e - c2 * np.log(e / (1.0 - e))

    def energy(e: np.ndarray) -> np.ndarray:
        log_rest = np.log1p(-e)
        return np.log(e) + 1.0 / (1.0 - e) + log_rest + 0.5 * c1 * e**2 + c2 * log_rest

    a, b = low / kinetic, np.maximum(high, low) / kinetic
    scale = RUTHERFORD / beta2
    return scale / kinetic * (number(b) - number(a)), scale * (energy(b) - energy(a))


def _bhabha_coefficients(gamma: np.ndarray) -> tuple[np.ndarray, ...]:
    y = 1.0 / (gamma + 1.0)
    fourth = (1.0 - 2.0 * y) ** 3
    return 2.0 - y**2, (1.0 - 2.0 * y) * (3.0 + y**2), (1.0 - 2.0 * y) ** 2 + fourth, fourth


def bhabha_spectrum(kinetic: float, transfer: np.ndarray) -> np.ndarray:
    """Knock-ons of a positron, per cm and MeV, for transfers up to its energy.

    Parameters
    ----------
    kinetic : float
        Kinetic energy of the positron, MeV.
    transfer : ndarray, shape (n,)
        Kinetic energies of the knock-on, MeV.

    Examples
    --------
    >>> bhabha_spectrum(10.0, np.array([1.0])).round(3).tolist()
    [0.08]
    """
    gamma, beta2, e = 1.0 + kinetic / ELECTRON_MASS, _beta2(np.array([kinetic])), transfer / kinetic
    b1, b2, b3, b4 = _bhabha_coefficients(np.array([gamma]))
    return RUTHERFORD / kinetic**2 * (1.0 / (beta2 * e**2) - b1 / e + b2 - b3 * e + b4 * e**2)


def bhabha_moments(kinetic: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number and energy of Bhabha knock-ons between two energies, per cm and MeV/cm.

    Parameters
    ----------
    kinetic, low, high : ndarray, shape (n,)
        Kinetic energy and the bounds of the knock-on's, MeV.

    Examples
    --------
    >>> [float(v.round(2)) for v in bhabha_moments(np.array(10.0), np.array(0.1), np.array(10.0))]
    [0.89, 0.35]
    """
    beta2 = _beta2(kinetic)
    b1, b2, b3, b4 = _bhabha_coefficients(1.0 + kinetic / ELECTRON_MASS)

    def number(e: np.ndarray) -> np.ndarray:
        return -1.0 / (beta2 * e) - b1 * np.log(e) + b2 * e - b3 * e**2 / 2.0 + b4 * e**3 / 3.0

    def energy(e: np.ndarray) -> np.ndarray:
        return np.log(e) / beta2 - b1 * e + b2 * e**2 / 2.0 - b3 * e**3 / 3.0 + b4 * e**4 / 4.0

    a, b = low / kinetic, np.maximum(high, low) / kinetic
    return RUTHERFORD / kinetic * (number(b) - number(a)), RUTHERFORD * (energy(b) - energy(a))


def brems_shape(fraction: np.ndarray) -> np.ndarray:
    """K dN/dk of bremsstrahlung, up to a factor: 4/3 (1 - y) + y².

    Parameters
    ----------
    fraction : ndarray, shape (n,)
        Photon energy over kinetic energy.

    Examples
    --------
    >>> brems_shape(np.array([0.0, 1.0])).round(2).tolist()
    [1.33, 1.0]
    """
    return 4.0 / 3.0 * (1.0 - fraction) + fraction**2


def brems_moments(kinetic: np.ndarray, cut: float) -> tuple[np.ndarray, np.ndarray]:
    """Number of photons above `cut` per cm, and loss by photons below it in MeV/cm.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.
    cut : float
        Photon energy in MeV.

    Examples
    --------
    >>> [round(float(v), 4) for v in brems_moments(np.array(1000.0), 0.02)]
    [0.9501, 0.0019]
    """
    correction = radiative_stopping(kinetic) * RADIATION_LENGTH / kinetic
    y = np.minimum(cut / kinetic, 1.0)
    number = 4.0 / 3.0 * (-np.log(y) - (1.0 - y)) + (1.0 - y**2) / 2.0
    soft = kinetic * (4.0 / 3.0 * (y - y**2 / 2.0) + y**3 / 3.0)
    return correction / RADIATION_LENGTH * number, correction / RADIATION_LENGTH * soft


def annihilation_rate(kinetic: np.ndarray) -> np.ndarray:
    """Annihilations of a positron in flight, per cm.

    Parameters
    ----------
    kinetic : ndarray, shape (n,)
        Kinetic energies in MeV.

    References
    ----------
    Heitler, section 27, equation 6.

    Examples
    --------
    >>> annihilation_rate(np.array([1.0])).round(3).tolist()
    [0.065]
    """
    gamma = 1.0 + np.asarray(kinetic, dtype=np.float64) / ELECTRON_MASS
    momentum2 = gamma**2 - 1.0
    root = np.sqrt(momentum2)
    bracket = (gamma**2 + 4.0 * gamma + 1.0) / momentum2 * np.log(gamma + root) - (gamma + 3.0) / root
    return ELECTRONS_PER_CM3 * np.pi * CLASSICAL_RADIUS**2 / (gamma + 1.0) * bracket


def klein_nishina(energy: float, scattered: np.ndarray) -> np.ndarray:
    """Spectrum of scattered photons per electron, cm²/MeV.

    Parameters
    ----------
    energy : float
        Photon energy before, MeV.
    scattered : ndarray, shape (n,)
        Photon energies after, MeV, between E/(1 + 2E/m) and E.

    Examples
    --------
    >>> klein_nishina(1.0, np.array([1.0, 0.5])).tolist() > [0, 0]
    True
    """
    k, e = energy / ELECTRON_MASS, scattered / energy
    one_less_cosine = (1.0 - e) / (k * e)
    sine2 = one_less_cosine * (2.0 - one_less_cosine)
    return np.pi * CLASSICAL_RADIUS**2 / (k * energy) * (e + 1.0 / e - sine2)
