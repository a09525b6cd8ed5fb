"""Ranges and energy loss against PDG, NIST and Landau: section 3.1 of the physics notes.

Ranges and mean losses come from the tables that the kernels read; most
probable losses, widths and restricted means from the kernels themselves.

PDG's muon table begins at 1.2 MeV with a range of 0.00924 g/cm², half of what
PSTAR gives at that velocity; muon ranges are compared from there on.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from argoscope.simulation.argon import DENSITY, MUON_MASS, PION_MASS, PROTON_MASS
from argoscope.simulation.check_inputs import argon_cube, beam
from argoscope.simulation.check_rows import Row, median, row, sampled_row
from argoscope.simulation.compile import compiled
from argoscope.simulation.heavy_steps import hard_event, heavy_step
from argoscope.simulation.machine import (
    C_SEGMENT,
    C_STEP,
    KIND,
    KINETIC,
    MASS_OF_KIND,
    MU_MINUS,
    SEGMENT_ENERGY,
    SEGMENT_LENGTH,
    STACKED,
    Machine,
    U,
    V,
    W,
    X,
    Y,
    Z,
)
from argoscope.simulation.muons_hadrons import landau_width
from argoscope.simulation.random_numbers import exponential, new_state, uniform
from argoscope.simulation.records import Process
from argoscope.simulation.room import machine
from argoscope.simulation.settings import TransportSettings
from argoscope.simulation.tables import (
    HEAVY_FIRST,
    HEAVY_STEP,
    LIGHT_FIRST,
    LIGHT_STEP,
    LOSS,
    TOTAL_RANGE,
    tables,
)
from argoscope.simulation.transport import transport
from argoscope.simulation.world import stack_rows

__all__ = ["loss_rows", "losses", "peak_and_width", "sample_losses"]

_PDG_START = 1.2, 9.238e-3  # MeV, g/cm²: where PDG's muon table starts
_MUON_RANGES = {
    10: 0.9833, 20: 3.321, 50: 15.10, 100: 42.50, 200: 106.3, 300: 172.5, 500: 303.5, 1000: 616.3,
    2000: 1202, 4000: 2297, 10000: 5354,
}  # fmt: skip  # MeV: g/cm², PDG
_PROTON_RANGES = {
    30: 1.296, 50: 3.208, 75: 6.580, 100: 10.92, 150: 22.15, 200: 36.27, 300: 71.44, 400: 113.8,
    500: 161.4, 1000: 445.4,
}  # fmt: skip  # MeV: g/cm², PSTAR
_SLOW_PROTON_RANGES = {5: 0.0577, 10: 0.1887, 20: 0.6335}  # MeV: g/cm², PSTAR
_PION_RANGES = {
    20: 1.94,
    50: 9.15,
    100: 26.9,
    200: 70.6,
    300: 117.6,
    500: 212.4,
}  # MeV: cm, scaled from muons
_ELECTRON_RANGES = {
    0.1: 0.01463, 0.5: 0.1748, 1: 0.4260, 2: 0.9341, 5: 2.334, 10: 4.354, 20: 7.667, 50: 14.58, 100: 21.67,
}  # fmt: skip  # MeV: cm, ESTAR with the liquid's density effect
_MUON_LOSS = {
    50: 2.107, 100: 1.670, 266: 1.508, 500: 1.546, 1000: 1.645, 4000: 1.877, 10000: 2.028,
}  # fmt: skip  # MeV: MeV cm²/g, PDG; 266 MeV is minimum-ionizing
_PROTON_LOSS = {50: 8.783, 100: 5.213, 200: 3.246, 500: 2.004}  # MeV: MeV cm²/g, PSTAR
_MOST_PROBABLE = {0.1: 1.487, 0.3: 1.602, 0.45: 1.645, 1.0: 1.729, 10.0: 1.970}  # cm: MeV/cm, 270 MeV muon
_MOST_PROBABLE_4GEV = 1.692  # MeV/cm over 3 mm, Landau-Vavilov
_WIDTH = 4.018 * 0.0315 / 0.3  # MeV/cm over 3 mm, 270 MeV muon: Landau's full width at half maximum
_RESTRICTED = {0.1: 1.702, 1.0: 1.936}  # MeV: MeV/cm, 270 MeV muon


@compiled
def losses(m: Machine, kinetic: float, length: float, out: np.ndarray) -> None:
    """Fill `out`, shape (n, 2), with what muons of one energy lose over a length, with and without delta rays."""
    now, step = m.now, m.cuts[C_STEP]
    m.cuts[C_SEGMENT] = 1e9
    for sample in range(len(out)):
        now[KIND], now[KINETIC], now[X], now[Y], now[Z] = MU_MINUS, kinetic, 0.0, 0.0, 0.0
        now[U], now[V], now[W], now[SEGMENT_ENERGY], now[SEGMENT_LENGTH] = 0.0, 0.0, 1.0, 0.0, 0.0
        lost = 0.0
        free = exponential(m.state)
        while now[SEGMENT_LENGTH] < length - 1e-9:
            m.counts[STACKED] = 0
            now[KINETIC] = kinetic
            m.cuts[C_STEP] = min(step, length - now[SEGMENT_LENGTH])
            free, rate, at, part = heavy_step(m, 0, MASS_OF_KIND[MU_MINUS], free)
            if rate > 0.0:
                free = exponential(m.state)
                hard_event(m, MU_MINUS, MASS_OF_KIND[MU_MINUS], 0, rate * uniform(m.state), at, part)
            lost += kinetic - now[KINETIC]
        out[sample, 0], out[sample, 1] = lost, now[SEGMENT_ENERGY]
    m.cuts[C_STEP] = step


def sample_losses(
    kinetic: float, length: float, count: int, seed: int, settings: TransportSettings
) -> np.ndarray:
    """What muons of one energy lose over a length: all of it, and without delta rays.

    Parameters
    ----------
    kinetic : float
        Kinetic energy in MeV, held fixed.
    length : float
        Path in cm.
    count, seed : int
    settings : TransportSettings

    Returns
    -------
    ndarray, shape (count, 2)
        MeV.

    Examples
    --------
    >>> sample_losses(270.0, 0.3, 10, 1, TransportSettings()).shape
    (10, 2)
    """
    world = argon_cube(10000.0)
    m = machine(stack_rows(beam(13, kinetic, 1), world), world, settings)
    m.state[:] = new_state(np.random.default_rng(seed), 1)[0]
    out = np.empty((count, 2))
    losses(m, kinetic, length, out)
    return out


def peak_and_width(values: np.ndarray, scale: float) -> tuple[float, float]:
    """Most probable value and full width at half maximum of a Landau-like sample.

    A cubic is fitted to the logarithm of the counts about the peak; the width
    runs between the points where the counts, linear between bins, are half.

    Parameters
    ----------
    values : ndarray, shape (n,)
    scale : float
        Expected full width, which sets the bins.

    Examples
    --------
    >>> peak, width = peak_and_width(np.random.default_rng(1).normal(5, 1, 100_000), 2.35)
    >>> bool(abs(peak - 5) < 0.05 and abs(width - 2.355) < 0.05)
    True
    """
    width = scale / 16.0
    low = np.quantile(values, 0.001)
    edges = np.arange(low, np.quantile(values, 0.97), width)
    counts, _ = np.histogram(values, edges)
    centres = 0.5 * (edges[1:] + edges[:-1])
    near = np.abs(centres - centres[counts.argmax()]) < 0.35 * scale
    offset = centres[near] - centres[counts.argmax()]
    cubic = np.polynomial.Polynomial.fit(offset, np.log(counts[near]), 3, w=np.sqrt(counts[near]))
    fine = np.linspace(offset[0], offset[-1], 2001)
    top = fine[cubic(fine).argmax()]
    half = 0.5 * float(np.exp(cubic(top)))
    above = np.flatnonzero(counts > half)
    first, last = int(above[0]), int(above[-1])
    left = np.interp(half, counts[first - 1 : first + 1], centres[first - 1 : first + 1])
    right = np.interp(-half, -counts[last : last + 2], centres[last : last + 2])
    return float(top + centres[counts.argmax()]), float(right - left)


def _heavy_value(settings: TransportSettings, index: int, mass: float, kinetic: float, column: int) -> float:
    """One column of a heavy particle's table."""
    grid = HEAVY_FIRST + HEAVY_STEP * np.arange(len(tables(settings).heavy[index]))
    return float(np.interp(np.log(kinetic / mass), grid, tables(settings).heavy[index, :, column]))


