"""Electromagnetic showers and photons: section 3.2 of the physics notes.

Depths in radiation lengths of 14.00 cm, energies in MeV. Each quantity is that
of the mean shower, or the median or mode over showers where it says so;
"prototype" is an independent Monte Carlo of the same physics that the notes
measured.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.optimize import curve_fit

from argoscope.simulation.argon import CRITICAL_ENERGY, MOLIERE_RADIUS, RADIATION_LENGTH
from argoscope.simulation.check_inputs import argon_cube, beam
from argoscope.simulation.check_rows import Row, median, ratio_of_sums, row, sampled_row
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.tables import COMPTON_SHARE, PHOTO_SHARE, PHOTON_FIRST, PHOTON_STEP, tables
from argoscope.simulation.transport import transport_with_ledger

__all__ = ["Showers", "gamma_profile", "most_frequent", "shower_rows", "showers"]

_DEPTHS = {200.0: 2.81, 500.0: 3.77, 1000.0: 4.51}  # MeV: mean depth in X0, prototype
_LENGTHS = {500.0: (7.4, 9.1, 11.4), 1000.0: (8.4, 10.1, 12.6)}  # MeV: L90, L95, L98 in X0, prototype
_LATERAL = {1.0: 0.864, 2.0: 0.942, 3.5: 0.980}  # Molière radii: share inside, prototype
_FREE_PATHS = {0.1: 3.900, 1.0: 12.483, 10.0: 29.225, 100.0: 23.342, 1000.0: 19.099}  # MeV: cm, XCOM
_SHARES = (
    (0.1, "photoelectric", 0.303), (0.1, "Compton", 0.697), (1.0, "Compton", 0.999), (10.0, "Compton", 0.566),
    (10.0, "pair", 0.434), (100.0, "pair", 0.927),
)  # fmt: skip  # XCOM
_TRUNKS = {11: (2.09, 2.0, 0.05), 22: (4.45, 4.1, 0.08)}  # median, mode in MeV/cm, prototype; tolerance
_TRUNK = 2.4  # cm, ArgoNeuT's length for dE/dx
_TRUNK_RADIUS = 1.0  # cm
_FINE = 0.025  # X0: bins of depth
_DEPTH_RANGE = (-5.0, 45.0)  # X0: what lies outside counts in the first and last bin


class Showers(NamedTuple):
    """Many showers along z.

    Parameters
    ----------
    depth : ndarray, shape (events, bins)
        MeV in bins of 0.025 X0 along z, from -5 X0.
    inside : ndarray, shape (events, 3)
        MeV within 1, 2 and 3.5 Molière radii of the axis.
    trunk : ndarray, shape (events,)
        MeV/cm over the first 2.4 cm, within 1 cm of the axis of the first charged particle.
    closure : float
        Deposited energy over content.
    """

    depth: np.ndarray
    inside: np.ndarray
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
    inside = [np.bincount(event, energy * (radius < r * MOLIERE_RADIUS), count) for r in _LATERAL]
    low, high = _DEPTH_RANGE
    bins = round((high - low) / _FINE)
    place = np.clip(np.floor((depth / RADIATION_LENGTH - low) / _FINE).astype(np.int64), 0, bins - 1)
    profile = np.bincount(event * bins + place, energy, count * bins).reshape(count, bins)
    return Showers(profile, np.stack(inside, axis=1), trunk, ledger.inside / ledger.content)


def gamma_profile(depth: np.ndarray, scale: float, a: float, b: float) -> np.ndarray:
    """Longitudinal profile t^(a-1) exp(-b t), up to a factor (PDG equation 34.35).

    Examples
    --------
    >>> gamma_profile(np.array([2.0]), 1.0, 2.0, 0.5).round(3).tolist()
    [0.736]
    """
    return scale * depth ** (a - 1.0) * np.exp(-b * depth)


_MIDDLES = np.arange(_DEPTH_RANGE[0], _DEPTH_RANGE[1], _FINE) + 0.5 * _FINE


def _profile(fine: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray]:
    """Energy per wider bin of depth in X0, from the start of the shower on."""
    first, merged = round(-_DEPTH_RANGE[0] / _FINE), round(width / _FINE)
    counts = fine[first:].reshape(-1, merged).sum(axis=1)
    return (np.arange(len(counts)) + 0.5) * width, counts


def _peak(fine: np.ndarray) -> float:
    """Depth of the maximum, X0: parabola through the top of the profile."""
    depth, energy = _profile(fine, 0.25)
    top = energy > 0.85 * energy.max()
    parabola = np.polynomial.Polynomial.fit(depth[top], energy[top], 2)
    return float(parabola.deriv().roots()[0].real)


def _slope(fine: np.ndarray) -> float:
    """B of the gamma profile, from bins of 0.5 X0 above 2 % of the peak."""
    depth, energy = _profile(fine, 0.5)
    kept = energy > 0.02 * energy.max()
    found, _ = curve_fit(gamma_profile, depth[kept], energy[kept] / energy.max(), p0=(0.5, 2.5, 0.5))
    return float(found[2])


def _mean_depth(fine: np.ndarray) -> float:
    return float(np.average(_MIDDLES, weights=fine))


def _length(fine: np.ndarray, share: float) -> float:
    """Depth that holds a share of the energy, X0."""
    return float(np.interp(share, np.cumsum(fine) / fine.sum(), _MIDDLES + 0.5 * _FINE))


def _profile_rows(pdg: int, kinetic: float, given: Showers) -> list[Row]:
    name = f"{'gamma' if pdg == 22 else 'e-'} {kinetic:g} MeV"

    def compared(
        quantity: str, measure: Callable[[np.ndarray], float], reference: float, within: float, source: str
    ) -> Row:
        def of_mean_shower(profiles: np.ndarray) -> float:
            return measure(profiles.sum(axis=0))

        return sampled_row(quantity, given.depth, reference, within, source, statistic=of_mean_shower)

    out = [row(f"energy closure, {name}", given.closure, 1.0, 1e-6, "conservation")]
    expected = float(np.log(kinetic / CRITICAL_ENERGY)) + (0.5 if pdg == 22 else -0.5)
    within = 0.7 if pdg == 22 else 0.3
    out.append(compared(f"shower maximum, {name} [X0]", _peak, expected, within, "PDG 34.36"))
    reference = 4.62 if pdg == 22 else _DEPTHS[kinetic]
    out.append(compared(f"mean depth, {name} [X0]", _mean_depth, reference, 0.2, "prototype"))
    if pdg == 11 and kinetic >= 500:
        out.append(compared(f"profile b, {name}", _slope, 0.5, 0.08, "PDG 34.35"))
        for percent, reference in zip((90, 95, 98), _LENGTHS[kinetic], strict=True):
            length = partial(_length, share=percent / 100)
            out.append(compared(f"L{percent}, {name} [X0]", length, reference, 0.5, "prototype"))
    return out


def _lateral_rows(given: Showers) -> list[Row]:
    total = given.depth.sum(axis=1)
    return [
        sampled_row(
            f"energy within {radii} Molière radii, e- 500 MeV",
            np.stack([given.inside[:, column], total], axis=1),
            reference, 0.03, "prototype, whose scattering is 18 % low",
            statistic=ratio_of_sums,
        )
        for column, (radii, reference) in enumerate(_LATERAL.items())
    ]  # fmt: skip


def _trunk_rows(pdg: int, given: Showers) -> list[Row]:
    """The first centimetres; ArgoNeuT has about 2.1 and 4.2 MeV/cm."""
    name, (middle, mode, share) = "gamma" if pdg == 22 else "e-", _TRUNKS[pdg]
    return [
        sampled_row(
            f"{name} dE/dx, first 2.4 cm, {what} [MeV/cm]",
            given.trunk, reference, share * reference, "prototype; ArgoNeuT",
            statistic=statistic,
        )
        for what, reference, statistic in (("median", middle, median), ("most frequent", mode, most_frequent))
    ]  # fmt: skip


def most_frequent(values: np.ndarray) -> float:
    """Mode of a sample with a tail: middle of the narrowest intervals that hold a half, then a half of that, to 12 %.

    Examples
    --------
    >>> abs(most_frequent(np.random.default_rng(1).normal(4.0, 0.5, 10_000)) - 4.0) < 0.2
    True
    """
    kept = np.sort(values)
    for _ in range(3):
        half = len(kept) // 2
        first = int((kept[half:] - kept[: len(kept) - half]).argmin())
        kept = kept[first : first + half + 1]
    return float(kept.mean())


def _photon_rows(settings: TransportSettings) -> list[Row]:
    table = tables(settings).photon
    grid = PHOTON_FIRST + PHOTON_STEP * np.arange(len(table))

    def at(energy: float, column: int) -> float:
        return float(np.interp(np.log(energy), grid, table[:, column]))

    out = []
    for energy, reference in _FREE_PATHS.items():
        quantity, value = f"photon mean free path, {energy} MeV [cm]", 1.0 / at(energy, 0)
        out.append(row(quantity, value, reference, 0.01 * reference, "NIST XCOM"))
    for energy, process, reference in _SHARES:
        photo, both = at(energy, PHOTO_SHARE), at(energy, COMPTON_SHARE)
        value = {"photoelectric": photo, "Compton": both - photo, "pair": 1.0 - both}[process]
        out.append(row(f"{process} share, {energy} MeV", value, reference, 0.01, "NIST XCOM"))
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
        if kinetic == 500.0:
            out += [*(_lateral_rows(given) if pdg == 11 else ()), *_trunk_rows(pdg, given)]
        if pdg == 22:
            out.append(sampled_row("gammas below 3 MeV/cm", given.trunk < 3.0, 0.02, 0.02, "prototype"))
    return out
