"""Cosmic muons at sea level: intensity over energy and zenith angle, and a table to draw from.

`guan_intensity` is the modified Gaisser formula of Guan et al.
(arXiv:1509.06176), the default; `reyna_intensity` the parameterization of
Reyna (arXiv:hep-ph/0604145). Reyna's rate is 6 % higher and has fewer muons
below 1 GeV (14 % against 23 %).

Left out: the altitude of the detector, the Earth's field, the solar cycle and
the seasons (each a few per cent), and bundles of muons.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from argoscope.errors import InvalidArgument, require_known
from argoscope.simulation.generators.species import MUON, SPECIES
from argoscope.units import GEV

__all__ = [
    "ENERGY_CEILING_MEV",
    "ENERGY_FLOOR_MEV",
    "INTENSITIES",
    "MuonSpectrum",
    "guan_intensity",
    "muon_spectrum",
    "reyna_intensity",
]

ENERGY_FLOOR_MEV = 200.0
"""Least total energy of a muon, in MeV: the rates of our tables depend on it (design value)."""
ENERGY_CEILING_MEV = 1.0e7
"""Largest total energy of a muon, in MeV; 2e-8 of the muons lie above 10 TeV."""

_GUAN_CURVATURE = (0.102573, -0.068287, 0.958633, 0.0407253, 0.817285)
"""P1 to P5, no unit; Guan 2015, equation 2 (after Chirkin): the Earth is not flat."""
_REYNA = (0.00253, 0.2455, 1.288, -0.2555, 0.0209)
"""Scale in 1/(cm² s sr GeV/c) and exponents; Reyna 2006, equation 3 and table 1."""
_CM2_TO_M2 = 1e4  # cm²/m²; exact


def guan_intensity(energy: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Intensity of Guan et al. 2015.

    I = 0.14 [E (1 + 3.64 / (E c*^1.29))]^-2.7
        [1 / (1 + 1.1 E c* / 115) + 0.054 / (1 + 1.1 E c* / 850)],  E in GeV

    Parameters
    ----------
    energy : ndarray, shape (...)
        Total energy, in MeV.
    cosine : ndarray, shape (...)
        Cosine of the zenith angle, in [0, 1].

    Returns
    -------
    ndarray, shape (...), float64
        In 1/(m² s sr GeV).

    References
    ----------
    M. Guan et al., arXiv:1509.06176, equations 2 and 3.

    Examples
    --------
    >>> round(float(guan_intensity(np.array(1000.0), np.array(1.0))), 1)
    23.2
    """
    e, c = np.asarray(energy, np.float64) / GEV, np.asarray(cosine, np.float64)
    p1, p2, p3, p4, p5 = _GUAN_CURVATURE
    star = np.sqrt((c**2 + p1**2 + p2 * c**p3 + p4 * c**p5) / (1 + p1**2 + p2 + p4))
    # 0.14 per cm² s sr GeV, 3.64 GeV, 115 and 850 GeV: Gaisser's formula as modified there.
    spectrum = 0.14 * (e * (1 + 3.64 / (e * star**1.29))) ** -2.7
    decays = 1 / (1 + 1.1 * e * star / 115) + 0.054 / (1 + 1.1 * e * star / 850)
    return np.asarray(spectrum * decays * _CM2_TO_M2)


