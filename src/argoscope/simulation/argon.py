"""Liquid argon and the particles that cross it: every constant of the transport, once.

Lengths in cm, energies, masses and momenta in MeV, times in µs.

References
----------
PDG, Review of Particle Physics (2022): atomic and nuclear properties, masses.
Sternheimer, Berger, Seltzer, At. Data Nucl. Data Tables 30 (1984) 261, in
Groom, Mokhov, Striganov, At. Data Nucl. Data Tables 78 (2001) 183: density effect.
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "ATOMIC_MASS",
    "ATOMIC_NUMBER",
    "ATOMS_PER_BARN_CM",
    "BETHE_K",
    "CLASSICAL_RADIUS",
    "CRITICAL_ENERGY",
    "DENSITY",
    "ELECTRONS_PER_CM3",
    "ELECTRON_MASS",
    "KAON_MASS",
    "MEAN_EXCITATION",
    "MOLIERE_RADIUS",
    "MUON_MASS",
    "NEUTRAL_PION_MASS",
    "NEUTRON_MASS",
    "PION_MASS",
    "PROTON_MASS",
    "RADIATION_LENGTH",
    "RUTHERFORD",
    "SPEED_OF_LIGHT",
    "Z_OVER_A",
    "density_effect",
]

DENSITY = 1.396  # g/cm³, PDG, liquid argon at its boiling point
ATOMIC_NUMBER = 18
ATOMIC_MASS = 39.948  # g/mol, PDG
Z_OVER_A = 0.45059  # mol/g, PDG
MEAN_EXCITATION = 188.0e-6  # MeV, PDG and ICRU 49 (a 2022 evaluation for the liquid prefers 197 ± 7 eV)
BETHE_K = 0.307075  # MeV cm²/mol, PDG, 4 pi N_A r_e² m_e c²
RADIATION_LENGTH = 19.55 / DENSITY  # cm, 19.55 g/cm² from PDG
MOLIERE_RADIUS = 9.04  # cm, PDG
CRITICAL_ENERGY = 32.84  # MeV, PDG, Rossi's definition, electrons in the liquid
ATOMS_PER_BARN_CM = 0.602214076 * DENSITY / ATOMIC_MASS  # atoms per barn and cm
ELECTRONS_PER_CM3 = 6.02214076e23 * DENSITY * Z_OVER_A
CLASSICAL_RADIUS = 2.8179403262e-13  # cm, CODATA 2018
SPEED_OF_LIGHT = 29979.2458  # cm/µs, exact
RUTHERFORD = 0.5 * BETHE_K * Z_OVER_A * DENSITY
"""Rate of knock-on electrons, MeV/cm: dN/dx/dT = RUTHERFORD / (beta² T²) for small T."""

ELECTRON_MASS = 0.51099895  # MeV, PDG
MUON_MASS = 105.6583755  # MeV, PDG
PION_MASS = 139.57039  # MeV, PDG
NEUTRAL_PION_MASS = 134.9768  # MeV, PDG
KAON_MASS = 493.677  # MeV, PDG
PROTON_MASS = 938.27209  # MeV, PDG
NEUTRON_MASS = 939.56542  # MeV, PDG

DENSITY_A = 0.19559  # Sternheimer's parameters of argon (Groom 2001, table II; liquid: x0 and x1)
DENSITY_K = 3.0
DENSITY_X0 = 0.2
DENSITY_X1 = 3.0
DENSITY_C = 5.2146


def density_effect(beta_gamma: np.ndarray) -> np.ndarray:
    """Density correction delta of the stopping power.

    Parameters
    ----------
    beta_gamma : ndarray, shape (n,)
        Momentum over mass.

    Returns
    -------
    ndarray, shape (n,)

    References
    ----------
    Sternheimer's parametrization, PDG (2022) equation 34.7.

    Examples
    --------
    The PDG table for a muon of 1 GeV has 0.9957:

    >>> float(density_effect(np.array([1101 / 105.658])).round(3)[0])
    0.996
    """
    x = np.log10(np.asarray(beta_gamma, dtype=np.float64))
    asymptote = 2.0 * np.log(10.0) * x - DENSITY_C
    between = asymptote + DENSITY_A * np.maximum(DENSITY_X1 - x, 0.0) ** DENSITY_K
    return np.where(x < DENSITY_X0, 0.0, between)
