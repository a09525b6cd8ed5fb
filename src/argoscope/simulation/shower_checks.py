"""Electromagnetic showers and photons: section 3.2 of the physics notes.

Depths in radiation lengths of 14.00 cm, energies in MeV. Each quantity is that
of the mean shower, or the median over showers where it says so; "prototype"
is an independent Monte Carlo of the same physics that the notes measured.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import curve_fit

from argoscope.simulation.argon import CRITICAL_ENERGY, MOLIERE_RADIUS, RADIATION_LENGTH
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.tables import COMPTON_SHARE, PHOTO_SHARE, PHOTON_FIRST, PHOTON_STEP, tables
from argoscope.simulation.transport import transport_with_ledger
from argoscope.simulation.transport_check_rows import Row, argon_cube, beam, row

__all__ = ["Showers", "gamma_profile", "shower_rows", "showers"]

_DEPTHS = {200.0: 2.81, 500.0: 3.77, 1000.0: 4.51}  # MeV: mean depth in X0, prototype
_LENGTHS = {500.0: (7.4, 9.1, 11.4), 1000.0: (8.4, 10.1, 12.6)}  # MeV: L90, L95, L98 in X0, prototype
_LATERAL = {1.0: 0.864, 2.0: 0.942, 3.5: 0.980}  # Molière radii: share inside, prototype
_FREE_PATHS = {0.1: 3.900, 1.0: 12.483, 10.0: 29.225, 100.0: 23.342, 1000.0: 19.099}  # MeV: cm, XCOM
_SHARES = (
    (0.1, "photoelectric", 0.303), (0.1, "Compton", 0.697), (1.0, "Compton", 0.999), (10.0, "Compton", 0.566),
    (10.0, "pair", 0.434), (100.0, "pair", 0.927),
)  # fmt: skip  # XCOM
_TRUNK = 2.4  # cm, ArgoNeuT's length for dE/dx
_TRUNK_RADIUS = 1.0  # cm


class Showers(NamedTuple):
    """Deposits of many showers along z.

    Parameters
    ----------
    depth, radius, energy : ndarray, shape (deposits,)
        Along z and across, cm; MeV.
    event : ndarray, shape (deposits,)
        Number of the shower.
    trunk : ndarray, shape (events,)
        MeV/cm over the first 2.4 cm, within 1 cm of the axis of the first charged particle.
    closure : float
        Deposited energy over content.
    """

    depth: np.ndarray
    radius: np.ndarray
    energy: np.ndarray
    event: np.ndarray
    trunk: np.ndarray
    closure: float


def showers(pdg: int, kinetic: float, count: int, seed: int, settings: TransportSettings) -> Showers:
    """Simulate showers in argon without end.

    Parameters
    ----------
    pdg : int
        11, -11 or 22.
    kinetic : float
        MeV.
    count, seed : int
    settings : TransportSettings

    Examples
    --------
    >>> abs(showers(11, 50.0, 3, 1, TransportSettings()).closure - 1) < 1e-9
    True
    """
    world = argon_cube(5000.0)
    given, ledger = transport_with_ledger(
        beam(pdg, kinetic, count), world, np.random.default_rng(seed), settings
    )
    tracks, deposits = given
    event = tracks["interaction"][deposits["track"]]
    start = np.zeros(count)
    if pdg == 22:
        start = np.full(count, np.inf)
        primary = tracks["parent"] == -1
        born = (tracks["parent"] >= 0) & primary[tracks["parent"]]
        np.minimum.at(start, tracks["interaction"][born], tracks["z"][born])
    radius = np.hypot(deposits["x"], deposits["y"])
    depth, energy = deposits["z"], deposits["energy"]
    from_start = depth - start[event]
    near = (from_start >= 0) & (from_start < _TRUNK) & (radius < _TRUNK_RADIUS)
    trunk = np.bincount(event[near], energy[near], count) / _TRUNK
    return Showers(depth, radius, energy, event, trunk, ledger.inside / ledger.content)


def gamma_profile(depth: np.ndarray, scale: float, a: float, b: float) -> np.ndarray:
    """Longitudinal profile t^(a-1) exp(-b t), up to a factor (PDG equation 34.35).

    Examples
    --------
    >>> gamma_profile(np.array([2.0]), 1.0, 2.0, 0.5).round(3).tolist()
    [0.736]
    """
    return scale * depth ** (a - 1.0) * np.exp(-b * depth)


def _profile(given: Showers, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean energy per bin of depth in X0."""
    edges = np.arange(0.0, 30.0, width)
    counts, _ = np.histogram(given.depth / RADIATION_LENGTH, edges, weights=given.energy)
    return 0.5 * (edges[1:] + edges[:-1]), counts