def reyna_intensity(energy: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Intensity of Reyna 2006.

    I = c³ I_v(p c) with I_v(z) = 0.00253 z^-(0.2455 + 1.288 L - 0.2555 L² + 0.0209 L³),
    L = log10 z, z in GeV/c; per energy instead of momentum, times E / p.

    Parameters
    ----------
    energy : ndarray, shape (...)
        Total energy, in MeV.
    cosine : ndarray, shape (...)
        Cosine of the zenith angle, in (0, 1].

    Returns
    -------
    ndarray, shape (...), float64
        In 1/(m² s sr GeV).

    References
    ----------
    D. Reyna, arXiv:hep-ph/0604145, equation 3.

    Examples
    --------
    >>> round(float(reyna_intensity(np.array(1000.0), np.array(1.0))), 1)
    25.5
    """
    e, c = np.asarray(energy, np.float64) / GEV, np.asarray(cosine, np.float64)
    momentum = np.sqrt(e**2 - (SPECIES[MUON].mass / GEV) ** 2)
    scale, a, b, cc, d = _REYNA
    log = np.log10(momentum * c)
    vertical = scale * (momentum * c) ** -(a + b * log + cc * log**2 + d * log**3)
    return np.asarray(c**3 * vertical * e / momentum * _CM2_TO_M2)


INTENSITIES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "guan": guan_intensity,
    "reyna": reyna_intensity,
}
"""Intensities by name."""


@dataclass(frozen=True, eq=False)
class MuonSpectrum:
    """Table of an intensity, to draw energies and zenith angles from.

    Cells are even in the cosine and in the logarithm of the energy.

    Parameters
    ----------
    name : str
        Name of the intensity.
    cosines, log_energies : ndarray, shape (cells + 1,), float64
        Edges; energies in MeV, natural logarithm.
    cumulative : ndarray, shape (cells of cosine * cells of energy,), float64
        Share of the muons up to and with each cell, cells of energy fastest.
    flux : float
        The intensity integrated over energy and the upper half sphere, in
        1/(m² s): the rate through a small sphere, per cross section.
    """

    name: str
    cosines: np.ndarray
    log_energies: np.ndarray
    cumulative: np.ndarray
    flux: float

    def draw(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Energies and zenith angles of muons through a sphere.

        Parameters
        ----------
        count : int
        rng : numpy.random.Generator

        Returns
        -------
        energy, cosine : ndarray, shape (count,), float64
            Total energy in MeV, cosine of the zenith angle.
        """
        cell = np.searchsorted(self.cumulative, rng.random(count), side="right")
        row, column = np.divmod(cell, len(self.log_energies) - 1)
        cosine = self.cosines[row] + rng.random(count) * (self.cosines[1] - self.cosines[0])
        width = self.log_energies[1] - self.log_energies[0]
        return np.exp(self.log_energies[column] + rng.random(count) * width), cosine


def muon_spectrum(name: str = "guan", cosine_cells: int = 200, energy_cells: int = 400) -> MuonSpectrum:
    """Build the table of an intensity; once, for any number of events.

    Parameters
    ----------
    name : {"guan", "reyna"}
    cosine_cells, energy_cells : int
        The middle of a cell stands for the cell: an error of 0.1 % in the rate.

    Returns
    -------
    MuonSpectrum

    Raises
    ------
    InvalidArgument
        If there is no such intensity or no cell.

    Examples
    --------
    Muons per second through a sphere of 1 m² cross section:

    >>> round(muon_spectrum("guan").flux), round(muon_spectrum("reyna").flux)
    (172, 184)
    """
    require_known(name, INTENSITIES, "there is no intensity of muons")
    if min(cosine_cells, energy_cells) < 1:
        raise InvalidArgument(
            f"cosine_cells (={cosine_cells}) and energy_cells (={energy_cells}) must be at least 1"
        )
    cosines = np.linspace(0.0, 1.0, cosine_cells + 1)
    logs = np.linspace(np.log(ENERGY_FLOOR_MEV), np.log(ENERGY_CEILING_MEV), energy_cells + 1)
    middle = np.exp((logs[1:] + logs[:-1]) / 2)
    intensity = INTENSITIES[name](middle[None, :], ((cosines[1:] + cosines[:-1]) / 2)[:, None])
    # dI = I(E) E dlnE * 2 pi dcos
    weight = intensity * middle / GEV * (logs[1] - logs[0]) * 2 * np.pi * (cosines[1] - cosines[0])
    cumulative = np.cumsum(weight.ravel())
    flux = float(cumulative[-1])
    cumulative = cumulative / flux
    cumulative[-1] = 1.0
    for array in (cosines, logs, cumulative):
        array.flags.writeable = False
    return MuonSpectrum(name, cosines, logs, cumulative, flux)