def _range_rows(settings: TransportSettings) -> list[Row]:
    out = []
    start, short = _PDG_START
    first = _heavy_value(settings, 0, MUON_MASS, start, TOTAL_RANGE)
    for kinetic, grams in _MUON_RANGES.items():
        value = _heavy_value(settings, 0, MUON_MASS, kinetic, TOTAL_RANGE) - first
        reference, share = (grams - short) / DENSITY, 0.025 if kinetic == 10000 else 0.01
        quantity = f"muon range from 1.2 MeV, {kinetic} MeV [cm]"
        out.append(row(quantity, value, reference, share * reference, "PDG"))
    for index, mass, name, values, scale, share, source in (
        (3, PROTON_MASS, "proton", _PROTON_RANGES, DENSITY, 0.015, "NIST PSTAR"),
        (3, PROTON_MASS, "proton", _SLOW_PROTON_RANGES, DENSITY, 0.015, "NIST PSTAR"),
        (1, PION_MASS, "pion", _PION_RANGES, 1.0, 0.02, "PDG muons, scaled"),
    ):
        for kinetic, grams in values.items():
            value, reference = _heavy_value(settings, index, mass, kinetic, TOTAL_RANGE), grams / scale
            out.append(row(f"{name} range, {kinetic} MeV [cm]", value, reference, share * reference, source))
    electron = tables(settings).light[0, :, TOTAL_RANGE]
    grid = LIGHT_FIRST + LIGHT_STEP * np.arange(len(electron))
    for energy, reference in _ELECTRON_RANGES.items():
        value = float(np.interp(np.log(energy), grid, electron))
        quantity = f"electron CSDA range, {energy} MeV [cm]"
        out.append(row(quantity, value, reference, 0.02 * reference, "NIST ESTAR, liquid"))
    return out


