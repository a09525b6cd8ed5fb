"""Photon cross sections of argon, typed from NIST XCOM, and their sums.

All in barn per atom. Coherent scattering is left out: it deposits nothing and
hardly turns the photon. Pair production is set to 0 below 1.25 MeV and triplets
below 3 MeV (less than 0.1 % of the total); between non-zero entries interpolate
logarithm against logarithm.

References
----------
Berger et al., XCOM: Photon Cross Sections Database, NIST SRD 8.
"""

from __future__ import annotations

import numpy as np

from argoscope.simulation.argon import ATOMS_PER_BARN_CM

__all__ = [
    "COMPTON",
    "PAIR_NUCLEAR",
    "PAIR_TRIPLET",
    "PHOTOELECTRIC",
    "PHOTON_ENERGY",
    "attenuation",
]

PHOTON_ENERGY = np.array([
    0.0032029, 0.004, 0.005, 0.006, 0.008, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1,
    0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.022, 1.25, 1.5, 2, 2.044, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    12, 13, 14, 15, 16, 18, 20, 22, 24, 26, 28, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400, 500,
    600, 800, 1000, 1500, 2000, 3000, 4000, 5000, 6000, 8000, 10000, 15000, 20000, 30000, 40000,
    50000, 60000, 80000, 100000,
])  # fmt: skip
"""Photon energies in MeV; the first is just above the K edge."""
COMPTON = np.array([
    2.654, 3.332, 4.046, 4.624, 5.501, 6.161, 7.33, 8.048, 8.727, 8.961, 9.013, 8.975, 8.767, 8.493,
    7.8, 7.209, 6.314, 5.674, 5.189, 4.805, 4.225, 3.801, 3.761, 3.4, 3.09, 2.638, 2.605, 2.076,
    1.731, 1.495, 1.322, 1.188, 1.081, 0.9938, 0.9208, 0.8588, 0.8054, 0.7588, 0.7178, 0.6815,
    0.649, 0.5932, 0.547, 0.5081, 0.4748, 0.4458, 0.4205, 0.3982, 0.3164, 0.2642, 0.2276, 0.1795,
    0.149, 0.1061, 0.08318, 0.05896, 0.04617, 0.03822, 0.03273, 0.02556, 0.02103, 0.01469, 0.01137,
    0.007903, 0.0061, 0.004988, 0.004229, 0.003259, 0.00266, 0.001839, 0.001414, 0.0009748,
    0.0007484, 0.0006095, 0.0005152, 0.000395, 0.0003214,
])  # fmt: skip
"""Incoherent scattering, barn."""
PHOTOELECTRIC = np.array([
    84440, 50110, 27930, 17120, 7760, 4134, 1278, 544.4, 159.4, 65.73, 32.81, 18.53, 7.479, 3.691,
    1.024, 0.4166, 0.1215, 0.05293, 0.02882, 0.01805, 0.009158, 0.005696, 0.005389, 0.003651,
    0.002639, 0.001639, 0.001584, 0.0008991, 0.0006101, 0.000459, 0.0003669, 0.0003052, 0.000261,
    0.0002279, 0.0002022, 0.0001817, 0.0001649, 0.0001509, 0.0001391, 0.000129, 0.0001203,
    0.0001059, 9.463e-05, 8.55e-05, 7.797e-05, 7.166e-05, 6.629e-05, 6.167e-05, 4.573e-05,
    3.633e-05, 3.014e-05, 2.247e-05, 1.791e-05, 1.189e-05, 8.894e-06, 5.915e-06, 4.431e-06,
    3.542e-06, 2.951e-06, 2.212e-06, 1.769e-06, 1.179e-06, 8.837e-07, 5.89e-07, 4.417e-07,
    3.533e-07, 2.944e-07, 2.208e-07, 1.766e-07, 1.178e-07, 8.832e-08, 5.888e-08, 4.416e-08,
    3.533e-08, 2.944e-08, 2.208e-08, 1.766e-08,
])  # fmt: skip
"""Photoelectric absorption, barn."""
PAIR_NUCLEAR = np.array([
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.002826, 0.01507, 0.0588,
    0.06336, 0.1658, 0.267, 0.3568, 0.4371, 0.5086, 0.5729, 0.6311, 0.6839, 0.7318, 0.7757, 0.8164,
    0.8543, 0.8897, 0.9229, 0.9836, 1.038, 1.087, 1.132, 1.172, 1.21, 1.245, 1.388, 1.495, 1.578,
    1.702, 1.791, 1.936, 2.024, 2.129, 2.19, 2.23, 2.259, 2.298, 2.323, 2.36, 2.38, 2.402, 2.414,
    2.421, 2.426, 2.433, 2.437, 2.443, 2.447, 2.45, 2.452, 2.453, 2.453, 2.454, 2.455,
])  # fmt: skip
"""Pair production in the field of the nucleus, barn."""
PAIR_TRIPLET = np.array([
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0007263,
    0.002965, 0.005908, 0.009073, 0.01223, 0.0153, 0.01823, 0.02103, 0.02368, 0.02618, 0.02855,
    0.0308, 0.03294, 0.03497, 0.03876, 0.04221, 0.04539, 0.04832, 0.05103, 0.05356, 0.05591,
    0.06577, 0.07337, 0.07947, 0.0888, 0.09573, 0.1075, 0.115, 0.1245, 0.1302, 0.1342, 0.1372,
    0.1412, 0.144, 0.148, 0.1503, 0.1529, 0.1544, 0.1553, 0.1559, 0.1568, 0.1573, 0.158, 0.1585,
    0.1589, 0.1591, 0.1593, 0.1594, 0.1595, 0.1596,
])  # fmt: skip
"""Pair production in the field of an electron, barn."""


def _log_log(energy: np.ndarray, values: np.ndarray) -> np.ndarray:
    known = values > 0
    inside = energy >= PHOTON_ENERGY[known][0]
    found = np.exp(np.interp(np.log(energy), np.log(PHOTON_ENERGY[known]), np.log(values[known])))
    return np.where(inside, found, 0.0)


def attenuation(energy: np.ndarray) -> np.ndarray:
    """Attenuation coefficients of liquid argon by process.

    Parameters
    ----------
    energy : ndarray, shape (n,)
        Photon energies in MeV, from 3.2 keV to 100 GeV; above, the last value holds.

    Returns
    -------
    ndarray, shape (3, n)
        Photoelectric, Compton, pair production (nucleus and electrons), in 1/cm.

    Examples
    --------
    Mean free paths of 0.1, 1 and 1000 MeV:

    >>> (1 / attenuation(np.array([0.1, 1.0, 1000.0])).sum(axis=0)).round(1).tolist()
    [3.9, 12.5, 19.1]
    """
    energy = np.asarray(energy, dtype=np.float64)
    pair = _log_log(energy, PAIR_NUCLEAR) + _log_log(energy, PAIR_TRIPLET)
    barns = np.stack([_log_log(energy, PHOTOELECTRIC), _log_log(energy, COMPTON), pair])
    return ATOMS_PER_BARN_CM * barns