def _peak(given: Showers) -> float:
    """Depth of the maximum, X0: parabola through the top of the profile."""
    depth, energy = _profile(given, 0.25)
    top = energy > 0.85 * energy.max()
    parabola = np.polynomial.Polynomial.fit(depth[top], energy[top], 2)
    return float(parabola.deriv().roots()[0].real)


def _slope(given: Showers) -> float:
    """B of the gamma profile, from bins of 0.5 X0 above 2 % of the peak."""
    depth, energy = _profile(given, 0.5)
    kept = energy > 0.02 * energy.max()
    found, _ = curve_fit(gamma_profile, depth[kept], energy[kept] / energy.max(), p0=(0.5, 2.5, 0.5))
    return float(found[2])


def _lengths(given: Showers) -> np.ndarray:
    """Depths that hold 90, 95 and 98 % of the energy, X0."""
    order = np.argsort(given.depth)
    share = np.cumsum(given.energy[order]) / given.energy.sum()
    return np.interp((0.90, 0.95, 0.98), share, given.depth[order]) / RADIATION_LENGTH


def _profile_rows(pdg: int, kinetic: float, given: Showers) -> list[Row]:
    name = f"{'gamma' if pdg == 22 else 'e-'} {kinetic:g} MeV"
    middle = float(np.average(given.depth, weights=given.energy)) / RADIATION_LENGTH
    out = [row(f"energy closure, {name}", given.closure, 1.0, "conservation", within=1e-6)]
    shift = 0.5 if pdg == 22 else -0.5
    expected = float(np.log(kinetic / CRITICAL_ENERGY)) + shift
    out.append(
        row(
            f"shower maximum, {name} [X0]",
            _peak(given),
            expected,
            "PDG 34.36",
            within=0.7 if pdg == 22 else 0.3,
        )
    )
    reference = 4.62 if pdg == 22 else _DEPTHS[kinetic]
    out.append(row(f"mean depth, {name} [X0]", middle, reference, "prototype", within=0.2))
    if pdg == 11 and kinetic >= 500:
        out.append(row(f"profile b, {name}", _slope(given), 0.5, "PDG 34.35", within=0.08))
        for percent, value, expected in zip((90, 95, 98), _lengths(given), _LENGTHS[kinetic], strict=True):
            out.append(row(f"L{percent}, {name} [X0]", value, expected, "prototype", within=0.5))
    return out


def _photon_rows(settings: TransportSettings) -> list[Row]:
    table = tables(settings).photon
    grid = PHOTON_FIRST + PHOTON_STEP * np.arange(len(table))

    def at(energy: float, column: int) -> float:
        return float(np.interp(np.log(energy), grid, table[:, column]))

    out = [
        row(
            f"photon mean free path, {energy} MeV [cm]",
            1.0 / at(energy, 0),
            reference,
            "NIST XCOM",
            percent=1.0,
        )
        for energy, reference in _FREE_PATHS.items()
    ]
    for energy, process, reference in _SHARES:
        photo, both = at(energy, PHOTO_SHARE), at(energy, COMPTON_SHARE)
        value = {"photoelectric": photo, "Compton": both - photo, "pair": 1.0 - both}[process]
        out.append(row(f"{process} share, {energy} MeV", value, reference, "NIST XCOM", within=0.01))
    return out


def shower_rows(settings: TransportSettings, *, quick: bool = False) -> list[Row]:
    """Every row of showers and photons.

    Parameters
    ----------
    settings : TransportSettings
    quick : bool
        A quarter of the statistics.
    """
    count = 200 if quick else 800
    out = _photon_rows(settings)
    for number, (pdg, kinetic) in enumerate(((11, 200.0), (11, 500.0), (11, 1000.0), (22, 500.0))):
        given = showers(pdg, kinetic, count, 200 + number, settings)
        out += _profile_rows(pdg, kinetic, given)
        if kinetic == 500.0 and pdg == 11:
            for radii, reference in _LATERAL.items():
                inside = given.radius < radii * MOLIERE_RADIUS
                value = float(given.energy[inside].sum() / given.energy.sum())
                out.append(
                    row(
                        f"energy within {radii} Molière radii, e- 500 MeV",
                        value,
                        reference,
                        "prototype, whose scattering is 18 % low",
                        within=0.03,
                    )
                )
            out.append(
                row(
                    "e- dE/dx, first 2.4 cm, median [MeV/cm]",
                    float(np.median(given.trunk)),
                    2.1,
                    "ArgoNeuT",
                    percent=5.0,
                )
            )
        elif pdg == 22:
            out.append(
                row(
                    "gamma dE/dx, first 2.4 cm, median [MeV/cm]",
                    float(np.median(given.trunk)),
                    4.2,
                    "ArgoNeuT",
                    percent=8.0,
                )
            )
            value = float((given.trunk < 3.0).mean())
            out.append(row("gammas below 3 MeV/cm", value, 0.02, "prototype", within=0.02))
    return out