def _mean_rows(settings: TransportSettings) -> list[Row]:
    """Mean losses by the slope of the ranges that the kernels use."""
    out = []
    for index, mass, name, values, share, source in (
        (0, MUON_MASS, "muon", _MUON_LOSS, 0.01, "PDG"),
        (3, PROTON_MASS, "proton", _PROTON_LOSS, 0.015, "NIST PSTAR"),
    ):
        for kinetic, reference in values.items():
            below, above = (
                _heavy_value(settings, index, mass, kinetic * factor, TOTAL_RANGE) for factor in (0.97, 1.03)
            )
            value = 0.06 * kinetic / (above - below) / DENSITY
            quantity = f"{name} mean dE/dx, {kinetic} MeV [MeV cm²/g]"
            out.append(row(quantity, value, reference, share * reference, source))
    for cut, reference in _RESTRICTED.items():
        changed = TransportSettings(electron_cut=cut, dedx_scale=settings.dedx_scale)
        value = _heavy_value(changed, 0, MUON_MASS, 270.0, LOSS)
        quantity = f"muon dE/dx below {cut} MeV, 270 MeV [MeV/cm]"
        out.append(row(quantity, value, reference, 0.01 * reference, "Bethe, restricted"))
    return out


def _straggling_rows(settings: TransportSettings, quick: bool) -> list[Row]:
    out = []
    for number, (length, reference) in enumerate(_MOST_PROBABLE.items()):
        count = int(min(500_000, max(150_000 / length, 20_000))) // (4 if quick else 1)
        sample = sample_losses(270.0, length, count, 100 + number, settings)
        out.append(_peak_row(sample[:, 0], 270.0, length, reference))
        if length == 0.3:
            out.append(_width_row(sample[:, 0], 270.0, length, _WIDTH))
            quantity = "mean dE/dx below 0.1 MeV, 3 mm, 270 MeV muon [MeV/cm]"
            out.append(sampled_row(quantity, sample[:, 1] / length, 1.702, 0.01 * 1.702, "Bethe, restricted"))
    count = 50_000 if quick else 200_000
    sample = sample_losses(4000.0, 0.3, count, 110, settings)
    return [*out, _peak_row(sample[:, 0], 4000.0, 0.3, _MOST_PROBABLE_4GEV)]


def _peak_row(lost: np.ndarray, kinetic: float, length: float, reference: float) -> Row:
    """Most probable loss over a length beside its reference."""
    scale = landau_width(kinetic, MUON_MASS, length)
    quantity = f"most probable dE/dx, {10 * length:g} mm, {kinetic:g} MeV muon [MeV/cm]"

    def peak(part: np.ndarray) -> float:
        return peak_and_width(part, scale)[0] / length

    return sampled_row(quantity, lost, reference, 0.03 * reference, "Landau-Vavilov", statistic=peak)


def _width_row(lost: np.ndarray, kinetic: float, length: float, reference: float) -> Row:
    """Full width at half maximum of the loss over a length beside its reference."""
    scale = landau_width(kinetic, MUON_MASS, length)
    quantity = f"width of dE/dx, {10 * length:g} mm, {kinetic:g} MeV muon [MeV/cm]"

    def width(part: np.ndarray) -> float:
        return peak_and_width(part, scale)[1] / length

    return sampled_row(quantity, lost, reference, 0.03 * reference, "Landau-Vavilov", statistic=width)


def _track_rows(settings: TransportSettings, quick: bool) -> list[Row]:
    """Median path of muons and protons that stop, by the kernels."""
    world = argon_cube(1000.0)
    visible = replace(settings, row_energy=settings.electron_cut)  # else a faint delta ray's length counts
    out = []
    for pdg, kinetic, reference, source in (
        (-13, 100.0, 42.50 / DENSITY, "PDG"),
        (2212, 100.0, 10.92 / DENSITY, "NIST PSTAR"),
    ):
        count = 100 if quick else 400
        given = transport(beam(pdg, kinetic, count), world, np.random.default_rng(7), visible)
        tracks = given.tracks
        length = np.bincount(given.deposits["track"], given.deposits["length"], len(tracks))
        reacted = tracks["parent"][tracks["process"] == Process.protonInelastic]
        whole = length[np.setdiff1d(np.flatnonzero(tracks["parent"] == -1), reacted)]
        quantity = f"median path to rest, {pdg}, {kinetic:g} MeV [cm]"
        out.append(sampled_row(quantity, whole, reference, 0.015 * reference, source, statistic=median))
    return out


def loss_rows(settings: TransportSettings, *, quick: bool = False) -> list[Row]:
    """Every row of ranges and energy loss.

    Parameters
    ----------
    settings : TransportSettings
    quick : bool
        A quarter of the statistics.

    Examples
    --------
    >>> rows = loss_rows(TransportSettings(), quick=True)
    >>> sum(not r["ok"] for r in rows) < 3
    True
    """
    return [
        *_range_rows(settings),
        *_mean_rows(settings),
        *_straggling_rows(settings, quick),
        *_track_rows(settings, quick),
    ]
